"""Tables in our own form as files: an Excel workbook, or a CSV for each sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from kg.cells import MAX_ROW, MAX_TEXT
from kg.problems import KgError
from kg.table_form import ASSERTIONS, Sheet, guard
from kg.workbooks import Page, workbook, zipped

__all__ = ["WIDTHS", "csv_bytes", "csv_files", "unfit_cells", "xlsx", "zipped"]

WIDTHS: Final = {
    "subject": 26, "predicate": 20, "object": 26, "label": 34, "title": 44, "note": 40, "digest": 14,
    "url": 30, "archive-url": 30, "circumstance": 34, "report": 22, "key": 26, "start": 8, "end": 8, "row": 7,
    "unnamed": 30, "also": 26, "names": 26, "same-as": 18,
}  # fmt: skip
"""Columns that are wider or narrower than others, in digits."""


def unfit_cells(sheets: Iterable[Sheet]) -> list[str]:
    """Give, in words, each cell that no workbook can hold and how many rows are too many."""
    found = []
    for sheet in sheets:
        if len(sheet.rows) >= MAX_ROW:
            found.append(f"{sheet.name}: {len(sheet.rows):,} rows, and a sheet holds {MAX_ROW - 1:,}")
        for number, row in enumerate(sheet.rows, 2):
            for column, text in zip(sheet.header, row, strict=True):
                # As Excel counts: what lies beyond U+FFFF is two.
                if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
                    found.append(
                        f"{sheet.name}, row {number}: {column} has {len(text):,} characters, and a cell of a "
                        f"workbook holds {MAX_TEXT:,}"
                    )
    return found


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Give tables as an Excel workbook, a sheet each: same tables, same bytes.

    Every cell is text, so nothing is ever a formula, a link, or a date that a spreadsheet would change.

    Raises:
        KgError: a text is longer than a cell holds, or there are more rows than a sheet holds.
    """
    if unfit := unfit_cells(sheets):
        more = f", and {len(unfit) - 3} more" if len(unfit) > 3 else ""
        raise KgError(f"{'; '.join(unfit[:3])}{more}; write CSV instead")
    return workbook(
        [
            Page(
                sheet.name,
                [sheet.header, *([guard(cell, workbook=True) for cell in row] for row in sheet.rows)],
                [WIDTHS.get(key, 15) for key in sheet.header],
                frozen=1 if sheet.name == ASSERTIONS else 2,
            )
            for sheet in sheets
        ]
    )


def csv_files(sheets: Iterable[Sheet], name: str) -> dict[str, bytes]:
    """Give tables as CSV files by name: ``NAME.assertions.csv``, ``NAME.entities.csv`` and so on.

    In UTF-8 with a byte order mark, lines ending in CR LF (RFC 4180), safe to open: before what a spreadsheet
    would take for a formula stands an apostrophe, which reading takes off again.
    """
    return {f"{name}.{sheet.name}.csv": csv_bytes(sheet) for sheet in sheets}


def csv_bytes(sheet: Sheet) -> bytes:
    """Give one table as CSV."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(sheet.header)
    for row in sheet.rows:
        writer.writerow([guard(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig")
