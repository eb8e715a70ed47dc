from __future__ import annotations

import hashlib
import json
import random as random_module
import tempfile
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_cases import (
    DESCRIBED,
    DIGESTS,
    ONE,
    Records,
    alike,
    assertions,
    built,
    descriptions,
    expected,
    jsonl,
    line,
    said_alike,
    told,
)
from kg import access, bulk, decode, nt, rdf, seeds
from kg.build import Vocabulary
from kg.bulk import building, declared, twins
from kg.problems import KgError
from kg.project import Project

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
CURATED = """
report:
  key: letter
  title: A letter
  published: 2020
  type: list
sources:
  friend: {speaker: pen-friend}
person:
  pen-friend: {unnamed: a friend who writes}
place:
  lake: The lake
assertions:
  - about: pen-friend
    evidence: {start: 1, end: 9, digest: DIGEST}
    detained-at: [lake, unknown, none-given]
  - about: pen-friend
    told-by: friend
    evidence: {start: 1, end: 9, digest: DIGEST}
    withdrawn: {date: 2021-01-02, reason: legal}
    age: 44
""".replace("DIGEST", DIGESTS[0])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# ---------------------------------------------------------------- the same as the reference


def check_same(
    records: Records,
    vocabulary: Vocabulary,
    project: Project,
    options: dict[str, int],
    random: Any,
    *,
    include_restricted: bool = False,
) -> bulk.Summary:
    """Build records in any order, in two files, and compare with the reference."""
    records = [*DESCRIBED, *records]
    random.shuffle(records)
    cut = random.randrange(len(records))
    second = random.choice(["b.jsonl", "restricted/b.jsonl"])
    files = {
        "a.jsonl": jsonl(records[:cut], plain=random.random() < 0.5),
        second: jsonl(records[cut:]),
        "c.yaml": CURATED.encode(),
    }
    wanted = expected(files, vocabulary, project, include_restricted=include_restricted)
    with tempfile.TemporaryDirectory() as folder:
        found = built(
            files, vocabulary, project, Path(folder), include_restricted=include_restricted, **options
        )
    assert told(found.summary.problems) == told(wanted.problems)
    assert found.data == wanted.data
    assert found.summary.doubted == 0
    return found.summary


small = st.fixed_dictionaries(
    {
        "range_size": st.sampled_from([1, 37, 400, 10**6]),
        "bucket_size": st.sampled_from([2_000, 10**6]),
        "memory": st.sampled_from([1, 1000, 10**8]),
    }
)
lists = st.lists(assertions(), max_size=10) | alike()
randoms = st.randoms(use_true_random=False)


@few
@given(lists, small, st.booleans(), randoms)
def test_any_records_give_the_bytes_of_the_reference(
    vocabulary: Vocabulary, said: Records, options: dict[str, int], all_: bool, random: Any
) -> None:
    check_same(said, vocabulary, Project(Path("/nowhere")), options, random, include_restricted=all_)


@pytest.mark.slow
@many
@given(lists | st.lists(assertions(faulty=True), max_size=10), small, st.booleans(), randoms)
def test_any_records_give_the_bytes_and_problems_of_the_reference(
    vocabulary: Vocabulary, said: Records, options: dict[str, int], all_: bool, random: Any
) -> None:
    check_same(said, vocabulary, Project(Path("/nowhere")), options, random, include_restricted=all_)


@few
@given(st.lists(assertions(), min_size=1, max_size=6), small, st.booleans(), randoms, st.data())
def test_corrections_are_followed_over_all_lines(
    vocabulary: Vocabulary,
    said: Records,
    options: dict[str, int],
    all_: bool,
    random: Any,
    data: st.DataObject,
) -> None:
    project = Project(Path("/nowhere"))
    reading = seeds.read(
        {"a.jsonl": jsonl([*DESCRIBED, *said])}, vocabulary.ontology, vocabulary.choices, project
    )
    digests = sorted({assertion.digest() for assertion in reading.corpus.assertions})
    for number in range(data.draw(st.integers(1, 3))):
        other = {"digest": f"{number:064x}", "note": f"mended {number}"}
        said.append(random.choice(said) | other | {"corrects": random.choice(digests or ["0" * 32])})
    check_same(said, vocabulary, project, options, random, include_restricted=all_)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_number_of_processes_gives_the_same_bytes(
    vocabulary: Vocabulary, project: Project, tmp_path: Path, jobs: int
) -> None:
    files = {"a.jsonl": jsonl([*DESCRIBED, *said_alike(300)])}
    options = {"range_size": 5_000, "bucket_size": 10_000, "memory": 200_000}
    found = built(files, vocabulary, project, tmp_path, jobs=jobs, **options)
    assert found.data == expected(files, vocabulary, project).data
    assert found.summary.doubted == 0


