from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from kg import archives, cells, csv_cells, grids
from kg.grids import Grid, Kind
from kg.problems import Exit, KgError, LimitError, Problem

# ---------------------------------------------------------------- workbooks made by hand

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">%s<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
_LINKS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
)


def xlsx(rows: str, *, more: dict[str, str | bytes] | None = None, workbook: str = "") -> bytes:
    """Give a workbook of one sheet whose rows are XML."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": _WORKBOOK % workbook,
        "xl/_rels/workbook.xml.rels": _LINKS,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        **(more or {}),
    }
    return packed(parts)


def packed(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = (
    " ".join(f'xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "table", "text", "style"))
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def ods(rows: str, *, more: dict[str, str | bytes] | None = None, styles: str = "", table: str = "") -> bytes:
    """Give a workbook of one sheet whose rows are XML of OpenDocument."""
    content = (
        f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f'<office:body><office:spreadsheet><table:table table:name="S" {table}>{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content, **(more or {})}
    )


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def only(data: bytes, name: str = "book.xlsx", **options: str) -> Grid:
    (grid,) = grids.read(data, name, **options).grids
    return grid


def texts(grid: Grid) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.texts) for row in grid.rows]


def problems(grid: Grid) -> list[str]:
    """Give place and code of what is wrong with its cells."""
    found = (grid.problem(cell) for row in grid.rows for cell in row)
    return [f"{problem.location} {problem.code}" for problem in found if problem]


def fault(data: bytes, name: str = "book.xlsx", **options: str) -> Problem:
    with pytest.raises(grids.FaultyTableError) as caught:
        grids.read(data, name, **options)
    assert caught.value.exit_code is Exit.CANNOT
    assert str(caught.value) == str(caught.value.problem)
    return caught.value.problem


# ---------------------------------------------------------------- grids


def test_a_cell_knows_its_place_in_a_workbook_and_in_a_csv() -> None:
    grid = only(xlsx('<row r="2"><c r="B2"><v>5</v></c></row>'), "lists/book.xlsx")
    assert texts(grid) == [(2, ("", "5"))]
    assert str(grid.location(2, 28)) == "lists/book.xlsx!S!AB2"
    assert (grid.location(17, 4).line, grid.location(17, 4).column) == (17, 4)
    table = only(b"a,b\n", "list.csv")
    assert str(table.location(17, 4)) == "list.csv:17:4"
    assert (grid.width, table.width) == (2, 2)


def test_the_name_of_a_sheet_stands_in_quotes_where_formulas_want_them() -> None:
    assert str(Grid("b.xlsx", "Люди", ()).location(1)) == "b.xlsx!Люди!A1"
    assert str(Grid("b.xlsx", "Jo's list", ()).location(1)) == "b.xlsx!'Jo''s list'!A1"


def test_behind_its_last_cell_a_row_is_empty() -> None:
    (found,) = only(b"a,,b,,\n", "list.csv").rows
    assert len(found) == 3
    assert [each.text for each in found] == ["a", "", "b"]
    assert (found[2].kind, found[9].kind, found[9].text) == (Kind.EMPTY, Kind.EMPTY, "")


def test_rows_that_hold_nothing_are_left_out_and_counted() -> None:
    assert texts(only(b"a\n\n,,\nb\n", "list.csv")) == [(1, ("a",)), (4, ("b",))]
    spaces = only(b"a\n  ,\n", "list.csv").rows[1]
    assert spaces.is_blank
    assert not only(xlsx('<row r="1"><c r="A1"><f>1+1</f></c></row>')).rows[0].is_blank


def test_the_digest_of_a_row_is_that_of_its_texts() -> None:
    (found,) = only("Аман,,5,\n".encode(), "list.csv").rows
    # printf '%s' '["Аман","","5"]' | sha256sum
    assert found.digest() == "d467ce46c7c1bba1e68f378191a52405f343d0f3e9822baa1c26e60d55a63a8c"


# ---------------------------------------------------------------- XLSX


def workbook(write) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        write(book, book.add_worksheet("List"))
    return stream.getvalue()


def test_values_stand_as_a_person_sees_them() -> None:
    def write(book, sheet) -> None:
        def of(code):
            return book.add_format({"num_format": code})

        sheet.write_row(0, 0, [5, 5.0, 1.5, -2, 1e-7, 0.1 + 0.2, True, "5", "TRUE", "'5"])
        day = datetime.datetime(2017, 5, 14)
        sheet.write_datetime(1, 0, day, of("dd/mm/yyyy"))
        sheet.write_datetime(1, 1, day.replace(hour=13, minute=30), of("dd/mm/yy hh:mm"))
        sheet.write_datetime(1, 2, datetime.time(13, 30), of("hh:mm"))
        sheet.write_number(1, 3, 1.5, of("[h]:mm"))
        sheet.write_number(1, 4, 0.5, of("0%"))
        sheet.write_formula(2, 0, "=1+1", None, 2)
        sheet.write_formula(2, 1, '="a"', None, "a")
        sheet.write_rich_string(2, 2, "Aman ", book.add_format({"bold": True}), "Tolek")

    first, second, third = only(workbook(write)).rows
    assert first.texts == ("5", "5", "1.5", "-2", "0.0000001", "0.3", "TRUE", "5", "TRUE", "'5")
    assert first.kinds == "nnnnnnbttt"
    assert second.texts == ("2017-05-14", "2017-05-14T13:30:00", "13:30:00", "36:00:00", "0.5")
    assert second.kinds == "ddhhn"
    assert (third.texts, third.kinds) == (("2", "a", "Aman Tolek"), "ntt")


@pytest.mark.parametrize(
    ("code", "day", "shown", "kind"),
    [
        ("yyyy", (2017, 1, 1), "2017", Kind.DATE),
        ("mmm yyyy", (2017, 5, 1), "2017-05", Kind.DATE),
        ("mmm-yy", (2017, 5, 1), "2017-05", Kind.DATE),
        ('[$-409]mmmm" of "yyyy', (2017, 5, 1), "2017-05", Kind.DATE),
        # Another day than the first was typed as such.
        ("mmm yyyy", (2017, 5, 14), "2017-05-14", Kind.DATE),
        ("yyyy", (2017, 5, 1), "2017-05-01", Kind.DATE),
        ("d mmm", (2017, 5, 14), "2017-05-14", Kind.YEARLESS),
        ("d-mmm-yy", (2017, 5, 14), "2017-05-14", Kind.DATE),
    ],
)
def test_a_date_says_no_more_than_its_format_shows(code, day, shown, kind) -> None:
    def write(book, sheet) -> None:
        sheet.write_datetime(0, 0, datetime.datetime(*day), book.add_format({"num_format": code}))

    (found,) = only(workbook(write)).rows
    assert (found[1].text, found[1].kind) == (shown, kind)


def test_dates_of_1904_are_the_same_days() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet().write_datetime(0, 0, datetime.datetime(2017, 5, 14), day)
    assert texts(only(stream.getvalue())) == [(1, ("2017-05-14",))]


def test_what_cannot_be_taken_as_it_stands_names_its_cell() -> None:
    def write(book, sheet) -> None:
        sheet.write_formula(1, 3, "=1+1", None, "")
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_datetime(3, 1, datetime.datetime(2026, 5, 14), book.add_format({"num_format": 16}))
        sheet.write_number(4, 0, 650101199001011234)
        sheet.write_number(5, 0, 123456789012345)

    grid = only(workbook(write))
    assert problems(grid) == [
        "book.xlsx!List!D2 formula-without-value",
        "book.xlsx!List!A3 cell-error",
        "book.xlsx!List!B4 year-not-shown",
        "book.xlsx!List!A5 digits-lost",
    ]
    assert "'#DIV/0!'" in grid.problem(grid.rows[1][1]).message
    assert "has taken 2026" in grid.problem(grid.rows[2][2]).message


@pytest.mark.parametrize(
    ("rows", "found", "kinds"),
    [
        # openpyxl and others write these for formulas that nobody has calculated.
        ('<row r="1"><c r="A1"><f>B1</f><v/></c><c r="B1"><v>1</v></c></row>', ("", "1"), "fn"),
        ('<row r="1"><c r="A1"><f>B1</f><v></v></c></row>', ("",), "f"),
        ('<row r="1"><c r="A1"><f t="shared" si="0"/></c></row>', ("",), "f"),
        # A text of no letters is a result.
        ('<row r="1"><c r="A1" t="str"><f>B1</f><v></v></c><c r="B1"><v>1</v></c></row>', ("", "1"), " n"),
        ('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>', ("#N/A",), "e"),
        ("<row r=\"1\"><c t='e' r='B1'><f>1/0</f><v>#REF!</v></c></row>", ("", "#REF!"), " e"),
        # Places left out, as some programs write.
        ("<row><c><v>1</v></c><c><f>A1</f></c></row>", ("1", ""), "nf"),
        ('<row r="1"><c t="inlineStr"><is><t>x</t></is></c><c t="e"><v>#N/A</v></c></row>', ("x", "#N/A"), "te"),
        ('<row r="1"><c r="C1"><v>1</v></c><c><f>A1</f></c></row>', ("", "", "1", ""), "  nf"),
        ('<row r="1"><c r="A1" t="d"><v>2017-05-14</v></c></row>', ("2017-05-14",), "d"),
        ('<row r="1"><c r="A1" t="str"><v>a_x0009_b</v></c></row>', ("a\tb",), "t"),
    ],
)  # fmt: skip
def test_cells_as_other_programs_write_them(rows, found, kinds) -> None:
    (line,) = only(xlsx(rows)).rows
    assert (line.texts, line.kinds) == (found, kinds)


def test_a_name_space_prefix_changes_nothing() -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c>'
        '<x:c r="B1"><x:f>A1</x:f></x:c><x:c r="C1" t="e"><x:v>#N/A</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    (found,) = only(xlsx("", more={"xl/worksheets/sheet1.xml": sheet})).rows
    assert (found.texts, found.kinds) == (("1", "", "#N/A"), "nfe")


def test_an_uncalculated_formula_in_the_last_row_is_not_lost() -> None:
    grid = only(xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="C9"><f>A1</f></c></row>'))
    assert problems(grid) == ["book.xlsx!S!C9 formula-without-value"]


def test_what_stands_in_merged_cells_holds_for_every_row_that_they_span() -> None:
    def write(book, sheet) -> None:
        sheet.write_row(0, 0, ["report", "name", "x"])
        sheet.merge_range("A2:A4", "post-1")
        for line, name in enumerate(["a", "b", "c", "d"], 1):
            sheet.write(line, 1, name)
        sheet.merge_range("C3:D4", "both")

    grid = only(workbook(write))
    assert texts(grid)[1:] == [
        (2, ("post-1", "a")),
        (3, ("post-1", "b", "both")),
        (4, ("post-1", "c", "both")),
        (5, ("", "d")),
    ]
    assert [str(merge) for merge in grid.merges] == ["A2:A4", "C3:D4"]


def test_what_merged_cells_cover_is_left_out_with_a_notice() -> None:
    def write(book, sheet) -> None:
        sheet.merge_range("A1:A2", "shown")
        sheet.write(1, 0, "covered")
        sheet.write(1, 1, "b")

    book = grids.read(workbook(write), "book.xlsx")
    assert texts(book.grids[0]) == [(1, ("shown",)), (2, ("shown", "b"))]
    assert [f"{n.location} {n.code}" for n in book.notices] == ["book.xlsx!List!A2 covered-cell"]


def test_hidden_sheets_are_left_out_with_a_notice_unless_they_are_asked_for() -> None:
    def write(book, sheet) -> None:
        sheet.write(0, 0, "shown")
        hidden, buried = book.add_worksheet("Old"), book.add_worksheet("Older")
        hidden.write(0, 0, "hidden")
        hidden.hide()
        buried.very_hidden()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=List!$A$1:$A$2"})
        book.add_chartsheet("Chart").set_chart(chart)

    data = workbook(write)
    book = grids.read(data, "book.xlsx")
    assert [grid.sheet for grid in book.grids] == ["List"]
    assert [n.message for n in book.notices] == [
        "the sheet 'Old' is hidden and left out",
        "the sheet 'Older' is hidden and left out",
    ]
    found = grids.read(data, "book.xlsx", sheet="Old")
    assert (found.grids[0].rows[0].texts, found.notices) == (("hidden",), ())
    with pytest.raises(KgError, match=r"book.xlsx: no sheet is called 'list'; did you mean 'List'\?"):
        grids.read(data, "book.xlsx", sheet="list")


def test_macros_and_links_to_other_files_are_told_and_left_alone() -> None:
    parts = {"xl/vbaProject.bin": b"\0", "xl/externalLinks/externalLink1.xml": "<x/>"}
    book = grids.read(xlsx('<row r="1"><c r="A1"><v>1</v></c></row>', more=parts), "book.xlsm")
    assert [notice.code for notice in book.notices] == ["macros", "external-links"]
    assert book.grids[0].rows[0].texts == ("1",)


def test_hidden_rows_are_read() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>'
    assert texts(only(xlsx(rows))) == [(1, ("1",)), (2, ("2",))]


def test_all_columns_and_the_longest_cells_are_read() -> None:
    def write(book, sheet) -> None:
        sheet.write(0, 16383, "last")
        sheet.write(1, 0, "x" * 32767)

    first, second = only(workbook(write)).rows
    assert (len(first), first[16384].text) == (16384, "last")
    assert len(second[1].text) == 32767


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "@a", "_x0041_", " a ", "a\nb", "a\r\nb", "a\tb", "\x01", "עברית", "😀"]
)
def test_a_text_of_a_workbook_is_read_as_it_was_written(text) -> None:
    data = workbook(lambda book, sheet: sheet.write_string(0, 0, text))
    assert texts(only(data)) == [(1, (text,))]


# ---------------------------------------------------------------- hostile workbooks


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process: a child that is started anew knows nothing of what a test has changed."""

    def at_once(function, *arguments, **limits):
        return function(*arguments)

    monkeypatch.setattr("kg.limits.run_limited", at_once)


