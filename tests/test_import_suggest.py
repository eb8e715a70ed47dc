"""A first map of a table: it imports a clean one as it stands, and says of a dirty one what a person has to decide."""

from __future__ import annotations

import io
import json
from textwrap import dedent

import pytest
import xlsxwriter

from import_lists import csv_of, described, good, imported, prisoners, said, told, vocabulary, yearly
from kg.importing.suggest import suggest
from kg.problems import KgError


def suggested(table: str | bytes, name: str = "list.csv") -> tuple[str, int]:
    data = dedent(table).encode() if isinstance(table, str) else table
    return suggest({name: data}, vocabulary())


CLEAN = """\
    Name,Ethnic group,Occupation,Date of arrest,Place of arrest,Prison,Sentence,Court,Charge,Remarks
    Aman Tolek,Valley,monk,14/05/2017,Upper Valley,Lower Camp,13 years four months,Valley Court,theft,
    Bek Sarin,Hill,herder,02/06/2017,Lower Valley,Lower Camp,life,Valley Court,theft,see page 4
    Dana Ospan,Valley,teacher,2016,Upper Valley,Upper Camp,5-10 years,Hill Court,prayer,
    Erik Samat,Hill,herder,30/11/2018,Lower Valley,Upper Camp,,,,
    Gulnar Karim,Valley,herder,2016,Hill Town,Upper Camp,5 years,Hill Court,theft,
    """


def test_a_clean_table_imports_with_the_map_as_it_is_suggested() -> None:
    text, decisions = suggested(CLEAN)
    assert decisions == 0
    assert "# decide" not in text.split("\n", 2)[2]
    result = imported(CLEAN, text)
    found = said(result, "date")
    assert ("aman-tolek", "detained-at", "upper-valley", "2017-05-14") in found
    assert ("dana-ospan", "detained-at", "upper-valley", "2016") in found
    assert ("bek-sarin", "sentenced-to", "life", None) in found
    assert ("erik-samat", "occupation", "herder", None) in found
    assert {predicate for _, predicate, _, _ in found} == {
        "ethnicity", "occupation", "detained-at", "held-at", "sentenced-to", "sentenced-by", "charged-with",
    }  # fmt: skip
    assert described(result, "report")[0]["published"] == "2018"


def test_guesses_are_marked_and_nothing_is_dropped_in_silence() -> None:
    text, _ = suggested(CLEAN)
    assert "ethnicity:  # guess\n" in text
    assert "    occupation: {column: Occupation}\n" in text, (
        "a header that is called like a predicate is no guess"
    )
    assert "  published: 2018  # guess: the newest year in it; write the day of publication\n" in text
    assert "leave-out:\n  Remarks: not used yet  # guess: 1 different values, such as 'see page 4'\n" in text
    assert "dates: [Y, D/M/Y]" in text


def test_days_and_months_that_nobody_can_tell_apart_are_to_be_decided() -> None:
    table = "Name,Date of arrest\nAman,05/06/2017\nBek,01/02/2017\n"
    text, decisions = suggested(table)
    assert decisions == 1
    assert "decide: D/M/Y or M/D/Y? nothing in the table tells" in text
    good(imported(table, text))
    american, _ = suggested("Name,Date of arrest\nAman,05/06/2017\nBek,01/25/2017\n")
    assert "dates: [M/D/Y]" in american


def test_a_dirty_table_says_what_is_to_be_decided() -> None:
    text, decisions = suggested(prisoners(1_000, 30))
    assert decisions >= 3
    assert 'identified-by: ["Record no."]' in text
    assert "zh: {column: Chinese characters}" in text
    assert 'also: {column: Other names, split: ";"}' in text
    assert "VALLEY: Valley  # guess" in text or "valley: Valley  # guess" in text
    told_at_end = text.partition("# decide: what the rules above do not cover")[2]
    assert "no-name: 'Name': no name stands here" in told_at_end
    assert "(30 times: also " in told_at_end
    assert "bad-term: 'Sentence': 'detention' is not a term" in told_at_end
    assert told(imported(prisoners(1_000, 30), text)) != []


def test_a_yearly_list_becomes_a_report_a_year() -> None:
    text, _ = suggested(yearly(30, range(2015, 2020)))
    assert 'key: "list-{Year}"' in text
    assert "identified-by: [Name, Born]" in text
    assert "rows repeat a name" in text


def test_several_values_in_a_cell_are_seen() -> None:
    rows = [
        ("Aman", "monk;teacher"),
        ("Bek", "monk"),
        ("Dana", "teacher"),
        ("Erik", "monk; herder"),
        ("Gul", "herder"),
        ("Ira", "herder"),
        ("Jon", "monk"),
    ]
    table = csv_of(("Name", "Occupation"), rows)
    text, _ = suggested(table)
    assert 'split: ";"' in text
    assert [o for s, _, o in said(imported(table, text)) if s == "erik"] == ["monk", "herder"]


