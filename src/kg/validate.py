"""SHACL by pyshacl: what a graph breaks, in the words of the shapes, and how much each shape looked at.

Core constraints and ``sh:sparql`` are checked (SHACL, W3C 20 July 2017, parts 2 to 6); rules, functions,
JavaScript, inference and ``owl:imports`` are not. Nothing is fetched, whatever the shapes ask for.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast
from xml.etree import ElementTree

from kg import nt
from kg.escape import legal_xml
from kg.namespaces import PREFIXES, expand
from kg.problems import KgError, RefusedError

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

Severity: TypeAlias = Literal["violation", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("violation", "warning", "info")
"""The severest first. A severity of somebody's own counts as a violation."""

Touched: TypeAlias = Mapping[str, int]
"""How many focus nodes each shape with a target looked at, by its IRI; 0 means that it checked nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that a shape found.

    `focus` is an IRI, else a term in N-Triples; `path` is an IRI, else a SPARQL property path. For a shape
    without an IRI `shape` is the nearest shape around it that has one.
    """

    focus: str
    path: str | None
    value: str | None
    """In N-Triples, so that an IRI and a literal of the same letters differ."""
    severity: Severity
    shape: str
    component: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What validation said; `results` are sorted, the severest first, each once."""

    results: tuple[Result, ...]
    touched: Touched
    report: rdflib.Graph
    """A sh:ValidationReport in which warnings and notes do not stop sh:conforms from being true.

    That is pyshacl's ``--allow-warnings``; taken literally, SHACL 3.6.1 lets any result make it false.
    """
    conforms: bool
    """Whether there is no violation."""


def validate(data: rdflib.Graph, shapes: rdflib.Graph, *, check_shapes: bool = False) -> Outcome:
    """Check `data` against `shapes`; neither is changed.

    `data` carries the ontology's axioms, by which subclasses are known. It must not be backed by an
    Oxigraph store: plain strings come back typed from one, and ``sh:in`` then reports what is right.
    `check_shapes` first checks the shapes against SHACL's own shapes, worth its seconds for foreign ones.

    Raises:
        KgError: the shapes are malformed, refer to themselves, or hold a query or pattern that fails.
        RefusedError: a query in the shapes would read from elsewhere.
        TypeError: `data` is a dataset; which of its graphs are meant is for the caller to say.
    """
    import rdflib

    if isinstance(data, rdflib.Dataset):
        raise TypeError("data is a dataset; hand over one graph, such as the union of those that count")
    _refuse_reading_elsewhere(shapes)
    shapes = _with_one_message_each(shapes)
    with _quiet():
        if check_shapes:
            _check_shapes(shapes)
        found = _pyshacl(_with_prepared_queries(data), shapes)
    results = sorted({_result(found, node, shapes) for node in _result_nodes(found)}, key=_order)
    conforms = all(result.severity != "violation" for result in results)
    return Outcome(tuple(results), touched(data, shapes), _report(found, conforms), conforms)


# ---------------------------------------------------------------- around pyshacl

_QUERIES: Final = ("select", "ask", "construct", "update")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# What can hold one of the words without being it (SPARQL 1.1, 19.8): comments, strings, IRIs, variables, and
# the local part of a prefixed name, which ends at a dot here, so that at worst a query too many is refused.
_HARMLESS: Final = re.compile(
    r'#[^\n]*+|"""(?:[^"\\]|\\.|"(?!""))*+"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*+\'\'\''
    r'|"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|<[^<>"{}|^`\\\x00-\x20]*+>|[?$:][\w-]++',
    re.DOTALL,
)
# No word boundaries: some engines take 1SERVICE and SERVICESILENT.
_ELSEWHERE: Final = re.compile("SERVICE|FROM|LOAD", re.IGNORECASE)
_NOT_IN_IRI: Final = re.compile(r'[<>"{}|^`\\\x00-\x20]')


