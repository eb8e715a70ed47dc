"""Records: the machine's form of seeds, one flat object for each thing said or described.

A record with ``class`` describes an entity, a report, a source or an episode; one with ``predicate`` is an
assertion. Here they become trees such as a curated file has, so that one reader checks both.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kg.fields import Fields
from kg.nodes import MAX_DEPTH, MAX_LENGTH, List, Map, Node, Scalar, describe, unfit
from kg.problems import Location

SECTIONS: Final = {"source": "sources", "episode": "episodes"}
"""Classes of a record that are no class of the ontology, and the section of a seed that holds them."""
EVIDENCE_KEYS: Final = ("start", "end", "digest", "record", "file", "sheet", "row", "column")
OWN_KEYS: Final = ("subject", "predicate", "object", "report")
SHARED_KEYS: Final = (
    "told-by", "evidence", "episode", "polarity", "certainty", "method", "engine", "reviewer", "access",
    "withdrawn", "corrects", "note",
)  # fmt: skip
MAX_LINE: Final = 10_000_000
"""Bytes of the longest line that is read."""
_IN_A_LIST: Final = "a line is one object, {…}, without a list around all of them or commas behind them"
_PACKED: Final = {
    b"\x1f\x8b": "a file packed by gzip",
    b"(\xb5/\xfd": "a file packed by zstd",
    b"PK\x03\x04": "a zip archive",
}
"""How files begin that somebody may take for records, and what they are."""
_WRONG: Final = {
    "Expecting value": "a value is missing here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting ',' delimiter": "a comma is missing here",
    "Unterminated string starting": "the text that begins here does not end",
    "Invalid control character": "a control character stands in a text",
    "Extra data": "more follows behind the end",
    "Illegal trailing comma before end of object": "a comma stands before the end",
    "Illegal trailing comma before end of array": "a comma stands before the end",
}
"""What `json` says, in the words of these messages."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What records say of one report, in the form of a curated file; `report` is None for what is of none."""

    report: Scalar | None
    root: Map


@dataclass(slots=True)
class _Group:
    report: Scalar | None
    location: Location
    described: Map | None = None
    sections: dict[str, list[tuple[Scalar, Node]]] = field(default_factory=dict)
    blocks: list[Node] = field(default_factory=list)

    def tree(self) -> Tree:
        entries: list[tuple[Scalar, Node]] = []
        if self.described is not None:
            entries.append((_key("report", self.location), self.described))
        entries += [
            (_key(name, self.location), Map(tuple(found), self.location))
            for name, found in self.sections.items()
        ]
        if self.blocks:
            entries.append((_key("assertions", self.location), List(tuple(self.blocks), self.location)))
        return Tree(self.report, Map(tuple(entries), self.location))


def _key(text: str, location: Location) -> Scalar:
    return Scalar(text, False, location)


def trees(
    records: Iterable[Node], fields: Fields, classes: Collection[str], qualifiers: Collection[str]
) -> tuple[Tree, ...]:
    """Give the records of one file as trees, one for each report that they name.

    `classes` and `qualifiers` are keys of the ontology. Faults are noted in `fields`.
    """
    sorter = _Sorter(fields, classes, qualifiers)
    for record in records:
        sorter.add(record)
    return tuple(group.tree() for group in sorter.groups.values())


