from __future__ import annotations

import datetime
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import build, chronology, nt
from kg.build import Vocabulary
from kg.chronology import Case, Span, Timeline, stage_of, timeline
from kg.index import Index
from kg.model import Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import EDTF, KG_NAMESPACE
from kg.project import find
from kg.seeds import Reading
from kg.terms import KG

ROOT = Path(__file__).parents[1]
BASE = "https://example.org/id/"
AMAN = BASE + "aman"


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def span(earliest: str | None, latest: str | None, *, about: bool = False, told: bool = False) -> Span:
    return Span(day(earliest) if earliest else None, day(latest) if latest else None, about, told)


def said(
    predicate: str,
    object_: str = "prison",
    date: str | None = None,
    *,
    who: str = "aman",
    report: str = "r1",
    source: str = "friend",
    episodes: tuple[str, ...] = ("arrest",),
    denied: bool = False,
    alleged: bool = False,
    withdrawn: Withdrawal | None = None,
    inferred: bool = False,
    place: int = 0,
) -> Assertion:
    """One assertion: `5 years` is a term, everything else the key of an entity."""
    term = predicate == "sentencedTo"
    qualifiers = ((KG_NAMESPACE + "date", nt.literal(date, EDTF)),) if date else ()
    qualifiers += ((KG_NAMESPACE + "inferred", nt.literal("true")),) if inferred else ()
    return Assertion(
        BASE + who,
        KG_NAMESPACE + predicate,
        nt.literal(object_, KG.Term) if term else nt.iri(object_ if ":" in object_ else BASE + object_),
        BASE + report,
        BASE + source,
        Evidence(BASE + report, place, place + 1, f"{place:064}"),
        "denied" if denied else "affirmed",
        "alleged" if alleged else "stated",
        qualifiers=qualifiers,
        episodes=tuple(BASE + episode for episode in episodes),
        withdrawn=withdrawn,
    )


def index(*assertions: Assertion, **published: str | None) -> Index:
    """A corpus of Aman Tolek, a group and a prison; `r1` is published on 4 March 2021 unless told otherwise."""
    reports: dict[str, str | None] = {"r1": "2021-03-04", **published}
    return Index(
        Corpus(
            (
                Entity(AMAN, KG_NAMESPACE + "Person", "Aman Tolek"),
                Entity(BASE + "herders", KG.Group, "herders of the valley"),
                Entity(BASE + "prison", KG_NAMESPACE + "Facility", "Lake prison"),
            ),
            tuple(Report(BASE + key, f"Report {key}", "article", date) for key, date in reports.items()),
            (Source(BASE + "friend", "a friend", None), Source(BASE + "office", "an office", None)),
            tuple(Episode(BASE + key, f"the {key}") for key in ("arrest", "second", "campaign")),
            assertions,
        )
    )


def of(*assertions: Assertion, until: str | None = None, **published: str | None) -> Timeline:
    return timeline(index(*assertions, **published), AMAN, day(until) if until else None)


def case_of(*assertions: Assertion, **published: str | None) -> Case:
    (case,) = of(*assertions, **published).cases
    return case


def order(case: Case) -> list[tuple[str, str, str]]:
    return [(relation.first, relation.second, relation.because) for relation in case.order]


# ---------------------------------------------------------------- bounds


def test_an_undated_event_happened_by_the_day_of_its_report() -> None:
    (event,) = of(said("detainedAt")).events
    assert (event.begin, event.end, event.date) == (span(None, "2021-03-04", told=True), None, None)
    assert (event.when(), event.reported()) == ("by 2021-03-04", "not dated")


def test_a_year_ends_on_the_day_of_its_report() -> None:
    (event,) = of(said("detainedAt", date="2021")).events
    assert event.begin == span("2021-01-01", "2021-03-04", told=True)
    assert event.when() == "between 2021-01-01 and 2021-03-04"


@pytest.mark.parametrize("date", ["2020", "2021~", "2022-05", "2021-03-04"])
def test_a_date_is_left_as_it_is_where_the_report_says_nothing_firmer(date: str) -> None:
    (event,) = of(said("detainedAt", date=date)).events
    assert not event.begin.told


def test_a_report_without_a_date_bounds_nothing() -> None:
    (event,) = of(said("detainedAt"), r1=None).events
    assert (event.earliest, event.latest, event.when()) == (None, None, "day not known")


def test_about_when_a_report_was_published_bounds_only_about_so() -> None:
    (event,) = of(said("detainedAt"), r1="2021-03~").events
    assert event.begin == span(None, "2021-03-31", about=True, told=True)


