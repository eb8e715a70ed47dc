"""Assertions that cannot both hold, found by the shapes of `shapes/conflicts.ttl` and a project's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from kg import nt, shacl, store
from kg.namespaces import PREFIXES, expand
from kg.nt import Triple
from kg.problems import KgError
from kg.query import guard

FILE_PREFIX = "conflicts"
"""Shapes files whose names begin so hold rules that compare assertions."""


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """Two assertions, by IRI, that cannot both hold by the rule of a shape; `one` is its focus node."""

    rule: str
    one: str
    other: str
    message: str


Pairs: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
"""The assertions that conflict, one and other, by rule."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A node shape with one ``sh:sparql`` constraint."""

    name: str
    targets: tuple[tuple[str, str], ...]
    select: str
    message: str
    prefixes: str


def is_conflicts_file(path: Path) -> bool:
    """Tell whether a shapes file holds rules that compare assertions."""
    return path.name.startswith(FILE_PREFIX)


def conflicts(triples: Iterable[Triple], shapes_files: Sequence[Path]) -> tuple[Conflict, ...]:
    """Give each pair of assertions that a rule finds, sorted.

    `triples` are those of `kg.ttl`: assertions, view and axioms. Each rule is a node shape with a
    target and a ``sh:sparql`` constraint that selects the other assertion as ``?value``. It means
    what SHACL says (section 5.3); the query runs once for all focus nodes and not once for each,
    which is what makes it quick, so it may not depend on ``$this`` being bound from outside.

    Raises:
        KgError: a shapes file cannot be read, or a rule in it has another form or fails.
        RefusedError: the query of a rule wants the network.
    """
    return found_in(_stored(triples), shapes_files)


def found_in(data: ox.Store, shapes_files: Sequence[Path]) -> tuple[Conflict, ...]:
    """Give the same of a store that holds those triples in its default graph."""
    return tuple(sorted({found for rule in _all_rules(shapes_files) for found in _found(data, rule)}))


def found_again(
    data: shacl.Memory, shapes_files: Sequence[Path], before: Pairs, changes: shacl.Changes
) -> tuple[Conflict, ...]:
    """Give the same of triples of which all was found that is to be found `before` some came or went.

    Of the rules that are understood well enough, only what those can matter to is compared again.
    """
    whole = cache(lambda: _stored(data.triples()))
    rules = _all_rules(shapes_files)
    names = Counter(rule.name for rule in rules)
    found: set[Conflict] = set()
    for rule in rules:
        reads = _reads(rule) if names[rule.name] == 1 else None
        affected = reads.affected(changes, data) if reads else None
        if reads is None or affected is None:
            found.update(_found(whole(), rule))
            continue
        for one, other in before.get(rule.name, ()):
            if nt.iri(one) not in affected:
                found.add(Conflict(rule.name, one, other, rule.message))
        part = _stored(reads.triples(affected, data))
        found.update(each for each in _found(part, rule) if nt.iri(each.one) in affected)
    return tuple(sorted(found))


def pairs(found: Iterable[Conflict]) -> Pairs:
    """Give conflicts in the form in which they are remembered."""
    by_rule: dict[str, list[tuple[str, str]]] = {}
    for conflict in found:
        by_rule.setdefault(conflict.rule, []).append((conflict.one, conflict.other))
    return by_rule


def _stored(triples: Iterable[Triple]) -> ox.Store:
    return store.load([nt.nquads((*triple, "") for triple in triples)], format="nq")


def _reads(rule: _Rule) -> shacl.Reads | None:
    """Give what decides of which nodes a rule finds a conflict, if that is known."""
    reads = shacl.reads_of_query(rule.prefixes + rule.select)
    if reads is not None:
        by_kind = (tuple(nt.iri(value) for kind, value in rule.targets if kind == each) for each in _TARGETS)
        classes, subjects_of, objects_of, nodes = by_kind
        shacl.Targets(frozenset(nodes), classes, subjects_of, objects_of).reads(reads)
        for inverse in (False, True) if nodes else ():
            # What is named, and nothing else, is a target even where it is no node of the graph.
            reads.step(0, shacl.ANY, inverse)
    return reads


