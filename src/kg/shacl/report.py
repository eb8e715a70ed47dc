"""Findings as a sh:ValidationReport graph (SHACL 3.6), in the form that pyshacl gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from kg.shacl.evaluate import Finding
from kg.shacl.graph import sh
from kg.shacl.terms import TYPE, as_node

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

About = Callable[[str], Iterable[tuple[str, str]]]
"""Gives predicate and value of everything that is said of a node."""


def report_graph(findings: Iterable[Finding], conforms: bool, shapes: About, data: About) -> rdflib.Graph:
    """Give a report; blank nodes of shapes and data are described in it by what is said of them there."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="core")
    report = rdflib.BNode()
    graph.add((report, as_node(TYPE), as_node(sh("ValidationReport"))))
    graph.add((report, as_node(sh("conforms")), rdflib.Literal(conforms)))
    writer = _Writer(graph, shapes, data)
    for finding in findings:
        graph.add((report, as_node(sh("result")), writer.result(finding)))
    return graph


class _Writer:
    def __init__(self, graph: rdflib.Graph, shapes: About, data: About) -> None:
        self._graph = graph
        self._shapes = shapes
        self._data = data
        self._described: set[str] = set()

    def result(self, finding: Finding) -> Identifier:
        """Add a result, and give its node."""
        import rdflib

        node = rdflib.BNode()
        for name, term, about in self._said(finding):
            self._graph.add((node, as_node(name), self._node(term, about)))
        for detail in finding.details:
            self._graph.add((node, as_node(sh("detail")), self.result(detail)))
        if not finding.messages:
            self._graph.add((node, as_node(sh("resultMessage")), rdflib.Literal(finding.generic)))
        return node

    def _said(self, finding: Finding) -> Iterator[tuple[str, str, About]]:
        yield TYPE, sh("ValidationResult"), self._shapes
        yield sh("sourceConstraintComponent"), finding.component, self._shapes
        yield sh("sourceShape"), finding.shape, self._shapes
        yield sh("resultSeverity"), finding.severity, self._shapes
        yield sh("focusNode"), finding.focus, self._data
        if finding.value is not None:
            yield sh("value"), finding.value, self._data
        if finding.path is not None:
            yield sh("resultPath"), finding.path, self._shapes
        if finding.constraint is not None:
            yield sh("sourceConstraint"), finding.constraint, self._shapes
        for message in finding.messages:
            yield sh("resultMessage"), message, self._shapes

    def _node(self, term: str, about: About) -> Identifier:
        node = as_node(term)
        if term[0] == "_" and term not in self._described:
            self._described.add(term)
            for predicate, value in about(term):
                self._graph.add((node, as_node(predicate), self._node(value, about)))
        return node