def _refuse_reading_elsewhere(shapes: rdflib.Graph) -> None:
    """Raise if a query in `shapes` names another place to read from, or pyshacl would write one that does."""
    for name in _QUERIES:
        for shape, query in shapes.subject_objects(_sh(name)):
            if word := _reads_elsewhere(str(query)):
                raise RefusedError(
                    f"the query of {_name(shapes, shape)} says {word}: shapes see the graph that is checked "
                    "and nothing else; take that part out"
                )
    # pyshacl pastes the IRIs of paths and the namespaces of prefixes into queries as they are.
    iris = {str(node) for node in shapes.all_nodes() if _is_iri(node)}
    pasted = {str(node) for name in ("namespace", "prefix") for node in shapes.objects(None, _sh(name))}
    for text in sorted(iris | pasted):
        if wrong := _NOT_IN_IRI.search(text):
            raise RefusedError(f"the shapes hold {text!r} as IRI or prefix; neither holds {wrong[0]!r}")


def _reads_elsewhere(query: str) -> str | None:
    """Give the word that reads from elsewhere, in any way that an engine may read `query`."""
    plain = _ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), query)
    # Engines differ in where they undo escapes, and in whether a carriage return ends a comment.
    for form in (query, plain):
        for line_end in ("\n", " "):
            if word := _ELSEWHERE.search(_HARMLESS.sub(" ", form.replace("\r", line_end))):
                return word[0].upper()
    return None


def _with_one_message_each(shapes: rdflib.Graph) -> rdflib.Graph:
    """Copy `shapes`, of several messages only the English one, or the one without a language.

    pyshacl drops the language of a message that it fills in, so the choice cannot be made afterwards; and it
    adds triples of its own to the graph it is handed.
    """
    import rdflib

    message = _sh("message")
    copy = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in shapes.namespaces():
        copy.bind(prefix, namespace)
    for subject, predicate, object_ in shapes:
        if predicate != message or object_ == _best(shapes.objects(subject, message)):
            copy.add((subject, predicate, object_))
    return copy


def _best(messages: Iterable[Node]) -> Node | None:
    """Give the message in English, else without a language, else the first by language and text."""

    def rank(message: Node) -> tuple[int, str, str]:
        language = getattr(message, "language", None) or ""
        return (0 if language.split("-")[0] == "en" else 1 if not language else 2), language, str(message)

    return min(messages, key=rank, default=None)


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


def _with_prepared_queries(data: rdflib.Graph) -> rdflib.Graph:
    """Give `data` so that a query that comes again is not parsed again.

    pyshacl asks the same query for each focus node, and rdflib spends nine tenths of the time on parsing it.
    """
    import rdflib
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result as QueryResult

    class Prepared(rdflib.Graph):
        def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:
            if isinstance(query_object, str):
                query_object = _prepared(query_object, tuple(sorted(self.namespaces())))
            return super().query(query_object, *args, **kwargs)

    return Prepared(data.store, data.identifier, data.namespace_manager)


@lru_cache(maxsize=256)
def _prepared(query: str, namespaces: tuple[tuple[str, rdflib.URIRef], ...]) -> Any:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(query, dict(namespaces))