@pytest.mark.usefixtures("_here")
def test_a_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_INFLATED", 20_000_000)
    bomb = xlsx("", more={"xl/worksheets/sheet1.xml": b"<x>" + b" " * 30_000_000})
    assert len(bomb) < 50_000
    with pytest.raises(LimitError, match=r"grows beyond 20,000,000 bytes") as caught:
        grids.read(bomb, "bomb.xlsx")
    assert caught.value.exit_code is Exit.LIMIT


@pytest.mark.usefixtures("_here")
def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_INFLATED", 20_000_000)
    data = xlsx("", more={"xl/worksheets/sheet1.xml": b"<x>" + b" " * 30_000_000})
    lie = data.replace((30_000_003).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lie != data
    with pytest.raises(KgError, match=r"grows beyond|damaged"):
        grids.read(lie, "bomb.xlsx")


@pytest.mark.usefixtures("_here")
def test_a_part_that_grows_a_thousandfold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LARGE", 1_000_000)
    with pytest.raises(LimitError, match="grows beyond"):
        grids.read(xlsx("", more={"xl/sharedStrings.xml": b" " * 5_000_000}), "bomb.xlsx")


def test_too_many_parts_are_refused() -> None:
    parts = {f"x{number}": "" for number in range(archives.MAX_ENTRIES)}
    with pytest.raises(LimitError, match="parts, and 10,000 is the limit"):
        grids.read(xlsx("", more=parts), "bomb.xlsx")


def test_a_cell_in_the_far_distance_is_refused_by_its_name() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(
        LimitError, match="sheet 'S' reaches to XFD1048576, and no more than 10,000,000 cells"
    ):
        grids.read(xlsx(rows), "far.xlsx")


def test_a_tall_sheet_is_read_and_only_its_area_counts() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="200000"><c r="B200000"><v>2</v></c></row>'
    assert [line.number for line in only(xlsx(rows)).rows] == [1, 200000]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (xlsx('<row r="1"><c r="A1"><v>1</v></c></row>')[:400], "damaged, or only a part of it is there"),
        (xlsx('<row r="2000000"><c r="A2000000"><v>1</v></c></row>'), "beyond XFD1048576"),
        (xlsx('<row r="1"><c r="AAAA1"><v>1</v></c></row>'), "beyond XFD1048576"),
        (xlsx('<row r="1"><c r="A1" t="b"><v>7</v></c></row>'), "sheet 'S' cannot be read"),
        (xlsx('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "sheet 'S' cannot be read"),
        (xlsx('<row r="1"><c r="A1">'), "sheet 'S' cannot be read"),
        (xlsx("", more={"xl/_rels/workbook.xml.rels": "<x/>"}), "cannot be read|missing"),
        (xlsx("", more={"xl/workbook.xml": "<workbook"}), "damaged"),
        (
            xlsx("", more={"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'}),
            "document type",
        ),
        (packed({"readme.txt": "hello"}), "no workbook"),
        (packed({"content.xml": "<a"}), "damaged"),
        (packed({"content.xml": '<!DOCTYPE x [<!ENTITY a "b">]><a>&a;</a>'}), "document type"),
        (ods("", more={"META-INF/manifest.xml": "<x><encryption-data/></x>"}), "password"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old workbook .* or one with a password"),
        (b"%PDF-1.7", "a PDF"),
        (b"", "empty"),
        (b"name,born\n", "no workbook, whatever its name says"),
    ],
)
def test_what_is_no_workbook_is_one_problem_that_says_how_to_go_on(data, said) -> None:
    problem = fault(data)
    assert str(problem.location) == "book.xlsx:1:1"
    assert re.search(said, problem.message)
    assert "open it in a spreadsheet and save it" in problem.message


def test_a_damaged_part_is_told() -> None:
    data = bytearray(xlsx('<row r="1"><c r="A1"><v>1</v></c></row>' * 200))
    at = data.index(b"xl/worksheets/sheet1.xml") + 30
    data[at : at + 8] = b"\xff" * 8
    assert "damaged" in fault(bytes(data)).message


def test_two_parts_of_one_name_are_refused() -> None:
    stream = io.BytesIO(xlsx(""))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "two parts of it have one name" in fault(stream.getvalue()).message


def test_a_web_page_is_no_table() -> None:
    assert fault(b"<html><table><tr><td>1", "list.csv").code == "no-table"


def test_a_path_is_read_and_a_missing_one_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n")
    assert texts(grids.read(tmp_path / "a.csv", "a.csv").grids[0]) == [(1, ("x",))]
    with pytest.raises(KgError, match="there is no such file; did you mean"):
        grids.read(tmp_path / "b.csv", "b.csv")


def test_a_file_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        grids.read(b"x" * 11, "list.csv")


def broken(data: bytes, seed: int) -> bytes:
    """Give a file with some bytes changed, dropped or repeated."""
    chance = random.Random(seed)  # noqa: S311  (the same on every run)
    found = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(found))
        match chance.randrange(3):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                del found[at : at + min(chance.randrange(1, 40), len(found) // 2)]
            case _:
                found[at:at] = found[at : at + 40]
    return bytes(found)


def stored(data: bytes) -> bytes:
    """Give a zip whose parts are not compressed, so that a change of a byte reaches the XML."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(stream, "w") as copy:
        for name in parts.namelist():
            copy.writestr(name, parts.read(name))
    return stream.getvalue()


def what_is_wrong(data: bytes, name: str) -> str:
    """Give why a file is refused; '' if it is read."""
    try:
        grids.read(data, name)
    except KgError as error:
        return str(error) if error.exit_code in (Exit.CANNOT, Exit.LIMIT) else repr(error)
    return ""


def never_falls(seeds: range) -> None:
    day = '<table:table-cell office:value-type="date" office:date-value="2017-05-14"><text:p>x</text:p></table:table-cell>'
    files = {
        "broken.xlsx": stored(
            xlsx('<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><f>A1</f></c></row>')
        ),
        "broken.ods": stored(ods(row(cell("a"), day))),
        "broken.csv": 'name;born\r\n"Aman";1980\r\nÄ;"b\nc"\r\n'.encode("cp1252"),
    }
    for name, data in files.items():
        said = {what_is_wrong(broken(data, seed), name) for seed in seeds}
        assert len(said) > 2
        assert not [text for text in said if re.search(r"[A-Z]\w+Error\b|Traceback", text)]


def test_a_broken_file_is_read_or_refused_and_nothing_else() -> None:
    never_falls(range(15))


@pytest.mark.slow
def test_many_broken_files_are_read_or_refused() -> None:
    never_falls(range(1000, 2500))


# ---------------------------------------------------------------- ODS


def test_ods_values_stand_as_a_person_sees_them() -> None:
    rows = row(
        cell(
            'Aman <text:s text:c="2"/>T.<text:tab/>x<text:line-break/>y</text:p><text:p><text:span>second</text:span>'
        ),
        '<table:table-cell office:value-type="date" office:date-value="2017-05-14"><text:p>14.05.17</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2017-05-14T13:30:00.6"><text:p>14.05.2017</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2017-01-01"><text:p>2017</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2017-05-01"><text:p>May 17</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2026-05-14"><text:p>14. May</text:p></table:table-cell>',
        '<table:table-cell office:value-type="time" office:time-value="PT13H30M00S"><text:p>13:30</text:p></table:table-cell>',
        '<table:table-cell office:value-type="float" office:value="5"><text:p>5,00</text:p></table:table-cell>',
        '<table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>',
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>',
    )
    (found,) = only(ods(rows), "b.ods").rows
    assert found.texts == (
        "Aman   T.\tx\ny\nsecond", "2017-05-14", "2017-05-14T13:30:01", "2017", "2017-05", "2026-05-14", "13:30:00",
        "5", "0.5", "TRUE",
    )  # fmt: skip
    assert found.kinds == "tdddd" + "yhnnb"


def test_ods_cells_that_repeat_are_written_once_and_read_often() -> None:
    rows = (
        row(
            cell("a", 'table:number-columns-repeated="2"'),
            '<table:table-cell table:number-columns-repeated="16382"/>',
        )
        + row(
            '<table:table-cell table:number-columns-repeated="16384"/>', more='table:number-rows-repeated="3"'
        )
        + row("<table:table-cell/>", cell("b"), more='table:number-rows-repeated="2"')
        + row("<table:table-cell/>", more='table:number-rows-repeated="1048570"')
    )
    assert texts(only(ods(rows), "b.ods")) == [(1, ("a", "a")), (5, ("", "b")), (6, ("", "b"))]


def test_ods_comments_and_covered_cells_are_no_text_of_the_cell() -> None:
    note = "<office:annotation><text:p>a remark</text:p></office:annotation>"
    rows = row(
        f'<table:table-cell office:value-type="string" table:number-rows-spanned="2">{note}<text:p>a</text:p></table:table-cell>'
    ) + row("<table:covered-table-cell/>", cell("b"))
    assert texts(only(ods(rows), "b.ods")) == [(1, ("a",)), (2, ("a", "b"))]


def test_ods_white_space_between_cells_and_within_them_is_none() -> None:
    assert texts(only(ods(row("\n  ", cell("\n a\n  b"), "\n")), "b.ods")) == [(1, ("a b",))]


def test_ods_errors_and_uncalculated_formulas_name_their_cell() -> None:
    rows = row(
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=x" office:value-type="float" office:value="0"><text:p>Err:508</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=1+1"/>',
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>',
    )
    assert problems(only(ods(rows), "b.ods")) == [
        "b.ods!S!A1 cell-error", "b.ods!S!B1 cell-error", "b.ods!S!C1 formula-without-value",
    ]  # fmt: skip


def test_a_hidden_sheet_of_ods_is_left_out() -> None:
    style = '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="false"/></style:style>'
    data = ods(
        row(cell("x")),
        styles=style,
        table='table:style-name="ta1"',
        more={"Basic/Standard/Module1.xml": "<x/>"},
    )
    book = grids.read(data, "b.ods")
    assert (book.grids, [notice.code for notice in book.notices]) == ((), ["macros", "hidden-sheet"])


def test_ods_rows_that_repeat_without_end_are_refused() -> None:
    bomb = ods(
        row(cell("x", 'table:number-columns-repeated="1000"'), more='table:number-rows-repeated="1000000"')
    )
    with pytest.raises(LimitError, match="more than 10,000,000 cells"):
        grids.read(bomb, "bomb.ods")
    with pytest.raises(LimitError, match="more than 16,384 cells"):
        grids.read(ods(row(cell("x", 'table:number-columns-repeated="16385"'))), "bomb.ods")


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a,b\n1,2\n", "x.csv"),
        (b"a;b\r\n1;2\r\n", "x.csv"),
        (b"a|b\n1|2\n", "x.csv"),
        (b"a\tb\n1\t2\n", "x.csv"),
        (b"a\tb\n1\t2\n", "x.tsv"),
        (b'"a";"b"\n1;2\n', "x.csv"),
        (b"sep=;\r\na;b\n1;2\n", "x.csv"),
        (b"\xef\xbb\xbfa;b\n1;2", "x.csv"),
        ("\ufeffa;b\n1;2\n".encode("utf-16-le"), "x.csv"),
        ("\ufeffa,b\n1,2\n".encode("utf-16-be"), "x.csv"),
        ("a\tb\n1\t2\n".encode("utf-16-le"), "x.csv"),
        ("\ufeffa,b\n1,2\n".encode("utf-32-le"), "x.csv"),
    ],
)
def test_a_csv_is_read_whatever_separates_its_cells_and_encodes_its_letters(data, name) -> None:
    assert texts(only(data, name)) == [(1, ("a", "b")), (2, ("1", "2"))]


def test_the_separator_is_that_of_the_header() -> None:
    assert texts(only(b'name;"born, where"\nA;"Arishan, old town"\n', "x.csv"))[1] == (
        2,
        ("A", "Arishan, old town"),
    )
    assert texts(only(b'\n\n"a, b, c";d\nx;1,5\n', "x.csv")) == [(3, ("a, b, c", "d")), (4, ("x", "1,5"))]
    assert texts(only(b"a,b;c\n", "x.csv", separator=";")) == [(1, ("a,b", "c"))]
    assert texts(only(b"one column\nx\n", "x.csv")) == [(1, ("one column",)), (2, ("x",))]


def test_quoted_line_breaks_ragged_rows_and_doubled_quotes_are_read() -> None:
    data = b'a,b,c\n"x\r\ny",2\n1,2,3,4\n"say ""no""",\n5" pipe,x\n'
    assert texts(only(data, "x.csv")) == [
        (1, ("a", "b", "c")), (2, ("x\r\ny", "2")), (3, ("1", "2", "3", "4")), (4, ('say "no"',)), (5, ('5" pipe', "x")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (b'a,b\n1,2\nx,"never closed\n3,4\n', "x.csv:3:1", "never closed"),
        (b'a,b\n"x"y,2\n', "x.csv:2:1", "text follows a quote"),
    ],
)
def test_a_quote_that_does_not_fit_names_its_row(data, place, said) -> None:
    problem = fault(data, "x.csv")
    assert (str(problem.location), problem.code) == (place, "csv-syntax")
    assert said in problem.message


def test_a_western_export_of_excel_is_read_where_only_one_reading_is_possible() -> None:
    book = grids.read("Name;Größe\r\nJürgen Müller;„ja“ – 5 €\r\n".encode("cp1252"), "x.csv")
    assert texts(book.grids[0]) == [(1, ("Name", "Größe")), (2, ("Jürgen Müller", "„ja“ – 5 €"))]
    assert [(n.code, "Windows-1252" in n.message) for n in book.notices] == [("encoding", True)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Łódź;x", "cp1250"), ("Аман;x", "cp1251"), ("mère;x", "cp1252"), ("Şırnak;x", "cp1254"), ("Αθήνα;x", "cp1253"),
        ("שלום;x", "cp1255"), ("Köln;x", "mac_roman"), ("Köln;x", "cp850"), ("漢字;x", "gb18030"), ("日本;x", "shift_jis"),
    ],
)  # fmt: skip
def test_any_other_encoding_is_asked_for_and_then_read(text, encoding) -> None:
    data = f"name\n\n1;{text}\n".encode(encoding)
    problem = fault(data, "x.csv")
    assert (str(problem.location), problem.code) == ("x.csv:3:2", "encoding")
    assert "Save the file again as CSV UTF-8" in problem.message
    assert texts(only(data, "x.csv", encoding=encoding, separator=";"))[1] == (3, ("1", *text.split(";")))


def test_a_message_shows_what_a_text_could_be() -> None:
    assert "'mère' as cp1252" in fault("mère\n".encode("cp1252"), "x.csv").message


def test_a_wrong_encoding_is_told() -> None:
    with pytest.raises(KgError, match="no encoding is called 'cp12521'"):
        grids.read(b"x", "x.csv", encoding="cp12521")
    assert fault(b"a\n\x81", "x.csv", encoding="cp1252").code == "encoding"
    assert fault(b"\xff\xfe\x00", "x.csv").code == "encoding"


def test_errors_that_a_spreadsheet_left_are_errors() -> None:
    assert problems(only(b"a,b\n#N/A,#REF!\n#1,x\n", "x.csv")) == [
        "x.csv:2:1 cell-error",
        "x.csv:2:2 cell-error",
    ]


def test_a_csv_of_too_many_or_too_long_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells, "MAX_AREA", 5)
    with pytest.raises(LimitError, match=r"x.csv: the table holds more than 5 cells"):
        grids.read(b"a,b\n1,2\n3,4\n", "x.csv")
    monkeypatch.undo()
    with pytest.raises(LimitError, match="row 1 has 16,385 cells"):
        grids.read(b"," * 16384, "x.csv")
    assert "more than 1,000,000 characters" in fault(b"x" * 1_000_001, "x.csv").message
    assert len(only(b"x" * 1_000_000, "x.csv").rows[0][1].text) == 1_000_000


def test_a_sheet_of_a_csv_cannot_be_asked_for() -> None:
    with pytest.raises(KgError, match="has no sheets"):
        grids.read(b"a", "x.csv", sheet="S")


def test_a_nul_is_kept_for_the_reader_to_report() -> None:
    assert texts(only(b"a,b\n\0x,2\n", "x.csv"))[1] == (2, ("\0x", "2"))


# ---------------------------------------------------------------- merged cells and speed


def test_merged_cells_of_a_whole_column_do_not_make_rows() -> None:
    rows = [
        cells.Row(number, ("", "x") if number > 1 else ("top", "x"), " t" if number > 1 else "tt")
        for number in (1, 2, 5)
    ]
    filled, covered = cells.fill_down(rows, [cells.Merge(1, 1, 1_048_576, 1)])
    assert [(row.number, row.texts) for row in filled] == [
        (1, ("top", "x")),
        (2, ("top", "x")),
        (5, ("top", "x")),
    ]
    assert covered == []


@pytest.mark.slow
def test_ten_thousand_rows_take_less_than_three_times_what_the_engine_takes() -> None:
    import time

    import python_calamine

    data = workbook(
        lambda book, sheet: [
            sheet.write_row(line, 0, [f"text {line % 997} {c}" if c % 4 else line for c in range(20)])
            for line in range(10_000)
        ]
    )
    engine = ours = 1e9
    for _ in range(3):
        start = time.perf_counter()
        python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        engine = min(engine, time.perf_counter() - start)
        start = time.perf_counter()
        assert len(only(data).rows) == 10_000
        ours = min(ours, time.perf_counter() - start)
    assert ours < 4 * engine
