"""Counts, connections and paths: what an analyst asks of the graph as a whole.

Answers are rows of plain values with notes in words; the same input and seed give the same answer on any
machine. Networks are taken as undirected: parallel edges are one, weighted by their number, and an edge
from an entity to itself counts for nothing but the number of its assertions.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import importlib.util
import io
import json
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from kg import dates
from kg.escape import for_csv, for_terminal
from kg.index import Index, date_of
from kg.model import Assertion
from kg.namespaces import DEFAULT_BASE
from kg.ontology import kebab, local_name
from kg.problems import KgError, nearest
from kg.rdf import assertion_iri

if TYPE_CHECKING:
    import networkx

    Network: TypeAlias = networkx.Graph[str]

Row_co = TypeVar("Row_co", covariant=True)

COVERAGE: Final = "counts measure what these reports cover, not what happens"
PEOPLE: Final = ("person", "group", "person-or-group")
PLACES: Final = ("place", "facility", "country")
_OBJECTS: Final = {
    "place": ("place", "facility"),
    "country": ("country",),
    "court": ("court",),
    "organization": ("organization",),
}
THROUGH: Final = (*_OBJECTS, "accusation", "report", "source", "episode")
"""What two people can have in common."""
ACCUSATIONS: Final = ("accused-of", "charged-with")
WIDEST: Final = 24
"""The most months that a date can mean and still be counted as possible in each of them."""
EXACT: Final = 2_000_000
"""Nodes times edges up to which betweenness is exact."""
ANY: Final = "any"
UNDATED, TOO_WIDE = "undated", "open or too wide"


@dataclass(frozen=True, slots=True)
class Result(Generic[Row_co]):
    """Rows of one kind, and what a reader has to know about them."""

    rows: tuple[Row_co, ...]
    notes: tuple[str, ...] = ()


# ---------------------------------------------------------------- sizes


@dataclass(frozen=True, slots=True)
class Figure:
    """How many there are of one thing; of types of entities also how connected they are."""

    of: str
    name: str
    count: int
    unnamed: int | None = None
    mean_assertions: float | None = None
    """Assertions that tie one entity of the type to another entity, on average."""
    most_assertions: int | None = None
    most_neighbours: int | None = None
    most_tied: str = ""


def overview(index: Index, graph: Network) -> Result[Figure]:
    """Give sizes and degrees by type; assertions by predicate, polarity, certainty and method."""
    types: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(graph.nodes):
        types[kind(index, iri)].append(iri)
    touching, simple_ = _assertions_at(graph), simple(graph)
    found = [_of_type(index, name, members, touching, simple_) for name, members in types.items()]
    withdrawn = len(index.corpus.assertions) - len(index.living)
    whole = {
        "assertions": len(index.living),
        "withdrawn assertions": withdrawn,
        "reports": len(index.reports),
        "sources": len(index.sources),
        "episodes": len(index.episodes),
    }
    tallies = {
        "predicate": Counter(map(_predicate, index.living)),
        "polarity": Counter(a.polarity for a in index.living),
        "certainty": Counter(a.certainty for a in index.living),
        "method": Counter(a.method for a in index.living),
    }
    figures = [Figure("graph", name, count) for name, count in whole.items()]
    figures += sorted(found, key=lambda figure: (-figure.count, figure.name))
    for of, tally in tallies.items():
        figures += [Figure(of, *item) for item in sorted(tally.items(), key=lambda item: (-item[1], item[0]))]
    left_out = f"withdrawn assertions, left out of every other count: {withdrawn:,}"
    return Result(tuple(figures), (COVERAGE, left_out) if withdrawn else (COVERAGE,))


def _of_type(
    index: Index, name: str, members: Sequence[str], touching: Mapping[str, int], simple_: Network
) -> Figure:
    most = min(members, key=lambda iri: (-touching.get(iri, 0), iri))
    entities = [index.entities.get(iri) for iri in members]
    return Figure(
        "entities",
        name,
        len(members),
        sum(entity is not None and entity.unnamed for entity in entities),
        round(sum(touching.get(iri, 0) for iri in members) / len(members), 2),
        touching.get(most, 0),
        max(len(simple_[iri]) if iri in simple_ else 0 for iri in members),
        index.label(most) if touching.get(most) else "",
    )


def kind(index: Index, iri: str) -> str:
    """Give the class of an entity as files write it; nothing if it has none."""
    entity = index.entities.get(iri)
    return _key(entity.class_iri) if entity else ""


@lru_cache(1_000)
def _key(iri: str) -> str:
    return kebab(local_name(iri))


def _predicate(assertion: Assertion) -> str:
    return _key(assertion.predicate)


def _object(assertion: Assertion) -> str:
    return assertion.object[1:-1] if assertion.object.startswith("<") else ""


def _affirmed(index: Index) -> Iterator[Assertion]:
    """Give what is affirmed of people."""
    return (a for a in index.living if a.polarity == "affirmed" and kind(index, a.subject) in PEOPLE)


def _split(index: Index, iris: Iterable[str]) -> tuple[int, int]:
    """Give how many of some people are persons, and how many groups or not known to be either."""
    kinds = Counter(kind(index, iri) == "person" for iri in set(iris))
    return kinds[True], kinds[False]


# ---------------------------------------------------------------- reports and sources


@dataclass(frozen=True, slots=True)
class Voice:
    """What one report, or one source, says."""

    iri: str
    label: str
    kind: str
    """The type of a report; the basis of a source."""
    published: str
    """Of the report, as it gives it (EDTF)."""
    assertions: int
    denied: int
    alleged: int
    persons: int
    groups: int
    only_here: int
    """Persons and groups of whom no other report (no other source) of the graph speaks."""
    sources: int
    """Outermost links of the chains."""
    origins: int
    """Different speakers of innermost links; unknown ones are not among them."""
    unknown_origins: int
    """Outermost links whose innermost link has no known speaker."""
    origin: str
    """Who they go back to, if that is one known speaker."""


def by_report(index: Index) -> Result[Voice]:
    """Give what each report says, the one with the most assertions first: media attention."""
    told: dict[str, list[Assertion]] = defaultdict(list)
    for assertion in index.living:
        told[assertion.report].append(assertion)
    kinds = {report.iri: report.kind for report in index.reports.values()}
    return _voices(index, told, {**dict.fromkeys(told, ""), **kinds})


def by_source(index: Index) -> Result[Voice]:
    """Give what each source told its report, the one with the most assertions first."""
    return _voices(index, index.told, {iri: _basis(index, iri) for iri in index.told})


def _basis(index: Index, iri: str) -> str:
    source = index.sources.get(iri)
    return source.basis if source else ""


def _voices(index: Index, told: Mapping[str, Sequence[Assertion]], kinds: Mapping[str, str]) -> Result[Voice]:
    people = {iri: _people(index, told.get(iri, ())) for iri in kinds}
    heard = Counter(person for found in people.values() for person in found)
    found = []
    for iri, name in kinds.items():
        said = told.get(iri, ())
        report = index.reports.get(said[0].report if said else iri)
        links = {a.source for a in said}
        origins = [index.origin(link) for link in links]
        known = {origin for origin in origins if origin}
        found.append(
            Voice(
                iri,
                index.label(iri),
                name,
                (report.published or "") if report else "",
                len(said),
                sum(a.polarity == "denied" for a in said),
                sum(a.certainty == "alleged" for a in said),
                *_split(index, people[iri]),
                sum(heard[person] == 1 for person in people[iri]),
                len(links),
                len(known),
                len(links) - sum(bool(origin) for origin in origins),
                index.label(min(known)) if len(known) == 1 and all(origins) else "",
            )
        )
    return Result(tuple(sorted(found, key=lambda voice: (-voice.assertions, voice.iri))), (COVERAGE,))


def _people(index: Index, said: Iterable[Assertion]) -> set[str]:
    named = {iri for a in said for iri in (a.subject, _object(a))}
    return {iri for iri in named if kind(index, iri) in PEOPLE}


# ---------------------------------------------------------------- places and months


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Of how many people something is affirmed that has to do with one place."""

    place: str
    label: str
    type: str
    predicate: str
    """`ANY` for all together: a person of whom two things are said is there once."""
    persons: int
    groups: int
    """Groups; their sizes are not added."""
    only_alleged: int
    """Those among persons and groups of whom nothing of it is more than alleged."""
    assertions: int
    reports: int
    origins: int


