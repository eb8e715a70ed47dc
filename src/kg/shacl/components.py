"""Constraint components that a shapes graph declares itself (SHACL 6): queries with parameters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import nt
from kg.shacl import terms
from kg.shacl.columns import Column
from kg.shacl.constraints import Constraint
from kg.shacl.evaluate import Finding, Run, Shape
from kg.shacl.graph import NotCompiled, ShapesGraph, sh
from kg.shacl.paths import written
from kg.shacl.query_reads import add_pattern
from kg.shacl.reads import Reads
from kg.shacl.solve import Known, Solver, compile_pattern
from kg.shacl.sparql import predicates_of, prefixes_of, read
from kg.shacl.syntax import Select
from kg.shacl.terms import SUBCLASS, TRUE, TYPE

_VALUE: Final = re.compile(r"[\s{}()][$?]value\b")
_FILL: Final = re.compile(r"\{[$?]([^{}]+)\}")
_TELLING: Final[tuple[str, ...]] = ("this", "path", "value")
_RESERVED: Final = ("this", "shapesGraph", "currentShape", "path", "PATH", "value")


@dataclass(frozen=True, slots=True)
class Component:
    """A constraint component: its parameters, by the predicates that give them, and its validators."""

    node: str
    mandatory: Sequence[str]
    optional: Sequence[str]

    def applies(self, graph: ShapesGraph, shape: str) -> bool:
        """Tell whether a shape gives all that it needs; one that is malformed applies to every shape."""
        return all(graph.objects(shape, path) for path in self.mandatory)


def find_components(graph: ShapesGraph) -> list[Component]:
    """Give the constraint components of a graph, without SHACL's own."""
    kinds = [sh("ConstraintComponent"), *graph.subjects(SUBCLASS, sh("ConstraintComponent"))]
    found = {component for kind in kinds for component in graph.subjects(TYPE, kind)}
    components = []
    for node in sorted(found):
        if node.startswith(sh("")[:-1]):
            continue
        paths: dict[bool, list[str]] = {True: [], False: []}
        for parameter in graph.values(node, "parameter"):
            optional = any(value in TRUE for value in graph.values(parameter, "optional"))
            paths[optional] += graph.values(parameter, "path")
        components.append(Component(node, paths[False], paths[True]))
    return components