def test_what_lasted_is_told_from_what_happened_on_one_day_within() -> None:
    lasted, within = of(
        said("heldAt", date="2017-05/2017-07"), said("heldAt", "camp", date="[2017-05..2017-07]")
    ).events
    if within.end:
        lasted, within = within, lasted
    assert (lasted.begin, lasted.end) == (span("2017-05-01", "2017-05-31"), span("2017-07-01", "2017-07-31"))
    assert (within.begin, within.end) == (span("2017-05-01", "2017-07-31"), None)
    assert lasted.when() == "from 2017-05 until 2017-07"
    assert within.when() == "between 2017-05-01 and 2017-07-31"


@pytest.mark.parametrize(
    ("date", "begin", "end", "words"),
    [
        ("2017-05/..", ("2017-05-01", "2017-05-31"), ("2021-03-04", None),
         "from 2017-05, still so when reported (2021-03-04)"),
        ("2017-05/", ("2017-05-01", "2017-05-31"), ("2017-05-01", None), "from 2017-05, end not known"),
        ("/2017-05", (None, "2017-05-31"), ("2017-05-01", "2017-05-31"), "start not known until 2017-05"),
    ],
)  # fmt: skip
def test_ends_that_are_open_and_ends_that_are_not_known(
    date: str, begin: tuple[str, str], end: tuple[str, str], words: str
) -> None:
    (event,) = of(said("heldAt", date=date)).events
    assert (event.begin, event.end, event.when()) == (span(*begin), span(*end), words)


def test_a_side_of_an_interval_is_approximate_on_its_own() -> None:
    (event,) = of(said("heldAt", date="2017-05~/2017-07")).events
    assert (event.begin.approximate, event.end) == (True, span("2017-07-01", "2017-07-31"))
    (event,) = of(said("heldAt", date="2017-05~/")).events
    assert event.end == span("2017-05-01", None, about=True)


def test_a_date_that_cannot_be_read_is_shown_and_means_nothing() -> None:
    (event,) = of(said("detainedAt", date="14 May"), r1=None).events
    assert (event.begin, event.reported()) == (Span(), "14 May")


def test_events_come_by_first_day_then_undated_ones_by_their_report_then_unknown_ones() -> None:
    found = of(
        said("detainedAt", "a", report="r3"),
        said("detainedAt", "b"),
        said("detainedAt", "c", date="2020-05-01"),
        said("detainedAt", "d", date="2020"),
        r3=None,
    ).events
    assert [event.object for event in found] == ["d", "c", "b", "a"]


# ---------------------------------------------------------------- which predicates are stages


@pytest.mark.parametrize(
    ("predicate", "stage"),
    [
        ("detainedAt", "detained"),
        ("detainedBy", "detained"),
        ("chargedWith", "charged"),
        ("transferredTo", "transferred"),
        ("triedBy", "tried"),
        ("triedTo", None),
        ("triedToEmigrateTo", None),
        ("heldAt", "held"),
        ("hasRelativesIn", None),
        ("relatedToCountry", None),
    ],
)
def test_stages_are_known_by_the_name_of_the_predicate(predicate: str, stage: str | None) -> None:
    assert stage_of("https://example.org/own#" + predicate) == stage


def test_what_is_no_stage_needs_a_date() -> None:
    found = of(said("travelledTo", "norland"), said("travelledTo", "norland", date="2019")).events
    assert [(event.words, event.stage, event.date) for event in found] == [("travelled to", None, "2019")]


def test_that_none_was_given_is_no_stage() -> None:
    assert of(said("accusedOf", KG.noneGiven), said("accusedOf", KG.refused)).events == ()


# ---------------------------------------------------------------- order


def test_a_release_before_the_taking_is_impossible() -> None:
    case = case_of(said("detainedAt", date="2020-05-14"), said("releasedFrom", date="2020-04"))
    (finding,) = case.findings
    assert (finding.kind, finding.first.stage, finding.second.stage) == ("impossible", "detained", "released")
    assert finding.words() == (
        "released (2020-04) before detained (2020-05-14): only who has been taken is released"
    )
    assert order(case) == [("released", "detained", "dates")]
    assert case.length.least_days is None
    assert case.length.most_days is None
    assert ("length", "not known: the dates exclude each other") in chronology.conclusions(case)


def test_days_that_only_touch_or_overlap_are_possible() -> None:
    assert case_of(said("detainedAt", date="2020-05"), said("releasedFrom", date="2020-05")).findings == ()
    same = case_of(said("detainedAt", date="2020-05-14"), said("releasedFrom", date="2020-05-14"))
    assert (same.findings, same.length.least_days, same.length.most_days) == ((), 0, 0)


@pytest.mark.parametrize(
    "dates", [("2020-05-14~", "2020-04"), ("2020-05-14", "2020-04?"), ("2020-05%", "2019%")]
)
def test_an_approximate_date_proves_no_impossibility(dates: tuple[str, str]) -> None:
    case = case_of(said("detainedAt", date=dates[0]), said("releasedFrom", date=dates[1]))
    assert case.findings == ()
    assert order(case) == [("detained", "released", "nature")]


