"""What stands in a table, whatever file it came from: grids of cells, as a person sees them."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kg import columns
from kg.problems import Location, Problem

MAX_ROW: Final = 1_048_576
"""The last row of a sheet of Excel and LibreOffice."""
MAX_COLUMN: Final = 16_384
"""The last column: XFD."""
MAX_TEXT: Final = 32_767
"""Characters that a cell of a workbook holds; a cell of a CSV may hold more."""
MAX_AREA: Final = 10_000_000
"""Rows times columns of the largest table that is read."""


class Kind(StrEnum):
    """What a cell holds; a cell of a CSV holds text, nothing, or an error that a spreadsheet left."""

    EMPTY = " "
    TEXT = "t"
    NUMBER = "n"
    DATE = "d"
    """A day, or a day with a time; text is ISO 8601, or ``2017`` and ``2017-05`` where no more is shown."""
    TIME = "h"
    BOOLEAN = "b"
    ERROR = "e"
    """Such as ``#N/A``, which is its text."""
    FORMULA = "f"
    """A formula whose result the file does not hold: nobody has calculated it."""
    YEARLESS = "y"
    """A date that is shown without its year: the spreadsheet may have made the year up."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `row` and `column` count from 1."""

    text: str
    kind: Kind
    row: int
    column: int

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing but spaces can be seen in it."""
        return self.kind is not Kind.FORMULA and not self.text.strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; cells behind the last one that does are left off."""

    number: int
    texts: tuple[str, ...]
    kinds: str
    """The value of each cell's `Kind`."""

    def __len__(self) -> int:
        """Give the number of the last column that holds something."""
        return len(self.texts)

    def __getitem__(self, column: int) -> Cell:
        """Give the cell of a column, counted from 1; behind the last one, an empty cell."""
        if column <= len(self.texts):
            return Cell(self.texts[column - 1], Kind(self.kinds[column - 1]), self.number, column)
        return Cell("", Kind.EMPTY, self.number, column)

    def __iter__(self) -> Iterator[Cell]:
        """Give the cells in order, empty ones too."""
        return (self[column] for column in range(1, len(self.texts) + 1))

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing but spaces can be seen in it."""
        return Kind.FORMULA not in self.kinds and not any(text.strip() for text in self.texts)

    def digest(self) -> str:
        """Give the SHA-256 of the texts of its cells as a JSON array, without the empty ones at its end."""
        said = json.dumps(self.texts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of cells that are shown as one; bounds are included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        """Give the form that spreadsheets show: ``A4:B6``."""
        first = f"{columns.letters(self.first_column)}{self.first_row}"
        return f"{first}:{columns.letters(self.last_column)}{self.last_row}"


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a workbook, or one CSV, whose `sheet` is ``''``.

    What stands in merged cells holds for every row that they span: it is repeated downward, in their first
    column; their other columns are empty. `merges` tells where that was.
    """

    file: str
    """As it shall stand in messages."""
    sheet: str
    rows: tuple[Row, ...]
    """Those that hold something, in order."""
    merges: tuple[Merge, ...] = ()

    def location(self, row: int, column: int = 1) -> Location:
        """Give a place for messages: ``book.xlsx!Sheet1!D17``, or ``list.csv:17:4``.

        Rows and columns count from 1 as a spreadsheet shows them, the header included.
        """
        cell = f"{_quoted(self.sheet)}!{_letters(column)}{row}" if self.sheet else ""
        return Location(self.file, row, column, cell)

    def problem(self, cell: Cell) -> Problem | None:
        """Give what is wrong with a cell that is needed; None if its text can be taken as it stands."""
        said = _wrong(cell)
        return Problem(self.location(cell.row, cell.column), *said) if said else None

    @property
    def width(self) -> int:
        """Give the number of the last column that holds something."""
        return max(map(len, self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of one file, and what its reader should know but need not mend."""

    grids: tuple[Grid, ...]
    notices: tuple[Problem, ...] = ()


_letters = lru_cache(maxsize=MAX_COLUMN)(columns.letters)


def row_of(number: int, texts: Sequence[str], kinds: str) -> Row | None:
    """Give a row without the empty cells at its end, or None if there is nothing else in it."""
    width = len(kinds.rstrip(" "))
    return Row(number, tuple(texts[:width]), kinds[:width]) if width else None


def fill_down(rows: Sequence[Row], merges: Sequence[Merge]) -> tuple[tuple[Row, ...], list[Cell]]:
    """Repeat what stands in merged cells downward; give the rows, and cells that the merge had covered.

    Only rows that hold something else are filled.
    """
    if not merges:
        return tuple(rows), []
    place = {row.number: index for index, row in enumerate(rows)}
    changed = list(rows)
    covered: list[Cell] = []
    for merge in merges:
        top = place.get(merge.first_row)
        first = rows[top][merge.first_column] if top is not None else None
        for number in _within(merge, place):
            index = place[number]
            for column in range(merge.first_column, min(merge.last_column, len(changed[index])) + 1):
                if (number, column) == (merge.first_row, merge.first_column):
                    continue
                old = changed[index][column]
                if not old.is_blank:
                    covered.append(old)
                if old.kind is not Kind.EMPTY:
                    changed[index] = _with(changed[index], column, "", Kind.EMPTY)
            if first is not None and number != merge.first_row:
                changed[index] = _with(changed[index], merge.first_column, first.text, first.kind)
    filled = (row_of(row.number, row.texts, row.kinds) for row in changed)
    return tuple(row for row in filled if row is not None), covered


def _within(merge: Merge, place: Iterable[int]) -> list[int]:
    numbers = range(merge.first_row, merge.last_row + 1)
    if isinstance(place, dict) and len(numbers) < len(place):
        return [number for number in numbers if number in place]
    return [number for number in place if number in numbers]


def _with(row: Row, column: int, text: str, kind: Kind) -> Row:
    texts, kinds = list(row.texts), list(row.kinds)
    while len(texts) < column:
        texts.append("")
        kinds.append(Kind.EMPTY)
    texts[column - 1], kinds[column - 1] = text, kind
    return replace(row, texts=tuple(texts), kinds="".join(kinds))


def number_text(value: float) -> str:
    """Give a number with the 15 digits that spreadsheets keep, and without an exponent while they do.

    >>> number_text(20170514.0), number_text(1.5), number_text(123456789012345678.0)
    ('20170514', '1.5', '1.23456789012346e+17')
    """
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e-" in text else "0" if text == "-0" else text


def date_text(value: datetime.datetime) -> str:
    """Give a date in ISO 8601, with its time unless that is midnight.

    >>> date_text(datetime.datetime(2017, 5, 14)), date_text(datetime.datetime(2017, 5, 14, 13, 30))
    ('2017-05-14', '2017-05-14T13:30:00')
    """
    if value.microsecond >= 500_000:  # a fraction of a day holds no whole second exactly
        value += datetime.timedelta(seconds=1)
    value = value.replace(microsecond=0)
    return (
        value.date().isoformat() if value.time() == datetime.time() else value.isoformat(timespec="seconds")
    )


def _wrong(cell: Cell) -> tuple[str, str] | None:
    """Give code and message."""
    if cell.kind is Kind.ERROR:
        message = f"the cell shows the error {cell.text!r}; mend its formula, or write the value"
        return "cell-error", message
    if cell.kind is Kind.FORMULA:
        return (
            "formula-without-value",
            "the cell holds a formula, and the file does not hold its result; open it in a spreadsheet and "
            "save it there, or write the value",
        )
    if cell.kind is Kind.YEARLESS:
        return (
            "year-not-shown",
            f"the cell shows a day without its year, and the spreadsheet has taken {cell.text[:4]}; write "
            f"the date with its year, such as {cell.text}",
        )
    if cell.kind is Kind.NUMBER and "e" in cell.text:
        message = (
            f"of the number {cell.text} the spreadsheet keeps only 15 digits; if it is an identifier, format "
            "the column as text and write it again"
        )
        return "digits-lost", message
    return None


@lru_cache(maxsize=1024)
def _quoted(sheet: str) -> str:
    """Give the name of a sheet as formulas call it: in quotes if it holds more than letters and digits."""
    return sheet if re.fullmatch(r"\w+", sheet) else "'" + sheet.replace("'", "''") + "'"
