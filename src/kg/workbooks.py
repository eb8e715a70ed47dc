"""Excel workbooks of plain texts: every cell reads back as it was written.

XlsxWriter, which makes the workbooks that are for reading only, puts a text such as ``<r>…</r>`` into the
file as markup, and loses letters of ``_x005F_x0041_``: what has to come back whole is written here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg import columns
from kg.escape import for_xml

MOMENT: Final = (2000, 1, 1, 0, 0, 0)
"""What a workbook says of when its parts were made: the same data is the same file."""

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KINDS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: texts in rows, of which the first is the header; an empty text is an empty cell."""

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    """Of each column, in digits."""
    frozen: int = 1
    """How many columns stay in sight, beside the header."""


def workbook(pages: Sequence[Page]) -> bytes:
    """Give a workbook in which every cell is text, its headers frozen: same pages, same bytes.

    No cell holds more than 32,767 characters, no page more than 1,048,576 rows; names fit sheets.
    """
    parts = {
        "[Content_Types].xml": _content_types(len(pages)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(pages),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{number}.xml") for number, _ in enumerate(pages, 1)),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{number}.xml": _sheet(page) for number, page in enumerate(pages, 1)},
    }
    return zipped({name: (_XML + part).encode() for name, part in parts.items()})


def zipped(files: dict[str, bytes]) -> bytes:
    """Give files as a zip: the same files, the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return written.getvalue()


# ---------------------------------------------------------------- parts


def _content_types(pages: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_KINDS}.worksheet+xml"/>'
        for number in range(1, pages + 1)
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KINDS}.styles+xml"/>{sheets}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _workbook(pages: Sequence[Page]) -> str:
    sheets = "".join(
        f'<sheet name="{for_xml(page.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, page in enumerate(pages, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
        f"'{for_xml(page.name)}'!{_range(page, absolute=True)}</definedName>"
        for number, page in enumerate(pages)
        if page.rows and page.rows[0]
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{filters}</definedNames></workbook>"
    )


# Style 1 is text, style 2 the same in bold; so a spreadsheet takes neither 2017-05-14 nor 007 for a number.
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    "</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _sheet(page: Page) -> str:
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{width}" style="1" customWidth="1"/>'
        for number, width in enumerate(page.widths, 1)
    )
    corner = f"{columns.letters(page.frozen + 1)}2"
    side = f' xSplit="{page.frozen}"' if page.frozen else ""
    pane = "bottomRight" if page.frozen else "bottomLeft"
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        f'<pane{side} ySplit="1" topLeftCell="{corner}" activePane="{pane}" state="frozen"/>'
        f"</sheetView></sheetViews>{f'<cols>{widths}</cols>' if widths else ''}"
        f'<sheetData>{"".join(_rows(page))}</sheetData><autoFilter ref="{_range(page)}"/></worksheet>'
    )


def _range(page: Page, *, absolute: bool = False) -> str:
    last = columns.letters(max(len(page.rows[0]) if page.rows else 1, 1))
    rows = max(len(page.rows), 2)
    return f"$A$1:${last}${rows}" if absolute else f"A1:{last}{rows}"


def _rows(page: Page) -> Iterator[str]:
    names = [columns.letters(number) for number in range(1, max(map(len, page.rows), default=0) + 1)]
    for number, texts in enumerate(page.rows, 1):
        style = 2 if number == 1 else 1
        cells = "".join(
            f'<c r="{name}{number}" s="{style}" t="inlineStr">'
            f'<is><t xml:space="preserve">{_text(text)}</t></is></c>'
            for name, text in zip(names, texts, strict=False)
            if text
        )
        yield f'<row r="{number}">{cells}</row>'


_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def _text(text: str) -> str:
    """Give a text as SpreadsheetML writes it, with escapes for control characters (ECMA-376-1, 22.9.2.19)."""
    plain = _ESCAPED.sub("_x005F_", text)
    return (
        _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", plain)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
    )
