"""Sheets of an ODS workbook (OpenDocument 1.3, part 3), read from its XML.

calamine reads ODS too, but loses line breaks and tabs within cells, knows no merged cells, and stops at white
space between them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from xml.parsers import expat

from kg.archives import Archive
from kg.cells import MAX_AREA, MAX_COLUMN, MAX_ROW, Kind, Merge, Row, date_text, number_text, row_of
from kg.problems import KgError, LimitError

PART: Final = "content.xml"

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT = f"{_NS}table:1.0 ", f"{_NS}office:1.0 ", f"{_NS}text:1.0 "
_STYLE = f"{_NS}style:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_CELLS: Final = frozenset((f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))
_TABLE_TABLE, _TABLE_ROW = f"{_TABLE}table", f"{_TABLE}table-row"
_ROWS_REPEATED, _COLUMNS_REPEATED = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_ROWS_SPANNED, _COLUMNS_SPANNED = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-spanned"
_FORMULA, _CALC_TYPE = f"{_TABLE}formula", f"{_CALC}value-type"
_VALUE_TYPE, _VALUE, _STRING = f"{_OFFICE}value-type", f"{_OFFICE}value", f"{_OFFICE}string-value"
_PARAGRAPHS: Final = frozenset((f"{_TEXT}p", f"{_TEXT}h"))
_WHITE = re.compile("[ \t\r\n]+")
# White space of a paragraph is folded (6.1.2), though LibreOffice keeps it at the end. What stands for itself
# goes through as characters that no XML can hold.
_SPACE, _TAB, _BREAK = "\x00", "\x01", "\x02"
_STANDING: Final = str.maketrans({_SPACE: " ", _TAB: "\t", _BREAK: "\n"})
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|Err:[0-9]{3}")


def sheets(
    data: bytes, archive: Archive
) -> list[tuple[str, bool, Callable[[], tuple[list[Row], list[Merge]]]]]:
    """Give the sheets of a workbook: name, whether it is hidden, and a function that gives its rows.

    Raises:
        KgError: it is no workbook that can be read.
        LimitError: it has more cells than are read.
    """
    if "META-INF/manifest.xml" in archive.names and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise KgError("the workbook has a password; save it without one")
    reading = _Reading()
    reading.parse(archive.read(PART))
    return [(sheet.name, sheet.style in reading.hidden, partial(_found, sheet)) for sheet in reading.sheets]


def notices(archive: Archive) -> Iterator[tuple[str, str]]:
    """Give code and message for what a workbook holds and is not read."""
    if any(name.startswith(("Basic/", "Scripts/")) and name.count("/") > 1 for name in archive.names):
        yield "macros", "the workbook holds macros; they are not run"


@dataclass(slots=True)
class _Sheet:
    name: str
    style: str
    rows: list[Row] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    number: int = 0
    """Rows that have ended."""


def _found(sheet: _Sheet) -> tuple[list[Row], list[Merge]]:
    return sheet.rows, sheet.merges


class _Reading:
    """The events of one document."""

    def __init__(self) -> None:
        self.sheets: list[_Sheet] = []
        self.hidden: set[str] = set()
        self._area = 0
        self._style = ""
        self._row_repeats = 1
        self._texts: list[str] = []
        self._kinds: list[str] = []
        self._blanks = 0
        """Empty cells behind them."""
        self._cell: dict[str, str] | None = None
        self._aside = 0
        """Elements of a cell, open now, whose text is not the cell's: a comment, a picture."""
        self._paragraphs: list[str] = []
        self._pieces: list[str] | None = None

    def parse(self, xml: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(xml, True)
        except expat.ExpatError as error:
            raise KgError(f"the file is damaged: {error}") from error

    # ------------------------------------------------------------ events

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._cell is not None:
            self._within(tag, attributes)
        elif tag in _CELLS:
            self._cell = attributes
        elif tag == _TABLE_ROW:
            self._row_repeats = _number(attributes, _ROWS_REPEATED)
            self._texts, self._kinds, self._blanks = [], [], 0
        elif tag == _TABLE_TABLE:
            name = attributes.get(f"{_TABLE}name", f"Sheet{len(self.sheets) + 1}")
            self.sheets.append(_Sheet(name, attributes.get(f"{_TABLE}style-name", "")))
        elif tag == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif tag == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self.hidden.add(self._style)

    def _within(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element inside a cell."""
        if self._aside:
            self._aside += 1
        elif not tag.startswith(_TEXT):
            self._aside = 1
        elif self._pieces is None:
            self._pieces = [] if tag in _PARAGRAPHS else None
        elif tag == f"{_TEXT}s":
            self._pieces.append(_SPACE * min(_number(attributes, f"{_TEXT}c"), MAX_AREA))
        elif tag == f"{_TEXT}tab":
            self._pieces.append(_TAB)
        elif tag == f"{_TEXT}line-break":
            self._pieces.append(_BREAK)

    def _characters(self, text: str) -> None:
        if self._pieces is not None and not self._aside:
            self._pieces.append(text)

    def _end(self, tag: str) -> None:
        if self._aside:
            self._aside -= 1
        elif self._pieces is not None:
            if tag in _PARAGRAPHS:
                folded = _WHITE.sub(" ", "".join(self._pieces)).lstrip(" ")
                self._paragraphs.append(folded.translate(_STANDING))
                self._pieces = None
        elif self._cell is not None:
            if tag in _CELLS:
                self._end_cell(self._cell)
                self._cell = None
                self._paragraphs = []
        elif tag == _TABLE_ROW and self.sheets:
            self._end_row(self.sheets[-1])

    # ------------------------------------------------------------ cells and rows

    def _end_cell(self, attributes: dict[str, str]) -> None:
        text, kind = _value(attributes, "\n".join(self._paragraphs))
        repeats = _number(attributes, _COLUMNS_REPEATED) if _COLUMNS_REPEATED in attributes else 1
        column = len(self._texts) + self._blanks + 1
        if _ROWS_SPANNED in attributes or _COLUMNS_SPANNED in attributes:
            self._merge(column, _number(attributes, _ROWS_SPANNED), _number(attributes, _COLUMNS_SPANNED))
        if kind == Kind.EMPTY:
            self._blanks += repeats  # thousands at the end of every row, which nobody needs
            return
        if column + repeats > MAX_COLUMN + 1:
            raise LimitError(f"a row has more than {MAX_COLUMN:,} cells, the limit")
        self._texts += [""] * self._blanks + [text] * repeats
        self._kinds += [Kind.EMPTY] * self._blanks + [kind] * repeats
        self._blanks = 0

    def _merge(self, column: int, rows: int, columns: int) -> None:
        if self.sheets and (rows > 1 or columns > 1):
            row = self.sheets[-1].number + 1
            self.sheets[-1].merges.append(Merge(row, column, row + rows - 1, column + columns - 1))

    def _end_row(self, sheet: _Sheet) -> None:
        first = sheet.number + 1
        sheet.number += self._row_repeats
        row = row_of(first, self._texts, "".join(self._kinds))
        if row is None:
            return
        self._area += len(row) * self._row_repeats
        if self._area > MAX_AREA or sheet.number > MAX_ROW:
            message = f"sheet {sheet.name!r} has more than {MAX_AREA:,} cells, the limit; divide it"
            raise LimitError(message)
        sheet.rows += [Row(number, row.texts, row.kinds) for number in range(first, sheet.number + 1)]


def _refuse(*_: object) -> None:
    raise KgError("the file holds a document type, which no workbook has")


def _number(attributes: dict[str, str], name: str) -> int:
    """Give a count, 1 where there is none."""
    text = attributes.get(name, "1")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 1


def _value(attributes: dict[str, str], shown: str) -> tuple[str, str]:
    """Give text and kind of a cell."""
    type_ = attributes.get(_VALUE_TYPE, "")
    if type_ == "string" and _FORMULA not in attributes:
        text = attributes.get(_STRING, shown)
        return text, Kind.TEXT if text else Kind.EMPTY
    formula = _FORMULA in attributes
    if attributes.get(_CALC_TYPE) == "error" or (formula and _ERROR.fullmatch(shown)):
        return shown or "#ERROR", Kind.ERROR
    if not type_ and not shown:
        return "", Kind.FORMULA if formula else Kind.EMPTY
    if type_ in ("float", "percentage", "currency"):
        try:
            return number_text(float(attributes.get(_VALUE, ""))), Kind.NUMBER
        except ValueError:
            return shown, Kind.TEXT
    if type_ == "date":
        return _date(attributes.get(f"{_OFFICE}date-value", ""), shown)
    if type_ == "boolean":
        return attributes.get(f"{_OFFICE}boolean-value", "").upper(), Kind.BOOLEAN
    if type_ == "time":
        return _time(attributes.get(f"{_OFFICE}time-value", "")) or shown, Kind.TIME
    text = attributes.get(_STRING, shown)
    return text, Kind.TEXT if text else Kind.EMPTY


def _date(value: str, shown: str) -> tuple[str, str]:
    try:
        date = datetime.datetime.fromisoformat(value)
    except ValueError:
        return shown or value, Kind.TEXT
    text = date_text(date)
    year = text[:4]
    if shown == year and text[4:] == "-01-01":
        return year, Kind.DATE
    if shown and f"{year[2:]}" not in shown:
        return text, Kind.YEARLESS
    if text[7:] == "-01" and re.fullmatch(
        rf"(?:[^\W\d_]+\.?|[0-9]{{1,2}})[\s./-]*(?:{year}|{year[2:]})", shown
    ):
        return text[:7], Kind.DATE
    return text, Kind.DATE


def _time(value: str) -> str:
    match = re.fullmatch(
        r"(-?)PT(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:[.,][0-9]*)?S)?", value
    )
    if match is None:
        return ""
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    return f"{match[1]}{hours:02}:{minutes:02}:{seconds:02}"
