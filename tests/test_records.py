from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from kg import rdf, schema, seeds
from kg.build import Vocabulary
from kg.model import Access, Evidence, Withdrawal
from kg.project import find
from kg.seeds import Reading

DIGEST = "ab" * 32
CURATED = f"""
report:
  key: post
  title: Herder taken
  published: 2021-03-04
  publisher: valley-post
sources:
  friend:
    speaker: herders-friend
organization:
  valley-post: Valley Post
person:
  aman: Aman Tolek
  herders-friend: {{unnamed: a friend of Aman Tolek}}
place:
  arishan: Arishan
episodes:
  case: arrest of Aman Tolek
assertions:
  - about: aman
    told-by: friend
    evidence: {{start: 10, end: 40, digest: {DIGEST}}}
    episode: case
    detained-at: [arishan, unknown, none-given]
    date: 2021-02~
    certainty: alleged
  - about: herders-friend
    evidence: {{start: 50, end: 60, digest: {DIGEST}}}
    occupation: "refused"
    note: a remark
"""
RECORDS: list[dict[str, object]] = [
    {"class": "report", "key": "post", "title": "Herder taken", "published": "2021-03-04", "publisher": "valley-post"},
    {"class": "source", "report": "post", "key": "friend", "speaker": "herders-friend"},
    {"class": "organization", "key": "valley-post", "label": "Valley Post"},
    {"class": "person", "key": "aman", "label": "Aman Tolek"},
    {"class": "person", "key": "herders-friend", "unnamed": "a friend of Aman Tolek", "report": "post"},
    {"class": "place", "key": "arishan", "label": "Arishan"},
    {"class": "episode", "key": "case", "label": "arrest of Aman Tolek"},
    *(
        {
            "subject": "aman", "predicate": "detained-at", "object": place, "report": "post", "told-by": "friend",
            "start": 10, "end": 40, "digest": DIGEST, "episode": ["case"], "date": "2021-02~", "certainty": "alleged",
        }
        for place in ("arishan", "unknown", "none-given")
    ),
    {
        "subject": "herders-friend", "predicate": "occupation", "object": {"text": "refused"}, "report": "post",
        "evidence": {"start": 50, "end": 60, "digest": DIGEST}, "note": "a remark",
    },
]  # fmt: skip


def jsonl(*records: object) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


@pytest.fixture
def read(vocabulary: Vocabulary, tmp_path: Path):
    def of(**files: bytes) -> Reading:
        named = {name.replace("__", "."): data for name, data in files.items()}
        return seeds.read(named, vocabulary.ontology, vocabulary.choices, find(tmp_path))

    return of


def quads(reading: Reading, vocabulary: Vocabulary) -> set[tuple[str, ...]]:
    assert reading.problems == ()
    return set(rdf.quads(reading.corpus, vocabulary.ontology, "https://w3id.org/reportedly/id/"))


def test_records_say_what_the_curated_form_says(read, vocabulary) -> None:
    expected = quads(read(a__yaml=CURATED.encode()), vocabulary)
    assert quads(read(a__jsonl=jsonl(*RECORDS)), vocabulary) == expected
    assert quads(read(a__jsonl=jsonl(*reversed(RECORDS))), vocabulary) == expected
    # Each record in a file of its own, the assertions before what they speak of.
    files = {f"f{90 - number}__jsonl": jsonl(record) for number, record in enumerate(RECORDS)}
    assert quads(read(**files), vocabulary) == expected


def test_records_can_speak_of_what_a_curated_file_describes(read, vocabulary) -> None:
    whole, blocks = CURATED.split("assertions:")
    assert blocks
    assertions = [record for record in RECORDS if "predicate" in record]
    found = read(a__yaml=whole.encode(), b__jsonl=jsonl(*assertions))
    assert quads(found, vocabulary) == quads(read(a__yaml=CURATED.encode()), vocabulary)


def test_a_record_keeps_its_row_its_engine_and_its_withdrawal(read) -> None:
    said = {
        "subject": "aman", "predicate": "age", "object": 36, "report": "post", "file": "list.xlsx",
        "sheet": "2021", "row": 17, "column": "D", "digest": DIGEST, "method": "extracted", "engine": "rules 1",
        "reviewer": "AB", "withdrawn": {"date": "2026-01-02", "reason": "safety", "by": "AB"},
    }  # fmt: skip
    (found,) = read(a__jsonl=jsonl(*RECORDS[:7], said)).corpus.assertions
    report = "https://w3id.org/reportedly/id/report_post"
    assert found.evidence == Evidence(report, 0, 0, DIGEST, "", "list.xlsx", "2021", 17, "D")
    assert (found.method, found.engine, found.reviewer) == ("extracted", "rules 1", "AB")
    assert found.withdrawn == Withdrawal("2026-01-02", "safety", "AB")
    assert found.access is Access.RESTRICTED


