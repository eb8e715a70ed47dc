"""SHACL: what a graph breaks, in the words of the shapes, and how much each shape looked at.

Core constraints and ``sh:sparql`` are checked (SHACL, W3C 20 July 2017, parts 2 to 6); rules, functions,
JavaScript, inference and ``owl:imports`` are not. Nothing is fetched, whatever the shapes ask for. Shapes are
compiled (`kg.shacl`); pyshacl checks those that are not, or all if it is asked to.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, TypedDict, Unpack, cast
from xml.etree import ElementTree

from kg import nt, shacl, store
from kg.escape import legal_xml
from kg.namespaces import PREFIXES
from kg.nt import Triple
from kg.problems import KgError, RefusedError
from kg.shacl import reference
from kg.shacl.graph import ShapesGraph, sh
from kg.shacl.reference import UNUSABLE
from kg.shacl.report import report_graph
from kg.shacl.terms import FIRST, lexical, text_of
from kg.shacl.terms import language as language_of

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

Severity: TypeAlias = Literal["violation", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("violation", "warning", "info")
"""The severest first. A severity of somebody's own counts as a violation."""

Engine: TypeAlias = Literal["auto", "compiled", "pyshacl"]
ENGINES: Final[tuple[Engine, ...]] = ("auto", "compiled", "pyshacl")
"""Auto leaves to pyshacl what cannot be compiled; compiled refuses it."""

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
    made: rdflib.Graph | Callable[[], rdflib.Graph]
    """What `report` gives, or makes when it is first asked for."""
    conforms: bool
    """Whether there is no violation."""
    notices: tuple[str, ...] = ()
    """What whoever runs it should know: which shapes another engine had to check."""
    broken: tuple[tuple[int, str], ...] = ()
    """Lines of a file that are none, counted from 1, and what is wrong; the others were checked."""
    by_focus: shacl.ByFocus | None = field(default=None, compare=False, repr=False)
    """What `Since` takes; nothing where another engine had to check a shape, or not all was looked for."""
    checked: int = field(default=0, compare=False)
    """How many times a compiled shape looked at a focus node."""

    @property
    def report(self) -> rdflib.Graph:
        """A sh:ValidationReport in which warnings and notes do not stop sh:conforms from being true.

        That is pyshacl's ``--allow-warnings``; taken literally, SHACL 3.6.1 lets any result make it false.
        """
        return self.made() if callable(self.made) else self.made


@dataclass(frozen=True, slots=True)
class Since:
    """What the same shapes found before, and which triples have come or gone since."""

    by_focus: shacl.ByFocus
    changes: shacl.Changes


class How(TypedDict, total=False):
    """How to go about it."""

    engine: Engine
    check_shapes: bool
    """First check the shapes against SHACL's own shapes, as foreign ones should be."""
    jobs: int
    """How many processes share the work; one, if nothing is said."""
    limit: int | None
    """So many findings are enough."""
    fail_fast: bool
    """One violation is enough."""
    progress: shacl.Progress | None
    since: Since | None
    """Check again only what can have changed; for data in memory, without limit and early end."""


def validate(
    data: rdflib.Graph | Iterable[Triple] | shacl.Memory,
    shapes: rdflib.Graph | Iterable[Triple],
    **how: Unpack[How],
) -> Outcome:
    """Check `data` against `shapes`, both rdflib graphs or triples of N-Triples texts; neither is changed.

    `data` carries the ontology's axioms, by which subclasses are known. A graph must not be backed by an
    Oxigraph store: plain strings come back typed from one, and ``sh:in`` then reports what is right. With a
    limit or an early end, only what is compiled ends early.

    Raises:
        KgError: the shapes are malformed, refer to themselves, or hold a query or pattern that fails; or they
            cannot be compiled, and the engine is to be compiled shapes.
        RefusedError: a query in the shapes would read from elsewhere.
        TypeError: `data` is a dataset; which of its graphs are meant is for the caller to say.
    """
    return _validate(_Held(data), shapes, how)