class Declared(Constraint):
    """A component with the parameters of one shape."""

    says = "a query of the shape's own kind of constraint found this"

    def __init__(self, component: str, query: _Query, is_property: bool) -> None:
        """Take the component, and its query with everything put in."""
        self.component = component
        self._query = query
        self._is_property = is_property
        self._used = frozenset(predicates_of(query.select))
        self.everything = "" in self._used

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with a value for which the query says so."""
        return {
            node
            for node in column.nodes
            if any(next(self._found(run, node, value), None) is not None for value in column.of(node))
        }

    def _found(self, run: Run, focus: str, value: str) -> Iterator[Mapping[str, str]]:
        query = self._query
        given = {**query.given, "?this": focus, **({"?value": value} if query.with_value else {})}
        solutions = query.solve(run.data, given)
        if query.is_ask:
            if next(solutions, None) is None:
                yield {}
            return
        for found in solutions:
            wanted = query.select.variables or tuple(found)
            row = {name[1:]: found[name] for name in wanted if name in found and name[1] != ":"}
            told: dict[str, str] = {name: row[name] for name in _TELLING if name in row}
            if told:
                yield told

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding for each value of an ASK query, and each solution of a SELECT query."""
        for value in values:
            seen = []
            for row in self._found(run, focus, value):
                if row not in seen:
                    seen.append(row)
                    yield self._finding(shape, focus, value, row)

    def _finding(self, shape: Shape, focus: str, value: str, row: Mapping[str, str]) -> Finding:
        own = row.get("value", None if self._is_property else value)
        finding = shape.finding(row.get("this", focus), self.component, own, row.get("path"))
        told = {"this": focus, "value": value, **self._query.parameters, **row}
        if shape.path_node is not None:
            told.setdefault("path", shape.path_node)
        messages = (_filled(message, told) for message in self._query.messages)
        return finding._replace(messages=(*shape.messages, *messages))

    def predicates(self, inverse: bool) -> Collection[str]:
        """Give the predicates that the query names."""
        return self._query.backwards if inverse else self._used

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add what the query looks up of the focus node and of each value."""
        places = {"?this": focus, **({"?value": values} if self._query.with_value else {})}
        add_pattern(reads, self._query.select.pattern, places, frozenset(places))


@dataclass(frozen=True, slots=True)
class _Query:
    select: Select
    solve: Solver
    is_ask: bool
    with_value: bool
    given: Mapping[str, str]
    parameters: Mapping[str, str]
    messages: Sequence[str]
    backwards: frozenset[str]


def _filled(message: str, told: Mapping[str, str]) -> str:
    """Put what is known into ``{$name}`` and ``{?name}``; the language stays."""
    letters, _, tag = terms.split(message)
    text = _FILL.sub(lambda match: terms.lexical(told[match[1]]) if match[1] in told else match[0], letters)
    return nt.literal(text) + (f"@{tag}" if tag else "")


# ---------------------------------------------------------------- from what a shape says


def compile_component(graph: ShapesGraph, component: Component, shape: str, path: str | None) -> Declared:
    """Give the constraint that a component is for a shape.

    Raises:
        NotCompiled: it is malformed, or its query is not of the kind that is compiled.
    """
    parameters = _parameters(graph, component, shape)
    validator, is_ask = _validator(graph, component.node, path is not None)
    text = graph.one(validator, "ask" if is_ask else "select")
    messages = graph.values(validator, "message")
    if text is None or text[-1] != '"' or any(m[0] != '"' or m[-1] == ">" for m in messages):
        raise NotCompiled(f"the validator of {component.node}")
    query = terms.lexical(text)
    with_value = bool(_VALUE.search(query))
    given = {"?currentShape": shape, **{f"?{name}": value for name, value in parameters.items()}}
    names = frozenset({"?this", *given, *(("?value",) if with_value else ())})
    known = Known(names, names)
    try:
        where = path and written(graph, path)
        select = read(query, prefixes_of(graph, validator), where, names, ask=is_ask)
        solve = compile_pattern(select.pattern, known)
    except RecursionError as error:
        raise NotCompiled("a query that is nested too deeply") from error
    backwards = frozenset(known.backwards)
    ready = _Query(select, solve, is_ask, with_value, given, parameters, messages, backwards)
    return Declared(component.node, ready, path is not None)


def _parameters(graph: ShapesGraph, component: Component, shape: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if not component.mandatory:
        raise NotCompiled(f"{component.node} has no parameter that is wanted")
    for path in (*component.mandatory, *component.optional):
        values = graph.objects(shape, path)
        name = re.split("[#/]", path[1:-1])[-1]
        if len(values) > 1 or path[0] != "<" or name in _RESERVED or not re.fullmatch("[A-Za-z]\\w*", name):
            raise NotCompiled(f"a parameter of {component.node}")
        found.update((name, value) for value in values)
    return found


def _validator(graph: ShapesGraph, component: str, is_property: bool) -> tuple[str, bool]:
    """Give the validator for a kind of shapes, or for all (SHACL 6.2.3), and whether it is one that asks."""
    own = graph.values(component, "propertyValidator" if is_property else "nodeValidator")
    validators = own or graph.values(component, "validator")
    if len(validators) != 1:
        raise NotCompiled(f"the validators of {component}")
    (validator,) = validators
    select, ask = (bool(graph.values(validator, name)) for name in ("select", "ask"))
    if (select, ask) != (bool(own), not own) or graph.values(validator, "jsFunctionName"):
        raise NotCompiled(f"the validator of {component}")
    return validator, not own
