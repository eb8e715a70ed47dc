"""What happened when, as far as reports say: timelines, custody and terms on dates that are not exact.

Every date is a stretch of days of which one is meant, and nothing here picks one. What follows from the
stretches is given; what does not is called not known. Rules that a reader has to know:

- A thing told without a date happened by the day on which its report was published, and so did a thing
  dated ``2017`` that was told in May 2017. Such a bound is marked `told`.
- A date marked ``~``, ``?`` or ``%`` proves no order. It gives a length or a term only where there is
  nothing firmer, and the result is marked as approximate.
- Order, custody and term are worked out per person and episode, for an episode is one arrest or one case.
  What belongs to several episodes counts in the one that fewest people share: the arrest, not the campaign.
- Only what is affirmed and stated counts towards custody and terms. What is alleged or denied is listed;
  what is alleged can still stand in an impossible order.
- Of a group nothing is worked out: its members may have been taken and released on different days.
"""

from __future__ import annotations

import calendar
import datetime
import textwrap
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, Final, Literal, cast

from kg import dates, quantities
from kg.escape import for_terminal
from kg.index import ABSENT, Index, qualifier
from kg.model import Assertion
from kg.ontology import kebab, local_name
from kg.terms import KG

Day = datetime.date

STAGES: Final = (
    "detained", "held", "accused", "charged", "tried", "sentenced", "transferred", "released", "died",
)  # fmt: skip
"""What can befall somebody in one case, in the usual order of law."""

_VERBS = dict(zip(STAGES, STAGES, strict=True)) | {
    "arrested": "detained",
    "imprisoned": "held",
    "jailed": "held",
    "indicted": "charged",
    "convicted": "sentenced",
    "freed": "released",
    "executed": "died",
}
_PREPOSITIONS = ("", "at", "by", "for", "from", "in", "of", "on", "to", "under", "with")

_AFTER_DEATH = "the dead are neither taken, held, moved nor released"
_IMPOSSIBLE: Final = {
    ("detained", "held"): "custody begins with the taking",
    ("detained", "transferred"): "only who has been taken is transferred",
    ("detained", "released"): "only who has been taken is released",
    ("held", "released"): "the release ends the custody",
    ("transferred", "released"): "the release ends the custody",
    ("detained", "died"): _AFTER_DEATH,
    ("held", "died"): _AFTER_DEATH,
    ("transferred", "died"): _AFTER_DEATH,
    ("released", "died"): _AFTER_DEATH,
}
"""First and second of what cannot come the other way round in one case, with the reason."""
_UNUSUAL: Final = {
    ("detained", "sentenced"): "it can be a sentence in absence",
    ("charged", "tried"): "a further charge can follow a trial",
    ("charged", "sentenced"): "a further charge can follow a sentence",
    ("tried", "sentenced"): "another trial can follow a sentence",
    ("sentenced", "released"): "it can be a release until the trial",
    ("sentenced", "died"): "it can be a sentence after death",
}
"""First and second of what comes the other way round only now and then, with an explanation."""
_USUAL: Final = (
    ("detained", "accused"), ("detained", "charged"), ("held", "accused"), ("held", "charged"),
    ("accused", "tried"), ("accused", "sentenced"), ("sentenced", "transferred"),
    ("charged", "died"), ("accused", "released"), ("charged", "released"), ("accused", "died"),
)  # fmt: skip
"""Further pairs in the usual order, of which the other order is worth no remark."""


# ---------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both ends included, of which one is meant; None: no bound is known."""

    earliest: Day | None = None
    latest: Day | None = None
    approximate: bool = False
    """True where ``~``, ``?`` or ``%`` is written: the bounds prove nothing."""
    told: bool = False
    """True where `latest` is the day of publication, and no date that was reported."""

    @property
    def exact(self) -> Day | None:
        """The day, where there is only one."""
        return self.latest if self.earliest == self.latest and not self.approximate else None

    def words(self) -> str:
        """Give it for people to read.

        >>> day = datetime.date
        >>> Span(day(2017, 5, 1), day(2017, 5, 31), approximate=True).words(), Span(day(2017, 5, 3)).words()
        ('about 2017-05', '2017-05-03 or later')
        >>> Span(None, day(2017, 8, 1), told=True).words(), Span().words()
        ('by 2017-08-01', 'day not known')
        """
        first, last = self.earliest, self.latest
        about = "about " if self.approximate else ""
        if first is None or last is None:
            if last:
                return f"by {about}{last}"
            return f"{about}{first} or later" if first else "day not known"
        if first == last:
            return f"{about}{first}"
        if (first.month, first.day, last) == (1, 1, Day(first.year, 12, 31)):
            return f"{about}{first.year:04}"
        if first.day == 1 and last == first.replace(day=calendar.monthrange(first.year, first.month)[1]):
            return f"{about}{first.isoformat()[:7]}"
        return f"between {about}{first} and {last}"


UNKNOWN = Span()