def validate_file(
    path: Path, shapes: rdflib.Graph | Iterable[Triple], *, leave_out: str = "", **how: Unpack[How]
) -> Outcome:
    """Check a file of N-Quads or N-Triples, the union of its graphs; else as `validate`.

    Graphs whose names end in `leave_out` are as if they were not there.

    One that is sorted, as `kg build` writes it, is checked a part at a time, in memory that does not grow
    with it; for shapes that are left to pyshacl all of it is loaded.

    Raises:
        KgError: as `validate`, and if the file cannot be read.
        RefusedError: a query in the shapes would read from elsewhere.
    """
    return _validate(_Filed(path, leave_out), shapes, how)


class _Source(Protocol):
    """What is checked."""

    def run(self, plan: shacl.Plan, how: How) -> shacl.Validation: ...
    def about(self, node: str) -> Iterable[tuple[str, str]]: ...
    def count(self, targets: Iterable[shacl.Targets]) -> int | None: ...
    def graph(self) -> rdflib.Graph: ...


class _Held:
    """Data in memory."""

    def __init__(self, data: rdflib.Graph | Iterable[Triple] | shacl.Memory) -> None:
        if _is_graph(data) and isinstance(data, sys.modules["rdflib"].Dataset):
            raise TypeError("data is a dataset; hand over one graph, such as the union of those that count")
        self._graph = cast("rdflib.Graph", data) if _is_graph(data) else None
        self._memory: shacl.Memory | None = None
        self._triples: list[Triple] = []
        if isinstance(data, shacl.Memory):
            self._memory = data
        else:
            self._triples = _triples(data)
        self._blank: dict[str, list[tuple[str, str]]] = {}

    def run(self, plan: shacl.Plan, how: How) -> shacl.Validation:
        if self._memory is None:
            self._memory = shacl.Memory.of(self._triples, plan.predicates)
        if since := how.get("since"):
            return plan.validate_again(self._memory, since.by_focus, since.changes)
        return plan.validate(self._memory, **_options(how))

    def about(self, node: str) -> Iterable[tuple[str, str]]:
        if not self._triples:
            return self._memory.about(node) if self._memory else ()
        if not self._blank:
            for subject, predicate, object_ in self._triples:
                if subject[0] == "_":
                    self._blank.setdefault(subject, []).append((predicate, object_))
        return self._blank.get(node, ())

    def count(self, targets: Iterable[shacl.Targets]) -> int | None:
        memory = self._memory
        return (
            None if memory is None else len({node for each in targets for node in each.focus_nodes(memory)})
        )

    def graph(self) -> rdflib.Graph:
        if self._graph is None:
            kept = () if self._memory is None else self._memory.triples()
            self._graph = reference.as_graph(self._triples or kept)
        return self._graph


class _Filed:
    """A file."""

    def __init__(self, path: Path, leave_out: str) -> None:
        self._path = path
        self._leave_out = leave_out
        self._file = shacl.SortedFile(path, leave_out)

    def run(self, plan: shacl.Plan, how: How) -> shacl.Validation:
        return shacl.validate_file(plan, self._file, **_options(how))

    def about(self, node: str) -> Iterable[tuple[str, str]]:
        return self._file.about(node)

    def count(self, targets: Iterable[shacl.Targets]) -> int | None:
        return None

    def graph(self) -> rdflib.Graph:
        left_out = f"{self._leave_out}>" if self._leave_out else "\0"
        quads = (quad for quad in store.parse(self._path) if not quad[3].endswith(left_out))
        return reference.as_graph(quad[:3] for quad in quads)


def _options(how: How) -> shacl.Options:
    return {
        "jobs": how.get("jobs", 1),
        "limit": how.get("limit"),
        "fail_fast": how.get("fail_fast", False),
        "progress": how.get("progress"),
    }


