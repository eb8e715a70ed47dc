"""Lists as real people keep them, dirty in every way, with their maps: what comes out, by hand, and that it builds."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from pathlib import Path

import pytest

from import_lists import (
    PRISONERS_HEADER,
    PRISONERS_MAP,
    YEARLY_HEADER,
    YEARLY_MAP,
    codes,
    csv_of,
    described,
    good,
    imported,
    prisoners,
    said,
    told,
    yearly,
)
from kg import build
from kg.build import Vocabulary as Files
from kg.importing.run import to_lines
from kg.project import find


def built(folder: Path, result: object) -> build.Graph:
    """Build what an import made, as `kg build` does."""
    (folder / "list.jsonl").write_bytes(to_lines(good(result).records))  # type: ignore[arg-type]
    project = find(folder)
    vocabulary = Files.of(project)
    files = build.seed_files(project, [folder / "list.jsonl"], folder)
    reading = build.read(project, vocabulary, files)
    assert reading.problems == ()
    return build.graph(project, vocabulary, reading.corpus, include_restricted=True)


# ---------------------------------------------------------------- a database of prisoners


def test_a_row_of_the_database_says_what_a_reader_of_it_would_say(tmp_path: Path) -> None:
    row = (
        "2010-00001", "Aman Tolek", "王小明", "Amanjan; Aman of the hills", "VALLEY ", "M", "1954年2月", "B;H", "monk",
        "14/05/2017", "Village 1", "Prison 1", "prayer", "13 years four months", "2031-05-01", "Court 1", "detained", "family",
        "County 1", "a remark",
    )  # fmt: skip
    result = imported(csv_of(PRISONERS_HEADER, [row]), PRISONERS_MAP)
    assert said(result, "told-by", "circumstance", "date", "column") == [
        ("aman-tolek-2010-00001", *rest[:2], "relative-of-aman-tolek-2010-00001", rest[2], *rest[3:])
        for rest in [
            ("ethnicity", "Valley", "born in 2/1954", None, "E"),
            ("occupation", "monk", "born in 2/1954", None, "I"),
            ("accused-of", "prayer", "born in 2/1954", None, "M"),
            ("accused-of", "being a Buddhist", "born in 2/1954", None, "H"),
            ("accused-of", "being a Hindu", "born in 2/1954", None, "H"),
            ("resident-in", "county-1", "born in 2/1954", None, "S"),
            ("held-at", "prison-1", "born in 2/1954", None, "L"),
            ("sentenced-by", "court-1", "born in 2/1954", None, "P"),
            ("sentenced-to", "13 years four months", "born in 2/1954", None, "N"),
            ("sentenced-to", "none-given", "to end on 2031-05-01", None, "O"),
            ("detained-at", "village-1", "born in 2/1954", "2017-05-14", "K"),
        ]
    ]  # fmt: skip
    assert described(result, "person") == [
        {"class": "person", "key": "aman-tolek-2010-00001", "label": "Aman Tolek", "also": ["Amanjan", "Aman of the hills"], "names": {"zh": ["王小明"]}},
        {"class": "person", "key": "relative-of-aman-tolek-2010-00001", "unnamed": "a relative of the prisoner", "report": "valley-prisoners"},
    ]  # fmt: skip
    assert [record for record in result.records if record.get("class") == "episode"] == [
        {"class": "episode", "key": "case-2010-00001", "label": "case 2010-00001 of the list"}
    ]
    graph = built(tmp_path, result)
    assert graph.conforms, graph.findings
    assert len(graph.corpus.assertions) == 11


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Ethnic group", "hill", [("ethnicity", "Hill", None)]),
        (
            "Religion",
            "b; h",
            [("accused-of", "being a Buddhist", None), ("accused-of", "being a Hindu", None)],
        ),
        ("Sentence", "5-10 years", [("sentenced-to", "5-10 years", None)]),
        ("Sentence", "5-10 Years", [("sentenced-to", "5-10 Years", None)]),
        ("Sentence", "5 Years to <10 Years", [("sentenced-to", "5 Years to <10 Years", None)]),
        ("Sentence", "life", [("sentenced-to", "life", None)]),
        ("Sentence", "7", [("sentenced-to", "7 years", None)]),
        ("Sentence", "detention", []),
        ("Sentence", "unknown", [("sentenced-to", "none-given", None)]),
        ("Sentence ends", "2029", [("sentenced-to", "none-given", "to end in 2029")]),
        ("Sentence ends", "2031-05-01", [("sentenced-to", "none-given", "to end on 2031-05-01")]),
        ("Sentence ends", "life", [("sentenced-to", "life", None)]),
        ("Sentence ends", "detention", []),
        ("Sentence ends", "unknown", []),
    ],
)
def test_dirty_words_of_the_database_have_one_meaning(column: str, cell: str, expected: list[object]) -> None:
    row = {"Record no.": "1", "Name": "Aman Tolek", column: cell}
    table = csv_of(PRISONERS_HEADER, [[row.get(name, "") for name in PRISONERS_HEADER]])
    assert [(p, o, c) for _, p, o, c in said(imported(table, PRISONERS_MAP), "circumstance")] == expected


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2017-05-14", "2017-05-14"),
        ("14/05/2017", "2017-05-14"),
        ("2017", "2017"),
        ("May 2017", "2017-05"),
        ("2017年5月", "2017-05"),
    ],
)
def test_dates_of_the_database_stay_as_exact_as_they_are(cell: str, date: str) -> None:
    row = {"Record no.": "1", "Name": "Aman", "Date of detention": cell, "Place of detention": "Village"}
    table = csv_of(PRISONERS_HEADER, [[row.get(name, "") for name in PRISONERS_HEADER]])
    assert said(imported(table, PRISONERS_MAP), "date") == [("aman-1", "detained-at", "village", date)]


@pytest.mark.parametrize("cell", ["1954-02-29", "1952-08021"])
def test_impossible_births_are_problems_without_a_rule(cell: str) -> None:
    row = {"Record no.": "1", "Name": "Aman", "Born": cell, "Occupation": "monk"}
    table = csv_of(PRISONERS_HEADER, [[row.get(name, "") for name in PRISONERS_HEADER]])
    strict = PRISONERS_MAP.replace(
        'patterns: {"#年#月": "born in $2/$1"}\n          otherwise: keep', 'patterns: {"born *": "born $1"}'
    )
    assert strict != PRISONERS_MAP
    assert said(imported(table, strict), "circumstance") == [("aman-1", "occupation", "monk", cell[:7])]
    without = strict.replace("          values: births\n", "")
    assert codes(imported(table, without)) == [("no-rule", 1)]


def test_many_rows_build_and_conform(tmp_path: Path) -> None:
    result = imported(prisoners(150, 13), PRISONERS_MAP)
    graph = built(tmp_path, result)
    assert graph.conforms, [str(finding) for finding in graph.findings][:5]
    nameless = [p for p in described(result, "person") if str(p.get("unnamed", "")).startswith("prisoner")]
    assert len(nameless) == 13
    assert len(graph.corpus.assertions) == result.counts.made["assertion"]
    evidence = graph.corpus.assertions[0].evidence
    assert (evidence.file, evidence.row, len(evidence.digest)) == ("list.csv", 2, 64)


def test_ten_thousand_rows_are_imported_in_seconds() -> None:
    table = prisoners(10_430, 318)
    begin = time.process_time()
    result = good(imported(table, PRISONERS_MAP))
    took = time.process_time() - begin
    assert took < 20, f"{took:.1f} s"
    people = described(result, "person")
    named = [p for p in people if "label" in p]
    assert len(named) == 10_430 - 318
    assert sum(str(p.get("unnamed", "")).startswith("prisoner 2010-") for p in people) == 318
    rows = list(csv.DictReader(io.StringIO(table)))
    made = Counter(record["predicate"] for record in result.records if "predicate" in record)
    assert made["ethnicity"] == 10_430
    assert made["detained-at"] == 10_430
    assert made["held-at"] == sum(row["Status"] == "detained" for row in rows)
    assert made["released-from"] == sum(row["Status"] == "released" for row in rows)
    assert made["accused-of"] == sum(
        bool(row["Accused of"]) + len(row["Religion"].split(";")) * bool(row["Religion"]) for row in rows
    )
    skipped = {"detention"}
    assert made["sentenced-to"] == sum(
        bool(row["Sentence"]) * (row["Sentence"] not in skipped)
        + bool(row["Sentence ends"]) * (row["Sentence ends"] not in {"detention", "unknown"})
        - (row["Sentence"] == row["Sentence ends"] == "life")
        for row in rows
    )
    assert result.counts.values_left_out["Sentence", "held without a sentence"] == sum(
        row["Sentence"] == "detention" for row in rows
    )


def test_318_rows_without_a_name_are_one_problem_unless_there_is_a_rule() -> None:
    map_ = PRISONERS_MAP.replace(
        '        without-name: {unnamed: "prisoner {Record no.} of the list, whose name it does not give"}\n',
        "",
    )
    assert map_ != PRISONERS_MAP
    assert codes(imported(prisoners(1_043, 318), map_)) == [("no-name", 318)]


# ---------------------------------------------------------------- a list of every year


def test_a_writer_in_three_lists_is_one_person_in_three_reports(tmp_path: Path) -> None:
    rows = [
        (
            2018,
            "Aman Tolek",
            "1950",
            "Daily 1",
            "Norland",
            "July 2, 2001",
            "Anti-State, False News",
            "5-10 years",
            "wife",
        ),
        (2019, "Aman Tolek", "1950", "Daily 1", "norland", "2001", "Anti-State", "5-10 Years", ""),
        (
            2020,
            "AMAN TOLEK",
            "1950",
            "",
            "Norland",
            "2 July 2001",
            "Anti-State",
            "5 Years to <10 Years",
            "brother",
        ),
        (2020, "Aman Tolek", "1981", "Daily 2", "Sudland", "2001", "False News", "Not sentenced", ""),
    ]
    result = imported(csv_of(YEARLY_HEADER, rows), YEARLY_MAP)
    named = [person for person in described(result, "person") if "label" in person]
    assert named == [
        {"class": "person", "key": "aman-tolek-1950", "label": "Aman Tolek"},
        {"class": "person", "key": "aman-tolek-1981", "label": "Aman Tolek"},
    ]
    assert [report["key"] for report in described(result, "report")] == [
        "press-list-2018",
        "press-list-2019",
        "press-list-2020",
    ]
    sentences = [found for found in said(result, "report", "told-by") if found[1] == "sentenced-to"]
    assert sentences == [
        (
            "aman-tolek-1950",
            "sentenced-to",
            "5-10 years",
            "press-list-2018",
            "relative-wife-of-aman-tolek-1950",
        ),
        ("aman-tolek-1950", "sentenced-to", "5-10 Years", "press-list-2019", "publisher"),
        (
            "aman-tolek-1950",
            "sentenced-to",
            "5 Years to <10 Years",
            "press-list-2020",
            "relative-brother-of-aman-tolek-1950",
        ),
    ]
    assert [o for _, p, o in said(result) if p == "accused-of"][:2] == ["Anti-State", "False News"]
    graph = built(tmp_path, result)
    assert graph.conforms, graph.findings


def test_homonyms_of_the_yearly_list_are_not_merged() -> None:
    rows = [
        (2018, "Aman Tolek", "1950", "Daily 1", "Norland", "2001", "Anti-State", "5-10 years", ""),
        (2019, "Aman Tolek", "1950", "Daily 7", "Norland", "2001", "Anti-State", "5-10 years", ""),
    ]
    (line,) = told(imported(csv_of(YEARLY_HEADER, rows), YEARLY_MAP))
    assert (
        "list.csv:3:4: disagrees: 'Employer': 'Daily 7' here and 'Daily 1' in D2, and both rows are 'Aman Tolek'"
        in line
    )


def test_a_yearly_list_has_each_person_once(tmp_path: Path) -> None:
    table = yearly(60, range(2012, 2021))
    result = good(imported(table, YEARLY_MAP))
    people = {(row["Name"], row["Born"]) for row in csv.DictReader(io.StringIO(table))}
    assert len(people) == 60
    assert sum("label" in person for person in described(result, "person")) == 60
    assert built(tmp_path, result).conforms


# ---------------------------------------------------------------- names in another script, terms in another language


def test_a_table_in_chinese(tmp_path: Path) -> None:
    table = """\
        姓名,民族,出生,被捕日期,地点,刑期
        王小明,汉,1954年2月,2017年5月14日,山谷监狱,13年4个月
        王小明,回,1981年,2016年,山谷监狱,终身监禁
        阿曼,汉,1960年,,,不详
        """
    map_ = """\
        report: {key: 山谷名单, title: 山谷名单, published: 2020, language: zh}
        entities:
          人: {class: person, label: {column: 姓名}, identified-by: [姓名, 出生]}
        assertions:
          - about: 人
            ethnicity: {column: 民族, values: {汉: Han, 回: Hui}}
            detained-at: {column: 地点, with: {date: {column: 被捕日期, dates: [Y年M月D日, Y年]}}}
            sentenced-to:
              column: 刑期
              values: {终身监禁: life, 不详: none-given}
              patterns: {"#年#个月": "$1 years $2 months", "#年": $1 years}
        """
    result = imported(table, map_)
    assert said(result, "date") == [
        ("王小明-1954年2月", "ethnicity", "Han", None), ("王小明-1954年2月", "detained-at", "山谷监狱", "2017-05-14"),
        ("王小明-1954年2月", "sentenced-to", "13 years 4 months", None),
        ("王小明-1981年", "ethnicity", "Hui", None), ("王小明-1981年", "detained-at", "山谷监狱", "2016"),
        ("王小明-1981年", "sentenced-to", "life", None),
        ("阿曼-1960年", "ethnicity", "Han", None), ("阿曼-1960年", "sentenced-to", "none-given", None),
    ]  # fmt: skip
    assert built(tmp_path, result).conforms


def test_right_to_left_names_are_names(tmp_path: Path) -> None:
    table = "Name,Job\nئامان تولەك,تەرجىمان\nמשה,סופר\n"
    map_ = """\
        report: {key: list, title: List, published: 2020}
        entities:
          prisoner: {class: person, label: {column: Name}}
        assertions:
          - {about: prisoner, occupation: {column: Job}}
        """
    result = imported(table, map_)
    assert said(result) == [("ئامان-تولەك", "occupation", "تەرجىمان"), ("משה", "occupation", "סופר")]
    assert built(tmp_path, result).conforms


def test_a_list_of_objects_builds(tmp_path: Path) -> None:
    table = '[{"name": "Aman", "held": {"at": ["Lower Camp", "Upper Camp"]}}, {"name": "Bek", "held": {"at": []}}]'
    map_ = """\
        report: {key: list, title: List, published: 2020}
        entities:
          prisoner: {class: person, label: {column: name}}
        assertions:
          - {about: prisoner, name: {column: name}, held-at: {column: held.at}}
        """
    result = imported(table, map_, "list.json")
    assert [found[2] for found in said(result)] == ["Aman", "lower-camp", "upper-camp", "Bek"]
    assert built(tmp_path, result).conforms