def by_place(
    index: Index, *, roll_up: bool = True, predicates: Collection[str] = (), split: bool = False
) -> Result[PlaceCount]:
    """Give how many people have to do with each place: taken, held or resident there, and so on.

    With `roll_up`, who is tied to a place is tied to each place that it lies in, once; unnamed places have
    no row of their own then, and one row without an IRI holds those that lie in no known place. `predicates`
    narrows what counts, as files write them; `split` adds a row for each predicate.
    """
    found: dict[tuple[str, str], list[Assertion]] = defaultdict(list)
    counted = lru_cache(None)(lambda place: _counted_places(index, place, roll_up))
    for assertion in _affirmed(index):
        place, predicate = _object(assertion), _predicate(assertion)
        if kind(index, place) in PLACES and (not predicates or predicate in predicates):
            for each in counted(place):
                found[each, ANY].append(assertion)
                if split:
                    found[each, predicate].append(assertion)
    counts = {key: _place_count(index, *key, said) for key, said in found.items()}
    total = {place: count for (place, predicate), count in counts.items() if predicate == ANY}

    def order(count: PlaceCount) -> tuple[object, ...]:
        whole = total[count.place]
        people = count.persons + count.groups
        first = (not count.place, -whole.persons - whole.groups, -whole.assertions, count.place)
        return (*first, count.predicate != ANY, -people, count.predicate)

    return Result(tuple(sorted(counts.values(), key=order)), (COVERAGE, "sizes of groups are not added"))


