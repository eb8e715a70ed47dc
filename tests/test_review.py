"""Reviewing: what a decision writes, what many decisions say together, and what a person sees and types."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from conftest import DIGEST, HEAD
from kg import decision_logs, extracted
from kg.build import Vocabulary
from kg.decision_logs import Logs
from kg.decisions import Decision, Kind, Ledger, Status, agreements, reviewer_fault
from kg.drafts import NEW, Draft, UndecidedError
from kg.editing import EditError, change, parts, shown
from kg.model import Corpus
from kg.problems import KgError
from kg.project import Project
from kg.proposal_files import About, Reported
from kg.proposals import Absent, Filed, Mention, Proposal, Setting, Teller
from kg.review import Desk
from kg.review_session import Session, Tally, recheck_lines
from kg.review_text import Look, context, list_line, sentence
from kg.seeds import Reading

TEXT = """\
Herder taken

Aman Tolek, a herder, was taken in the Upper Valley in February, “by the police”, a friend said.
The friend said so twice; the police would say nothing.
"""
AMAN = Mention("Aman Tolek", "person")
VALLEY = Mention("Upper Valley", "place")
FRIEND = Mention("a friend of Aman Tolek", "person", unnamed=True)
POLICE = Mention("the police", "organization", unnamed=True)
TAKEN = "was taken in the Upper Valley in February"
NOTHING = Corpus()
PLAIN = Look()
START = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def said(
    words: str, subject: Mention = AMAN, predicate: str = "detained-at", object_: Mention | Absent | str = VALLEY,
    text: str = TEXT, **more: object,
) -> Proposal:  # fmt: skip
    start = text.index(words)
    return Proposal(subject, predicate, object_, start, start + len(words), rule="test", **more)  # type: ignore[arg-type]


HERDER = said("Aman Tolek, a herder", AMAN, "occupation", "herder", score=0.9)
DETAINED = said(
    TAKEN,
    qualifiers=(("date", "2021-02~"), ("inferred", "true")),
    told_by=(Teller(FRIEND, relation="friend"),),
    event="detention of Aman Tolek",
    date_from="in February",
    score=0.8,
)
BY_POLICE = said(
    TAKEN + ", “by the police”", AMAN, "detained-by", POLICE, told_by=(Teller(FRIEND),), score=0.7
)
SILENT = said(
    "the police would say nothing", AMAN, "accused-of", Absent.REFUSED, told_by=(Teller(POLICE),), score=0.4
)
ALL = (HERDER, DETAINED, BY_POLICE, SILENT)


def reported(
    *found: Proposal, report: str = "herder-taken", text: str = TEXT, engine: str = "rules"
) -> Reported:
    about = About("text", "herder-taken.txt", "Herder taken", "2021-03-04", "", "en")
    return Reported(report, text, about, tuple(Filed.of(each, text, report, engine, "1") for each in found))


@dataclass
class Written:
    """Decisions as a log on the disk would hold them."""

    reviewer: str = "ab"
    lines: list[Decision] = field(default_factory=list)

    def __call__(self, decision: Decision) -> Decision:
        time = (START + datetime.timedelta(seconds=len(self.lines))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        timed = replace(decision, reviewer=self.reviewer, time=time)
        self.lines.append(timed)
        return timed


@pytest.fixture
def setting(vocabulary: Vocabulary, tmp_path: Path) -> Setting:
    return Setting(tmp_path, vocabulary.ontology, vocabulary.choices, Corpus())


@pytest.fixture
def desk(setting: Setting, project: Project) -> Callable[..., Desk]:
    """Make a desk on which the report is described already."""

    def desk(
        *found: Reported,
        reviewer: str = "ab",
        decisions: Iterable[Decision] = (),
        corpus: Corpus = NOTHING,
        described: bool = True,
    ) -> Desk:
        made = Desk(
            replace(setting, corpus=corpus), project.base, Ledger(decisions), found or (reported(*ALL),), reviewer, Written(reviewer),
        )  # fmt: skip
        if described:
            for report in made.reported:
                if made.needs_description(report):
                    made.describe(report, "Herder taken", "Valley Post", "2021-03-04")
        return made

    return desk


def accept(desk: Desk, *numbers: int) -> None:
    questions = list(desk.all_questions())
    for number in numbers:
        desk.accept(Draft.of(questions[number]))


def seeds_of(desk: Desk) -> str:
    files = extracted.seeds(desk.ledger, desk.composer.elsewhere)
    assert files.problems == ()
    return "".join(data.decode() for _, data in sorted(files.files.items()))


def records(desk: Desk) -> list[dict[str, object]]:
    return [json.loads(line) for line in seeds_of(desk).splitlines()]


# ---------------------------------------------------------------- what accepting writes


def test_what_is_accepted_becomes_seeds_that_a_build_reads(
    desk: Callable[..., Desk], read: Callable[..., Reading], vocabulary: Vocabulary, project: Project
) -> None:
    at = desk()
    accept(at, 0, 1, 2, 3)
    from kg import seeds

    files = extracted.seeds(at.ledger, at.composer.elsewhere).files
    assert list(files) == ["extracted/herder-taken.jsonl"]
    reading = seeds.read(
        {f"seeds/{k}": v for k, v in files.items()}, vocabulary.ontology, vocabulary.choices, project
    )
    assert reading.problems == ()
    by_key = {entity.iri.removeprefix(project.base): entity for entity in reading.corpus.entities}
    assert by_key["aman-tolek"].label == "Aman Tolek"
    assert by_key["herder-taken_friend-of-aman-tolek"].unnamed
    said = {each.predicate.rpartition("#")[2]: each for each in reading.corpus.assertions}
    assert sorted(said) == ["accusedOf", "detainedAt", "detainedBy", "occupation"]
    detained = said["detainedAt"]
    assert (detained.method, detained.engine, detained.reviewer) == ("extracted", "rules 1", "ab")
    assert detained.episodes == (f"{project.base}episode_herder-taken-detention-of-aman-tolek",)
    assert detained.source.endswith("source_herder-taken_friend-of-aman-tolek")
    assert said["occupation"].source.endswith("_publisher")
    assert TEXT[detained.evidence.start : detained.evidence.end] == TAKEN
    (report,) = reading.corpus.reports
    assert report.text is not None
    assert (report.title, report.text.end) == ("Herder taken", len(TEXT))


def test_seeds_follow_from_the_logs_alone_in_whatever_order_they_are_read(desk: Callable[..., Desk]) -> None:
    at = desk()
    accept(at, 3, 0, 2, 1)
    decisions = at.ledger.decisions
    for order in (decisions, decisions[::-1], decisions + decisions):
        assert extracted.seeds(Ledger(order), ()).files == extracted.seeds(at.ledger, ()).files


def test_a_log_holds_no_sentence_of_a_report(desk: Callable[..., Desk]) -> None:
    at = desk()
    accept(at, 0, 1, 2)
    at.reject(list(at.all_questions())[3], "the text does not say so")
    logged = b"".join(decision.line() for decision in at.ledger.decisions).decode()
    assert TAKEN not in logged
    assert "in February" not in logged
    assert "would say nothing" not in logged
    assert json.loads(at.ledger.decisions[-1].line()) == {
        "decision": "reject", "time": "2026-01-02T03:04:09.000000Z", "reviewer": "ab", "report": "herder-taken",
        "proposal": list(at.all_questions())[3].id, "reason": "the text does not say so", "engine": "rules",
        "version": "1", "rule": "test", "score": 0.4, "predicate": "accused-of",
    }  # fmt: skip


def test_a_report_that_nobody_described_is_asked_for(desk: Callable[..., Desk]) -> None:
    at = desk(described=False)
    with pytest.raises(UndecidedError, match="no report 'herder-taken'; give its title and publisher"):
        accept(at, 0)
    with pytest.raises(KgError, match="a report has a title"):
        at.describe("herder-taken", " ", "Valley Post", "2021-03-04")
    with pytest.raises(KgError, match=r"the day of publication: '4\.3\.2021' is not a date"):
        at.describe("herder-taken", "Herder taken", "Valley Post", "4.3.2021")
    with pytest.raises(KgError, match="publisher's name"):
        at.describe("herder-taken", "Herder taken", "", "2021-03-04")
    assert at.ledger.decisions == []


def test_what_other_seeds_describe_is_not_described_again(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    curated = read(HEAD).corpus
    at = desk(reported(*ALL, report="valley-post-1"), corpus=curated)
    draft = Draft.of(list(at.all_questions())[1])
    draft.chosen[AMAN.identity] = "aman-tolek"
    composed = at.composer.compose(draft)
    assert composed.record["subject"] == "aman-tolek"
    assert composed.record["told-by"] == "friend", "the source that the curated seed has already"
    assert [each["class"] for each in composed.declares] == ["episode"]
    at.accept(draft)
    assert not any(record.get("class") in ("report", "person", "place", "source") for record in records(at))


def test_a_name_that_several_bear_waits_for_somebody_to_say_who(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    corpus = read("person: {aman-tolek: Aman Tolek, aman-tolek-2: Aman Tolek}").corpus
    at = desk(corpus=corpus)
    draft = Draft.of(next(at.all_questions()))
    with pytest.raises(UndecidedError, match="several may be meant by 'Aman Tolek'"):
        at.accept(draft)
    draft.chosen[AMAN.identity] = NEW
    assert at.composer.compose(draft).record["subject"] == "aman-tolek-3", "a key that nobody has"
    draft.chosen[AMAN.identity] = "aman-tolek-2"
    at.accept(draft)
    again = Draft.of(list(at.all_questions())[1])
    assert at.composer.resolve(again)[0].key == "aman-tolek-2"
    assert at.composer.resolve(again)[0].why == "as decided before for this report"


def test_somebody_accepted_for_one_report_is_offered_for_the_next(desk: Callable[..., Desk]) -> None:
    at = desk(reported(HERDER), reported(HERDER, report="other"))
    first, second = at.all_questions()
    at.accept(Draft.of(first))
    (resolution,) = at.composer.resolve(Draft.of(second))
    assert resolution.asks
    assert [candidate.key for candidate in resolution.candidates] == ["aman-tolek"]
    at.undo()
    assert not at.composer.resolve(Draft.of(second))[0].asks, "nobody of that name is known any more"


def test_a_chain_of_tellers_becomes_a_chain_of_sources(desk: Callable[..., Desk]) -> None:
    relatives = Mention("the relatives", "group", unnamed=True)
    chain = replace(DETAINED, told_by=(Teller(FRIEND), Teller(relatives, "family", "relatives")))
    at = desk(reported(chain, replace(HERDER, told_by=(Teller(FRIEND),))))
    accept(at, 0, 1)
    sources = {record["key"]: record for record in records(at) if record.get("class") == "source"}
    inward = {key: source.get("learned-from") for key, source in sources.items()}
    assert inward == {"relatives": None, "friend-of-aman-tolek": "relatives", "friend-of-aman-tolek-2": None}
    assert sources["relatives"] == {
        "class": "source", "report": "herder-taken", "key": "relatives", "speaker": "relatives",
        "basis": "family", "relation": "relatives",
    }  # fmt: skip


def test_a_restricted_report_goes_to_the_restricted_seeds(desk: Callable[..., Desk]) -> None:
    hidden = reported(HERDER)
    hidden = replace(hidden, about=replace(hidden.about, restricted=True))
    at = desk(hidden, reported(HERDER, report="open"))
    for question in at.all_questions():
        draft = Draft.of(question)
        draft.chosen[AMAN.identity] = NEW if question.report == "herder-taken" else "aman-tolek"
        at.accept(draft)
    files = extracted.seeds(at.ledger, ()).files
    assert sorted(files) == ["extracted/open.jsonl", "restricted/extracted/herder-taken.jsonl"]
    assert b'"key": "aman-tolek"' in files["extracted/open.jsonl"], "described where everybody can read it"
    assert b'"class": "person"' not in files["restricted/extracted/herder-taken.jsonl"]
    assert {d.report for d in at.ledger.decisions if d.restricted} == {"herder-taken"}


def test_what_a_reviewer_restricts_goes_there_alone(desk: Callable[..., Desk]) -> None:
    at = desk()
    accept(at, 0)
    draft = Draft.of(at.questions()[0])
    change(draft, at.composer, "access", "restricted")
    decision = at.accept(draft)
    files = extracted.seeds(at.ledger, ()).files
    assert decision.restricted
    assert b"detained-at" not in files["extracted/herder-taken.jsonl"]
    hidden = [json.loads(line) for line in files["restricted/extracted/herder-taken.jsonl"].splitlines()]
    assert [record["access"] for record in hidden if "predicate" in record] == ["restricted"]
    assert {record["class"] for record in hidden if "class" in record} == {
        "place",
        "person",
        "source",
        "episode",
    }


# ---------------------------------------------------------------- what the graph says


def test_what_the_graph_says_agrees_contradicts_or_is_new(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    at = "evidence: {start: 1, end: 9, digest: " + DIGEST + "}"
    seed = f"""{HEAD}assertions:
  - {{about: aman-tolek, {at}, detained-at: upper-valley, date: 2021}}
  - {{about: aman-tolek, {at}, detained-at: upper-valley, polarity: denied}}
  - {{about: aman-tolek, {at}, detained-at: upper-valley, date: 2019}}
  - {{about: aman-tolek, {at}, age: 36}}
