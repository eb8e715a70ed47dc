from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest
import xlsxwriter

from conftest import DIGEST
from kg import rdf, seeds, tables
from kg.build import Vocabulary
from kg.fields import Fields
from kg.model import Access, Evidence, Withdrawal
from kg.project import Project
from kg.seeds import Reading

BASE = "https://w3id.org/reportedly/id/"
CURATED = f"""\
report:
  key: post
  title: Herder taken
  published: 2021-03-04
  publisher: valley-post
  text: {{length: 500, digest: {DIGEST}}}
sources:
  friend: {{speaker: friend, basis: first-hand}}
organization:
  valley-post: Valley Post
person:
  aman: {{label: Aman Tolek, also: [A. Tolek], names: {{kk: [Аман Төлек, А. Төлек]}}, same-as: [wd:Q1]}}
  friend: {{unnamed: a friend of Aman Tolek}}
place:
  arishan: Arishan
  old-town: Old Town
episodes:
  case: arrest of Aman Tolek
assertions:
  - about: aman
    told-by: friend
    evidence: {{start: 10, end: 40, digest: {DIGEST}}}
    episode: case
    date: 2021-02~
    detained-at: [arishan, old-town]
    certainty: alleged
  - about: [aman, friend]
    evidence: {{start: 50, end: 60, digest: {DIGEST}}}
    occupation: herder; butcher
    note: a remark
"""
SHEETS: dict[str, list[list[str]]] = {
    "assertions": [
        ["Subject", "Predicate", "Object", "Date", "Told by", "Start", "End", "Digest", "Certainty", "Episode", "Note", "# mine"],
        ["aman", "detained-at", "arishan; old-town", "2021-02~", "friend", "10", "40", DIGEST, "alleged", "case", "", "ask again"],
        ["aman\nfriend", "occupation", "herder; butcher", "", "", "50", "60", DIGEST, "", "", "a remark"],
    ],
    "entities": [
        ["class", "key", "label", "unnamed", "also", "names", "same-as"],
        ["organization", "valley-post", "Valley Post"],
        ["person", "aman", "Aman Tolek", "", "A. Tolek", "kk: Аман Төлек; kk: А. Төлек", "wd:Q1"],
        ["person", "friend", "", "a friend of Aman Tolek"],
        ["place", "arishan", "Arishan"],
        ["place", "old-town", "Old Town"],
    ],
    "sources": [["key", "speaker", "basis"], ["friend", "friend", "first-hand"]],
    "reports": [
        ["key", "title", "published", "publisher", "length", "digest"],
        ["post", "Herder taken", "2021-03-04", "valley-post", "500", DIGEST],
    ],
    "episodes": [["key", "label"], ["case", "arrest of Aman Tolek"]],
}  # fmt: skip


def book(
    sheets: Mapping[str, list[list[str]]], change: Callable[..., None] = lambda book, pages: None
) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as written:
        pages = {}
        for name, rows in sheets.items():
            pages[name] = written.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    if text:
                        pages[name].write_string(number, column, text)
        change(written, pages)
    return stream.getvalue()


def csv(text: str) -> bytes:
    return dedent(text).encode()


DESCRIBED = {
    "a.reports.csv": csv("key,title,published,type\npost,Herder taken,2021-03-04,list\n"),
    "a.entities.csv": csv("class,key,label\nperson,aman,Aman Tolek\nperson,bek,Bek\nplace,arishan,Arishan\nplace,old-town,Old Town\n"),
}  # fmt: skip
SAYS = f"report,start,end,digest\npost,10,40,{DIGEST}"


@pytest.fixture
def read(vocabulary: Vocabulary, project: Project) -> Callable[[Mapping[str, bytes]], Reading]:
    return lambda files: seeds.read(files, vocabulary.ontology, vocabulary.choices, project)


@pytest.fixture
def quads(read, vocabulary: Vocabulary):
    def of(files: Mapping[str, bytes]) -> set[tuple[str, ...]]:
        reading = read(files)
        assert reading.problems == ()
        return set(rdf.quads(reading.corpus, vocabulary.ontology, BASE))

    return of


