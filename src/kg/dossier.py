"""What is said of one person, place, court, source, report or assertion: a dossier, as values.

`find` tells who is meant, `dossier` gathers what is said; `kg.dossier_text` and
`kg.dossier_html` write it down. Texts in a dossier are as they stand in the graph: whoever
writes them down escapes them for where they go.
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kg import nt, wording
from kg.chronology import stage_of
from kg.index import ABSENT, LOCATED_IN, Index, date_of, qualifier
from kg.model import Access, Assertion, Entity, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.ontology import kebab, local_name
from kg.problems import KgError
from kg.rdf import assertion_iri
from kg.terms import KG

if TYPE_CHECKING:
    from kg.conflicts import Conflict
    from kg.corroboration import Corroboration, Origins, Said

MAX_LINKS = 12
"""Links of one chain of tellers that are put in words."""

Labels = Mapping[str, str]
"""Words for classes and properties, by IRI; what is not in it is called by its name in the ontology."""

# ---------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Link:
    """One teller of a chain: who, and how that teller knows."""

    source: str
    who: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One assertion, and what there is to know about it."""

    assertion: str
    sure: str
    """stated, alleged, denied, or "denied, as alleged"."""
    chain: tuple[Link, ...]
    """The tellers, the outermost first; at most `MAX_LINKS`."""
    told_to: str
    """The publisher whom the outermost teller told; empty where the publisher itself speaks."""
    chain_end: str
    """Empty, or why the chain ends where it does: circle, cut, long."""
    report: int
    """Number of the report in `Dossier.reports`."""
    start: int
    end: int
    """The first character after the passage; 0 where there is no passage."""
    digest: str
    record: str
    row: str
    """The row of a table that says it, in words; else empty."""
    date: str | None
    """EDTF, as reported."""
    when: str
    """The date in words; "no date reported" where a date would be expected; else empty."""
    inferred: bool
    details: tuple[tuple[str, str, str], ...]
    """What narrows it: key of the qualifier, its value, and both in words."""
    method: str
    by_whom: str
    """Of an extracted one, which program proposed it and who accepted it; else empty."""
    episodes: tuple[str, ...]
    note: str | None
    withdrawn: Withdrawal | None
    corrects: str
    """What the assertion says in whose place this one stands; else empty."""
    corrected_by: str
    """What the assertion says that stands in the place of this one; else empty."""
    restricted: bool
    origins: Origins | None = None
    """Distinct origins of just this, with its date, those that say it more exactly included."""
    disputes: tuple[int, ...] = ()
    """Numbers of findings in `Dossier.disputes`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that may be so, with everybody who says or denies it."""

    label: str
    """What it says of whom, where the topic does not; else empty."""
    value: str
    language: str | None
    iri: str
    """The entity that the value is; empty for a text."""
    within: tuple[str, ...]
    """Places that a place lies in, the nearest first."""
    case: str
    """Which arrest or case it belongs to, where the topic speaks of several; else empty."""
    beside: str
    """What belongs with it: the term of who was sentenced by this court."""
    predicate: str
    subject: str
    tellings: tuple[Telling, ...]
    origins: Origins | None = None
    """Distinct origins of those who state it, or, where nobody does, of those who allege it."""
    denials: Origins | None = None
    """Distinct origins of those who deny it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What stands side by side: claims that answer one question."""

    title: str
    claims: tuple[Claim, ...]
    iri: str = ""
    """Whom the topic is about, where that is not whom the dossier is about."""


@dataclass(frozen=True, slots=True)
class Section:
    """Topics under one heading."""

    title: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and where it comes from."""

    text: str
    language: str | None
    listed: bool
    """True where the project lists it; False where only reports give it."""
    tellings: tuple[Telling, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a report, a source, an episode or an assertion itself."""

    label: str
    text: str
    iri: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known."""

    text: str
    quoted: str = ""
    """What tellers add to it."""
    named: str = ""
    """What stands for ``{}`` in the text."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told through one source."""

    source: str
    label: str
    listeners: tuple[str, ...]
    """Whom this source told: other tellers, and publishers; none where a publisher itself speaks."""
    assertions: int
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """Claims that a rule finds at odds with each other."""

    number: int
    rule: str
    message: str
    sides: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Weaker:
    """Something that would stand on fewer origins."""

    subject: str
    said: str
    before: Origins
    left: Origins