"""
    corpus = read(seed).corpus
    desk_ = desk(reported(DETAINED, said("Aman", AMAN, "age", "40"), report="valley-post-1"), corpus=corpus)
    detained, aged = (
        Draft.of(question) for question in sorted(desk_.all_questions(), key=lambda q: q.best.quote == "Aman")
    )
    found = desk_.composer.standing(detained)
    assert found is not None
    assert (len(found.agreeing), len(found.contradicting), len(found.others), found.rest) == (1, 1, 1, 1)
    found = desk_.composer.standing(aged)
    assert found is not None
    assert (len(found.contradicting), found.rest) == (1, 3)


def test_what_was_accepted_a_moment_ago_is_known_at_once(desk: Callable[..., Desk]) -> None:
    at = desk()
    first = Draft.of(next(at.all_questions()))
    found = at.composer.standing(first)
    assert found is not None
    assert found.is_new
    at.accept(first)
    found = at.composer.standing(first)
    assert found is not None
    assert [each.method for each in found.twins] == ["extracted"]


def test_a_larger_place_agrees_with_a_place_in_it(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    at = "evidence: {start: 1, end: 9, digest: " + DIGEST + "}"
    seed = f"""{HEAD.replace("place:", "place:" + chr(10) + "  norland-east: East")}assertions:
  - {{about: upper-valley, {at}, located-in: norland-east}}
  - {{about: aman-tolek, {at}, detained-at: norland-east}}