def test_a_date_that_is_not_known_proves_no_impossibility() -> None:
    assert case_of(said("detainedAt", date="2020-05-14"), said("releasedFrom"), r1=None).findings == ()


def test_what_was_published_before_the_taking_proves_that_it_is_impossible() -> None:
    case = case_of(said("detainedAt", date="2021-05", report="r2"), said("releasedFrom"), r2="2021-06-01")
    assert [finding.words() for finding in case.findings] == [
        "released (by 2021-03-04) before detained (2021-05): only who has been taken is released"
    ]


def test_two_episodes_are_kept_apart() -> None:
    found = of(
        said("detainedAt", date="2018-01-10"),
        said("releasedFrom", date="2018-03-10"),
        said("detainedAt", date="2020-01-10", episodes=("second",)),
        said("sentencedTo", "2 years", date="2020-06-01", episodes=("second",)),
    )
    first, second = found.cases
    assert (first.findings, second.findings) == ((), ())
    assert (first.length.least_days, first.length.most_days) == (59, 59)
    assert (second.end, second.length.most_days) == (None, None)
    assert first.terms == ()
    assert [term.span for term in second.terms] == [
        span("2022-01-10", "2022-01-10"), span("2022-06-01", "2022-06-01")
    ]  # fmt: skip


def test_two_arrests_of_one_campaign_do_not_clash_and_count_each_for_itself() -> None:
    others = [said("detainedAt", who=f"herder-{n}", episodes=("campaign",)) for n in range(3)]
    found = of(
        *others,
        said("releasedFrom", date="2018-03-10", episodes=("campaign", "arrest")),
        said("detainedAt", date="2018-01-10", episodes=("campaign", "arrest")),
        said("detainedAt", date="2020-01-10", episodes=("campaign", "second")),
    )
    assert [(case.label, case.findings) for case in found.cases] == [("the arrest", ()), ("the second", ())]
    assert found.cases[0].length.most_days == 59


def test_of_equally_shared_episodes_the_one_with_things_of_its_own_counts() -> None:
    found = of(
        said("detainedAt", date="2018-01-10", episodes=("arrest", "campaign")),
        said("releasedFrom", date="2018-03-10", episodes=("campaign",)),
    )
    assert [(case.label, case.length.most_days) for case in found.cases] == [("the campaign", 59)]


def test_what_belongs_to_no_episode_gives_no_order() -> None:
    found = of(
        said("detainedAt", date="2020-05", episodes=()), said("releasedFrom", date="2019", episodes=())
    )
    assert found.cases == ()
    assert (
        "Tied to no episode, so that nothing follows from it for custody and terms: 2 of these."
        in chronology.remarks(found)
    )


def test_a_stay_within_a_longer_stay_is_possible() -> None:
    case = case_of(
        said("detainedAt", date="2017-05-14"),
        said("heldAt", date="2017-05/2019-02"),
        said("heldAt", "camp", date="2018-01-03"),
        said("transferredTo", "camp", date="2018-01"),
        said("releasedFrom", date="2019-02-20"),
    )
    assert case.findings == ()


def test_a_stay_that_goes_on_after_the_release_is_impossible() -> None:
    case = case_of(said("heldAt", date="2017-05/2019-02"), said("releasedFrom", date="2018-06"))
    assert [(f.kind, f.first.words, f.second.words) for f in case.findings] == [
        ("impossible", "held at", "released from")
    ]


def test_held_before_taken_is_impossible_and_the_pairs_are_counted() -> None:
    case = case_of(
        said("heldAt", date="2017-04/2017-12", place=1),
        said("heldAt", date="2017-03-01", place=2),
        said("detainedAt", date="2017-05-14"),
        said("detainedBy", "police", date="2017-05-14"),
        said("heldAt", date="2017-06-01", place=3),
    )
    (finding,) = case.findings
    assert (finding.first.date, finding.second.date, finding.pairs) == ("2017-05-14", "2017-03-01", 4)
    assert finding.words().endswith("(4 pairs of assertions clash so)")


def test_nothing_is_done_to_the_dead_but_a_sentence_after_death_is_only_unusual() -> None:
    case = case_of(
        said("diedAt", date="2019-01-01"),
        said("heldAt", date="2019-02"),
        said("sentencedTo", "3 years", date="2019-03"),
    )
    assert [(f.kind, f.first.stage, f.second.stage) for f in case.findings] == [
        ("impossible", "held", "died"), ("unusual", "sentenced", "died")
    ]  # fmt: skip


def test_a_sentence_before_the_taking_is_unusual_not_impossible() -> None:
    case = case_of(said("detainedAt", date="2020-05"), said("sentencedTo", "3 years", date="2019"))
    assert [(f.kind, f.words()) for f in case.findings] == [
        ("unusual", "sentenced (2019) before detained (2020-05): it can be a sentence in absence")
    ]
    assert [step.stage for step in case.steps] == ["sentenced", "detained"]