@dataclass(frozen=True, slots=True)
class Falls:
    """What would become of the rest if this source, speaker or report were discredited."""

    assertions: int
    """How many would fall."""
    things: int
    """How many things said would stand on nothing."""
    alone: tuple[Topic, ...]
    """Those things; of a report only their number is given."""
    weaker: tuple[Weaker, ...]
    undenied: int = 0
    """How many things that others affirm nobody would deny any more."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A report that the dossier refers to by number."""

    number: int
    iri: str
    title: str
    language: str | None
    publisher: str
    published: str | None
    url: str | None
    archive_url: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that is said of one thing; nothing in it is escaped."""

    iri: str
    base: str
    """The namespace in which `key_of` shortens IRIs."""
    kind: str
    title: str
    unnamed: bool = False
    restricted: bool = False
    names: tuple[Name, ...] = ()
    same_as: tuple[str, ...] = ()
    note: str | None = None
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    gaps: tuple[Gap, ...] = ()
    tells: tuple[Told, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    falls: Falls | None = None
    """What rests on this source, speaker or report; None where that was not worked out."""
    withdrawn: tuple[Topic, ...] = ()
    reports: tuple[Cited, ...] = ()


# ---------------------------------------------------------------- finding what is meant


def find(index: Index, name: str, *, base: str = DEFAULT_BASE) -> tuple[str, ...]:
    """Give the IRIs that `name` may mean, sorted: one, several to choose from, or none.

    Tried in this order, and the first that fits anything decides: an IRI, with or without
    ``<>``; ``id:`` and a key; a key, that of a report, source or episode without its prefix
    too; the 32 digits of an assertion; a name as written; the last part of an unnamed
    entity's key; six or more first digits of an assertion; a name without regard to case,
    accents, apostrophes and spaces; a name that holds every word; one that holds every word
    as a part. Names go before descriptions of the unnamed, titles and labels of sources.
    """
    wanted = name.strip()
    if not wanted:
        return ()
    search = _Search(index, base)
    for fitting in (search.by_identifier, search.by_exact_name, search.by_short_key, search.by_digits):
        if found := fitting(wanted):
            return tuple(sorted(found))
    return tuple(sorted(search.by_likeness(wanted)))


def near_names(index: Index, name: str, *, most: int = 5) -> tuple[str, ...]:
    """Give names like one that `find` did not find, the nearest first."""
    folded: dict[str, str] = {}
    for text, _ in (*_names(index), *_descriptions(index)):
        folded.setdefault(_fold(text), text)
    wanted = _fold(name)
    near = difflib.get_close_matches(wanted, sorted(folded), n=most, cutoff=0.6)
    return tuple(folded[text] for text in near)


def kind_of(index: Index, iri: str, labels: Labels | None = None) -> str:
    """Give the word for what an IRI names: person, court, report, assertion …"""
    if (entity := index.entities.get(iri)) is not None:
        return _word(entity.class_iri, labels)
    for kind, table in (("report", index.reports), ("source", index.sources), ("episode", index.episodes)):
        if iri in table:
            return kind
    return "assertion" if _ASSERTION.search(iri) else "thing"


def key_of(iri: str, base: str) -> str:
    """Give the short form that `find` takes: ``id:`` and a key, or the whole IRI of another namespace."""
    return f"id:{iri.removeprefix(base)}" if iri.startswith(base) else iri


_NAME = KG_NAMESPACE + "name"
_ASSERTION = re.compile("assertion_[0-9a-f]{32}$")
_PREFIXES = ("", "report_", "source_", "episode_")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02bb`\u00b4]")
# Scripts written without spaces: there a word is any part of a name.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    # Marks after case: the lower case of some letters holds one. U+0640 only stretches Arabic letters.
    kept = "".join(
        c for c in unicodedata.normalize("NFKD", plain) if unicodedata.category(c) not in ("Mn", "Cf")
    )
    return " ".join(re.sub(r"[^\w]|_|\u0640", " ", kept.replace("\u0640", "")).split())


def _names(index: Index) -> Iterator[tuple[str, str]]:
    for entity in index.corpus.entities:
        if not entity.unnamed:
            yield entity.label, entity.iri
        for text in (*entity.also, *(text for _, text in entity.names)):
            yield text, entity.iri
    for assertion in index.living:
        if assertion.predicate == _NAME and assertion.polarity == "affirmed":
            yield index.value(assertion.object), assertion.subject


def _descriptions(index: Index) -> Iterator[tuple[str, str]]:
    for entity in index.corpus.entities:
        if entity.unnamed:
            yield entity.label, entity.iri
    for report in index.corpus.reports:
        yield report.title, report.iri
    for episode in index.corpus.episodes:
        yield episode.label, episode.iri
    speakers = {entity.label for entity in index.corpus.entities}
    for source in index.corpus.sources:
        if source.label not in speakers:  # who is meant then is whoever speaks
            yield source.label, source.iri


class _Search:
    def __init__(self, index: Index, base: str) -> None:
        self._index = index
        self._base = base
        tables = (index.entities, index.reports, index.sources, index.episodes, index.about, index.naming)
        self._known = {iri: None for table in tables for iri in table if iri not in ABSENT}

    def by_identifier(self, wanted: str) -> set[str]:
        iri = wanted[1:-1] if wanted.startswith("<") and wanted.endswith(">") else wanted
        if iri in self._known:
            return {iri}
        key = iri.removeprefix("id:").removeprefix(self._base)
        for prefix in _PREFIXES:
            if self._base + prefix + key in self._known:
                return {self._base + prefix + key}
        if match := re.fullmatch("(?:.*assertion_)?([0-9a-f]{32})", key):
            return self._assertions(match[1])
        return {each for each in self._known if local_name(each) == key}

    def by_exact_name(self, wanted: str) -> set[str]:
        for names in (_names, _descriptions):
            if found := {iri for name, iri in names(self._index) if name == wanted}:
                return found
        return set()

    def by_short_key(self, wanted: str) -> set[str]:
        return {e.iri for e in self._index.corpus.entities if e.unnamed and e.iri.endswith(f"_{wanted}")}

    def by_digits(self, wanted: str) -> set[str]:
        digits = wanted.removeprefix("id:").removeprefix("assertion_")
        return self._assertions(digits) if re.fullmatch("[0-9a-f]{6,31}", digits) else set()

    def by_likeness(self, wanted: str) -> set[str]:
        folded = _fold(wanted)
        words = folded.split()
        if not words:
            return set()
        squeezed = folded.replace(" ", "")
        tiers = [[(_fold(n), iri) for n, iri in names(self._index)] for names in (_names, _descriptions)]
        fits: tuple[Callable[[str], bool], ...] = (
            lambda name: name.replace(" ", "") == squeezed,
            lambda name: _holds_words(name, words),
            lambda name: all(word in name for word in words),
        )
        for fit in fits:
            for names in tiers:
                if found := {iri for name, iri in names if fit(name)}:
                    return found
        return set()

    def _assertions(self, digits: str) -> set[str]:
        named = (assertion_iri(a, self._base) for a in self._index.corpus.assertions)
        return {iri for iri in named if iri.rpartition("_")[2].startswith(digits)}


def _holds_words(name: str, words: Iterable[str]) -> bool:
    whole = name.split()
    return all(word in name if _UNSPACED.search(word) else word in whole for word in words)


# ---------------------------------------------------------------- words


def _word(iri: str, labels: Labels | None) -> str:
    return (labels or {}).get(iri) or kebab(local_name(iri)).replace("-", " ")


_BASIS = {
    "first-hand": "first-hand",
    "family": "from the family",
    "hearsay": "from hearsay",
    "document": "from a document",
    "official-statement": "official statement",
    "unknown": "",
}


def told(telling: Telling, who: Callable[[str], str] = str, *, how: bool = True) -> str:
    """Give who told whom in words, from the one who knew to the publisher.

    `who` marks up or escapes what comes from outside: each teller, and how that teller knows.
    """
    knows = [f" ({who(link.how)})" if how and link.how else "" for link in telling.chain]
    links = [who(link.who) + known for link, known in zip(telling.chain, knows, strict=True)]
    if telling.told_to:
        links.insert(0, who(telling.told_to))
    ends = {
        "circle": "tellers who name each other in a circle",
        "cut": "somebody of whom nothing more is known here",
        "long": f"more than {MAX_LINKS} tellers",
    }
    if telling.chain_end:
        links.append(ends[telling.chain_end])
    if not links:
        return "who told it is not known"
    if len(links) == 1:
        if not telling.chain:
            return f"somebody unknown, who told {links[0]}"
        return f"{who(telling.chain[0].who)} itself{knows[0]}"
    return ", who told ".join(reversed(links))


# ---------------------------------------------------------------- gathering

_TAKEN = ("detained-at", "detained-by")
_CUSTODY = (*_TAKEN, "held-at", "transferred-to", "released-from", "died-at")
_SENTENCE = ("sentenced-by", "sentenced-to")
_DATED = {*_CUSTODY, *_SENTENCE}
_SECTIONS = (
    ("Taken and held", _CUSTODY),
    (
        "Accusation, charge and sentence",
        ("accused-of", "charged-with", *_SENTENCE, "ordered-to", "ordered-by"),
    ),
    ("Who", ("ethnicity", "occupation", "age", "size", "resident-in")),
    (
        "Ties to countries",
        ("citizen-of", "has-relatives-in", "travelled-to", "tried-to-emigrate-to", "related-to-country"),
    ),
    ("Family and friends", ("relative-of",)),
    ("Where it lies", ("located-in",)),
)
_ALSO, _OTHERS, _INSIDE = "Also said", "What is said of others", "In places within it"
_BACKWARDS = {
    "detained-at": "taken here",
    "held-at": "held here",
    "transferred-to": "moved here in custody",
    "released-from": "released from here",
    "died-at": "died here",
    "detained-by": "taken into custody by it",
    "sentenced-by": "sentenced by it",
    "ordered-by": "received orders from it",
    "citizen-of": "citizens",
    "resident-in": "living here, or from here",
    "has-relatives-in": "with relatives here",
    "travelled-to": "travelled here",
    "tried-to-emigrate-to": "tried to emigrate here",
    "related-to-country": "tied to it in another way",
    "located-in": "places in it",
}
"""How a topic is called when told from the side of its object."""


def predicate_key(assertion: Assertion) -> str:
    """Give the predicate as files write it."""
    return kebab(local_name(assertion.predicate))


def is_unknown(index: Index, term: str) -> bool:
    """Tell whether an object is the unnamed entity that stands for a seed's word ``unknown``."""
    entity = index.entities.get(term[1:-1]) if term.startswith("<") else None
    return entity is not None and entity.unnamed and "_unknown-" in local_name(entity.iri)


