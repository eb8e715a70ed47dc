"""Proposals: what can be used, what names them, how they are written, filed and printed as rows."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg import evidence, facts, proposal_files, proposals
from kg.build import Vocabulary
from kg.model import Corpus
from kg.problems import KgError
from kg.project import Project
from kg.proposal_files import About, Reported
from kg.proposals import Absent, Filed, Mention, Proposal, Setting, Teller

TEXT = "Herder taken\n\nAman Tolek, a herder, was taken in the Upper Valley last month, a friend said.\n"
AMAN = Mention("Aman Tolek", "person", also=("Aman",), start=14, end=24)
FRIEND = Mention("a friend", "person", unnamed=True)
GOOD = Proposal(
    AMAN,
    "detained-at",
    Mention("Upper Valley", "place"),
    36,
    67,
    (("date", "2021-02"), ("inferred", "true")),
    (Teller(FRIEND, "first-hand", "friend"),),
    "alleged",
    "denied",
    "detention of Aman Tolek",
    "last month",
    "passive",
    0.75,
    "two verbs",
)


@pytest.fixture
def setting(vocabulary: Vocabulary, tmp_path: Path) -> Setting:
    return Setting(tmp_path, vocabulary.ontology, vocabulary.choices, Corpus())


def filed(proposal: Proposal = GOOD, engine: str = "rules", report: str = "valley-post-1") -> Filed:
    return Filed.of(proposal, TEXT, report, engine, "1")


# ---------------------------------------------------------------- what can be used


def test_a_proposal_of_the_ontology_can_be_used(setting: Setting) -> None:
    assert proposals.fault(GOOD, TEXT, setting) is None
    assert proposals.fault(replace(GOOD, object=Absent.UNKNOWN), TEXT, setting) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": 5, "end": 5}, "no span from 5 to 5 in a text of 93 characters"),
        ({"end": 94}, "no span from 36 to 94"),
        ({"start": -1}, "no span from -1"),
        ({"start": 12, "end": 14}, "holds nothing that can be seen"),
        ({"predicate": "detaind-at"}, "'detaind-at'; did you mean 'detained-at'?"),
        ({"polarity": "no"}, "'no' is none of affirmed, denied"),
        ({"certainty": "sure"}, "'sure' is none of stated, alleged"),
        ({"score": 1.5}, "a score is from 0 to 1, not 1.5"),
        ({"score": float("nan")}, "a score is from 0 to 1"),
        ({"told_by": (Teller(FRIEND, "gossip"),)}, "'gossip' is none of"),
        ({"told_by": (Teller(FRIEND),) * 11}, "a chain of 11 tellers"),
        ({"told_by": (Teller(Mention("Upper Valley", "place")),)}, "a place tells nothing"),
        ({"subject": Mention("Aman Tolek", "persom")}, "'persom'; did you mean 'person'?"),
        (
            {"subject": Mention("Upper Valley", "place")},
            "detained-at takes no place there; what fits is: person-or-group",
        ),
        ({"subject": Mention("  ", "person")}, "which says nothing"),
        ({"subject": Mention("A" * 501, "person")}, "501 characters; at most 500"),
        ({"subject": Mention("A\ud800", "person")}, "lone surrogate"),
        (
            {"object": Mention("police", "organization")},
            "takes no organization there; what fits is: place",
        ),
        ({"object": "the valley"}, "takes an entity, not the text 'the valley'"),
        ({"predicate": "occupation"}, "occupation takes a value, not a place"),
        ({"predicate": "occupation", "object": Absent.UNKNOWN}, "cannot be unknown"),
        ({"predicate": "sentenced-to", "object": "for long"}, "sentenced-to: "),
        ({"qualifiers": (("dates", "2021"),)}, "'dates'; did you mean 'date'?"),
        ({"qualifiers": (("date", "last month"),)}, "date: 'last month' is not a date"),
        ({"qualifiers": (("date", "2021"), ("date", "2022"))}, "a qualifier stands twice"),
        ({"event": "...."}, "says nothing"),
    ],
)
def test_what_cannot_be_used_is_told(changes: dict[str, Any], message: str, setting: Setting) -> None:
    found = proposals.fault(replace(GOOD, **changes), TEXT, setting)
    assert found is not None
    assert message in found


def test_a_span_of_a_whole_page_says_not_where(setting: Setting) -> None:
    found = proposals.fault(replace(GOOD, start=0, end=2001), "a" * 3000, setting)
    assert found == "a span of 2001 characters; at most 2000 say where something is said"


def test_usable_proposals_are_parted_from_the_others(setting: Setting) -> None:
    bad = replace(GOOD, predicate="held")
    good, reasons = proposal_files.usable([GOOD, bad], TEXT, setting)
    assert good == [GOOD]
    assert reasons[0].startswith("passive: no predicate is called 'held'")


# ---------------------------------------------------------------- what names it


def test_the_same_proposal_has_the_same_name_whoever_makes_it() -> None:
    other = replace(GOOD, rule="llm", score=0.2, why="", start=36, event="", date_from="")
    assert filed(other, "llm").id == filed().id
    moved = Filed.of(replace(GOOD, start=41, end=72), "More\n" + TEXT, "valley-post-1", "rules", "2")
    assert moved.id == filed().id


@pytest.mark.parametrize(
    "changes",
    [
        {"polarity": "affirmed"},
        {"certainty": "stated"},
        {"end": 66},
        {"told_by": ()},
        {"qualifiers": ()},
        {"object": Absent.UNKNOWN},
        {"subject": replace(AMAN, key="second")},
        {"subject": replace(AMAN, class_key="group")},
    ],
)
def test_another_assertion_has_another_name(changes: dict[str, Any]) -> None:
    assert filed(replace(GOOD, **changes)).id != filed().id


def test_a_proposal_is_filed_with_the_words_of_its_span() -> None:
    assert filed().quote == "was taken in the Upper Valley l"
    assert filed().digest == evidence.digest(filed().quote)
    assert filed(report="other").id != filed().id


# ---------------------------------------------------------------- as JSON


@pytest.mark.parametrize(
    "proposal",
    [GOOD, replace(GOOD, object=Absent.REFUSED, told_by=()), Proposal(FRIEND, "occupation", "unknown", 1, 2)],
)
def test_a_proposal_survives_json(proposal: Proposal) -> None:
    line = json.dumps(proposals.to_json(proposal))
    again = proposals.from_json(json.loads(line))
    assert again == proposal
    assert again.subject.also == proposal.subject.also


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (None, "a proposal is a mapping, not null"),
        ({"subject": None}, "subject is a mapping, not null"),
        ({"subject": {"class": "person"}}, "subject has a name, or unnamed"),
        ({"subject": {"name": "a", "unnamed": "b", "class": "person"}}, "one of the two"),
        ({"subject": {"name": "a"}}, "subject has no class"),
        (
            {"subject": {"name": "a", "class": "person", "sex": "m"}},
            "subject has no key 'sex'; there are name",
        ),
        ({"object": "somewhere"}, "'somewhere' is none of unknown, none-given, refused"),
        ({"object": {"text": 5}}, "the object's text is a text, not 5"),
        ({"start": "5"}, 'start is a whole number, not "5"'),
        ({"start": True}, "start is a whole number, not true"),
        ({"score": "high"}, 'score is a number, not "high"'),
        ({"score": 10**400}, "a number from 0 to 1"),
        ({"told-by": {}}, "told-by is a list, not {}"),
        ({"qualifiers": {"date": 2021}}, "date is a text, not 2021"),
        ({"certanty": "stated"}, "no key 'certanty'; did you mean 'certainty'?"),
    ],
)
def test_another_form_of_json_is_told(changes: dict[str, Any] | None, message: str) -> None:
    value = None if changes is None else {**proposals.to_json(GOOD), **changes}
    with pytest.raises(ValueError, match=r"^.+$") as caught:
        proposals.from_json(value)
    assert message in str(caught.value)


def test_a_missing_part_of_json_is_told() -> None:
    value = proposals.to_json(GOOD)
    del value["end"]
    with pytest.raises(ValueError, match="a proposal has no end"):
        proposals.from_json(value)


# ---------------------------------------------------------------- files


@pytest.fixture
def reported() -> Callable[..., Reported]:
    def reported(*found: Filed, text: str = TEXT) -> Reported:
        about = About("html", "a.html", "Herder taken", "2021-03-04", "Valley Post", "en", restricted=True)
        return Reported("valley-post-1", text, about, found)

    return reported


def test_what_is_filed_is_read_again(project: Project, reported: Callable[..., Reported]) -> None:
    written = reported(filed(), filed(replace(GOOD, object=Absent.UNKNOWN)))
    proposal_files.save(project, written)
    assert proposal_files.load(project, "valley-post-1") == written
    assert proposal_files.keys(project) == ("valley-post-1",)
    assert proposal_files.load(project, "other") is None


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_sentences_of_reports_are_for_their_owner_only(
    project: Project, reported: Callable[..., Reported]
) -> None:
    path = proposal_files.save(project, reported(filed()))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}
    assert (path.parent / ".gitignore").read_text(encoding="utf-8").endswith("\n*\n")


def test_a_second_extraction_adds_only_what_is_new(reported: Callable[..., Reported]) -> None:
    unknown, refused = (filed(replace(GOOD, object=each)) for each in (Absent.UNKNOWN, Absent.REFUSED))
    first = proposal_files.added(None, reported(filed(), unknown), "rules")
    again = proposal_files.added(first.reported, reported(filed(), refused), "rules")
    assert (first.new, again.new, again.dropped, again.changed) == (2, 1, 1, False)
    by_llm = Filed.of(GOOD, TEXT, "valley-post-1", "llm", "1")
    other = proposal_files.added(again.reported, reported(by_llm), "llm")
    assert (other.new, other.dropped) == (0, 0)
    assert [(each.id, each.engine) for each in other.reported.filed].count((by_llm.id, "llm")) == 1
    assert len(other.reported.filed) == 3


def test_another_text_drops_what_was_found_in_the_old_one(reported: Callable[..., Reported]) -> None:
    old = proposal_files.added(None, reported(filed()), "rules").reported
    moved = Filed.of(replace(GOOD, start=37, end=68), "\n" + TEXT, "valley-post-1", "llm", "1")
    now = proposal_files.added(old, reported(moved, text="\n" + TEXT), "llm")
    assert (now.changed, now.new, [each.engine for each in now.reported.filed]) == (True, 0, ["llm"])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text, lines: (text + "more", lines), "is not of the text in valley-post-1.txt"),
        (lambda text, lines: (text, lines[:-20]), ":2: this line is not JSON"),
        (lambda text, lines: (text, b"[]\n" + lines), ":1: a line is one object"),
        (lambda text, lines: (text, lines.replace(b'"end":67', b'"end":670')), ":2: its span lies outside"),
        (
            lambda text, lines: (text, lines.replace(b'"start":36', b'"start":"x"')),
            ":2: start is a whole number",
        ),
    ],
)
def test_a_damaged_file_says_what_to_do(
    damage: Callable[[str, bytes], tuple[str, bytes]],
    message: str,
    project: Project,
    reported: Callable[..., Reported],
) -> None:
    path = proposal_files.save(project, reported(filed()))
    text, lines = damage(path.with_suffix(".txt").read_text(encoding="utf-8"), path.read_bytes())
    path.with_suffix(".txt").write_text(text, encoding="utf-8")
    path.write_bytes(lines)
    with pytest.raises(KgError, match="run kg extract again") as caught:
        proposal_files.load(project, "valley-post-1")
    assert message in str(caught.value)


# ---------------------------------------------------------------- rows


def test_a_dated_detention_is_two_rows() -> None:
    rows = list(facts.rows("a", [filed(replace(GOOD, certainty="stated", polarity="affirmed"))]))
    assert [(row["predicate"], row["object"]) for row in rows] == [
        ("detained-on", "2021-02"),
        ("detained-at", "Upper Valley"),
    ]
    assert rows[0] == {
        "doc": "a", "subject": "Aman Tolek", "predicate": "detained-on", "object": "2021-02", "date": "2021-02",
        "qualifiers": {"inferred": "true"}, "attribution": "a friend", "certainty": "asserted", "start": 36, "end": 67,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("proposal", "expected"),
    [
        (replace(GOOD, qualifiers=()), [("Aman Tolek", "detained-at", "Upper Valley", "denied")]),
        (
            replace(GOOD, qualifiers=(), polarity="affirmed"),
            [("Aman Tolek", "detained-at", "Upper Valley", "alleged")],
        ),
        (replace(GOOD, object=Absent.UNKNOWN), [("Aman Tolek", "detained-on", "2021-02", "denied")]),
        (
            Proposal(AMAN, "held-at", Absent.UNKNOWN, 1, 2),
            [("Aman Tolek", "held-at", "[unknown]", "asserted")],
        ),
        (
            Proposal(AMAN, "accused-of", Absent.NONE_GIVEN, 1, 2),
            [("Aman Tolek", "charged-with", "[any]", "denied")],
        ),
        (
            Proposal(FRIEND, "resident-in", Mention("Norland", "country"), 1, 2),
            [("[a friend]", "resident-of", "Norland", "asserted")],
        ),
        (
            Proposal(AMAN, "sentenced-to", "13 years 4 months", 1, 2),
            [("Aman Tolek", "sentenced-to", "P13Y4M", "asserted")],
        ),
        (
            Proposal(AMAN, "sentenced-to", "5-10 years", 1, 2),
            [("Aman Tolek", "sentenced-to", "5-10 years", "asserted")],
        ),
        (
            Proposal(AMAN, "travelled-to", Mention("Norland", "country"), 1, 2),
            [("Aman Tolek", "related-to-country", "Norland", "asserted")],
        ),
        (Proposal(AMAN, "name", "Aman", 1, 2), []),
    ],
)
def test_rows_have_the_words_of_the_list(proposal: Proposal, expected: list[tuple[str, ...]]) -> None:
    rows = facts.rows("a", [filed(proposal)])
    assert [(r["subject"], r["predicate"], r["object"], r["certainty"]) for r in rows] == expected


def test_what_two_engines_propose_is_one_row() -> None:
    assert len(list(facts.rows("a", [filed(), filed(engine="llm")]))) == 2