@dataclass(frozen=True, slots=True)
class Event:
    """One assertion that has a date or is a stage of a case."""

    assertion: str
    """The 32 digits that name it (`Assertion.digest`)."""
    subject: str
    subject_label: str
    predicate: str
    words: str
    """The predicate in words."""
    object: str
    """The object in words: a label, or the text of a literal."""
    is_term: bool
    """True where the object is a term, such as 5 years."""
    stage: str | None
    """One of `STAGES`; None for anything else, and where no object was given or it was refused."""
    begin: Span
    """When it happened, or, of what lasted, when it began."""
    end: Span | None
    """When it ended; None where it is not said to have lasted."""
    open: bool
    """True where it lasted and its end is open (``2017-05/..``): so still when it was reported."""
    date: str | None
    """EDTF as typed; None where the assertion has no date."""
    inferred: bool
    denied: bool
    certainty: str
    details: tuple[tuple[str, str], ...]
    """Other qualifiers, in words."""
    source: str
    teller: str
    report: str
    report_title: str
    published: Span
    episode: str | None
    """The episode that it counts in; None where it belongs to none."""
    episode_label: str
    episodes: tuple[str, ...]

    @property
    def earliest(self) -> Day | None:
        """The first day on which any of it can have happened."""
        return self.begin.earliest

    @property
    def latest(self) -> Day | None:
        """The last day on which any of it can have happened."""
        return self.begin.latest if self.end is None else self.end.latest

    @property
    def approximate(self) -> bool:
        """Whether a date of it is marked as approximate or uncertain."""
        return self.begin.approximate or (self.end is not None and self.end.approximate)

    @property
    def counts(self) -> bool:
        """Whether it counts towards custody and terms."""
        return self.stage is not None and not self.denied and self.certainty == "stated"

    def when(self) -> str:
        """Give its time in words."""
        if self.end is None:
            return self.begin.words()
        began = "start not known" if self.begin.earliest is None else f"from {self.begin.words()}"
        if self.open:
            seen = self.published.words()
            return (
                f"{began}, still so when reported ({seen})" if self.published.latest else f"{began}, end open"
            )
        return f"{began}, end not known" if self.end.latest is None else f"{began} until {self.end.words()}"

    def what(self, about: str = "") -> str:
        """Give what is said in words, with the subject unless it is `about`."""
        who = "" if self.subject == about else f"{self.subject_label} "
        marks = ("denied: " if self.denied else "") + ("alleged: " if self.certainty != "stated" else "")
        return f"{marks}{who}{self.words} {self.object}"

    def reported(self) -> str:
        """Give the date as reported, with what is to be known of it."""
        if self.date is None:
            return "not dated"
        return f"{self.date}, inferred" if self.inferred else self.date

    def dated(self) -> str:
        """Give in brackets what `reported` adds to `when`; nothing where it adds nothing."""
        when, reported = self.when(), self.reported()
        if self.date is None or reported == when:
            return "" if self.date else " (not dated)"
        return " (inferred)" if reported == f"{when}, inferred" else f" (dated {reported})"

    def told(self) -> str:
        """Give who told it, with what narrows it."""
        said = [
            name if value == "true" else value if name == "circumstance" else f"{name}: {value}"
            for name, value in self.details
        ]
        return f"{self.teller} ({'; '.join(said)})" if said else self.teller


@dataclass(frozen=True, slots=True)
class Step:
    """All that is stated of one stage in a case, taken together; `when` is when it began."""

    stage: str
    when: Span
    told: int
    """How many assertions say so."""
    differ: bool
    """True where their dates have no day in common; `when` then covers all of them."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Which of two stages began first, and how that is known."""

    first: str
    second: str
    because: Literal["dates", "nature", "usage"]
    """`usage`: it is so as a rule, and nothing shows that it was so here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Two things that cannot have come, or seldom come, in the order that their dates force."""

    kind: Literal["impossible", "unusual"]
    first: Event
    """What comes first by law; of several that clash, the one dated latest."""
    second: Event
    """What comes second by law; of several that clash, the one dated earliest."""
    reason: str
    pairs: int
    """How many pairs of assertions of these two stages clash."""

    def words(self) -> str:
        """Give it for people to read."""
        first, second = self.first, self.second
        more = f" ({self.pairs} pairs of assertions clash so)" if self.pairs > 1 else ""
        marks = " (alleged)" if "alleged" in (first.certainty, second.certainty) else ""
        return (
            f"{second.stage} ({second.when()}) before {first.stage} ({first.when()}){marks}: "
            f"{self.reason}{more}"
        )


@dataclass(frozen=True, slots=True)
class Length:
    """How long custody lasted, in days from the first to the last, and in whole months rounded outwards."""

    least_days: int | None = None
    most_days: int | None = None
    least_months: int | None = None
    most_months: int | None = None
    held_until: Day | None = None
    """Where no end is reported: the last day on which the person is known to have been held."""
    approximate: bool = False
    differ: bool = False
    """True where reports give dates that have no day in common."""


