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

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, TypeAlias

from kg import dates, nt, quantities, rdf
from kg.index import ABSENT, Index
from kg.model import Assertion, Corpus, Source
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
    undenied: tuple[Support, ...] = ()
    """What others affirm, and nobody would deny any more."""


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


# ---------------------------------------------------------------- who tells it


@dataclass(frozen=True, slots=True)
class _Telling:
    """One way in which something came: from which origin, through which source into which report."""

    origin: str
    """The IRI of an entity; of an unknown one, what tells it from others."""
    known: bool
    report: str
    source: str
    speaker: str
    """The origin before ties and copies are looked at."""
    own: bool
    """Whether the publisher speaks in its own voice."""


class _Tally:
    """Who tells some assertions, in numbers whose bits are tellings, origins and reports.

    Such a number stands for each assertion, and joined ones for any set of them: what a set of
    10,000 comes to costs no more than what a set of one does.
    """

    def __init__(self, book: Corroboration, assertions: Iterable[Assertion]) -> None:
        self._book = book
        told = [book.telling(assertion) for assertion in assertions]
        self._tellings = list(dict.fromkeys(told))
        self._voices = sorted({telling.origin for telling in told})
        self._reports = sorted({telling.report for telling in told})
        self._first_voice = len(self._tellings)
        self._first_report = self._first_voice + len(self._voices)
        voices = {origin: number for number, origin in enumerate(self._voices)}
        reports = {report: number for number, report in enumerate(self._reports)}
        numbers = {
            telling: 1 << number
            | 1 << self._first_voice + voices[telling.origin]
            | 1 << self._first_report + reports[telling.report]
            for number, telling in enumerate(self._tellings)
        }
        self._told = [numbers[telling] for telling in told]
        self._of_voice: dict[int, int] = defaultdict(int)
        self._known = self._own = 0
        for number, telling in enumerate(self._tellings):
            self._of_voice[voices[telling.origin]] |= 1 << number
            self._known |= telling.known << voices[telling.origin]
            self._own |= telling.own << number
        self._groups = self._which(lambda origin: book.is_a(origin, _GROUPS))
        self._unnamed = self._which(book.is_unnamed)
        self._tied = self._which(book.is_tied)
        self._in_report = self._told_apart(voices)
        self._originals = {
            number: tuple(reports[original] for original in originals if original in reports)
            for number, report in enumerate(self._reports)
            if (originals := book.originals(report))
        }
        self._counted: dict[int, Origins] = {}

    def _which(self, holds: Callable[[str], bool]) -> int:
        return self._known & sum(holds(origin) << number for number, origin in enumerate(self._voices))

    def _told_apart(self, voices: Mapping[str, int]) -> list[int]:
        """Give whom each report tells apart that speaks of somebody unnamed, the most first."""
        found: dict[str, int] = defaultdict(int)
        single = self._known & ~self._groups
        for number in _numbers(single & self._unnamed):
            for report in self._book.reports_of(self._voices[number]):
                found[report] |= 1 << number
        for number in _numbers(single & ~self._unnamed):
            for report in self._book.reports_of(self._voices[number]) & found.keys():
                found[report] |= 1 << number
        return sorted(found.values(), key=lambda bits: (-bits.bit_count(), bits))

    def told_in(self, assertions: int) -> int:
        """Give the number that stands for some of the assertions, as bits."""
        found = 0
        for number in _numbers(assertions):
            found |= self._told[number]
        return found

    def reports(self, told: int) -> int:
        """Give how many reports there are."""
        return (told >> self._first_report).bit_count()

    def origins(self, told: int) -> Origins:
        """Give how many distinct origins there are, and why."""
        if told not in self._counted:
            voices = (told & (1 << self._first_report) - 1) >> self._first_voice
            tellings = told & (1 << self._first_voice) - 1
            self._counted[told] = self._count(tellings, voices, told >> self._first_report)
        return self._counted[told]

    def _count(self, tellings: int, voices: int, reports: int) -> Origins:
        if not voices:
            return Origins(reasons=("nobody says so",))
        copied = self._only_copied(tellings, voices, reports)
        heard = voices & ~copied
        certain = self._distinct(heard & self._known)
        if copied:  # a copy may tell apart what the original does not
            certain = max(certain, self._distinct(voices & self._known), key=int.bit_count)
        least = certain.bit_count()
        more = max(heard.bit_count() - least, 0)
        rest = heard & self._known & ~certain
        others = min(rest.bit_count(), more)
        reasons = (
            self._lead(certain, tellings, voices, reports),
            *self._group_reasons(certain, tellings),
            *self._rest_reasons(certain, rest, others, tellings),
            *_unknown_reasons(more - others, least),
            *self._copy_reasons(reports),
            *self._tie_reasons(voices & self._tied, tellings),
        )
        return Origins(least, least + more, reasons)

    # ------------------------------------------------------------ who is distinct

    def _distinct(self, voices: int) -> int:
        """Give voices no two of which can be the same: as many as are found, never too many."""
        named = voices & ~self._groups & ~self._unnamed
        groups = sorted(_numbers(voices & self._groups), key=lambda number: self._unnamed >> number & 1)
        # Of one report all are distinct; an unnamed one may be anybody whom another report names.
        best = named or _lowest(voices & ~self._groups)
        for told_apart in self._in_report:
            if told_apart.bit_count() <= best.bit_count():
                break
            best = max(best, voices & told_apart, key=int.bit_count)
        if not groups:
            return best
        only = self._with_groups(0, groups)
        for number in _numbers(named):
            if all(self._are_apart(number, group) for group in _numbers(only & self._groups)):
                only |= 1 << number
        return max(self._with_groups(best, groups), self._with_groups(named, groups), only, key=int.bit_count)

    def _with_groups(self, voices: int, groups: Iterable[int]) -> int:
        for group in groups:
            if all(self._are_apart(group, number) for number in _numbers(voices)):
                voices |= 1 << group
        return voices

    def _are_apart(self, one: int, other: int) -> bool:
        return self._book.are_apart(self._voices[one], self._voices[other])

    def _only_copied(self, tellings: int, voices: int, reports: int) -> int:
        """Give the voices that may be new and are heard only in copies of reports that say the same."""
        copies = {n for n, originals in self._originals.items() if any(reports >> o & 1 for o in originals)}
        if not copies:
            return 0
        numbers = {report: number for number, report in enumerate(self._reports)}
        found = 0
        for voice in _numbers(voices & (self._unnamed | ~self._known)):
            told = _numbers(self._of_voice[voice] & tellings)
            if all(numbers[self._tellings[number].report] in copies for number in told):
                found |= 1 << voice
        return found

    # ------------------------------------------------------------ reasons

    def _lead(self, certain: int, tellings: int, voices: int, reports: int) -> str:
        if not certain:
            return "at least 0: from whom it comes is not known"
        through = ""
        if voices.bit_count() == 1:
            sources = {self._tellings[number].source for number in _numbers(tellings)}
            if reports.bit_count() > 1:
                through = f", through {_in_words(reports.bit_count())} reports"
            elif len(sources) > 1:
                through = f", through {_in_words(len(sources))} sources"
        names = [self._name(number, tellings) for number in _first(certain)]
        return f"at least {certain.bit_count():,}: {_listed(names, certain.bit_count())}{through}"

    def _name(self, voice: int, tellings: int) -> str:
        own = self._of_voice[voice] & tellings & self._own
        return self._book.index.label(self._voices[voice]) + (" in its own voice" if own else "")

    def _group_reasons(self, certain: int, tellings: int) -> list[str]:
        groups = certain & self._groups
        shown = [f"a group counts as one: {self._name(voice, tellings)}" for voice in _first(groups)]
        return _shortened(shown, groups.bit_count())

    def _rest_reasons(self, certain: int, rest: int, number: int, tellings: int) -> list[str]:
        taken = {self._name(voice, tellings) for voice in _first(certain)} if number else set()
        shown = []
        for voice in _first(rest)[:number]:
            name = self._name(voice, tellings)
            if name in taken:
                told = next(iter(_numbers(self._of_voice[voice] & tellings)))
                name += f" in “{self._book.index.label(self._tellings[told].report)}”"
            if self._groups >> voice & 1:
                shown.append(f"one more if {name} are other people")
            else:
                kind = "organization" if self._book.is_a(self._voices[voice], _BODIES) else "person"
                shown.append(f"one more if {name} is another {kind}")
        if number > len(shown):
            shown.append(f"up to {number - len(shown):,} more in the same way")
        return shown

    def _copy_reasons(self, reports: int) -> list[str]:
        label, book = self._book.index.label, self._book
        copies = [self._reports[number] for number in sorted(self._originals) if reports >> number & 1]
        shown = [f"“{label(copy)}” is copied from “{label(book.originals(copy)[0])}”" for copy in copies]
        return _shortened(shown[:NAMES_SHOWN], len(shown))

    def _tie_reasons(self, voices: int, tellings: int) -> list[str]:
        shown = []
        for voice in _first(voices):
            told = (self._tellings[number] for number in _numbers(self._of_voice[voice] & tellings))
            names = sorted({self._book.index.label(telling.speaker) for telling in told})
            if len(names) > 1:
                shown.append(f"one by same-as: {_listed(names[:NAMES_SHOWN], len(names))}")
        return shown


