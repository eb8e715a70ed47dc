"""A sorted N-Quads file as data: checked a part at a time, the rest looked up where it stands.

What stays in memory is the first subject of every few kilobytes of the file, and, of predicates that a plan
follows backwards, where each value stands. So it is a small share of the file, however large that is.
"""

from __future__ import annotations

import os
import sys
import weakref
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.problems import KgError
from kg.shacl.data import Memory, Table
from kg.shacl.lines import without_graph
from kg.shacl.terms import SUBCLASS, TYPE

_STEP: Final = 4096
"""Of each stretch of so many bytes the first subject is kept; of twice as many where the file is large."""
_HEAD: Final = 1024
_LARGE: Final = 1 << 30
_REMEMBERED: Final = 200_000
_SLICE: Final = 1 << 24
_HASH: Final = (1 << 64) - 1


class SortedFile:
    """Lines of canonical N-Quads in order, looked up by subject, or by value."""

    def __init__(self, path: Path, leave_out: str = "") -> None:
        """Look at a file; graphs whose names end in `leave_out` are as if they were not there.

        Raises:
            KgError: it cannot be read.
        """
        try:
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            weakref.finalize(self, os.close, self._descriptor)
            self.size = os.lseek(self._descriptor, 0, os.SEEK_END)
        except OSError as error:
            raise KgError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
        self.leave_out = f"{leave_out}>" if leave_out else ""
        self._left_out = f"{leave_out}> .".encode() if leave_out else b""
        self._places = array("Q")
        self._subjects: list[bytes] = []
        self._inverse: dict[str, tuple[array[int], array[int]]] = {}
        self._above: dict[str, set[str]] = {}
        self._below: dict[str, set[str]] = {}
        self._types: dict[str, tuple[str, ...]] = {}
        self.memory: dict[object, dict[tuple[str | None, ...], object]] = {}
        self.objects = lru_cache(maxsize=1 << 16)(self._objects)
        self._sample()

    def read(self, start: int, end: int) -> bytes:
        """Give the bytes between two places, or up to the end of the file.

        Nothing is mapped: pages of a file would count as memory of the process.
        """
        found = self._read_once(start, end - start)
        while start + len(found) < min(end, self.size):
            more = self._read_once(start + len(found), end - start - len(found))
            if not more:
                raise KgError("the file became shorter while it was checked")
            found += more
        return found

    def _read_once(self, start: int, size: int) -> bytes:
        try:
            if sys.platform != "win32":
                return os.pread(self._descriptor, size, start)
            os.lseek(self._descriptor, start, os.SEEK_SET)
            return os.read(self._descriptor, size)
        except OSError as error:
            raise KgError(f"cannot read on: {(error.strerror or str(error)).lower()}") from error

    def _sample(self) -> None:
        place, step = 0, _STEP if self.size < _LARGE else 2 * _STEP
        while place < self.size:
            head = self.read(place, place + _HEAD)
            line = 0 if place == 0 else head.find(b"\n") + 1
            subject, space, _ = head[line:].partition(b" ")
            start = place + line
            if not space or (place and not line):
                start = self._line_from(place) if place else 0
                subject = self._subject_at(start)
            if start >= self.size:
                break
            self._places.append(start)
            self._subjects.append(subject)
            # Behind the line, however long it is.
            place = start + step

    def _line_from(self, place: int) -> int:
        """Give where the first line begins behind a place."""
        size = _HEAD
        while place < self.size:
            found = self.read(place, place + size).find(b"\n")
            if found >= 0:
                return place + found + 1
            place += size
            size = _SLICE
        return self.size

    def _subject_at(self, place: int) -> bytes:
        size = _HEAD
        while True:
            head = self.read(place, place + size).split(b" ", 1)
            if len(head) == 2 or place + size >= self.size:
                return head[0]
            size *= 16

    @property
    def is_ordered(self) -> bool:
        """Whether the file looks sorted; whoever reads all of it knows."""
        return all(one <= other for one, other in zip(self._subjects, self._subjects[1:], strict=False))

    def ranges(self, size: int) -> list[tuple[int, int]]:
        """Give where parts of about `size` bytes begin and end; each subject is in one part."""
        starts = [0]
        for number, place in enumerate(self._places):
            # Only where a subject begins that did not begin before.
            if place >= starts[-1] + size and self._subjects[number] != self._subjects[number - 1]:
                first = self._first_line(self._subjects[number], number)
                if first > starts[-1]:
                    starts.append(first)
        return list(zip(starts, [*starts[1:], self.size], strict=True))

    def _first_line(self, subject: bytes, number: int) -> int:
        """Give where the first line of a subject begins that was met at a sample."""
        low, high = self._places[number - 1], self._places[number]
        found = self.read(low, high + 1).find(b"\n" + subject + b" ")
        return high if found < 0 else low + found + 1

    # ------------------------------------------------------------ by subject

    def _window(self, subject: bytes) -> bytes:
        """Give a stretch of the file in which all lines of a subject stand."""
        subjects = self._subjects
        low = bisect_left(subjects, subject)
        high = low
        if high < len(subjects) and subjects[high] == subject:
            high = bisect_right(subjects, subject, high)
        start = self._places[low - 1] if low else 0
        return self.read(start, self._places[high] if high < len(subjects) else self.size)

    def _lines(self, subject: bytes, head: bytes) -> list[bytes]:
        """Give what follows `head` in each line of a subject that begins with it."""
        window = self._window(subject)
        place = 0
        if not window.startswith(head):
            place = window.find(b"\n" + head) + 1
            if not place:
                return []
        found = []
        size = len(head)
        while window.startswith(head, place):
            stop = window.find(b"\n", place)
            if stop < 0:
                stop = len(window)
            if not self._left_out or not window.endswith(self._left_out, place, stop):
                found.append(window[place + size : stop])
            place = stop + 1
        return found

    def _objects(self, subject: str, predicate: str) -> Sequence[str]:
        """Give the values of one predicate of one node, each once."""
        lines = self._lines(subject.encode(), f"{subject} {predicate} ".encode())
        if len(lines) < 2:
            return [_object(lines[0])] if lines else ()
        return list(dict.fromkeys(map(_object, lines)))

    def types(self, subject: str) -> Sequence[str]:
        """Give the classes of a node that it states itself; they are remembered for a while."""
        types = self._types.get(subject)
        if types is None:
            if len(self._types) > _REMEMBERED:
                self._types.clear()
            types = self._types[subject] = tuple(map(sys.intern, self._objects(subject, TYPE)))
        return types

    def about(self, subject: str) -> Iterator[tuple[str, str]]:
        """Give predicate and value of everything that is said of a node."""
        seen = set()
        for line in self._lines(subject.encode(), f"{subject} ".encode()):
            predicate, _, rest = line.partition(b" ")
            said = predicate.decode(), _object(rest)
            if said not in seen:
                seen.add(said)
                yield said

    # ------------------------------------------------------------ by value

    def index(self, predicates: Collection[str]) -> None:
        """Note where each value of some predicates stands, so that they can be followed backwards."""
        for predicate in predicates:
            if predicate in self._inverse:
                continue
            pairs = self._hits(predicate)
            pairs.sort()
            # Not by way of lists, which would take several times the room.
            hashes = array("Q", (pair >> 40 for pair in pairs))
            places = array("Q", (pair & ((1 << 40) - 1) for pair in pairs))
            self._inverse[predicate] = hashes, places

    def _hits(self, predicate: str) -> list[int]:
        return [(_hash(_object(rest)) << 40) | place for place, rest in self._with(predicate)]

    def _with(self, predicate: str) -> Iterator[tuple[int, bytes]]:
        """Give each line that has a predicate: where it begins, and what follows the predicate."""
        needle = b" " + predicate.encode() + b" "
        start = 0
        while start < self.size:
            blob = self.read(start, start + _SLICE)
            whole = len(blob) if start + len(blob) == self.size else blob.rfind(b"\n") + 1
            if not whole:
                blob = self.read(start, self.size)
                whole = len(blob)
            place = blob.find(needle)
            while 0 <= place < whole:
                begin = blob.rfind(b"\n", 0, place) + 1
                stop = blob.find(b"\n", place)
                stop = len(blob) if stop < 0 else stop
                # Between the beginning and the predicate stands the subject, and nothing else.
                if b" " not in blob[begin:place] and not (
                    self._left_out and blob.endswith(self._left_out, begin, stop)
                ):
                    yield start + begin, blob[place + len(needle) : stop]
                place = blob.find(needle, stop)
            start += whole

    def subjects(self, predicate: str, object_: str) -> Sequence[str]:
        """Give the nodes that have a value, each once."""
        if predicate not in self._inverse:
            self.index([predicate])
        hashes, places = self._inverse[predicate]
        wanted = _hash(object_)
        said = f"{predicate} {object_} ".encode()
        found: dict[str, None] = {}
        for number in range(bisect_left(hashes, wanted), bisect_right(hashes, wanted)):
            # Two values can have one hash.
            subject = self._subject_at(places[number])
            place = places[number] + len(subject) + 1
            if self.read(place, place + len(said)) == said:
                found[subject.decode()] = None
        return list(found)

    # ------------------------------------------------------------ classes

    def below(self, class_: str) -> set[str]:
        """Give a class and all below it."""
        if not self._above:
            self._above[""] = set()
            for place, rest in self._with(SUBCLASS):
                sub = self._subject_at(place).decode()
                self._above.setdefault(_object(rest), set()).add(sub)
        if class_ not in self._below:
            found, waiting = {class_}, [class_]
            for each in waiting:
                new = self._above.get(each, set()) - found
                found |= new
                waiting.extend(new)
            self._below[class_] = found
        return self._below[class_]


