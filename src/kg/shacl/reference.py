"""pyshacl, run quietly: what compiled shapes are held against, and the engine for those that are not.

Nothing is fetched, whatever the shapes ask for: what would make it is refused before a graph comes here.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from kg.namespaces import PREFIXES
from kg.nt import Triple
from kg.problems import KgError
from kg.shacl.evaluate import Finding
from kg.shacl.graph import TARGETS, sh
from kg.shacl.terms import SUBCLASS, TYPE, as_node, iri, text_of

if TYPE_CHECKING:
    import rdflib
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result as QueryResult
    from rdflib.term import Node

UNUSABLE: Final = "the shapes cannot be checked"
# pyshacl's own 15 is less than SHACL's own shapes need; shapes that refer to themselves it finds otherwise.
DEPTH: Final = 100


def as_graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """Give triples as an rdflib graph, every literal's letters as they are."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph(bind_namespaces="none")
    memory: dict[str, rdflib.term.Identifier] = {}

    def node(text: str) -> rdflib.term.Identifier:
        if text not in memory:
            memory[text] = as_node(text)
        return memory[text]

    for subject, predicate, object_ in triples:
        graph.add((node(subject), node(predicate), node(object_)))
    return graph


def as_triples(graph: rdflib.Graph) -> list[Triple]:
    """Give the triples of an rdflib graph as text."""
    memory: dict[Node, str] = {}

    def text(node: Node) -> str:
        if node not in memory:
            memory[node] = text_of(node)
        return memory[node]

    return [(text(subject), text(predicate), text(object_)) for subject, predicate, object_ in graph]