def _validate(source: _Source, shapes: rdflib.Graph | Iterable[Triple], how: How) -> Outcome:
    said = _triples(shapes)
    _refuse_reading_elsewhere(said)
    graph = ShapesGraph(_with_one_message_each(said))
    if how.get("check_shapes"):
        _check_shapes(graph)
    engine = how.get("engine", "auto")
    if engine == "pyshacl":
        return _by_pyshacl(source, graph)
    plan = shacl.compile(graph.triples())
    if engine == "compiled" and (plan.unusable or plan.uncompiled):
        raise KgError(f"{UNUSABLE} without pyshacl: {plan.unusable or _told(plan, plan.uncompiled)[0]}")
    return _by_pyshacl(source, graph) if plan.unusable else _compiled(source, plan, how)


def _triples(graph: rdflib.Graph | Iterable[Triple]) -> list[Triple]:
    if _is_graph(graph):
        return reference.as_triples(cast("rdflib.Graph", graph))
    return list(cast(Iterable[Triple], graph))


def _is_graph(value: object) -> bool:
    # Who has one has imported rdflib.
    rdflib = sys.modules.get("rdflib")
    return rdflib is not None and isinstance(value, rdflib.Graph)


def _compiled(source: _Source, plan: shacl.Plan, how: How) -> Outcome:
    """Check what is compiled, and leave the rest to pyshacl."""
    validation = source.run(plan, how)
    if validation.circles:
        raise KgError(f"{UNUSABLE}: one refers to itself: {', '.join(validation.circles)}")
    found = list(validation.findings)
    left = {**plan.uncompiled, **validation.left}
    if left and how.get("engine") == "compiled":
        raise KgError(f"{UNUSABLE} without pyshacl: {_told(plan, left)[0]}")
    if left:
        rest = reference.as_graph(reference.only(plan.graph.triples(), left))
        found += reference.findings(reference.run(source.graph(), rest))
    results = tuple(sorted({_result(finding, plan.graph) for finding in found}, key=_order))
    conforms = all(result.severity != "violation" for result in results)
    make = cache(partial(report_graph, found, conforms, plan.graph.about, source.about))
    notices = tuple(f"pyshacl checks {each}" for each in _told(plan, left))
    whole = not (left or how.get("limit") or how.get("fail_fast"))
    return Outcome(
        results,
        _touched(plan, validation, source),
        make,
        conforms,
        notices,
        validation.broken,
        validation.by_focus if whole else None,
        validation.checked,
    )


def _told(plan: shacl.Plan, left: Mapping[str, str]) -> list[str]:
    return [f"{_name(plan.graph, shape)}: {why}" for shape, why in left.items()]


def _touched(plan: shacl.Plan, validation: shacl.Validation, source: _Source) -> Touched:
    nodes: dict[str, list[str]] = {}
    for shape in plan.targets:
        nodes.setdefault(_name(plan.graph, shape), []).append(shape)
    found = {}
    for name, shapes in sorted(nodes.items()):
        counts = [validation.touched[shape] for shape in shapes if shape in validation.touched]
        if len(counts) < len(shapes) or len(shapes) > 1:
            # Shapes without names of their own may share focus nodes.
            counts = [source.count(plan.targets[shape] for shape in shapes) or sum(counts)]
        found[name] = counts[0]
    return found


def _by_pyshacl(source: _Source, graph: ShapesGraph) -> Outcome:
    data, shapes = source.graph(), reference.as_graph(graph.triples())
    found = reference.run(data, shapes)
    results = tuple(sorted({_result(each, graph) for each in reference.findings(found)}, key=_order))
    conforms = all(result.severity != "violation" for result in results)
    return Outcome(results, touched(data, shapes), _report(found, conforms), conforms)


# ---------------------------------------------------------------- what is asked before

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


def _refuse_reading_elsewhere(shapes: Iterable[Triple]) -> None:
    """Raise if a query in `shapes` names another place to read from, or pyshacl would write one that does."""
    graph = ShapesGraph(shapes)
    queries = {sh(name) for name in _QUERIES}
    pasted = {sh("namespace"), sh("prefix")}
    texts: set[str] = set()
    for shape, predicate, object_ in graph.triples():
        if predicate in queries and (word := _reads_elsewhere(lexical(object_))):
            raise RefusedError(
                f"the query of {_name(graph, shape)} says {word}: shapes see the graph that is checked "
                "and nothing else; take that part out"
            )
        # pyshacl pastes the IRIs of paths and the namespaces of prefixes into queries as they are.
        texts.update(lexical(term) for term in (shape, object_) if term[0] == "<")
        if predicate in pasted:
            texts.add(lexical(object_))
    for text in sorted(texts):
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