def _hash(text: str) -> int:
    return hash(text) & _HASH


def _object(rest: bytes) -> str:
    """Give the object of what follows a predicate in a line."""
    text = rest[:-2].decode()
    return without_graph(text) if text[-1:] == ">" else text


class Part(Memory):
    """What some lines of a file say, looked up in tables; and everything else, looked up in the file."""

    def __init__(self, file: SortedFile, predicates: Collection[str] | None) -> None:
        """Take the file; the tables are filled by a reader."""
        super().__init__(predicates)
        self._file = file
        self.memory = file.memory

    def table(self, predicate: str, nodes: Collection[str]) -> Table:
        """Give the values of `nodes`, wherever they are described."""
        outside = set(nodes) - self.described
        if not outside:
            return super().table(predicate, nodes)
        first: dict[str, str] = {}
        more: dict[str, Sequence[str]] = {}
        for node in nodes:
            values = self.objects(node, predicate)
            if values:
                first[node] = values[0]
                if len(values) > 1:
                    more[node] = values
        return first, more

    def objects(self, subject: str, predicate: str) -> Sequence[str]:
        """Give the values of one predicate of one node, each once."""
        if subject in self.described:
            return super().objects(subject, predicate)
        return () if subject[0] == '"' else self._file.objects(subject, predicate)

    def subjects(self, predicate: str, object_: str) -> Sequence[str]:
        """Give the nodes that have a value, wherever they are described."""
        return self._file.subjects(predicate, object_)

    def about(self, subject: str) -> Iterator[tuple[str, str]]:
        """Give predicate and value of everything that is said of a node."""
        if subject in self.described:
            yield from super().about(subject)
        elif subject[0] != '"':
            yield from self._file.about(subject)

    def predicates(self, nodes: Collection[str]) -> Collection[str]:
        """Give all predicates of these lines and of other nodes that are asked for."""
        found = set(self.first)
        for node in set(nodes) - self.described:
            found.update(predicate for predicate, _ in self.about(node))
        return found

    def below(self, class_: str) -> set[str]:
        """Give a class and all below it."""
        return self._file.below(class_)

    def without_class(self, nodes: set[str], class_: str) -> set[str]:
        """Give those of `nodes` that are nowhere said to be of a class or one below it."""
        rest = nodes.difference(self.instances(class_))
        below = self.below(class_)
        return {node for node in rest if node in self.described or below.isdisjoint(self._classes(node))}

    def _classes(self, node: str) -> Sequence[str]:
        return () if node[0] == '"' else self._file.types(node)