def _found(data: ox.Store, rule: _Rule) -> Iterator[Conflict]:
    focus = {node for target in rule.targets for node in _focus_nodes(data, *target)}
    try:
        solutions = data.query(rule.prefixes + rule.select)
    except (SyntaxError, RuntimeError) as error:
        raise KgError(f"the rule {rule.name}: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise KgError(f"the rule {rule.name}: its query is no SELECT")
    if not {"this", "value"} <= {variable.value for variable in solutions.variables}:
        raise KgError(f"the rule {rule.name}: its query selects $this and ?value, the other assertion")
    for solution in solutions:
        one, other = solution["this"], solution["value"]
        if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode) and one in focus:
            yield Conflict(rule.name, one.value, other.value, rule.message)


def _focus_nodes(data: ox.Store, kind: str, value: str) -> Iterator[object]:
    """Give the nodes of one target (SHACL 2.1.3)."""
    node = ox.NamedNode(value)
    if kind == "targetSubjectsOf":
        yield from (quad.subject for quad in data.quads_for_pattern(None, node, None))
    elif kind == "targetObjectsOf":
        yield from (quad.object for quad in data.quads_for_pattern(None, node, None))
    elif kind == "targetNode":
        yield node
    else:
        sub_class, type_ = (ox.NamedNode(expand(name)) for name in ("rdfs:subClassOf", "rdf:type"))
        classes, waiting = {node}, [node]
        for each in waiting:
            for quad in data.quads_for_pattern(None, sub_class, each):
                if isinstance(quad.subject, ox.NamedNode) and quad.subject not in classes:
                    classes.add(quad.subject)
                    waiting.append(quad.subject)
        for each in classes:
            yield from (quad.subject for quad in data.quads_for_pattern(None, type_, each))


_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")


def _all_rules(paths: Iterable[Path]) -> list[_Rule]:
    return [rule for path in paths for rule in _rules(path)]


def _rules(path: Path) -> Iterator[_Rule]:
    shapes: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, object_, _ in store.parse(path):
        shapes.setdefault(subject, {}).setdefault(predicate[1:-1], []).append(object_)
    for shape, said in sorted(shapes.items()):
        constraints = said.get(expand("sh:sparql"), [])
        if any(term.startswith('"true"') for term in said.get(expand("sh:deactivated"), [])):
            continue
        targets = tuple(
            (kind, term[1:-1]) for kind in _TARGETS for term in said.get(expand(f"sh:{kind}"), [])
        )
        if targets and not constraints:
            raise KgError(f"{path}: {shape} compares nothing: a rule here has a sh:sparql constraint")
        for constraint in constraints:
            yield _rule(path, shape, targets, shapes[constraint], said, shapes)


def _rule(
    path: Path,
    shape: str,
    targets: tuple[tuple[str, str], ...],
    constraint: dict[str, list[str]],
    said: dict[str, list[str]],
    shapes: dict[str, dict[str, list[str]]],
) -> _Rule:
    if expand("sh:select") not in constraint:
        raise KgError(f"{path}: the sh:sparql of {shape} has no sh:select")
    select = nt.parse_term(constraint[expand("sh:select")][0]).value
    name = shape[1:-1].rpartition("#")[2]
    guard(select, f"the rule {name}")
    messages = constraint.get(expand("sh:message")) or said.get(expand("sh:message")) or ['"a conflict"']
    declared = dict(PREFIXES)
    for owner in constraint.get(expand("sh:prefixes"), []):
        for each in shapes.get(owner, {}).get(expand("sh:declare"), []):
            parts = [
                nt.parse_term(shapes[each][expand(f"sh:{part}")][0]).value for part in ("prefix", "namespace")
            ]
            declared[parts[0]] = parts[1]
    prefixes = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(declared.items()))
    return _Rule(name, targets, select, nt.parse_term(messages[0]).value, prefixes)