def _with_one_message_each(shapes: Iterable[Triple]) -> Iterator[Triple]:
    """Give `shapes`, of several messages only the English one, or the one without a language.

    A message that is filled in has no language any more, so the choice cannot be made afterwards.
    """
    message = sh("message")
    best: dict[str, str] = {}
    for subject, predicate, object_ in shapes:
        if predicate == message:
            best[subject] = min(best.get(subject, object_), object_, key=_rank)
        else:
            yield subject, predicate, object_
    for subject, object_ in best.items():
        yield subject, message, object_


def _rank(message: str) -> tuple[int, str, str]:
    """Order messages: English, without a language, others by language and text."""
    language = language_of(message)
    return (0 if language.split("-")[0] == "en" else 1 if not language else 2), language, lexical(message)


def _check_shapes(graph: ShapesGraph) -> None:
    plan = shacl.compile(reference.shapes_of_shapes())
    outcome = _compiled(_Held(graph.triples()), plan, {})
    if outcome.results:
        said = "; ".join(f"{result.focus}: {result.message}" for result in outcome.results[:5])
        raise KgError(f"the shapes break {len(outcome.results)} of SHACL's own rules: {said}")


# ---------------------------------------------------------------- results

_SEVERITY: Final[dict[str, Severity]] = {
    sh(name): severity for name, severity in zip(("Violation", "Warning", "Info"), SEVERITIES, strict=True)
}


def _result(finding: shacl.Finding, shapes: ShapesGraph) -> Result:
    focus, path = finding.focus, finding.path
    return Result(
        lexical(focus) if focus[0] == "<" else focus,
        None if path is None else lexical(path) if path[0] == "<" else _path(shapes, path),
        finding.value,
        _SEVERITY.get(finding.severity, "violation"),
        _name(shapes, finding.shape),
        lexical(finding.component),
        lexical(min(finding.messages, key=_rank)) if finding.messages else finding.generic,
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


def _name(shapes: ShapesGraph, node: str) -> str:
    """Give the IRI of a shape, or of the nearest shape around one that has none."""
    seen: set[str] = set()
    while node[0] != "<" and node not in seen:
        seen.add(node)
        around = sorted(shapes.around(node), key=lambda shape: (shape[0] != "<", shape))
        if not around:
            break
        node = around[0]
    return lexical(node) if node[0] == "<" else "_:shape"


def _path(shapes: ShapesGraph, node: str, depth: int = 0) -> str:
    """Give a path (SHACL 2.3.1) as SPARQL writes it."""
    if node[0] == "<":
        return node
    if depth > 20:
        return "…"
    if shapes.objects(node, FIRST):
        return "/".join(_path(shapes, part, depth + 1) for part in shapes.items(node))
    for name, before, after in _PATHS:
        inner = shapes.values(node, name)
        if inner and name == "alternativePath":
            return "(" + "|".join(_path(shapes, part, depth + 1) for part in shapes.items(inner[0])) + ")"
        if inner:
            said = _path(shapes, inner[0], depth + 1)
            return f"{before}{said if inner[0][0] == '<' else f'({said})'}{after}"
    return node


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
    graph = ShapesGraph(reference.as_triples(shapes))
    nodes: dict[str, set[Node]] = {}
    for shape in _targeting(shapes):
        nodes.setdefault(_name(graph, text_of(shape)), set()).update(focus_nodes(data, shapes, shape))
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
    report = outcome.report
    results = sorted(_block(report, node, curies, 2) for node in report.objects(None, _sh("result")))
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
    return curies[text_of(node)] if isinstance(node, rdflib.URIRef) else text_of(node)


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
