"""Sheets of an XLSX workbook. Foreign code in it is never run, and nothing it links to is fetched.

calamine reads the cells; what it keeps silent about (errors, formulas without a result, dates shown without
day or year, cells in the far distance) is looked up in the XML of the same sheet.
"""

from __future__ import annotations

import datetime
import io
import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from xml.parsers import expat

from kg import columns
from kg.archives import Archive
from kg.cells import MAX_AREA, MAX_COLUMN, MAX_ROW, Kind, Merge, Row, date_text, number_text, row_of
from kg.problems import KgError, LimitError

WORKBOOK: Final = "xl/workbook.xml"

RawSheet = tuple[str, bool, Callable[[], tuple[list[Row], list[Merge]]]]
"""Name, whether it is hidden, and a function that reads it."""


def sheets(data: bytes, archive: Archive) -> list[RawSheet]:
    """Give the worksheets of a workbook, none of them read yet.

    Raises:
        KgError: it is no workbook that can be read.
    """
    book = _Book(data, archive)
    return [(name, hidden, partial(book.read, name)) for name, hidden in book.worksheets()]


def notices(archive: Archive) -> Iterator[tuple[str, str]]:
    """Give code and message for what a workbook holds and is not read."""
    names = [name.lower() for name in archive.names]
    if any(name.endswith("vbaproject.bin") for name in names):
        yield "macros", "the workbook holds macros; they are not run"
    if any(name.startswith("xl/externallinks/") for name in names):
        message = (
            "the workbook links to other files; they are not opened, and what it last took from them is read"
        )
        yield "external-links", message


