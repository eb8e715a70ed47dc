from __future__ import annotations

import unicodedata
from collections.abc import Callable
from textwrap import indent

import pytest

from conftest import DIGEST, EVIDENCE, HEAD
from kg import nt
from kg.build import Vocabulary
from kg.model import Access
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.project import Project
from kg.seeds import Reading
from kg.seeds import read as read_seeds
from kg.terms import KG

Read = Callable[..., Reading]
HEAD_LINES = HEAD.count("\n")


def block(*lines: str) -> str:
    """One block of assertions about the herder, in a whole seed; its first line is `HEAD_LINES` + 2."""
    body = "\n".join(("about: aman-tolek", EVIDENCE, *lines))
    return HEAD + "assertions:\n" + indent(body, "    ").replace("    about", "  - about", 1) + "\n"


def faults(reading: Reading) -> list[tuple[int, int, str]]:
    return [(p.location.line, p.location.column, p.code) for p in reading.problems]


def test_a_block_becomes_one_assertion_for_each_value(read: Read) -> None:
    reading = read(block("told-by: friend", "occupation: [herder, imam]", "detained-by: valley-police"))
    assert reading.problems == ()
    said = [(a.predicate.removeprefix(KG_NAMESPACE), a.object) for a in reading.corpus.assertions]
    police = nt.iri(DEFAULT_BASE + "valley-police")
    assert said == [("occupation", '"herder"'), ("occupation", '"imam"'), ("detainedBy", police)]
    assert {a.source for a in reading.corpus.assertions} == {DEFAULT_BASE + "source_valley-post-1_friend"}


def test_what_a_block_shares_stands_in_each_of_its_assertions(read: Read) -> None:
    reading = read(
        block("episode: herder-case", "certainty: alleged", "date: 2021-02~", "age: 36", "occupation: herder")
    )
    assert reading.problems == ()
    for assertion in reading.corpus.assertions:
        assert assertion.episodes == (DEFAULT_BASE + "episode_herder-case",)
        assert assertion.certainty == "alleged"
        assert assertion.qualifiers == ((KG.date, '"2021-02~"^^<http://id.loc.gov/datatypes/edtf/EDTF>'),)
        assert (assertion.evidence.start, assertion.evidence.end) == (10, 40)


def test_a_qualifier_inside_a_value_narrows_that_value_only(read: Read) -> None:
    reading = read(block("occupation: [herder, {value: imam, role: former}]"))
    assert [len(a.qualifiers) for a in reading.corpus.assertions] == [0, 1]


def test_without_a_teller_the_publisher_speaks(read: Read) -> None:
    reading = read(block("occupation: herder"))
    (assertion,) = reading.corpus.assertions
    source = next(s for s in reading.corpus.sources if s.iri == assertion.source)
    assert source.speaker == DEFAULT_BASE + "valley-post"
    assert source.label == "Valley Post"


@pytest.mark.parametrize(
    "typed", ["NO", "0123", "12:30", "2017-02-30", "~", "null", "1e3", "yes", "0x1F", ".inf"]
)
def test_a_text_is_kept_as_typed(read: Read, typed: str) -> None:
    reading = read(block(f"occupation: {typed}"))
    assert reading.problems == ()
    assert reading.corpus.assertions[0].object == nt.literal(typed)


def test_an_unknown_place_is_an_unnamed_entity_of_its_own(read: Read) -> None:
    other = block("held-at: unknown") + block("held-at: unknown").partition("assertions:\n")[2].replace(
        "start: 10", "start: 11"
    ).replace(DIGEST, "1" * 64)
    reading = read(other)
    assert reading.problems == ()
    first, second = (a.object for a in reading.corpus.assertions)
    assert first != second
    unnamed = [e for e in reading.corpus.entities if nt.iri(e.iri) in (first, second)]
    assert [(e.unnamed, e.class_iri) for e in unnamed] == [(True, KG_NAMESPACE + "Place")] * 2


def test_none_given_and_refused_are_objects_and_quoted_they_are_texts(read: Read) -> None:
    reading = read(block('charged-with: [none-given, refused, "refused"]'))
    assert [a.object for a in reading.corpus.assertions] == [
        nt.iri(KG.noneGiven),
        nt.iri(KG.refused),
        '"refused"',
    ]


def test_unnamed_people_carry_the_key_of_their_report(read: Read) -> None:
    iris = {e.iri.removeprefix(DEFAULT_BASE) for e in read(block("age: 36")).corpus.entities}
    assert {"valley-post-1_friend", "aman-tolek"} <= iris