SAID = RECORDS[7]


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        (b"{", "bad-json", "a.jsonl:9:2"),
        (b"[1]", "wrong-kind", "a.jsonl:9:1"),
        (b'"x"', "wrong-kind", "a.jsonl:9:1"),
        (b'{"a": 1, "a": 2}', "repeated-key", "a.jsonl:9:1"),
        (b'{"a": NaN}', "bad-json", "a.jsonl:9:1"),
        (b'{"class": "person", "key": "x", "label": "\\ud800"}', "bad-json", "a.jsonl:9:1"),
        (b'{"class": "person", "key": "x", "label": "a\\u0007"}', "control-character", "a.jsonl:9:1"),
        (b'{"class": "person", "key": "x", "label": "\xff"}', "bad-encoding", "a.jsonl:9:1"),
        (b"[" * 100_000, "too-deep", "a.jsonl:9:1"),
        (b'{"a": ' * 100 + b"1" + b"}" * 100, "too-deep", "a.jsonl:9:1"),
        (b'{"class": "person", "key": "x", "label": "' + b"y" * 11_000_000 + b'"}', "too-large", "a.jsonl:9:1"),
        (b"{}", "nothing-said", "a.jsonl:9:1"),
        (b'{"class": "persn", "key": "x"}', "unknown-class", "a.jsonl:9:1"),
        (b'{"class": "person", "label": "x"}', "missing-key", "a.jsonl:9:1"),
        (b'{"class": "source", "key": "x"}', "missing-key", "a.jsonl:9:1"),
        (b'{"class": "source", "key": "friend", "report": "post", "speaker": "aman"}', "repeated-source", "a.jsonl:9:1"),
        (b'{"class": "person", "key": "aman", "label": "x"}', "repeated-entity", "a.jsonl:9:1"),
        (jsonl(RECORDS[0]).rstrip(), "repeated-report", "a.jsonl:9:1"),
        (jsonl({**SAID, "report": "pst"}).rstrip(), "unknown-report", "a.jsonl:9:1"),
        (jsonl({**SAID, "predicate": "detaind-at"}).rstrip(), "unknown-predicate", "a.jsonl:9:1"),
        (jsonl({**SAID, "predicate": "note"}).rstrip(), "unknown-predicate", "a.jsonl:9:1"),
        (jsonl({**SAID, "held-at": "arishan"}).rstrip(), "unknown-key", "a.jsonl:9:1"),
        (jsonl({**SAID, "object": "arishn"}).rstrip(), "unknown-entity", "a.jsonl:9:1"),
        (jsonl({**SAID, "object": None}).rstrip(), "missing-key", "a.jsonl:9:1"),
        (jsonl({**SAID, "object": {}}).rstrip(), "missing-key", "a.jsonl:9:1"),
        (jsonl({**SAID, "evidence": {}}).rstrip(), "repeated-key", "a.jsonl:9:1"),
        (jsonl({**SAID, "date": "soon"}).rstrip(), "bad-date", "a.jsonl:9:1"),
        (jsonl({**SAID, "row": 3}).rstrip(), "missing-key", "a.jsonl:9:1"),
        (jsonl({**SAID, "row": 3, "file": "a/b.csv"}).rstrip(), "bad-file", "a.jsonl:9:1"),
        (jsonl({**SAID, "row": 3, "file": "b.csv", "column": "4"}).rstrip(), "bad-column", "a.jsonl:9:1"),
        (jsonl({**SAID, "corrects": "0" * 32}).rstrip(), "unknown-assertion", "a.jsonl:9:1"),
        (jsonl({**SAID, "withdrawn": "soon"}).rstrip(), "bad-date", "a.jsonl:9:1"),
        (jsonl({**SAID, "subject": []}).rstrip(), "empty", "a.jsonl:9:1"),
        (jsonl({**SAID, "subject": [None]}).rstrip(), "empty", "a.jsonl:9:1"),
        (jsonl({**SAID, "subject": {"a": 1}}).rstrip(), "wrong-kind", "a.jsonl:9:1"),
        (jsonl({**SAID, "subject": ["aman", ["aman"]]}).rstrip(), "wrong-kind", "a.jsonl:9:1"),
        (jsonl({**SAID, "record": "https://example.org/1"}).rstrip(), "several-places", "a.jsonl:9:1"),
        (jsonl({**SAID, "file": "list.xlsx", "row": 3}).rstrip(), "several-places", "a.jsonl:9:1"),
        (jsonl({**SAID, "sheet": "2021"}).rstrip(), "several-places", "a.jsonl:9:1"),
        (jsonl({**SAID, "start": None, "end": None, "file": "list.xlsx"}).rstrip(), "missing-key", "a.jsonl:9:1"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named_and_the_others_are_read(
    read, line: bytes, code: str, place: str
) -> None:
    data = jsonl(*RECORDS[:7]) + b"\n" + line + b"\n" + jsonl(*RECORDS[8:])
    found = read(a__jsonl=data)
    assert (place, code) in {(str(problem.location), problem.code) for problem in found.problems}
    assert {problem.location.line for problem in found.problems} == {9}
    assert {a.where.line for a in found.corpus.assertions} >= {10, 11, 12}


def test_a_file_may_have_a_mark_carriage_returns_and_no_last_line_feed(read, vocabulary) -> None:
    plain = jsonl(*RECORDS)
    dressed = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n").rstrip()
    assert quads(read(a__jsonl=dressed), vocabulary) == quads(read(a__jsonl=plain), vocabulary)


def test_an_empty_file_says_nothing(read) -> None:
    assert read(a__jsonl=b"") == read()


def test_records_in_a_restricted_folder_are_restricted(read) -> None:
    name = {"restricted/a.jsonl": jsonl(*RECORDS)}
    assert {a.access for a in read(**name).corpus.assertions} == {Access.RESTRICTED}


def test_what_is_wrong_with_a_subject_is_told_by_the_name_it_has_in_a_record(read) -> None:
    (problem,) = read(a__jsonl=jsonl(*RECORDS[:7], {**SAID, "subject": {"a": 1}})).problems
    assert problem.message == "found a mapping; subject is one key, or a list of keys"


def test_files_that_were_put_behind_each_other_are_read(read, vocabulary) -> None:
    data = b"".join(b"\xef\xbb\xbf" + jsonl(record) for record in RECORDS)
    assert quads(read(a__jsonl=data), vocabulary) == quads(read(a__jsonl=jsonl(*RECORDS)), vocabulary)


def test_escaped_letters_are_looked_at_like_others(read) -> None:
    line = b'{"class": "person", "key": "x", "label": "a\\u202eb"}\n{"class": "person", "key": "y", "label": "\\u0041"}'
    found = read(a__jsonl=line)
    assert [problem.code for problem in found.problems] == ["bidi-control"]
    assert [entity.label for entity in found.corpus.entities] == ["A"]


def test_a_key_that_stands_twice_among_very_many_is_found_at_once(read) -> None:
    keys = ",".join(f'"k{number}":1' for number in range(200_000))
    (problem,) = read(a__jsonl=f'{{{keys},"k199999":1}}'.encode()).problems
    assert problem.code == "repeated-key"


def test_unknown_keys_among_very_many_known_ones_are_told_at_once(read) -> None:
    people = ({"class": "person", "key": f"p-{number}", "label": "x"} for number in range(5_000))
    lost = ({**SAID, "subject": f"nobody-{number}"} for number in range(2_000))
    problems = read(a__jsonl=jsonl(*RECORDS[:7], *people, *lost)).problems
    assert {problem.code for problem in problems} == {"unknown-entity", "too-many-problems"}


def test_a_long_chain_of_copies_is_walked_once_and_a_loop_in_it_is_found(read) -> None:
    report = {**RECORDS[0], "type": "list"}
    chain = [{**report, "key": f"r-{n}", "copied-from": f"r-{n - 1}"} for n in range(1, 1_000)]
    assert read(a__jsonl=jsonl(RECORDS[2], *chain, {**report, "key": "r-0"})).problems == ()
    (problem,) = read(
        a__jsonl=jsonl(RECORDS[2], *chain, {**report, "key": "r-0", "copied-from": "r-999"})
    ).problems
    assert (problem.code, problem.location.line) == ("copy-loop", 1_001)


def test_an_empty_list_of_subjects_is_told_in_a_curated_file_too(read) -> None:
    found = read(a__yaml=CURATED.replace("about: aman\n", "about: []\n").encode())
    assert [problem.code for problem in found.problems] == ["empty"]


@pytest.fixture(scope="module")
def check_line(vocabulary: Vocabulary):
    document = json.loads(schema.line_schema(vocabulary.ontology, vocabulary.choices))
    jsonschema.Draft7Validator.check_schema(document)
    return jsonschema.Draft7Validator(document)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.get("class", "assertion"))
def test_the_schema_of_a_line_takes_what_the_reader_takes(check_line, record: dict[str, object]) -> None:
    assert [error.message for error in check_line.iter_errors(record)] == []


@pytest.mark.parametrize(
    "record",
    [
        {"class": "persn", "key": "x", "label": "X"},
        {"class": "person", "label": "X"},
        {"class": "person", "key": "x", "lable": "X"},
        {"class": "source", "key": "x", "speaker": "aman"},
        {**SAID, "predicate": "detaind-at"},
        {**SAID, "certainty": "likely"},
        {**SAID, "date": "soon"},
        {**SAID, "row": 0},
        {name: value for name, value in SAID.items() if name != "report"},
        {},
    ],
)
def test_the_schema_of_a_line_refuses_what_the_reader_refuses(
    check_line, read, record: dict[str, object]
) -> None:
    assert list(check_line.iter_errors(record))
    assert read(a__jsonl=jsonl(*RECORDS[:7], record)).problems
