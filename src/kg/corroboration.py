"""How well each thing said is supported: by how many assertions, reports and distinct origins.

An origin is who speaks in the innermost known link of a chain. How many there are is given as
*at least n, at most m*, with reasons. What can be one origin is never counted as two in n:

- The same speaker through any number of reports is one; so are entities tied by `same_as`.
- Named speakers are distinct. Unnamed ones are distinct from those of the same report, and from
  nobody else: in two reports they may be the same, or one may be somebody whom the other names.
- A group may hold any person and share members with any group, so it is one more only where it
  is told apart: both have names, or one is family and the other friends or neighbours.
- A speaker who is not known, a withheld one or one of a chain that comes back to itself, raises m only.
- What a copied report says in its publisher's voice is said by the publisher of the original; its
  unnamed speakers are those of the original wherever that says the same.

What is said more exactly supports what is said less exactly, not the reverse: a place within a place,
a date within a date, a predicate below a predicate, 35 for more than 30, stated for alleged, with an
episode or a role for without. A denial counts against what it denies and all that is more exact.
"""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

from kg import dates, nt, quantities
from kg.index import ABSENT, Index
from kg.model import Assertion, Source
from kg.namespaces import KG_NAMESPACE, expand
from kg.ontology import kebab, local_name
from kg.terms import KG

NAMES_SHOWN: Final = 5
"""How many names a reason lists, and how many reasons of one kind there are; the rest is a number."""

LASTING: Final = frozenset(
    KG_NAMESPACE + name
    for name in (
        *("name", "ethnicity", "occupation", "relativeOf", "citizenOf", "relatedToCountry"),
        *("hasRelativesIn", "residentIn", "locatedIn"),
    )
)
"""Predicates that say who somebody is or where something lies, which is the same in every episode.

What any other predicate says happened in an episode: of two episodes, it is said of each apart.
"""

_ROLE: Final = KG_NAMESPACE + "role"
_GROUPS: Final = frozenset({KG.Group})
_BODIES: Final = frozenset({KG_NAMESPACE + "Organization", KG_NAMESPACE + "Court"})
_WITHHELD: Final = "source_withheld"
"""How the IRI ends of the one link that stands for every withheld one (`kg.access.withheld_source`)."""
_SUPER: Final = frozenset(map(expand, ("rdfs:subClassOf", "rdfs:subPropertyOf")))

_FAMILY: Final = frozenset(
    (
        *("relative", "family", "kin", "in-law", "wife", "husband", "spouse", "partner", "parent", "mother"),
        *("father", "child", "children", "daughter", "son", "sibling", "sister", "brother", "cousin", "aunt"),
        *("uncle", "niece", "nephew", "grandparent", "grandmother", "grandfather"),
    )
)
_OTHERS: Final = frozenset(("friend", "neighbour", "neighbor", "colleague", "classmate", "lawyer", "doctor"))
"""Who is told apart from family by the word alone."""