@dataclass(frozen=True, slots=True)
class TermEnd:
    """When a term would have ended; life and death have no end, and neither has a term without a start."""

    term: str
    kind: Literal["length", "life", "death"]
    counted_from: tuple[str, ...]
    """`custody`, `sentence`, or both where they give the same; empty where nothing can be counted."""
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """One person in one episode."""

    subject: str
    subject_label: str
    episode: str
    label: str
    group: bool
    steps: tuple[Step, ...]
    """In the possible order; where that is not known, in the usual one."""
    order: tuple[Relation, ...]
    findings: tuple[Finding, ...]
    start: Span | None
    """When custody began; None where nothing says that there was any."""
    end: Span | None
    """When custody ended; None where no end is reported."""
    ended_by: Literal["released", "died"] | None
    length: Length
    terms: tuple[TermEnd, ...]


@dataclass(frozen=True, slots=True)
class News:
    """The last report that speaks of somebody, and how long that is ago at a given day."""

    report: str | None = None
    report_title: str = ""
    published: Span = UNKNOWN
    undated: int = 0
    """How many reports that speak of it do not say when they were published."""
    silent_least: int | None = None
    """Days without news at least; None where no day was given, or the last report is not before it."""
    silent_most: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything dated that is said of one person, group, place or episode."""

    iri: str
    label: str
    kind: str
    """The class as files write it, such as `person`; or `episode`."""
    events: tuple[Event, ...]
    """By first possible day, what has none by its last, what has neither at the end."""
    cases: tuple[Case, ...]
    news: News
    until: Day | None


# ---------------------------------------------------------------- from assertions to events


def stage_of(predicate: str) -> str | None:
    """Give the stage that a predicate tells of, by its name, so that a project's own predicates count too.

    >>> stage_of("https://example.org/transferredTo"), stage_of("https://example.org/triedToEmigrateTo")
    ('transferred', None)
    """
    verb, _, rest = kebab(local_name(predicate)).partition("-")
    # "tried to" is an attempt.
    return _VERBS.get(verb) if rest in _PREPOSITIONS and (verb, rest) != ("tried", "to") else None


@lru_cache(maxsize=65_536)
def _span(text: str) -> Span:
    """Give what one date of a report can mean; UNKNOWN for a text that is no date, as foreign graphs hold."""
    try:
        date = dates.parse(text)
    except ValueError:
        return UNKNOWN
    return Span(date.earliest, date.latest, date.approximate)


def _published(index: Index, report: str) -> Span:
    found = index.reports.get(report)
    return _span(found.published) if found and found.published else UNKNOWN


def _times(date: str | None, published: Span) -> tuple[Span, Span | None, bool]:
    """Give begin, end and whether the end is open, for a date as typed."""
    begin, slash, end = (date or "").partition("/")
    if not slash:
        return _told(_span(date) if date else UNKNOWN, published), None, False
    first = _span(begin) if begin not in ("", "..") else UNKNOWN
    if end not in ("", ".."):
        last = _span(end)
        # What it began and ended within can overlap: 2017-05-14/2017-05.
        ended_from = last.earliest if first.approximate else _later(first.earliest, last.earliest)
        if first == UNKNOWN:
            first = Span(None, last.latest, last.approximate)
        return first, Span(ended_from, last.latest, last.approximate), False
    still = end == ".."
    if still and published.earliest and (first.earliest is None or published.earliest >= first.earliest):
        return _told(first, published), Span(published.earliest, None, published.approximate), still
    return first, Span(first.earliest, None, first.approximate), still


def _told(span: Span, published: Span) -> Span:
    """Give a date bounded by the day of its report; a day after that is left as it is."""
    last = published.latest
    if last is None or (span.approximate and span.latest) or (span.latest and span.latest <= last):
        return span
    if span.earliest and span.earliest > last:
        return span
    return Span(span.earliest, last, span.approximate or published.approximate, told=True)


def _later(one: Day | None, other: Day | None) -> Day | None:
    return max(filter(None, (one, other)), default=None)


class _Homes:
    """Says in which of its episodes an assertion counts."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._subjects: dict[str, int] = {}
        self._own: dict[str, tuple[Counter[str], frozenset[str]]] = {}

    def of(self, assertion: Assertion) -> str | None:
        """Give the episode with the fewest subjects; of equals, one that other things belong to alone."""
        if len(assertion.episodes) < 2:
            return assertion.episodes[0] if assertion.episodes else None
        often, alone = self._of_subject(assertion.subject)
        return min(assertion.episodes, key=lambda e: (self._shared_by(e), e not in alone, often[e], e))

    def _shared_by(self, episode: str) -> int:
        if episode not in self._subjects:
            self._subjects[episode] = len({a.subject for a in self._index.in_episode.get(episode, ())})
        return self._subjects[episode]

    def _of_subject(self, subject: str) -> tuple[Counter[str], frozenset[str]]:
        if subject not in self._own:
            about = self._index.about.get(subject, ())
            self._own[subject] = (
                Counter(episode for a in about for episode in a.episodes),
                frozenset(a.episodes[0] for a in about if len(a.episodes) == 1),
            )
        return self._own[subject]


