"""Foreign tables as named columns and rows, whether they are sheets of cells or lists of JSON objects."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final

from kg.cells import MAX_AREA, MAX_COLUMN, Book, Grid, Kind, Row, row_of
from kg.columns import letters
from kg.importing.texts import cleaned, fold, tidy, unfit
from kg.problems import KgError, LimitError, Location, Problem

JSON_SUFFIXES: Final = (".json", ".jsonl", ".ndjson")
SEVERAL: Final = "\x1f"
"""What joins the texts of a JSON list within a cell; no other cell is taken apart by it."""
MAX_JSON_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How a table is to be read: the section ``table`` of a map, or what holds without one."""

    sheets: tuple[str, ...] | None = None
    """Names of sheets; empty for all; None for the only one that holds something."""
    header: int | None = None
    """The row of the header; 0 if there is none; None for the first that holds something."""
    path: str = ""
    """Where in a JSON document the list of rows stands."""
    encoding: str | None = None
    separator: str | None = None
    empty: frozenset[str] = frozenset()
    """Folded texts that mean an empty cell."""
    clean: bool = False
    """Whether characters that cannot be seen are passed over, instead of being problems."""
    repeats: str = ""
    """What becomes of rows that repeat another one: ``once``, ``apart``; '' if that is a problem."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or list; `columns` are the names of its columns, each another, from column 1 on."""

    grid: Grid
    columns: tuple[str, ...]
    repeated: frozenset[str]
    """Names that stand twice in the header; their columns are called ``Name (1)``, ``Name (2)``."""
    rows: tuple[Row, ...]
    header: int
    is_objects: bool = False
    digests: dict[int, str] = field(default_factory=dict, repr=False)

    def location(self, row: int, column: int | None = None) -> Location:
        """Give the place of a cell, or of a row, for messages."""
        if not self.is_objects:
            return self.grid.location(row, column or 1)
        path = f".{self.columns[column - 1]}" if column else ""
        return Location(self.grid.file, row, 1, f"[{row}]{path}")

    def short(self, row: int, column: int | None = None) -> str:
        """Give the place of a cell or a row within the table: ``D17``, ``row 17``."""
        if self.is_objects:
            return f"[{row}]" + (f".{self.columns[column - 1]}" if column else "")
        return f"{letters(column)}{row}" if column else f"row {row}"

    def digest(self, row: Row) -> str:
        """Give the SHA-256 of the row's cells; of a JSON object that of its paths and texts, sorted."""
        return self.digests.get(row.number) or row.digest()


def tables(book: Book, settings: Settings, path: str) -> list[Table]:
    """Give the tables that a map speaks of.

    Raises:
        KgError: the sheet is not there, or it is not said which of several it is.
    """
    return [_table(grid, settings, path) for grid in _chosen(book, settings, path)]


def _chosen(book: Book, settings: Settings, path: str) -> list[Grid]:
    filled = [grid for grid in book.grids if any(not row.is_blank for row in grid.rows)]
    names = ", ".join(repr(grid.sheet) for grid in filled[:20])
    if not filled:
        raise KgError(f"{path} holds nothing: there is no row with anything in it")
    if settings.sheets is None:
        if len(filled) > 1:
            right = "write table: {sheet: …} with one of them in the map, or table: {sheets: all}"
            raise KgError(f"{path} has {len(filled)} sheets, {names}; {right}")
        return filled
    if not settings.sheets:
        return filled
    by_name = {grid.sheet: grid for grid in book.grids}
    for name in settings.sheets:
        if name not in by_name:
            raise KgError(f"{path} has no sheet {name!r}; it has {names or 'none with a name'}")
    return [by_name[name] for name in settings.sheets]


def _table(grid: Grid, settings: Settings, path: str) -> Table:
    if grid.sheet in (".", "..") or set(grid.sheet) & set("/\\") or unfit(grid.sheet):
        raise KgError(f"{path}: the sheet {grid.sheet!r} is named like a path; give it another name")
    filled = [row for row in grid.rows if not row.is_blank]
    number = settings.header
    if number is None:
        number = filled[0].number if filled else 0
    head = next((row for row in filled if row.number == number), None)
    if number and head is None:
        raise KgError(f"{grid.location(number)}: the header should stand here, but the row is empty")
    body = tuple(row for row in filled if row.number > number)
    width = max([len(row) for row in body] + [len(head) if head else 0])
    names, repeated = _names([tidy(cleaned(text)) for text in head.texts] if head else [], width)
    return Table(grid, names, repeated, body, number)


def _names(header: Sequence[str], width: int) -> tuple[tuple[str, ...], frozenset[str]]:
    """Give each column a name of its own, and the names that stood twice."""
    texts = [*header, *[""] * (width - len(header))]
    counts = Counter(texts)
    taken = set(texts)
    seen: Counter[str] = Counter()
    names = []
    for number, text in enumerate(texts, 1):
        seen[text] += 1
        if not text:
            text = f"column {letters(number)}"
        elif counts[text] > 1:
            text = f"{text} ({seen[text]})"
        while text in taken and text != texts[number - 1]:
            text += "'"
        taken.add(text)
        names.append(text)
    return tuple(names), frozenset(text for text, times in counts.items() if text and times > 1)


# ---------------------------------------------------------------- JSON


def is_json(name: str) -> bool:
    """Tell whether a file of this name holds JSON."""
    return PurePath(name).suffix.lower() in JSON_SUFFIXES