def test_files_may_come_in_any_order(vocabulary: Vocabulary, project: Project) -> None:
    shared = b"place:\n  far-town: Far Town\n"
    report = block("detained-at: far-town").encode()
    one = read_seeds({"a.yaml": report, "z.yaml": shared}, vocabulary.ontology, vocabulary.choices, project)
    two = read_seeds({"z.yaml": shared, "a.yaml": report}, vocabulary.ontology, vocabulary.choices, project)
    assert one == two
    assert one.problems == ()


def test_names_in_other_scripts_and_outside_identifiers_belong_to_the_entity(read: Read) -> None:
    reading = read(
        """\
        place:
          upper-valley:
            label: Upper Valley
            also: [Oberes Tal]
            names: {zh-Hans: 上谷, ar: [وادي, الوادي]}
            same-as: [wd:Q42, https://example.org/valley]
            note: also a river
        """
    )
    assert reading.problems == ()
    (place,) = reading.corpus.entities
    assert place.also == ("Oberes Tal",)
    assert place.names == (("zh-Hans", "上谷"), ("ar", "وادي"), ("ar", "الوادي"))
    assert place.same_as == ("http://www.wikidata.org/entity/Q42", "https://example.org/valley")


# ------------------------------------------------------------ what can be wrong


@pytest.mark.parametrize(
    ("line", "column", "code", "said"),
    [
        ("detaind-at: upper-valley", 5, "unknown-predicate", "did you mean 'detained-at'?"),
        ("detained-by: valey-police", 18, "unknown-entity", "did you mean 'valley-police'?"),
        ("detained-by: [valley-police, nobody-at-all-here]", 34, "unknown-entity", "declare it first"),
        ("date: 2021-13", 11, "bad-date", "months run from 01 to 12"),
        ("date: 2021-02-30", 11, "bad-date", "February 2021 run from 01 to 28"),
        ("age: thirty", 10, "bad-value", "digits only"),
        ("age: 036", 10, "bad-value", "write 36"),
        ("age: -3", 10, "bad-value", "below zero"),
        ("secret-trial: maybe", 19, "bad-value", "true or false"),
        ("sentenced-to: a while", 19, "bad-value", "5 years"),
        ("certainty: likely", 16, "bad-choice", "stated, alleged"),
        ("polarity: affirmd", 15, "bad-choice", "did you mean 'affirmed'?"),
        ("told-by: freind", 14, "unknown-source", "did you mean 'friend'?"),
        ("episode: herder-cas", 14, "unknown-episode", "did you mean 'herder-case'?"),
        ("held-at: {}", 14, "missing-key", "no value"),
        ("occupation: ''", 17, "empty", "give a value"),
        ("occupation:", 16, "empty", "give a value"),
        ("occupation: []", 17, "empty", "empty list"),
        ("occupation: unknown", 17, "bad-value", "none-given"),
        ("occupation: {role: x}", 17, "missing-key", "value"),
        ("occupation: [[herder]]", 18, "wrong-kind", "one text"),
        ("access: secret", 13, "bad-access", "public or restricted"),
        ("access: withheld", 13, "bad-access", "only a source can be withheld"),
        ("withdrawn: yesterday", 16, "bad-date", "2017-05-14"),
        ("detained-at: 'Upper Valley'", 18, "unknown-entity", "did you mean 'upper-valley'?"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_at_its_place(read: Read, line: str, column: int, code: str, said: str) -> None:
    reading = read(block("age: 3", line) if not line.startswith("age") else block("occupation: x", line))
    row = HEAD_LINES + 5
    found = {(p.location.line, p.location.column, p.code): p.message for p in reading.problems}
    assert (row, column, code) in found
    assert said in found[row, column, code]


@pytest.mark.parametrize(
    ("evidence", "code", "said"),
    [
        ("evidence: 10-40", "wrong-kind", "kg cite"),
        (f"evidence: {{start: 40, end: 40, digest: {DIGEST}}}", "bad-span", "not before end"),
        (f"evidence: {{start: 10, end: 501, digest: {DIGEST}}}", "bad-span", "500 characters"),
        (f"evidence: {{start: ten, end: 40, digest: {DIGEST}}}", "bad-number", "digits only"),
        (f"evidence: {{start: -1, end: 40, digest: {DIGEST}}}", "bad-number", "below zero"),
        ("evidence: {start: 10, end: 40, digest: abc}", "bad-digest", "64 hexadecimal digits"),
        (f"evidence: {{start: 10, digest: {DIGEST}}}", "missing-key", "end is missing"),
        (f"evidence: {{start: 10, end: 40, digset: {DIGEST}}}", "unknown-key", "did you mean 'digest'?"),
        ("evidence: {record: not an iri}", "bad-iri", ""),
    ],
)
def test_evidence_that_cannot_be_followed_is_reported(
    read: Read, evidence: str, code: str, said: str
) -> None:
    reading = read(block("age: 36").replace(EVIDENCE, evidence))
    assert code in [p.code for p in reading.problems]
    assert any(said in p.message for p in reading.problems if p.code == code)
    assert reading.corpus.assertions == ()


def test_a_block_without_evidence_or_without_anything_said_is_reported(read: Read) -> None:
    assert faults(read(block("age: 36").replace(f"    {EVIDENCE}\n", ""))) == [
        (HEAD_LINES + 2, 5, "missing-key")
    ]
    assert faults(read(block())) == [(HEAD_LINES + 2, 5, "nothing-said")]


def test_all_problems_come_in_file_order(read: Read) -> None:
    reading = read(
        b="person:\n  aman tolek: Aman\n  x: []\n",
        a=block("told-by: nobody", "age: x", "detaind-at: y"),
    )
    assert [p.location.path for p in reading.problems] == ["a.yaml"] * 3 + ["b.yaml"] * 2
    assert [p.location.line for p in reading.problems[:3]] == [HEAD_LINES + 4, HEAD_LINES + 5, HEAD_LINES + 6]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Aman Tolek", "aman-tolek"),
        ("aman_tolek", "aman-tolek"),
        ("-aman", "aman"),
        ("a--b", "a-b"),
        ("../x", "'x'"),
        ("unknown", "meaning of its own"),
        (unicodedata.normalize("NFD", "josé"), "NFC"),
    ],
)
def test_a_key_that_would_not_make_an_iri_is_reported(read: Read, key: str, said: str) -> None:
    (problem,) = read(f"person:\n  {key}: Somebody\n").problems
    assert (problem.location.line, problem.location.column, problem.code) == (2, 3, "bad-key")
    assert said in problem.message


@pytest.mark.parametrize("key", ["josé-núñez", "شخص", "आमिर-खान", "温泉县", "x1"])
def test_a_key_may_be_in_any_script(read: Read, key: str) -> None:
    reading = read(f"person:\n  {key}: Somebody\n")
    assert reading.problems == ()
    assert reading.corpus.entities[0].iri == DEFAULT_BASE + key


def test_an_entity_has_one_home(read: Read) -> None:
    reading = read("person:\n  aman: Aman\n", "group:\n  aman: Aman's people\n")
    (problem,) = reading.problems
    assert (str(problem.location), problem.code) == ("b.yaml:2:3", "repeated-entity")
    assert "a.yaml:2:3" in problem.message


def test_two_reports_cannot_share_a_key(read: Read) -> None:
    assert [
        p.code
        for p in read(
            HEAD, "report: {key: valley-post-1, title: x, published: 2021, publisher: valley-post}\n"
        ).problems
    ] == ["repeated-report"]


def test_a_report_says_what_it_lacks(read: Read) -> None:
    reading = read("report: {key: r1}\n")
    assert sorted(p.message.split()[0] for p in reading.problems) == ["published", "the", "title"]
    assert {p.code for p in reading.problems} == {"missing-key"}


def test_a_report_that_is_no_article_needs_no_publisher(read: Read) -> None:
    assert read("report: {key: r1, title: Places, type: gazetteer, published: 2020}\n").problems == ()


def test_assertions_need_a_report(read: Read) -> None:
    assert faults(read("assertions:\n  - about: x\n")) == [(2, 3, "no-report")]


def test_a_chain_of_sources_that_loops_is_reported_once(read: Read) -> None:
    seed = HEAD.replace(
        "  friend: {speaker: friend, basis: first-hand}\n",
        "  friend: {speaker: friend, learned-from: neighbour}\n"
        "  neighbour: {speaker: friend, learned-from: friend}\n"
        "  far: {speaker: friend, learned-from: friend}\n",
    )
    (problem,) = read(seed).problems
    assert problem.code == "source-loop"
    assert HEAD.splitlines()[problem.location.line - 1].startswith("  friend: {speaker")


def test_a_source_that_learned_from_itself_is_reported(read: Read) -> None:
    (problem,) = read(HEAD.replace("basis: first-hand", "learned-from: friend")).problems
    assert problem.code == "source-loop"


def test_a_long_chain_of_sources_is_no_loop(read: Read) -> None:
    links = "".join(f"  s{n}: {{speaker: friend, learned-from: s{n + 1}}}\n" for n in range(2000))
    seed = HEAD.replace("sources:\n", f"sources:\n{links}  s2000: {{speaker: friend}}\n")
    assert read(seed).problems == ()


ORIGINAL = """\
report: {key: far-post-1, title: Taken, publisher: far-post, published: 2021-03-03}
organization: {far-post: The Far Post}
"""
COPY = HEAD.replace("title: Herder taken", "copied-from: far-post-1\n  title: Herder taken")


def test_a_report_can_be_copied_from_another(read: Read) -> None:
    for files in ((COPY, ORIGINAL), (ORIGINAL, COPY)):
        reading = read(*files)
        assert reading.problems == ()
        copied = {r.iri: r.copied_from for r in reading.corpus.reports}
        assert copied == {
            DEFAULT_BASE + "report_valley-post-1": DEFAULT_BASE + "report_far-post-1",
            DEFAULT_BASE + "report_far-post-1": None,
        }


def test_an_original_that_is_no_report_is_reported(read: Read) -> None:
    reading = read(COPY.replace("far-post-1", "far-post-2"), ORIGINAL)
    assert faults(reading) == [(3, 16, "unknown-report")]
    assert "did you mean 'far-post-1'?" in reading.problems[0].message


def test_a_report_that_is_copied_from_itself_or_round_about_is_reported_once(read: Read) -> None:
    assert faults(read(COPY.replace("far-post-1", "valley-post-1"))) == [(3, 16, "copy-loop")]
    both = ORIGINAL.replace("title", "copied-from: valley-post-1, title")
    assert [p.code for p in read(COPY, both).problems] == ["copy-loop"]


def test_unknown_sections_and_keys_name_the_nearest(read: Read) -> None:
    reading = read(
        "persons:\n  a: A\nreport:\n  key: r\n  titel: x\n  title: y\n  published: 2020\n  type: list\n"
    )
    assert [(p.code, p.message.partition("; ")[2]) for p in reading.problems] == [
        ("unknown-key", "did you mean 'person'?"),
        ("unknown-key", "did you mean 'title'?"),
    ]


def test_a_seed_that_is_a_list_is_reported(read: Read) -> None:
    assert faults(read("- a\n- b\n")) == [(1, 1, "wrong-kind")]


# ------------------------------------------------------------ access


def test_marks_are_inherited_from_the_file_and_the_folder(vocabulary: Vocabulary, project: Project) -> None:
    files = {
        "seeds/open.yaml": b"person:\n  a: A\n",
        "seeds/restricted/hidden.yaml": b"person:\n  b: B\n  c: {label: C, access: public}\n",
        "seeds/marked.yaml": b"access: restricted\nperson:\n  d: D\n",
    }
    reading = read_seeds(files, vocabulary.ontology, vocabulary.choices, project)
    assert {e.label: e.access for e in reading.corpus.entities} == {
        "A": Access.PUBLIC,
        "B": Access.RESTRICTED,
        "C": Access.PUBLIC,
        "D": Access.RESTRICTED,
    }


def test_a_mark_that_cannot_be_read_restricts(read: Read) -> None:
    reading = read("person:\n  a: {label: A, access: pubic}\n")
    assert [p.code for p in reading.problems] == ["bad-access"]
    assert reading.corpus.entities[0].access is Access.RESTRICTED


@pytest.mark.parametrize("label", ["unnamed", "{unnamed: true}", "{label: unknown}", "no"])
def test_a_word_that_is_no_name_is_no_label(read: Read, label: str) -> None:
    (problem,) = read(f"person:\n  guard: {label}\n").problems
    assert problem.code == "bad-label"
    assert "{unnamed: a neighbour}" in problem.message
    assert read('person:\n  guard: "No"\n').problems == ()


def test_a_report_without_a_key_hides_no_other_problem(read: Read) -> None:
    without = block("date: 2021-13", "told-by: friend").replace("  key: valley-post-1\n", "")
    assert [p.code for p in read(without).problems] == ["missing-key", "nothing-said", "bad-date"]
