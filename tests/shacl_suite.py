"""Reads a suite of SHACL tests in the form of W3C's data shapes test suite, and compares what is found with it.

A manifest (``mf:Manifest``) names others by ``mf:include`` and tests (``sht:Validate``) by ``mf:entries``; each
has a data graph, a shapes graph, and a report or ``sht:Failure`` as its result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import rdflib
from rdflib import RDF, SH, Graph, Namespace, URIRef
from rdflib.term import Node

from kg import shacl
from kg.problems import KgError
from kg.shacl import reference
from kg.shacl.graph import ShapesGraph
from kg.validate import _path
from shacl_cases import text, triples

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
Said: TypeAlias = frozenset[tuple[str, str]]
"""What one result says, by the local name of the property; paths as SPARQL writes them."""

FAILURE = "a failure"


@dataclass(frozen=True)
class Case:
    """One test of a suite."""

    name: str
    file: Path
    data: Path
    shapes: Path
    node: URIRef


def read_cases(folder: Path) -> Iterator[Case]:
    """Give the cases of the manifest in a folder, and of those that it includes."""
    yield from _cases((folder / "manifest.ttl").resolve(), folder.resolve(), set())


def _cases(manifest: Path, root: Path, seen: set[Path]) -> Iterator[Case]:
    if manifest in seen:
        return
    seen.add(manifest)
    graph = parse(manifest)
    for included in sorted(graph.objects(None, MF.include)):
        yield from _cases(_file(included), root, seen)
    for entries in graph.objects(None, MF.entries):
        for node in graph.items(entries):
            assert isinstance(node, URIRef)
            if (node, RDF.type, SHT.Validate) not in graph:
                continue
            action = graph.value(node, MF.action)
            data, shapes = (graph.value(action, SHT[name]) for name in ("dataGraph", "shapesGraph"))
            name = f"{manifest.relative_to(root).with_suffix('')}/{node.rpartition('/')[2]}"
            yield Case(name, manifest, _file(data), _file(shapes), node)


def _file(node: Node | None) -> Path:
    return Path(str(node).removeprefix("file://").partition("#")[0])


def parse(file: Path) -> Graph:
    """Read a file, every literal's letters as they are."""
    rdflib.NORMALIZE_LITERALS = False
    return Graph().parse(file, format="turtle", publicID=f"file://{file}")


def outcomes(case: Case) -> tuple[object, object, object]:
    """Give what a case expects, what compiled shapes find, and what pyshacl finds, so that they can be equal."""
    manifest = parse(case.file)
    shapes = manifest if case.shapes == case.file else parse(case.shapes)
    data = shapes if case.data == case.shapes else manifest if case.data == case.file else parse(case.data)
    expected = _expected(manifest, case.node)
    names = set() if isinstance(expected, str) else {name for said in expected for name, _ in said}
    return expected, _found(data, shapes, names, compiled=True), _found(data, shapes, names, compiled=False)


def _expected(manifest: Graph, node: URIRef) -> Counter[Said] | str:
    report = manifest.value(node, MF.result)
    if report == SHT.Failure:
        return FAILURE
    graph = ShapesGraph(triples(manifest))
    found: Counter[Said] = Counter()
    for result in manifest.objects(report, SH.result):
        said = {(_local(p), _value(graph, p, o)) for p, o in manifest.predicate_objects(result)}
        # Only the other results of a case say whether there has to be a message.
        found[frozenset(each for each in said if each[0] in _COMPARED)] += 1
    return found


_COMPARED = {
    *("focusNode", "resultPath", "value", "resultSeverity", "sourceConstraintComponent"),
    *("sourceShape", "sourceConstraint", "resultMessage"),
}


def _local(predicate: Node) -> str:
    return str(predicate).rpartition("#")[2]


def _value(graph: ShapesGraph, predicate: Node, value: Node) -> str:
    return _path(graph, text(value)) if predicate == SH.resultPath else text(value)


def _found(data: Graph, shapes: Graph, names: set[str], *, compiled: bool) -> Counter[Said] | str:
    said = triples(shapes)
    try:
        findings = _by_plan(data, said) if compiled else _by_pyshacl(data, said)
    except KgError:
        return FAILURE
    graph = ShapesGraph(said)
    found: Counter[Said] = Counter()
    for finding in findings:
        row = [
            ("focusNode", finding.focus),
            ("value", finding.value),
            ("resultPath", None if finding.path is None else _path(graph, finding.path)),
            ("resultSeverity", finding.severity),
            ("sourceConstraintComponent", finding.component),
            ("sourceShape", finding.shape),
        ]
        if "sourceConstraint" in names:
            row.append(("sourceConstraint", finding.constraint))
        if "resultMessage" in names:
            row += [("resultMessage", message) for message in finding.messages]
        found[frozenset((name, value) for name, value in row if value is not None)] += 1
    return found


def _by_plan(data: Graph, shapes: list[tuple[str, str, str]]) -> list[shacl.Finding]:
    plan = shacl.compile(shapes)
    if plan.unusable:
        return _by_pyshacl(data, shapes)
    validation = plan.validate(shacl.Memory.of(triples(data), plan.predicates))
    found = list(validation.findings)
    if left := {**plan.uncompiled, **validation.left}:
        found += _by_pyshacl(data, list(reference.only(shapes, left)))
    return found


def _by_pyshacl(data: Graph, shapes: list[tuple[str, str, str]]) -> list[shacl.Finding]:
    return list(reference.findings(reference.run(data, reference.as_graph(shapes))))