@pytest.fixture
def problems(read):
    """Give place and code of each problem that a table adds."""

    def of(name: str, data: bytes, described: Mapping[str, bytes] = DESCRIBED) -> list[str]:
        assert read(described).problems == ()
        return [f"{problem.location} {problem.code}" for problem in read({**described, name: data}).problems]

    return of


def said(**cells: str) -> bytes:
    """Give a CSV of one assertion, with `cells` beside the usual ones or in their place."""
    row = {
        "subject": "aman", "predicate": "detained-at", "object": "arishan", "report": "post", "start": "10",
        "end": "40", "digest": DIGEST, **{key.replace("_", "-"): text for key, text in cells.items()},
    }  # fmt: skip
    quoted = ['"' + text.replace('"', '""') + '"' for text in row.values()]
    return (",".join(row) + "\n" + ",".join(quoted) + "\n").encode()


@pytest.fixture
def assertion(read):
    def of(**cells: str):
        reading = read({**DESCRIBED, "x.csv": said(**cells)})
        assert reading.problems == ()
        (found,) = reading.corpus.assertions
        return found

    return of


# ---------------------------------------------------------------- what tables say


def test_a_workbook_says_what_the_curated_form_says(quads) -> None:
    assert quads({"post.xlsx": book(SHEETS)}) == quads({"a.yaml": CURATED.encode()})


def test_files_of_a_table_each_say_what_their_name_tells(quads) -> None:
    files = {}
    for name, rows in SHEETS.items():
        extra = ["report"] if name in ("assertions", "sources", "entities") else []
        head, *lines = rows
        width = len(head)
        lines = [
            [
                *line,
                *[""] * (width - len(line)),
                *["post" for _ in extra if name != "entities" or (len(line) > 3 and line[3])],
            ]
            for line in lines
        ]
        cells = [[f'"{text}"' for text in line] for line in ([*head, *extra], *lines)]
        files[f"herders.{name}.csv"] = "\r\n".join(";".join(line) for line in cells).encode("utf-8-sig")
    assert quads(files) == quads({"a.yaml": CURATED.encode()})
    files["herders.csv"] = files.pop("herders.assertions.csv")
    assert quads(files) == quads({"a.yaml": CURATED.encode()})


def test_tables_and_curated_files_speak_of_each_other(quads) -> None:
    whole, _ = CURATED.split("assertions:")
    rows = [[*row, "post"] if number else [*row, "report"] for number, row in enumerate(SHEETS["assertions"])]
    padded = [row[:-1] + [""] * (13 - len(row)) + row[-1:] for row in rows]
    found = quads({"a.yaml": whole.encode(), "b.xlsx": book({"Sheet1": padded})})
    assert found == quads({"a.yaml": CURATED.encode()})


def test_cells_typed_by_a_spreadsheet_mean_what_is_shown(assertion, read) -> None:
    import datetime

    def write(written, pages) -> None:
        day = written.add_format({"num_format": "dd/mm/yyyy"})
        row = ["aman", "detained-at", "arishan", "post", 10, 40, DIGEST]
        pages["x"].write_row(1, 0, row)
        pages["x"].write_datetime(1, 7, datetime.datetime(2021, 2, 3), day)
        pages["x"].write_boolean(1, 8, True)

    head = ["subject", "predicate", "object", "report", "start", "end", "digest", "date", "inferred"]
    (found,) = read({**DESCRIBED, "x.xlsx": book({"x": [head]}, write)}).corpus.assertions
    assert found == assertion(date="2021-02-03", inferred="yes")


