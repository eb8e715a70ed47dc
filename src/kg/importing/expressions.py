"""What a map takes from a row: texts of cells, texts with cells in them, dates from two cells, conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Final, Protocol

from kg import dates
from kg.cells import Kind, Row
from kg.columns import letters
from kg.importing.patterns import Pattern
from kg.importing.reading import SEVERAL, Settings, Table
from kg.importing.rules import Fault, LeftOut, Outcome, Rule, Said, short
from kg.importing.texts import cleaned, fold, tidy

_SUSPECT: Final = frozenset((Kind.ERROR.value, Kind.FORMULA.value, Kind.YEARLESS.value))
_PLAIN: Final = frozenset((Kind.TEXT.value, Kind.EMPTY.value, Kind.DATE.value))
_KINDS: Final = {kind.value: kind for kind in Kind}


class RowView:
    """One row as the rules of a map see it; `seen` are the columns that a rule has taken account of."""

    __slots__ = ("_is_plain", "_settings", "key_of", "row", "seen", "table")

    def __init__(self, table: Table, row: Row, settings: Settings) -> None:
        """Begin with no column seen."""
        self.table = table
        self.row = row
        self.seen: set[int] = set()
        self.key_of: Callable[[str], str] = lambda _: ""
        self._settings = settings
        self._is_plain = table.is_objects or _PLAIN.issuperset(row.kinds)

    def raw(self, column: int) -> str:
        """Give the text of a column as it stands in the file."""
        texts = self.row.texts
        text = texts[column - 1] if column <= len(texts) else ""
        if SEVERAL in text and not self.table.is_objects:
            return text.replace(SEVERAL, "\x1e")  # a control character like any other
        return text

    def kind(self, column: int) -> Kind:
        """Give the kind of a cell."""
        kinds = self.row.kinds
        return _KINDS[kinds[column - 1]] if column <= len(kinds) else Kind.EMPTY

    def text(self, column: int) -> str:
        """Give the text of a column without needless blanks; '' if it counts as empty."""
        raw = self.raw(column)
        text = tidy(cleaned(raw) if self._settings.clean else raw)
        return "" if self._settings.empty and fold(text) in self._settings.empty else text

    def fault(self, column: int) -> Fault | None:
        """Give what is wrong with a cell that cannot be read: an error, or a formula without its result."""
        row = self.row
        if self._is_plain or column > len(row.kinds):
            return None
        kind = row.kinds[column - 1]
        if kind in _SUSPECT or (kind == Kind.NUMBER.value and len(row.texts[column - 1]) > 14):
            problem = self.table.grid.problem(row[column])
            return Fault(problem.code, problem.message) if problem else None
        return None


class Expression(Protocol):
    """Something that gives values of a row, each with the column that it comes from (0: no single one)."""

    @property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""

    def read(self, row: RowView) -> list[tuple[int, Outcome]]:
        """Give the values, and mark as seen the columns they come from."""


@dataclass(frozen=True)
class FromCells:
    """The texts of one column, or of each of several.

    With `first` only of the first that is not empty; with `join` those that are not empty, with this between
    them, as one text.
    """

    numbers: tuple[int, ...]
    rule: Rule
    first: bool = False
    join: str | None = None

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return frozenset(self.numbers)

    def read(self, row: RowView) -> list[tuple[int, Outcome]]:
        """Give the values, and mark as seen the columns they come from."""
        row.seen.update(self.numbers)
        if len(self.numbers) == 1:
            return self._cell(row, self.numbers[0])
        filled = [number for number in self.numbers if row.text(number) or row.fault(number)]
        if self.join is not None and not any(row.fault(number) for number in filled):
            text = self.join.join(row.text(number) for number in filled)
            return [(self.numbers[0], outcome) for outcome in self.rule.read(text)]
        if self.first or not filled:
            filled = (filled or list(self.numbers))[:1]
        return [found for number in filled for found in self._cell(row, number)]

    def _cell(self, row: RowView, number: int) -> list[tuple[int, Outcome]]:
        raw = row.raw(number)
        fault = row.fault(number)
        if fault is not None and not (raw and self.rule.covers(raw)):
            return [(number, fault)]
        return [(number, outcome) for outcome in self.rule.read(raw, row.kind(number))]


@dataclass(frozen=True, slots=True)
class Hole:
    """A place of a text that a row fills: with a column, or with something else that `name` says."""

    name: str
    column: int = 0


ROW, SHEET, FILE, VALUE = "#row", "#sheet", "#file", ""
OTHER_HOLES: Final = (ROW, SHEET, FILE, VALUE)
"""``{#row}``: the row's number; ``{#sheet}``, ``{#file}``: names; ``{}``: the value at hand."""


@dataclass(frozen=True)
class Template:
    """A text with holes: ``list of {Year}``."""

    parts: tuple[str | Hole, ...]

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        """The holes in order."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column in a hole."""
        return frozenset(hole.column for hole in self.holes if hole.column)

    def fill(self, row: RowView, value: str = "") -> tuple[str, list[Hole]]:
        """Give the text, and the holes for which this row has nothing."""
        texts, missing = [], []
        for part in self.parts:
            text = part if isinstance(part, str) else _filling(part, row, value)
            if isinstance(part, Hole) and not text:
                missing.append(part)
            texts.append(text)
        return tidy("".join(texts)), missing


def _filling(hole: Hole, row: RowView, value: str) -> str:
    if hole.column:
        return row.text(hole.column)
    match hole.name:
        case "#row":
            return str(row.row.number)
        case "#sheet":
            return row.table.grid.sheet
        case "#file":
            return PurePath(row.table.grid.file).stem
        case "":
            return value
    return row.key_of(hole.name.removeprefix("@"))


@dataclass(frozen=True)
class FromText:
    """A text of the map, with or without holes; empty if all its holes are, a fault if only some are."""

    template: Template
    rule: Rule
    fixed: tuple[Outcome, ...] | None = None
    """What a text without holes says; it was checked when the map was read."""

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return self.template.columns

    def read(self, row: RowView) -> list[tuple[int, Outcome]]:
        """Give the values, and mark as seen the columns they come from."""
        if self.fixed is not None:
            return [(0, outcome) for outcome in self.fixed]
        row.seen.update(self.columns)
        for column in sorted(self.columns):
            if fault := row.fault(column):
                return [(column, fault)]
        text, missing = self.template.fill(row)
        if missing and len(missing) == len(self.template.holes):
            text = ""
        elif missing:
            names = ", ".join(f"{{{hole.name}}}" for hole in missing)
            message = f"the text at {self.rule.where} needs {names}, which has nothing in this row"
            return [(missing[0].column, Fault("empty-hole", f"{message}; fill it in, or take another text"))]
        place = next(iter(self.columns)) if len(self.columns) == 1 else 0
        return [(place, outcome) for outcome in self.rule.read(text)]


@dataclass(frozen=True)
class FromTwoDates:
    """A date from two others: it lasted from the one to the other, or `within`: one day between them."""

    start: Expression | None
    end: Expression | None
    within: bool
    where: str

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return frozenset().union(*(side.columns for side in (self.start, self.end) if side is not None))

    def read(self, row: RowView) -> list[tuple[int, Outcome]]:
        """Give the values, and mark as seen the columns they come from."""
        sides = [side.read(row) if side else [] for side in (self.start, self.end)]
        faults: list[tuple[int, Outcome]] = [
            (place, found) for side in sides for place, found in side if not isinstance(found, Said)
        ]
        if faults:
            return faults
        if not any(sides):
            return []
        for side in sides:
            if len(side) > 1:
                message = f"several dates stand where {self.where} takes one"
                return [(side[0][0], Fault("several-values", message))]
        first, last = ("".join(found.text for _, found in side if isinstance(found, Said)) for side in sides)
        return [(sides[0][0][0] if sides[0] else sides[1][0][0], self._between(first, last))]

    def _between(self, first: str, last: str) -> Outcome:
        text = f"[{first}..{last}]" if self.within else f"{first}/{last}"
        if first and first == last and not self.within:
            text = first
        try:
            return Said(dates.parse(text).text)
        except ValueError as error:
            return Fault("bad-date", f"{error}; mend one of the two cells")


# ---------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class Test:
    """What one column has to be for a rule to hold; folded texts, patterns, or filled and empty."""

    column: int
    texts: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
    unlike: bool = False
    """The texts and patterns are those that it must not be; an empty cell is none of them."""
    empty: bool | None = None
    _memo: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def holds(self, row: RowView) -> bool:
        """Tell whether the row passes."""
        text = row.text(self.column)
        if self.empty is not None:
            return self.empty == (not text and row.fault(self.column) is None)
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._is_one(text) != self.unlike
        return known

    def _is_one(self, text: str) -> bool:
        return fold(text) in self.texts or any(pattern.match(text) for pattern in self.patterns)


@dataclass(frozen=True)
class Condition:
    """Lists of tests: it holds where all tests of any one list do."""

    any_of: tuple[tuple[Test, ...], ...]

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column that it looks at."""
        return frozenset(test.column for tests in self.any_of for test in tests)

    def holds(self, row: RowView) -> bool:
        """Tell whether the row passes; columns whose test is passed are marked as seen."""
        passed = False
        for tests in self.any_of:
            results = [test.holds(row) for test in tests]
            row.seen.update(test.column for test, result in zip(tests, results, strict=True) if result)
            passed = passed or all(results)
        return passed


def place_of(column: int, table: Table) -> str:
    """Give a column as people call it: ``D ('Ethnic group')``."""
    name = short(table.columns[column - 1], 40)
    return name if table.is_objects else f"{letters(column)} ({name})"


def only(found: Sequence[tuple[int, Outcome]]) -> tuple[int, Said] | None:
    """Give the one value there is, if there is one and nothing else."""
    if len(found) == 1 and isinstance(found[0][1], Said):
        return found[0][0], found[0][1]
    return None


def left_out(found: Sequence[tuple[int, Outcome]]) -> list[str]:
    """Give the reasons why values are left out."""
    return [outcome.because for _, outcome in found if isinstance(outcome, LeftOut)]