_APART = {KG.date, KG.date.replace("#date", "#inferred")}


def _event(index: Index, assertion: Assertion, home: str | None) -> Event | None:
    given = not (assertion.object.startswith("<") and assertion.object[1:-1] in ABSENT)
    stage = stage_of(assertion.predicate) if given else None
    date = qualifier(assertion, "date")
    if stage is None and date is None:
        return None
    published = _published(index, assertion.report)
    begin, end, still = _times(date, published)
    return Event(
        assertion.digest(),
        assertion.subject,
        _label(index, assertion.subject),
        assertion.predicate,
        _in_words(assertion.predicate),
        index.value(assertion.object) or assertion.object,
        assertion.object.endswith(f"^^<{KG.Term}>"),
        stage,
        begin,
        end,
        still,
        date,
        qualifier(assertion, "inferred") == "true",
        assertion.polarity == "denied",
        assertion.certainty,
        tuple((_in_words(p), index.value(term)) for p, term in assertion.qualifiers if p not in _APART),
        assertion.source,
        _label(index, assertion.source),
        assertion.report,
        _label(index, assertion.report),
        published,
        home,
        _label(index, home) if home else "",
        assertion.episodes,
    )


def _label(index: Index, iri: str) -> str:
    return index.label(iri) or iri


@lru_cache(maxsize=1024)
def _in_words(property_: str) -> str:
    return kebab(local_name(property_)).replace("-", " ") or property_


def _place_in_time(event: Event) -> tuple[bool, Day, int, Day, str, str, str, str]:
    known = event.earliest or event.latest
    return (
        known is None,
        known or Day.max,
        STAGES.index(event.stage) if event.stage else len(STAGES),
        event.latest or Day.max,
        event.subject_label,
        event.words,
        event.object,
        event.assertion,
    )


# ---------------------------------------------------------------- timeline


def timeline(index: Index, iri: str, until: Day | None = None) -> Timeline:
    """Give what is dated, or is a stage of a case, of all that is said of a person, group, place or episode.

    Of a place or an organization it is what names it. Cases are given for persons, groups and episodes.
    `until` is the day that "no news since" and "the term would have ended" are seen from.
    An IRI that nothing is said of has an empty timeline.
    """
    is_episode = iri in index.episodes
    about = index.in_episode.get(iri, ()) if is_episode else index.about.get(iri, ())
    said = dict.fromkeys((*about, *index.naming.get(iri, ())))
    homes = _Homes(index)
    events = sorted(
        {e.assertion: e for a in said if (e := _event(index, a, homes.of(a)))}.values(), key=_place_in_time
    )
    entity = index.entities.get(iri)
    return Timeline(
        iri,
        _label(index, iri),
        "episode" if is_episode else kebab(local_name(entity.class_iri)) if entity else "unknown",
        tuple(events),
        tuple(_cases(index, events, iri, is_episode)),
        _news(index, {a.report for a in said}, until),
        until,
    )


def _news(index: Index, reports: Iterable[str], until: Day | None) -> News:
    known = [(report, span) for report in sorted(reports) if (span := _published(index, report)).latest]
    undated = len(set(reports)) - len(known)
    if not known:
        return News(undated=undated)
    report, span = max(known, key=lambda pair: (pair[1].latest or Day.min, pair[1].earliest or Day.min))
    least = (until - span.latest).days if until and span.latest else None
    most = (until - span.earliest).days if until and span.earliest else None
    seen = least is not None and least >= 0
    return News(report, _label(index, report), span, undated, least if seen else None, most if seen else None)


def _cases(index: Index, events: Sequence[Event], iri: str, is_episode: bool) -> Iterator[Case]:
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.episode and (event.episode == iri if is_episode else event.subject == iri):
            found[event.subject, event.episode].append(event)
    for (subject, episode), own in found.items():
        if any(event.stage for event in own):
            yield _case(index, subject, episode, own)


def _case(index: Index, subject: str, episode: str, events: Sequence[Event]) -> Case:
    entity = index.entities.get(subject)
    group = entity is not None and entity.class_iri == KG.Group
    by_stage: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.counts and event.stage:
            by_stage[event.stage].append(event)
    affirmed = [event for event in events if event.stage and not event.denied]
    findings = () if group else tuple(_findings(affirmed))
    steps: dict[str, Step] = {stage: _step(stage, by_stage[stage]) for stage in STAGES if stage in by_stage}
    order = _order(steps, group)
    custody = _Custody(steps, {} if group else by_stage)
    return Case(
        subject,
        _label(index, subject),
        episode,
        _label(index, episode),
        group,
        tuple(steps[stage] for stage in _sequence(list(steps), order)),
        order,
        findings,
        custody.start,
        custody.end,
        custody.ended_by,
        custody.length(),
        () if group else tuple(_term_ends(by_stage["sentenced"], custody.start, steps)),
    )


# ---------------------------------------------------------------- order