def test_an_assertion_keeps_all_that_its_row_says(assertion, read) -> None:
    found = assertion(
        start="", end="", file="list.xlsx", sheet="2021", row="17", column="D", method="extracted", engine="rules 1",
        reviewer="AB", withdrawn="2026-01-02", withdrawal_reason="safety", withdrawn_by="AB", polarity="denied",
        circumstance="on the road", count="more than 30", secret_trial="no", note="n", access="restricted",  # noqa: S106
    )  # fmt: skip
    assert found.evidence == Evidence(f"{BASE}report_post", 0, 0, DIGEST, "", "list.xlsx", "2021", 17, "D")
    assert found.withdrawn == Withdrawal("2026-01-02", "safety", "AB")
    assert (found.method, found.engine, found.reviewer) == ("extracted", "rules 1", "AB")
    assert (found.polarity, found.note, found.access) == ("denied", "n", Access.RESTRICTED)
    assert [iri.rpartition("#")[2] for iri, _ in found.qualifiers] == ["circumstance", "count", "secretTrial"]
    record = assertion(start="", end="", digest="", record="https://example.org/1")
    assert record.evidence == Evidence(f"{BASE}report_post", record="https://example.org/1")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("refused", "<https://w3id.org/reportedly/ontology#refused>"),
        ("none-given", "<https://w3id.org/reportedly/ontology#noneGiven>"),
        ('"refused"', '"refused"'),
        ('""refused""', '"\\"refused\\""'),
        ('"herder"', '"\\"herder\\""'),
        (" herder ", '"herder"'),
        ('" herder "', '" herder "'),
        ("herder; butcher", '"herder; butcher"'),
        ("'=1+1", '"=1+1"'),
        ("'herder'", "\"'herder'\""),
        ("No", '"No"'),
    ],
)
def test_words_stand_for_themselves_in_quotes(assertion, text, term) -> None:
    assert assertion(predicate="occupation", object=text).object == term


def test_unknown_is_an_unnamed_entity_of_its_own(assertion) -> None:
    assert assertion(object="unknown").object == f"<{BASE}post_unknown-detained-at-aman-00000000>"


def test_a_name_that_is_a_word_stands_in_quotes(read, problems) -> None:
    table = csv('class,key,label\nperson,no,"""No"""\nperson,dash,No\n')
    assert problems("x.entities.csv", table) == ["x.entities.csv:3:3 bad-label"]
    reading = read({"x.entities.csv": table})
    assert [entity.label for entity in reading.corpus.entities] == ["No"]


# ---------------------------------------------------------------- rows that belong together


@pytest.mark.parametrize("mark", ['"', "〃", "”", " ″ "])
def test_a_ditto_mark_repeats_the_cell_above(read, mark) -> None:
    head = f"subject,predicate,object,{SAYS.splitlines()[0]}"
    ditto = '"' + mark.replace('"', '""') + '"'
    table = f"{head}\naman,detained-at,arishan,post,10,40,{DIGEST}\n\nbek,{ditto},old-town,{ditto},{ditto},{ditto},{ditto}\n{ditto},held-at{f',{ditto}' * 5}\n"
    reading = read({**DESCRIBED, "x.csv": table.encode()})
    assert reading.problems == ()
    assert [
        (a.subject.rpartition("/")[2], a.predicate.rpartition("#")[2], a.object.rpartition("/")[2])
        for a in reading.corpus.assertions
    ] == [
        ("aman", "detainedAt", "arishan>"),
        ("bek", "detainedAt", "old-town>"),
        ("bek", "heldAt", "old-town>"),
    ]


def test_a_ditto_mark_below_nothing_is_a_problem(problems) -> None:
    head = f"subject,predicate,object,{SAYS.splitlines()[0]},date"
    table = f'{head}\naman,detained-at,arishan,post,10,40,{DIGEST}\naman,held-at,arishan,post,10,40,{DIGEST},""""\n'
    assert problems("x.csv", table.encode()) == ["x.csv:3:8 nothing-to-repeat"]


def test_an_empty_cell_is_never_filled(problems) -> None:
    table = f"subject,predicate,object,report,start,end,digest\naman,detained-at,arishan,post,10,40,{DIGEST}\nbek,detained-at,arishan\n"
    assert problems("x.csv", table.encode()) == ["x.csv:3:1 missing-key"]