def _unknown_reasons(number: int, least: int) -> list[str]:
    if number == 0 or least + number == 1:
        return []
    if least == 0:
        return [f"at most {number:,}, if each is another"]
    if number == 1:
        return ["one more if the origin that is not known is another"]
    return [f"up to {number:,} more if the origins that are not known are others"]


def _first(bits: int) -> list[int]:
    return list(islice(_numbers(bits), NAMES_SHOWN))


def _lowest(bits: int) -> int:
    return bits & -bits


def _listed(names: Sequence[str], number: int) -> str:
    shown = [*names, *([f"{number - len(names):,} more"] if number > len(names) else [])]
    if len(shown) < 3:
        return " and ".join(shown)
    return f"{'; '.join(shown[:-1])}; and {shown[-1]}"


def _shortened(shown: list[str], number: int) -> list[str]:
    return [*shown, *([f"{number - len(shown):,} more of this kind"] if number > len(shown) else [])]


def _in_words(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else f"{number:,}"


def _numbers(bits: int) -> Iterable[int]:
    """Give the numbers of the bits that are set, rising."""
    if bits.bit_count() < 8:
        while bits:
            yield (lowest := _lowest(bits)).bit_length() - 1
            bits ^= lowest
        return
    # A text is walked once; taking many bits off a number one by one would copy it each time.
    text = bin(bits)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


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
    """One point with all that lies in it, as bits of the block's assertions."""

    point: _Point
    own: int = 0
    denials: int = 0
    """Bits of assertions that deny this very point."""
    mask: int = 0
    """Bits of assertions that affirm it, more exactly or not."""
    nearest: tuple[_Thing, ...] = ()
    told: int = -1
    """Who tells what is in `mask`, as `_Tally` has it; -1 until that is known."""
    denied: int = 0
    """Bits of assertions that deny it or something less exact."""


class _Block:
    """All that is said of one subject, in the order from most to least exact."""

    def __init__(self, book: Corroboration, subject: str, said: Iterable[Assertion]) -> None:
        self._book = book
        self._subject = subject
        self._extents: dict[str, dict[Hashable, _Extent]] = {"value": {}, "count": {}, "date": {}}
        living = [(a.digest(), a) for a in rdf.merge(Corpus(assertions=tuple(said))).assertions]
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
        self._tally = _Tally(book, self.assertions)
        self._find_masks()
        self._find_tellers()
        self._denials: dict[int, tuple[tuple[Assertion, ...], Origins]] = {0: ((), Origins())}

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

    def _find_tellers(self) -> None:
        for thing in sorted(self._things.values(), key=lambda thing: thing.own | thing.denials):
            nearest, left = [], thing.mask & ~thing.own
            while left:
                finer = self._of[left.bit_length() - 1]
                nearest.append(finer)
                left &= ~(finer.mask | finer.own)
            thing.nearest = tuple(nearest)
            told = self._tally.told_in(thing.own)
            for finer in nearest:
                # Not known yet only where places lie in each other.
                told |= finer.told if finer.told >= 0 else self._tally.told_in(finer.mask)
            thing.told = told

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
        origins = self._tally.origins(thing.told)
        if thing.denied not in self._denials:
            denied_by = self._tally.origins(self._tally.told_in(thing.denied))
            self._denials[thing.denied] = self.select(thing.denied), denied_by
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
            self._tally.reports(thing.told),
            origins,
            *self._denials[thing.denied],
        )

    def origins_of(self, assertions: int) -> Origins:
        """Give the origins of some of the assertions, as bits."""
        return self._tally.origins(self._tally.told_in(assertions))

    def select(self, bits: int) -> tuple[Assertion, ...]:
        """Give assertions by their bits, the most exact first."""
        return tuple(self.assertions[number] for number in _numbers(bits))

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