class _Book:
    def __init__(self, data: bytes, archive: Archive) -> None:
        import python_calamine

        self._archive = archive
        self._parts = _parts(archive)
        self._shown = _partial_formats(archive)
        # Before the engine, which takes as much memory as the strings ask for.
        for name in archive.names:
            if name.lower() == "xl/sharedstrings.xml":
                archive.read(name)
        try:
            self._engine = python_calamine.load_workbook(io.BytesIO(data))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            # The engine tries all formats that it knows, and says no more than that none fits.
            said = str(error).replace("Cannot detect file format", "a part is damaged or missing")
            raise KgError(f"it cannot be read as a workbook: {said}") from error

    def worksheets(self) -> Iterator[tuple[str, bool]]:
        for sheet in self._engine.sheets_metadata:
            if str(sheet.typ).endswith(".WorkSheet"):
                yield sheet.name, not str(sheet.visible).endswith(".Visible")

    def read(self, name: str) -> tuple[list[Row], list[Merge]]:
        import python_calamine

        xml = self._archive.read(self._parts.get(name, f"{name}.xml"))
        _require_near(xml, name)
        try:
            sheet = self._engine.get_sheet_by_name(name)
            first_row, first_column = sheet.start or (0, 0)
            values = sheet.to_python()
            merged = sheet.merged_cell_ranges or []
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise KgError(f"sheet {name!r} cannot be read: {error}") from error
        special = _special(xml, self._shown)
        rows = list(_rows(values, first_row + 1, first_column, special))
        return rows, [Merge(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in merged]


# ---------------------------------------------------------------- values to text


def _rows(
    values: Sequence[Sequence[Any]], number: int, skipped: int, special: Mapping[int, list[_Special]]
) -> Iterator[Row]:
    before, blank = ("",) * skipped, " " * skipped
    # Rows of nothing but formulas without a result lie outside of what the engine gives.
    ends = number + len(values)
    for outside in sorted(line for line in special if line < number):
        yield from _corrected(outside, [], "", special[outside])
    for line, cells in enumerate(values, number):
        texts = [cell if type(cell) is str else _text(cell) for cell in cells]
        kinds = "".join([_KINDS[type(cell)] if cell != "" else " " for cell in cells])
        if line in special:
            yield from _corrected(line, [*before, *texts], blank + kinds, special[line])
        elif row := row_of(line, (*before, *texts), blank + kinds):
            yield row
    for outside in sorted(line for line in special if line >= ends):
        yield from _corrected(outside, [], "", special[outside])


_KINDS: Final[dict[type, str]] = {
    str: Kind.TEXT,
    float: Kind.NUMBER,
    int: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    datetime.date: Kind.DATE,
    datetime.datetime: Kind.DATE,
    datetime.time: Kind.TIME,
    datetime.timedelta: Kind.TIME,
}


def _text(value: Any) -> str:
    """Give a value as a spreadsheet shows it, but a date in ISO 8601.

    >>> _text(5.0), _text(0.1 + 0.2), _text(1e-7), _text(True), _text(datetime.date(2017, 5, 14))
    ('5', '0.3', '0.0000001', 'TRUE', '2017-05-14')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return date_text(value)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds")
    return str(value)


# ---------------------------------------------------------------- what only the XML tells


@dataclass(frozen=True, slots=True)
class _Special:
    """What a cell holds that the engine does not tell; `shown` cuts a date to what people see of it."""

    column: int
    kind: str
    text: str = ""
    shown: int = 0


def _corrected(number: int, texts: list[str], kinds: str, special: Iterable[_Special]) -> Iterator[Row]:
    found = list(kinds)
    for cell in special:
        if len(texts) < cell.column:
            missing = cell.column - len(texts)
            texts += [""] * missing
            found += [" "] * missing
        old, at = found[cell.column - 1], cell.column - 1
        if cell.kind == Kind.DATE:
            # Another day than the first was typed as such.
            if old == Kind.DATE and texts[at][cell.shown :] == "-01-01"[cell.shown - 4 :]:
                texts[at] = texts[at][: cell.shown]
        elif cell.kind == Kind.YEARLESS:
            if old == Kind.DATE:
                found[at] = Kind.YEARLESS
        elif old == " ":
            texts[at], found[at] = cell.text, cell.kind
    if row := row_of(number, texts, "".join(found)):
        yield row


_PREFIX = rb"(?:[A-Za-z_][\w.-]*:)?"
_CELL = re.compile(rb"<" + _PREFIX + rb"c(?=[\s>/])[^>]*>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_STYLE = re.compile(rb"\ss\s*=\s*[\"']([0-9]{1,6})[\"']")
_ROW = re.compile(rb"<" + _PREFIX + rb"row(?=[\s>/])[^>]*>")
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,9})[\"']")
_ROW_NUMBERS = re.compile(rb"row\s(?:[^>]*?\s)??r=[\"']([0-9]{1,9})[\"']")
_FAR = re.compile(rb"\sr=[\"']([A-Z]{2,4})[0-9]")
_ANY = re.compile(rb"\sr=[\"']([A-Z]{1,4})[0-9]")
_ERROR = re.compile(
    rb"<" + _PREFIX + rb"c\s[^>]*?\bt\s*=\s*[\"']e[\"'][^>]*>"
    rb"(?:(?!</" + _PREFIX + rb"c>).)*?<" + _PREFIX + rb"v[^>]*>([^<]*)<",
    re.DOTALL,
)
_UNCALCULATED = re.compile(
    rb"<" + _PREFIX + rb"f(?=[\s>/])(?:[^>]*/>|[^>]*>[^<]*</" + _PREFIX + rb"f>)\s*"
    rb"(?:<" + _PREFIX + rb"v\s*/>|<" + _PREFIX + rb"v\s*>\s*</" + _PREFIX + rb"v>)?\s*</" + _PREFIX + rb"c>"
)
_EMPTY_TEXT = re.compile(rb"\st\s*=\s*[\"']str[\"']")


def _require_near(xml: bytes, sheet: str) -> None:
    """Refuse a sheet with a cell in the far distance: the engine makes room for all cells before it."""
    last_row = max(map(int, _ROW_NUMBERS.findall(xml)), default=0)
    last_column = max(map(_column, set(_FAR.findall(xml))), default=26)
    if last_row * last_column > MAX_AREA:
        last_column = max(map(_column, set(_ANY.findall(xml))), default=26)
    if last_row > MAX_ROW or last_column > MAX_COLUMN:
        last = f"{columns.letters(MAX_COLUMN)}{MAX_ROW}"
        raise KgError(f"sheet {sheet!r} names a cell beyond {last}, the last of a sheet")
    if last_row * last_column > MAX_AREA:
        raise LimitError(
            f"sheet {sheet!r} reaches to {columns.letters(last_column)}{last_row}, and no more than "
            f"{MAX_AREA:,} cells are read; delete what stands far from the table, or divide it"
        )


def _column(name: bytes) -> int:
    return columns.number(name.decode())


def _special(xml: bytes, formats: Mapping[int, int]) -> dict[int, list[_Special]]:
    """Give what the engine does not tell, by row."""
    found = list(_errors(xml)) + list(_uncalculated(xml)) + list(_partial_dates(xml, formats))
    positions = _Positions(xml)
    special: dict[int, list[_Special]] = {}
    for start, kind, text, shown in found:
        row, column = positions.of(start)
        special.setdefault(row, []).append(_Special(column, kind, text, shown))
    return special


_Found = tuple[int, str, str, int]


def _errors(xml: bytes) -> Iterator[_Found]:
    if b"'e'" in xml or b'"e"' in xml:
        for match in _ERROR.finditer(xml):
            yield match.start(), Kind.ERROR, match[1].decode("utf-8", "replace"), 0


def _uncalculated(xml: bytes) -> Iterator[_Found]:
    for match in _UNCALCULATED.finditer(xml) if b"<f" in xml or b":f" in xml else ():
        start = max(xml.rfind(b"<c ", 0, match.start()), xml.rfind(b":c ", 0, match.start()))
        start = max(xml.rfind(b"<", 0, start + 1), xml.rfind(b"<c>", 0, match.start()))
        tag = _CELL.match(xml, max(start, 0))
        if tag and not _EMPTY_TEXT.search(tag[0]):
            yield tag.start(), Kind.FORMULA, "", 0


def _partial_dates(xml: bytes, formats: Mapping[int, int]) -> Iterator[_Found]:
    if not formats:
        return
    styles = b"|".join(str(style).encode() for style in formats)
    for match in re.finditer(
        rb"<" + _PREFIX + rb"c\s[^>]*?\bs\s*=\s*[\"'](?:" + styles + rb")[\"'][^>]*>", xml
    ):
        style = _STYLE.search(match[0])
        shown = formats[int(style[1])] if style else 0
        yield match.start(), Kind.DATE if shown else Kind.YEARLESS, "", shown


@dataclass(slots=True)
class _Positions:
    """Finds row and column of a cell by its place in the XML, for writers too that leave them out."""

    xml: bytes
    _starts: list[int] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)

    def of(self, start: int) -> tuple[int, int]:
        tag = _CELL.match(self.xml, start)
        reference = _REFERENCE.search(tag[0]) if tag else None
        if reference:
            return int(reference[2]), columns.number(reference[1].decode().upper())
        if not self._starts:
            self._find_rows()
        index = bisect_left(self._starts, start) - 1
        column = 0
        for cell in _CELL.finditer(self.xml, self._starts[index], start + 1):
            known = _REFERENCE.search(cell[0])
            column = columns.number(known[1].decode().upper()) if known else column + 1
        return self._numbers[index], column + 1

    def _find_rows(self) -> None:
        number = 0
        for row in _ROW.finditer(self.xml):
            known = _ROW_NUMBER.search(row[0])
            number = int(known[1]) if known else number + 1
            self._starts.append(row.start())
            self._numbers.append(number)


# ---------------------------------------------------------------- the parts that say what the sheets are


def _parts(archive: Archive) -> dict[str, str]:
    """Give the part that holds each sheet, by the sheet's name."""
    targets: dict[str, str] = {}
    named: dict[str, str] = {}
    by_lower = {name.lower(): name for name in archive.names}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            targets[attributes.get("Id", "")] = by_lower.get(path.lower(), path)

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            named[attributes.get("name", "")] = attributes.get("id", "")

    _walk(archive.read(by_lower.get("xl/_rels/workbook.xml.rels", "xl/_rels/workbook.xml.rels")), relation)
    _walk(archive.read(by_lower.get(WORKBOOK, WORKBOOK)), sheet)
    return {name: targets[id_] for name, id_ in named.items() if id_ in targets}


def _partial_formats(archive: Archive) -> dict[int, int]:
    """Give styles whose cells show a date without its day, month or year, by number.

    The value is how many characters of the ISO date people see; 0 if the year is what they do not see.
    """
    codes = {16: "d-mmm", 17: "mmm-yy"}
    styles: list[int] = []
    inside: list[str] = []

    def element(tag: str, attributes: dict[str, str]) -> None:
        number = attributes.get("numFmtId", "")
        if tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            inside.append(tag)
        elif tag == "numFmt" and number.isdecimal():
            codes[int(number)] = attributes.get("formatCode", "")
        elif tag == "xf" and inside[-1:] == ["cellXfs"]:
            styles.append(int(number) if number.isdecimal() else 0)

    part = next((name for name in archive.names if name.lower() == "xl/styles.xml"), None)
    if part is not None:
        _walk(archive.read(part), element)
    shown = ((style, _shown(codes.get(number, ""))) for style, number in enumerate(styles))
    return {style: length for style, length in shown if length is not None}


def _shown(code: str) -> int | None:
    """Give how much of a date its format shows, or None if that is all of it, or no date.

    >>> _shown("yyyy"), _shown("mmm-yy"), _shown("d-mmm"), _shown("yyyy-mm-dd"), _shown("0.00")
    (4, 7, 0, None, None)
    """
    first = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code.partition(";")[0]).lower()
    if re.search(r"[hs]", first):
        return None
    year, month, day = (letter in first for letter in "ymd")
    if year and not day:
        return 7 if month else 4
    return 0 if day and month and not year else None


def _walk(xml: bytes, element: Callable[[str, dict[str, str]], None]) -> None:
    """Call `element` with the local name and the attributes of each element; no entity is expanded."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(tag: str, attributes: dict[str, str]) -> None:
        element(tag.rpartition(" ")[2], {name.rpartition(" ")[2]: text for name, text in attributes.items()})

    def refuse(*_: object) -> None:
        raise KgError("the file holds a document type, which no workbook has")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise KgError(f"the file is damaged: {error}") from error