class Cases:
    """Which arrest or case an assertion is about, where curators tied it to several episodes.

    The one that the fewest have a part in decides; a broad one, such as a campaign, stands
    for the narrow case that it goes along with, if there is only one.
    """

    def __init__(self, index: Index) -> None:
        """Count who has a part in each episode."""
        self._breadth = {
            episode: len({a.subject for a in said}) for episode, said in sorted(index.in_episode.items())
        }

    def of(self, assertions: Iterable[Assertion]) -> dict[tuple[str, ...], str]:
        """Give the case for each set of episodes among the assertions about one subject.

        What is tied to no episode is taken for the only case, if there is only one, else it is
        apart: the empty text.
        """
        narrowest = {episodes: min(episodes, key=self._rank) for a in assertions if (episodes := a.episodes)}
        companions: dict[str, set[str]] = defaultdict(set)
        for episodes, case in narrowest.items():
            for episode in episodes:
                if episode != case:
                    companions[episode].add(case)
        found = {}
        for episodes, case in sorted(narrowest.items()):
            while len(companions[case]) == 1:  # ends: each step is to a narrower one
                (case,) = companions[case]
            found[episodes] = case
        return {**found, (): next(iter(found.values())) if len(set(found.values())) == 1 else ""}

    def in_time(
        self, assertions: Iterable[Assertion], cases: Mapping[tuple[str, ...], str]
    ) -> dict[str, int]:
        """Give the place of each case in time, by its first date; those without one come last."""
        first: dict[str, datetime.date] = {}
        for assertion in assertions:
            case, date = cases[assertion.episodes], date_of(assertion)
            day = (date.earliest if date else None) or datetime.date.max
            first[case] = min(day, first.get(case, day))
        return {case: place for place, case in enumerate(sorted(first, key=lambda case: first[case]))}

    def _rank(self, episode: str) -> tuple[int, str]:
        return self._breadth.get(episode, 0), episode


def dossier(
    index: Index,
    iri: str,
    *,
    base: str = DEFAULT_BASE,
    labels: Labels | None = None,
    corroboration: Corroboration | None = None,
    conflicts: Iterable[Conflict] = (),
) -> Dossier:
    """Gather what is said of one thing, which `find` gave.

    With `corroboration`, distinct origins are counted, entities tied by same-as are taken
    together, and of a source, a speaker or a report it is said what rests on it. Of
    `conflicts`, those that touch the dossier are shown.

    Raises:
        KgError: nothing in the graph is called `iri`.
    """
    return _Gatherer(index, base, labels or {}, corroboration, conflicts).dossier(iri)


@dataclass(frozen=True, slots=True)
class _Value:
    """What a claim says; equal keys are the same thing said."""

    key: str
    text: str
    language: str | None = None
    iri: str = ""
    within: tuple[str, ...] = ()
    beside: str = ""
    label: str = ""


