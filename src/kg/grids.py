"""Tables of any kind as grids of cells: CSV, TSV, XLSX and ODS, with what a person sees in each cell.

Nothing in a workbook is run, followed or fetched. Workbooks are opened in a child process with limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from kg import csv_cells, limits
from kg.archives import Archive
from kg.cells import Book, Cell, Grid, Kind, Merge, Row, fill_down
from kg.files import read_bytes_limited
from kg.problems import KgError, LimitError, Location, Problem, nearest

__all__ = ["Book", "Cell", "Grid", "Kind", "Merge", "Row", "read"]

MAX_BYTES: Final = 200_000_000
"""The largest file that is read, packed as it is."""
SUFFIXES: Final = (".csv", ".tsv", ".xlsx", ".ods")
"""What tables are called. The content decides, not the name: only what is a TSV is told by its name."""
MEMORY: Final = 4_000_000_000
"""Bytes that a workbook may take when it is opened."""
SECONDS: Final = 120.0
"""Seconds after which the opening of a workbook is given up."""


def read(
    source: Path | bytes,
    name: str,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Book:
    """Give the tables of a file, given as a path or as its bytes; `name` is for messages.

    Of a workbook: all sheets that are not hidden, or the one called `sheet`, hidden or not. Hidden ones are
    mostly lists behind drop-down menus, so they are left out with a notice; hidden rows and columns are read.
    `encoding` and `separator` are for CSV and replace what would be found out.

    Raises:
        FaultyTableError: it is no table, or a damaged one; `problem` says where.
        LimitError: it is too large, packed or unpacked, or takes too long.
        KgError: the file cannot be read, or has no sheet of that name.
    """
    data = source if isinstance(source, bytes) else read_bytes_limited(source, MAX_BYTES, "the table")
    if len(data) > MAX_BYTES:
        raise LimitError(f"{name} is larger than {MAX_BYTES:,} bytes, the limit")
    if data.startswith(b"PK"):
        return _workbook(data, name, sheet)
    _require_text(data, name)
    if sheet is not None:
        raise KgError(f"{name} has no sheets: it is no workbook")
    return _csv(data, name, encoding, separator)


class FaultyTableError(KgError):
    """A file that is no table; `problem` says where and why, to be told beside other problems."""

    def __init__(self, problem: Problem) -> None:
        """Carry a problem."""
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        """Give the problem as one line."""
        return str(self.problem)


def _fault(location: Location, code: str, message: str) -> FaultyTableError:
    return FaultyTableError(Problem(location, code, message))


# ---------------------------------------------------------------- CSV


def _csv(data: bytes, name: str, encoding: str | None, separator: str | None) -> Book:
    try:
        decoded = csv_cells.decode(data, encoding)
        mark = separator or csv_cells.separator(decoded.text, name)
        rows = tuple(csv_cells.rows(decoded.text, mark))
    except csv_cells.FaultyCsvError as error:
        raise _fault(Location(name, error.row, error.column), error.code, error.message) from error
    except LimitError as error:
        raise LimitError(f"{name}: {error}") from error
    notices = []
    if decoded.guessed:
        message = f"read as {decoded.guessed}, since it is not UTF-8; save it as CSV UTF-8 to be sure"
        notices.append(Problem(Location(name, 1, 1), "encoding", message))
    return Book((Grid(name, "", rows),), tuple(notices))


_MAGIC: Final = (
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls), or one with a password"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x00\x05\x16", "the shadow that macOS writes beside a file"),
)
_SAVE = "open it in a spreadsheet and save it as .xlsx, .ods or CSV"


def _require_text(data: bytes, name: str) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise _fault(Location(name, 1, 1), "no-table", f"the file is {what}; {_SAVE}, without a password")
    if name.lower().endswith((".xlsx", ".xlsm", ".ods")):
        found = "empty" if not data else "no workbook, whatever its name says"
        raise _fault(Location(name, 1, 1), "no-table", f"the file is {found}; {_SAVE}")
    if data.lstrip()[:5].lower() in (b"<html", b"<!doc", b"<?xml"):
        raise _fault(Location(name, 1, 1), "no-table", f"the file is a web page or XML, no table; {_SAVE}")


# ---------------------------------------------------------------- workbooks

_Sheet = tuple[str, list[tuple[int, tuple[str, ...], str]], list[tuple[int, int, int, int]]]
"""Name, rows and merged cells, as plain tuples: they come out of a child process."""


def _workbook(data: bytes, name: str, sheet: str | None) -> Book:
    what = f"the workbook {name}"
    try:
        read, skipped, notices = limits.run_limited(
            _open, data, sheet, seconds=SECONDS, memory=MEMORY, what=what
        )
    except LimitError as error:
        raise error if str(error).startswith(what) else LimitError(f"{what}: {error}") from error
    except _NoSuchSheetError as error:
        raise KgError(f"{name}: {error}") from error
    except KgError as error:
        message = f"{str(error).removeprefix(what + ': ')}; {_SAVE}"
        raise _fault(Location(name, 1, 1), "unreadable", message) from error
    grids, found = [], [Problem(Location(name, 1, 1), code, message) for code, message in notices]
    for title, rows, merges in read:
        grid, covered = _grid(name, title, rows, merges)
        grids.append(grid)
        found += covered
    for title in skipped:
        message = f"the sheet {title!r} is hidden and left out"
        found.append(Problem(Location(name, 1, 1), "hidden-sheet", message))
    return Book(tuple(grids), tuple(found))


def _grid(
    name: str,
    title: str,
    rows: Iterable[tuple[int, tuple[str, ...], str]],
    merges: Iterable[tuple[int, int, int, int]],
) -> tuple[Grid, list[Problem]]:
    found = tuple(Merge(*merge) for merge in merges)
    filled, covered = fill_down([Row(*row) for row in rows], found)
    grid = Grid(name, title, filled, found)
    return grid, [
        Problem(
            grid.location(cell.row, cell.column),
            "covered-cell",
            f"{cell.text[:60]!r} stands behind merged cells, where nobody sees it; it is left out",
        )
        for cell in covered
    ]


class _NoSuchSheetError(KgError):
    """The sheet that was asked for is not there."""


def _open(data: bytes, sheet: str | None) -> tuple[list[_Sheet], list[str], list[tuple[str, str]]]:
    """Be the child process: give sheets, the names of those left out, and notices."""
    from kg import ods_cells, xlsx_cells

    archive = Archive(data)
    reader = ods_cells if ods_cells.PART in archive.names else xlsx_cells
    if reader is xlsx_cells and xlsx_cells.WORKBOOK not in [name.lower() for name in archive.names]:
        raise KgError("the file is a zip file, but no workbook")
    found = reader.sheets(data, archive)
    names = [name for name, _, _ in found]
    if sheet is not None and sheet not in names:
        raise _NoSuchSheetError(_no_sheet(sheet, names))
    wanted = [name for name, hidden, _ in found if (name == sheet if sheet is not None else not hidden)]
    read = [
        (name, [(r.number, r.texts, r.kinds) for r in rows], [_bounds(merge) for merge in merges])
        for name, _, open_ in found
        if name in wanted
        for rows, merges in (open_(),)
    ]
    skipped = [] if sheet is not None else [name for name in names if name not in wanted]
    return read, skipped, list(reader.notices(archive))


def _bounds(merge: Merge) -> tuple[int, int, int, int]:
    return merge.first_row, merge.first_column, merge.last_row, merge.last_column


def _no_sheet(sheet: str, names: Sequence[str]) -> str:
    near = nearest(sheet, names)
    there = ", ".join(repr(name) for name in names[:20])
    return f"no sheet is called {sheet!r}; " + (f"did you mean {near!r}?" if near else f"there are {there}")