def _findings(events: Sequence[Event]) -> Iterator[Finding]:
    by_stage: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_stage[event.stage or ""].append(event)
    for (first, second), reason in (*_IMPOSSIBLE.items(), *_UNUSUAL.items()):
        sure = _not_before if second in ("released", "died") else _not_begun_before
        lows = [(day, event) for event in by_stage[first] if (day := sure(event))]
        highs = [(day, event) for event in by_stage[second] if (day := _begun_by(event))]
        if not (lows and highs):
            continue
        low = max(lows, key=lambda pair: pair[0])
        high = min(highs, key=lambda pair: pair[0])
        if high[0] < low[0]:
            days = sorted(day for day, _ in lows)
            pairs = sum(len(days) - bisect_right(days, day) for day, _ in highs)
            kind: Literal["impossible", "unusual"] = (
                "impossible" if (first, second) in _IMPOSSIBLE else "unusual"
            )
            yield Finding(kind, low[1], high[1], reason, pairs)


def _not_begun_before(event: Event) -> Day | None:
    return None if event.begin.approximate else event.begin.earliest


def _not_before(event: Event) -> Day | None:
    """Give a day on which, or on a later one, it was surely still so."""
    if event.end is not None and event.end.earliest and not event.end.approximate:
        return _later(_not_begun_before(event), event.end.earliest)
    return _not_begun_before(event)


def _begun_by(event: Event) -> Day | None:
    return None if event.begin.approximate else event.begin.latest


def _step(stage: str, events: Sequence[Event]) -> Step:
    when, differ = _together([event.begin for event in events])
    return Step(stage, when, len(events), differ)


def _together(spans: Sequence[Span]) -> tuple[Span, bool]:
    """Give the days that all `spans` allow, or, where there is none, the days that any of them allows.

    What is approximate counts only where nothing exact is dated.
    """
    exact = [span for span in spans if not span.approximate]
    dated = [span for span in exact if span.earliest or (span.latest and not span.told)]
    if not dated and (vague := [span for span in spans if span.approximate]):
        exact = dated = vague
    first = max((span.earliest for span in exact if span.earliest), default=None)
    last = min((span.latest for span in exact if span.latest), default=None)
    approximate = any(span.approximate for span in exact)
    if first and last and first > last:
        firsts = [span.earliest or Day.min for span in dated]
        lasts = [span.latest or Day.max for span in dated]
        first, last = min(firsts), max(lasts)
        whole = Span(first if first > Day.min else None, last if last < Day.max else None, approximate)
        return whole, True
    told = last is not None and all(span.told for span in exact if span.latest == last)
    return Span(first, last, approximate, told), False


def _order(steps: Mapping[str, Step], group: bool) -> tuple[Relation, ...]:
    """Give what is known of each two stages, and what is usual where it contradicts nothing."""
    because: dict[tuple[str, str], Literal["dates", "nature", "usage"]] = {}

    def add(first: str, second: str, why: Literal["dates", "nature", "usage"]) -> None:
        if first not in steps or second not in steps or (second, first) in because:
            return
        # With what comes before the one and after the other, so that no later pair can close a circle.
        before = [stage for stage in steps if stage == first or (stage, first) in because]
        after = [stage for stage in steps if stage == second or (second, stage) in because]
        for pair in product(before, after):
            because.setdefault(pair, why)

    if not group:
        for one, other in product(steps.values(), repeat=2):
            if _surely_before(one, other):
                add(one.stage, other.stage, "dates")
        for first, second in _IMPOSSIBLE:
            add(first, second, "nature")
    for first, second in (*_IMPOSSIBLE, *_UNUSUAL, *_USUAL):
        add(first, second, "usage")
    rank = STAGES.index
    return tuple(
        Relation(first, second, because[first, second])
        for first, second in sorted(because, key=lambda pair: (rank(pair[0]), rank(pair[1])))
    )


def _surely_before(one: Step, other: Step) -> bool:
    last, first = one.when.latest, other.when.earliest
    vague = one.when.approximate or other.when.approximate or one.differ or other.differ
    return bool(last and first and last < first and not vague)


def _sequence(stages: list[str], order: Iterable[Relation]) -> list[str]:
    waiting, found = list(stages), []
    before: dict[str, set[str]] = defaultdict(set)
    for relation in order:
        before[relation.second].add(relation.first)
    while waiting:
        following = next(stage for stage in waiting if not before[stage] & set(waiting))
        waiting.remove(following)
        found.append(following)
    return found


# ---------------------------------------------------------------- custody