def _counted_places(index: Index, place: str, roll_up: bool) -> list[str]:
    if not roll_up:
        return [place]
    above = [p for p in index.places_above(place) if not ((e := index.entities.get(p)) and e.unnamed)]
    return above or [""]


def _place_count(index: Index, place: str, predicate: str, said: Sequence[Assertion]) -> PlaceCount:
    stated = {a.subject for a in said if a.certainty == "stated"}
    subjects = {a.subject for a in said}
    return PlaceCount(
        place,
        index.label(place) if place else "(unnamed, lies in no known place)",
        kind(index, place),
        predicate,
        *_split(index, subjects),
        len(subjects - stated),
        len(said),
        len({a.report for a in said}),
        len({index.origin(source) for source in {a.source for a in said}} - {None}),
    )


def by_country(index: Index) -> Result[PlaceCount]:
    """Give how many people have to do with each country, by predicate; places count for their country."""
    found = by_place(index, split=True)
    rows = tuple(row for row in found.rows if row.type == "country")
    lies_in_one = lru_cache(None)(
        lambda place: any(kind(index, each) == "country" for each in index.places_above(place))
    )
    tied = [(a.subject, _object(a)) for a in _affirmed(index)]
    nowhere = {who for who, place in tied if kind(index, place) in PLACES and not lies_in_one(place)}
    note = f"persons and groups tied to a place of which no country is known: {len(nowhere):,}"
    return Result(rows, (*found.notes, *([note] if nowhere else [])))


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Of how many people something is said to have been so in one month."""

    month: str
    """``2017-07``, `UNDATED` or `TOO_WIDE`."""
    predicate: str
    certain: int
    """Persons and groups of whom something said has a date that can only mean this month."""
    possible: int
    """Further ones, of whom something said can mean this month as well as another."""
    assertions: int
    reports: int


def by_month(index: Index, *, predicates: Collection[str] = (), split: bool = False) -> Result[MonthCount]:
    """Give what is affirmed of people month by month, as far as the dates say.

    An approximate date is never certain. A date that can mean more than `WIDEST` months, or has no start or
    end, stands in a row of its own; so does what has no date, of predicates that have one elsewhere.
    """
    said = [a for a in _affirmed(index) if not predicates or _predicate(a) in predicates]
    # Many share a date, and reading one takes longer than all the rest.
    read = {a.qualifiers: a for a in said}
    spans = {qualifiers: _months(date_of(a)) for qualifiers, a in read.items()}
    datable = {_predicate(a) for a in said if spans[a.qualifiers][0][0] != UNDATED}
    # Where nothing has a date, what could have one shows as undated, and is not passed over.
    datable = datable or {_predicate(a) for a in said if a.object.startswith("<")}
    found: dict[tuple[str, str], list[tuple[Assertion, bool]]] = defaultdict(list)
    for assertion in said:
        if (predicate := _predicate(assertion)) in datable:
            for month, certain in spans[assertion.qualifiers]:
                for name in (ANY, predicate) if split else (ANY,):
                    found[month, name].append((assertion, certain))
    rows = [
        MonthCount(
            *key,
            len(sure := {a.subject for a, certain in both if certain}),
            len({a.subject for a, _ in both} - sure),
            len(both),
            len({a.report for a, _ in both}),
        )
        for key, both in found.items()
    ]
    rows.sort(key=lambda row: (not row.month[:1].isdigit(), row.month, row.predicate != ANY, row.predicate))
    return Result(tuple(rows), (COVERAGE, "one thing of an uncertain month is possible in each of them"))


def _months(date: dates.ReportedDate | None) -> list[tuple[str, bool]]:
    if date is None:
        return [(UNDATED, False)]
    if date.earliest is None or date.latest is None:
        return [(TOO_WIDE, False)]
    first, last = _number(date.earliest), _number(date.latest)
    if last - first >= WIDEST:
        return [(TOO_WIDE, False)]
    sure = range(0) if date.approximate else range(first, last + 1) if first == last else _lasting(date.text)
    return [(f"{month // 12:04}-{month % 12 + 1:02}", month in sure) for month in range(first, last + 1)]


def _lasting(text: str) -> range:
    """Give the months that something which lasted certainly had a part of."""
    start, slash, end = text.partition("/")
    if not slash:
        return range(0)
    begun, ended = dates.parse(start).latest, dates.parse(end).earliest
    return range(_number(begun), _number(ended) + 1) if begun and ended else range(0)


def _number(day: datetime.date) -> int:
    return day.year * 12 + day.month - 1


# ---------------------------------------------------------------- connections


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two people have in common, with the assertions that tie each to it."""

    shared: str
    """An IRI; of an accusation its text."""
    label: str
    one: tuple[str, ...]
    other: tuple[str, ...]
    alleged: bool
    """True where one of the two is tied to it by what is no more than alleged."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two people who have something in common."""

    one: str
    one_label: str
    other: str
    other_label: str
    weight: int
    """How many things they have in common."""
    strength: float
    """Each thing counts 1/(n-1) where n people share it (Newman 2001): what all share ties nobody."""
    alleged: bool
    """True where each reason is."""
    reasons: tuple[Reason, ...]