Span: TypeAlias = tuple[float, float]
_SOMETHING: Final = ("something",)
"""The value of what is said of an unknown place, court …: anything that is known says it more exactly."""


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said, by whomever; of several spellings, the first in code point order."""

    subject: str
    predicate: str
    object: str
    """An N-Triples term."""
    certainty: str = "stated"
    date: str | None = None
    role: str | None = None
    count: str | None = None
    episode: str | None = None
    """Given where the same predicate is said of this subject in several episodes."""


@dataclass(frozen=True, slots=True)
class Origins:
    """How many distinct origins there are: at least `least`, at most `most`."""

    least: int = 0
    most: int = 0
    reasons: tuple[str, ...] = ()
    """Why, in short sentences without a full stop; labels stand in them as they are, not escaped."""
    known: tuple[str, ...] = ()
    """Entities that are an origin, by IRI, sorted; of those tied by same-as, one."""


@dataclass(frozen=True, slots=True)
class Support:
    """Who says one thing, and who denies it. Counts take in what says it more exactly."""

    said: Said
    assertions: tuple[Assertion, ...]
    """Those that say just this; none where it is only denied, or only said more exactly."""
    supported_by: tuple[Assertion, ...]
    """Those that say it more exactly by one step; what supports these in turn is in their own support."""
    total: int
    """How many assertions say it, more exactly or not."""
    reports: int
    """How many reports say it, copies included."""
    origins: Origins
    denied: tuple[Assertion, ...] = ()
    """Those that deny it, or something less exact of which it is a part."""
    denied_origins: Origins = Origins()


@dataclass(frozen=True, slots=True)
class Weakened:
    """Something that would lose an origin, and which it would keep."""

    support: Support
    left: Origins


@dataclass(frozen=True, slots=True)
class Dependence:
    """What rests on a source, a speaker or a report."""

    iri: str
    assertions: tuple[Assertion, ...]
    """All that would fall with it: every chain that leads through it."""
    alone: tuple[Support, ...]
    """What would stand on nothing; with only denials, what nobody would deny any more."""
    weakened: tuple[Weakened, ...]
    """What would stand on fewer origins."""


# ---------------------------------------------------------------- functions


def supports(index: Index, supers: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Support, ...]:
    """Give the support of everything that living assertions say, by subject, predicate and object.

    `supers` are the properties above each property and the classes above each class (`supers`).
    """
    return Corroboration(index, supers or {}).supports()


def support_of(
    index: Index, assertion: Assertion, supers: Mapping[str, tuple[str, ...]] | None = None
) -> Support | None:
    """Give the support of what one assertion says or denies; None if it is withdrawn or not in the corpus.

    For more than one, ask a `Corroboration`, which remembers.
    """
    return Corroboration(index, supers or {}).support_of(assertion)


def stands_on(index: Index, iri: str, supers: Mapping[str, tuple[str, ...]] | None = None) -> Dependence:
    """Give what would fall if a source, a speaker or a report were discredited.

    A source falls alone; with a speaker fall all links in which it speaks, its own voice as a
    publisher among them, but not what others told it to print; with a report, all that it and its
    copies say.
    """
    return Corroboration(index, supers or {}).stands_on(iri)


def supers(triples: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    """Give all properties above each property and all classes above each class, itself excluded.

    `triples` may be `Ontology.axioms` or those of a graph, as IRIs with or without angle brackets.
    """
    above: dict[str, set[str]] = defaultdict(set)
    for subject, predicate, object_ in triples:
        if predicate.strip("<>") in _SUPER:
            above[subject.strip("<>")].add(object_.strip("<>"))
    found: dict[str, tuple[str, ...]] = {}
    for start in sorted(above):
        reached, waiting = {start}, [start]
        while waiting:
            higher = above.get(waiting.pop(), set()) - reached
            reached |= higher
            waiting += higher
        found[start] = tuple(sorted(reached - {start}))
    return found


# ---------------------------------------------------------------- values that can lie in each other


@dataclass(frozen=True, slots=True)
class _Extent:
    """How far a date, a number or a term reaches, doubled so that "about" can be one half wider."""

    key: Hashable
    """The same for what says the same."""
    inner: tuple[Span, ...]
    """Any of these has to lie within the coarser value."""
    outer: Span | None
    """What has to take the finer value in; None where only its like supports it."""
    ends: tuple[Span, Span] | None = None
    """Of a date that lasted: its start and its end, each of which the finer value has to keep."""

    @property
    def height(self) -> tuple[int, float]:
        """Greater for what is less exact."""
        if self.ends:
            return 0, sum(map(_width, self.ends))
        return 1, _width(self.outer or next(iter(self.inner), (0.0, 0.0)))


def _width(span: Span) -> float:
    return 0.0 if span[0] == span[1] else span[1] - span[0]


def _span(low: int | None, high: int | None, wider: int) -> Span:
    return (
        -math.inf if low is None else 2 * low - wider,
        math.inf if high is None else 2 * high + wider,
    )


_match_season = re.compile(r"[0-9]{4}-2[1-4]").match


@lru_cache(maxsize=65536)
def _date(text: str) -> _Extent:
    try:
        date = dates.parse(text)
        if "/" in text:
            return _lasting(text)
    except ValueError:  # a foreign graph may hold anything
        return _Extent(("text", text), (), None)
    span = _days(date)
    if _match_season(text):  # its bounds are those of the year
        return _Extent(("season", text), (span,), None)
    return _Extent(span, (span,), span)


def _lasting(text: str) -> _Extent:
    # An end that is not known takes in any other; one that is open is like no other.
    open_ends = {"": (-math.inf, math.inf), "..": (math.inf, math.inf)}
    parts = text.split("/")
    start, end = (open_ends.get(part) or _days(dates.parse(part)) for part in parts)
    inner = tuple(span for part, span in zip(parts, (start, end), strict=True) if part not in open_ends)
    if any(map(_match_season, parts)):
        return _Extent(("season", text), inner, None)
    return _Extent(("lasting", start, end), inner, None, (start, end))


def _days(date: dates.ReportedDate) -> Span:
    first = date.earliest.toordinal() if date.earliest else None
    last = date.latest.toordinal() if date.latest else None
    return _span(first, last, int(date.approximate))


@lru_cache(maxsize=65536)
def _quantity(text: str) -> _Extent:
    try:
        quantity = quantities.parse_quantity(text)
    except ValueError:
        return _Extent(_folded(text), (), None)
    span = _span(quantity.minimum, quantity.maximum, int(quantity.approximate))
    # "Several" is not made true by any number above two, nor "nearly 30" by any below.
    vague = quantity.minimum == 2 and quantity.maximum is None and not re.search(r"\d", text)
    if vague or (quantity.approximate and math.isinf(span[0])):
        return _Extent(_folded(text), (span,), None)
    return _Extent(span, (span,), span)


_search_strict = re.compile("more|over|less|fewer|under|nearly|almost|close|[<>]").search
_search_days = re.compile("day|week|^p.*[dw]").search


@lru_cache(maxsize=65536)
def _term(text: str) -> _Extent:
    folded = _folded(text)
    try:
        term = quantities.parse_term(text)
    except ValueError:
        return _Extent(folded, (), None)
    if term.kind != "length":
        return _Extent(term.kind, (), None)
    # Bounds are whole months, the end included: more than 3 years is from 36 months.
    wider = -1 if _search_strict(folded) else int(term.approximate)
    span = _span(term.min_months, term.max_months, wider)
    if span[0] > span[1] or _search_days(folded) or (term.approximate and math.isinf(span[0])):
        return _Extent(folded, (_span(term.min_months, term.max_months, 1),), None)
    return _Extent(span, (span,), span)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _text(term: str) -> str:
    try:
        return nt.parse_term(term).value
    except ValueError:
        return term


def _inside(
    bits: Mapping[Hashable, int], inner: Mapping[Hashable, Sequence[Span]], outer: Mapping[Hashable, Span]
) -> dict[Hashable, int]:
    """Give, for each key of `outer`, the bits of all keys that have an inner span within its span.

    A sweep over the starts, with a binary indexed tree over the ends: no pair is looked at.
    """
    spans = sorted(((low, high, key) for key, found in inner.items() for low, high in found), key=_first_two)
    ends = sorted({high for _, high, _ in spans})
    tree = [0] * (len(ends) + 1)
    found: dict[Hashable, int] = {}
    for key, (low, high) in sorted(outer.items(), key=lambda item: -item[1][0]):
        while spans and spans[-1][0] >= low:
            _, end, finer = spans.pop()
            place = bisect_left(ends, end) + 1
            while place < len(tree):
                tree[place] |= bits[finer]
                place += place & -place
        place, taken = bisect_right(ends, high), 0
        while place:
            taken |= tree[place]
            place -= place & -place
        found[key] = taken
    return found


def _first_two(item: tuple[float, float, Hashable]) -> Span:
    return item[:2]


def _taken_in(extents: Mapping[Hashable, _Extent], bits: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Give, for each extent, the bits of all that say the same or say it more exactly."""
    found = dict(bits)
    ways = [_inside(bits, _inner(extents), {k: e.outer for k, e in extents.items() if e.outer is not None})]
    lasting = {key: extent.ends for key, extent in extents.items() if extent.ends}
    starts, ends = (
        _inside(bits, {k: (e[n],) for k, e in lasting.items()}, {k: e[n] for k, e in lasting.items()})
        for n in (0, 1)
    )
    ways.append({key: starts[key] & ends[key] for key in lasting})
    for way in ways:
        for key, more in way.items():
            found[key] |= more
    return found


