"""Compiled shapes against pyshacl, result for result: our own shapes, and shapes and queries made at random."""

from __future__ import annotations

import warnings
from collections import Counter
from random import Random

import pytest
import rdflib
from rdflib import SH, Graph

import test_shapes as ours
from kg import shacl
from kg.problems import KgError
from shacl_cases import RandomQuery, RandomShapes, Row, by_pyshacl, random_data, rows, triples

GIVES_UP = ("InvalidOperation", "compare a BlankNode")
"""What pyshacl says where it cannot compare two values; the standard has them break the constraint."""


def by_plan(data: Graph, shapes: Graph) -> Counter[Row] | str:
    """Give what the compiled plan finds; all of the shapes have to be compiled."""
    plan = shacl.compile(triples(shapes))
    assert not plan.unusable
    assert not plan.uncompiled
    try:
        validation = plan.validate(shacl.Memory.of(triples(data), plan.predicates))
    except KgError as error:
        return f"KgError: {error}"
    return "left" if validation.left else rows(validation)


def compare(data: Graph, shapes: Graph) -> int:
    """Compare the two engines; give how many results there are."""
    expected = by_pyshacl(data, shapes)
    found = by_plan(data, shapes)
    if isinstance(expected, str):
        assert isinstance(found, str) or any(words in expected for words in GIVES_UP)
        return 0
    assert found == expected
    return sum(expected.values())


@pytest.fixture(autouse=True)
def _weird_literals() -> None:
    """Let rdflib say what it likes about literals that break their datatype; they are here on purpose."""
    warnings.simplefilter("ignore")
    rdflib.NORMALIZE_LITERALS = False


# ---------------------------------------------------------------- our own shapes and their fault fixtures


def apart(number: int, text: str) -> str:
    """Give a graph in nodes of its own."""
    return text.replace("id:", f"id:g{number}-")


def fixtures() -> list[str]:
    cases = [text for pair in ours.PAIRS.values() for text in (pair.accepted, pair.refused)]
    faults = ours.test_one_fault_in_a_whole_graph_is_told_and_nothing_else.pytestmark[0].args[1]  # type: ignore[attr-defined]
    return [*cases, ours.WHOLE, *(ours.WHOLE.replace(there, instead) for there, instead, _ in faults)]


def core(shapes: Graph) -> Graph:
    found = Graph()
    for triple in shapes:
        if triple[1] != SH.sparql:
            found.add(triple)
    return found


def test_core_constraints_of_our_shapes_find_what_pyshacl_finds_in_all_fixtures_at_once() -> None:
    data = ours.turtle("\n".join(apart(n, text) for n, text in enumerate(fixtures()))) + ours.axioms()
    assert compare(data, core(ours.shapes())) > 150


QUERIES = sorted({str(shape).rpartition("#")[2] for shape in ours.shapes().subjects(SH.sparql)})


@pytest.mark.parametrize("name", QUERIES)
def test_queries_of_our_shapes_find_what_pyshacl_finds(name: str) -> None:
    pair = ours.PAIRS[name]
    data = ours.turtle(apart(1, pair.accepted) + apart(2, pair.refused)) + ours.axioms()
    assert compare(data, ours.only(name)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(fixtures())))
def test_all_shapes_find_what_pyshacl_finds_in_each_fixture(number: int) -> None:
    conflicts = Graph().parse(ours.ROOT / "shapes" / "conflicts.ttl")
    compare(ours.turtle(fixtures()[number]) + ours.axioms(), ours.shapes() + conflicts)


# ---------------------------------------------------------------- at random


def core_case(seed: int, circular: bool = False) -> int:
    random = Random(seed)  # noqa: S311 - data, no secrets
    data = random_data(random)
    return compare(data, RandomShapes(random, circular=circular).graph)


def query_case(seed: int) -> int:
    random = Random(seed)  # noqa: S311 - data, no secrets
    data, shapes = random_data(random), RandomQuery(random).shapes()
    if shacl.compile(triples(shapes)).uncompiled or (found := by_plan(data, shapes)) == "left":
        return 0
    expected = by_pyshacl(data, shapes)
    if isinstance(expected, str):
        # pyshacl also stumbles over a backslash in a value that it puts into a message.
        assert isinstance(found, str) or "bad escape" in expected
        return 0
    assert found == expected
    return len(found)


def test_random_shapes_find_what_pyshacl_finds_in_random_graphs() -> None:
    assert sum(core_case(seed) for seed in range(60)) > 300


def test_random_shapes_that_refer_to_each_other_in_circles_do_too() -> None:
    assert sum(core_case(seed, circular=True) for seed in range(20)) > 50


def test_random_queries_find_what_pyshacl_finds() -> None:
    assert sum(query_case(seed) for seed in range(40)) > 20


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 2000, 50))
def test_many_random_shapes_find_what_pyshacl_finds(start: int) -> None:
    assert sum(core_case(seed) for seed in range(start, start + 50)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1400, 50))
def test_many_random_shapes_in_circles_find_what_pyshacl_finds(start: int) -> None:
    assert sum(core_case(seed, circular=True) for seed in range(start, start + 50)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 2000, 50))
def test_many_random_queries_find_what_pyshacl_finds(start: int) -> None:
    assert sum(query_case(seed) for seed in range(start, start + 50)) > 0