class _Sorter:
    def __init__(self, fields: Fields, classes: Collection[str], qualifiers: Collection[str]) -> None:
        self._fields = fields
        self._classes = (*classes, "report", *SECTIONS)
        self._known = (*OWN_KEYS, *SHARED_KEYS, *EVIDENCE_KEYS, *qualifiers)
        self.groups: dict[str | None, _Group] = {}

    def add(self, record: Node) -> None:
        if not isinstance(record, Map):
            message = f"found {describe(record)}; a record is an object, such as {{…}}"
            self._fields.problem(record, "wrong-kind", message)
        elif "class" in record:
            self._describe(record)
        elif "predicate" in record:
            self._say(record)
        else:
            message = (
                "this record says nothing: an assertion has subject, predicate and object, "
                "and what describes something has class and key"
            )
            self._fields.problem(record, "nothing-said", message)

    def _group(self, report: Scalar | None, location: Location) -> _Group:
        return self.groups.setdefault(report.text if report else None, _Group(report, location))

    # ------------------------------------------------------------ descriptions

    def _describe(self, record: Map) -> None:
        class_ = self._fields.text(record, "class")
        key = self._fields.text(record, "key", needed="the short name by which others call it")
        if class_ is None or key is None:
            return
        if class_.text not in self._classes:
            near = self._fields.nearest(class_.text, self._classes)
            right = f"did you mean {near!r}?" if near else f"there are {', '.join(self._classes)}"
            self._fields.problem(class_, "unknown-class", f"no class is called {class_.text!r}; {right}")
            return
        if class_.text == "report":
            self._report(record, key)
            return
        report = self._fields.text(record, "report")
        if class_.text == "source" and report is None:
            self._fields.problem(
                record, "missing-key", "report is missing; a source belongs to a report: write its key"
            )
            return
        section = SECTIONS.get(class_.text, class_.text)
        group = self._group(report, record.location)
        rest = Map(_without(record, ("class", "key", "report")), record.location)
        group.sections.setdefault(section, []).append((key, rest))

    def _report(self, record: Map, key: Scalar) -> None:
        group = self._group(key, record.location)
        if group.described is not None:
            message = f"report {key.text!r} stands already at {group.described.location}; use another key"
            self._fields.problem(key, "repeated-report", message)
            return
        group.described = Map(_without(record, ("class",)), record.location)

    # ------------------------------------------------------------ assertions

    def _say(self, record: Map) -> None:
        self._fields.known_keys(record, self._known, "qualifier or key of a record")
        report = self._fields.text(record, "report", needed="the key of the report that says it")
        predicate = self._fields.text(record, "predicate")
        subject, value = record.get("subject"), record.get("object")
        for name, node, what in (
            ("subject", subject, "the key of who or what it speaks of"),
            ("object", value, "a key, a value, none-given or refused"),
        ):
            if node is None:
                self._fields.problem(record, "missing-key", f"{name} is missing; write {name} and {what}")
        subjects = self._subjects(subject)
        if report is None or predicate is None or subjects is None or value is None:
            return
        if predicate.text in self._known:
            message = f"no predicate is called {predicate.text!r}; write one such as detained-at"
            self._fields.problem(predicate, "unknown-predicate", message)
            return
        entries = [(_key("about", subjects.location), subjects)]
        entries += [
            entry for entry in _without(record, (*OWN_KEYS, *EVIDENCE_KEYS)) if entry[0].text in self._known
        ]
        if place := self._evidence(record):
            entries.append((_key("evidence", record.location), place))
        entries.append((_key(predicate.text, predicate.location), _object(value)))
        self._group(report, record.location).blocks.append(Map(tuple(entries), record.location))

    def _subjects(self, subject: Node | None) -> Node | None:
        """Give who is spoken of; what is no key is reported here, by the name that it has in a record."""
        items = subject.items if isinstance(subject, List) else (subject,)
        wrong = next((item for item in items if not isinstance(item, Scalar)), None)
        if wrong is not None:
            message = f"found {describe(wrong)}; subject is one key, or a list of keys"
            self._fields.problem(wrong, "wrong-kind", message)
            return None
        if subject is not None and not items:
            message = "subject is an empty list; give the key of who or what it speaks of"
            self._fields.problem(subject, "empty", message)
            return None
        return subject

    def _evidence(self, record: Map) -> Map | None:
        flat = tuple(entry for entry in record.entries if entry[0].text in EVIDENCE_KEYS)
        if flat and "evidence" in record:
            message = f"{flat[0][0].text} stands beside evidence; keep one of the two"
            self._fields.problem(flat[0][0], "repeated-key", message)
            return None
        return Map(flat, record.location) if flat else None


def _without(record: Map, keys: Collection[str]) -> tuple[tuple[Scalar, Node], ...]:
    return tuple(entry for entry in record.entries if entry[0].text not in keys)


def _object(value: Node) -> Node:
    """Take an object as typed: a plain text may be a special word, ``{"text": …}`` never is one."""
    if isinstance(value, Scalar):
        return Scalar(value.text, False, value.location) if not value.text.startswith('"') else value
    if isinstance(value, Map) and [key.text for key, _ in value.entries] == ["text"]:
        text = value.entries[0][1]
        return Scalar(text.text, True, text.location) if isinstance(text, Scalar) else text
    return value


# ---------------------------------------------------------------- JSON lines