def _inner(extents: Mapping[Hashable, _Extent]) -> dict[Hashable, Sequence[Span]]:
    return {key: extent.inner for key, extent in extents.items()}


# ---------------------------------------------------------------- one subject


@dataclass(frozen=True, slots=True)
class _Point:
    """What an assertion says, by the seven things in which one can be more exact than another."""

    predicate: str
    value: Hashable
    role: str | None
    count: Hashable
    date: Hashable
    certainty: str
    episode: str | None


@dataclass(slots=True)
class _Thing:
    """One point with all that lies in it, as bits of the block's assertions, tellings and denials."""

    point: _Point
    own: int = 0
    denials: int = 0
    """Bits of assertions that deny this very point."""
    mask: int = 0
    """Bits of assertions that affirm it, more exactly or not."""
    nearest: tuple[_Thing, ...] = ()
    tellings: int = -1
    """Bits of the tellings in `mask`; -1 until they are known."""
    denied: int = 0
    """Bits of assertions that deny it or something less exact."""


class _Block:
    """All that is said of one subject, in the order from most to least exact."""

    def __init__(self, book: Corroboration, subject: str, said: Iterable[Assertion]) -> None:
        self._book = book
        self._subject = subject
        self._extents: dict[str, dict[Hashable, _Extent]] = {"value": {}, "count": {}, "date": {}}
        living = list({a.digest(): a for a in said}.items())
        apart = self._told_apart_by_episode([a for _, a in living])
        points = {digest: self._point(a, apart) for digest, a in living}
        living.sort(key=lambda item: (*self._height(points[item[0]]), repr(points[item[0]]), item[0]))
        self.assertions = tuple(a for _, a in living)
        self._affirmed = sum(1 << i for i, a in enumerate(self.assertions) if a.polarity != "denied")
        self._things: dict[_Point, _Thing] = {}
        self._of: list[_Thing] = []
        for number, (digest, assertion) in enumerate(living):
            thing = self._things.setdefault(points[digest], _Thing(points[digest]))
            if assertion.polarity == "denied":
                thing.denials |= 1 << number
            else:
                thing.own |= 1 << number
            self._of.append(thing)
        self.number = {digest: number for number, (digest, _) in enumerate(living)}
        self._numbered, self._told = self._tellings()
        self._find_masks()
        self._find_tellings()
        self._counted: dict[tuple[int, ...], Origins] = {}

    # ------------------------------------------------------------ points

    def _told_apart_by_episode(self, said: Iterable[Assertion]) -> frozenset[str]:
        """Give the predicates that are said of several episodes, so that each is something of its own."""
        episodes: dict[str, set[frozenset[str]]] = defaultdict(set)
        for assertion in said:
            if assertion.episodes and assertion.predicate not in LASTING:
                episodes[assertion.predicate].add(frozenset(assertion.episodes))
        return frozenset(p for p, found in episodes.items() if not frozenset.intersection(*found))

    def _point(self, assertion: Assertion, apart: Collection[str]) -> _Point:
        narrowed: dict[str, str] = {}
        for property_, term in assertion.qualifiers:
            narrowed.setdefault(property_, _text(term))
        role = narrowed.get(_ROLE)
        episode = None
        if assertion.predicate in apart and assertion.episodes:
            episode = min(assertion.episodes, key=self._book.rank_of_episode)
        return _Point(
            assertion.predicate,
            self._value(assertion),
            role and _folded(role),
            self._extent("count", _quantity(narrowed[KG.count])) if KG.count in narrowed else None,
            self._extent("date", _date(narrowed[KG.date])) if KG.date in narrowed else None,
            # A denial is neither stronger nor weaker than what it denies.
            "stated" if assertion.polarity == "denied" else assertion.certainty,
            episode,
        )

    def _extent(self, dimension: str, extent: _Extent, prefix: str = "") -> Hashable:
        key = (prefix, extent.key)
        self._extents[dimension][key] = extent
        return key

    def _value(self, assertion: Assertion) -> Hashable:
        term = assertion.object
        if term.startswith("<"):
            iri = term[1:-1]
            if iri in ABSENT:
                return ("absent", iri)
            if self._book.is_unknown(iri, assertion.predicate):
                return _SOMETHING
            return ("entity", self._book.one(iri))
        try:
            literal = nt.parse_term(term)
        except ValueError:
            return ("text", term)
        if literal.datatype == KG.Quantity:
            return self._extent("value", _quantity(literal.value), "quantity")
        if literal.datatype == KG.Term:
            return self._extent("value", _term(literal.value), "term")
        return ("text", _folded(literal.value))

    def _height(self, point: _Point) -> tuple[object, ...]:
        """Give a number for each thing in which a point can be less exact, so that sorting goes upwards."""
        value: tuple[int, float] = (0, 0)
        if point.value in self._extents["value"]:
            value = self._extents["value"][point.value].height
        elif point.value == _SOMETHING:
            value = (2, 0)
        elif isinstance(point.value, tuple) and point.value[0] == "entity":
            value = (1, -len(self._book.places(point.value[1])))
        return (
            -len(self._book.supers.get(point.predicate, ())),
            value,
            point.role is None,
            self._extents["count"][point.count].height if point.count else (2, 0),
            self._extents["date"][point.date].height if point.date else (2, 0),
            point.certainty == "alleged",
            (0, self._book.rank_of_episode(point.episode)) if point.episode else (1, (0, 0, "")),
        )

    # ------------------------------------------------------------ what supports what

    def _find_masks(self) -> None:
        """Find what affirms each point: a set of bits for each coordinate, and what all seven sets share."""
        everything = (1 << len(self.assertions)) - 1
        sets: dict[str, dict[Hashable, int]] = {
            name: defaultdict(int)
            for name in ("predicate", "value", "role", "count", "date", "certainty", "episode")
        }
        values = {point.value for point in self._things}
        for number, (assertion, thing) in enumerate(zip(self.assertions, self._of, strict=True)):
            bit, point = 1 << number, thing.point
            for predicate in {point.predicate, *self._book.supers.get(point.predicate, ())}:
                sets["predicate"][predicate] |= bit
            for value in self._values_above(point.value, values):
                sets["value"][value] |= bit
            for role in {point.role, None}:
                sets["role"][role] |= bit
            for certainty in {point.certainty, "alleged"}:
                sets["certainty"][certainty] |= bit
            for episode in {point.episode, None, *assertion.episodes}:
                sets["episode"][episode] |= bit
            sets["count"][point.count] |= bit
            sets["date"][point.date] |= bit
        for name, extents in self._extents.items():
            sets[name].update(_taken_in(extents, {key: sets[name][key] for key in extents}))
        sets["count"][None] = sets["date"][None] = everything
        for point, thing in self._things.items():
            shared = everything
            for name, found in sets.items():
                if name != "certainty":
                    shared &= found[getattr(point, name)]
            thing.mask = shared & sets["certainty"][point.certainty] & self._affirmed
            if thing.denials:
                self._deny(shared, thing.denials)

    def _values_above(self, value: Hashable, wanted: Collection[Hashable]) -> list[Hashable]:
        if not (isinstance(value, tuple) and value[0] == "entity"):
            return [value]
        places = [("entity", place) for place in self._book.places(value[1])]
        return [key for key in (*places, _SOMETHING) if key in wanted]

    def _deny(self, shared: int, denials: int) -> None:
        left = shared
        while left:
            thing = self._of[left.bit_length() - 1]
            thing.denied |= denials
            left &= ~(thing.own | thing.denials)

    def _tellings(self) -> tuple[list[_Telling], list[int]]:
        numbers: dict[_Telling, int] = {}
        told = [1 << numbers.setdefault(self._book.telling(a), len(numbers)) for a in self.assertions]
        return list(numbers), told

    def _find_tellings(self) -> None:
        for thing in sorted(self._things.values(), key=lambda thing: thing.own | thing.denials):
            nearest, left = [], thing.mask & ~thing.own
            while left:
                finer = self._of[left.bit_length() - 1]
                nearest.append(finer)
                left &= ~(finer.mask | finer.own)
            thing.nearest = tuple(nearest)
            tellings = self._told_in(thing.own)
            for finer in nearest:
                # Not known yet only where places lie in each other.
                tellings |= finer.tellings if finer.tellings >= 0 else self._told_in(finer.mask)
            thing.tellings = tellings

    def _told_in(self, assertions: int) -> int:
        found = 0
        for number in _numbers(assertions):
            found |= self._told[number]
        return found

    # ------------------------------------------------------------ answers

    def supports(self) -> tuple[Support, ...]:
        """Give the support of each thing, sorted."""
        return tuple(sorted(map(self.support, self._things.values()), key=_order))

    def thing(self, digest: str) -> _Thing:
        """Give the thing that an assertion says or denies."""
        return self._of[self.number[digest]]

    def things(self) -> Iterable[_Thing]:
        """Give all things that are said or denied."""
        return self._things.values()

    def support(self, thing: _Thing) -> Support:
        """Give the support of one thing."""
        origins = self._origins(thing.tellings)
        total, finer = thing.mask.bit_count(), (thing.mask & ~thing.own).bit_count()
        if finer:
            more = f"{finer:,} of {total:,} assertions say it more exactly"
            more = "the one assertion says it more exactly" if total == 1 else more
            origins = replace(origins, reasons=(*origins.reasons, more))
        return Support(
            self._said(thing),
            self.select(thing.own),
            tuple(a for nearest in thing.nearest for a in self.select(nearest.own)),
            total,
            len({self._numbered[number].report for number in _numbers(thing.tellings)}),
            origins,
            self.select(thing.denied),
            self._origins(self._told_in(thing.denied), "deny"),
        )

    def origins_of(self, assertions: int) -> Origins:
        """Give the origins of some of the assertions, as bits."""
        return self._origins(self._told_in(assertions))

    def select(self, bits: int) -> tuple[Assertion, ...]:
        """Give assertions by their bits, the most exact first."""
        return tuple(self.assertions[number] for number in _numbers(bits))

    def _origins(self, tellings: int, verb: str = "say") -> Origins:
        key = (tellings, verb == "say")
        if key not in self._counted:
            told = [self._numbered[number] for number in _numbers(tellings)]
            self._counted[key] = self._book.origins(told) if told or verb == "say" else Origins()
        return self._counted[key]

    def _said(self, thing: _Thing) -> Said:
        assertions = self.select(thing.own or thing.denials)
        first = min(assertions, key=lambda a: (a.object, a.qualifiers))
        narrowed: dict[str, str] = {}
        for property_, term in first.qualifiers:
            narrowed.setdefault(property_, _text(term))
        iri = first.object[1:-1]
        object_ = f"<{self._book.one(iri)}>" if first.object.startswith("<") else first.object
        point = thing.point
        return Said(
            self._subject,
            point.predicate,
            object_,
            point.certainty,
            narrowed.get(KG.date),
            narrowed.get(_ROLE),
            narrowed.get(KG.count),
            point.episode,
        )