class _Custody:
    """Start, end and length of the custody in one case."""

    def __init__(self, steps: Mapping[str, Step], by_stage: Mapping[str, Sequence[Event]]) -> None:
        self._differ = any(step.differ for step in steps.values() if step.stage in ("detained", "released"))
        self._events = [
            event for stage in ("detained", "held", "transferred") for event in by_stage.get(stage, ())
        ]
        released = steps.get("released") if by_stage.get("released") else None
        died = steps.get("died") if by_stage.get("died") else None
        self.start = self._start(steps.get("detained"), by_stage.get("released", ()))
        self.end: Span | None = None
        self.ended_by: Literal["released", "died"] | None = None
        if released:
            self.end, self.ended_by = released.when, "released"
        elif died and self.start:
            # Nobody says that the person died in custody: it was over by then, and perhaps long before.
            self.end, self.ended_by = (
                Span(None, died.when.latest, died.when.approximate, died.when.told),
                "died",
            )

    def _start(self, detained: Step | None, released: Sequence[Event]) -> Span | None:
        if not self._events and not released:
            return None
        later = [event for event in (*self._events, *released) if event.stage != "detained"]
        begun = [(day, event.begin.told) for event in later if (day := _begun_by(event))]
        span = detained.when if detained and any(e.stage == "detained" for e in self._events) else UNKNOWN
        if not begun:
            return span
        cap, told = min(begun)
        if (span.latest and cap >= span.latest) or (span.earliest and cap < span.earliest):
            return span
        return Span(span.earliest, cap, span.approximate, told)

    def length(self) -> Length:
        """Give the bounds; what does not follow from the reports is None."""
        if self.start is None:
            return Length()
        seen, vague = self._last_seen()
        over = self.end.earliest if self.end and self.end.earliest else None
        last_least = _later(over, seen)
        last_most = self.end.latest if self.end else None
        if self._reversed(over, seen):
            return Length(held_until=None, differ=self._differ)
        least = _between(self.start.latest, last_least)
        most = _between(self.start.earliest, last_most)
        approximate = (
            (self.start.approximate and bool(least or most))
            or (self.end is not None and self.end.approximate)
            or (vague and last_least == seen and least is not None)
        )
        return Length(
            max(0, least[0]) if least else None,
            most[0] if most else None,
            max(0, least[1]) if least else None,
            most[2] if most else None,
            None if self.end else seen,
            approximate,
            self._differ,
        )

    def _reversed(self, over: Day | None, seen: Day | None) -> bool:
        """Say whether the end comes before the start, or before a day of custody: then nothing follows."""
        last = self.end.latest if self.end else None
        first = self.start.earliest if self.start else None
        return last is not None and any(day is not None and last < day for day in (first, over, seen))

    def _last_seen(self) -> tuple[Day | None, bool]:
        """Give the last day on which, or after which, the person was surely held; True if only about so."""
        sure = [day for event in self._events if (day := _not_before(event))]
        if sure:
            return max(sure), False
        vague = [
            day
            for event in self._events
            if (day := event.end.earliest if event.end and event.end.earliest else event.begin.earliest)
        ]
        return max(vague, default=None), bool(vague)


def _between(first: Day | None, last: Day | None) -> tuple[int, int, int] | None:
    """Give days, whole months rounded down, and whole months rounded up; negative if `last` is first."""
    if first is None or last is None:
        return None
    months = 12 * (last.year - first.year) + last.month - first.month
    exact = _add_months(first, months)
    below = months - 1 if exact is None or exact > last else months
    above = months if exact == last or below < months else months + 1
    return (last - first).days, below, above