class _Gatherer:
    def __init__(
        self,
        index: Index,
        base: str,
        labels: Labels,
        corroboration: Corroboration | None,
        conflicts: Iterable[Conflict],
    ) -> None:
        self._index = index
        self._base = base
        self._labels = labels
        self._corroboration = corroboration
        self._groups = _groups(conflicts)
        self._touched: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, sides) in enumerate(self._groups):
            for side in sides:
                self._touched[side].append(number)
        self._shown: dict[int, int] = {}
        self._cited: dict[str, int] = {}
        self._chains: dict[str, tuple[tuple[Link, ...], str]] = {}
        self._cases = Cases(index)
        self._supports: dict[str, dict[str, Origins]] = {}
        self._digests: dict[int, tuple[Assertion, str]] = {}

    def dossier(self, iri: str) -> Dossier:
        """Gather it all; reports are numbered in the order in which they are needed."""
        index = self._index
        if _ASSERTION.search(iri):
            made = self._of_assertion(iri)
        elif (report := index.reports.get(iri)) is not None:
            made = self._of_report(report)
        elif (source := index.sources.get(iri)) is not None:
            made = self._of_source(source)
        elif iri in index.episodes:
            made = self._of_episode(iri)
        elif iri in index.entities or iri in index.about or iri in index.naming:
            made = self._of_entity(iri)
        else:
            raise KgError(f"nothing in this graph is called {iri!r}")
        withdrawn = [a for a in index.corpus.assertions if a.withdrawn and self._concerns(a, iri)]
        return replace(
            made,
            disputes=tuple(self._disputes()),
            falls=self._falls(iri) if made.tells or made.kind == "source" else None,
            withdrawn=made.withdrawn or self._by_subject(withdrawn),
            reports=tuple(self._report(iri, number) for iri, number in self._cited.items()),
        )

    @staticmethod
    def _concerns(assertion: Assertion, iri: str) -> bool:
        object_ = assertion.object[1:-1] if assertion.object.startswith("<") else ""
        return iri in (assertion.subject, object_, assertion.report, assertion.source, *assertion.episodes)

    # ------------------------------------------------------------ of an entity

    def _of_entity(self, iri: str) -> Dossier:
        index = self._index
        entity = index.entities.get(iri) or Entity(iri, KG.Entity, "")
        tied = self._tied(iri)
        said = self._unique(a for each in tied for a in index.about.get(each, ()))
        naming = self._unique(a for each in tied for a in index.naming.get(each, ()) if a.subject not in tied)
        names = self._names(entity, tied[1:], [a for a in said if a.predicate == _NAME])
        rest = [a for a in said if a.predicate != _NAME]
        published = [report for report in index.corpus.reports if report.publisher in tied]
        return Dossier(
            iri,
            self._base,
            kind_of(index, iri, self._labels),
            index.label(iri),
            entity.unnamed,
            entity.access is not Access.PUBLIC,
            names,
            entity.same_as,
            entity.note,
            (
                *(Fact("also entered as", index.label(each), each) for each in tied[1:]),
                *(Fact("published", report.title, report.iri, report.language) for report in published),
            ),
            (*self._sections(rest, naming), *self._backwards(naming), *self._inside(iri)),
            tuple(self._gaps(entity, said)),
            self._tells([s for s in index.corpus.sources if s.speaker in tied]),
        )

    def _tied(self, iri: str) -> tuple[str, ...]:
        """Give an entity and those that same-as ties to it."""
        if self._corroboration is None:
            return (iri,)
        one = self._corroboration.one(iri)
        others = (e.iri for e in self._index.corpus.entities if self._corroboration.one(e.iri) == one)
        return iri, *(each for each in others if each != iri)

    def _names(self, entity: Entity, others: Sequence[str], said: Sequence[Assertion]) -> tuple[Name, ...]:
        reported: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in self._in_order(said):
            reported[self._index.value(assertion.object)].append(assertion)
        listed: dict[str, str | None] = {}
        for each in (entity, *(self._index.entities[iri] for iri in others)):
            given = [] if each.unnamed or not each.label else [each.label]
            for text in (*given, *each.also):
                listed.setdefault(text, None)
            for language, text in each.names:
                listed[text] = listed.get(text) or language
        return tuple(
            Name(text, listed.get(text), text in listed, self._tellings(reported.get(text, ())))
            for text in (*listed, *(text for text in reported if text not in listed))
        )

    def _sections(self, said: Sequence[Assertion], naming: Sequence[Assertion]) -> Iterator[Section]:
        """Give what is said about one subject, by question, and who is said to be its relative."""
        by_key: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in said:
            by_key[predicate_key(assertion)].append(assertion)
        named = {key for _, keys in _SECTIONS for key in keys}
        for title, keys in (*_SECTIONS, (_ALSO, tuple(sorted(set(by_key) - named)))):
            topics = [
                Topic(_word(by_key[key][0].predicate, self._labels), self._claims(by_key[key], self._value))
                for key in keys
                if key in by_key
            ]
            if "relative-of" in keys and (family := [a for a in naming if predicate_key(a) == "relative-of"]):
                topics.append(Topic("relatives and friends", self._claims(family, self._who, by_text=True)))
            if topics:
                yield Section(title, tuple(topics))

    def _backwards(self, naming: Sequence[Assertion]) -> Iterator[Section]:
        """Give what is said about others and names this one."""
        by_key: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in naming:
            by_key[predicate_key(assertion)].append(assertion)
        order = [*_BACKWARDS, *sorted(set(by_key) - {*_BACKWARDS, "relative-of"})]
        topics = [
            Topic(
                _BACKWARDS.get(key) or f"{_word(by_key[key][0].predicate, self._labels)}: this one",
                self._claims(by_key[key], self._who, by_text=True),
            )
            for key in order
            if key in by_key
        ]
        if topics:
            yield Section(_OTHERS, tuple(topics))

    def _inside(self, iri: str) -> Iterator[Section]:
        """Give who was taken or held in places within this one."""
        found, waiting = {iri: None}, [iri]
        said: dict[str, list[Assertion]] = defaultdict(list)
        for place in waiting:
            for assertion in self._index.naming.get(place, ()):
                key = predicate_key(assertion)
                if assertion.predicate == LOCATED_IN and assertion.polarity == "affirmed":
                    if assertion.subject not in found:
                        found[assertion.subject] = None
                        waiting.append(assertion.subject)
                elif place != iri and key in _CUSTODY:
                    said[key].append(assertion)
        topics = [
            Topic(
                _BACKWARDS[key].replace("here", "there"),
                self._claims(self._unique(said[key]), self._who_and_where, by_text=True),
            )
            for key in _CUSTODY
            if key in said
        ]
        if topics:
            yield Section(_INSIDE, tuple(topics))

    # ------------------------------------------------------------ of what is no entity

    def _of_report(self, report: Report) -> Dossier:
        index = self._index
        said = self._unique(a for a in index.living if a.report == report.iri)
        self.cite(report.iri)
        counts: dict[str, int] = defaultdict(int)
        for assertion in said:
            counts[assertion.source] += 1
        length = f"{report.text.end:,} characters; SHA-256 {report.text.digest}" if report.text else ""
        facts = [
            Fact("published by", index.label(report.publisher), report.publisher)
            if report.publisher
            else None,
            Fact("published on", wording.date(report.published)) if report.published else None,
            Fact("kind", report.kind),
            Fact("language", report.language) if report.language else None,
            Fact("address", report.url, report.url) if report.url else None,
            Fact("archived at", report.archive_url, report.archive_url) if report.archive_url else None,
            Fact("retrieved on", wording.date(report.retrieved)) if report.retrieved else None,
            Fact("text", length) if length else None,
            Fact("copied from", index.label(report.copied_from), report.copied_from)
            if report.copied_from
            else None,
        ]
        missing = [
            Gap("who published it is not recorded") if not report.publisher else None,
            Gap("when it was published is not recorded") if not report.published else None,
            Gap("its text is not on record, so passages cannot be checked") if not report.text else None,
        ]
        return Dossier(
            report.iri,
            self._base,
            "report",
            report.title or local_name(report.iri),
            restricted=report.access is not Access.PUBLIC,
            note=report.note,
            facts=tuple(fact for fact in facts if fact),
            sections=self._as_section("What it says", said),
            gaps=tuple(gap for gap in missing if gap),
            tells=self._tells([s for iri in sorted(counts) if (s := index.sources.get(iri))]),
        )

    def _of_source(self, source: Source) -> Dossier:
        index = self._index
        said = self._unique(index.told.get(source.iri, ()))
        behind = [a for a in self._through({source.iri}) if a.source != source.iri]
        learned = index.sources.get(source.learned_from or "")
        facts = [
            Fact("speaker", index.label(source.speaker), source.speaker) if source.speaker else None,
            Fact("relation to those spoken of", source.relation) if source.relation else None,
            Fact("how the speaker knows", _BASIS.get(source.basis, source.basis) or "not reported"),
            Fact("learned it from", learned.label, learned.iri) if learned else None,
        ]
        missing = [
            Gap("who speaks is not known") if not source.speaker else None,
            Gap("how the speaker knows is not reported") if source.basis == "unknown" else None,
            Gap("from whom the speaker knows is not reported")
            if not learned and source.basis not in ("first-hand", "official-statement")
            else None,
        ]
        return Dossier(
            source.iri,
            self._base,
            "source",
            source.label or local_name(source.iri),
            restricted=source.access is not Access.PUBLIC,
            facts=tuple(fact for fact in facts if fact),
            sections=(
                *self._as_section("What this source told", said),
                *self._as_section("What others told who learned it from this source", behind),
            ),
            gaps=tuple(gap for gap in missing if gap),
        )

    def _of_episode(self, iri: str) -> Dossier:
        episode = self._index.episodes[iri]
        return Dossier(
            iri,
            self._base,
            "episode",
            self._index.label(iri),
            restricted=episode.access is not Access.PUBLIC,
            sections=self._as_section("What is said", self._unique(self._index.in_episode.get(iri, ()))),
        )

    def _of_assertion(self, iri: str) -> Dossier:
        index = self._index
        said = index.by_digest.get(iri[-32:])
        if said is None:
            raise KgError(f"nothing in this graph is called {iri!r}")
        others = [
            a
            for a in self._unique(index.about.get(said.subject, ()))
            if a.predicate == said.predicate and a != said
        ]
        cases = self._cases.of([said, *others])
        value = self._value(said).key
        same = [a for a in others if self._value(a).key == value and a.polarity == said.polarity]
        rest = [a for a in others if a not in same and cases[a.episodes] == cases[said.episodes]]
        evidence = said.evidence
        facts = [
            Fact("speaks of", index.label(said.subject), said.subject),
            Fact("passage", f"SHA-256 {evidence.digest}") if evidence.digest else None,
            Fact("record", evidence.record, evidence.record) if evidence.record else None,
            Fact("came into the graph", f"{said.method}"),
            *(Fact("part of", index.label(episode), episode) for episode in said.episodes),
        ]
        word = _word(said.predicate, self._labels)
        denied = "not " if said.polarity == "denied" else ""
        living = () if said.withdrawn else self._as_section("What is said", [said])
        return Dossier(
            iri,
            self._base,
            "assertion",
            f"{index.label(said.subject)}: {denied}{word} {self._value(said).text}",
            restricted=said.access is not Access.PUBLIC,
            note=said.note,
            facts=tuple(fact for fact in facts if fact),
            sections=(
                *living,
                *self._as_section("The same, told elsewhere", same),
                *self._as_section("Said differently", rest),
            ),
            withdrawn=self._by_subject([said]) if said.withdrawn else (),
        )

    def _as_section(self, title: str, said: Sequence[Assertion]) -> tuple[Section, ...]:
        topics = self._by_subject(said)
        return (Section(title, topics),) if topics else ()

    def _by_subject(self, said: Iterable[Assertion]) -> tuple[Topic, ...]:
        """Give assertions about several, in the order in which reports come to speak of each."""
        by_subject: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in self._in_order(said):
            by_subject[assertion.subject].append(assertion)
        return tuple(
            Topic(self._index.label(subject), self._claims(about, self._labelled), subject)
            for subject, about in by_subject.items()
        )

    # ------------------------------------------------------------ claims

    def _claims(
        self, said: Sequence[Assertion], value: Callable[[Assertion], _Value], *, by_text: bool = False
    ) -> tuple[Claim, ...]:
        """Group what is said by what it says, so that those who say or deny it stand side by side."""
        cases = self._cases.of(said)
        said = self._in_order(said)
        groups: dict[tuple[str, str], list[Assertion]] = defaultdict(list)
        values: dict[str, _Value] = {}
        for assertion in said:
            means = value(assertion)
            values[means.key] = means
            groups[cases[assertion.episodes], means.key].append(assertion)
        several = len({case for case, _ in groups if case}) > 1
        order = self._cases.in_time(said, cases)
        found = []
        for (case, key), same in groups.items():
            means = values[key]
            claim = Claim(
                means.label,
                means.text,
                means.language,
                means.iri,
                means.within,
                self._index.label(case) if several and case else "",
                means.beside,
                predicate_key(same[0]),
                same[0].subject,
                self._tellings(same),
                *self._counted(same),
            )
            absent = same[0].object[1:-1] in ABSENT
            place = (0, means.text.casefold(), key) if by_text else (order[case], "", "")
            found.append((place, absent, claim))
        found.sort(key=lambda each: each[:2])
        return tuple(claim for *_, claim in found)

    def _counted(self, said: Sequence[Assertion]) -> tuple[Origins | None, Origins | None]:
        """Count the origins of those who say the same, and of those who deny it, whatever the dates."""
        if self._corroboration is None:
            return None, None
        affirmed = [a for a in said if a.polarity == "affirmed"]
        stated = [a for a in affirmed if a.certainty == "stated"] or affirmed
        denied = [a for a in said if a.polarity != "affirmed"]
        counts = [self._corroboration.count(stated)] if stated else []
        # Others may say the same more exactly.
        counts += [s for a in stated if (s := self._supported(a.subject).get(self._digest(a)))]
        most = max(counts, key=lambda each: (each.least, each.most), default=None)
        return most, self._corroboration.count(denied) if denied else None

    def _supported(self, subject: str) -> dict[str, Origins]:
        """Give the origins of each thing said of somebody, by the digits of those who say it."""
        if self._corroboration is None:
            return {}
        one = self._corroboration.one(subject)
        if one not in self._supports:
            supports = self._corroboration.about(one)
            self._supports[one] = {
                self._digest(a): each.origins for each in supports for a in each.assertions
            }
        return self._supports[one]

    def _value(self, assertion: Assertion) -> _Value:
        object_ = assertion.object
        if not object_.startswith("<"):
            term = nt.parse_term(object_)
            return _Value(term.value, term.value, term.language)
        iri = object_[1:-1]
        if iri in ABSENT:
            return _Value(object_, "asked for, and refused" if iri == KG.refused else "none given")
        if is_unknown(self._index, object_):
            return _Value("<unknown>", "unknown", None, iri)
        return _Value(object_, self._index.label(iri), None, iri, self._within(iri))

    def _labelled(self, assertion: Assertion) -> _Value:
        value = self._value(assertion)
        return replace(
            value, key=f"{assertion.predicate} {value.key}", label=_word(assertion.predicate, self._labels)
        )

    def _who(self, assertion: Assertion) -> _Value:
        subject = assertion.subject
        key = predicate_key(assertion)
        beside = self._terms(assertion) if key == "sentenced-by" else ""
        return _Value(subject, self._index.label(subject), None, subject, (), beside)

    def _who_and_where(self, assertion: Assertion) -> _Value:
        who, place = self._who(assertion), self._index.value(assertion.object)
        return replace(who, key=f"{who.key} {assertion.object}", beside=place)

    def _terms(self, assertion: Assertion) -> str:
        """Give the terms said of whom a court sentenced, in the same case."""
        about = self._index.about.get(assertion.subject, ())
        sentences = [a for a in about if predicate_key(a) in _SENTENCE]
        cases = self._cases.of(sentences)
        return " / ".join(
            dict.fromkeys(
                self._index.value(a.object)
                for a in self._in_order(sentences)
                if predicate_key(a) == "sentenced-to"
                and a.polarity == "affirmed"
                and cases[a.episodes] == cases[assertion.episodes]
            )
        )

    def _within(self, place: str) -> tuple[str, ...]:
        """Give the places around one, outwards for as long as everybody names the same."""
        found = {place: None}
        while True:
            around = {
                a.object[1:-1]
                for a in self._index.about.get(place, ())
                if a.predicate == LOCATED_IN and (a.polarity, a.certainty) == ("affirmed", "stated")
            }
            if len(around) != 1 or (place := around.pop()) in found:
                return tuple(map(self._index.label, found))[1:]
            found[place] = None

    # ------------------------------------------------------------ tellings

    def _digest(self, assertion: Assertion) -> str:
        """Give the digits of an assertion, worked out once."""
        # Kept with the assertion: once that is gone, another one could have its id.
        known = self._digests.get(id(assertion))
        if known is None:
            known = self._digests[id(assertion)] = (assertion, assertion.digest())
        return known[1]

    def _unique(self, said: Iterable[Assertion]) -> list[Assertion]:
        """Give each assertion once: two seeds may say the same."""
        found: dict[str, Assertion] = {}
        for assertion in said:
            found.setdefault(self._digest(assertion), assertion)
        return list(found.values())

    def _in_order(self, said: Iterable[Assertion]) -> list[Assertion]:
        """Give assertions in the order of reports by date, and of their texts."""
        reports = self._index.reports

        def place(assertion: Assertion) -> tuple[str, str, int, int, str, str, str]:
            report = reports.get(assertion.report)
            published = (report.published if report else None) or "9999"
            evidence = assertion.evidence
            span = evidence.start, evidence.end, assertion.predicate
            return published, assertion.report, *span, assertion.source, self._digest(assertion)

        return sorted(said, key=place)

    def _tellings(self, said: Iterable[Assertion]) -> tuple[Telling, ...]:
        """Give who says it before who alleges it, and both before who denies it."""
        made = [self._telling(assertion) for assertion in said]
        return tuple(sorted(made, key=lambda telling: _SURE.index(telling.sure)))

    def _telling(self, assertion: Assertion) -> Telling:
        iri = f"{self._base}assertion_{self._digest(assertion)}"
        report = self._index.reports.get(assertion.report)
        publisher = report.publisher if report else None
        chain, end = self._chain(assertion.source)
        outermost = self._index.sources.get(assertion.source)
        itself = outermost is not None and publisher is not None and outermost.speaker == publisher
        date = qualifier(assertion, "date")
        expected = predicate_key(assertion) in _DATED and assertion.object[1:-1] not in ABSENT
        evidence = assertion.evidence
        support = self._supported(assertion.subject).get(iri[-32:])
        return Telling(
            iri,
            _sure(assertion),
            chain,
            "" if itself else self._index.label(publisher) if publisher else _NOBODY,
            end,
            self.cite(assertion.report),
            evidence.start,
            evidence.end,
            evidence.digest,
            evidence.record,
            wording.place(evidence) if evidence.row else "",
            date,
            wording.date(date) if date else "no date reported" if expected else "",
            qualifier(assertion, "inferred") == "true",
            tuple(self._details(assertion)),
            assertion.method,
            wording.review(assertion),
            tuple(map(self._index.label, assertion.episodes)),
            assertion.note,
            assertion.withdrawn,
            self._words_of(assertion.corrects),
            self._words_of(self._corrected_by.get(iri[-32:])),
            assertion.access is not Access.PUBLIC,
            support,
            tuple(self._shown.setdefault(n, len(self._shown) + 1) for n in self._touched.get(iri, ())),
        )

    @cached_property
    def _corrected_by(self) -> dict[str, str]:
        found = sorted((a.corrects, a.digest()) for a in self._index.corpus.assertions if a.corrects)
        return dict(found)

    def _words_of(self, digest: str | None) -> str:
        assertion = self._index.by_digest.get(digest) if digest else None
        return self._index.words(assertion) if assertion else ""

    def _details(self, assertion: Assertion) -> Iterator[tuple[str, str, str]]:
        for property_, term in sorted(assertion.qualifiers, key=lambda pair: "circumstance" in pair[0]):
            key, text = kebab(local_name(property_)), self._index.value(term)
            if key in ("date", "inferred"):
                continue
            word = _word(property_, self._labels)
            if key == "circumstance":
                yield key, text, text
            elif text in ("true", "false"):
                yield key, text, word if text == "true" else f"{word}: no"
            else:
                yield key, text, f"{word}: {text}"

    def _chain(self, source: str) -> tuple[tuple[Link, ...], str]:
        if source not in self._chains:
            self._chains[source] = self._walk(source)
        return self._chains[source]

    def _walk(self, source: str) -> tuple[tuple[Link, ...], str]:
        found: dict[str, Link] = {}
        iri: str | None = source
        while iri is not None:
            link = self._index.sources.get(iri)
            if link is None or iri in found or len(found) == MAX_LINKS:
                end = "circle" if iri in found else "long" if link else "cut" if found else ""
                return tuple(found.values()), end
            found[iri] = self._link(link)
            iri = link.learned_from
        return tuple(found.values()), ""

    def _link(self, source: Source) -> Link:
        who = self._index.label(source.speaker) if source.speaker else source.label
        relation = source.relation if source.relation and source.relation not in who else None
        how = ", ".join(filter(None, (relation, _BASIS.get(source.basis, source.basis))))
        return Link(source.iri, who or "somebody who is not named", how)

    def cite(self, report: str) -> int:
        """Give the number of a report, the next one if it has none yet."""
        return self._cited.setdefault(report, len(self._cited) + 1)

    def _report(self, iri: str, number: int) -> Cited:
        report = self._index.reports.get(iri)
        if report is None:
            return Cited(number, iri, local_name(iri), None, "", None, None, None)
        publisher = self._index.label(report.publisher) if report.publisher else ""
        title = report.title or local_name(iri)
        return Cited(
            number, iri, title, report.language, publisher, report.published, report.url, report.archive_url
        )

    # ------------------------------------------------------------ what tellers told, disputes, gaps

    def _through(self, sources: set[str]) -> list[Assertion]:
        """Give what was told by a source, or by whoever learned it from there, directly or not."""
        found, waiting = dict.fromkeys(sorted(sources)), sorted(sources)
        for source in waiting:
            for learner in self._learners.get(source, ()):
                if learner not in found:
                    found[learner] = None
                    waiting.append(learner)
        return self._unique(a for source in found for a in self._index.told.get(source, ()))

    @cached_property
    def _learners(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for source in self._index.corpus.sources:
            if source.learned_from:
                found[source.learned_from].append(source.iri)
        return found

    def _tells(self, sources: Iterable[Source]) -> tuple[Told, ...]:
        """Give what was told through each of some sources, where anything was."""
        made = []
        for source in sources:
            if said := self._through({source.iri}):
                about = dict.fromkeys(a.subject for a in self._in_order(said))
                labels = tuple(map(self._index.label, about))
                made.append(Told(source.iri, source.label, self._listeners(source), len(said), labels))
        return tuple(made)

    def _listeners(self, source: Source) -> tuple[str, ...]:
        """Give whom a source told: whoever learned from it, and the publishers that it spoke to."""
        index = self._index
        learners = [index.sources[iri] for iri in self._learners.get(source.iri, ())]
        heard = dict.fromkeys(index.label(link.speaker) if link.speaker else link.label for link in learners)
        reports = [index.reports.get(a.report) for a in index.told.get(source.iri, ())]
        publishers = {report.publisher or "" for report in reports if report} - {source.speaker}
        heard |= {index.label(iri) if iri else _NOBODY: None for iri in sorted(publishers)}
        return tuple(heard)

    def _falls(self, iri: str) -> Falls | None:
        if self._corroboration is None:
            return None
        rests = self._corroboration.stands_on(iri)
        fallen = {self._digest(a) for a in rests.assertions}
        alone = [
            a
            for support in rests.alone
            for a in (*support.assertions, *support.supported_by, *support.denied)
            if self._digest(a) in fallen
        ]
        weaker = (
            Weaker(
                self._index.label(each.support.said.subject),
                self._said(each.support.said),
                each.support.origins,
                each.left,
            )
            for each in rests.weakened
        )
        topics = () if iri in self._index.reports else self._by_subject(self._unique(alone))
        return Falls(len(rests.assertions), len(rests.alone), topics, tuple(weaker), len(rests.undenied))

    def _said(self, said: Said) -> str:
        date = wording.date(said.date) if said.date else ""
        narrowing = ", ".join(filter(None, (date, said.role, said.count)))
        alleged = "alleged: " if said.certainty != "stated" else ""
        words = f"{alleged}{_word(said.predicate, self._labels)}: {self._index.value(said.object)}"
        return f"{words} ({narrowing})" if narrowing else words

    def _disputes(self) -> Iterator[Dispute]:
        """Give each set of assertions that a rule finds at odds, as claims side by side."""
        by_digest = self._index.by_digest
        for group, number in sorted(self._shown.items(), key=lambda item: item[1]):
            rule, message, sides = self._groups[group]
            said = [a for iri in sides if (a := by_digest.get(iri[-32:]))]
            yield Dispute(number, rule, message, tuple(map(_plain, self._claims(said, self._labelled))))

    def _gaps(self, entity: Entity, said: Sequence[Assertion]) -> Iterator[Gap]:
        """Give what nobody reports of a person or group that something befell, and what was not said."""
        if entity.unnamed:
            yield Gap("no name is reported")
        if entity.class_iri == KG.Group and not any(predicate_key(a) == "size" for a in said):
            yield Gap("how many they are is not reported")
        affirmed = [a for a in said if a.polarity == "affirmed"]
        known = {
            predicate_key(a)
            for a in affirmed
            if a.object[1:-1] not in ABSENT and not is_unknown(self._index, a.object)
        }
        stages = {stage for a in affirmed if (stage := stage_of(a.predicate))}
        if stages - {"accused", "charged", "died"}:
            yield from self._gaps_of_custody(known, stages, affirmed)
        yield from self._unplaced(affirmed)
        yield from self._not_said(affirmed)
        if stages - {"died"} and not stages & {"released", "died"}:
            newest = max(
                (r.published or "" for a in said if (r := self._index.reports.get(a.report))), default=""
            )
            if newest:
                text = "no release is reported; the newest report here is of {}"
                yield Gap(text, named=wording.date(newest))
            else:
                yield Gap("no release is reported")

    def _gaps_of_custody(self, known: set[str], stages: set[str], said: Sequence[Assertion]) -> Iterator[Gap]:
        if not any(stage_of(a.predicate) == "detained" and qualifier(a, "date") for a in said):
            yield Gap("when the detention began is not reported")
        if "detained-at" not in known:
            yield Gap("where the detention took place is not reported")
        if "detained-by" not in known:
            yield Gap("who carried out the detention is not reported")
        if not known & {"held-at", "transferred-to"} and not stages & {"released", "died"}:
            yield Gap("the place of custody is not reported")
        if not stages & {"accused", "charged"}:
            yield Gap("no accusation or charge is reported")
        elif "charged" not in stages:
            yield Gap("no formal charge is reported")
        if "sentenced" not in stages:
            yield Gap("no sentence is reported")
            return
        if "sentenced-by" not in known:
            yield Gap("which court passed the sentence is not reported")
        if "sentenced-to" not in known:
            yield Gap("the term of the sentence is not reported")
        if not any(stage_of(a.predicate) == "sentenced" and qualifier(a, "date") for a in said):
            yield Gap("when the sentence was passed is not reported")

    def _unplaced(self, said: Sequence[Assertion]) -> Iterator[Gap]:
        places = {
            a.object[1:-1]: None for a in said if stage_of(a.predicate) in ("detained", "held", "transferred")
        }
        bodies = {a.object for a in said if predicate_key(a) == "detained-by"}
        for place in places:
            entity = self._index.entities.get(place)
            unnamed = entity is not None and entity.unnamed and not is_unknown(self._index, f"<{place}>")
            if unnamed and f"<{place}>" not in bodies and not self._within(place):
                yield Gap("where {} lies is not reported", named=self._index.label(place))

    def _not_said(self, said: Sequence[Assertion]) -> Iterator[Gap]:
        groups: dict[tuple[str, str], list[str]] = {}
        for assertion in self._in_order(said):
            if assertion.object[1:-1] in ABSENT:
                why = groups.setdefault((assertion.predicate, assertion.object[1:-1]), [])
                if circumstance := qualifier(assertion, "circumstance"):
                    why.append(circumstance)
        for (predicate, absent), circumstances in groups.items():
            noun = _NOUNS.get(kebab(local_name(predicate)), 'answer to "{}"')
            text = f"the {noun} was asked for and refused" if absent == KG.refused else f"no {noun} was given"
            yield Gap(text, "; ".join(dict.fromkeys(circumstances)), _word(predicate, self._labels))


_NOBODY = "whoever published it"
_SURE = ("stated", "alleged", "denied", "denied, as alleged")
_NOUNS = {
    "accused-of": "reason",
    "charged-with": "charge",
    "sentenced-to": "term",
    "sentenced-by": "court",
    "held-at": "place of custody",
    "detained-at": "place of the detention",
    "detained-by": "name of who carried out the detention",
    "name": "name",
}


def _groups(conflicts: Iterable[Conflict]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Join pairs of one rule that share a side: rule, message, and all sides."""
    ordered = sorted(conflicts)
    leader: dict[tuple[str, str], str] = {}

    def lead(rule: str, side: str) -> str:
        path = [side]
        while (above := leader.setdefault((rule, path[-1]), path[-1])) != path[-1]:
            path.append(above)
        for each in path:
            leader[rule, each] = path[-1]
        return path[-1]

    for conflict in ordered:
        leader[conflict.rule, lead(conflict.rule, conflict.other)] = lead(conflict.rule, conflict.one)
    joined: dict[tuple[str, str], dict[str, None]] = {}
    messages: dict[tuple[str, str], str] = {}
    for conflict in ordered:
        key = conflict.rule, lead(conflict.rule, conflict.one)
        messages.setdefault(key, conflict.message)
        joined.setdefault(key, {}).update({conflict.one: None, conflict.other: None})
    return [(key[0], messages[key], tuple(sides)) for key, sides in joined.items()]


def _plain(claim: Claim) -> Claim:
    """Leave out of a claim what is said of it elsewhere in the dossier."""
    tellings = tuple(replace(telling, disputes=()) for telling in claim.tellings)
    return replace(claim, tellings=tellings, origins=None, denials=None)


def _sure(assertion: Assertion) -> str:
    alleged = assertion.certainty != "stated"
    if assertion.polarity == "denied":
        return "denied, as alleged" if alleged else "denied"
    return "alleged" if alleged else "stated"