def connections(
    index: Index, through: str, *, base: str = DEFAULT_BASE, largest: int = 100, most: int = 200_000
) -> Result[Tie]:
    """Give who is connected to whom through a thing of one kind (one of `THROUGH`), the strongest ties first.

    Through a report or a source all that is spoken of counts; through anything else only what is affirmed.
    A source is who speaks in the innermost link, so that one relative in two reports is one source. A thing
    shared by more than `largest` people makes no ties, nor does one that would bring the ties to more than
    `most`: the notes name it.

    Raises:
        KgError: there is no such kind.
    """
    if through not in THROUGH:
        raise KgError(f"nobody is connected through {through!r}; choose from {', '.join(THROUGH)}")
    found: dict[str, dict[str, list[tuple[str, bool]]]] = defaultdict(lambda: defaultdict(list))
    labels: dict[str, str] = {}
    for assertion in index.living:
        if shared := list(_shared(index, assertion, through)):
            iri = assertion_iri(assertion, base)
            for each, label in shared:
                labels.setdefault(each, label)
                for person in _tied(index, assertion, through):
                    found[each][person].append((iri, assertion.certainty == "alleged"))
    reasons: dict[tuple[str, str], list[tuple[float, Reason]]] = defaultdict(list)
    hubs, made = [], 0
    for each in sorted(found, key=lambda each: (len(found[each]), each)):
        number = len(found[each])
        pairs = number * (number - 1) // 2
        if number > largest or made + pairs > most:
            hubs.append(f"{labels[each]} ({number:,})")
            continue
        made += pairs
        iris = {person: tuple(iri for iri, _ in said) for person, said in found[each].items()}
        alleged = {person: all(flag for _, flag in said) for person, said in found[each].items()}
        for one, other in combinations(sorted(iris), 2):
            is_alleged = alleged[one] or alleged[other]
            reason = Reason(each, labels[each], iris[one], iris[other], is_alleged)
            reasons[one, other].append((1 / (number - 1), reason))
    ties = [_tie(index, *pair, both) for pair, both in reasons.items()]
    ties.sort(key=lambda tie: (-tie.strength, -tie.weight, tie.one, tie.other))
    notes = [COVERAGE]
    if hubs:
        notes.append(
            f"no ties are made through what more than {largest:,} people share, nor more than {most:,} ties; "
            f"left out: {'; '.join(hubs[:10])}" + (f"; and {len(hubs) - 10:,} more" if hubs[10:] else "")
        )
    return Result(tuple(ties), tuple(notes))


def _tie(index: Index, one: str, other: str, both: Sequence[tuple[float, Reason]]) -> Tie:
    reasons = tuple(reason for _, reason in both)
    strength = round(sum(share for share, _ in both), 9)
    alleged = all(reason.alleged for reason in reasons)
    labels = index.label(one), index.label(other)
    return Tie(one, labels[0], other, labels[1], len(reasons), strength, alleged, reasons)