def test_the_order_says_what_shows_it() -> None:
    case = case_of(
        said("detainedAt", date="2017-05-14"),
        said("heldAt"),
        said("chargedWith", "trouble"),
        said("sentencedTo", "1 year", date="2017-11"),
        said("releasedFrom"),
    )
    known = {(first, second): why for first, second, why in order(case)}
    assert known["detained", "sentenced"] == "dates"
    assert known["detained", "released"] == "nature"
    assert known["held", "released"] == "nature"
    assert known["charged", "sentenced"] == "usage"
    assert ("order", "detained, then held, then as a rule charged, then as a rule sentenced, then as a rule "
            "released (as a rule: nothing shows the order)") in chronology.conclusions(case)  # fmt: skip


def test_stages_that_nothing_orders_are_said_to_be_so() -> None:
    case = case_of(said("accusedOf", "talk"), said("chargedWith", "talk"))
    assert order(case) == []
    assert ("order", "accused, and before or after that charged") in chronology.conclusions(case)


def test_what_is_usual_gives_way_to_dates() -> None:
    case = case_of(
        said("sentencedTo", "1 year", date="2017-01"),
        said("detainedAt", date="2018-01"),
        said("chargedWith", "trouble"),
    )
    assert ("sentenced", "detained", "dates") in [(r.first, r.second, r.because) for r in case.order]
    pairs = [(relation.first, relation.second) for relation in case.order]
    assert not {(second, first) for first, second in pairs} & set(pairs)


def test_what_is_alleged_can_be_impossible_and_what_is_denied_cannot() -> None:
    taken = said("detainedAt", date="2020-05")
    assert case_of(taken, said("releasedFrom", date="2019", denied=True)).findings == ()
    (finding,) = case_of(taken, said("releasedFrom", date="2019", alleged=True)).findings
    assert "(alleged)" in finding.words()


def test_of_a_group_nothing_is_worked_out() -> None:
    found = timeline(
        index(
            said("detainedAt", date="2020-05", who="herders"),
            said("releasedFrom", date="2020-04", who="herders"),
            said("sentencedTo", "5 years", who="herders"),
        ),
        BASE + "herders",
    )
    (case,) = found.cases
    assert (case.findings, case.start, case.length, case.terms) == ((), None, chronology.Length(), ())
    assert (
        "in custody",
        "not worked out for a group: each of it can have been taken and let go another day",
    ) in chronology.conclusions(case)


# ---------------------------------------------------------------- length in custody


def test_a_length_is_a_range_from_bounds() -> None:
    case = case_of(
        said("detainedAt", date="[2020-02-01..2020-02-20]"), said("releasedFrom", date="2021-02", report="r2"),
        r2="2022",
    )  # fmt: skip
    # 20 February 2020 to 1 February 2021; 1 February 2020 to 28 February 2021.
    assert (case.length.least_days, case.length.most_days) == (347, 393)
    assert (case.length.least_months, case.length.most_months) == (11, 13)
    assert ("length", "at least 347 days (11 months), at most 393 days (1 year 1 month)") in (
        chronology.conclusions(case)
    )


def test_an_end_that_nobody_reports_is_not_known() -> None:
    case = case_of(said("detainedAt", date="2020-05-14"), said("heldAt", date="2020-05-14"))
    assert (case.end, case.ended_by) == (None, None)
    assert (case.length.least_days, case.length.most_days) == (0, None)
    assert ("length", "not known, since no end is reported") in chronology.conclusions(case)


def test_a_later_day_in_custody_gives_at_least() -> None:
    case = case_of(said("detainedAt", date="2020-05-14"), said("heldAt", date="2020-07"))
    assert (case.length.least_days, case.length.most_days, case.length.held_until) == (
        48, None, day("2020-07-01")
    )  # fmt: skip


def test_an_open_end_reaches_to_the_report_and_no_further() -> None:
    case = case_of(said("heldAt", date="2020-05-14/.."))
    assert (case.start, case.end) == (span(None, "2020-05-14"), None)
    assert (case.length.least_days, case.length.most_days) == (294, None)
    assert case.length.held_until == day("2021-03-04")
    assert (
        "length",
        "at least 294 days (9 months), for the person was still held on 2021-03-04; at most: not known",
    ) in chronology.conclusions(case)


def test_an_unknown_end_reaches_nowhere() -> None:
    case = case_of(said("detainedAt", date="2020-05-14"), said("heldAt", date="2020-05-14/"))
    assert (case.length.least_days, case.length.most_days) == (0, None)


def test_an_undated_stay_does_not_say_that_it_went_on_until_the_report() -> None:
    case = case_of(said("detainedAt", date="2020-05-14"), said("heldAt"))
    assert case.length.held_until == day("2020-05-14")