def run(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Give pyshacl's report; neither graph is changed.

    Raises:
        KgError: the shapes are malformed, refer to themselves, or hold a query or pattern that fails.
    """
    import pyshacl

    copy = _copy(shapes)
    # allow_warnings stays off: it also makes what is below sh:not and sh:or conform.
    return _run(
        lambda: pyshacl.validate(
            with_prepared_queries(data),
            shacl_graph=copy,
            advanced=False,
            inference="none",
            js=False,
            do_owl_imports=False,
            max_validation_depth=DEPTH,
        )
    )


def shapes_of_shapes() -> list[Triple]:
    """Give SHACL's own shapes (SHACL, appendix C), which pyshacl carries."""
    import rdflib
    from pyshacl.entrypoints import meta_validate

    # It loads them when it is first asked.
    _run(lambda: meta_validate(rdflib.Graph(), inference="none", max_validation_depth=DEPTH))
    graph = getattr(meta_validate, "graph_cache", None)
    if not isinstance(graph, rdflib.Graph):
        raise KgError("this version of pyshacl keeps SHACL's own shapes elsewhere; check_shapes needs them")
    return as_triples(graph)


def only(shapes: Iterable[Triple], nodes: Iterable[str]) -> Iterator[Triple]:
    """Give a shapes graph in which only some shapes have targets; the others are there to be referred to."""
    wanted = set(nodes)
    triples = set(shapes)
    classes = {iri("rdfs:Class"), iri("owl:Class")}
    classes.update(s for s, p, o in triples if p == SUBCLASS and o == iri("rdfs:Class"))
    targets = {sh(name) for name in TARGETS}
    for subject, predicate, object_ in triples:
        targeting = predicate in targets or (predicate == TYPE and object_ in classes)
        if subject in wanted or not targeting:
            yield subject, predicate, object_
        elif predicate in targets:
            # Without its target it may not look like a shape any more.
            path = any(s == subject and p == sh("path") for s, p, _ in triples)
            yield subject, TYPE, sh("PropertyShape" if path else "NodeShape")


def findings(report: rdflib.Graph) -> Iterator[Finding]:
    """Give the results of a report, without details."""
    for node in report.objects(None, as_node(sh("result"))):
        yield _finding(report, node)


def _finding(report: rdflib.Graph, node: Node) -> Finding:
    def one(name: str) -> str | None:
        value = report.value(node, as_node(sh(name)), any=True)
        return None if value is None else text_of(value)

    messages = report.objects(node, as_node(sh("resultMessage")))
    return Finding(
        one("focusNode") or "",
        one("resultPath"),
        one("value"),
        one("sourceConstraintComponent") or "",
        one("sourceShape") or "",
        one("resultSeverity") or "",
        tuple(sorted(map(text_of, messages))),
        one("sourceConstraint"),
    )


# ---------------------------------------------------------------- around pyshacl


def _copy(shapes: rdflib.Graph) -> rdflib.Graph:
    """Copy the shapes: pyshacl adds triples of its own to the graph it is handed."""
    import rdflib

    copy = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in shapes.namespaces():
        copy.bind(prefix, namespace)
    for triple in shapes:
        copy.add(triple)
    return copy


def _run(work: Callable[[], Any]) -> rdflib.Graph:
    """Give the report graph of a run of pyshacl, or say in one line why there is none."""
    import rdflib
    from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning

    try:
        with _quiet():
            _, found, _ = work()
    except ShapeRecursionWarning as error:
        raise KgError(f"{UNUSABLE}: one refers to itself: {_sentence(str(error))}") from error
    except RecursionError as error:
        raise KgError(f"{UNUSABLE}: they are nested too deeply, or in a circle") from error
    except ReportableRuntimeError as error:
        raise KgError(f"{UNUSABLE}: {_sentence(str(error.args[0]))}") from error
    except MemoryError:
        raise
    # Whatever foreign shapes make pyshacl, rdflib or re stumble over is a fault of theirs, told in one line.
    except Exception as error:
        raise KgError(f"{UNUSABLE}: {type(error).__name__}: {_sentence(str(error))}") from error
    # A ValidationFailure comes back in the place of the report.
    if not isinstance(found, rdflib.Graph):
        raise KgError(f"{UNUSABLE}: {_sentence(str(found))}")
    return found


def _sentence(text: str) -> str:
    return " ".join(text.split())


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pyshacl and rdflib from logging, warning and leaving their settings changed."""
    import rdflib
    from pyshacl.constraints.constraint_component import ConstraintComponent
    from pyshacl.errors import ShapeRecursionWarning
    from rdflib.plugins import sparql

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    sparql.SPARQL_LOAD_GRAPHS = False
    fill = getattr(ConstraintComponent, "_format_sparql_based_result_message", None)
    if fill is not None:
        # pyshacl 0.40 hands values to re.sub as templates: a backslash in one stops it.
        cast(Any, ConstraintComponent)._format_sparql_based_result_message = _fill
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", ShapeRecursionWarning)
            yield
    finally:
        if fill is not None:
            cast(Any, ConstraintComponent)._format_sparql_based_result_message = fill
        logging.disable(before)
        # One more handler is left behind by each run.
        logging.getLogger("pyshacl-validate").handlers.clear()
        # pyshacl sets it to True, and whoever makes a literal after that would lose its spelling.
        rdflib.NORMALIZE_LITERALS = False


def _fill(_: object, message: str, bound: object) -> str:
    """Put the values that a query found into ``{?variable}`` and ``{$variable}`` (SHACL 5.3.2)."""
    values: dict[str, object] = {}
    if isinstance(bound, Sequence):
        values = {
            **dict(zip(("this", "path", "value"), bound, strict=False)),
            **(bound[3] if bound[3:] else {}),
        }
    elif isinstance(bound, Mapping):
        values = dict(bound)

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return match[0] if found is None else str(found)

    return re.sub(r"\{[?$](\w+)\}", value, message)


def with_prepared_queries(data: rdflib.Graph) -> rdflib.Graph:
    """Give `data` so that a query that comes again is not parsed again.

    pyshacl asks the same query for each focus node, and rdflib spends nine tenths of the time on parsing it.
    """
    import rdflib

    class Prepared(rdflib.Graph):
        def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:
            if isinstance(query_object, str):
                query_object = _prepared(query_object, tuple(sorted(self.namespaces())))
            return super().query(query_object, *args, **kwargs)

    return Prepared(data.store, data.identifier, data.namespace_manager)


@lru_cache(maxsize=256)
def _prepared(query: str, namespaces: tuple[tuple[str, rdflib.URIRef], ...]) -> Any:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(query, {**PREFIXES, **dict(namespaces)})