def test_descriptions_in_plenty_are_read_twice_with_the_same_result(
    vocabulary: Vocabulary, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [*DESCRIBED, *said_alike(30)]
    random_module.Random(4).shuffle(records)  # noqa: S311  (data of a test)
    files = {"a.jsonl": jsonl(records[:20]), "b.jsonl": jsonl(records[20:])}
    for trees, batch in ((0, 3), (9, 3), (0, 1_000)):
        monkeypatch.setattr(declared, "_TREES", trees)
        monkeypatch.setattr(declared, "_BATCH", batch)
        found = built(files, vocabulary, project, tmp_path)
        assert found.data == expected(files, vocabulary, project).data
        wrong = {
            **files,
            "c.jsonl": jsonl([DESCRIBED[0], DESCRIBED[11]]),
            "d.jsonl": jsonl(
                [DESCRIBED[16] | {"speaker": "nobody"}, DESCRIBED[16] | {"key": "new", "speaker": "nobody"}]
            ),
            "e.jsonl": jsonl([DESCRIBED[12] | {"key": "new", "publisher": "nobody"}]),
        }
        found = built(wrong, vocabulary, project, tmp_path)
        assert told(found.summary.problems) == told(expected(wrong, vocabulary, project).problems)


def test_lines_of_one_shape_go_the_fast_way(vocabulary: Vocabulary, project: Project, tmp_path: Path) -> None:
    found = built({"a.jsonl": jsonl([*DESCRIBED, *said_alike(300)])}, vocabulary, project, tmp_path)
    assert (found.summary.exact, found.summary.doubted, found.summary.published) == (1, 0, 300)


def test_an_empty_input_gives_the_ontology(vocabulary: Vocabulary, project: Project, tmp_path: Path) -> None:
    for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
        files = {"a.jsonl": data}
        assert built(files, vocabulary, project, tmp_path).data == expected(files, vocabulary, project).data


def test_sorted_lines_are_the_canonical_form(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    data = built({"a.jsonl": jsonl([*DESCRIBED, *said_alike(40)])}, vocabulary, project, tmp_path).data
    dataset = ox.Dataset(ox.parse(data, ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    canonical = "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()
    assert hashlib.sha256(data).digest() == hashlib.sha256(canonical).digest()


@pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset.* is deprecated):DeprecationWarning")
def test_rdflib_reads_the_quads_of_the_reference(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    import rdflib

    files = {"a.jsonl": jsonl([*DESCRIBED, *said_alike(10), ONE | {"note": 'a\\b"\n\t\u2028дома'}])}
    data = built(files, vocabulary, project, tmp_path).data
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    quads = set(rdf.quads(access.public(reading.corpus, project.base), vocabulary.ontology, project.base))
    dataset = rdflib.Dataset()
    dataset.parse(data=data, format="nquads")
    for graph in {quad[3] for quad in quads}:
        wanted = rdf.to_rdflib(quad[:3] for quad in quads if quad[3] == graph)
        assert set(dataset.graph(rdflib.URIRef(graph[1:-1]))) == set(wanted)


@few
@given(st.lists(assertions(), max_size=8))
def test_the_corpus_can_be_read_back(vocabulary: Vocabulary, said: Records) -> None:
    project = Project(Path("/nowhere"))
    files = {"a.jsonl": jsonl([*DESCRIBED, *said])}
    with tempfile.TemporaryDirectory() as folder:
        data = built(files, vocabulary, project, Path(folder)).data
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    public = rdf.merge(access.public(reading.corpus, project.base))
    back = decode.corpus(nt.split_line(line)[:3] for line in data.decode().split("\n")[:-1])
    assert set(back.assertions) == set(public.assertions)
    assert {entity.iri for entity in back.entities} == {entity.iri for entity in public.entities}
    assert set(back.sources) == set(public.sources)


# ---------------------------------------------------------------- descriptions


@few
@given(st.lists(descriptions(), max_size=12), small, st.booleans(), randoms)
def test_any_descriptions_give_the_bytes_of_the_reference(
    vocabulary: Vocabulary, described: Records, options: dict[str, int], all_: bool, random: Any
) -> None:
    records = [*DESCRIBED, *described, *said_alike(3)]
    random.shuffle(records)
    cut = random.randrange(len(records))
    second = random.choice(["b.jsonl", "restricted/b.jsonl"])
    files = {"a.jsonl": jsonl(records[:cut], plain=random.random() < 0.5), second: jsonl(records[cut:])}
    wanted = expected(files, vocabulary, Project(Path("/nowhere")), include_restricted=all_)
    with tempfile.TemporaryDirectory() as folder:
        found = built(
            files, vocabulary, Project(Path("/nowhere")), Path(folder), include_restricted=all_, **options
        )
    assert bool(found.summary.problems) == bool(wanted.problems)
    assert {p.code for p in wanted.problems} <= {p.code for p in found.summary.problems}
    assert found.data == wanted.data


# ---------------------------------------------------------------- lines


PLAIN = line(ONE).decode()
HOSTILE = {
    "a key twice": PLAIN[:-1] + ',"subject":"serik"}',
    "a key twice, with blanks": PLAIN[:-1] + ',"subject" :"serik"}',
    "a key twice, with blanks and a tab": PLAIN[:-1].replace('"subject":', '"subject"\t: ')
    + ',"subject":"serik"}',
    "a key twice, once as null": PLAIN[:-1] + ',"subject":null}',
    "an escaped key twice": PLAIN[:-1] + ',"\\u0073ubject":"serik"}',
    "an escaped class": '{"\\u0063lass":"person","key":"late","label":"Late"}',
    "a null": PLAIN[:-1] + ',"note":null}',
    "a class that is null": PLAIN[:-1] + ',"class":null}',
    "not a number": PLAIN.replace('"start":1', '"start":NaN'),
    "minus zero": PLAIN.replace('"start":1', '"start":-0'),
    "minus zero and a blank": PLAIN.replace('"start":1', '"start":-0 '),
    "a fraction": PLAIN.replace('"start":1', '"start":1.0'),
    "an exponent": PLAIN.replace('"start":1', '"start":1e0'),
    "too great a number": PLAIN.replace('"end":9', '"end":1e999'),
    "a true number": PLAIN.replace('"start":1', '"start":true'),
    "a number as text": PLAIN.replace('"start":1', '"start":"1"'),
    "digits in plenty": PLAIN.replace('"end":9', '"end":' + "9" * 5_000),
    "half a character": PLAIN[:-1] + ',"note":"\\ud800"}',
    "two halves": PLAIN[:-1] + ',"note":"\\ud83d\\ude00"}',
    "an escaped control": PLAIN[:-1] + ',"note":"a\\u0007"}',
    "a short escape of a control": PLAIN[:-1] + ',"note":"a\\bb"}',
    "line feeds and tabs": PLAIN[:-1] + ',"note":"a\\n\\tb\\r\\"c\\\\"}',
    "a bidi control": PLAIN[:-1] + ',"note":"a\u202eb"}',
    "an escaped bidi control": PLAIN[:-1] + ',"note":"a\\u2066b"}',
    "a C1 control": PLAIN[:-1] + ',"note":"a\u0085b"}',
    "DEL": PLAIN[:-1] + ',"note":"a\x7fb"}',
    "a byte order mark inside": PLAIN[:-1] + ',"note":"a\ufeffb"}',
    "a byte order mark before": "\ufeff" + PLAIN,
    "a line separator": PLAIN[:-1] + ',"note":"a\u2028b"}',
    "a lone CR": PLAIN.replace(",", ",\r"),
    "NUL": PLAIN.replace("aman", "am\0an"),
    "an unknown key": PLAIN[:-1] + ',"held-at":"arishan"}',
    "an empty note": PLAIN[:-1] + ',"note":" \u200b"}',
    "a note of signs": PLAIN[:-1] + ',"note":"…?"}',
    "two notes": PLAIN[:-1] + ',"note":["a","b"]}',
    "a quoted special word": PLAIN.replace('"arishan"', '"\\"unknown\\""'),
    "nothing": "{}",
    "a list": "[1]",
    "a text": '"x"',
    "two objects": "{}{}",
    "a broken line": PLAIN[:-1],
    "depth": "[" * 5_000,
    "upper case hexadecimal": PLAIN.replace(DIGESTS[0], "AB" * 32),
    "an entity in a text": PLAIN.replace("detained-at", "occupation").replace(
        '"arishan"', '"https://w3id.org/reportedly/id/hidden"'
    ),
    "an unknown report": PLAIN.replace('"post"', '"pst"'),
    "a future entity": PLAIN.replace("aman", "late"),
    "a report that is a key": PLAIN.replace('"post"', "[]"),
    "a decomposed key": PLAIN.replace("aman", "áman"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_is_read_as_the_reference_reads_it(
    vocabulary: Vocabulary, project: Project, tmp_path: Path, name: str
) -> None:
    # Behind lines of its own shape, which have opened the fast way for it.
    others = [ONE, ONE | {"digest": DIGESTS[1]}, ONE | {"note": "a"}, ONE | {"note": "b"}]
    for ending in (b"\n", b"\r\n"):
        data = (
            jsonl([*DESCRIBED, *others]).replace(b"\n", ending) + HOSTILE[name].encode() + ending + line(ONE)
        )
        files = {"a.jsonl": b"\xef\xbb\xbf" + data}
        found, wanted = built(files, vocabulary, project, tmp_path), expected(files, vocabulary, project)
        assert told(found.summary.problems) == told(wanted.problems)
        assert found.data == wanted.data


def test_bytes_that_are_no_text_are_named_and_the_other_lines_are_checked(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    data = jsonl([*DESCRIBED, ONE]) + b'{"note":"\xff"}\n\n' + line(ONE | {"object": "nobody"})
    found = built({"a.jsonl": data}, vocabulary, project, tmp_path)
    lines = len(DESCRIBED)
    places = [(problem.location.line, problem.code) for problem in found.summary.problems]
    assert places == [(lines + 2, "bad-encoding"), (lines + 4, "unknown-entity")]
    assert found.data == b""


def test_a_line_of_fifty_megabytes_is_a_problem_of_its_own(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    head = jsonl([*DESCRIBED, ONE])
    data = head + b'{"note":"' + b"x" * 50_000_000 + b'"}\n' + line(ONE | {"object": "nobody"})
    found = built({"a.jsonl": data}, vocabulary, project, tmp_path)
    first, second = found.summary.problems
    assert (first.location.line, first.code) == (len(DESCRIBED) + 2, "too-large")
    assert (second.location.line, second.code) == (len(DESCRIBED) + 3, "unknown-entity")


@pytest.mark.parametrize("size", [1, 2, 3, 10, 10**6])
def test_a_mark_at_the_beginning_and_no_line_feed_at_the_end_change_nothing(
    vocabulary: Vocabulary, project: Project, tmp_path: Path, size: int
) -> None:
    plain = jsonl([*DESCRIBED[:6], *DESCRIBED[11:13]])
    wanted = built({"a.jsonl": plain}, vocabulary, project, tmp_path).data
    dressed = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n\r\n").rstrip()
    assert built({"a.jsonl": dressed}, vocabulary, project, tmp_path, range_size=size).data == wanted


def test_problems_of_a_file_end_somewhere(vocabulary: Vocabulary, project: Project, tmp_path: Path) -> None:
    data = jsonl(DESCRIBED) + b"{\n" * 3_000
    problems = built({"a.jsonl": data}, vocabulary, project, tmp_path, range_size=1_000).summary.problems
    assert len(problems) == 1_001
    assert problems[-1].code == "too-many-problems"
    assert [problem.location.line for problem in problems[:2]] == [len(DESCRIBED) + 1, len(DESCRIBED) + 2]


def test_a_report_that_is_not_there_is_told_once_for_each_file(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    wrong = [ONE | {"report": "pst"}, ONE | {"report": "pst", "object": "nobody"}]
    files = {"a.jsonl": jsonl([*DESCRIBED, *wrong]), "b.jsonl": jsonl(wrong)}
    found = built(files, vocabulary, project, tmp_path, range_size=100)
    assert told(found.summary.problems) == told(expected(files, vocabulary, project).problems)


# ---------------------------------------------------------------- equal assertions


def test_equal_assertions_become_one_however_many_there_are(
    vocabulary: Vocabulary, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twins, "_SLICE", 3)
    random = random_module.Random(5)  # noqa: S311  (data of a test)
    several = [
        ONE | {
            "start": random.randrange(8), "note": random.choice("abc"), "method": random.choice(["curated", "imported"]),
            "episode": random.choice(["case-1", "case-2", []]),
        }
        for _ in range(60)
    ]  # fmt: skip
    for all_ in (False, True):
        files = {"a.jsonl": jsonl([*DESCRIBED, *several]), "b.jsonl": jsonl(several)}
        wanted = expected(files, vocabulary, project, include_restricted=all_)
        for memory in (1, 10**8):
            found = built(files, vocabulary, project, tmp_path, memory=memory, include_restricted=all_)
            assert found.data == wanted.data
    assert found.summary.counts.classes[b"<https://w3id.org/reportedly/ontology#Assertion>"] == 1


def test_what_was_withdrawn_without_a_trace_leaves_none(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    silent = ONE | {"subject": "serik", "withdrawn": {"date": "2026-01-02", "reason": "safety"}}
    equal = ONE | {"subject": "serik", "note": "the same", "object": "arishan"}
    files = {"a.jsonl": jsonl([equal, *DESCRIBED, ONE]), "z.jsonl": jsonl([silent])}
    found = built(files, vocabulary, project, tmp_path)
    assert found.data == expected(files, vocabulary, project).data
    assert b"id/serik>" not in found.data


# ---------------------------------------------------------------- beside the file


def test_counts_are_those_of_the_triples_without_the_alleged_graph(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    random = random_module.Random(3)  # noqa: S311  (data of a test)
    said = [record | {"certainty": random.choice(["stated", "alleged"])} for record in said_alike(60)]
    said += [
        ONE | {"predicate": "age", "object": 30, "note": "x"},
        ONE | {"evidence": None, "record": "urn:x:y"},
    ]
    for record in said[-1:]:
        del record["start"], record["end"], record["digest"], record["evidence"]
    found = built({"a.jsonl": jsonl([*DESCRIBED, *said])}, vocabulary, project, tmp_path, bucket_size=1_000)
    quads = [nt.split_line(each) for each in found.data.decode().split("\n")[:-1]]
    triples = {quad[:3] for quad in quads if "graph_alleged" not in quad[3]}
    counts = found.summary.counts
    assert counts.quads == len(quads)
    assert counts.triples == len(triples)
    assert counts.subjects == len({triple[0] for triple in triples})
    assert {each.decode() for each in counts.predicates} == {triple[1] for triple in triples}
    type_ = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    classes = Counter(triple[2] for triple in triples if triple[1] == type_)
    assert {class_.decode(): number for class_, number in counts.classes.items()} == classes


def test_every_assertion_and_its_evidence_lead_back_to_their_line(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    files = {
        "a.jsonl": jsonl(DESCRIBED) + b"\r\n" + jsonl(said_alike(30)),
        "b.jsonl": jsonl(said_alike(20, 2)),
    }
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    wanted: dict[tuple[str, str], str] = {}
    for assertion in sorted(access.public(reading.corpus, project.base).assertions, key=lambda a: a.where):
        wanted.setdefault((rdf.assertion_iri(assertion, project.base), ""), str(assertion.where))
        wanted.setdefault((rdf.evidence_iri(assertion.evidence, project.base), ""), str(assertion.where))
    paths = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        paths.append((tmp_path / name, name))
    options = {"range_size": 1_000, "bucket_size": 1_000, "memory": 20_000}
    with bulk.Build(paths, vocabulary, project, tmp_path, jobs=1, **options) as build:
        build.read()
        found = build.places([*wanted, ("https://w3id.org/reportedly/id/assertion_" + "0" * 32, "")])
    assert {pair: str(place) for pair, place in found.items()} == wanted


@few
@given(lists, small, st.booleans(), st.sampled_from([1, 2]), randoms)
def test_unsorted_lines_are_the_same_lines(
    vocabulary: Vocabulary, said: Records, options: dict[str, int], all_: bool, jobs: int, random: Any
) -> None:
    records = [*DESCRIBED, *said, *said_alike(20), ONE | {"object": "unknown"}]
    random.shuffle(records)
    project = Project(Path("/nowhere/%20"), base="https://example.org/100%25/id/")
    with tempfile.TemporaryDirectory() as folder:
        path, unsorted = Path(folder) / "a.jsonl", Path(folder) / "unsorted.nq"
        path.write_bytes(jsonl(records))
        files = [(path, "a.jsonl")]
        options |= {"jobs": jobs}
        with bulk.Build(
            files, vocabulary, project, Path(folder), include_restricted=all_, **options
        ) as build:
            summary = build.read(unsorted)
        lines = set(unsorted.read_bytes().splitlines(keepends=True))
    assert summary.doubted == 0
    wanted = set(
        expected({"a.jsonl": jsonl(records)}, vocabulary, project, include_restricted=all_).data.splitlines(
            keepends=True
        )
    )
    if len({line for line in wanted if b"#Assertion>" in line}) == summary.published:
        assert lines == wanted
    else:  # equal assertions, of which the reference makes one
        assert {line.split(b" ")[0] for line in lines} >= {line.split(b" ")[0] for line in wanted}


def test_a_file_that_changes_while_it_is_read_is_refused(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl([*DESCRIBED, ONE]))

    def progress(what: str, done: int, of: int) -> None:
        path.write_bytes(jsonl([*DESCRIBED, ONE, ONE]))

    with (
        bulk.Build([(path, "a.jsonl")], vocabulary, project, tmp_path, jobs=1, progress=progress) as build,
        pytest.raises(KgError, match=r"a\.jsonl was changed while it was read"),
    ):
        build.read()


def test_a_file_that_is_not_there_is_named(vocabulary: Vocabulary, project: Project, tmp_path: Path) -> None:
    with (
        pytest.raises(KgError, match=r"cannot read the records more\.jsonl: (there is )?no such file"),
        bulk.Build([(tmp_path / "more.jsonl", "more.jsonl")], vocabulary, project, tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_while_there_are_problems(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    path, target = tmp_path / "a.jsonl", tmp_path / "kg.nq"
    path.write_bytes(b"{}")
    target.write_bytes(b"old")
    with bulk.Build([(path, "a.jsonl")], vocabulary, project, tmp_path, jobs=1) as build:
        assert build.read().problems
        with pytest.raises(KgError, match="there are problems"):
            build.write(target)
    assert target.read_bytes() == b"old"


def test_a_term_that_is_named_like_an_assertion_is_refused(vocabulary: Vocabulary, tmp_path: Path) -> None:
    base = "https://w3id.org/reportedly/"
    iri = f"{base}assertion_x"
    ontology = building.replace(vocabulary.ontology, labels={iri: "odd"})
    (tmp_path / "a.jsonl").write_bytes(b"")

    class Odd:
        choices = vocabulary.choices

        def __init__(self) -> None:
            self.ontology = ontology

    with (
        bulk.Build(
            [(tmp_path / "a.jsonl", "a.jsonl")], Odd(), Project(tmp_path, base=base), tmp_path
        ) as build,
        pytest.raises(KgError, match="is named like an assertion"),
    ):
        build.read()


def test_lines_of_evidence_stand_with_their_subjects(
    vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    data = built(
        {"a.jsonl": jsonl([*DESCRIBED, *said_alike(60)])}, vocabulary, project, tmp_path, bucket_size=500
    ).data
    lines = data.splitlines(keepends=True)
    assert lines == sorted(set(lines))
    subjects = [subject for subject, _ in groupby(each.split(b" ")[0] for each in lines)]
    assert len(subjects) == len(set(subjects))
    assert json.loads(line(ONE)) == ONE