def test_a_stay_starts_custody_where_no_taking_is_reported() -> None:
    case = case_of(said("heldAt", date="2020-05"), said("releasedFrom", date="2020-09-01"))
    assert case.start == span(None, "2020-05-31")
    assert (case.length.least_days, case.length.most_days) == (93, None)


def test_an_undated_taking_came_before_a_dated_stay() -> None:
    assert case_of(said("detainedAt"), said("heldAt", date="2020-05-14")).start == span(None, "2020-05-14")


def test_death_bounds_custody_from_above_only() -> None:
    case = case_of(said("detainedAt", date="2020-05-01"), said("diedAt", date="2020-05-31"))
    assert (case.end, case.ended_by) == (span(None, "2020-05-31"), "died")
    assert (case.length.least_days, case.length.most_days) == (0, 30)


def test_a_sentence_alone_says_nothing_of_custody() -> None:
    case = case_of(said("sentencedTo", "5 years", date="2020-05"))
    assert (case.start, case.length) == (None, chronology.Length())
    assert ("in custody", "nothing says that there was custody") in chronology.conclusions(case)


def test_what_is_alleged_or_denied_does_not_count_for_custody() -> None:
    found = of(
        said("detainedAt", date="2020-05-01"),
        said("releasedFrom", date="2020-06-01", denied=True),
        said("releasedFrom", date="2020-07-01", alleged=True),
    )
    assert found.cases[0].end is None
    assert "Listed, but not counted for custody and terms: 1 alleged and 1 denied." in chronology.remarks(
        found
    )


def test_two_reports_that_agree_narrow_the_start() -> None:
    case = case_of(said("detainedAt", date="2020-05"), said("detainedBy", "police", date="2020-05-14"))
    assert case.start == span("2020-05-14", "2020-05-14")
    assert [(step.stage, step.told, step.differ) for step in case.steps] == [("detained", 2, False)]


def test_two_reports_that_differ_widen_it_and_it_is_said() -> None:
    case = case_of(
        said("detainedAt", date="2020-05-14"),
        said("detainedAt", date="2020-06-20", report="r2"),
        said("releasedFrom", date="2020-07-01"),
        r2="2021",
    )
    assert case.start == span("2020-05-14", "2020-06-20")
    assert (case.length.least_days, case.length.most_days, case.length.differ) == (11, 48, True)
    assert ("length", "at least 11 days, at most 48 days (2 months) (reports differ on the dates)") in (
        chronology.conclusions(case)
    )


def test_an_approximate_date_counts_only_where_nothing_is_firmer() -> None:
    about = case_of(said("detainedAt", date="2020-05~"), said("releasedFrom", date="2020-07-01"))
    assert (about.length.least_days, about.length.most_days, about.length.approximate) == (31, 61, True)
    firm = case_of(
        said("detainedAt", date="2020-05~"),
        said("detainedBy", "police", date="2020-04-30"),
        said("releasedFrom", date="2020-07-01"),
    )
    assert (firm.length.least_days, firm.length.most_days, firm.length.approximate) == (62, 62, False)


_OFFSETS = st.integers(0, 400)


