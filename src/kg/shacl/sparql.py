"""Constraints of SHACL-SPARQL (SHACL 5): a SELECT query for each focus node."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg import nt
from kg.namespaces import PREFIXES
from kg.shacl import terms
from kg.shacl.algebra import basics, extended, path_predicates, simplified
from kg.shacl.columns import Column
from kg.shacl.constraints import Constraint
from kg.shacl.evaluate import Finding, Run, Shape
from kg.shacl.graph import NotCompiled, ShapesGraph, sh
from kg.shacl.paths import written
from kg.shacl.query_reads import add_pattern
from kg.shacl.reads import Reads
from kg.shacl.solve import Known, Solver, compile_pattern
from kg.shacl.syntax import Select, parse
from kg.shacl.terms import TYPE, iri

# Where pyshacl sees a variable that is bound before: behind white space, a brace or a parenthesis.
_THIS: Final = re.compile(r"[\s{}()][$?]this\b")
_PATH: Final = re.compile(r"(?<=[\s{}()])[$?]PATH\b")
_SHAPE: Final = re.compile(r"[\s{}()][$?]currentShape\b")
_FILL: Final = re.compile(r"\{[?$](\w+)\}")
_GIVEN: Final = frozenset({"?this", "?currentShape"})

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of one shape."""

    node: str
    select: Select
    solve: Solver
    messages: tuple[str, ...]
    backwards: frozenset[str]
    """The predicates that it follows backwards."""

    def rows(self, run: Run, shape: str, focus: str) -> Iterator[Row]:
        """Give the solutions that break the constraint, named without question mark."""
        wanted = self.select.variables
        for found in self.solve(run.data, {"?this": focus, "?currentShape": shape}):
            if wanted:
                row = {name[1:]: found[name] for name in wanted if name in found}
            else:
                row = {name[1:]: term for name, term in found.items() if name[1] != ":"}
            if not row.keys().isdisjoint(_TELLING):
                yield row


_TELLING: Final = ("failure", "this", "path", "value")