def test_merged_cells_hold_for_every_row_that_they_span(read) -> None:
    def merge(written, pages) -> None:
        for column, text in ((3, "post"), (4, "10"), (5, "40"), (6, DIGEST)):
            pages["x"].merge_range(1, column, 2, column, text)

    rows = [
        ["subject", "predicate", "object", *SAYS.splitlines()[0].split(",")],
        ["aman", "detained-at", "arishan"],
        ["bek", "detained-at", "arishan"],
    ]
    reading = read({**DESCRIBED, "x.xlsx": book({"x": rows}, merge)})
    assert (len(reading.corpus.assertions), reading.problems) == (2, ())


def test_cells_merged_across_columns_are_a_problem(problems) -> None:
    def merge(written, pages) -> None:
        pages["x"].merge_range("A2:B2", "aman")

    rows = [
        ["subject", "predicate", "object", *SAYS.splitlines()[0].split(",")],
        ["", "", "arishan", "post", "10", "40", DIGEST],
    ]
    found = problems("x.xlsx", book({"x": rows}, merge))
    assert found == ["x.xlsx!x!A2 merged-across", "x.xlsx!x!A2 missing-key"]


def test_a_row_that_repeats_says_nothing_more(read) -> None:
    twice = said() + said().splitlines()[1] + b"\n"
    entities = {"x.entities.csv": csv("class,key,label\nperson,cem,Cem\nperson,cem,Cem\n")}
    reading = read({**DESCRIBED, **entities, "x.csv": twice})
    assert reading.problems == ()
    assert len({a.digest() for a in reading.corpus.assertions}) == 1


def test_a_key_that_is_described_in_two_ways_is_a_problem(problems) -> None:
    table = csv("class,key,label\nperson,cem,Cem\nperson,cem,Jem\n")
    assert problems("x.entities.csv", table) == ["x.entities.csv:3:2 repeated-entity"]


def test_the_only_report_of_a_workbook_holds_for_sheets_without_that_column(problems, quads) -> None:
    two = {**SHEETS, "reports": [*SHEETS["reports"], ["other", "Other", "2021", "valley-post"]]}
    found = problems("x.xlsx", book(two), {"a.entities.csv": csv("class,key,label\nperson,cem,Cem\n")})
    assert "x.xlsx!assertions!A2 missing-key" in found
    assert "x.xlsx!sources!A2 missing-key" in found


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("subject,predicate,object,subject", ["x.csv:1:4 repeated-column"]),
        ("subject,predicate,object,Told By,told_by", ["x.csv:1:5 repeated-column"]),
        ("subject,predicate,object,certanty", ["x.csv:1:4 unknown-column"]),
        ("subject,predicate,object,detained-at", ["x.csv:1:4 unknown-column"]),
        ("subject,object", ["x.csv:1:1 missing-column"]),
        ("subject,predicate,object,# what I think,#", []),
        ("SUBJECT, Predicate ,object,,", []),
    ],
)
def test_headers_are_checked(problems, header, found) -> None:
    assert problems("x.csv", header.encode()) == found


def test_an_unknown_column_is_told_what_it_was_meant_to_be(read) -> None:
    (near,) = read({**DESCRIBED, "x.csv": b"subject,predicate,object,certanty"}).problems
    assert near.message == "no column of assertions is called 'certanty'; did you mean 'certainty'? A heading that begins with # is left out"  # fmt: skip
    (predicate,) = read({**DESCRIBED, "x.csv": b"subject,predicate,object,held at"}).problems
    assert "it is a predicate: write it in the column predicate" in predicate.message


def test_text_in_a_column_without_heading_is_a_problem(problems) -> None:
    table = said().splitlines()
    assert problems("x.csv", table[0] + b",,\n" + table[1] + b", ,stray\n") == ["x.csv:2:9 no-heading"]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"subject,predicate,object\n", b"subject,predicate,object\n,,\n"]
)
def test_a_table_without_rows_is_fine_and_told(vocabulary, data) -> None:
    fields = Fields()
    table = tables.read(data, "x.csv", vocabulary.ontology, fields)
    assert (table.records, fields.problems) == ((), [])
    assert [notice.code for notice in table.notices] == ["empty-table"]


# ---------------------------------------------------------------- sheets


