"""What is checked again after a change: the same is found as in all of the data, for the least work."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from random import Random

import pytest
from rdflib import SH, Graph, Literal

from kg import shacl
from kg.nt import Triple
from kg.problems import KgError
from shacl_cases import (
    EX,
    PREDICATES,
    RandomPattern,
    RandomQuery,
    RandomShapes,
    random_data,
    random_links,
    triples,
)

Data = frozenset[Triple]


@pytest.fixture(autouse=True)
def _weird_literals() -> None:
    """Let rdflib say what it likes about literals that break their datatype; they are here on purpose."""
    warnings.simplefilter("ignore")


def edited(random: Random, data: Data) -> Data:
    """Give data without some of its triples, and with some of other data."""
    gone = random.sample(sorted(data), min(len(data), random.choice((0, 1, 1, 2, 5))))
    new = random.sample(sorted(triples(random_data(random))), random.choice((0, 1, 1, 2, 5)))
    return data.difference(gone).union(new)


def found(plan: shacl.Plan, data: Data) -> shacl.Validation | None:
    """Give what is found in all of the data; nothing where the shapes cannot be checked in it."""
    try:
        validation = plan.validate(shacl.Memory.of(data))
    except KgError:
        return None
    return None if validation.left or validation.circles else validation


def again(plan: shacl.Plan, old: Data, new: Data) -> tuple[shacl.Validation, shacl.Validation] | None:
    """Give what is found in new data by way of what was found in old data, and what is found in all of it."""
    before, full = found(plan, old), found(plan, new)
    if before is None or full is None:
        return None
    changes = shacl.by_predicate(old ^ new)
    return plan.validate_again(shacl.Memory.of(new), before.by_focus, changes), full


def unordered(findings: Iterable[shacl.Finding]) -> list[str]:
    """Give findings without the order of values, which is that of sets."""
    return sorted(repr((*f[:8], unordered(f.details), f.generic)) for f in findings)


def by_focus(validation: shacl.Validation) -> dict[tuple[str, str], list[str]]:
    told = validation.by_focus
    return {(shape, node): unordered(told[shape][node]) for shape in told for node in told[shape]}


def same(plan: shacl.Plan, old: Data, new: Data) -> bool:
    """Compare the two; tell whether there was anything to compare, and less to check."""
    both = again(plan, old, new)
    if both is None:
        return False
    part, full = both
    assert unordered(part.findings) == unordered(full.findings)
    assert by_focus(part) == by_focus(full)
    assert part.touched == full.touched
    return 0 < part.checked < full.checked


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("start", range(0, 200, 50))
def test_after_any_change_the_same_is_found_as_in_all_of_the_data(start: int, circular: bool) -> None:
    less = 0
    for seed in range(start, start + 50):
        random = Random(seed)  # noqa: S311
        plan = shacl.compile(triples(RandomShapes(random, circular=circular).graph))
        if plan.unusable:
            continue
        old = frozenset(triples(random_data(random)))
        for _ in range(4):
            new = edited(random, old)
            less += same(plan, old, new)
            old = new
    assert less > 20


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_after_any_change_queries_find_the_same_as_in_all_of_the_data(start: int) -> None:
    less = 0
    for seed in range(start, start + 100):
        random = Random(seed)  # noqa: S311
        plan = shacl.compile(triples(RandomQuery(random).shapes()))
        if plan.unusable or not plan.targeting:
            continue
        old = frozenset(triples(random_data(random)))
        for _ in range(6):
            new = edited(random, old)
            less += same(plan, old, new)
            old = new
    assert less > 20


def linked(random: Random, data: Data) -> Data:
    """Give data with few links more or less."""
    return data.symmetric_difference(random.sample(random_links(random), random.choice((1, 1, 2))))


def test_after_any_change_of_links_queries_find_the_same_as_in_all_of_the_data() -> None:
    less = 0
    for seed in range(700):
        random = Random(seed)  # noqa: S311
        shapes = Graph()
        shapes.add((EX.Q, SH.sparql, EX.query))
        shapes.add((EX.query, SH.select, Literal(RandomPattern(random).text)))
        for predicate in PREDICATES[:2]:
            shapes.add((EX.Q, SH.targetSubjectsOf, predicate))
        plan = shacl.compile(triples(shapes))
        if not plan.targeting:
            continue
        old = frozenset(random_links(random))
        for _ in range(4):
            new = linked(random, old)
            less += same(plan, old, new)
            old = new
    assert less > 300


def test_a_shape_that_is_come_to_by_several_ways_is_checked_again_by_each() -> None:
    shapes = Graph().parse(
        data=f"""@prefix : <{EX}> . @prefix sh: <{SH}> .
        :S sh:targetSubjectsOf :p , :q ;
            sh:property [ sh:path :p ; sh:node :T ] , [ sh:path :q ; sh:node :T ] .
        :T sh:property [ sh:path :r ; sh:maxCount 0 ] ."""
    )
    plan = shacl.compile(triples(shapes))
    one, other, end = (f"<{EX}{name}>" for name in ("one", "other", "end"))
    old = frozenset({(one, f"<{EX.p}>", end), (other, f"<{EX.q}>", end)})
    both = again(plan, old, old | {(end, f"<{EX.r}>", one)})
    assert both
    assert {finding.focus for finding in both[0].findings} == {one, other}
