"""Writing the sorted file: what a worker process does with buckets of runs."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import FileIO
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from kg import nt
from kg.bulk.form import FIELD, Form, term
from kg.bulk.reading import DIGITS, Division
from kg.bulk.runs import Buckets, Run, Spool, merged, size
from kg.bulk.twins import Twins
from kg.pool import Pool
from kg.terms import KG

_TYPE: Final = term("rdf:type")
_ASSERTION: Final = nt.iri(KG.Assertion).encode()
_PIECE: Final = 1 << 22


class Part(NamedTuple):
    """One bucket of the file, to be made: said, places, selectors or lines, and its number."""

    kind: str
    bucket: int


class Put(NamedTuple):
    """That the part made last goes to this byte of the file."""

    offset: int


class Places(NamedTuple):
    """Runs of the evidence of all assertions, for everybody."""

    runs: list[Run]


@dataclass(slots=True)
class Counts:
    """What the file holds; triples, subjects, predicates and classes are counted without the alleged graph."""

    quads: int = 0
    triples: int = 0
    subjects: int = 0
    classes: Counter[bytes] = field(default_factory=Counter)
    """How many subjects each class has."""
    predicates: set[bytes] = field(default_factory=set)

    def add(self, other: Counts) -> None:
        """Count in what another part holds."""
        self.quads += other.quads
        self.triples += other.triples
        self.subjects += other.subjects
        self.classes += other.classes
        self.predicates |= other.predicates

    def add_subjects(self, text: bytes, times: int = 1) -> None:
        """Count in the lines of one subject, or of so many with the same class and predicates."""
        lines = text.split(b"\n")[:-1]
        self.quads += times * len(lines)
        self.triples += times * len(lines)
        self.subjects += times
        for line in lines:
            _, predicate, rest = line.split(b" ", 2)
            self.predicates.add(predicate)
            if predicate == _TYPE:
                self.classes[rest.partition(b" ")[0]] += times


class Made(NamedTuple):
    """What a part has become."""

    size: int
    counts: Counts


@dataclass(frozen=True)
class Plan:
    """All that a worker has to know, the same for every one."""

    said: Sequence[Run]
    places: Sequence[Run]
    """Evidence that is used by something else than assertions."""
    lines: Sequence[Run]
    division: Division
    form: Form
    twins: Twins
    folder: Path
    target: Path
    include_restricted: bool
    memory: int
    """Bytes of records that are sorted at once."""


class Writer:
    """One worker: it makes parts, and puts each where it belongs as soon as that is known."""

    def __init__(self, plan: Plan, number: int) -> None:
        """Begin with nothing made."""
        self._plan = plan
        self._number = number
        self._made: bytes | Path = b""
        self._spool = Spool(plan.folder / f"places-{number}")
        self._kept: Buckets = [[] for _ in range(plan.division.hashed)]
        self._by_digest = plan.division.by_digest(self._kept)
        self._size = 0
        self._runs: list[Run] = []
        self._places: Sequence[Run] = ()
        gc.disable()

    def __call__(self, message: Part | Put | Places | None) -> Made | list[Run] | None:
        """Make a part; or put it into the file; or give runs of evidence for None, or take those of all."""
        if isinstance(message, Part):
            return self._make(message)
        if isinstance(message, Put):
            self._put(message.offset)
            return None
        if isinstance(message, Places):
            self._places = message.runs
            return None
        self._write_places()
        return self._runs

    def _make(self, part: Part) -> Made:
        plan, counts = self._plan, Counts()
        runs = {"said": plan.said, "lines": plan.lines}.get(part.kind, self._places)
        make = {
            "said": self._said,
            "places": self._described,
            "selectors": self._selected,
            "lines": self._lines,
        }
        blocks = merged(runs, part.bucket, plan.memory, plan.folder / f"sorting-{self._number}")
        text = make[part.kind](blocks, counts)
        if size(runs, part.bucket) <= plan.memory:
            self._made = b"".join(part for block in text for part in block)
            return Made(len(self._made), counts)
        self._made = plan.folder / f"part-{self._number}"
        with self._made.open("wb") as file:
            for block in text:
                file.writelines(block)
        return Made(self._made.stat().st_size, counts)

    def _put(self, offset: int) -> None:
        made, self._made = self._made, b""
        with self._plan.target.open("r+b", buffering=0) as target:
            target.seek(offset)
            if isinstance(made, bytes):
                _write(target, made)
                return
            with made.open("rb") as file:
                while data := file.read(_PIECE):
                    _write(target, data)
        made.unlink()

    # ------------------------------------------------------------ the kinds of parts

    def _said(self, blocks: Iterable[list[bytes]], counts: Counts) -> Iterator[list[bytes]]:
        form, by_digest = self._plan.form, self._by_digest
        pieces, said, varying = form.pieces, form.said, form.varying
        for block in self._plan.twins.distinct(blocks):
            seen: set[bytes] = set()
            text: list[bytes] = []
            triples = 0
            for record in block:
                digest, _, place, evidence, *body = record.split(FIELD)
                found = pieces(body, place)
                triples += len(found)
                seen.update(varying(body))
                described = place + FIELD + evidence
                by_digest[place[:DIGITS]].append(described)
                self._size += len(described)
                text += said(digest, found)
            counts.quads += triples
            counts.triples += triples
            counts.subjects += len(block)
            if block:
                counts.classes[_ASSERTION] += len(block)
                counts.predicates |= form.predicates(seen)
            if self._size > self._plan.memory:
                self._write_places()
            yield text

    def _write_places(self) -> None:
        self._runs.append(self._spool.write(self._kept))
        self._size = 0

    def _described(self, blocks: Iterable[list[bytes]], counts: Counts) -> Iterator[list[bytes]]:
        return self._by_shape(blocks, self._plan.form.place, counts)

    def _selected(self, blocks: Iterable[list[bytes]], counts: Counts) -> Iterator[list[bytes]]:
        return self._by_shape(blocks, self._plan.form.selected, counts)

    def _by_shape(
        self, blocks: Iterable[list[bytes]], form: Callable[[bytes, bytes], bytes], counts: Counts
    ) -> Iterator[list[bytes]]:
        """Give the lines of evidence, of which spans differ in nothing but their values."""
        is_span = self._plan.form.is_span
        last = span = b""
        for block in blocks:
            text: list[bytes] = []
            spans = 0
            for record in block:
                place, _, evidence = record.partition(FIELD)
                if place == last:
                    continue
                last = place
                lines = form(place, evidence)
                text.append(lines)
                if is_span(evidence):
                    spans, span = spans + 1, lines
                elif lines:
                    counts.add_subjects(lines)
            if spans:
                counts.add_subjects(span, spans)
            yield text

    def _lines(self, blocks: Iterable[list[bytes]], counts: Counts) -> Iterator[list[bytes]]:
        alleged = self._plan.form.ends["alleged"].removesuffix(b"\n")
        opens = self._plan.form.opens if self._plan.include_restricted else None
        last = last_triple = last_subject = undone = b""
        for block in blocks:
            kept = []
            for line in block:
                if line == last:
                    continue
                last = line
                if line == undone:
                    continue
                if opens is not None and opens(line):
                    undone = self._plan.form.marking(line)
                    continue
                kept.append(line)
                if line.endswith(alleged):
                    continue
                triple = line[: line.rindex(b" <")]
                if triple == last_triple:
                    continue
                last_triple = triple
                subject, predicate, object_ = triple.split(b" ", 2)
                if subject != last_subject:
                    last_subject = subject
                    counts.subjects += 1
                counts.triples += 1
                counts.predicates.add(predicate)
                if predicate == _TYPE:
                    counts.classes[object_] += 1
            counts.quads += len(kept)
            kept.append(b"")
            yield [b"\n".join(kept)]


def _write(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


# ---------------------------------------------------------------- in the process that gives out the parts


def parts(division: Division, form: Form) -> list[Part]:
    """Give all parts of the file in their order."""
    others = {form.assertion: "said", form.evidence: "places", form.selector: "selectors"}
    found = [Part("lines", 0)]
    for bucket, first in enumerate(division.subjects, start=1):
        if first in others:
            found += [Part(others[first], number) for number in range(division.hashed)]
        found.append(Part("lines", bucket))
    return found


class _Layout:
    """Gives out parts in their order, and each its place as soon as the size of all before is known."""

    def __init__(self, pool: Pool, progress: Callable[[], None]) -> None:
        self._pool = pool
        self._progress = progress
        self.offset = 0
        self.counts = Counts()

    def run(self, order: Sequence[Part]) -> None:
        """Make some parts."""
        rest = iter(enumerate(order))
        free = list(range(self._pool.jobs))
        making: dict[int, int] = {}
        made: dict[int, tuple[int, int]] = {}
        placed = done = 0
        while done < len(order):
            while free and (following := next(rest, None)):
                worker = free.pop()
                making[worker] = following[0]
                self._pool.send(worker, following[1])
            worker, answer = self._pool.receive()
            if not isinstance(answer, Made):
                free.append(worker)
                done += 1
                self._progress()
                continue
            self.counts.add(answer.counts)
            made[making.pop(worker)] = worker, answer.size
            while placed in made:
                maker, bytes_ = made.pop(placed)
                self._pool.send(maker, Put(self.offset))
                self.offset += bytes_
                placed += 1


def write(plan: Plan, jobs: int, progress: Callable[[int, int], None]) -> tuple[int, Counts]:
    """Write the file; give its size in bytes, and what it holds. `progress` takes parts done and all parts.

    Raises:
        KgError: it cannot be written.
    """
    order = parts(plan.division, plan.form)
    numbers = count(1)
    with Pool(jobs, lambda number: Writer(plan, number)) as pool:
        layout = _Layout(pool, lambda: progress(next(numbers), len(order)))
        # Which evidence is used is known when equal assertions are one.
        first = order.index(Part("places", 0))
        layout.run(order[:first])
        places = [*plan.places, *(run for runs in pool.all(None) for run in runs)]
        pool.all(Places(places))
        layout.run(order[first:])
    return layout.offset, layout.counts