def from_json(data: bytes, path: str, settings: Settings) -> tuple[Table, list[Problem]]:
    """Give the objects of a JSON list, or of JSON lines, as rows whose columns are dotted paths.

    Lists of objects are numbered: ``arrests.1.place``. Numbers and letters stay as typed.

    Raises:
        KgError: the text is no JSON, or no list of objects.
        LimitError: there are too many columns.
    """
    text = _decoded(data, path)
    lines = PurePath(path).suffix.lower() != ".json" or _is_lines(text)
    problems: list[Problem] = []
    found = _lines(text, path, problems) if lines else _items(text, path, settings.path)
    columns: dict[str, int] = {}
    rows, digests = [], {}
    for number, value in found:
        if not isinstance(value, dict):
            message = f'found {_kind(value)}; each row is an object, such as {{"name": …}}'
            problems.append(Problem(_place(path, number, lines), "wrong-kind", message))
            continue
        cells = [(tidy(cleaned(name)), text, kind) for name, text, kind in _cells(value, "")]
        names = Counter(name for name, _, _ in cells)
        if len(names) < len(cells):
            twice = next(name for name, times in names.items() if times > 1)
            message = f"{twice!r} stands twice in this object, as a key and as a path; rename one"
            problems.append(Problem(_place(path, number, lines), "repeated-key", message))
            continue
        for name in names:
            columns.setdefault(name, len(columns) + 1)
        if len(columns) > MAX_COLUMN:
            raise LimitError(f"{path}: the objects have more than {MAX_COLUMN:,} different paths")
        if row := _object_row(number, cells, columns):
            rows.append(row)
            digests[number] = _digest(cells)
    if not rows and not problems:
        raise KgError(f"{path} holds no objects: there is nothing to import")
    if len(rows) * len(columns) > MAX_AREA * 10:
        raise LimitError(f"{path}: {len(rows):,} rows of {len(columns):,} paths are too many")
    grid = Grid(path, "", tuple(rows))
    return Table(grid, tuple(columns), frozenset(), tuple(rows), 0, True, digests), problems


def _place(path: str, number: int, lines: bool) -> Location:
    return Location(path, number, 1, "" if lines else f"[{number}]")


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise KgError(f"{path}:{line}:1: {message}") from error


def _is_lines(text: str) -> bool:
    """Tell whether several objects follow each other, whatever the file is called."""
    begin = text.lstrip()
    if not begin.startswith("{"):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(begin)
    except (ValueError, RecursionError):
        return False
    return begin[end:].lstrip().startswith("{")


def _lines(text: str, path: str, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _loads(line)
            except json.JSONDecodeError as error:
                message = f"this line is not JSON: {error.msg.lower()}"
                problems.append(Problem(Location(path, number, error.colno), "bad-json", message))
            except (ValueError, RecursionError) as error:
                problems.append(Problem(Location(path, number, 1), "bad-json", _said(error)))


def _items(text: str, path: str, inner: str) -> Iterator[tuple[int, Any]]:
    try:
        value = _loads(text)
    except json.JSONDecodeError as error:
        raise KgError(
            f"{path}:{error.lineno}:{error.colno}: this is not JSON: {error.msg.lower()}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise KgError(f"{path}: {_said(error)}") from error
    for step in inner.split(".") if inner else ():
        if not isinstance(value, dict) or step not in value:
            raise KgError(f"{path}: there is no {inner!r}; table: {{path: …}} of the map leads to the list")
        value = value[step]
    if isinstance(value, dict):
        lists = [key for key, item in value.items() if isinstance(item, list)]
        hint = f"; write table: {{path: {lists[0]}}}" if lists else ""
        raise KgError(f"{path}: found an object where a list of objects is wanted{hint}")
    if not isinstance(value, list):
        raise KgError(f"{path}: found {_kind(value)} where a list of objects is wanted")
    yield from enumerate(value, 1)


def _said(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


class _Number(str):
    """A number, or true or false, as typed."""

    __slots__ = ()


def _loads(text: str) -> Any:
    return json.loads(
        text, object_pairs_hook=_unique, parse_int=_Number, parse_float=_Number, parse_constant=_Number
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object; keep one")
    return found


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"a number, {value}" if isinstance(value, _Number) else "a text"
    return {list: "a list", dict: "an object", bool: "true or false"}.get(type(value), "nothing")


def _cells(value: dict[str, Any], before: str, depth: int = 1) -> Iterator[tuple[str, str, Kind]]:
    """Give path, text and kind of everything in an object that holds something."""
    if depth > MAX_JSON_DEPTH:
        raise KgError(f"the objects are nested deeper than {MAX_JSON_DEPTH}")
    for key, item in value.items():
        name = f"{before}{key}"
        if isinstance(item, dict):
            yield from _cells(item, f"{name}.", depth + 1)
        elif isinstance(item, list) and any(isinstance(each, (dict, list)) for each in item):
            numbered = {str(number): each for number, each in enumerate(item, 1)}
            yield from _cells(numbered, f"{name}.", depth + 1)
        elif isinstance(item, list):
            yield name, SEVERAL.join(filter(None, map(_text, item))), Kind.TEXT
        else:
            yield name, _text(item), Kind.NUMBER if isinstance(item, _Number) else Kind.TEXT


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).replace(SEVERAL, " ")


def _object_row(number: int, cells: Sequence[tuple[str, str, Kind]], columns: dict[str, int]) -> Row | None:
    texts, kinds = [""] * len(columns), [Kind.EMPTY.value] * len(columns)
    for name, text, kind in cells:
        if text:
            texts[columns[name] - 1], kinds[columns[name] - 1] = text, kind.value
    return row_of(number, texts, "".join(kinds))


def _digest(cells: Sequence[tuple[str, str, Kind]]) -> str:
    said = json.dumps(
        sorted([name, text] for name, text, _ in cells), ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def near_columns(name: str, columns: Sequence[str]) -> list[int]:
    """Give the numbers of the columns that are called `name` when case and blanks are set aside."""
    wanted = fold(name)
    return [number for number, column in enumerate(columns, 1) if fold(column) == wanted]
