"""Counts, connections and paths on small invented graphs, with the answers worked out by hand."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace

import networkx
import pytest

from conftest import ROOT
from kg import analysis, graph, rdf
from kg.analysis import THROUGH, TOO_WIDE, UNDATED, Cluster, MonthCount, PlaceCount
from kg.index import Index
from kg.model import Assertion, Corpus, Entity, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, EDTF, KG_NAMESPACE
from kg.problems import KgError

Network = networkx.MultiDiGraph
HAS_IGRAPH = importlib.util.find_spec("igraph") is not None
needs_igraph = pytest.mark.skipif(not HAS_IGRAPH, reason="igraph is an extra")

CLASSES = {
    "Person": ["aman", "dana", "erlan", "saule"],
    "Group": ["herders"],
    "Place": ["county", "prefecture", "town"],
    "Facility": ["home", "cell"],
    "Country": ["norland", "sudland"],
    "Court": ["court"],
    "Organization": ["police"],
}
PREDICATES = {"accused-of": "accusedOf", "detained-at": "detainedAt", "held-at": "heldAt"} | {
    "located-in": "locatedIn",
    "citizen-of": "citizenOf",
    "relative-of": "relativeOf",
    "sentenced-by": "sentencedBy",
    "detained-by": "detainedBy",
}


def id_(key: str) -> str:
    return DEFAULT_BASE + key


def said(
    subject: str, predicate: str, object_: str, source: str = "friend", date: str = "", **more: str
) -> Assertion:
    """Give an assertion by a source of the report of the same number; a text stands in quotes."""
    report = id_("report_2" if source.endswith("2") else "report_1")
    term = object_ if object_.startswith('"') else f"<{id_(object_)}>"
    qualifiers = ((KG_NAMESPACE + "date", f'"{date}"^^<{EDTF}>'),) if date else ()
    evidence = Evidence(report, 0, 1, "0" * 64)
    predicate = KG_NAMESPACE + PREDICATES[predicate]
    return Assertion(
        id_(subject),
        predicate,
        term,
        report,
        id_(f"source_{source}"),
        evidence,
        qualifiers=qualifiers,
        **more,
    )  # type: ignore[arg-type]


def index(*assertions: Assertion, unnamed: tuple[str, ...] = ("home", "cell")) -> Index:
    entities = tuple(
        Entity(id_(key), KG_NAMESPACE + name, key.title(), key in unnamed)
        for name, keys in CLASSES.items()
        for key in keys
    )
    reports = (
        Report(id_("report_1"), "One", "article", "2021-03"),
        Report(id_("report_2"), "Two", "article"),
    )
    sources = (
        Source(id_("source_friend"), "a friend", id_("saule"), "first-hand"),
        Source(id_("source_friend2"), "a friend, again", None, learned_from=id_("source_inner2")),
        Source(id_("source_inner2"), "inner", id_("saule")),
        Source(id_("source_nobody2"), "nobody known", None),
    )
    return Index(Corpus(entities, reports, sources, (), assertions))


def network(found: Index) -> Network:
    """Give the graph of an index as an export of it would have it, entities without a tie left out."""
    made: Network = Network()
    for entity in found.entities.values():
        made.add_node(
            entity.iri, label=entity.label, type=analysis.kind(found, entity.iri), unnamed=entity.unnamed
        )
    for assertion in found.living:
        if assertion.object.startswith("<") and assertion.polarity == "affirmed":
            key = rdf.assertion_iri(assertion, DEFAULT_BASE)
            facts = {"certainty": assertion.certainty, "polarity": assertion.polarity, "label": "tie"}
            made.add_edge(assertion.subject, assertion.object[1:-1], key, **facts)
    made.remove_nodes_from([node for node in list(made) if not made.degree(node)])
    return made


def edges(*pairs: str) -> Network:
    made: Network = Network()
    made.add_edges_from(tuple(pair) for pair in pairs)
    return made


# ---------------------------------------------------------------- overview, reports, sources


def test_the_overview_counts_living_assertions_and_says_how_many_are_withdrawn() -> None:
    found = index(
        said("aman", "detained-at", "town"),
        said("aman", "detained-at", "town", "friend2", certainty="alleged"),
        said("dana", "detained-at", "town", polarity="denied"),
        said("erlan", "detained-at", "town", withdrawn=Withdrawal("2026-01-02")),
        said("aman", "relative-of", "aman"),
    )
    overview = analysis.overview(found, network(found))
    figures = {(row.of, row.name): row for row in overview.rows}
    assert {key: row.count for key, row in figures.items() if key[0] != "entities"} == {
        ("graph", "assertions"): 4,
        ("graph", "withdrawn assertions"): 1,
        ("graph", "reports"): 2,
        ("graph", "sources"): 4,
        ("graph", "episodes"): 0,
        ("predicate", "detained-at"): 3,
        ("predicate", "relative-of"): 1,
        ("polarity", "affirmed"): 3,
        ("polarity", "denied"): 1,
        ("certainty", "stated"): 3,
        ("certainty", "alleged"): 1,
        ("method", "curated"): 4,
    }
    person = figures["entities", "person"]  # two parallel edges and a loop: three assertions, one neighbour
    assert (person.count, person.mean_assertions, person.most_assertions) == (1, 3.0, 3)
    assert (person.most_neighbours, person.most_tied) == (1, "Aman")
    assert overview.notes == (analysis.COVERAGE, "withdrawn assertions, left out of every other count: 1")


def test_reports_are_counted_by_whom_they_speak_of_and_who_told_them() -> None:
    found = index(
        said("aman", "detained-at", "town"),
        said("aman", "relative-of", "dana", "friend2"),
        said("herders", "detained-at", "town", "nobody2", polarity="denied"),
        said("herders", "accused-of", '"theft"', "nobody2", certainty="alleged"),
    )
    two, one = analysis.by_report(found).rows
    assert (two.label, two.published, two.assertions, two.denied, two.alleged) == ("Two", "", 3, 1, 1)
    assert (two.persons, two.groups, two.only_here) == (2, 1, 2)  # Dana and the herders
    assert (two.sources, two.origins, two.unknown_origins, two.origin) == (2, 1, 1, "")
    assert (one.label, one.published, one.persons, one.only_here, one.origin) == (
        "One",
        "2021-03",
        1,
        0,
        "Saule",
    )


def test_a_source_is_one_link_and_says_whom_it_goes_back_to() -> None:
    found = index(said("aman", "detained-at", "town"), said("aman", "held-at", "town", "friend2"))
    assert [(v.label, v.kind, v.origin, v.only_here) for v in analysis.by_source(found).rows] == [
        ("a friend", "first-hand", "Saule", 0),
        ("a friend, again", "unknown", "Saule", 0),
    ]


# ---------------------------------------------------------------- places


LOCATED = (
    said("home", "located-in", "county"),
    said("county", "located-in", "prefecture"),
    said("prefecture", "located-in", "norland"),
)


def people(found: analysis.Result[PlaceCount]) -> dict[str, tuple[int, int]]:
    return {row.label: (row.persons, row.groups) for row in found.rows if row.predicate == "any"}


def test_a_person_taken_at_home_counts_once_for_each_place_that_the_home_lies_in() -> None:
    found = index(
        *LOCATED,
        said("aman", "detained-at", "home"),
        said("aman", "detained-at", "county", "friend2"),
        said("herders", "detained-at", "county"),
        said("dana", "held-at", "cell"),
        said("erlan", "detained-at", "county", polarity="denied"),
    )
    assert people(analysis.by_place(found)) == {
        "County": (1, 1),
        "Prefecture": (1, 1),
        "Norland": (1, 1),
        "(unnamed, lies in no known place)": (1, 0),
    }
    flat = analysis.by_place(found, roll_up=False)
    assert people(flat) == {"County": (1, 1), "Home": (1, 0), "Cell": (1, 0)}
    assert people(analysis.by_place(found, predicates=["held-at"])) == {
        "(unnamed, lies in no known place)": (1, 0)
    }
    county = next(row for row in analysis.by_place(found).rows if row.label == "County")
    assert (county.assertions, county.reports, county.origins, county.only_alleged) == (3, 2, 1, 0)


def test_places_that_lie_in_each_other_end_the_walk() -> None:
    around = said("norland", "located-in", "county")
    found = index(*LOCATED, around, said("aman", "detained-at", "county", certainty="alleged"))
    assert people(analysis.by_place(found)) == dict.fromkeys(("County", "Prefecture", "Norland"), (1, 0))
    assert {row.only_alleged for row in analysis.by_place(found).rows} == {1}


def test_a_country_has_the_people_of_its_places_by_predicate() -> None:
    found = index(
        *LOCATED,
        said("aman", "detained-at", "home"),
        said("aman", "citizen-of", "norland"),
        said("dana", "citizen-of", "norland"),
        said("erlan", "detained-at", "town"),
    )
    countries = analysis.by_country(found)
    assert [(row.label, row.predicate, row.persons) for row in countries.rows] == [
        ("Norland", "any", 2),
        ("Norland", "citizen-of", 2),
        ("Norland", "detained-at", 1),
    ]
    assert countries.notes[-1] == "persons and groups tied to a place of which no country is known: 1"


# ---------------------------------------------------------------- months


def months(*dates: str) -> list[tuple[str, int, int]]:
    keys = ("aman", "dana", "erlan", "saule")
    found = index(
        *(said(key, "detained-at", "town", date=date) for key, date in zip(keys, dates, strict=False))
    )
    return [(row.month, row.certain, row.possible) for row in analysis.by_month(found).rows]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2021-02-03", [("2021-02", 1, 0)]),
        ("2021-02", [("2021-02", 1, 0)]),
        ("2021-02~", [("2021-02", 0, 1)]),
        ("[2021-02-27..2021-03-02]", [("2021-02", 0, 1), ("2021-03", 0, 1)]),
        ("2021-02/2021-04", [("2021-02", 1, 0), ("2021-03", 1, 0), ("2021-04", 1, 0)]),
        ("2021/2021-02", [("2021-01", 0, 1), ("2021-02", 0, 1)]),
        ("2020-12/2021-01~", [("2020-12", 0, 1), ("2021-01", 0, 1)]),
        ("2021-02/..", [(TOO_WIDE, 0, 1)]),
        ("[..2021-02]", [(TOO_WIDE, 0, 1)]),
        ("19XX", [(TOO_WIDE, 0, 1)]),
    ],
)
def test_a_date_is_certain_or_possible_in_a_month(date: str, expected: list[tuple[str, int, int]]) -> None:
    assert months(date) == expected


def test_a_year_is_possible_in_twelve_months_and_a_person_is_certain_or_possible_but_not_both() -> None:
    found = months("2020", "2020-05")
    assert len(found) == 12
    assert ("2020-05", 1, 1) in found
    twice = index(
        said("aman", "held-at", "town", date="2020-05"), said("aman", "held-at", "cell", date="2020")
    )
    assert MonthCount("2020-05", "any", 1, 0, 2, 1) in analysis.by_month(twice).rows


def test_what_has_no_date_stands_apart_and_only_where_its_predicate_has_one_elsewhere() -> None:
    found = index(
        said("aman", "detained-at", "town", date="2021-02"),
        said("dana", "detained-at", "town"),
        said("dana", "citizen-of", "norland"),
    )
    rows = analysis.by_month(found, split=True).rows
    assert [(row.month, row.predicate, row.certain, row.possible) for row in rows] == [
        ("2021-02", "any", 1, 0),
        ("2021-02", "detained-at", 1, 0),
        (UNDATED, "any", 0, 1),
        (UNDATED, "detained-at", 0, 1),
    ]


# ---------------------------------------------------------------- connections


def test_people_are_tied_by_what_they_share_and_by_which_assertions() -> None:
    one, other = said("aman", "detained-at", "town"), said("dana", "held-at", "town", certainty="alleged")
    found = index(
        one, other, said("erlan", "detained-at", "town", polarity="denied"), said("aman", "held-at", "town")
    )
    (tie,) = analysis.connections(found, "place").rows
    assert (tie.one_label, tie.other_label, tie.weight, tie.strength, tie.alleged) == (
        "Aman",
        "Dana",
        1,
        1.0,
        True,
    )
    (reason,) = tie.reasons
    iris = {a: rdf.assertion_iri(a, DEFAULT_BASE) for a in found.living}
    assert (reason.label, reason.other, len(reason.one)) == ("Town", (iris[other],), 2)
    assert iris[one] in reason.one


def test_what_many_share_ties_them_less() -> None:
    found = index(
        *(said(key, "detained-at", "town") for key in ("aman", "dana", "erlan")),
        *(said(key, "held-at", "cell") for key in ("aman", "dana")),
    )
    ties = {
        (t.one_label, t.other_label): (t.weight, t.strength)
        for t in analysis.connections(found, "place").rows
    }
    assert ties == {("Aman", "Dana"): (2, 1.5), ("Aman", "Erlan"): (1, 0.5), ("Dana", "Erlan"): (1, 0.5)}


@pytest.mark.parametrize(
    ("through", "expected"),
    [
        ("place", set()),
        ("country", {("Aman", "Dana", "Norland")}),
        ("court", {("Aman", "Dana", "Court")}),
        ("organization", {("Dana", "Erlan", "Police")}),
        ("accusation", {("Aman", "Erlan", "Theft of sheep")}),
        ("source", {("Aman", "Dana", "Saule"), ("Aman", "Erlan", "Saule"), ("Dana", "Erlan", "Saule")}),
        ("report", {("Aman", "Dana", "One"), ("Aman", "Erlan", "Two")}),
        ("episode", set()),
    ],
)
def test_each_kind_of_thing_ties_its_own_pairs(through: str, expected: set[tuple[str, str, str]]) -> None:
    # The friend in both reports is one speaker, so one source.
    found = index(
        said("aman", "citizen-of", "norland"),
        said("dana", "citizen-of", "norland"),
        said("aman", "sentenced-by", "court"),
        said("dana", "sentenced-by", "court"),
        said("dana", "detained-by", "police"),
        said("erlan", "detained-by", "police", "friend2"),
        said("aman", "accused-of", '"Theft  of sheep"', "friend2"),
        said("erlan", "accused-of", '"theft of sheep"', "friend2"),
    )
    ties = analysis.connections(found, through).rows
    assert {(t.one_label, t.other_label, r.label) for t in ties for r in t.reasons} == expected


def test_a_hub_makes_no_ties_and_is_named() -> None:
    found = index(*(said(key, "detained-at", "town") for key in ("aman", "dana", "erlan")))
    assert analysis.connections(found, "place", largest=3).rows
    for capped in (
        analysis.connections(found, "place", largest=2),
        analysis.connections(found, "place", most=2),
    ):
        assert capped.rows == ()
        assert capped.notes[-1].endswith("left out: Town (3)")


def test_a_projection_is_a_graph_with_the_reason_on_each_edge() -> None:
    found = index(said("aman", "detained-at", "town"), said("dana", "held-at", "town"))
    made = analysis.projection(found, "place")
    edge = made.edges[id_("aman"), id_("dana")]
    assert (sorted(made), edge["weight"], edge["reasons"][0].label) == ([id_("aman"), id_("dana")], 1, "Town")
    assert made.graph["notes"] == (analysis.COVERAGE,)
    assert made.nodes[id_("aman")] == {"label": "Aman", "type": "person"}
    assert analysis.components(made).rows[0].size == 2


def test_a_kind_that_ties_nobody_is_refused() -> None:
    with pytest.raises(KgError, match="nobody is connected through 'colour'; choose from place, country"):
        analysis.connections(index(), "colour")


# ---------------------------------------------------------------- structure


def test_components_are_the_parts_that_nothing_connects() -> None:
    made = edges("ab", "bc", "de")
    made.add_node("f", type="person")
    found = analysis.components(made)
    assert found.rows == (
        Cluster(1, 3, 0, ("a", "b", "c"), ("a", "b", "c")),
        Cluster(2, 2, 0, ("d", "e"), ("d", "e")),
    )
    assert found.notes == ("entities that stand alone, not listed: 1",)


def test_communities_of_two_triangles_with_a_bridge_are_the_triangles() -> None:
    made = edges("ab", "bc", "ca", "de", "ef", "fd", "cd")
    assert [row.members for row in analysis.communities(made).rows] == [("a", "b", "c"), ("d", "e", "f")]
    assert "seed 0" in analysis.communities(made).notes[0]
    assert analysis.communities(edges("aa")).notes == ("entities that stand alone, not listed: 1",)


@pytest.mark.parametrize("fast", [False, pytest.param(True, marks=needs_igraph)])
def test_the_middle_of_a_path_lies_between_all_others(fast: bool) -> None:
    made = edges("ab", "ba", "bb", "bc")  # a = b - c with parallel edges and a loop
    assert analysis.betweenness(made, fast=fast) == {"a": 0.0, "b": 1.0, "c": 0.0}
    # a weighs 2, c 1: r_a = .05 + .85 * 2/3 r_b, r_b = .05 + .85 (r_a + r_c), and all sum to 1
    middle = (0.05 + 0.85) / 1.85
    expected = {"a": 0.05 + 0.85 * middle * 2 / 3, "b": middle, "c": 0.05 + 0.85 * middle / 3}
    assert analysis.pagerank(made, fast=fast) == pytest.approx(expected)
    row = analysis.centrality(made, fast=fast).rows[0]
    assert (row.entity, row.assertions, row.neighbours, row.betweenness) == ("b", 4, 2, 1.0)


def test_only_the_paths_from_some_sources_are_counted_if_so_asked() -> None:
    # a - b - c - d: from a, b lies on the ways to c and d, c on that to d; of 2 pairs each
    assert analysis.betweenness(edges("ab", "bc", "cd"), ["a"]) == {"a": 0.0, "b": 1.0, "c": 0.5, "d": 0.0}
    whole = analysis.betweenness(edges("ab", "bc", "cd"))
    assert whole == pytest.approx(networkx.betweenness_centrality(networkx.Graph(["ab", "bc", "cd"])))


def random_network(nodes: int, number: int, seed: int = 7) -> Network:
    made, drawn = Network(), random.Random(seed)  # noqa: S311
    made.add_nodes_from((f"n{n}", {"type": "person"}) for n in range(nodes))
    ends = [(f"n{drawn.randrange(nodes)}", f"n{int(nodes * drawn.random() ** 2)}") for _ in range(number)]
    made.add_edges_from(ends)
    return made


def test_pagerank_is_that_of_networkx() -> None:
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python

    made = analysis.simple(random_network(60, 120))
    assert analysis.pagerank(made) == pytest.approx(_pagerank_python(made, tol=1e-12, max_iter=500), abs=1e-8)


@needs_igraph
@pytest.mark.parametrize("sample", [None, 7])
def test_igraph_gives_the_same_within_a_millionth(sample: int | None) -> None:
    made = random_network(200, 500)
    sources = None if sample is None else sorted(made)[::29][:sample]
    slow, fast = analysis.betweenness(made, sources), analysis.betweenness(made, sources, fast=True)
    assert slow == pytest.approx(fast, abs=1e-6)
    assert max(slow.values()) > 0.01
    assert analysis.pagerank(made) == pytest.approx(analysis.pagerank(made, fast=True), abs=1e-6)


@needs_igraph
def test_communities_by_igraph_are_as_good_and_the_same_for_a_seed() -> None:
    triangles = edges("ab", "bc", "ca", "de", "ef", "fd", "cd")
    assert analysis.communities(triangles, fast=True).rows == analysis.communities(triangles).rows
    drawn = random.Random(5)  # noqa: S311
    made = Network()
    for _ in range(2_000):  # ten groups of twenty, with a tie in four to anybody
        group = drawn.randrange(10)
        one = group * 20 + drawn.randrange(20)
        other = drawn.randrange(200) if drawn.random() < 0.25 else group * 20 + drawn.randrange(20)
        made.add_edge(f"n{one}", f"n{other}")
    slow, fast = analysis.communities(made), analysis.communities(made, fast=True)
    assert fast == analysis.communities(made, fast=True)
    quality = [float(result.notes[0].split("modularity ")[1][:5]) for result in (slow, fast)]
    assert quality[0] == pytest.approx(quality[1], abs=0.02)
    assert quality[0] > 0.5


def test_without_igraph_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(KgError, match=r"igraph is not installed; try: pip install 'reportedly\[fast\]'"):
        analysis.centrality(edges("ab"), fast=True)


def test_above_the_stated_size_betweenness_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = random_network(100, 200)
    exact = {row.entity: row.betweenness for row in analysis.centrality(made).rows}
    monkeypatch.setattr(analysis, "EXACT", 100)
    sampled = analysis.centrality(made, samples=100, fast=False)
    assert {row.entity: row.betweenness for row in sampled.rows} == exact  # a sample of all
    few = analysis.centrality(made, samples=10, seed=3, fast=False)
    assert few.notes[1] == "betweenness is estimated from the paths of 10 of 100 entities, drawn with seed 3"
    assert few == analysis.centrality(made, samples=10, seed=3, fast=False)
    assert few.rows != analysis.centrality(made, samples=10, seed=4, fast=False).rows


# ---------------------------------------------------------------- paths


def test_a_path_says_for_each_hop_who_says_so_and_where() -> None:
    found = index(
        said("aman", "relative-of", "dana", certainty="alleged"),
        said("erlan", "relative-of", "dana", "friend2"),
    )
    steps = analysis.path(found, network(found), id_("aman"), id_("erlan")).rows
    assert [(s.hop, s.start_label, s.end_label, s.says, s.certainty) for s in steps] == [
        (1, "Aman", "Dana", "Aman relative of Dana (alleged)", "alleged"),
        (2, "Dana", "Erlan", "Erlan relative of Dana (stated)", "stated"),
    ]
    assert steps[1].told == "told by a friend, again, who had it from inner; in 'Two', characters 0 to 1"
    assert "  1. Aman - Dana (alleged)\n" in analysis.path_text(analysis.Result(steps))
    assert "  2. Dana - Erlan\n" in analysis.path_text(analysis.Result(steps))


def test_a_path_goes_through_a_country_only_where_there_is_no_other() -> None:
    short = [said("aman", "citizen-of", "norland"), said("dana", "citizen-of", "norland")]
    long = [
        said("aman", "relative-of", "erlan"),
        said("erlan", "relative-of", "saule"),
        said("saule", "relative-of", "dana"),
    ]
    both, only = index(*short, *long), index(*short)
    avoiding = analysis.path(both, network(both), id_("aman"), id_("dana"))
    assert [step.end_label for step in avoiding.rows] == ["Erlan", "Saule", "Dana"]
    assert avoiding.notes == ("through a country there is a path of 2",)
    assert [
        s.end_label for s in analysis.path(both, network(both), id_("aman"), id_("dana"), avoid=()).rows
    ] == ["Norland", "Dana"]
    through = analysis.path(only, network(only), id_("aman"), id_("dana"))
    assert [step.end_label for step in through.rows] == ["Norland", "Dana"]
    assert through.notes == ("no path between 'Aman' and 'Dana' avoids every country",)


def test_several_paths_are_given_where_asked_for_and_told_of_where_not() -> None:
    found = index(
        *(said(key, "detained-at", place) for key in ("aman", "dana") for place in ("town", "county"))
    )
    one = analysis.path(found, network(found), id_("aman"), id_("dana"))
    assert one.notes == ("other paths are as short as the last of these (k=1)",)
    two = analysis.path(found, network(found), id_("aman"), id_("dana"), k=2)
    assert {(step.path, step.end_label) for step in two.rows} == {
        (1, "County"),
        (1, "Dana"),
        (2, "Town"),
        (2, "Dana"),
    }
    assert two.notes == ()


def test_no_path_is_said_in_words() -> None:
    found = index(said("aman", "detained-at", "town"), said("dana", "detained-at", "county"))
    result = analysis.path(found, network(found), id_("aman"), id_("dana"))
    assert analysis.path_text(result) == "nothing in the graph connects 'Aman' and 'Dana'\n"
    assert analysis.path(found, network(found), id_("aman"), id_("aman")).notes == ("both ends are 'Aman'",)


def test_an_end_or_a_type_that_is_not_there_is_an_error() -> None:
    found = index(said("aman", "detained-at", "town"))
    with pytest.raises(KgError, match=r"no entity '.*/amen' in the graph; did you mean '.*/aman'\?"):
        analysis.path(found, network(found), id_("amen"), id_("town"))
    with pytest.raises(KgError, match="no entity is of the type 'contry'; did you mean 'country'"):
        analysis.path(found, network(found), id_("aman"), id_("town"), avoid=["contry"])


def test_a_hop_of_very_many_assertions_shows_some() -> None:
    many = [
        replace(said("aman", "detained-at", "town"), evidence=Evidence(id_("report_1"), n, n + 1, f"{n:064}"))
        for n in range(10_000)
    ]
    found = index(*many)
    result = analysis.path(found, network(found), id_("aman"), id_("town"), each=3)
    assert len(result.rows) == 3
    assert result.notes == ("path 1, hop 1: further assertions, not shown: 9,997",)


# ---------------------------------------------------------------- tables


def test_each_format_holds_the_same_and_is_safe_where_it_goes() -> None:
    evil = Entity(id_("town"), KG_NAMESPACE + "Place", "=HYPERLINK(1)\x1b[2J 中国")
    base = index(said("aman", "detained-at", "town"))
    entities = tuple(evil if entity.iri == evil.iri else entity for entity in base.corpus.entities)
    found = analysis.by_place(Index(replace(base.corpus, entities=entities)))
    table = analysis.written(found, "table").splitlines()
    assert table[0].split() == [
        "label",
        "type",
        "predicate",
        "persons",
        "groups",
        "only_alleged",
        "assertions",
        "reports",
        "origins",
    ]
    assert (
        table[2]
        == r"=HYPERLINK(1)\x1b[2J 中国  place  any              1       0             0           1        1        1"
    )
    assert table[3:] == [analysis.COVERAGE, "sizes of groups are not added"]
    (row,) = csv.DictReader(io.StringIO(analysis.written(found, "csv"), newline=""))
    assert (row["place"], row["label"], row["persons"]) == (id_("town"), "'" + evil.label, "1")
    read = json.loads(analysis.written(found, "json"))
    assert read["rows"][0]["label"] == evil.label
    assert read["notes"] == list(found.notes)
    with pytest.raises(KgError, match="no format 'xml'"):
        analysis.written(found, "xml")


def test_a_table_shows_five_of_a_list_and_csv_all() -> None:
    found = analysis.components(edges("ab", "bc", "cd", "de", "ef", "fg"))
    assert "a; b; c; d; e; and 2 more" in analysis.written(found, "table")
    assert "a; b; c; d; e; f; g" in analysis.written(found, "csv")


# ---------------------------------------------------------------- what they withstand


def test_an_empty_graph_has_answers() -> None:
    nothing, empty = Index(Corpus()), Network()
    for name, count in analysis.STATS.items():
        result = count(nothing, empty)
        assert not result.rows or name == "overview"
        for format in ("table", "csv", "json"):
            assert isinstance(analysis.written(result, format), str)
    for through in THROUGH:
        assert analysis.connections(nothing, through).rows == ()
        assert len(analysis.projection(nothing, through)) == 0
    assert analysis.pagerank(empty) == analysis.betweenness(empty) == {}


def test_where_every_date_is_unknown_what_is_said_shows_as_undated() -> None:
    (row,) = analysis.by_month(index(said("aman", "detained-at", "town"))).rows
    assert (row.month, row.certain, row.possible) == (analysis.UNDATED, 0, 1)


def test_entities_without_label_or_description_are_shown_by_their_key() -> None:
    found = Index(Corpus(assertions=(said("aman", "detained-at", "town"),)))
    made = edges()
    made.add_edge(id_("aman"), id_("town"), "assertion_unknown")
    (step,) = analysis.path(found, made, id_("aman"), id_("town")).rows
    assert (step.start_label, step.end_label, step.says) == ("aman", "town", "")
    assert analysis.by_place(found).rows == ()


SCRIPT = """
import sys
from kg import analysis, graph
whole = graph.load(sys.argv[1])
made = whole.to_networkx()
for count in analysis.STATS.values():
    print(analysis.written(count(whole.index, made), "json"))