@given(
    st.lists(st.integers(0, 900), min_size=3, max_size=3).map(sorted),
    st.lists(st.tuples(_OFFSETS, _OFFSETS), min_size=3, max_size=3),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_whatever_truly_happened_is_never_ruled_out(
    days: list[int], widths: list[tuple[int, int]], shuffled: random.Random
) -> None:
    zero = day("2010-01-01")
    stated = [
        f"[{zero + datetime.timedelta(n - before)}..{zero + datetime.timedelta(n + after)}]"
        for n, (before, after) in zip(days, widths, strict=True)
    ]
    assertions = [
        said(predicate, date=date)
        for predicate, date in zip(("detainedAt", "heldAt", "releasedFrom"), stated, strict=True)
    ]
    case = case_of(*assertions)
    assert case.findings == ()
    assert case.length.least_days is not None
    assert case.length.most_days is not None
    assert case.length.least_days <= days[2] - days[0] <= case.length.most_days
    assert case.start is not None
    assert case.start.earliest <= zero + datetime.timedelta(days[0]) <= case.start.latest  # type: ignore[operator]
    shuffled.shuffle(assertions)
    assert case_of(*assertions) == case


# ---------------------------------------------------------------- terms


def ends(*assertions: Assertion, **published: str | None) -> list[tuple[str, tuple[str, ...], Span]]:
    return [(term.term, term.counted_from, term.span) for term in case_of(*assertions, **published).terms]


def test_a_term_is_counted_from_custody_and_from_the_sentence() -> None:
    assert ends(
        said("detainedAt", date="2017-05"), said("sentencedTo", "13 years 4 months", date="2018-01-31")
    ) == [
        ("13 years 4 months", ("custody",), span("2030-09-01", "2030-09-30")),
        ("13 years 4 months", ("sentence",), span("2031-05-31", "2031-05-31")),
    ]


def test_a_range_of_terms_widens_the_end() -> None:
    assert ends(said("sentencedTo", "5-10 years", date="2017-03-05")) == [
        ("5-10 years", ("sentence",), span("2022-03-05", "2027-03-05"))
    ]
    assert ends(said("sentencedTo", "at least 5 years", date="2017-03-05")) == [
        ("at least 5 years", ("sentence",), span("2022-03-05", None))
    ]


def test_the_end_of_an_undated_sentence_is_bounded_by_its_report() -> None:
    case = case_of(said("detainedAt"), said("sentencedTo", "5 years"))
    (term,) = case.terms
    assert (term.counted_from, term.span) == (("custody", "sentence"), span(None, "2026-03-04", told=True))
    assert (
        "term",
        "5 years: would have ended by 2026-03-04, counted from the start of custody or the sentence; "
        "the law may count otherwise",
    ) in chronology.conclusions(case)


@pytest.mark.parametrize(
    ("until", "words"),
    [("2022-03-06", "(over by 2022-03-06)"), ("2022-03-04", "(not over on 2022-03-04)")],
)
def test_a_term_is_seen_from_a_day_that_is_given(until: str, words: str) -> None:
    found = of(said("sentencedTo", "5 years", date="2017-03-05"), until=until)
    assert words in dict(chronology.conclusions(found.cases[0], found.until))["term"]
    unsure = of(said("sentencedTo", "5 years", date="2017"), until="2022-06-01")
    assert (
        "(on 2022-06-01 perhaps over)" in dict(chronology.conclusions(unsure.cases[0], unsure.until))["term"]
    )


@pytest.mark.parametrize(("term", "words"), [("life", "no end to count"), ("death", "not a length of time")])
def test_life_and_death_have_no_end(term: str, words: str) -> None:
    case = case_of(said("detainedAt", date="2017-05"), said("sentencedTo", term, date="2018"))
    assert [(t.kind, t.counted_from, t.span) for t in case.terms] == [(term, (), Span())]
    assert ("term", f"{term}: {words}") in chronology.conclusions(case)


def test_a_term_without_any_start_has_no_end() -> None:
    case = case_of(said("sentencedTo", "5 years"), r1=None)
    assert ("term", "5 years: when it would have ended is not known") in chronology.conclusions(case)


@pytest.mark.parametrize(
    ("date", "term", "end"),
    [
        ("2016-02-29", "1 year", "2017-02-28"),
        ("2017-10-31", "4 months", "2018-02-28"),
        ("2017-12-31", "2 months", "2018-02-28"),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(date: str, term: str, end: str) -> None:
    assert ends(said("sentencedTo", term, date=date)) == [(term, ("sentence",), span(end, end))]


def test_a_term_beyond_the_calendar_has_no_latest_day() -> None:
    assert ends(said("sentencedTo", "9000 years", date="2017-01-01")) == [("9000 years", (), Span())]


def test_two_terms_stand_side_by_side() -> None:
    found = ends(
        said("sentencedTo", "5 years", date="2017-01-01"),
        said("sentencedTo", "7 years", report="r2", date="2017-01-01"),
        r2="2019",
    )
    assert [term for term, _, _ in found] == ["5 years", "7 years"]


def test_a_court_that_is_called_like_a_term_is_none() -> None:
    corpus = index(said("sentencedBy", "court", date="2017")).corpus
    court = Entity(BASE + "court", KG_NAMESPACE + "Court", "5 years")
    found = timeline(Index(replace(corpus, entities=(*corpus.entities, court))), AMAN)
    assert [event.object for event in found.events] == ["5 years"]
    assert found.cases[0].terms == ()


# ---------------------------------------------------------------- no news


def news(found: Timeline) -> str:
    return chronology.remarks(found)[-1]


def test_without_a_day_to_see_it_from_nothing_is_said_of_today() -> None:
    assert news(of(said("detainedAt"))) == 'No news of Aman Tolek since 2021-03-04 ("Report r1").'


def test_no_news_is_counted_from_the_last_report_that_speaks_of_the_person() -> None:
    found = of(
        said("detainedAt"), said("heldAt", report="r2"), said("detainedAt", who="other", report="r3"),
        until="2021-12-31", r2="2021-09", r3="2021-11-11",
    )  # fmt: skip
    assert (found.news.report, found.news.silent_least, found.news.silent_most) == (BASE + "r2", 92, 121)
    assert news(found) == (
        'No news of Aman Tolek since 2021-09 ("Report r2"), for 92 to 121 days on 2021-12-31.'
    )


def test_a_report_that_names_the_person_as_object_is_news() -> None:
    found = of(said("detainedAt"), said("relativeOf", "aman", who="wife", report="r2"), r2="2021-09-01")
    assert found.news.report == BASE + "r2"


def test_what_was_withdrawn_is_no_news_and_no_event() -> None:
    found = of(
        said("detainedAt"), said("heldAt", report="r2", withdrawn=Withdrawal("2022-01-01")), r2="2021-09-01"
    )
    assert (found.news.report, len(found.events)) == (BASE + "r1", 1)


def test_a_report_after_the_day_it_is_seen_from_is_said_to_be_so() -> None:
    assert news(of(said("detainedAt"), until="2020-01-01")) == (
        'No news of Aman Tolek since 2021-03-04 ("Report r1"), which is after 2020-01-01.'
    )


def test_reports_without_a_date_are_counted() -> None:
    found = of(said("detainedAt"), said("heldAt", report="r2"), r2=None)
    assert news(found).endswith("; reports without a date: 1.")


# ---------------------------------------------------------------- places, episodes, nothing at all


def test_a_place_has_what_names_it() -> None:
    found = timeline(index(said("heldAt", date="2020-05"), said("detainedAt", "home")), BASE + "prison")
    assert [(event.when(), event.what(found.iri)) for event in found.events] == [
        ("2020-05", "Aman Tolek held at Lake prison")
    ]
    assert (found.kind, found.cases) == ("facility", ())


def test_an_episode_has_a_case_for_each_person_in_it() -> None:
    found = timeline(
        index(
            said("detainedAt", date="2020-05-01"),
            said("releasedFrom", date="2020-06-01"),
            said("detainedAt", date="2020-07-01", who="wife"),
        ),
        BASE + "arrest",
    )
    assert [chronology.heading(found, case) for case in found.cases] == ["Aman Tolek", "wife"]
    assert [(case.subject_label, case.length.most_days, case.findings) for case in found.cases] == [
        ("Aman Tolek", 31, ()), ("wife", None, ())
    ]  # fmt: skip


@pytest.mark.parametrize("corpus", [Corpus(), index(said("livesIn", "norland")).corpus])
def test_of_somebody_of_whom_nothing_dated_is_said_that_is_said(corpus: Corpus) -> None:
    found = timeline(Index(corpus), AMAN)
    assert (found.events, found.cases) == ((), ())
    assert "Nothing dated is said of " in chronology.text(found)


def test_where_no_date_is_known_everything_is_unknown_and_it_is_said() -> None:
    found = of(
        said("detainedAt"), said("releasedFrom"), said("sentencedTo", "5 years"), r1=None, until="2022-01-01"
    )
    (case,) = found.cases
    assert (case.start, case.length.least_days, case.length.most_days) == (Span(), None, None)
    assert chronology.remarks(found) == (
        "No day is known: nothing here is dated, and neither are the reports.",
        "When anybody last reported on Aman Tolek is not known: no report has a date.",
    )
    assert "begun on a day not known; released on a day not known" in chronology.text(found)


def test_where_only_reports_are_dated_it_is_said() -> None:
    assert (
        "Nothing here is dated; what is told happened by the day on which it was published."
        in chronology.remarks(of(said("detainedAt")))
    )


def test_circles_of_sources_places_and_names_do_no_harm() -> None:
    corpus = Corpus(
        (Entity(AMAN, KG_NAMESPACE + "Person", "", same_as=(BASE + "b",)),
         Entity(BASE + "b", KG_NAMESPACE + "Person", "b", same_as=(AMAN,))),
        (),
        (Source(BASE + "friend", "", None, learned_from=BASE + "office"),
         Source(BASE + "office", "", None, learned_from=BASE + "friend")),
        (),
        (said("detainedAt", "aman"), said("locatedIn", "camp", who="prison", date="2020"),
         said("locatedIn", "prison", who="camp", date="2020")),
    )  # fmt: skip
    for iri in (AMAN, BASE + "b", BASE + "prison", BASE + "friend"):
        chronology.text(timeline(Index(corpus), iri))
    assert timeline(Index(corpus), AMAN).label == "aman"


# ---------------------------------------------------------------- text, tables, JSON


def test_text_says_everything_in_few_lines() -> None:
    found = of(
        said("detainedAt", date="2020-05-14", inferred=True),
        said("detainedAt", date="2020-05-14", inferred=True, source="office", place=1),
        said("chargedWith", "trouble", date="2020~", alleged=True),
    )
    assert chronology.text(found) == (
        "Aman Tolek (person)\n"
        "\n"
        "the arrest\n"
        "  about 2020   alleged: charged with trouble (dated 2020~)\n"
        "                 a friend [1]\n"
        "  2020-05-14   detained at Lake prison (inferred)\n"
        "                 a friend [1]\n"
        "                 an office [1]\n"
        "  in custody:  begun on 2020-05-14; no end is reported\n"
        "  length:      not known, since no end is reported\n"
        "\n"
        "Listed, but not counted for custody and terms: 1 alleged.\n"
        'No news of Aman Tolek since 2021-03-04 ("Report r1").\n'
        "\n"
        "[1] Report r1, 2021-03-04\n"
    )


HOSTILE = "<script>\x1b[2J\u202e\n=HYPERLINK('x')"


def test_hostile_labels_cannot_command_a_terminal() -> None:
    corpus = index(said("detainedAt")).corpus
    named = Corpus(
        (
            Entity(AMAN, KG_NAMESPACE + "Person", HOSTILE),
            Entity(BASE + "prison", KG_NAMESPACE + "Place", HOSTILE),
        ),
        (Report(BASE + "r1", HOSTILE, "article", "2021"),),
        (Source(BASE + "friend", HOSTILE, None),),
        (Episode(BASE + "arrest", HOSTILE),),
        corpus.assertions,
    )
    shown = chronology.text(timeline(Index(named), AMAN))
    assert not set(shown) & set("\x1b\u202e")
    assert shown.count(r"\x1b[2J\u202e\n=HYPERLINK") == 7


def test_a_table_has_a_cell_for_each_heading_and_a_row_for_each_event() -> None:
    found = of(said("detainedAt", date="2020~"), said("releasedFrom"))
    table = chronology.table(found)
    assert [len(row) for row in table] == [len(chronology.HEADER)] * 2
    assert table[0] == (
        "about 2020", "2020~", "detained at Lake prison", "a friend", "Report r1", "2021-03-04", "the arrest"
    )  # fmt: skip


def test_plain_is_json_with_days_as_iso_and_unknown_as_null() -> None:
    found = json.loads(json.dumps(chronology.plain(of(said("detainedAt"), said("sentencedTo", "5 years")))))
    event = found["events"][0]
    assert (event["earliest"], event["latest"], event["date"]) == (None, "2021-03-04", None)
    assert found["cases"][0]["terms"][0]["span"]["latest"] == "2026-03-04"
    assert found["cases"][0]["conclusions"][0][0] == "order"
    assert found["remarks"]


# ---------------------------------------------------------------- size, and the seeds


def test_ten_thousand_events_take_seconds() -> None:
    predicates = ("detainedAt", "heldAt", "chargedWith", "sentencedBy", "releasedFrom")
    assertions = [
        said(predicates[n % 5], f"place-{n}", date=f"{2000 + n % 20}-{n % 12 + 1:02}", place=n,
             episodes=("arrest", "campaign") if n % 2 else ("arrest",))
        for n in range(10_000)
    ]  # fmt: skip
    corpus = index(*assertions)
    began = time.perf_counter()
    found = timeline(corpus, AMAN, day("2022-01-01"))
    chronology.text(found)
    chronology.plain(found)
    assert time.perf_counter() - began < 120
    assert len(found.events) == 10_000
    assert [case.label for case in found.cases] == ["the arrest"]


def test_the_same_assertions_in_any_order_give_the_same_text() -> None:
    assertions = [said("detainedAt", f"p-{n}", date=f"20{10 + n}" if n % 3 else None) for n in range(9)]
    expected = chronology.text(of(*assertions))
    random.Random(5).shuffle(assertions)  # noqa: S311
    assert chronology.text(of(*assertions)) == expected


def test_seeds_as_they_are_typed(read: Callable[..., Reading]) -> None:
    from conftest import EVIDENCE, HEAD

    corpus = read(
        HEAD
        + f"""\
assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    episode: herder-case
    detained-at: upper-valley
    date: 2021-01~
    inferred: true
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    episode: herder-case
    sentenced-to: 5 years
    sentenced-by: valley-court
"""
    ).corpus
    person = next(entity.iri for entity in corpus.entities if entity.label == "Aman Tolek")
    (case,) = timeline(Index(corpus), person).cases
    assert case.start == span("2021-01-01", "2021-01-31", about=True)
    assert [(term.counted_from, term.span) for term in case.terms] == [
        (("custody",), span("2026-01-01", "2026-01-31", about=True)),
        (("sentence",), span(None, "2026-03-04", told=True)),
    ]


def test_the_shipped_seeds_say_when_a_term_would_have_ended() -> None:
    project = find(ROOT)
    reading = build.read(project, Vocabulary.of(project), build.seed_files(project, [], ROOT))
    found = timeline(Index(reading.corpus), project.base + "serek-yelsik")
    (case,) = found.cases
    assert (case.start, case.end, case.length.most_days) == (span(None, "2017-08-01", told=True), None, None)
    assert [(t.term, t.counted_from, t.span.latest) for t in case.terms] == [
        ("5 years", ("custody", "sentence"), day("2022-08-01"))
    ]
    for entity in reading.corpus.entities:
        assert chronology.text(timeline(Index(reading.corpus), entity.iri)).startswith(entity.label)