def test_a_date_without_a_place_is_a_detention_somewhere() -> None:
    table = (
        "Name,Place of arrest,Date of arrest\nAman,Upper Valley,2017\nBek,,2016\nDana,Lower Valley,\nErik,,\n"
    )
    text, decisions = suggested(table)
    assert decisions == 0, text
    assert said(imported(table, text), "date") == [
        ("aman", "detained-at", "upper-valley", "2017"), ("bek", "detained-at", "unknown", "2016"), ("dana", "detained-at", "lower-valley", None),
    ]  # fmt: skip


def test_dashes_are_taken_for_empty_cells() -> None:
    table = "Name,Occupation\nAman,monk\nBek,-\nDana,N/A\n"
    text, _ = suggested(table)
    assert 'empty: ["-", "N/A"]' in text
    assert len(said(imported(table, text))) == 1


def test_a_table_of_facilities_is_one() -> None:
    table = "Prison name,County\nLower Camp,Hills\nUpper Camp,Plains\n"
    text, _ = suggested(table)
    assert "class: facility" in text
    assert said(imported(table, text)) == [
        ("lower-camp", "located-in", "hills"),
        ("upper-camp", "located-in", "plains"),
    ]


def test_sheets_with_one_header_are_read_together_and_others_apart() -> None:
    def book(second: str) -> bytes:
        stream = io.BytesIO()
        workbook = xlsxwriter.Workbook(stream)
        for sheet, header in (("2019", "Occupation"), ("2020", second)):
            page = workbook.add_worksheet(sheet)
            page.write_row(0, 0, ["Name", header])
            page.write_row(1, 0, [f"Aman {sheet}", "monk"])
        workbook.close()
        return stream.getvalue()

    text, _ = suggested(book("Occupation"), "list.xlsx")
    assert "sheets: all  # guess: the sheets 2019, 2020 have the same header" in text
    assert len(said(imported(book("Occupation"), text, "list.xlsx"))) == 2
    text, _ = suggested(book("Job"), "list.xlsx")
    assert 'sheets: ["2019"]  # guess: the sheets 2019, 2020 have other headers' in text


def test_a_title_above_the_header_is_passed_over() -> None:
    table = "List of prisoners,,\n,,\nName,Occupation,Prison\nAman,monk,Camp\n"
    text, _ = suggested(table)
    assert "header: 3  # guess: the row of the headers" in text
    assert len(said(imported(table, text))) == 2


def test_json_is_looked_into() -> None:
    table = json.dumps(
        {"total": 2, "items": [{"name": "Aman", "occupation": "monk"}, {"name": "Bek", "occupation": "monk"}]}
    )
    text, decisions = suggested(table, "list.json")
    assert "path: items  # guess: the longest list of objects" in text
    assert decisions == 0
    assert len(said(imported(table, text, "list.json"))) == 2


@pytest.mark.parametrize(
    "table",
    [
        "Name\nAman\n",
        "a,a,a\n1,2,3\n",
        "Name,{x}\nAman,1\n",
        "Name,# decide\nAman,x\n",
        '"Na\nme","Job: x"\nAman,"a: b"\n',
        "Name,Job\nAman,\x07bell\n",
        "X\n" + "1\n" * 3,
        "Name,Occupation\n" + "Aman,unknown\nBek,no\nDana,skip\n",
        "Name,Occupation\n" + 'Aman,"a ""quoted"" \\ word"\n',
        "姓名,职业\n王小明,喇嘛\n",
    ],
)
def test_whatever_the_table_the_map_can_be_read(table: str) -> None:
    text, _ = suggested(table)
    result = imported(table, text)
    wrong = {group.code for group in result.problems if group.location.path == "map.yml"}
    assert wrong == set(), (text, told(result))


def test_nothing_is_suggested_of_a_header_alone() -> None:
    with pytest.raises(KgError, match="no rows below its header"):
        suggested("Name,Occupation\n")


def test_the_same_table_gives_the_same_map() -> None:
    assert suggested(prisoners(200, 5)) == suggested(prisoners(200, 5))


def test_given_and_family_names_make_one_name() -> None:
    table = "First name,Family name,Occupation\nAman,Tolek,monk\nAman,Sarin,monk\n"
    text, decisions = suggested(table)
    assert decisions == 0
    assert [s for s, _, _ in said(imported(table, text))] == ["aman-tolek", "aman-sarin"]


def test_a_header_that_names_a_predicate_between_people_says_what_they_are() -> None:
    table = "Name,Relative of\nAman,Dana\nBek,Erik\n"
    text, _ = suggested(table)
    assert "class: person  # guess" in text
    assert said(imported(table, text)) == [("aman", "relative-of", "dana"), ("bek", "relative-of", "erik")]