for through in analysis.THROUGH:
    print(analysis.written(analysis.connections(whole.index, through), "json"))
ends = [whole.base + key for key in ("serek-yelsik", "taiersezi-dawutihan")]
print(analysis.path(whole.index, made, *ends, k=5))
analysis.EXACT = 10
print(analysis.centrality(made, samples=9, fast=False))
"""


def test_the_order_of_sets_changes_nothing() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(ROOT / "exports")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 10_000


def heavy(number: int) -> float:
    made = random_network(number // 10, number)
    start = time.perf_counter()
    rows = analysis.centrality(made).rows
    assert len(rows) == number // 10
    assert sum(row.pagerank for row in rows) == pytest.approx(1, abs=number / 1e6)
    assert analysis.communities(made).rows
    assert analysis.components(made).rows
    return time.perf_counter() - start


def test_five_thousand_edges_take_a_moment() -> None:
    assert heavy(5_000) < 30


@pytest.mark.slow
def test_a_hundred_thousand_edges_take_seconds() -> None:
    assert heavy(100_000) < (60 if HAS_IGRAPH else 120)


# ---------------------------------------------------------------- the shipped seeds


def test_the_shipped_seeds_have_these_answers() -> None:
    whole = graph.load(ROOT / "exports")
    made = whole.to_networkx()
    taken = people(analysis.by_place(whole.index, predicates=["detained-at"]))
    assert taken["Arishan county"] == taken["Bortala Mongol Autonomous Prefecture"] == (1, 1)
    assert taken["Xinjiang"] == taken["China"]
    july = next(
        r for r in analysis.by_month(whole.index, predicates=["detained-at"]).rows if r.month == "2017-07"
    )
    assert (july.certain, july.reports) == (3, 1)
    ties = {(t.one_label, t.other_label): t for t in analysis.connections(whole.index, "accusation").rows}
    assert ties["Daria Chultsova", "Katerina Bakhvalova"].weight == 5
    ends = id_("serek-yelsik"), id_("taiersezi-dawutihan")
    steps = analysis.path(whole.index, made, *ends)
    assert {(s.end_label, s.certainty) for s in steps.rows if s.hop == 1} == {("Kazakhstan", "alleged")}
    assert analysis.path(whole.index, made, ends[0], id_("wandile-dludlu")).rows == ()
    reports = analysis.by_report(whole.index).rows
    assert len(reports) == 5
    assert sum(report.assertions for report in reports) == len(whole.index.living)