def _order(support: Support) -> tuple[str, ...]:
    said = support.said
    parts = (said.subject, said.predicate, said.object, said.date, said.role, said.count, said.episode)
    return tuple(part or "" for part in (*parts, said.certainty))


def _numbers(bits: int) -> Iterable[int]:
    """Give the numbers of the bits that are set, rising."""
    # A text is walked once; taking bits off a number one by one would copy it each time.
    text = bin(bits)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


# ---------------------------------------------------------------- all subjects


@dataclass(frozen=True, slots=True)
class _Telling:
    """One way in which something came: from which origin, through which source into which report."""

    origin: str
    """The IRI of an entity; of an unknown one, what tells it from others."""
    known: bool
    report: str
    source: str
    own: bool
    """Whether the publisher speaks in its own voice."""


@dataclass(slots=True)
class _Voice:
    """One origin of something, with all ways in which it came."""

    origin: str
    known: bool
    reports: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    own: bool = False


@dataclass(frozen=True)
class Corroboration:
    """Supports of one corpus, worked out when asked for and remembered."""

    index: Index
    supers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What stands above each property and class (`supers`)."""

    def supports(self) -> tuple[Support, ...]:
        """Give the support of everything that living assertions say, by subject, predicate and object."""
        subjects = sorted({self.one(subject) for subject in self.index.about})
        return tuple(support for subject in subjects for support in self._block(subject).supports())

    def about(self, subject: str) -> tuple[Support, ...]:
        """Give the support of everything that is said of one entity, and of those tied to it by same-as."""
        return self._block(self.one(subject)).supports()

    def support_of(self, assertion: Assertion) -> Support | None:
        """Give the support of what an assertion says or denies; None if it is not among the living."""
        block = self._block(self.one(assertion.subject))
        digest = assertion.digest()
        return block.support(block.thing(digest)) if digest in block.number else None

    def count(self, assertions: Iterable[Assertion]) -> Origins:
        """Give the distinct origins of any assertions taken together."""
        return self.origins(self.telling(assertion) for assertion in assertions)

    def stands_on(self, iri: str) -> Dependence:
        """Give what would fall if a source, a speaker or a report were discredited; see `stands_on`."""
        fallen = {a.digest(): a for a in self._resting_on(iri)}
        of: dict[str, list[str]] = defaultdict(list)
        for digest, assertion in fallen.items():
            of[self.one(assertion.subject)].append(digest)
        alone: list[Support] = []
        weakened: list[Weakened] = []
        for subject, digests in of.items():
            block = self._block(subject)
            bits = sum(1 << block.number[digest] for digest in digests)
            for thing in block.things():
                standing = thing.mask or thing.denied
                if not standing & bits:
                    continue
                if not standing & ~bits:
                    alone.append(block.support(thing))
                elif thing.mask:
                    support, left = block.support(thing), block.origins_of(thing.mask & ~bits)
                    if (left.least, left.most) != (support.origins.least, support.origins.most):
                        weakened.append(Weakened(support, left))
        return Dependence(
            iri,
            tuple(fallen[digest] for digest in sorted(fallen)),
            tuple(sorted(alone, key=_order)),
            tuple(sorted(weakened, key=lambda w: _order(w.support))),
        )

    def _resting_on(self, iri: str) -> Iterable[Assertion]:
        index = self.index
        if iri in index.reports:
            return [a for a in index.living if iri in (a.report, *self._originals(a.report))]
        outward: dict[str, list[str]] = defaultdict(list)
        for source in index.corpus.sources:
            outward[source.learned_from or ""].append(source.iri)
        if iri in index.sources:
            waiting, found = [iri], []
        else:
            one = self.one(iri)
            waiting = [s.iri for s in index.corpus.sources if s.speaker and self.one(s.speaker) == one]
            # The voice of its reports in their copies.
            found = [a for a in index.living if self.telling(a).origin == one]
        links = set(waiting)
        while waiting:
            further = [link for link in outward[waiting.pop()] if link not in links]
            links.update(further)
            waiting += further
        return [*found, *(a for link in sorted(links) for a in index.told.get(link, ()))]

    def one(self, iri: str) -> str:
        """Give the entity that stands for all that same-as ties to this one, a named one if there is one."""
        return self._ties.get(iri, iri)

    # ------------------------------------------------------------ what blocks ask for

    @cached_property
    def _blocks(self) -> dict[str, _Block]:
        return {}

    def _block(self, subject: str) -> _Block:
        if subject not in self._blocks:
            said = [a for iri in self._members(subject) for a in self.index.about.get(iri, ())]
            self._blocks[subject] = _Block(self, subject, said)
        return self._blocks[subject]

    @cached_property
    def _places(self) -> dict[str, tuple[str, ...]]:
        return {}

    def places(self, place: str) -> tuple[str, ...]:
        """Give the places that a place lies in, itself first, each as the one that stands for its ties."""
        if place not in self._places:
            found, waiting = {place: None}, list(self._members(place))
            for each in waiting:
                for container in self.index.places_above(each):
                    if (one := self.one(container)) not in found:
                        found[one] = None
                        waiting += [tied for tied in self._members(one) if tied != container]
            self._places[place] = tuple(found)
        return self._places[place]

    def is_unknown(self, iri: str, predicate: str) -> bool:
        """Tell whether an entity is one that a seed's ``unknown`` stands for, of which nothing is known."""
        entity = self.index.entities.get(iri)
        kind = f"_unknown-{kebab(local_name(predicate))}-"
        return entity is not None and entity.unnamed and kind in iri and iri not in self.index.about

    @cached_property
    def _episode_ranks(self) -> dict[str, tuple[int, int, str]]:
        return {
            episode: (len({a.subject for a in said}), len(said), episode)
            for episode, said in self.index.in_episode.items()
        }

    def rank_of_episode(self, episode: str) -> tuple[int, int, str]:
        """Give what sorts a case before the campaign that it is part of: how many it concerns."""
        return self._episode_ranks.get(episode, (0, 0, episode))

    def telling(self, assertion: Assertion) -> _Telling:
        """Give the way in which an assertion came, and its origin."""
        origin, known = self._origin(assertion.source)
        report = self.index.reports.get(assertion.report)
        own = False
        if known:
            origin = self.one(origin)
            own = report is not None and report.publisher is not None and self.one(report.publisher) == origin
            if own and (originals := self._originals(assertion.report)):
                first = self.index.reports.get(originals[-1])
                known = first is not None and first.publisher is not None
                origin = self.one((first and first.publisher) or f"publisher of {originals[-1]}")
        elif origin.endswith(_WITHHELD):
            origin = f"{origin} {assertion.digest()}"  # each may be another
        return _Telling(origin, known, assertion.report, assertion.source, own)

    # ------------------------------------------------------------ who is who

    @cached_property
    def _ties(self) -> dict[str, str]:
        """Give the entity that stands for each IRI that is tied to another."""
        above: dict[str, str] = {}

        def top(iri: str) -> str:
            while (higher := above.get(iri, iri)) != iri:
                above[iri] = above.get(higher, higher)
                iri = higher
            return iri

        for entity in self.index.corpus.entities:
            for same in entity.same_as:
                one, other = sorted((top(entity.iri), top(same)))
                above[other] = one
        tied: dict[str, list[str]] = defaultdict(list)
        for iri in sorted({*above, *above.values()}):
            tied[top(iri)].append(iri)
        entities = self.index.entities
        found: dict[str, str] = {}
        for iris in tied.values():
            first = min(iris, key=lambda iri: (iri not in entities, self._is_unnamed(iri), iri))
            found |= dict.fromkeys(iris, first)
        return found

    @cached_property
    def _tied(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for iri, one in self._ties.items():
            found[one].append(iri)
        return {one: tuple(iris) for one, iris in found.items()}

    def _members(self, one: str) -> tuple[str, ...]:
        return self._tied.get(one, (one,))

    def _is_unnamed(self, iri: str) -> bool:
        entity = self.index.entities.get(iri)
        return entity is not None and entity.unnamed

    def _is_a(self, iri: str, classes: frozenset[str]) -> bool:
        entity = self.index.entities.get(iri)
        if entity is None:
            return False
        return not classes.isdisjoint((entity.class_iri, *self.supers.get(entity.class_iri, ())))

    @cached_property
    def _speakers(self) -> dict[str, tuple[str, bool]]:
        return {}

    def _origin(self, source: str) -> tuple[str, bool]:
        """Give who speaks in the innermost link, and True; or what tells an unknown one apart, and False."""
        known = self._speakers
        path: dict[str, Source] = {}
        link = self.index.sources.get(source)
        while link is not None and link.iri not in known and link.iri not in path:
            path[link.iri] = link
            link = self.index.sources.get(link.learned_from or "")
        if link is None:
            last = next(reversed(path.values()), None)
            found = (last.speaker, True) if last and last.speaker else (last.iri if last else source, False)
        elif link.iri in known:
            found = known[link.iri]
        else:
            found = (min(path), False)  # nobody is innermost in a chain that comes back to itself
        for iri in path:
            known[iri] = found
        return found

    @cached_property
    def _copies(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _originals(self, report: str) -> tuple[str, ...]:
        """Give the reports that a report is copied from, the nearest first."""
        if report not in self._copies:
            path: dict[str, None] = {}
            each: str | None = report
            while each is not None and each not in path:
                path[each] = None
                found = self.index.reports.get(each)
                each = found.copied_from if found else None
            chain = list(path)
            if each is not None:  # the first of a circle, by IRI, counts as the original
                start = chain.index(each)
                circle = chain[start:]
                chain = chain[:start] + circle[: circle.index(min(circle)) + 1]
            self._copies[report] = tuple(chain[1:])
        return self._copies[report]

    @cached_property
    def _reports_of(self) -> dict[str, set[str]]:
        """Give the reports that speak of an entity or in which it speaks or publishes."""
        found: dict[str, set[str]] = defaultdict(set)
        walked: set[tuple[str, str]] = set()
        for assertion in self.index.living:
            report = assertion.report
            found[self.one(assertion.subject)].add(report)
            found[self.one(assertion.object[1:-1])].add(report)
            link = self.index.sources.get(assertion.source)
            while link is not None and (link.iri, report) not in walked:
                walked.add((link.iri, report))
                if link.speaker:
                    found[self.one(link.speaker)].add(report)
                link = self.index.sources.get(link.learned_from or "")
        for each in {report for reports in found.values() for report in reports}:
            for report in (each, *self._originals(each)):
                described = self.index.reports.get(report)
                if described is not None and described.publisher:
                    found[self.one(described.publisher)].add(each)
        return found

    @cached_property
    def _relations(self) -> dict[str, frozenset[str]]:
        """Give in what relation an entity is said to speak, as single words."""
        found: dict[str, set[str]] = defaultdict(set)
        for source in self.index.corpus.sources:
            if source.speaker and source.relation:
                words = re.split(r"[^\w-]+", source.relation.casefold().partition(" of ")[0])
                found[self.one(source.speaker)] |= {word.removesuffix("s") for word in words} | set(words)
        return {iri: frozenset(words) for iri, words in found.items()}

    def _are_apart(self, one: str, other: str) -> bool:
        """Tell whether two origins cannot be the same, or one a part of the other."""
        groups = self._is_a(one, _GROUPS) + self._is_a(other, _GROUPS)
        bodies = self._is_a(one, _BODIES) + self._is_a(other, _BODIES)
        named = not (self._is_unnamed(one) or self._is_unnamed(other))
        if named and groups != 1:
            return True
        if named and bodies:
            return True
        if self._reports_of[one].isdisjoint(self._reports_of[other]):
            return False
        if groups == 0 or bodies:
            return True
        return self._is_family_and_friend(one, other) or self._is_family_and_friend(other, one)

    def _is_family_and_friend(self, family: str, friend: str) -> bool:
        nobody: frozenset[str] = frozenset()
        kin, others = self._relations.get(family, nobody), self._relations.get(friend, nobody)
        return bool(kin & _FAMILY and others & _OTHERS) and not (kin & _OTHERS or others & _FAMILY)

    # ------------------------------------------------------------ counting

    def origins(self, tellings: Iterable[_Telling]) -> Origins:
        """Give how many distinct origins some tellings have, and why."""
        voices: dict[str, _Voice] = {}
        for telling in tellings:
            voice = voices.setdefault(telling.origin, _Voice(telling.origin, telling.known))
            voice.reports.add(telling.report)
            voice.sources.add(telling.source)
            voice.own |= telling.own
        if not voices:
            return Origins(reasons=("nobody says so",))
        ordered = [voices[origin] for origin in sorted(voices)]
        known = [voice for voice in ordered if voice.known]
        told_in = {report for voice in ordered for report in voice.reports}
        heard = [voice for voice in ordered if not self._is_copied(voice, told_in)]
        certain = self._distinct([voice for voice in heard if voice.known])
        if len(heard) < len(ordered):  # a copy may tell apart what the original does not
            certain = max(certain, self._distinct(known), key=len)
        counted = {voice.origin for voice in certain}
        more = max(len(heard) - len(certain), 0)
        rest = [voice for voice in heard if voice.known and voice.origin not in counted][:more]
        reasons = (
            self._lead(certain, ordered),
            *self._group_reasons(certain),
            *self._rest_reasons(certain, rest),
            *_unknown_reasons(more - len(rest), len(certain)),
            *self._copy_reasons(told_in),
            *self._tie_reasons(known),
        )
        return Origins(len(certain), len(certain) + more, reasons, tuple(voice.origin for voice in known))

    def _distinct(self, voices: Sequence[_Voice]) -> list[_Voice]:
        """Give voices no two of which can be the same; as many as are found, never too many."""
        groups = [v for v in voices if self._is_a(v.origin, _GROUPS)]
        groups.sort(key=lambda v: self._is_unnamed(v.origin))
        single = [v for v in voices if not self._is_a(v.origin, _GROUPS)]
        named = [v for v in single if not self._is_unnamed(v.origin)]
        unnamed: dict[str, list[_Voice]] = defaultdict(list)
        for voice in single:
            if self._is_unnamed(voice.origin):
                for report in self._reports_of[voice.origin]:
                    unnamed[report].append(voice)
        for voice in named:
            for report in self._reports_of[voice.origin] & unnamed.keys():
                unnamed[report].append(voice)
        # Of one report all are distinct; an unnamed one may be any that another report names.
        fullest = heapq.nlargest(NAMES_SHOWN, sorted(unnamed), key=lambda report: len(unnamed[report]))
        best = self._with_groups(named, groups)
        for voices_of_one in (unnamed[report] for report in fullest):
            found = self._with_groups(voices_of_one, groups)
            best = found if len(found) > len(best) else best
        if len(groups) > 1:
            found = self._with_groups([], groups)
            found += [v for v in named if all(self._are_apart(v.origin, g.origin) for g in found)]
            best = found if len(found) > len(best) else best
        return best

    def _with_groups(self, single: Sequence[_Voice], groups: Iterable[_Voice]) -> list[_Voice]:
        found = list(single)
        for group in groups:
            if all(self._are_apart(group.origin, voice.origin) for voice in found):
                found.append(group)
        return found

    def _is_copied(self, voice: _Voice, told_in: Collection[str]) -> bool:
        """Tell whether a voice is heard only in copies of reports that say the same."""
        if voice.known and not self._is_unnamed(voice.origin):
            return False
        return all(any(original in told_in for original in self._originals(r)) for r in voice.reports)

    # ------------------------------------------------------------ reasons

    def _lead(self, certain: Sequence[_Voice], voices: Sequence[_Voice]) -> str:
        if not certain:
            return "at least 0: from whom it comes is not known"
        names = _listed([self._name(voice) for voice in certain])
        through = ""
        if len(voices) == 1:
            (voice,) = voices
            if len(voice.reports) > 1:
                through = f", through {_number(len(voice.reports))} reports"
            elif len(voice.sources) > 1:
                through = f", through {_number(len(voice.sources))} sources"
        return f"at least {len(certain)}: {names}{through}"

    def _name(self, voice: _Voice) -> str:
        return self.index.label(voice.origin) + (" in its own voice" if voice.own else "")

    def _group_reasons(self, certain: Sequence[_Voice]) -> list[str]:
        groups = [v for v in certain if self._is_a(v.origin, _GROUPS)]
        return _shortened([f"a group counts as one: {self._name(voice)}" for voice in groups])

    def _rest_reasons(self, certain: Sequence[_Voice], rest: Sequence[_Voice]) -> list[str]:
        taken = set(map(self._name, certain)) if rest else set()
        reasons = []
        for voice in rest[:NAMES_SHOWN]:
            name = self._name(voice)
            if name in taken:
                name += f" in “{self.index.label(min(voice.reports))}”"
            if self._is_a(voice.origin, _GROUPS):
                reasons.append(f"one more if {name} are other people")
            else:
                kind = "organization" if self._is_a(voice.origin, _BODIES) else "person"
                reasons.append(f"one more if {name} is another {kind}")
        if (left := len(rest) - NAMES_SHOWN) > 0:
            reasons.append(f"up to {left:,} more if others are other people too")
        return reasons

    def _copy_reasons(self, told_in: Iterable[str]) -> list[str]:
        copies = sorted((report, found) for report in told_in if (found := self._originals(report)))
        return _shortened(
            [
                f"“{self.index.label(copy)}” is copied from “{self.index.label(found[0])}”"
                for copy, found in copies
            ]
        )

    def _tie_reasons(self, voices: Iterable[_Voice]) -> list[str]:
        reasons = []
        for voice in voices:
            if voice.origin not in self._tied:
                continue
            said = {iri for iri, known in map(self._origin, voice.sources) if known}
            if len(said) > 1:
                reasons.append(f"one by same-as: {_listed([self.index.label(iri) for iri in sorted(said)])}")
        return _shortened(reasons)


def _unknown_reasons(number: int, least: int) -> list[str]:
    if number == 0 or least + number == 1:
        return []
    if least == 0:
        return [f"at most {number:,}, if each is another"]
    if number == 1:
        return ["one more if the origin that is not known is another"]
    return [f"up to {number:,} more if the origins that are not known are others"]


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        shown.append(f"{len(names) - NAMES_SHOWN:,} more")
    if len(shown) < 3:
        return " and ".join(shown)
    return f"{'; '.join(shown[:-1])}; and {shown[-1]}"


def _shortened(reasons: Sequence[str]) -> list[str]:
    left = len(reasons) - NAMES_SHOWN
    return [*reasons[:NAMES_SHOWN], *([f"{left:,} more of this kind"] if left > 0 else [])]


def _number(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else f"{number:,}"