def _shared(index: Index, assertion: Assertion, through: str) -> Iterator[tuple[str, str]]:
    if through == "report":
        yield assertion.report, index.label(assertion.report)
    elif through == "source":
        source = index.origin(assertion.source) or assertion.source
        yield source, index.label(source)
    elif assertion.polarity != "affirmed":
        return
    elif through == "episode":
        yield from ((episode, index.label(episode)) for episode in assertion.episodes)
    elif through == "accusation":
        if _predicate(assertion) in ACCUSATIONS and assertion.object.startswith('"'):
            text = " ".join(index.value(assertion.object).split())
            yield text.casefold(), text
    elif kind(index, object_ := _object(assertion)) in _OBJECTS[through]:
        yield object_, index.label(object_)


def _tied(index: Index, assertion: Assertion, through: str) -> set[str]:
    if through in ("report", "source", "episode"):
        return _people(index, (assertion,))
    return {assertion.subject} if kind(index, assertion.subject) in PEOPLE else set()


def projection(
    index: Index, through: str, *, base: str = DEFAULT_BASE, largest: int = 100, most: int = 200_000
) -> Network:
    """Give `connections` as a NetworkX graph of people.

    Nodes have `label` and `type`; edges `weight`, `strength`, `alleged` and `reasons`; the graph itself has
    `through` and `notes`. People who have nothing in common with anybody are not in it.
    """
    import networkx

    found = connections(index, through, base=base, largest=largest, most=most)
    graph: Network = networkx.Graph(through=through, notes=found.notes)
    for iri in sorted({iri for tie in found.rows for iri in (tie.one, tie.other)}):
        graph.add_node(iri, label=index.label(iri), type=kind(index, iri))
    for tie in found.rows:
        facts = {"weight": tie.weight, "strength": tie.strength, "alleged": tie.alleged}
        graph.add_edge(tie.one, tie.other, **facts, reasons=tie.reasons)
    return graph


# ---------------------------------------------------------------- structure


def simple(graph: Network) -> Network:
    """Give the undirected graph without loops whose `weight` is the number of edges between two nodes.

    Edges that have a `weight` count with it.
    """
    import networkx

    weights: Counter[tuple[str, str]] = Counter()
    for one, other, data in graph.edges(data=True):
        if one != other:
            weights[min(one, other), max(one, other)] += data.get("weight", 1)
    found: Network = networkx.Graph()
    found.add_nodes_from(sorted(graph.nodes))
    found.add_weighted_edges_from((*pair, weight) for pair, weight in sorted(weights.items()))
    return found


