from __future__ import annotations

import builtins
import io
import zipfile
from importlib import import_module
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from kg import annotate, grids
from kg.commands import table as commands
from kg.problems import Exit, KgError, Location, Problem, RefusedError


def workbook() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "My list"
    page.append(["name", "date", "sum"])
    page.append(["Aman", "2017-05-14", "=1+1"])
    page["A2"].font = Font(bold=True)
    page["B2"].fill = PatternFill("solid", fgColor="FF00FF00")
    page["B2"].comment = Comment("look again", "somebody")
    page.merge_cells("D1:E2")
    book.create_sheet("Second")["A1"] = "x"
    return saved(book)


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def at(row: int, column: int, cell: str = "", path: str = "list.xlsx", message: str = "wrong") -> Problem:
    return Problem(Location(path, row, column, cell), "bad-date", message)


def marked(data: bytes, *problems: Problem, name: str = "list.xlsx"):
    copy, number = annotate.annotate(data, name, problems)
    return openpyxl.load_workbook(io.BytesIO(copy)), number


def test_problems_stand_on_their_cells_and_on_a_list() -> None:
    book, number = marked(
        workbook(),
        at(2, 1, "'My list'!A2", message="first"),
        at(2, 1, "'My list'!A2", message="second"),
        at(2, 2, "'My list'!B2"),
        at(1, 1, "Second!A1"),
        at(1, 1, path="other.xlsx"),
    )
    assert number == 4
    page = book["My list"]
    assert page["A2"].comment.text == "bad-date: first\nbad-date: second"
    assert page["A2"].comment.author == "kg"
    assert page["A2"].fill.fgColor.rgb == "FFFFC7CE"
    assert (page["A2"].value, page["A2"].font.bold, page["C2"].value) == ("Aman", True, "=1+1")
    assert page["B2"].comment.text == "look again\n\nbad-date: wrong"
    assert book["Second"]["A1"].comment is not None
    assert book.sheetnames[0] == "#problems"
    found = book["#problems"]
    assert [[cell.value for cell in row] for row in found.rows] == [
        ["cell", "problem"],
        ["My list!A2", "bad-date: first"],
        ["My list!A2", "bad-date: second"],
        ["My list!B2", "bad-date: wrong"],
        ["Second!A1", "bad-date: wrong"],
    ]
    assert found["A2"].hyperlink.location == "'My list'!A2"


def test_a_problem_of_the_whole_file_stands_at_its_first_cell() -> None:
    book, _ = marked(workbook(), at(1, 1))
    assert book["My list"]["A1"].comment.text == "bad-date: wrong"


def test_a_problem_within_merged_cells_stands_at_the_first_of_them() -> None:
    book, _ = marked(workbook(), at(2, 5, "'My list'!E2"))
    assert book["My list"]["D1"].comment.text == "bad-date: wrong"


def test_marking_a_copy_again_takes_out_what_is_mended() -> None:
    first, _ = annotate.annotate(
        workbook(), "list.xlsx", [at(2, 1, "'My list'!A2"), at(2, 2, "'My list'!B2")]
    )
    book, _ = marked(first, at(2, 3, "'My list'!C2"))
    page = book["My list"]
    assert page["A2"].comment is None
    assert page["A2"].fill.fgColor.rgb != "FFFFC7CE"
    assert page["C2"].comment.text == "bad-date: wrong"
    assert book.sheetnames.count("#problems") == 1


def test_without_problems_the_copy_says_so_by_an_empty_list() -> None:
    book, number = marked(workbook())
    assert (number, book["#problems"].max_row) == (0, 1)


def test_a_copy_of_a_csv_holds_its_texts_as_texts() -> None:
    book, number = marked("name;sum\nАман;=1+1\n".encode(), at(2, 2, path="a.csv"), name="a.csv")
    page = book["table"]
    assert (number, page["A2"].value, page["B2"].value, page["B2"].data_type) == (1, "Аман", "=1+1", "s")
    assert page["B2"].comment.text == "bad-date: wrong"
    assert book["#problems"]["A2"].value == "table!B2"


def test_a_message_with_control_characters_and_a_formula_does_no_harm() -> None:
    wrong = Problem(Location("list.xlsx", 1, 1), "=cmd", "a\x1b[2J\u202eb\x00" + "x" * 5_000)
    book, _ = marked(workbook(), wrong)
    text = book["My list"]["A1"].comment.text
    assert r"a\x1b[2J\u202eb\x00x" in text
    assert len(text) < 2_100
    assert book["#problems"]["B2"].data_type == "s"


def test_a_workbook_with_macros_is_refused() -> None:
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\0")
    with pytest.raises(RefusedError, match="holds macros"):
        annotate.annotate(stream.getvalue(), "list.xlsx", [])


def rewritten(data: bytes, part: str, old: str, new: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(stream, "w") as copy:
        for name in archive.namelist():
            text = archive.read(name)
            copy.writestr(name, text.replace(old.encode(), new.encode()) if name == part else text)
    return stream.getvalue()


def test_a_document_type_is_refused_before_any_parser_sees_it() -> None:
    bad = rewritten(
        workbook(),
        "docProps/core.xml",
        "<cp:core",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><cp:core',
    )
    assert bad != workbook()
    with pytest.raises(KgError, match="document type"):
        annotate.annotate(bad, "list.xlsx", [])


def test_what_openpyxl_cannot_read_is_told() -> None:
    bad = rewritten(workbook(), "xl/styles.xml", "<cellXfs", "<cellXfz")
    with pytest.raises(KgError, match=r"the copy of|openpyxl cannot read it|cannot be read|damaged"):
        annotate.annotate(bad, "list.xlsx", [])
    with pytest.raises(grids.FaultyTableError):
        annotate.annotate(b"PK\x03\x04", "list.xlsx", [])


def test_without_openpyxl_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *args: object) -> object:
        if name == "openpyxl":
            raise ImportError(name)
        return import_module(name)

    monkeypatch.setattr(annotate, "import_module", missing)
    with pytest.raises(KgError, match=r"pip install 'reportedly\[sheets\]'"):
        annotate.annotate(b"a,b", "a.csv", [])
    assert builtins.__import__ is not missing


# ---------------------------------------------------------------- kg check --annotate


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kg.toml").write_text("")
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_copy_is_written_beside_and_never_over_anything(here: Path, capsys) -> None:
    files = {"seeds/list.xlsx": workbook(), "seeds/a.yaml": b""}
    problems = [at(2, 1, "'My list'!A2", "seeds/list.xlsx")]
    commands.write_annotated(files, problems, Path("out.xlsx"))
    assert capsys.readouterr().err == "kg: 1 problem marked in out.xlsx\n"
    assert openpyxl.load_workbook("out.xlsx")["My list"]["A2"].comment is not None
    with pytest.raises(RefusedError, match=r"out.xlsx is there already") as caught:
        commands.write_annotated(files, problems, Path("out.xlsx"))
    assert caught.value.exit_code is Exit.REFUSED
    with pytest.raises(RefusedError, match="lies among the seeds"):
        commands.write_annotated(files, problems, Path("seeds/copy.xlsx"))
    with pytest.raises(KgError, match=r"ends in .xlsx"):
        commands.write_annotated(files, problems, Path("out.ods"))
    for wrong in ({"a.yaml": b""}, {"a.csv": b"", "b.csv": b""}):
        with pytest.raises(KgError, match="marks one table, and"):
            commands.write_annotated(wrong, problems, Path("new.xlsx"))
