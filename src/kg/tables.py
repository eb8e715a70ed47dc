"""Tables in our own form as records: what each row of a CSV, an XLSX or an ODS says.

Strict where guessing would put words into a report's mouth: an empty cell is empty, and a value holds for the
rows below only where a ditto mark or merged cells say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from kg import grids
from kg.fields import Fields
from kg.grids import Grid, Row
from kg.nodes import List, Map, Node, Scalar, unfit
from kg.ontology import Ontology
from kg.problems import Location, Problem
from kg.table_form import (
    ASSERTIONS,
    CLASSES,
    DITTO,
    LISTS,
    SHEETS,
    columns,
    heading,
    nested,
    split,
    unguard,
    unquote,
)

SUFFIXES: Final = grids.SUFFIXES
"""What the names of tables end in."""


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one file, and what its author should know but need not mend."""

    records: tuple[Map, ...]
    notices: tuple[Problem, ...] = ()


def read(data: bytes, path: str, ontology: Ontology, fields: Fields) -> Table:
    """Give the records of a table; faults are noted in `fields`, each at its cell.

    What a sheet holds is told by its name, what a CSV holds by the end of its own: ``list.entities.csv``.
    A CSV with another name, and the only sheet of a workbook, hold assertions.

    Raises:
        LimitError: the file is too large, packed or unpacked.
    """
    try:
        book = grids.read(data, path)
    except grids.FaultyTableError as error:
        fields.problem_at(error.problem.location, error.problem.code, error.problem.message)
        return Table(())
    expected = (n for n in book.notices if n.code != "hidden-sheet" or "sheet '#" not in n.message)
    reading = _Reading(ontology, fields, list(expected))
    found = [_Sheet(grid, name) for grid in book.grids if (name := reading.kind(grid, book.grids))]
    for sheet in found:
        reading.open(sheet)
    if not any(sheet.rows for sheet in found):
        message = "no row beneath a header: the table says nothing"
        reading.notices.append(Problem(Location(path, 1, 1), "empty-table", message))
    reading.take_report(found)
    records = [record for sheet in found for record in reading.records(sheet)]
    return Table(tuple(records), tuple(reading.notices))


@dataclass(slots=True)
class _Sheet:
    """One sheet on its way through the reader."""

    grid: Grid
    kind: str
    header: dict[int, Scalar] = field(default_factory=dict)
    """Column number and key, with the cell of the heading."""
    unnamed: tuple[int, ...] = ()
    """Columns without a heading."""
    rows: tuple[Row, ...] = ()
    report: Scalar | None = None
    """The report of every row, where there is no column for it."""

    def column(self, key: str) -> int | None:
        return next((column for column, name in self.header.items() if name.text == key), None)


