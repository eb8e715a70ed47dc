"""A copy of a table with its problems on the cells: coloured, with a comment, and listed on a sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Final

from kg import columns, grids, limits
from kg.archives import Archive
from kg.escape import for_terminal, legal_xml
from kg.problems import KgError, Location, Problem, RefusedError

INSTALL: Final = "pip install 'reportedly[sheets]'"
"""How to install what writes into workbooks."""
LIST: Final = "#problems"
"""The sheet that lists them; reading leaves it out, as every name that begins with #."""
AUTHOR: Final = "kg"
"""Who the comments are by: those of an earlier copy are taken out again."""
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
_COLOUR: Final = "FFFFC7CE"
_LONGEST: Final = 2_000
"""Characters of a comment; more cannot be read on a screen."""

_Mark = tuple[str, int, int, str]
"""Sheet, row and column, and what is wrong there."""


def annotate(data: bytes, name: str, problems: Iterable[Problem]) -> tuple[bytes, int]:
    """Give a copy of the table `name` as an Excel workbook with `problems` marked; and how many these are.

    Only problems whose location is in `name` count; what concerns the whole file stands at its first cell.
    Of a workbook, values, formulas and formats stay; charts and pictures do not. Of a CSV or an ODS the copy
    holds the texts.

    Raises:
        KgError: openpyxl is not installed, or the table cannot be read.
        RefusedError: the workbook holds macros.
        LimitError: it is too large.
    """
    try:
        import_module("openpyxl")
    except ImportError as error:
        raise KgError(f"a copy with comments needs openpyxl; install it with: {INSTALL}") from error
    book = grids.read(data, name)
    if any(notice.code == "macros" for notice in book.notices):
        raise RefusedError(
            f"{name} holds macros, which no copy can keep safely; save it as .xlsx and try again"
        )
    here = [problem for problem in problems if problem.location.path == name]
    marks = [_mark(problem) for problem in here]
    what = f"the copy of {name}"
    if data.startswith(b"PK") and not name.lower().endswith(".ods"):
        work: tuple[Any, ...] = (_marked, data, marks)
    else:
        plain = [(g.sheet or "table", [(row.number, row.texts) for row in g.rows]) for g in book.grids]
        work = (_made, plain, marks)
    copy = limits.run_limited(*work, seconds=grids.SECONDS, memory=grids.MEMORY, what=what)
    return copy, len(here)


def _mark(problem: Problem) -> _Mark:
    message = legal_xml(for_terminal(f"{problem.code}: {problem.message}"))
    return (*_place(problem.location), message)


def _place(location: Location) -> tuple[str, int, int]:
    """Give sheet, row and column of a location; no sheet where the file has none, or all of it is meant."""
    sheet, _, cell = location.cell.rpartition("!")
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", cell)
    if match is None:
        return "", max(location.line, 1), max(location.column, 1)
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, int(match[2]), columns.number(match[1])


# ---------------------------------------------------------------- in a child process


def _marked(data: bytes, marks: Sequence[_Mark]) -> bytes:
    """Give the workbook with marks."""
    archive = Archive(data)
    for part in archive.names:
        # The parsers under openpyxl differ in what they do with a document type, and no workbook has one.
        if part.endswith((".xml", ".rels", ".vml")) and _DOCTYPE.search(archive.read(part)):
            raise KgError("the file holds a document type, which no workbook has")
    openpyxl: Any = import_module("openpyxl")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:  # whatever a foreign file makes of it
        raise KgError(f"openpyxl cannot read it ({error}); save it again in a spreadsheet") from error
    return _finished(book, marks)


def _made(sheets: Sequence[tuple[str, Sequence[tuple[int, Sequence[str]]]]], marks: Sequence[_Mark]) -> bytes:
    """Give a new workbook of texts with marks."""
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets or [("table", [])]:
        page = book.create_sheet(name)
        for number, texts in rows:
            for column, text in enumerate(texts, 1):
                if text:
                    _write(page, number, column, text)
    return _finished(book, marks)


def _finished(book: Any, marks: Sequence[_Mark]) -> bytes:
    _clean(book)
    first = book.worksheets[0].title
    by_cell: dict[tuple[str, int, int], list[str]] = {}
    for sheet, row, column, message in marks:
        title = sheet if sheet in book.sheetnames else first
        by_cell.setdefault((title, row, column), []).append(message)
    for (title, row, column), messages in by_cell.items():
        _comment(book[title].cell(row, column), "\n".join(messages))
    _list(book, by_cell)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _clean(book: Any) -> None:
    """Take out what an earlier copy was given."""
    if LIST in book.sheetnames:
        book.remove(book[LIST])
    styles: Any = import_module("openpyxl.styles")
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                    if cell.fill.fgColor.rgb == _COLOUR:
                        cell.fill = styles.PatternFill()


def _comment(cell: Any, message: str) -> None:
    comments: Any = import_module("openpyxl.comments")
    styles: Any = import_module("openpyxl.styles")
    cells: Any = import_module("openpyxl.cell.cell")
    if isinstance(cell, cells.MergedCell):
        page = cell.parent
        merged = next(each for each in page.merged_cells.ranges if cell.coordinate in each)
        cell = page.cell(merged.min_row, merged.min_col)
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} …"
    old = cell.comment.text + "\n\n" if cell.comment is not None else ""
    comment = comments.Comment(old + message, AUTHOR)
    comment.width, comment.height = 420, 40 + 20 * (1 + len(comment.text) // 60)
    cell.comment = comment
    cell.fill = styles.PatternFill("solid", fgColor=_COLOUR)


def _list(book: Any, by_cell: dict[tuple[str, int, int], list[str]]) -> None:
    """Put a sheet in front that lists the problems, each with a link to its cell."""
    hyperlinks: Any = import_module("openpyxl.worksheet.hyperlink")
    styles: Any = import_module("openpyxl.styles")
    page = book.create_sheet(LIST, 0)
    for column, (text, width) in enumerate((("cell", 28), ("problem", 120)), 1):
        _write(page, 1, column, text)
        page.column_dimensions[columns.letters(column)].width = width
    line = 1
    for (title, row, column), messages in by_cell.items():
        place = f"{columns.letters(column)}{row}"
        for message in messages:
            line += 1
            _write(page, line, 1, f"{title}!{place}")
            quoted = title.replace("'", "''")
            link = hyperlinks.Hyperlink(ref=f"A{line}", location=f"'{quoted}'!{place}")
            page.cell(line, 1).hyperlink = link
            _write(page, line, 2, message)
            page.cell(line, 2).alignment = styles.Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "A2"
    book.active = 0


def _write(page: Any, row: int, column: int, text: str) -> None:
    """Write a text that is nothing else, whatever it looks like."""
    cell = page.cell(row, column)
    cell.value = legal_xml(text)[:32_767]
    cell.data_type = "s"