class Sparql(Constraint):
    """Queries that find nothing (SHACL 5.1)."""

    component = sh("SPARQLConstraintComponent")
    says = "a query of the shape found this"

    def __init__(self, queries: Sequence[Query], node: str) -> None:
        """Take the queries and the shape that they belong to."""
        self.queries = queries
        self._used = frozenset(each for query in queries for each in predicates_of(query.select))
        self._inverse = frozenset(each for query in queries for each in query.backwards)
        self.everything = "" in self._used
        self._node = node

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes for which a query finds something."""
        return {
            node
            for node in column.nodes
            if any(next(query.rows(run, self._node, node), None) is not None for query in self.queries)
        }

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding for each solution."""
        for query in self.queries:
            seen = set()
            for row in query.rows(run, shape.node, focus):
                key = "failure" if "failure" in row else tuple(sorted(row.items()))
                if key not in seen:
                    seen.add(key)
                    yield self._finding(shape, focus, query, row)

    def _finding(self, shape: Shape, focus: str, query: Query, row: Row) -> Finding:
        own = None if shape.path is not None else focus
        if "failure" in row:
            told = {name: term for name, term in row.items() if name != "failure"}
            finding = shape.finding(focus, self.component, own)
        else:
            value = row.get("value", own)
            told = {**row, **({} if value is None else {"value": value})}
            finding = shape.finding(row.get("this", focus), self.component, value, row.get("path"))
        messages = [message for message in query.messages if message not in shape.messages]
        filled = tuple(_filled(message, told) for message in (*messages, *shape.messages))
        return finding._replace(messages=filled, constraint=query.node)

    def predicates(self, inverse: bool) -> Collection[str]:
        """Give the predicates that the queries name."""
        return self._inverse if inverse else self._used

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add what the queries look up."""
        for query in self.queries:
            add_pattern(reads, query.select.pattern, {"?this": focus}, _GIVEN)


def _filled(message: str, row: Row) -> str:
    """Put what was found into ``{?variable}`` and ``{$variable}``; the message has no language then."""
    if message[0] != '"':
        return message
    text = _FILL.sub(
        lambda match: terms.lexical(row[match[1]]) if match[1] in row else match[0], terms.lexical(message)
    )
    return nt.literal(text)


def predicates_of(select: Select) -> Iterator[str]:
    """Give the predicates of a query; an empty one is any."""
    for basic in basics(select.pattern):
        for _, path, _ in basic.triples:
            for predicate, _ in path_predicates(path):
                yield "" if predicate[0] == "?" else predicate


# ---------------------------------------------------------------- from what a shape says


def compile_queries(graph: ShapesGraph, shape: str, path: str | None) -> Iterator[Sparql]:
    """Give the constraint that a shape's queries are, if it has any.

    Raises:
        NotCompiled: one of them is malformed, or not of the kind that is compiled.
    """
    queries = []
    for node in graph.values(shape, "sparql"):
        if graph.values(node, "deactivated") and graph.flag(node, "deactivated"):
            continue
        text = graph.one(node, "select")
        if text is None or text[-1] != '"':
            raise NotCompiled("sh:sparql wants one SELECT query")
        messages = tuple(graph.values(node, "message"))
        if any(message[0] != '"' or message[-1] == ">" for message in messages):
            raise NotCompiled("a message is no text")
        known = Known(_GIVEN, _GIVEN)
        try:
            select = _read(terms.lexical(text), prefixes_of(graph, node), path and written(graph, path))
            solve = compile_pattern(select.pattern, known)
        except RecursionError as error:
            raise NotCompiled("a query that is nested too deeply") from error
        queries.append(Query(node, select, solve, messages, frozenset(known.backwards)))
    if graph.values(shape, "sparql"):
        yield Sparql(queries, shape)


def _read(text: str, prefixes: Mapping[str, str], path: str | None) -> Select:
    if not _THIS.search(text):
        raise NotCompiled("a query without $this")
    return read(text, prefixes, path, _GIVEN)


def read(
    text: str, prefixes: Mapping[str, str], path: str | None, given: frozenset[str], *, ask: bool = False
) -> Select:
    """Give a query of a shape, its path put in.

    Raises:
        NotCompiled: it is not of the kind that is compiled.
    """
    if _PATH.search(text):
        if path is None:
            raise NotCompiled("$PATH where there is no path")
        text = _PATH.sub(lambda _: path, text)
    select = parse(text, prefixes, ask=ask)
    if "shapesGraph" in text or ("currentShape" in text and not _SHAPE.search(text)):
        raise NotCompiled("$shapesGraph or $currentShape")
    if extended(select.pattern) & given:
        raise NotCompiled("a query that gives $this another value")
    return Select(select.variables, simplified(select.pattern))


def prefixes_of(graph: ShapesGraph, node: str) -> dict[str, str]:
    """Give the prefixes of a query (SHACL 5.2.1), and those that pyshacl knows by itself."""
    found = {name: PREFIXES[name] for name in ("rdf", "rdfs", "owl")}
    everywhere = {
        each
        for ontology in graph.subjects(TYPE, iri("owl:Ontology"))
        for each in graph.values(ontology, "declare")
    }
    for owner in graph.values(node, "prefixes"):
        declared = set(graph.values(owner, "declare"))
        if not (declared and iri("owl:Ontology") in graph.objects(owner, TYPE)):
            declared |= everywhere
        for each in sorted(declared):
            prefix, namespace = graph.one(each, "prefix"), graph.one(each, "namespace")
            if (
                prefix is None
                or namespace is None
                or '"' not in (prefix[0], prefix[-1])
                or namespace[0] != '"'
            ):
                raise NotCompiled("sh:declare wants one prefix and one namespace")
            found[terms.lexical(prefix)] = terms.lexical(namespace)
    return found