def _pyshacl(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    import pyshacl

    # allow_warnings stays off: it also makes what is below sh:not and sh:or conform.
    return _run(
        lambda: pyshacl.validate(
            data,
            shacl_graph=shapes,
            advanced=False,
            inference="none",
            js=False,
            do_owl_imports=False,
            max_validation_depth=_DEPTH,
        )
    )


def _check_shapes(shapes: rdflib.Graph) -> None:
    from pyshacl.entrypoints import meta_validate

    found = _run(lambda: meta_validate(shapes, inference="none", max_validation_depth=_DEPTH))
    wrong = sorted({_result(found, node, shapes) for node in _result_nodes(found)}, key=_order)
    if wrong:
        said = "; ".join(f"{result.focus}: {result.message}" for result in wrong[:5])
        raise KgError(f"the shapes break {len(wrong)} of SHACL's own rules: {said}")


# pyshacl's own 15 is less than SHACL's own shapes need; shapes that refer to themselves it finds otherwise.
_DEPTH: Final = 100
_UNUSABLE: Final = "the shapes cannot be checked"


def _run(work: Callable[[], Any]) -> rdflib.Graph:
    """Give the report graph of a run of pyshacl, or say in one line why there is none."""
    import rdflib
    from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning

    try:
        _, found, _ = work()
    except ShapeRecursionWarning as error:
        raise KgError(f"{_UNUSABLE}: one refers to itself: {_sentence(str(error))}") from error
    except RecursionError as error:
        raise KgError(f"{_UNUSABLE}: they are nested too deeply, or in a circle") from error
    except ReportableRuntimeError as error:
        raise KgError(f"{_UNUSABLE}: {_sentence(str(error.args[0]))}") from error
    except MemoryError:
        raise
    # Whatever foreign shapes make pyshacl, rdflib or re stumble over is a fault of theirs, told in one line.
    except Exception as error:
        raise KgError(f"{_UNUSABLE}: {type(error).__name__}: {_sentence(str(error))}") from error
    # A ValidationFailure comes back in the place of the report.
    if not isinstance(found, rdflib.Graph):
        raise KgError(f"{_UNUSABLE}: {_sentence(str(found))}")
    return found


def _sentence(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- what pyshacl found

_SEVERITY: Final[dict[str, Severity]] = {
    expand(f"sh:{name}"): severity
    for name, severity in zip(("Violation", "Warning", "Info"), SEVERITIES, strict=True)
}


def _result_nodes(report: rdflib.Graph) -> Iterator[Node]:
    return report.objects(None, _sh("result"))


def _result(report: rdflib.Graph, node: Node, shapes: rdflib.Graph) -> Result:
    def found(name: str) -> Node | None:
        return report.value(node, _sh(name), any=True)

    path, value, focus = found("resultPath"), found("value"), found("focusNode")
    return Result(
        str(focus) if _is_iri(focus) else _term(focus),
        None if path is None else str(path) if _is_iri(path) else _path(report, path),
        None if value is None else _term(value),
        _SEVERITY.get(str(found("resultSeverity")), "violation"),
        _name(shapes, found("sourceShape")),
        str(found("sourceConstraintComponent")),
        str(_best(report.objects(node, _sh("resultMessage"))) or ""),
    )


def _order(result: Result) -> tuple[int, str, str, str, str, str, str]:
    return (
        SEVERITIES.index(result.severity),
        result.shape,
        result.focus,
        result.path or "",
        result.value or "",
        result.component,
        result.message,
    )


def _name(shapes: rdflib.Graph, node: Node | None) -> str:
    """Give the IRI of a shape, or of the nearest shape around one that has none."""
    seen: set[Node] = set()
    while node is not None and not _is_iri(node) and node not in seen:
        seen.add(node)
        around = sorted(shapes.subjects(None, node), key=lambda shape: (not _is_iri(shape), str(shape)))
        node = around[0] if around else None
    return str(node) if _is_iri(node) else "_:shape"


def _path(graph: rdflib.Graph, node: Node, depth: int = 0) -> str:
    """Give a path (SHACL 2.3.1) as SPARQL writes it."""
    import rdflib

    if _is_iri(node):
        return f"<{node}>"
    if depth > 20:
        return "…"
    if graph.value(node, rdflib.RDF.first, any=True) is not None:
        return "/".join(_path(graph, part, depth + 1) for part in graph.items(node))
    for name, before, after in _PATHS:
        inner = graph.value(node, _sh(name), any=True)
        if inner is not None and name == "alternativePath":
            return "(" + "|".join(_path(graph, part, depth + 1) for part in graph.items(inner)) + ")"
        if inner is not None:
            said = _path(graph, inner, depth + 1)
            return f"{before}{said if _is_iri(inner) else f'({said})'}{after}"
    return _term(node)


_PATHS: Final = (
    ("alternativePath", "", ""),
    ("inversePath", "^", ""),
    ("zeroOrMorePath", "", "*"),
    ("oneOrMorePath", "", "+"),
    ("zeroOrOnePath", "", "?"),
)


# ---------------------------------------------------------------- how much was looked at


def touched(data: rdflib.Graph, shapes: rdflib.Graph) -> Touched:
    """Count the focus nodes of each shape that has a target and is not deactivated, sorted by IRI."""
    nodes: dict[str, set[Node]] = {}
    for shape in _targeting(shapes):
        nodes.setdefault(_name(shapes, shape), set()).update(focus_nodes(data, shapes, shape))
    return {shape: len(nodes[shape]) for shape in sorted(nodes)}


def _targeting(shapes: rdflib.Graph) -> set[Node]:
    found = {shape for name in _TARGETS for shape in shapes.subjects(_sh(name), None)}
    found |= {shape for shape in _candidates(shapes) if _is_class(shapes, shape)}
    return {s for s in found if not any(map(_is_true, shapes.objects(s, _sh("deactivated"))))}


def _candidates(shapes: rdflib.Graph) -> Iterator[Node]:
    """Give what pyshacl takes for a shape even if it has no target."""
    import rdflib

    for name in ("NodeShape", "PropertyShape"):
        yield from shapes.subjects(rdflib.RDF.type, _sh(name))
    for name in ("property", "node"):
        yield from shapes.subjects(_sh(name), None)
    for name in ("property", "node", "not", "qualifiedValueShape"):
        yield from shapes.objects(None, _sh(name))
    for name in ("and", "or", "xone"):
        for members in shapes.objects(None, _sh(name)):
            yield from shapes.items(members)


_TARGETS: Final = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")


def focus_nodes(data: rdflib.Graph, shapes: rdflib.Graph, shape: Node) -> set[Node]:
    """Give the focus nodes that the targets of one shape stand for (SHACL 2.1.3).

    A node named by sh:targetNode counts whether or not it is in the data.
    """
    import rdflib

    def targets(name: str) -> Iterator[Node]:
        return shapes.objects(shape, _sh(name))

    found = set(targets("targetNode"))
    for class_ in (*targets("targetClass"), *([shape] if _is_class(shapes, shape) else [])):
        for below in set(data.transitive_subjects(rdflib.RDFS.subClassOf, class_)) | {class_}:
            found |= set(data.subjects(rdflib.RDF.type, below))
    for predicate in targets("targetSubjectsOf"):
        found |= set(data.subjects(predicate, None))
    for predicate in targets("targetObjectsOf"):
        found |= set(data.objects(None, predicate))
    return found


def _is_class(shapes: rdflib.Graph, shape: Node) -> bool:
    """Whether a shape is a class too, and so its own target (SHACL 2.1.3.3)."""
    import rdflib

    below = shapes.subjects(rdflib.RDFS.subClassOf, rdflib.RDFS.Class)
    classes = {rdflib.RDFS.Class, rdflib.OWL.Class, *below}
    return any(type_ in classes for type_ in shapes.objects(shape, rdflib.RDF.type))


def _is_true(node: Node) -> bool:
    return str(node) in ("true", "1")


# ---------------------------------------------------------------- the report, for people and for machines


def _report(found: rdflib.Graph, conforms: bool) -> rdflib.Graph:
    import rdflib

    for report in list(found.subjects(rdflib.RDF.type, _sh("ValidationReport"))):
        found.set((report, _sh("conforms"), rdflib.Literal(conforms)))
    return found


def report_turtle(outcome: Outcome) -> bytes:
    """Give the report in Turtle; the same results are the same bytes.

    Blank nodes are written without labels, so that nothing in the file depends on how they were named.
    """
    curies = nt.Curies(PREFIXES)
    results = sorted(_block(outcome.report, node, curies, 2) for node in _result_nodes(outcome.report))
    lines = ["[] a sh:ValidationReport ;", f"  sh:conforms {'true' if outcome.conforms else 'false'}"]
    if results:
        lines[-1] += " ;"
        lines.append("  sh:result " + " ,\n    ".join(results))
    body = "\n".join(lines) + " .\n"
    head = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in sorted({*curies.used, "sh"}))
    return f"{head}\n{body}".encode()


def _block(graph: rdflib.Graph, node: Node, curies: nt.Curies, depth: int) -> str:
    """Give a blank node in brackets with all it says, sorted."""
    import rdflib

    if depth > 40:
        raise KgError("the report cannot be written: a shape without an IRI refers to itself")
    said = []
    for predicate, object_ in graph.predicate_objects(node):
        verb = "a" if predicate == rdflib.RDF.type else _turtle(graph, predicate, curies, depth)
        said.append(f"{verb} {_turtle(graph, object_, curies, depth + 1)}")
    if not said:
        return "[]"
    pad = "  " * depth
    return "[\n" + " ;\n".join(f"{pad}  {line}" for line in sorted(said)) + f"\n{pad}]"


def _turtle(graph: rdflib.Graph, node: Node, curies: nt.Curies, depth: int) -> str:
    import rdflib

    if isinstance(node, rdflib.BNode):
        return _block(graph, node, curies, depth)
    return curies[_term(node)] if _is_iri(node) else _term(node)


def rows(outcome: Outcome) -> list[dict[str, str | None]]:
    """Give one row for each result, in order, with the same columns in each."""
    names = ("severity", "focus", "path", "value", "shape", "component", "message")
    return [{name: getattr(result, name) for name in names} for result in outcome.results]


def junit(outcome: Outcome, suite: str = "shapes") -> bytes:
    """Give the outcome as JUnit XML: one test case for each shape, which fails if it found violations.

    Warnings and notes stand in its output. A shape that looked at nothing counts as skipped.
    """
    cases: dict[str, list[Result]] = {shape: [] for shape in outcome.touched}
    for result in outcome.results:
        cases.setdefault(result.shape, []).append(result)
    root = ElementTree.Element("testsuite", name=legal_xml(suite), tests=str(len(cases)), errors="0")
    failures = skipped = 0
    for shape in sorted(cases):
        names = {"classname": legal_xml(suite), "name": legal_xml(_short(shape))}
        case = ElementTree.SubElement(root, "testcase", names)
        violations = [result for result in cases[shape] if result.severity == "violation"]
        others = [result for result in cases[shape] if result.severity != "violation"]
        if violations:
            failures += 1
            failure = ElementTree.SubElement(case, "failure", message=legal_xml(violations[0].message))
            failure.text = legal_xml("\n".join(map(_line, violations)))
        elif not others and outcome.touched.get(shape) == 0:
            skipped += 1
            ElementTree.SubElement(case, "skipped", message="this shape touched nothing")
        if others:
            ElementTree.SubElement(case, "system-out").text = legal_xml("\n".join(map(_line, others)))
    root.set("failures", str(failures))
    root.set("skipped", str(skipped))
    ElementTree.indent(root)
    return cast(bytes, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _line(result: Result) -> str:
    at = " ".join(part for part in (result.focus, result.path, result.value) if part)
    return f"{at}: {result.severity}: {result.message}"


def _short(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


# ---------------------------------------------------------------- terms


def _sh(name: str) -> rdflib.URIRef:
    """Give a term of SHACL."""
    import rdflib

    return rdflib.URIRef(PREFIXES["sh"] + name)


def _is_iri(node: Node | None) -> bool:
    import rdflib

    return isinstance(node, rdflib.URIRef)


def _term(node: Node | None) -> str:
    """Give a term in N-Triples; what no IRI may hold stands escaped, since foreign data may hold it."""
    import rdflib

    if isinstance(node, rdflib.Literal):
        text = nt.literal(str(node))
        if node.language:
            return f"{text}@{node.language}"
        plain = node.datatype is None or str(node.datatype) == expand("xsd:string")
        return text if plain else f"{text}^^{_term(node.datatype)}"
    if isinstance(node, rdflib.BNode):
        return f"_:{node}"
    return "<" + _NOT_IN_IRI.sub(lambda match: f"\\u{ord(match[0]):04X}", str(node)) + ">"