"""
    desk_ = desk(reported(DETAINED, report="valley-post-1"), corpus=read(seed).corpus)
    found = desk_.composer.standing(Draft.of(next(desk_.all_questions())))
    assert found is not None
    assert len(found.agreeing) == 1


# ---------------------------------------------------------------- decisions together


def test_an_undo_takes_the_last_decision_back(desk: Callable[..., Desk]) -> None:
    at = desk()
    accept(at, 0, 1)
    last = at.undo()
    assert last is not None
    assert last.predicate == "detained-at"
    assert [q.status for q in at.all_questions()] == [Status.ACCEPTED, Status.OPEN, Status.OPEN, Status.OPEN]
    assert '"detained-at"' not in seeds_of(at)
    at.undo()
    assert at.undo() is None
    assert extracted.seeds(at.ledger, ()).files == {}


def test_a_rejected_proposal_is_not_asked_again(desk: Callable[..., Desk]) -> None:
    at = desk()
    at.reject(at.questions()[0], "the text does not say so")
    accept(at, 1)
    assert [question.best.proposal.predicate for question in at.questions()] == ["detained-by", "accused-of"]
    assert [q.best.proposal.predicate for q in at.questions(min_score=0.5)] == ["detained-by"]
    assert at.questions(engine="llm") == []
    assert at.questions(report="other") == []


def test_two_engines_that_propose_the_same_ask_once(desk: Callable[..., Desk]) -> None:
    both = reported(HERDER)
    llm = reported(replace(HERDER, score=0.95), engine="llm").filed
    at = desk(replace(both, filed=(*both.filed, *llm)))
    (question,) = at.questions()
    assert [each.engine for each in question.filed] == ["llm", "rules"]


def two_reviewers(desk: Callable[..., Desk]) -> Ledger:
    """Give what ab and cd decide of the same four: both accept, both accept in two forms, one each, both reject."""
    ledger: list[Decision] = []
    for reviewer in ("ab", "cd"):
        at = desk(reviewer=reviewer)
        questions = list(at.all_questions())
        at.accept(Draft.of(questions[0]))
        draft = Draft.of(questions[1])
        if reviewer == "cd":
            change(draft, at.composer, "date", "2021-02")
        at.accept(draft)
        if reviewer == "ab":
            at.accept(Draft.of(questions[2]))
        else:
            at.reject(questions[2], "no")
        at.reject(questions[3], "no")
        ledger += at.ledger.decisions
    return Ledger(ledger)


def test_what_reviewers_do_not_agree_on_stands_nowhere(desk: Callable[..., Desk]) -> None:
    ledger = two_reviewers(desk)
    at = desk(decisions=ledger.decisions)
    assert [q.status for q in at.all_questions()] == [
        Status.ACCEPTED, Status.DISPUTED, Status.DISPUTED, Status.REJECTED,
    ]  # fmt: skip
    said = [record for record in records(at) if "predicate" in record]
    assert [(record["predicate"], record["reviewer"]) for record in said] == [("occupation", "ab, cd")]


def test_agreement_is_told_with_kappa(desk: Callable[..., Desk]) -> None:
    (found,) = agreements(two_reviewers(desk))
    assert (found.one, found.other, found.both, found.alike, found.percent) == ("ab", "cd", 4, 3, 75.0)
    assert (found.both_accepted, found.same_form) == (2, 1)
    # ab accepts 3 of 4, cd 2 of 4: chance is 3/4 * 1/2 + 1/4 * 1/2 = 1/2
    assert found.kappa == pytest.approx(0.5)


def test_kappa_is_not_defined_where_both_accept_everything(desk: Callable[..., Desk]) -> None:
    decisions: list[Decision] = []
    for reviewer in ("ab", "cd"):
        at = desk(reviewer=reviewer)
        accept(at, 0, 1)
        decisions += at.ledger.decisions
    (found,) = agreements(Ledger(decisions))
    assert (found.percent, found.kappa) == (100.0, None)


def test_a_second_reviewer_is_asked_again_only_if_independent(desk: Callable[..., Desk]) -> None:
    first = desk()
    accept(first, 0, 1, 2, 3)
    second = desk(reviewer="cd", decisions=first.ledger.decisions)
    assert second.questions() == []
    assert len(second.questions(independent=True)) == 4


# ---------------------------------------------------------------- another text


def test_spans_that_moved_are_found_exactly(desk: Callable[..., Desk]) -> None:
    first = desk()
    accept(first, 0, 1)
    longer = "From our own correspondent\n\n" + TEXT
    second = desk(reported(text=longer), decisions=first.ledger.decisions)
    findings = second.recheck("herder-taken")
    assert [finding.status for finding in findings] == ["moved", "moved"]
    assert recheck_lines("herder-taken", findings)[1].endswith("moved: stands at 42 to 62, not at 14 to 34")
    said = [record for record in records(second) if "predicate" in record]
    assert [longer[record["start"] : record["end"]] for record in said] == ["Aman Tolek, a herder", TAKEN]  # type: ignore[misc]
    assert records(second)[0]["text"] == {"length": len(longer), "digest": reported(text=longer).digest}
    assert second.recheck("herder-taken") == ()


def test_what_the_text_says_no_more_leaves_the_graph_until_somebody_decides(
    desk: Callable[..., Desk],
) -> None:
    first = desk()
    accept(first, 0, 1)
    other = (
        TEXT.replace("herder, was", "farmer, was")
        .replace("The friend", f"He {TAKEN}. The friend")
        .replace(TAKEN, "was freed", 1)
    )
    second = desk(reported(text=other), decisions=first.ledger.decisions)
    assert [finding.status for finding in second.recheck("herder-taken")] == ["not found", "moved"]
    (stale,) = second.stale()
    assert (stale.accepted.record["predicate"], stale.places) == ("occupation", ())
    assert '"occupation"' not in seeds_of(second)
    with pytest.raises(KgError, match="cannot find the words"):
        second.cite_anew(stale, "Aman Tolek, a herder")
    second.cite_anew(stale, "Aman Tolek, a farmer")
    assert second.stale() == []
    assert '"occupation"' in seeds_of(second)


def test_words_that_stand_twice_wait_for_somebody_to_say_where(desk: Callable[..., Desk]) -> None:
    first = desk()
    accept(first, 0)
    twice = "Aman Tolek, a herder, spoke.\n" + TEXT
    second = desk(reported(text="One more line.\n" + twice), decisions=first.ledger.decisions)
    assert [finding.status for finding in second.recheck("herder-taken")] == ["ambiguous"]
    (stale,) = second.stale()
    assert stale.places == (15, 58)
    second.move(stale, 58)
    assert second.stale() == []
    assert [r["start"] for r in records(second) if "predicate" in r] == [58]


def test_what_is_stale_can_be_dropped_and_the_drop_undone(desk: Callable[..., Desk]) -> None:
    first = desk()
    accept(first, 0)
    second = desk(reported(text="Nothing of him.\n"), decisions=first.ledger.decisions)
    second.recheck("herder-taken")
    second.drop(second.stale()[0], "gone")
    assert second.stale() == []
    second.undo()
    assert len(second.stale()) == 1


# ---------------------------------------------------------------- logs on the disk


def log(project: Project, reviewer: str = "ab", told: list[str] | None = None) -> Logs:
    return Logs(project, reviewer, lambda: START, (told if told is not None else []).append)


def decision(kind: Kind = Kind.REJECT, proposal: str = "0" * 32, **more: object) -> Decision:
    return Decision(kind, "", "", "herder-taken", proposal, **more)  # type: ignore[arg-type]


def test_a_decision_is_on_the_disk_before_the_next(project: Project) -> None:
    with log(project) as logs:
        first = logs.write(decision(reason="no"))
        path = project.root / "reviews" / "ab.jsonl"
        assert decision_logs.read_log(path).decisions == (first,)
        second = logs.write(decision(Kind.UNDO))
        assert second.time == "2026-01-02T03:04:05.000001Z", "later than the one before, by the same clock"
    ledger, notices = decision_logs.load(project)
    assert (ledger.decisions, notices) == ([first, second], ())


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_was_never_finished_is_dropped_with_a_notice(cut: int, project: Project) -> None:
    with log(project) as logs:
        first = logs.write(decision(reason="one"))
        logs.write(decision(reason="two"))
    path = project.root / "reviews" / "ab.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    ledger, notices = decision_logs.load(project)
    assert ledger.decisions == [first]
    assert "the last line was never finished, and is not read" in notices[0]
    told: list[str] = []
    with log(project, told=told) as logs:
        third = logs.write(decision(reason="three"))
    assert "never finished, and is dropped: decide that one again" in told[0]
    assert decision_logs.read_log(path).decisions == (first, third)


def test_two_processes_cannot_write_one_log(project: Project) -> None:
    with log(project) as logs:
        logs.open(False)
        with log(project) as others, pytest.raises(KgError, match="another process is writing it"):
            others.open(False)
        with log(project, "cd") as theirs:
            theirs.open(False)


def test_a_full_disk_loses_no_earlier_decision(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with log(project) as logs:
        first = logs.write(decision(reason="one"))
        real = os.write

        def full(descriptor: int, data: bytes) -> int:
            real(descriptor, data[:10])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(KgError, match="no space left on device; the last decision is not kept"):
            logs.write(decision(reason="two"))
        monkeypatch.undo()
        third = logs.write(decision(reason="three"))
    ledger, _ = decision_logs.load(project)
    assert ledger.decisions == [first, third]


GOOD_LINE = (
    '{"decision":"reject","time":"2026-01-02T03:04:05.000000Z","reviewer":"ab","report":"r","proposal":"'
    + "0" * 32
    + '"}'
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this line is not JSON"),
        ("[" * 100_000, "this line is not JSON"),
        ("[]", "a line is one object"),
        ('{"decision":"reject"}', "a text as its time"),
        (GOOD_LINE.replace("reject", "perhaps"), "'perhaps' is no decision; there are accept"),
        (GOOD_LINE.replace("2026-01-02T", "2026-01-02 "), "is no time"),
        (GOOD_LINE.replace('"ab"', '"../ab"'), "cannot be a reviewer's name"),
        (GOOD_LINE.replace('"r"', '"../../r"'), "cannot be the key of a report"),
        (GOOD_LINE.replace("0" * 32, "0" * 31), "32 hexadecimal digits"),
        (GOOD_LINE.replace("}", ',"mood":"good"}'), "no key 'mood'"),
        (GOOD_LINE.replace("}", ',"declares":[5]}'), "declares is a list of objects"),
        (GOOD_LINE.replace("}", ',"declares":[{"class":"person","key":"../x"}]}'), "has class and key"),
        (GOOD_LINE.replace("}", ',"links":[["a"]]}'), "lists of four texts"),
        (GOOD_LINE.replace("}", ',"score":"high"}'), "are numbers"),
        (GOOD_LINE.replace("}", ',"restricted":1}'), "true or false"),
        (GOOD_LINE.replace("reject", "accept"), "no record of an assertion"),
    ],
)
def test_a_line_that_is_no_decision_is_told_with_its_number(
    line: str, message: str, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(f"{GOOD_LINE}\n{line}\n", encoding="utf-8")
    with pytest.raises(KgError) as caught:
        decision_logs.merge(project, path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert message in str(caught.value)
    assert not (project.root / "reviews").exists()


def test_logs_merge_in_any_order_and_twice(project: Project, tmp_path: Path) -> None:
    with log(project) as logs:
        first = logs.write(decision(reason="one"))
    ours = replace(first, time="2026-01-01T00:00:00.000000Z", reason="earlier")
    theirs = replace(first, reviewer="cd", reason="theirs")
    hidden = replace(theirs, restricted=True, reason="hidden")
    other = tmp_path / "other.jsonl"
    other.write_bytes(theirs.line() + first.line() + ours.line() + hidden.line())
    assert decision_logs.merge(project, other) == (3, 1)
    assert decision_logs.merge(project, other) == (0, 4)
    ledger, _ = decision_logs.load(project)
    assert [d.reason for d in ledger.decisions] == ["earlier", "one", "theirs", "hidden"]
    assert (project.root / "reviews/restricted/.gitignore").read_text(encoding="utf-8").endswith("*\n")
    assert [d.reason for d in decision_logs.read_log(project.root / "reviews/cd.jsonl").decisions] == [
        "theirs"
    ]


@pytest.mark.parametrize("name", ["ab", "Gül", "a.b", "a-1"])
def test_a_name_of_letters_can_be_a_reviewer(name: str) -> None:
    assert reviewer_fault(name) is None


@pytest.mark.parametrize("name", ["", "a b", "../a", "a/b", ".a", "a_b", "x" * 101, "restricted", "a\n"])
def test_what_cannot_be_a_file_cannot_be_a_reviewer(name: str) -> None:
    assert "cannot be a reviewer's name" in (reviewer_fault(name) or "")


# ---------------------------------------------------------------- changing a part


@pytest.mark.parametrize(
    ("part", "typed", "shows"),
    [
        ("date", "2021-02-14", "2021-02-14"),
        ("date", "-", ""),
        ("circumstance", "without a warrant", "without a warrant"),
        ("certainty", "a", "alleged"),
        ("polarity", "denied", "denied"),
        ("subject", "Aman Serik", "Aman Serik"),
        ("subject", "unnamed group: some herders", "unnamed group: some herders"),
        ("subject", "Tolek: the elder", "Tolek: the elder"),
        ("object", "facility: Valley Prison", "Valley Prison"),
        ("object", "unknown", "unknown"),
        ("told-by", "publisher", "publisher"),
        (
            "told-by",
            "unnamed person: a neighbour < group: The Toleks",
            "unnamed person: a neighbour < The Toleks",
        ),
        ("episode", "-", ""),
        ("access", "restricted", "restricted"),
        ("quote", "taken in the Upper Valley", "taken in the Upper Valley"),
        ("quote", "police”, a friend said. The friend", "police”, a friend said.\nThe friend"),
        ("predicate", "held at", "held-at"),
    ],
)
def test_every_part_can_be_changed(part: str, typed: str, shows: str, desk: Callable[..., Desk]) -> None:
    at = desk(reported(DETAINED))
    draft = Draft.of(next(at.all_questions()))
    change(draft, at.composer, part, typed)
    assert shown(draft, part) == shows
    assert draft.changed or part == "episode"
    at.accept(draft)


@pytest.mark.parametrize(
    ("part", "typed", "message"),
    [
        ("datte", "2021", "nothing is called 'datte'; did you mean 'date'?"),
        ("date", "last month", "date: 'last month' is not a date"),
        ("certainty", "sure", "certainty is stated or alleged, not 'sure'"),
        ("predicate", "detaind-at", "did you mean 'detained-at'?"),
        ("subject", "...", "which says nothing"),
        ("subject", "unnamed alien: little", "no class is called 'alien'"),
        ("access", "secret", "access is public or restricted, not 'secret'"),
        ("episode", "nowhere", "no episode has the key 'nowhere'"),
        ("quote", "not in the text", "cannot find the words"),
    ],
)
def test_a_change_that_cannot_stand_changes_nothing(
    part: str, typed: str, message: str, desk: Callable[..., Desk]
) -> None:
    at = desk(reported(DETAINED))
    draft = Draft.of(next(at.all_questions()))
    with pytest.raises(EditError) as caught:
        change(draft, at.composer, part, typed)
    assert message in str(caught.value)
    assert not draft.changed


def test_a_key_says_who_is_meant(desk: Callable[..., Desk], read: Callable[..., Reading]) -> None:
    at = desk(reported(DETAINED), corpus=read(HEAD).corpus)
    draft = Draft.of(next(at.all_questions()))
    change(draft, at.composer, "object", "valley-police")
    assert at.composer.fault(draft) == "detained-at takes no organization there; what fits is: place"
    change(draft, at.composer, "predicate", "detained-by")
    change(draft, at.composer, "subject", "aman-tolek")
    assert at.composer.fault(draft) is None
    record = at.composer.compose(draft).record
    assert (record["subject"], record["predicate"], record["object"]) == (
        "aman-tolek",
        "detained-by",
        "valley-police",
    )
    assert "date" in parts(at.composer)


# ---------------------------------------------------------------- at a terminal


@dataclass
class Terminal:
    """Types the lines it is given, and keeps what is shown."""

    typed: list[str]
    shown: list[str] = field(default_factory=list)

    def ask(self, prompt: str) -> str:
        self.shown.append(prompt)
        if not self.typed:
            raise EOFError
        return self.typed.pop(0)

    @property
    def text(self) -> str:
        return "\n".join(self.shown)


def sit(desk: Desk, *typed: str, look: Look = PLAIN) -> tuple[Terminal, Tally]:
    terminal = Terminal(list(typed))
    session = Session(desk, terminal.ask, terminal.shown.append, look)
    tally = session.run(desk.questions(), desk.stale())
    return terminal, tally


SCREEN = """
-------------------------------------------------------------------------------
1 of 1   herder-taken   {id}

  Herder taken
  Aman Tolek, a herder, [[was taken in the Upper Valley in February]], “by the
  police”, a friend said. The friend said so twice; the police would say
  nothing.

  Aman Tolek: detained at: Upper Valley

  date          2021-02~, worked out from "in February"
  told by       a friend of Aman Tolek (friend)
  certainty     stated
  episode       detention of Aman Tolek
  proposed by   rules 1 (test), score 0.80

  Aman Tolek: new, a person: aman-tolek
  Upper Valley: new, a place: upper-valley
  a friend of Aman Tolek: new, an unnamed person: friend-of-aman-tolek

  the graph     says nothing of Aman Tolek yet