# ---------------------------------------------------------------- all subjects


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
        said = tuple(assertions)
        tally = _Tally(self, said)
        return tally.origins(tally.told_in((1 << len(said)) - 1))

    def stands_on(self, iri: str) -> Dependence:
        """Give what would fall if a source, a speaker or a report were discredited; see `stands_on`."""
        fallen = {a.digest(): a for a in self._resting_on(iri)}
        of: dict[str, list[str]] = defaultdict(list)
        for digest, assertion in fallen.items():
            of[self.one(assertion.subject)].append(digest)
        alone: list[Support] = []
        weakened: list[Weakened] = []
        undenied: list[Support] = []
        for subject, digests in of.items():
            block = self._block(subject)
            bits = sum(1 << block.number[digest] for digest in digests)
            for thing in block.things():
                if thing.mask and thing.denied & bits and not thing.denied & ~bits:
                    undenied.append(block.support(thing))
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
            tuple(sorted(undenied, key=_order)),
        )

    def _resting_on(self, iri: str) -> Iterable[Assertion]:
        index = self.index
        if iri in index.reports:
            return [a for a in index.living if iri in (a.report, *self.originals(a.report))]
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
        speaker, known = self._origin(assertion.source)
        origin = speaker
        report = self.index.reports.get(assertion.report)
        own = False
        if known:
            origin = self.one(origin)
            own = report is not None and report.publisher is not None and self.one(report.publisher) == origin
            if own and (originals := self.originals(assertion.report)):
                first = self.index.reports.get(originals[-1])
                known = first is not None and first.publisher is not None
                origin = self.one((first and first.publisher) or f"publisher of {originals[-1]}")
        elif origin.endswith(_WITHHELD):
            origin = f"{origin} {assertion.digest()}"  # each may be another
        return _Telling(origin, known, assertion.report, assertion.source, speaker, own)

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
            first = min(iris, key=lambda iri: (iri not in entities, self.is_unnamed(iri), iri))
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

    def is_tied(self, one: str) -> bool:
        """Tell whether an entity stands for others too."""
        return one in self._tied

    def is_unnamed(self, iri: str) -> bool:
        """Tell whether an entity has no name."""
        entity = self.index.entities.get(iri)
        return entity is not None and entity.unnamed

    def is_a(self, iri: str, classes: frozenset[str]) -> bool:
        """Tell whether an entity is of one of some classes, or of one below them."""
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

    def originals(self, report: str) -> tuple[str, ...]:
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

    def reports_of(self, one: str) -> set[str]:
        """Give the reports that speak of an entity or in which it speaks or publishes."""
        return self._reports.get(one, set())

    @cached_property
    def _reports(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        walked: set[tuple[str, str]] = set()
        for assertion in self.index.living:
            report = assertion.report
            found[self.one(assertion.subject)].add(report)
            if assertion.object.startswith("<"):
                found[self.one(assertion.object[1:-1])].add(report)
            link = self.index.sources.get(assertion.source)
            while link is not None and (link.iri, report) not in walked:
                walked.add((link.iri, report))
                if link.speaker:
                    found[self.one(link.speaker)].add(report)
                link = self.index.sources.get(link.learned_from or "")
        for each in {report for reports in found.values() for report in reports}:
            for report in (each, *self.originals(each)):
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

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether two origins cannot be the same, or one a part of the other."""
        groups = self.is_a(one, _GROUPS) + self.is_a(other, _GROUPS)
        bodies = self.is_a(one, _BODIES) + self.is_a(other, _BODIES)
        named = not (self.is_unnamed(one) or self.is_unnamed(other))
        if named and groups != 1:
            return True
        if named and bodies:
            return True
        if self.reports_of(one).isdisjoint(self.reports_of(other)):
            return False
        if groups == 0 or bodies:
            return True
        return self._is_family_and_friend(one, other) or self._is_family_and_friend(other, one)

    def _is_family_and_friend(self, family: str, friend: str) -> bool:
        nobody: frozenset[str] = frozenset()
        kin, others = self._relations.get(family, nobody), self._relations.get(friend, nobody)
        return bool(kin & _FAMILY and others & _OTHERS) and not (kin & _OTHERS or others & _FAMILY)