def test_a_sheet_with_another_name_is_told_and_one_with_a_hash_left_out(problems) -> None:
    sheets = {**SHEETS, "entites": [["x"]], "Sheet7": [], "#notes": [["anything"]], "old": [["y"]]}
    assert problems("x.xlsx", book(sheets), {}.copy() or DESCRIBED)[:2] == [
        "x.xlsx!entites!A1 unknown-sheet",
        "x.xlsx!old!A1 unknown-sheet",
    ]


def test_faults_in_cells_name_the_cell_and_the_rest_is_read(problems, read) -> None:
    def write(written, pages) -> None:
        pages["x"].write_formula("D2", "=1/0", None, "#DIV/0!")
        pages["x"].write_formula("H3", "=1/0", None, "#DIV/0!")  # a comment

    head = ["subject", "predicate", "object", *SAYS.splitlines()[0].split(","), "#"]
    good = ["aman", "detained-at", "arishan", "post", "10", "40", DIGEST]
    bad = ["aman", "detained-at", "arishn", "", "10", "40", DIGEST]
    data = book({"x": [head, bad, good, [*good[:4], "x", *good[5:]]]}, write)
    assert problems("x.xlsx", data) == [
        "x.xlsx!x!A2 missing-key",
        "x.xlsx!x!D2 cell-error",
        "x.xlsx!x!E4 bad-number",
    ]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"object": "arishn"}, ["x.csv:2:3 unknown-entity"]),
        ({"object": "arishan; old-twn"}, ["x.csv:2:3 unknown-entity"]),
        ({"subject": ""}, ["x.csv:2:1 missing-key"]),
        ({"predicate": ""}, ["x.csv:2:1 missing-key"]),
        ({"predicate": "detaind-at"}, ["x.csv:2:2 unknown-predicate"]),
        ({"digest": "x"}, ["x.csv:2:7 bad-digest"]),
        ({"date": "14.5.2017"}, ["x.csv:2:8 bad-date"]),
        ({"certainty": "aleged"}, ["x.csv:2:8 bad-choice"]),
        ({"told_by": "nobody"}, ["x.csv:2:8 unknown-source"]),
        ({"note": "a\x07b"}, ["x.csv:2:8 control-character"]),
        ({"note": "a\0b"}, ["x.csv:2:8 control-character"]),
        ({"note": "a\u202eb"}, ["x.csv:2:8 bidi-control"]),
        ({"withdrawn": "x"}, ["x.csv:2:8 bad-date"]),
        ({"file": "../../etc/passwd", "row": "3", "start": "", "end": ""}, ["x.csv:2:8 bad-file"]),
        ({"row": "3", "file": "a.csv"}, ["x.csv:2:5 several-places"]),
        ({"note": "#N/A"}, ["x.csv:2:8 cell-error"]),
    ],
)
def test_a_fault_is_told_at_its_cell(problems, cells, found) -> None:
    assert problems("x.csv", said(**cells)) == found


def test_names_want_a_language(problems) -> None:
    table = csv("class,key,label,names\nperson,cem,Cem,Җем\n")
    assert problems("x.entities.csv", table) == ["x.entities.csv:2:4 bad-name"]


def test_a_row_of_entities_wants_a_class(problems) -> None:
    assert problems("x.entities.csv", csv("class,key,label\n,cem,Cem\npersn,jem,Jem\n")) == [
        "x.entities.csv:2:1 missing-key",
        "x.entities.csv:3:1 unknown-class",
    ]


def test_a_file_that_is_no_table_is_a_problem_among_others(problems) -> None:
    assert problems("x.xlsx", b"PK\x03\x04 nothing") == ["x.xlsx:1:1 unreadable"]
    assert problems("x.csv", b'subject\n"x') == ["x.csv:2:1 csv-syntax"]


def test_a_table_in_a_restricted_folder_is_restricted(read, project: Project, monkeypatch) -> None:
    monkeypatch.chdir(project.root)
    reading = read({**DESCRIBED, "restricted/x.csv": said()})
    assert [assertion.access for assertion in reading.corpus.assertions] == [Access.RESTRICTED]