class _Reading:
    def __init__(self, ontology: Ontology, fields: Fields, notices: list[Problem]) -> None:
        self._ontology = ontology
        self._fields = fields
        self.notices = notices
        self._described: set[tuple[object, ...]] = set()

    # ------------------------------------------------------------ sheets and headers

    def kind(self, grid: Grid, all_: Sequence[Grid]) -> str | None:
        """Give what a sheet holds, or None if it is left out."""
        if not grid.sheet:
            middle = PurePosixPath(grid.file.lower()).stem.rpartition(".")[2]
            return middle if middle in SHEETS else ASSERTIONS
        name = heading(grid.sheet)
        if name in SHEETS:
            return name
        if name.startswith("#") or not grid.rows:
            return None
        if len([other for other in all_ if other.rows]) == 1:
            return ASSERTIONS
        near = self._fields.nearest(name, SHEETS)
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(SHEETS)}"
        message = f"no sheet of ours is called {grid.sheet!r}; {right} A name that begins with # is left out"
        self._fields.problem_at(grid.location(1), "unknown-sheet", message)
        return None

    def open(self, sheet: _Sheet) -> None:
        """Take the first row that holds something as header."""
        rows = [row for row in sheet.grid.rows if not row.is_blank]
        if not rows:
            return
        self._read_header(sheet, rows[0])
        sheet.rows = tuple(rows[1:])
        sheet.unnamed = tuple(c for c in range(1, sheet.grid.width + 1) if not rows[0][c].text.strip())
        self._check_merges(sheet)

    def _read_header(self, sheet: _Sheet, row: Row) -> None:
        known = columns(sheet.kind, self._ontology)
        first: dict[str, Location] = {}
        for cell in row:
            location = sheet.grid.location(cell.row, cell.column)
            if (problem := sheet.grid.problem(cell)) is not None:
                self._tell(problem)
            key = heading(unguard(cell.text))
            if not key or key.startswith("#"):
                continue
            if key not in known:
                self._unknown_column(cell.text, known, sheet.kind, location)
            elif key in first:
                message = f"the column {key!r} stands already at {first[key]}; keep one of the two"
                self._fields.problem_at(location, "repeated-column", message)
            else:
                first[key] = location
                sheet.header[cell.column] = Scalar(key, False, location)
        needed = "predicate" if sheet.kind == ASSERTIONS else "class" if sheet.kind == "entities" else "key"
        if needed not in first:
            message = (
                f"the header has no column {needed!r}; the first row names the columns: {', '.join(known)}"
            )
            self._fields.problem_at(sheet.grid.location(row.number), "missing-column", message)
            sheet.header.clear()

    def _unknown_column(self, text: str, known: Sequence[str], kind: str, location: Location) -> None:
        near = self._fields.nearest(heading(text), known)
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}."
        if kind == ASSERTIONS and heading(text) in self._ontology.predicates:
            right = "it is a predicate: write it in the column predicate, and its value in object."
        told = f"no column of {kind} is called {text.strip()!r}; {right}"
        message = f"{told} A heading that begins with # is left out"
        self._fields.problem_at(location, "unknown-column", message)

    def _check_merges(self, sheet: _Sheet) -> None:
        """Report cells merged across columns: which of these the value belongs to cannot be told."""
        known = sheet.header
        for merge in sheet.grid.merges:
            across = any(merge.first_column < column <= merge.last_column for column in known)
            if across and sheet.rows and merge.last_row >= sheet.rows[0].number:
                message = f"the cells {merge} are merged across columns; unmerge them, and fill each column"
                place = sheet.grid.location(merge.first_row, merge.first_column)
                self._fields.problem_at(place, "merged-across", message)

    def take_report(self, sheets: Sequence[_Sheet]) -> None:
        """Let what has no column for the report belong to the one that the same workbook describes."""
        described = [sheet for sheet in sheets if sheet.kind == "reports" and len(sheet.rows) == 1]
        if len(described) != 1 or sum(sheet.kind == "reports" for sheet in sheets) > 1:
            return
        (only,) = described
        column = only.column("key")
        if column is None:
            return
        text, _ = unquote(unguard(only.rows[0][column].text))
        location = only.grid.location(only.rows[0].number, column)
        for sheet in sheets:
            if sheet.kind in (ASSERTIONS, "sources", "entities") and sheet.column("report") is None:
                sheet.report = Scalar(text, True, location)

    # ------------------------------------------------------------ rows

    def records(self, sheet: _Sheet) -> Iterator[Map]:
        """Give a record for each row; a description that stands there twice, word for word, is one."""
        above: dict[int, Scalar] = {}
        predicate = sheet.column("predicate")
        for row in sheet.rows if sheet.header else ():
            above = dict(self._cells(sheet, row, above))
            record = self._record(sheet, row, above, predicate) if above else None
            if record is None:
                continue
            if sheet.kind != ASSERTIONS:
                said = (
                    sheet.kind,
                    *((key.text, above[c].text) for c, key in sheet.header.items() if c in above),
                )
                if said in self._described:
                    continue
                self._described.add(said)
            yield record

    def _cells(self, sheet: _Sheet, row: Row, above: Mapping[int, Scalar]) -> Iterator[tuple[int, Scalar]]:
        """Give what stands in the columns that are known: text as typed, a ditto mark as what it repeats."""
        for column in sheet.unnamed:
            if column <= len(row.texts) and row.texts[column - 1].strip():
                self._stray(sheet, row, column)
        width = len(row)
        for column in sheet.header:
            if column > width or row.kinds[column - 1] == " ":
                continue
            location = sheet.grid.location(row.number, column)
            if row.kinds[column - 1] != "t" and (problem := sheet.grid.problem(row[column])) is not None:
                self._tell(problem)
                continue
            text = unguard(row.texts[column - 1])
            bare = text.strip()
            if bare in DITTO:
                if column in above:
                    yield column, Scalar(above[column].text, False, location)
                else:
                    message = f"{bare} repeats the cell above, which is empty; write the value"
                    self._fields.problem_at(location, "nothing-to-repeat", message)
            elif fault := unfit(text):
                code, message = fault
                self._fields.problem_at(location, "bad-text" if code == "yaml-syntax" else code, message)
            elif bare:
                yield column, Scalar(text, False, location)

    def _stray(self, sheet: _Sheet, row: Row, column: int) -> None:
        message = (
            f"{row.texts[column - 1][:60]!r} stands in a column without a heading; "
            "give it one, or one that begins with # to have it left out"
        )
        self._fields.problem_at(sheet.grid.location(row.number, column), "no-heading", message)

    def _record(
        self, sheet: _Sheet, row: Row, cells: Mapping[int, Scalar], predicate: int | None
    ) -> Map | None:
        here = sheet.grid.location(row.number)
        entries: list[tuple[Scalar, Node]] = []
        inner: dict[str, list[tuple[Scalar, Node]]] = {}
        if sheet.kind in CLASSES:
            entries.append((Scalar("class", False, here), Scalar(CLASSES[sheet.kind], False, here)))
        said = cells.get(predicate) if predicate is not None else None
        takes_key = said is not None and self._takes_key(said)
        for column, key in sheet.header.items():
            if (cell := cells.get(column)) is None:
                continue
            if place := nested(sheet.kind, key.text):
                inner.setdefault(place[0], []).append((Scalar(place[1], False, cell.location), _scalar(cell)))
            else:
                name = Scalar(key.text, False, cell.location)  # a fault of the key is one of this row
                entries.append((name, self._value(key.text, cell, takes_key)))
        entries += [(Scalar(name, False, here), Map(tuple(found), here)) for name, found in inner.items()]
        keys = {key.text for key, _ in entries}
        if sheet.report is not None and (sheet.kind != "entities" or "unnamed" in keys):
            entries.append((Scalar("report", False, here), Scalar(sheet.report.text, True, here)))
        for needed, right in _NEEDED.get(sheet.kind, {}).items():
            if needed not in keys:
                self._fields.problem_at(here, "missing-key", f"{needed} is missing; write {right}")
                return None
        return Map(tuple(entries), here)

    def _takes_key(self, predicate: Scalar) -> bool:
        """Tell whether the object of a row is a key, of which several may stand in a cell."""
        property_ = self._ontology.predicates.get(unquote(predicate.text)[0])
        return property_ is not None and property_.takes_entity

    def _value(self, key: str, cell: Scalar, takes_key: bool) -> Node:
        if key == "names":
            return self._names(cell)
        if key in LISTS or (key == "object" and takes_key):
            items = tuple(Scalar(text, quoted, cell.location) for text, quoted in split(cell.text))
            return items[0] if len(items) == 1 else List(items, cell.location)
        scalar = _scalar(cell)
        if key == "object" and scalar.quoted:
            return Map(((Scalar("text", False, cell.location), scalar),), cell.location)
        return scalar

    def _names(self, cell: Scalar) -> Map:
        """Give names by language tag: ``kk: Аман; ru: Аман``."""
        found: dict[str, list[Node]] = {}
        for text, _ in split(cell.text):
            tag, colon, name = text.partition(":")
            if not colon:
                message = f"{text!r} has no language; write it as kk: {text}, or in the column also"
                self._fields.problem_at(cell.location, "bad-name", message)
            else:
                name = name.removeprefix(" ")
                found.setdefault(tag.strip(), []).append(Scalar(name, True, cell.location))
        return Map(
            tuple(
                (Scalar(tag, False, cell.location), List(tuple(names), cell.location))
                for tag, names in found.items()
            ),
            cell.location,
        )

    # ------------------------------------------------------------ what is told

    def _tell(self, problem: Problem) -> None:
        self._fields.problem_at(problem.location, problem.code, problem.message)


_NEEDED: Final = {
    ASSERTIONS: {"predicate": "one such as detained-at"},
    "entities": {"class": "what it is, such as person"},
}
"""What tells what a row says, and what would be right where it is missing."""


def _scalar(cell: Scalar) -> Scalar:
    text, quoted = unquote(cell.text)
    return Scalar(text, quoted, cell.location)