def from_json_lines(data: bytes, path: str, fields: Fields) -> Iterator[Map]:
    """Give the record of each line; a line that is none is a problem, and the others are still read.

    Empty lines are passed over. A key that stands twice, NaN, and half of a character are problems.
    """
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if (record := from_json_line(line, Location(path, number, 1), fields)) is not None:
            yield record


def from_json_line(line: bytes, location: Location, fields: Fields) -> Map | None:
    """Give the record of one line, or None with a problem in `fields`; None for an empty line, too."""
    if not line.strip():
        return None
    if len(line) > MAX_LINE:
        message = f"the line has {len(line):,} bytes; at most {MAX_LINE:,} are read"
        fields.problem_at(location, "too-large", message)
        return None
    try:
        # Files that were put behind each other have several marks.
        text = line.decode().removeprefix("\ufeff")
        value = _loads(text)
        if not isinstance(value, _Object):
            raise _FaultError(
                "wrong-kind", _IN_A_LIST if isinstance(value, list) else "a line is one object: {…}"
            )
        return _map(value, location, _plain if _is_clean(text) else _text)
    except UnicodeDecodeError as error:
        fields.problem_at(location, "bad-encoding", _not_text(line, error.start))
    except json.JSONDecodeError as error:
        place = Location(location.path, location.line, error.pos + 1)
        fields.problem_at(place, "bad-json", _not_json(text, error))
    except _FaultError as fault:
        fields.problem_at(location, fault.code, str(fault))
    except RecursionError:
        fields.problem_at(location, "too-deep", f"nested deeper than {MAX_DEPTH}")
    return None


def _not_text(line: bytes, place: int) -> str:
    for beginning, name in _PACKED.items():
        if line.startswith(beginning):
            return f"this is no text but {name}; unpack it first"
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "this is UTF-16; save the file as UTF-8"
    return f"byte {place + 1} of the line is not UTF-8; save the file as UTF-8"


def _not_json(text: str, error: json.JSONDecodeError) -> str:
    if text.startswith("["):
        return f"this line is not JSON; {_IN_A_LIST}"
    if "\0" in text:
        return "this line is not JSON: it holds the control character U+0000 (was the file saved as UTF-16?)"
    wrong = _WRONG.get(error.msg.removesuffix(" at"), error.msg.lower())
    return f"this line is not JSON: {wrong}; a record is one object on one line"


class _FaultError(Exception):
    """What makes a line no record."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Object(dict[str, Any]):
    """A JSON object whose keys stand once."""


def _loads(text: str) -> object:
    return json.loads(
        text,
        object_pairs_hook=_unique,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_refuse_constant,
    )


class _Number(str):
    """A number as typed."""

    __slots__ = ()


def _refuse_constant(name: str) -> object:
    raise _FaultError("bad-json", f"{name} is no value of JSON; leave the key out")


def _unique(pairs: Sequence[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise _FaultError("repeated-key", f"the key {twice!r} stands twice; keep one")
    return found


def _map(value: _Object, location: Location, text: Callable[[str], str], depth: int = 1) -> Map:
    if depth > MAX_DEPTH:
        raise _FaultError("too-deep", f"nested deeper than {MAX_DEPTH}")
    return Map(
        tuple(
            (Scalar(text(key), True, location), _node(item, location, text, depth + 1))
            for key, item in value.items()
            if item is not None
        ),
        location,
    )


def _node(value: Any, location: Location, text: Callable[[str], str], depth: int) -> Node:
    if value.__class__ is str:
        return Scalar(text(value), True, location)
    if isinstance(value, _Number):
        return Scalar(text(value), False, location)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", False, location)
    if isinstance(value, _Object):
        return _map(value, location, text, depth)
    if depth > MAX_DEPTH:
        raise _FaultError("too-deep", f"nested deeper than {MAX_DEPTH}")
    return List(tuple(_node(item, location, text, depth + 1) for item in value if item is not None), location)


def _is_clean(line: str) -> bool:
    """Tell whether no text of a line can be unfit or too long: most lines are looked at once, as a whole."""
    return len(line) <= MAX_LENGTH and "\\" not in line and unfit(line) is None


def _plain(value: str) -> str:
    return str(value)


def _text(value: str) -> str:
    if len(value) > MAX_LENGTH:
        message = f"this text has {len(value):,} characters, and the most is {MAX_LENGTH:,}; shorten it"
        raise _FaultError("too-long", message)
    if fault := unfit(value):
        code, message = fault
        raise _FaultError("bad-json" if code == "yaml-syntax" else code, message)
    return str(value)