[a]ccept [e]dit [r]eject [s]kip [u]ndo [w]ho [q]uit [?] > """


def test_a_proposal_is_shown_in_its_context(desk: Callable[..., Desk]) -> None:
    at = desk(reported(DETAINED))
    terminal, tally = sit(at, "q")
    assert terminal.text.startswith(SCREEN.format(id=at.questions()[0].id[:12]))
    assert all(len(line) < 80 for line in terminal.text.splitlines())
    assert tally == Tally(left=1)


def test_an_independent_reviewer_does_not_see_what_others_accepted(desk: Callable[..., Desk]) -> None:
    first = desk(reported(DETAINED))
    accept(first, 0)
    second = desk(reported(DETAINED), reviewer="cd", decisions=first.ledger.decisions)
    for independent in (True, False):
        terminal = Terminal(["q"])
        session = Session(second, terminal.ask, terminal.shown.append, PLAIN, independent)
        session.run(second.questions(independent=True))
        assert ("has it" in terminal.text) is not independent


def test_a_report_is_accepted_edited_and_rejected(desk: Callable[..., Desk]) -> None:
    at = desk()
    terminal, tally = sit(
        at, "a", "e date 2021-02", "a", "e", "object", "unnamed organization: valley police", "a", "r 1"
    )
    assert tally == Tally(accepted=3, rejected=1)
    assert "changed by you" in terminal.text
    said = [record for record in records(at) if "predicate" in record]
    assert [record.get("date") for record in said] == [None, "2021-02", None]
    assert any(record.get("unnamed") == "valley police" for record in records(at))
    assert at.ledger.decisions[-1].reason == "the text does not say so"


def test_skipping_asks_another_time_and_quitting_keeps_what_was_decided(desk: Callable[..., Desk]) -> None:
    at = desk()
    _, tally = sit(at, "s", "a", "q")
    assert tally == Tally(accepted=1, skipped=1, left=3)
    _, tally = sit(at)
    assert tally == Tally(left=3), "the end of input is a quit"
    _, tally = sit(at, "a", "a", "a")
    assert tally == Tally(accepted=3)


def test_an_undo_asks_the_same_again(desk: Callable[..., Desk]) -> None:
    at = desk()
    terminal, tally = sit(at, "u", "a", "r no", "u", "a", "u", "u", "q")
    assert "there is nothing to undo" in terminal.text
    assert tally == Tally(accepted=0, rejected=0, undone=3, left=4)
    heads = [
        line.split()[0] for line in terminal.text.splitlines() if " of " in line and "herder-taken   " in line
    ]
    assert heads == ["1", "2", "3", "2", "3", "2", "1"]


def test_who_is_meant_is_asked_for_where_several_are(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    corpus = read("person: {aman-tolek: Aman Tolek, aman-tolek-2: Aman Tolek}").corpus
    at = desk(reported(HERDER), corpus=corpus)
    terminal, tally = sit(at, "a", "", "a", "7", "nobody", "2")
    assert "  Aman Tolek: who is it? (w)" in terminal.text
    assert "    1 Aman Tolek, person aman-tolek: the same name" in terminal.text
    assert "nobody has the key '7'" in terminal.text
    assert tally == Tally(accepted=1)
    assert at.ledger.decisions[-1].record["subject"] == "aman-tolek-2"


def test_who_can_be_chosen_though_it_seemed_clear(
    desk: Callable[..., Desk], read: Callable[..., Reading]
) -> None:
    at = desk(reported(DETAINED, report="valley-post-1"), corpus=read(HEAD).corpus)
    terminal, tally = sit(at, "w", "1", "n", "a")
    assert "is aman-tolek (the same name; spoken of in this report; both tied to" not in terminal.text
    assert "new, a person: aman-tolek-2; not aman-tolek" in terminal.text
    assert tally.accepted == 1


def test_a_report_is_described_on_the_way(desk: Callable[..., Desk]) -> None:
    at = desk(reported(HERDER), described=False)
    terminal, tally = sit(
        at, "a", "", "", "", "a", "", "Valley Post", "4 March", "Herder is taken", "Valley Post", ""
    )
    assert "a report needs all three; it is not accepted yet" in terminal.text
    assert "'4 March' is not a date" in terminal.text
    assert tally.accepted == 1
    assert records(at)[0]["title"] == "Herder is taken"
    assert records(at)[0]["published"] == "2021-03-04"


def test_every_other_key_is_explained(desk: Callable[..., Desk]) -> None:
    at = desk(reported(DETAINED))
    terminal, _ = sit(
        at,
        "?",
        "x",
        "e zzz",
        "",
        "e date yesterday",
        "",
        "r",
        "",
        "o",
        "v",
        "w",
        "",
        "e quote no such words",
        "",
    )
    assert "nothing is done by 'x'; ? says what is" in terminal.text
    assert "nothing is called 'zzz'" in terminal.text
    assert "'yesterday' is not a date" in terminal.text
    assert "cannot find the words" in terminal.text
    assert at.ledger.decisions[-1].decision is Kind.REPORT


def test_stale_acceptances_are_asked_first(desk: Callable[..., Desk]) -> None:
    first = desk()
    accept(first, 0, 1)
    text = f"Nothing.\n\n{TAKEN}.\n\nHe {TAKEN}.\n"
    second = desk(reported(text=text), decisions=first.ledger.decisions)
    second.recheck("herder-taken")
    answers = {False: ["x", "9", "r", "2"], True: ["x", "2"]}
    terminal, tally = sit(second, *(typed for each in second.stale() for typed in answers[bool(each.places)]))
    words = " ".join(terminal.text.split())
    assert "its words stand nowhere in the text of today" in words
    assert "its words stand more than once now, beginning at 10, 57" in words
    assert "  He [[was taken in the Upper Valley in February]]." in terminal.text
    assert (tally.rejected, second.stale()) == (1, [])


def test_text_of_a_report_cannot_command_the_terminal(desk: Callable[..., Desk]) -> None:
    text = "Aman\x1b[2J Tolek\u202e was taken.\n"
    subject = Mention("Aman\x1b]0;x\x07 Tolek", "person")
    at = desk(
        reported(said("was taken", subject, "occupation", "her\x9bder", text=text, why="\x1b[31m"), text=text)
    )
    terminal, tally = sit(at, "w", "n", "a")
    assert tally.accepted == 1
    assert not any(c in terminal.text for c in "\x1b\x07\x9b\u202e")
    assert r"Aman\x1b[2J Tolek\u202e [[was taken]]." in terminal.text
    assert list_line(next(at.all_questions()), Look()).count("\\x1b") == 1


def test_brackets_of_the_text_are_told_from_ours() -> None:
    assert context("a [[b]] c", 2, 7, Look()) == ["  a >>>[[b]]<<< c"]


def test_paint_does_not_change_how_lines_break() -> None:
    plain = Look(40)
    bold = Look(40, strong=lambda text: f"<{text}>")
    start = TEXT.index("was taken")
    lines = context(TEXT, start, start + 60, bold)
    assert [line.replace("<", "").replace(">", "") for line in lines] == context(
        TEXT, start, start + 60, plain
    )
    assert sum("<" in line for line in lines) > 1


def test_a_quote_in_ten_megabytes_on_one_line_is_shown_at_once() -> None:
    text = "word " * 2_000_000
    lines = context(text, 5_000_000, 5_002_000, Look())
    assert 5 < len(lines) < 40
    assert lines[0].startswith("  ... word")


def test_a_terminal_of_another_encoding_shows_escapes() -> None:
    assert context("Әділ “took”", 5, 11, Look(encoding="ascii")) == [
        r"  \u04d8\u0434\u0456\u043b [[\u201ctook\u201d]]"
    ]


def test_a_sentence_says_how_sure() -> None:
    assert (
        sentence(replace(DETAINED, polarity="denied"))
        == "Aman Tolek detained at Upper Valley (denied; date 2021-02~; inferred)"
    )
    assert sentence(SILENT) == "Aman Tolek accused of refused (stated)"
