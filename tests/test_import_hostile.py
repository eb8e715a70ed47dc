"""Tables that are clumsy, broken or meant to do harm: told in one line, or imported whole."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from import_lists import codes, csv_of, described, good, imported, said, told, vocabulary
from kg.importing.run import import_tables, to_lines
from kg.importing.suggest import suggest
from kg.problems import KgError

MAP = """\
report: {key: list, title: List, published: 2020}
entities:
  prisoner: {class: person, label: {column: Name}}
assertions:
  - {about: prisoner, occupation: {column: Job}}
"""


def book(*sheets: tuple[str, list[list[Any]]], hide: str = "") -> bytes:
    """Give a workbook; a text that begins with = is a formula without a result."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream)
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for title, rows in sheets:
        sheet = workbook.add_worksheet(title)
        if title == hide:
            sheet.hide()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if hasattr(value, "isoformat"):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(number, column, value, None, "")
                else:
                    sheet.write(number, column, value)
    workbook.close()
    return stream.getvalue()


# ---------------------------------------------------------------- what is no table


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("list.csv", b"", "holds nothing"),
        ("list.csv", b"\n\n ,\n", "holds nothing"),
        ("list.csv", bytes(range(256)) * 40, "list.csv"),
        ("list.csv", b"%PDF-1.7 ...", "a PDF"),
        ("list.xlsx", b"not a workbook", "no workbook"),
        ("list.xlsx", b"PK\x03\x04" + b"\0" * 100, "list.xlsx"),
        ("list.json", b"", "not JSON"),
        ("list.json", b"{", "not JSON"),
        ("list.json", b'"a text"', "found a text where a list of objects is wanted"),
        ("list.json", b"{}", "found an object where a list of objects is wanted"),
        ("list.json", b'{"items": [{"Name": "Aman"}]}', "write table: {path: items}"),
        ("list.json", b"[]", "holds no objects"),
        ("list.json", b"\xff\xfe", "not UTF-8"),
        ("list.json", b"[" * 100_000, "nested too deeply"),
        ("list.json", b'[{"a": ' + b'{"a": ' * 50 + b"1" + b"}" * 51 + b"]", "nested deeper than 20"),
        ("list.json", b'[{"a": 1, "a": 2}]', "the key 'a' stands twice"),
        ("seeds\u202e.csv", b"Name,Job\nAman,monk\n", "cannot be seen"),
    ],
)
def test_what_is_no_table_is_told(name: str, data: bytes, says: str) -> None:
    with pytest.raises(KgError) as error:
        imported(data, MAP, name)
    assert says in str(error.value)


def test_a_header_without_rows_is_a_problem() -> None:
    assert told(imported("Name,Job\n", MAP)) == [
        "list.csv:1:1: no-rows: the table has a header, and no row below it; is it the right sheet and header row?"
    ]


def test_a_list_that_holds_other_things_than_objects() -> None:
    result = imported('[{"Name": "Aman", "Job": "monk"}, 7, "x", null, [1]]', MAP, "list.json")
    assert told(result) == [
        "list.json![2]: wrong-kind: found a number, 7; each row is an object, such as {\"name\": …}",
        "list.json![3]: wrong-kind: found a text; each row is an object, such as {\"name\": …}",
        "list.json![4]: wrong-kind: found nothing; each row is an object, such as {\"name\": …}",
        "list.json![5]: wrong-kind: found a list; each row is an object, such as {\"name\": …}",
    ]  # fmt: skip


def test_a_faulty_line_of_json_is_told_with_its_line() -> None:
    (line,) = told(imported('{"Name": "Aman", "Job": "monk"}\n{"Name": \n', MAP, "list.jsonl"))
    assert line.startswith("list.jsonl:2:")
    assert "bad-json" in line


def test_a_key_of_json_that_looks_like_a_path_is_told() -> None:
    lines = told(imported('[{"Name": "Aman", "Job": "x", "a": {"b": 1}, "a.b": 2}]', MAP, "list.json"))
    assert "repeated-key: 'a.b' stands twice in this object" in lines[0]


# ---------------------------------------------------------------- large


def test_sixteen_thousand_columns() -> None:
    header = ["Name", "Job", *(f"c{number}" for number in range(16_382))]
    row = ["Aman", "monk", *("x" * 16_382)]
    (line,) = told(
        imported(csv_of(header, [row, row[:2]]), MAP.replace("Name}}", "Name}, identified-by: [Name]}"))
    )
    assert "unmapped-column: the map says nothing of 16,382 columns: C ('c0') with 'x'" in line
    assert len(line) < 1_000
    empty = csv_of(header, [["Aman", "monk"]])
    assert said(imported(empty, MAP)) == [("aman", "occupation", "monk")]


