"""Reading lines: what a worker process does with ranges of files until all that they say is in runs."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from kg import records
from kg.bulk.declared import Declared, Reading
from kg.bulk.encoder import Encoder, Plan, Shape, UnusualError, plan
from kg.bulk.exact import Exact
from kg.bulk.form import Form, Said
from kg.bulk.positions import Positions
from kg.bulk.ranges import Input, Range, read
from kg.bulk.runs import Buckets, Run, Spool
from kg.bulk.scanning import decoded, is_odd, is_suspect, stand_once
from kg.bulk.watched import Reached, Watched
from kg.fields import MAX_PROBLEMS
from kg.model import Assertion
from kg.ontology import Ontology
from kg.problems import Location, Problem

Found: TypeAlias = tuple[bytes, Sequence[bytes]]
"""What `kg.bulk.form.Said` holds."""

REFUSED: Final = (
    UnusualError, LookupError, ValueError, TypeError, AttributeError, RecursionError, msgspec.MsgspecError,
)  # fmt: skip
"""What the fast way raises for a line that is not for it."""

_MOST_SHAPES = 10_000
_TOGETHER = 200
"""Assertions that are written at once: what is joined for that stays in a cache of the processor."""
DIGITS: Final = 3
"""Of a digest, how many tell its bucket."""
MOST_BUCKETS: Final = 16**DIGITS


@dataclass(frozen=True)
class Division:
    """Which bucket a record belongs to: one of `hashed` by its digest, or a line by the first that begins behind it."""

    hashed: int
    subjects: tuple[bytes, ...]
    """Where buckets of lines begin, but the first."""

    def bucket(self, digits: bytes) -> int:
        """Give the bucket of digests that begin with so many digits."""
        return int(digits, 16) * self.hashed >> 4 * DIGITS

    def by_digest(self, buckets: Buckets) -> dict[bytes, list[bytes]]:
        """Give the bucket of each beginning of a digest."""
        beginnings = (f"{first:0{DIGITS}x}".encode() for first in range(16**DIGITS))
        return {digits: buckets[self.bucket(digits)] for digits in beginnings}


@dataclass(frozen=True)
class Setting:
    """All that a worker has to know, the same for every one."""

    inputs: Sequence[Input]
    positions: Positions
    declared: Declared
    ontology: Ontology
    choices: Mapping[str, tuple[str, ...]]
    base: str
    form: Form
    include_restricted: bool
    watched: Watched
    folder: Path
    division: Division
    spill: int
    """Bytes of lines after which what they say is written to the disk."""
    unsorted: Path | None = None
    """Where lines are appended as they come; None if they are kept to be sorted."""


class Task(NamedTuple):
    """A range to be read, and the number of its first line."""

    range: Range
    first: int


@dataclass(slots=True)
class Result:
    """What has been read in all."""

    said: list[Run] = field(default_factory=list)
    lines: list[Run] = field(default_factory=list)
    reached: Reached = field(default_factory=Reached)
    names: dict[bytes, bytes | None] = field(default_factory=dict)
    """The published digests of assertions that others correct, by their own; None if not published."""
    published: int = 0
    left_out: int = 0
    exact: int = 0
    """Lines that were read the exact way."""
    doubted: tuple[Shape, ...] = ()
    """Shapes that the fast way read differently from the exact one, and was not used for."""

    def add(self, other: Result) -> None:
        """Count in what another worker has read."""
        self.said += other.said
        self.lines += other.lines
        self.reached.add(other.reached)
        self.add_names(other.names)
        self.published += other.published
        self.left_out += other.left_out
        self.exact += other.exact
        self.doubted += other.doubted

    def add_names(self, names: Mapping[bytes, bytes | None]) -> None:
        """Note assertions that others correct; one of several equal ones may be published."""
        for own, name in names.items():
            self.names[own] = self.names.get(own) or name


class Kept:
    """What is said, in buckets, until it is written as runs."""

    def __init__(self, division: Division, spool: Spool) -> None:
        """Begin with empty buckets."""
        self._spool = spool
        self._keys = division.subjects
        self._said: Buckets = [[] for _ in range(division.hashed)]
        self._lines: Buckets = [[] for _ in range(len(division.subjects) + 1)]
        self._by_digest = division.by_digest(self._said)

    def add(self, found: Found) -> None:
        """Keep an assertion."""
        record, lines = found
        self._by_digest[record[:DIGITS]].append(record)
        for line in lines:
            self._lines[bisect_right(self._keys, line)].append(line)

    def add_line(self, line: bytes) -> None:
        """Keep a line of another subject."""
        self._lines[bisect_right(self._keys, line)].append(line)

    def write(self, result: Result) -> None:
        """Write what is kept, and keep nothing more."""
        for bucket in self._lines:
            if bucket:
                bucket[:] = set(bucket)
        result.said.append(self._spool.write(self._said))
        result.lines.append(self._spool.write(self._lines))


class Reader:
    """One worker: it reads ranges, and writes runs whenever it has read enough."""

    def __init__(self, setting: Setting, number: int) -> None:
        """Begin with nothing read."""
        self._setting = setting
        self._decode = msgspec.json.Decoder().decode
        self._encoder = Encoder(
            setting.declared, setting.ontology, setting.choices, setting.form, setting.base,
            include_restricted=setting.include_restricted, watched=setting.watched,
            as_lines=setting.unsorted is not None,
        )  # fmt: skip
        self._exact = Exact(
            setting.declared, setting.form, setting.base,
            include_restricted=setting.include_restricted, watched=setting.watched,
        )  # fmt: skip
        self._plans: dict[Shape, Plan | None] = {}
        self._kept = Kept(setting.division, Spool(setting.folder / f"read-{number}"))
        self._read = 0
        self._result = Result()
        gc.disable()  # nothing here makes cycles, and looking for them takes longer the more is kept

    def __call__(self, task: Task | None) -> tuple[Problem, ...] | Result:
        """Read a range, and give its problems; or, for None, give what was read in all."""
        if task is not None:
            return self._range(task)
        self._kept.write(self._result)
        result = self._result
        result.reached.add(self._encoder.take_reached())
        result.add_names(self._encoder.names)
        result.left_out += self._encoder.left_out
        return result

    def _range(self, task: Task) -> tuple[Problem, ...]:
        setting = self._setting
        file = setting.inputs[task.range.input]
        start = setting.positions.start(task.range.input)
        self._encoder.begin(file.shown)
        lines = read(file, task.range)
        suspect = is_suspect(lines.data)
        problems: list[Problem] = []
        found: list[Found] = []
        decode, encode, plans = self._decode, self._encoder.encode, self._plans
        number = task.first - 1
        for offset, line in lines:
            number += 1
            try:
                values = decode(line)
                if "class" in values and values["class"] is not None:
                    continue  # what describes something is read already
                plan = plans[(*values,)]
                if plan is None or (line.count(b'":') != len(values) and not stand_once(line)):
                    raise UnusualError
                if suspect and is_odd(line, values):
                    raise UnusualError
                said = encode(values, plan, start + offset)
                if said is not None:
                    found.append(said)
            except REFUSED:
                problems += self._unusual(line, Location(file.shown, number, 1), start + offset, found)
        if lines.too_long is not None:
            message = f"the line has more than {records.MAX_LINE:,} bytes; at most that many are read"
            problems.append(Problem(Location(file.shown, number + 1, 1), "too-large", message))
        self._keep(found)
        self._read += len(lines.data)
        if self._read >= setting.spill:
            self._kept.write(self._result)
            self._read = 0
        return tuple(problems[: MAX_PROBLEMS + 1])

    # ------------------------------------------------------------ lines that need more than the fast way

    def _unusual(
        self, line: bytes, location: Location, position: int, found: list[Found]
    ) -> tuple[Problem, ...]:
        """Read a line the exact way, and see whether others like it can go the fast way."""
        values = decoded(line)
        if not line.strip() or values.get("class") is not None:
            return ()  # what describes something is read already
        self._result.exact += 1
        reading = self._setting.declared.line(line, location.path, location.line)
        reached = Reached()
        published: list[Said] = []
        for own, shown in self._shown(reading):
            if shown is None:
                self._result.left_out += 1
                continue
            self._exact.reach(shown, reached)
            if shown.corrects is None:  # the others have to wait for the names of those that they correct
                published.append(self._exact.said(own, shown, reading.entities, position))
        exact: Sequence[Found] = published
        if self._setting.unsorted is not None:
            exact = [self._setting.form.whole(said) for said in published]
        found += exact
        self._result.reached.add(reached)
        if len(reading.assertions) == 1 and not reading.problems:
            self._learn(values, exact, reached)
        return reading.problems

    def _shown(self, reading: Reading) -> Iterator[tuple[Assertion, Assertion | None]]:
        for own in reading.assertions:
            shown = self._exact.shown(own, reading.entities)
            if (name := own.digest().encode()) in self._setting.watched.corrected:
                self._result.add_names({name: shown.digest().encode() if shown else None})
            yield own, shown

    def _learn(self, values: Mapping[str, Any], published: Sequence[Found], reached: Reached) -> None:
        """Let lines of this shape go the fast way, if it gives the same for this line."""
        shape = (*values,)
        if shape in self._plans or len(self._plans) >= _MOST_SHAPES:
            return
        found = self._plans[shape] = plan(shape, self._setting.ontology)
        if found is None:
            return
        encoder = self._encoder
        self._result.reached.add(encoder.take_reached())
        left_out = encoder.left_out
        try:
            said = encoder.encode(values, found, 0)
        except REFUSED:
            del self._plans[shape]  # this line was unusual; another one may tell
        else:
            fast = [self._compared(*said)] if said else []
            if fast != [self._compared(*each) for each in published] or encoder.take_reached() != reached:
                self._plans[shape] = None
                self._result.doubted += (shape,)
        finally:
            encoder.take_reached()
            encoder.left_out = left_out

    def _compared(self, record: bytes, lines: Sequence[bytes]) -> tuple[object, ...]:
        text = record if self._setting.unsorted is not None else self._setting.form.lines(record)
        return set(text.split(b"\n")), set(lines)

    # ------------------------------------------------------------ what is kept

    def _keep(self, found: list[Found]) -> None:
        """Keep what a range says until it is written, or write it as it is."""
        self._result.published += len(found)
        if self._setting.unsorted is not None:
            for first in range(0, len(found), _TOGETHER):
                append(self._setting.unsorted, _text(found[first : first + _TOGETHER]))
            return
        for said in found:
            self._kept.add(said)


def _text(found: Sequence[Found]) -> bytes:
    parts = []
    for text, lines in found:
        parts.append(text)
        for line in lines:
            parts += (line, b"\n")
    return b"".join(parts)


def append(path: Path, lines: bytes) -> None:
    """Add whole lines to a file, as others do at the same time."""
    with path.open("ab", buffering=0) as file:
        rest = memoryview(lines)
        while rest:
            rest = rest[file.write(rest) :]