def _assertions_at(graph: Network) -> dict[str, int]:
    touching = dict.fromkeys(graph.nodes, 0)
    for one, other in graph.edges():
        for node in {one, other}:
            touching[node] += 1
    return touching


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two or more entities that belong together, sorted by IRI."""

    number: int
    size: int
    people: int
    members: tuple[str, ...]
    labels: tuple[str, ...]


def components(graph: Network) -> Result[Cluster]:
    """Give the parts of the graph that nothing connects, the largest first."""
    import networkx

    return _clusters(graph, networkx.connected_components(simple(graph)))


def communities(graph: Network, *, seed: int = 0, fast: bool = False) -> Result[Cluster]:
    """Give groups of entities that have more ties among themselves than with others (Louvain).

    With `fast`, igraph divides them: otherwise than NetworkX, but as well (modularity within 0.02).

    Raises:
        KgError: `fast` is True and igraph is not installed.
    """
    import networkx

    # Sets of small whole numbers have one order everywhere; sets of texts have not.
    flat = simple(graph)
    nodes = list(flat)
    number = {node: n for n, node in enumerate(nodes)}
    numbered: networkx.Graph[int] = networkx.Graph()
    numbered.add_nodes_from(range(len(nodes)))
    numbered.add_weighted_edges_from((number[a], number[b], d["weight"]) for a, b, d in flat.edges(data=True))
    if not numbered.number_of_edges():
        return _clusters(graph, ({node} for node in nodes))
    if fast:
        found = _louvain_by_igraph(flat, seed)
    else:
        found = networkx.community.louvain_communities(numbered, seed=seed)
    modularity = networkx.community.modularity(numbered, found)
    by = ", by igraph" if fast else ""
    note = f"Louvain{by} with seed {seed}, modularity {modularity:.3f}; another seed can divide otherwise"
    return _clusters(graph, ({nodes[n] for n in part} for part in found), note)


def _clusters(graph: Network, parts: Iterable[Iterable[str]], *notes: str) -> Result[Cluster]:
    ordered = sorted((sorted(part) for part in parts), key=lambda part: (-len(part), part))
    clusters = [
        Cluster(
            number,
            len(part),
            sum(graph.nodes[node].get("type") in PEOPLE for node in part),
            tuple(part),
            tuple(_label(graph, node) for node in part),
        )
        for number, part in enumerate(ordered, 1)
        if len(part) > 1
    ]
    alone = len(ordered) - len(clusters)
    apart = [f"entities that stand alone, not listed: {alone:,}"] if alone else []
    return Result(tuple(clusters), (*notes, *apart))


def _label(graph: Network, node: str) -> str:
    return str(graph.nodes[node].get("label") or local_name(node))


@dataclass(frozen=True, slots=True)
class Central:
    """How central one entity is."""

    entity: str
    label: str
    type: str
    assertions: int
    neighbours: int
    pagerank: float
    betweenness: float
    """The share of pairs of other entities whose shortest paths go through it."""


def centrality(
    graph: Network, *, seed: int = 0, samples: int = 50, fast: bool | None = None
) -> Result[Central]:
    """Give degree, PageRank and betweenness of each entity, the highest PageRank first.

    Betweenness is exact where nodes times edges are at most `EXACT`; above, it is estimated from the paths of
    `samples` entities drawn with `seed`. With `fast`, igraph computes both: None uses it if it is installed
    and the graph is above that size. The results are the same within 1e-6.

    Raises:
        KgError: `fast` is True and igraph is not installed.
    """
    flat = simple(graph)
    is_large = flat.number_of_nodes() * flat.number_of_edges() > EXACT
    use = is_large and _has_igraph() if fast is None else fast
    sources = random.Random(seed).sample(list(flat), min(samples, len(flat))) if is_large else list(flat)  # noqa: S311
    ranks, between = pagerank(flat, fast=use), betweenness(flat, sources, fast=use)
    touching = _assertions_at(graph)
    found = [
        Central(
            node,
            _label(graph, node),
            str(graph.nodes[node].get("type", "")),
            touching[node],
            len(flat[node]),
            round(ranks[node], 6),
            round(between[node], 6),
        )
        for node in flat
    ]
    notes = [COVERAGE]
    if is_large:
        drawn = f"{len(sources):,} of {len(flat):,} entities, drawn with seed {seed}"
        notes.append(f"betweenness is estimated from the paths of {drawn}")
        if not use:
            notes.append("igraph (pip install 'reportedly[fast]') takes a fraction of the time")
    return Result(tuple(sorted(found, key=lambda row: (-row.pagerank, row.entity))), tuple(notes))


def _has_igraph() -> bool:
    return importlib.util.find_spec("igraph") is not None


def _igraph(flat: Network) -> Any:
    try:
        import igraph  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise KgError("igraph is not installed; try: pip install 'reportedly[fast]'") from error
    number = {node: n for n, node in enumerate(flat)}
    found = igraph.Graph(len(flat), [(number[a], number[b]) for a, b in flat.edges()])
    found.es["weight"] = [weight for _, _, weight in flat.edges(data="weight", default=1)]
    return found


def _louvain_by_igraph(flat: Network, seed: int) -> list[set[int]]:
    found = _igraph(flat)
    import igraph

    # igraph has one generator for the whole process; Python's own is what it starts with.
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        return [set(part) for part in found.community_multilevel(weights="weight")]
    finally:
        igraph.set_random_number_generator(random)


def pagerank(graph: Network, *, damping: float = 0.85, fast: bool = False) -> dict[str, float]:
    """Give the PageRank of each node of the simple graph, weighted; the sum is 1.

    NetworkX computes it with SciPy only, which is larger than this package and all it needs.
    """
    flat = simple(graph)
    if not flat:
        return {}
    if fast:
        return dict(zip(flat, _igraph(flat).pagerank(weights="weight", damping=damping), strict=True))
    number = {node: n for n, node in enumerate(flat)}
    total = {node: sum(data["weight"] for data in flat[node].values()) for node in flat}
    inward = [[(number[o], data["weight"] / total[o]) for o, data in flat[node].items()] for node in flat]
    alone = [number[node] for node in flat if not total[node]]
    ranks = [1 / len(flat)] * len(flat)
    for _ in range(500):
        even = (1 - damping + damping * sum(ranks[n] for n in alone)) / len(flat)
        new = [even + damping * sum(ranks[o] * share for o, share in links) for links in inward]
        change = sum(abs(one - other) for one, other in zip(new, ranks, strict=True))
        ranks = new
        if change < 1e-10:
            break
    return dict(zip(flat, ranks, strict=True))


def betweenness(
    graph: Network, sources: Collection[str] | None = None, *, fast: bool = False
) -> dict[str, float]:
    """Give the share of pairs of other nodes whose shortest paths go through each node, from 0 to 1.

    Only paths that start at one of `sources` are looked at; all of them if None.
    """
    import networkx

    flat = simple(graph)
    starts = set(flat if sources is None else sources)
    if len(flat) < 3:
        return dict.fromkeys(flat, 0.0)
    if fast:
        found = _igraph(flat)
        numbers = [n for n, node in enumerate(flat) if node in starts]
        raw = dict(zip(flat, found.betweenness(directed=False, sources=numbers), strict=True))
    else:
        raw = networkx.betweenness_centrality_subset(flat, [n for n in flat if n in starts], list(flat))
    # Both halve what they find, since each path has two ends; a node is no start of paths through it.
    pairs = {node: len(starts - {node}) * (len(flat) - 2) for node in flat}
    return {node: 2 * raw[node] / pairs[node] if pairs[node] else 0.0 for node in flat}


# ---------------------------------------------------------------- paths


@dataclass(frozen=True, slots=True)
class Step:
    """One assertion that makes one hop of one path; the hop may go against its direction."""

    path: int
    hop: int
    start: str
    start_label: str
    end: str
    end_label: str
    assertion: str
    says: str
    told: str
    """Who told it, in which report and where in it."""
    certainty: str
    polarity: str


def path(
    index: Index,
    graph: Network,
    start: str,
    end: str,
    *,
    k: int = 1,
    avoid: Collection[str] = ("country",),
    each: int = 20,
) -> Result[Step]:
    """Give up to `k` shortest paths between two entities, each hop with up to `each` of its assertions.

    Paths through an entity of a type in `avoid` are given only where there is no other, and a note says so.
    No row means that nothing connects the two; the notes say it in words.

    Raises:
        KgError: `graph` does not hold one of the two, or no entity has a type in `avoid`.
    """
    import networkx

    for iri in (start, end):
        if iri not in graph:
            raise KgError(f"no entity {iri!r} in the graph" + _suggestion(iri, graph.nodes))
    types = {str(data.get("type", "")) for _, data in graph.nodes(data=True)} | {*PEOPLE, *PLACES}
    for name in avoid:
        if name not in types:
            raise KgError(f"no entity is of the type {name!r}" + _suggestion(name, types))
    ends = f"{_label(graph, start)!r} and {_label(graph, end)!r}"
    if start == end:
        return Result((), (f"both ends are {_label(graph, start)!r}",))
    flat = simple(graph)
    avoided = {n for n in flat if n not in (start, end) and graph.nodes[n].get("type") in avoid}
    what, notes = " or ".join(sorted(avoid)), []
    # Not `subgraph`, whose nodes come in the order of a set of texts.
    shorter = flat.copy()
    shorter.remove_nodes_from(avoided)
    if not networkx.has_path(shorter, start, end):
        if not networkx.has_path(flat, start, end):
            return Result((), (f"nothing in the graph connects {ends}",))
        notes.append(f"no path between {ends} avoids every {what}")
        shorter = flat
    elif avoided:
        hops = networkx.shortest_path_length(flat, start, end)
        if hops < networkx.shortest_path_length(shorter, start, end):
            notes.append(f"through a {what} there is a path of {hops}")
    found = list(islice(networkx.shortest_simple_paths(shorter, start, end), k + 1))
    if len(found) > k >= 1 and len(found[k]) == len(found[k - 1]):
        notes.append(f"other paths are as short as the last of these (k={k})")
    steps: list[Step] = []
    for number, nodes in enumerate(found[:k], 1):
        for hop, pair in enumerate(pairwise(nodes), 1):
            said = list(_between(graph, *pair))
            steps += (_step(index, graph, number, hop, pair, *one) for one in said[:each])
            if len(said) > each:
                notes.append(f"path {number}, hop {hop}: further assertions, not shown: {len(said) - each:,}")
    return Result(tuple(steps), tuple(notes))


def _suggestion(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return f"; did you mean {near!r}?" if near else ""


def _between(graph: Network, one: str, other: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    ways = [(one, other), (other, one)] if graph.is_directed() else [(one, other)]
    found = [(str(key), data) for way in ways for key, data in (graph.get_edge_data(*way) or {}).items()]
    yield from sorted(found, key=lambda item: item[0])


def _step(
    index: Index,
    graph: Network,
    number: int,
    hop: int,
    pair: tuple[str, str],
    key: str,
    data: Mapping[str, Any],
) -> Step:
    assertion = index.by_digest.get(key.rpartition("_")[2])
    return Step(
        number,
        hop,
        pair[0],
        _label(graph, pair[0]),
        pair[1],
        _label(graph, pair[1]),
        key,
        index.words(assertion) if assertion else str(data.get("label", "")),
        index.whereabouts(assertion) if assertion else "",
        str(data.get("certainty", "")),
        str(data.get("polarity", "")),
    )


def path_text(found: Result[Step]) -> str:
    """Give paths in words: each hop, what makes it, who says so and where; safe for a terminal."""
    lines = []
    last: tuple[int, int] | None = None
    for step in found.rows:
        if (step.path, step.hop) != last:
            lines += [f"path {step.path}"] if last is None or step.path != last[0] else []
            marks = "alleged" if _all_alleged(found.rows, step) else ""
            ends = f"{step.start_label} - {step.end_label}"
            lines.append(f"  {step.hop}. {ends}" + (f" ({marks})" if marks else ""))
            last = step.path, step.hop
        lines += [f"     {step.says}", f"       {step.told}"]
    return "".join(f"{for_terminal(line)}\n" for line in [*lines, *found.notes])


def _all_alleged(steps: Sequence[Step], step: Step) -> bool:
    return all(
        other.certainty == "alleged" for other in steps if (other.path, other.hop) == (step.path, step.hop)
    )


# ---------------------------------------------------------------- tables

STATS: Final[Mapping[str, Callable[[Index, Any], Result[Any]]]] = {
    "overview": overview,
    "countries": lambda index, _: by_country(index),
    "places": lambda index, _: by_place(index),
    "months": lambda index, _: by_month(index),
    "reports": lambda index, _: by_report(index),
    "sources": lambda index, _: by_source(index),
    "components": lambda _, graph: components(graph),
    "communities": lambda _, graph: communities(graph),
    "centrality": lambda _, graph: centrality(graph),
}
"""What can be counted without further words; `connections` needs one of `THROUGH` besides."""


def rows(found: Result[Any]) -> list[dict[str, Any]]:
    """Give each row as a dictionary of plain values, lists and dictionaries."""
    return [dataclasses.asdict(row) for row in found.rows]


def written(found: Result[Any], format: str) -> str:
    """Give a result as ``table``, ``csv`` or ``json``; notes stand under a table and in JSON.

    A table is safe for a terminal, leaves out columns of IRIs and shows of a list the first five; CSV has no
    notes and is safe for a spreadsheet.

    Raises:
        KgError: there is no such format.
    """
    if format == "json":
        return json.dumps({"rows": rows(found), "notes": found.notes}, ensure_ascii=False, indent=1) + "\n"
    if format not in ("table", "csv"):
        raise KgError(f"no format {format!r}; choose table, csv or json")
    records = rows(found)
    header = list(records[0]) if records else []
    if format == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
        writer.writerows([header] if header else [])
        writer.writerows([for_csv(_cell(record[name])) for name in header] for record in records)
        return text.getvalue()
    shown = [name for name in header if not all(_is_iri(record[name]) for record in records)]
    lines = _aligned([shown, *([_cell(record[name], 5) for name in shown] for record in records)])
    return "".join(f"{line}\n" for line in [*lines, *map(for_terminal, found.notes)])


def _is_iri(value: object) -> bool:
    if isinstance(value, tuple | list):
        return bool(value) and all(map(_is_iri, value))
    return isinstance(value, str) and (not value or "://" in value)


def _cell(value: object, most: int | None = None) -> str:
    if isinstance(value, tuple | list):
        more = f"; and {len(value) - most} more" if most is not None and len(value) > most else ""
        return "; ".join(_cell(item) for item in value[:most]) + more
    if isinstance(value, dict):
        return str(value.get("label", ""))
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    columns = [[for_terminal(cell) for cell in column] for column in zip(*lines, strict=True)]
    padded = []
    for column in columns:
        width = max(map(_width, column))
        is_number = all(cell.replace(".", "").replace("e-", "").isdigit() for cell in column[1:] if cell)
        spaces = [" " * (width - _width(cell)) for cell in column]
        texts = [s + c if is_number else c + s for c, s in zip(column, spaces, strict=True)]
        padded.append([texts[0], "-" * width, *texts[1:]])
    return ["  ".join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(bool(unicodedata.combining(letter)) for letter in text)