def test_a_suggestion_for_sixteen_thousand_columns_comes_in_seconds() -> None:
    header = ["Name", *(f"c{number}" for number in range(16_383))]
    begin = time.process_time()
    text, _ = suggest({"list.csv": csv_of(header, [["Aman", *("x" * 16_383)]]).encode()}, vocabulary())
    assert time.process_time() - begin < 15
    assert "leave-out:" in text


@pytest.mark.parametrize(
    "rule", ["{column: Job}", "{column: Job, values: {a: b}}", '{column: Job, patterns: {"*a*b*c*": x}}']
)
def test_cells_with_32767_characters_are_problems_of_one_short_line(rule: str) -> None:
    for text in ("x" * 32_767, "ab" * 16_000, "1" * 32_767):
        begin = time.process_time()
        (line,) = told(imported(f"Name,Job\nAman,{text}\n", MAP.replace("{column: Job}", rule)))
        assert time.process_time() - begin < 2
        assert len(line) < 800
        assert line.startswith("list.csv:2:2: ")


@pytest.mark.parametrize(
    "rule",
    [
        "age: {column: Job}",
        "sentenced-to: {column: Job}",
        "held-at: {column: Job}",
        "held-at: {text: unknown, with: {date: {column: Job, dates: [D/M/Y, Y, Month Y], lasting: [' ', '-']}}}",
    ],
)
def test_no_kind_of_value_takes_a_cell_that_is_a_book(rule: str) -> None:
    for text in ("1" * 32_767, "- " * 16_000, "May 2017 - " * 3_000):
        begin = time.process_time()
        (line,) = told(
            imported(
                csv_of(("Name", "Job"), [("Aman", text)]), MAP.replace("occupation: {column: Job}", rule)
            )
        )
        assert time.process_time() - begin < 2
        assert len(line) < 1_000


def test_a_long_name_is_no_name() -> None:
    (line,) = told(imported(f"Name,Job\n{'Aman ' * 500},monk\n", MAP))
    assert "at most 300 make a value" in line


def test_more_different_problems_than_are_kept_are_counted_all_the_same() -> None:
    table = "Name,Job\n" + "".join(f"Person {number},{number}\n" for number in range(6_000))
    result = imported(table, MAP.replace("{column: Job}", "{column: Job, values: {a: b}}"))
    assert result.problems.count == 6_000
    assert len(list(result.problems)) <= 5_000
    assert result.problems.kinds()[0].count == 6_000


# ---------------------------------------------------------------- characters


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mo\x07nk", "U+0007, a character that cannot be seen"),
        ("\u202eknom", "U+202E, a character that changes the direction"),
        ("mo\u200bnk", "U+200B"),
        ("mo\x1fnk", "U+001E"),
    ],
)
def test_characters_that_nobody_sees_are_problems_until_the_map_says_otherwise(text: str, what: str) -> None:
    (line,) = told(imported(f"Name,Job\nAman,{text}\n", MAP))
    assert "control-character" in line
    assert what in line
    cleaned = said(imported(f"Name,Job\nAman,{text}\n", "table: {clean: yes}\n" + MAP))
    assert [found[2] for found in cleaned] in (["monk"], ["knom"])


def test_half_of_a_character_in_json_is_a_problem() -> None:
    (line,) = told(imported('[{"Name": "Aman", "Job": "\\ud800"}]', MAP, "list.json"))
    assert "U+D800" in line


def test_headers_with_line_breaks_and_controls_can_be_named() -> None:
    assert len(said(imported('"Na\x07me","Job"\nAman,monk\n', MAP))) == 1
    assert len(said(imported('Name,"J\nob"\nAman,monk\n', MAP.replace("column: Job", "column: J ob")))) == 1


def test_formulas_of_a_csv_are_words() -> None:
    found = said(imported('Name,Job\nAman,"=HYPERLINK(""http://x"")"\nBek,@SUM(1)\n', MAP))
    assert [o for _, _, o in found] == ['=HYPERLINK("http://x")', "@SUM(1)"]


# ---------------------------------------------------------------- workbooks


