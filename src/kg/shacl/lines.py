"""N-Quads and N-Triples read line by line into tables, fast where they are canonical."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kg.problems import LimitError
from kg.shacl.data import Memory
from kg.shacl.terms import STRING

if TYPE_CHECKING:
    from kg.nt import Quad, Triple

_STRING: Final = b"^^" + STRING.encode()
_BUFFER: Final = "buffer maximal size"
"""What the parser says of a line that is too long for it, as if memory lacked."""
# Where in the text that it was given the parser stopped; that was one line.
_place: Final = re.compile(r"^Parser error at line 1[^:]*: | \(line 1\)$")
_search_relative: Final = re.compile(rb"(?:\A|\n|[>\"] |\^\^)<(?![A-Za-z][A-Za-z0-9+.-]*:)").search
_match_predicate: Final = re.compile(r'<[^\x00-\x20<>"{}|^`\\]+>').fullmatch


@dataclass(slots=True)
class Reader:
    """Reads parts of a file into tables, and keeps what is no line."""

    memory: Memory
    leave_out: str = ""
    """Lines of graphs whose text ends so are passed over."""
    ordered: bool = True
    """Whether each subject came in one piece, and in the order of code points."""
    canonical: bool = True
    """Whether every line was written as canonical lines are."""
    broken: list[tuple[int, str]] = field(default_factory=list)
    """Lines that are none: where each begins, counted in bytes, and what is wrong."""

    def read(self, blob: bytes, start: int = 0) -> None:
        """Read whole lines; `start` is where they begin in the file."""
        if not blob.endswith(b"\n"):
            blob += b"\n"
        if not _is_suspicious(blob):
            try:
                self._fast(blob.decode())
            except ValueError:
                pass
            else:
                return
        self.memory.add(self._slow(blob, start))

    def _fast(self, text: str) -> None:
        """Read canonical lines.

        Raises:
            ValueError: one of them is something else; some may have been read.
        """
        lines = text.split(" .\n")
        if lines.pop() or text.count("\n") != len(lines):
            raise ValueError
        memory = self.memory
        first, more, only, subjects = memory.first, memory.more, memory.only, memory.described
        last, graph, cut, is_left_out, leave_out = "", " <>", -3, False, self.leave_out
        for line in lines:
            subject, predicate, object_ = line.split(" ", 2)
            if subject == last:
                subject = last
            else:
                if subject[-1] != ">" and subject[0] != "_":
                    raise ValueError
                if subject < last:
                    self.ordered = False
                last = subject
                subjects.add(subject)
            table = first.get(predicate)
            if table is None:
                if not _match_predicate(predicate):
                    raise ValueError
                if only is not None:
                    continue
                table = memory.new(predicate)
            if object_.endswith(graph):
                if is_left_out:
                    continue
                object_ = object_[:cut]
            elif object_[-1] == ">":
                whole, object_ = object_, without_graph(object_)
                if len(object_) < len(whole):
                    graph = whole[len(object_) :]
                    cut = -len(graph)
                    is_left_out = bool(leave_out) and graph.endswith(leave_out)
                    if is_left_out:
                        continue
            if object_[-1] not in '>"' and not _is_canonical(object_):
                raise ValueError
            there = table.setdefault(subject, object_)
            if there is not object_ and there != object_:
                several = more[predicate].setdefault(subject, [there])
                if object_ not in several:
                    several.append(object_)

    def _slow(self, blob: bytes, start: int) -> Iterator[Triple]:
        """Read lines of any form, one by one."""
        place, last = start, ""
        for line in blob.split(b"\n"):
            try:
                for subject, predicate, object_, graph in _parsed(line):
                    text = f"{subject} {predicate} {object_} {graph and graph + ' '}."
                    self.canonical = self.canonical and text.encode() == line
                    self.ordered = self.ordered and subject >= last
                    last = subject
                    self.memory.described.add(subject)
                    if not (self.leave_out and graph.endswith(self.leave_out)):
                        yield subject, predicate, object_
            except (SyntaxError, ValueError) as error:
                self.broken.append((place, _place.sub("", str(error))))
            except MemoryError as error:
                if _BUFFER not in str(error):
                    raise
                message = (
                    f"the line that begins at byte {place:,} has a term of more than 16 MB; none is read"
                )
                raise LimitError(message) from error
            place += len(line) + 1


def _parsed(line: bytes) -> Iterator[Quad]:
    """Give the quads of a line of N-Quads in any form: one, or none."""
    import pyoxigraph as ox

    for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS):
        graph = quad.graph_name
        named = "" if isinstance(graph, ox.DefaultGraph) else str(graph)
        yield str(quad.subject), str(quad.predicate), str(quad.object), named


def _is_suspicious(blob: bytes) -> bool:
    """Tell whether something in some lines is surely or maybe not written as canonical lines are."""
    return (
        b"\t" in blob
        or b"\r" in blob
        or _STRING in blob
        or (b"\\" in blob and (b"\\u" in blob or b"\\U" in blob))
        or (
            blob.count(b"<") > blob.count(b"<http:") + blob.count(b"<https:")
            and _search_relative(blob) is not None
        )
    )


def _is_canonical(object_: str) -> bool:
    """Tell whether what ends neither as an IRI nor as a plain string does is a string with a language."""
    tag = object_[object_.rfind('"') + 1 :]
    return object_[0] in '"_' and (object_[0] == "_" or (tag[0] == "@" and tag == tag.lower()))


def without_graph(rest: str) -> str:
    """Give the object of what follows a predicate in a line, which may end with a graph.

    >>> without_graph('"a <b>" <https://example.org/graph>')
    '"a <b>"'
    >>> without_graph('"a <b>"^^<https://example.org/c>')
    '"a <b>"^^<https://example.org/c>'
    """
    place = rest.rfind(" <")
    return rest if place < 0 or '"' in rest[place:] else rest[:place]