def _add_months(day: Day, months: int) -> Day | None:
    """Give the same day so many months later, the month's last where it has no such day; None after 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return None
    return Day(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _term_ends(
    sentences: Sequence[Event], start: Span | None, steps: Mapping[str, Step]
) -> Iterator[TermEnd]:
    texts = {event.object for event in sentences if event.is_term}
    starts = {"custody": start, "sentence": steps["sentenced"].when if "sentenced" in steps else None}
    for text in sorted(texts):
        try:
            term = quantities.parse_term(text)
        except ValueError:  # a foreign graph may hold anything
            continue
        if term.kind != "length":
            yield TermEnd(text, term.kind, (), UNKNOWN)
            continue
        ends: dict[Span, list[str]] = {}
        for name, span in starts.items():
            if span and (counted := _counted(span, term)) != UNKNOWN:
                ends.setdefault(counted, []).append(name)
        for counted, names in ends.items():
            yield TermEnd(text, "length", tuple(names), counted)
        if not ends:
            yield TermEnd(text, "length", (), UNKNOWN)


def _counted(start: Span, term: quantities.Term) -> Span:
    def add(day: Day | None, months: int | None) -> Day | None:
        return _add_months(day, months) if day is not None and months is not None else None

    earliest, latest = add(start.earliest, term.min_months), add(start.latest, term.max_months)
    if earliest is None and latest is None:
        return UNKNOWN
    return Span(earliest, latest, start.approximate or term.approximate, start.told and latest is not None)


# ---------------------------------------------------------------- in words


@dataclass(frozen=True, slots=True)
class Row:
    """What is told alike, with everybody who told it."""

    event: Event
    told: tuple[Event, ...]
    """All that say it of the same days, `event` the first."""


def rows(events: Iterable[Event]) -> tuple[Row, ...]:
    """Give events that differ only in who told them, and with what details, as one; in the order given."""
    found: dict[tuple[object, ...], list[Event]] = defaultdict(list)
    for event in events:
        what = (event.what(), event.begin, event.end, event.open, event.reported(), event.episode)
        found[what].append(event)
    return tuple(Row(told[0], tuple(told)) for told in found.values())


def in_cases(timeline: Timeline) -> tuple[tuple[Case | None, tuple[Event, ...]], ...]:
    """Give each case with its events, and at the end, without a case, the events that are in none."""
    found: dict[tuple[str, str | None], list[Event]] = {(c.subject, c.episode): [] for c in timeline.cases}
    rest: list[Event] = []
    for event in timeline.events:
        found.get((event.subject, event.episode), rest).append(event)
    cases: list[tuple[Case | None, tuple[Event, ...]]] = [
        (case, tuple(found[case.subject, case.episode])) for case in timeline.cases
    ]
    return (*cases, (None, tuple(rest))) if rest else tuple(cases)


def heading(timeline: Timeline, case: Case | None) -> str:
    """Give what to write above a case, or above the events in none."""
    if case is not None:
        return case.subject_label if timeline.kind == "episode" else case.label
    if timeline.kind == "episode":
        return "Counted in episodes of their own"
    return "Outside these episodes" if timeline.cases else "Reported"


def conclusions(case: Case, until: Day | None = None) -> tuple[tuple[str, str], ...]:
    """Give what follows for a case, as pairs of a heading and a sentence."""
    return (
        *_order_words(case),
        *((finding.kind, finding.words()) for finding in case.findings),
        *_custody_words(case),
        *(("term", _term_words(term, until)) for term in case.terms),
    )


def _order_words(case: Case) -> Iterator[tuple[str, str]]:
    if len(case.steps) < 2:
        return
    known = {(relation.first, relation.second): relation.because for relation in case.order}
    said = case.steps[0].stage
    for before, step in pairwise(case.steps):
        because = known.get((before.stage, step.stage))
        joint = ", and before or after that " if because is None else ", then "
        said += joint + ("as a rule " if because == "usage" else "") + step.stage
    if "usage" in known.values():
        said += " (as a rule: nothing shows the order)"
    yield "order", said


def _custody_words(case: Case) -> Iterator[tuple[str, str]]:
    if case.group:
        yield (
            "in custody",
            "not worked out for a group: each of it can have been taken and let go another day",
        )
        return
    if case.start is None:
        yield "in custody", "nothing says that there was custody"
        return
    if case.end is None:
        ended = "no end is reported"
    elif case.ended_by == "died":
        ended = f"over {_on(case.end)}, by death at the latest"
    else:
        ended = f"released {_on(case.end)}"
    yield "in custody", f"begun {_on(case.start)}; {ended}"
    yield "length", _length_words(case)


def _on(span: Span) -> str:
    """Give a span as it stands in a sentence: on a day, in a month, by a day."""
    words = span.words()
    if span in (UNKNOWN, Span(approximate=span.approximate)):
        return "on a day not known"
    if not words[0].isdigit():
        return words
    return f"{'in' if len(words) < 10 else 'on'} {words}"


def _length_words(case: Case) -> str:
    length = case.length
    notes = [
        note
        for note, true in {
            "about: dates are approximate": length.approximate,
            "reports differ on the dates": length.differ,
        }.items()
        if true
    ]
    after = f" ({'; '.join(notes)})" if notes else ""
    least = _time(length.least_days, length.least_months)
    most = _time(length.most_days, length.most_months)
    if any(f.kind == "impossible" and f.second.stage in ("released", "died") for f in case.findings):
        return "not known: the dates exclude each other" + after
    if length.least_days is not None and length.least_days == length.most_days:
        return least + after
    bounds = [f"at least {least}"] if length.least_days else []
    bounds += [f"at most {most}"] if length.most_days is not None else []
    if length.held_until and length.least_days:
        bounds[0] += f", for the person was still held on {length.held_until}"
    if not bounds:
        return "not known" + (", since no end is reported" if case.end is None else "") + after
    return ", ".join(bounds) + ("; at most: not known" if length.most_days is None else "") + after


def _time(days: int | None, months: int | None) -> str:
    if days is None or months is None:
        return "not known"
    years, rest = divmod(months, 12)
    parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((years, "year"), (rest, "month")) if n]
    counted = f"{days:,} day{'' if days == 1 else 's'}"
    return f"{counted} ({' '.join(parts)})" if parts and days > 31 else counted


def _term_words(term: TermEnd, until: Day | None) -> str:
    if term.kind == "life":
        return f"{term.term}: no end to count"
    if term.kind == "death":
        return f"{term.term}: not a length of time"
    if not term.counted_from:
        return f"{term.term}: when it would have ended is not known"
    names = {"custody": "the start of custody", "sentence": "the sentence"}
    start = " or ".join(names[name] for name in term.counted_from)
    end = f"would have ended {_on(term.span)}{_seen_from(term.span, until)}"
    return f"{term.term}: {end}, counted from {start}; the law may count otherwise"


def _seen_from(span: Span, until: Day | None) -> str:
    if until is None:
        return ""
    if span.latest and span.latest < until:
        return f" (over by {until})"
    if span.earliest and span.earliest > until:
        return f" (not over on {until})"
    return f" (on {until} perhaps over)"


def remarks(timeline: Timeline) -> tuple[str, ...]:
    """Give what is to be known of a timeline as a whole: what has no date, what does not count, no news."""
    return tuple(_remarks(timeline))


def _remarks(timeline: Timeline) -> Iterator[str]:
    events = timeline.events
    if not events:
        yield f"Nothing dated is said of {timeline.label}, and no stage of a case."
    elif all(event.earliest is None and event.latest is None for event in events):
        yield "No day is known: nothing here is dated, and neither are the reports."
    elif all(event.date is None for event in events):
        yield "Nothing here is dated; what is told happened by the day on which it was published."
    alleged = sum(event.certainty != "stated" and not event.denied for event in events)
    denied = sum(event.denied for event in events)
    if marks := [f"{n} {mark}" for n, mark in ((alleged, "alleged"), (denied, "denied")) if n]:
        yield f"Listed, but not counted for custody and terms: {' and '.join(marks)}."
    mine = timeline.kind in ("person", "group")
    if mine and (loose := sum(e.stage is not None and e.episode is None for e in events)):
        yield f"Tied to no episode, so that nothing follows from it for custody and terms: {loose} of these."
    yield from _news_words(timeline)


def _news_words(timeline: Timeline) -> Iterator[str]:
    news, label, until = timeline.news, timeline.label, timeline.until
    if news.report is None:
        if news.undated:
            yield f"When anybody last reported on {label} is not known: no report has a date."
        return
    last = news.published.words()
    ago = ""
    if until and news.silent_least is None:
        ago = f", which is after {until}"
    elif until and news.silent_least is not None:
        most = "" if news.silent_most in (None, news.silent_least) else f" to {news.silent_most:,}"
        ago = f", for {news.silent_least:,}{most} days on {until}"
    undated = "" if not news.undated else f"; reports without a date: {news.undated}"
    yield f'No news of {label} since {last} ("{news.report_title}"){ago}{undated}.'


HEADER: Final = ("when", "as reported", "what", "told by", "report", "published", "episode")


def table(timeline: Timeline) -> tuple[tuple[str, ...], ...]:
    """Give the events as rows of text under `HEADER`, the header not included; nothing is escaped."""
    return tuple(
        (
            event.when(),
            event.reported(),
            event.what(timeline.iri),
            event.told(),
            event.report_title,
            event.published.words(),
            event.episode_label,
        )
        for event in timeline.events
    )


def text(timeline: Timeline) -> str:
    """Give a timeline for a terminal: lines of at most 100 characters, escaped, the last ended."""
    numbers = {report: n for n, report in enumerate(dict.fromkeys(e.report for e in timeline.events), 1)}
    out = [for_terminal(f"{timeline.label} ({timeline.kind})")]
    for case, events in in_cases(timeline):
        out += ["", for_terminal(heading(timeline, case))]
        found = conclusions(case, timeline.until) if case else ()
        widths = [len(event.when()) for event in events] + [len(name) + 1 for name, _ in found]
        wide = min(26, max(widths))
        for row in rows(events):
            when, what = row.event.when(), row.event.what(timeline.iri) + row.event.dated()
            if len(when) > wide:
                out.append(f"  {when}")
                when = ""
            out += _filled(f"  {when:{wide}}  ", what)
            for event in row.told:
                out += _filled(" " * (wide + 6), f"{event.told()} [{numbers[event.report]}]")
        for name, sentence in found:
            out += _filled(f"  {name + ':':{wide}}  ", sentence)
    if said := remarks(timeline):
        out += ["", *(line for sentence in said for line in _filled("", sentence))]
    if numbers:
        out.append("")
    for event in {event.report: event for event in timeline.events}.values():
        published = event.published.words() if event.published != UNKNOWN else "not dated"
        out += _filled(f"[{numbers[event.report]}] ", f"{event.report_title}, {published}")
    return "\n".join(out) + "\n"


def _filled(before: str, sentence: str) -> list[str]:
    return textwrap.wrap(
        for_terminal(sentence),
        100,
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_on_hyphens=False,
    ) or [before.rstrip()]


def plain(timeline: Timeline) -> dict[str, Any]:
    """Give a timeline as what JSON knows: days as ISO 8601, what is not known as null; nothing is escaped."""
    found = cast("dict[str, Any]", _plain(timeline))
    for written, event in zip(found["events"], timeline.events, strict=True):
        written |= {"earliest": _plain(event.earliest), "latest": _plain(event.latest), "when": event.when()}
    for written, case in zip(found["cases"], timeline.cases, strict=True):
        written["conclusions"] = [list(pair) for pair in conclusions(case, timeline.until)]
    return found | {"remarks": list(remarks(timeline))}


def _plain(value: object) -> object:
    if isinstance(value, Day):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