def test_a_workbook_is_read_with_its_cells_as_places() -> None:
    import datetime

    data = book(
        (
            "Prisoners",
            [["Name", "Job", "Since"], ["Aman", "monk", datetime.date(2017, 5, 14)], ["Bek", "mnok", 2016]],
        )
    )
    map_ = MAP.replace(
        "{column: Job}}",
        "{column: Job, values: {monk: monk}}, held-at: {text: unknown, with: {date: {column: Since, dates: Y}}}}",
    )
    (line,) = told(imported(data, map_, "list.xlsx"))
    assert line.startswith("list.xlsx!Prisoners!B3: no-rule: 'Job': no rule covers 'mnok'")
    fine = said(
        imported(data, map_.replace("monk: monk", "monk: monk, mnok: monk"), "list.xlsx"),
        "date",
        "sheet",
        "row",
        "column",
    )
    assert fine == [
        ("aman", "occupation", "monk", None, "Prisoners", 2, "B"), ("aman", "held-at", "unknown", "2017-05-14", "Prisoners", 2, None),
        ("bek", "occupation", "monk", None, "Prisoners", 3, "B"), ("bek", "held-at", "unknown", "2016", "Prisoners", 3, None),
    ]  # fmt: skip


def test_a_formula_without_its_result_is_a_problem_even_in_a_condition() -> None:
    data = book(("S", [["Name", "Job", "State"], ["Aman", "=A1&A2", "held"], ["Bek", "monk", "=A1"]]))
    map_ = MAP.replace("{column: Job}}", "{column: Job, when: {State: held}}}")
    found = told(imported(data, map_, "list.xlsx"))
    assert [line.partition(": ")[0] for line in found if "formula-without-value" in line] == [
        "list.xlsx!S!B2",
        "list.xlsx!S!C3",
    ]


def test_one_of_several_sheets_has_to_be_named() -> None:
    data = book(("2019", [["Name", "Job"], ["Aman", "monk"]]), ("2020", [["Job", "Name"], ["herder", "Bek"]]))
    with pytest.raises(KgError, match=r"has 2 sheets, '2019', '2020'; write table: \{sheet: …\}"):
        imported(data, MAP, "list.xlsx")
    with pytest.raises(KgError, match="no sheet is called '2021'"):
        imported(data, "table: {sheet: 2021}\n" + MAP, "list.xlsx")
    one = imported(data, "table: {sheet: 2020}\n" + MAP, "list.xlsx")
    assert said(one, "sheet") == [("bek", "occupation", "herder", "2020")]
    by_sheet = MAP.replace("key: list", 'key: "list-{#sheet}"').replace(
        "title: List", 'title: "List {#sheet}"'
    )
    both = imported(data, "table: {sheets: all}\n" + by_sheet, "list.xlsx")
    assert said(both, "report", "column") == [
        ("aman", "occupation", "monk", "list-2019", "B"),
        ("bek", "occupation", "herder", "list-2020", "A"),
    ]


def test_hidden_sheets_are_left_out_unless_named() -> None:
    data = book(("Codes", [["x"], ["y"]]), ("List", [["Name", "Job"], ["Aman", "monk"]]), hide="List")
    with pytest.raises(KgError):
        imported(data, "table: {sheet: Lisst}\n" + MAP, "list.xlsx")
    assert len(said(imported(data, "table: {sheet: List}\n" + MAP, "list.xlsx"))) == 1


def test_a_sheet_named_like_a_path_is_refused() -> None:
    data = book(("Sheet1", [["Name", "Job"], ["Aman", "monk"]]))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(
                name,
                text.replace(b'name="Sheet1"', b'name="../../seeds/x"')
                if name == "xl/workbook.xml"
                else text,
            )
    with pytest.raises(KgError, match="named like a path"):
        imported(stream.getvalue(), MAP, "list.xlsx")


# ---------------------------------------------------------------- paths


def test_the_path_of_a_table_does_not_reach_the_graph() -> None:
    result = good(imported({"../../secret/folder/list.csv": "Name,Job\nAman,monk\n"}, MAP))
    assert "secret" not in to_lines(result.records).decode()
    assert {record["file"] for record in result.records if "predicate" in record} == {"list.csv"}


def test_keys_cannot_climb_out() -> None:
    map_ = MAP.replace("key: list", 'key: "{Name}"')
    result = good(imported("Name,Job\n../../etc/passwd,monk\n", map_))
    assert described(result, "report")[0]["key"] == "etc-passwd"
    assert described(result, "person")[0]["key"] == "etc-passwd"


def test_the_network_and_the_disk_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import socket

    monkeypatch.setattr(socket, "socket", None)
    known = vocabulary()
    monkeypatch.setattr(builtins, "open", None)
    data = {"list.csv": b"Name,Job\nAman,monk\n"}
    result, _ = import_tables(data, ("map.yml", MAP.encode()), known)
    assert codes(result) == []


def test_equal_records_are_json_that_others_read() -> None:
    result = good(imported('Name,Job\n"Aman ""the\tElder""",monk\u2028and \\more\n', MAP))
    lines = to_lines(result.records).decode().split("\n")
    assert [json.loads(line) for line in lines if line] == list(result.records)
