"""Random shapes and data, and what pyshacl says of them: shared by the tests of compiled SHACL."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import TypeAlias

import pyshacl
import rdflib
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg import nt, shacl
from kg.shacl import reference

EX = Namespace("https://example.org/")
Row: TypeAlias = tuple[str | None, ...]
"""Focus node, path, value, component, shape, severity and, where the shape sets them, messages."""


def text(node: Node) -> str:
    """Give a term as canonical text."""
    if isinstance(node, BNode):
        return f"_:{node}"
    if not isinstance(node, Literal):
        return f"<{node}>"
    letters = nt.literal(str(node))
    if node.language:
        return f"{letters}@{node.language.lower()}"
    return letters if node.datatype in (None, XSD.string) else f"{letters}^^<{node.datatype}>"


def triples(graph: Iterable[tuple[Node, Node, Node]]) -> list[tuple[str, str, str]]:
    """Give the triples of a graph as text."""
    return [(text(s), text(p), text(o)) for s, p, o in graph]


def by_pyshacl(data: Graph, shapes: Graph) -> Counter[Row] | str:
    """Give the results of pyshacl, or what it says instead."""
    copy = Graph()
    for triple in shapes:
        copy.add(triple)
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            prepared = reference.with_prepared_queries(data)
            _, report, _ = pyshacl.validate(prepared, shacl_graph=copy, max_validation_depth=100)
    except Exception as error:  # whatever it stumbles over
        return f"{type(error).__name__}: {error}"
    finally:
        logging.disable(before)
        rdflib.NORMALIZE_LITERALS = False
    if not isinstance(report, Graph):
        return f"{type(report).__name__}: {report}"
    return Counter(_row(report, node, shapes) for node in report.objects(None, SH.result))


def _row(report: Graph, node: Node, shapes: Graph) -> Row:
    def one(name: str) -> str | None:
        value = report.value(node, SH[name])
        return None if value is None else text(value)

    shape, constraint = report.value(node, SH.sourceShape), report.value(node, SH.sourceConstraint)
    sets = any((each, SH.message, None) in shapes for each in (shape, constraint) if each is not None)
    messages = sorted(text(message) for message in report.objects(node, SH.resultMessage)) if sets else []
    return (
        one("focusNode"),
        one("resultPath"),
        one("value"),
        one("sourceConstraintComponent"),
        one("sourceShape"),
        one("resultSeverity"),
        *messages,
    )


def rows(validation: shacl.Validation) -> Counter[Row]:
    """Give the findings of a compiled plan in the form of `by_pyshacl`."""
    return Counter(
        (f.focus, f.path, f.value, f.component, f.shape, f.severity, *sorted(f.messages))
        for f in validation.findings
    )


# ---------------------------------------------------------------- random graphs

PREDICATES = [EX[f"p{n}"] for n in range(4)]
CLASSES = [EX[f"C{n}"] for n in range(4)]
NODES: list[Node] = [*(EX[f"n{n}"] for n in range(6)), BNode("b0"), BNode("b1")]


def _typed(datatype: URIRef, *letters: str) -> list[Node]:
    return [Literal(each, datatype=datatype, normalize=False) for each in letters]


LITERALS: list[Node] = [
    *_typed(XSD.integer, "1", "2", "007", "-3", "x", "12345678901234567890", "+1", " 2"),
    *_typed(XSD.nonNegativeInteger, "0", "2", "-1"),
    *_typed(XSD.decimal, "1.0", "1.50", "2", "x"),
    *_typed(XSD.double, "1e0", "NaN", "2.5", "INF"),
    *_typed(XSD.boolean, "true", "0", "yes"),
    *_typed(XSD.date, "2020-01-01", "2020-02-30", "2019-12-31", "2020-02-29", "2020-01-01Z"),
    *_typed(XSD.dateTime, "2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "2020-01-01T25:00:00"),
    *_typed(XSD.time, "10:00:00", "11:00:00Z"),
    *_typed(XSD.gYear, "2020", "20"),
    *_typed(XSD.anyURI, "https://example.org/n0"),
    *_typed(EX.Kind, "a", "b"),
    *(Literal(each) for each in ("", "a", "b", "abc", "Строка", "a\nb", '"\\', "x y", "2")),
    *(Literal(each, lang=tag) for each, tag in (("a", "en"), ("b", "en-GB"), ("c", "de"), ("a", "de"))),
]
DATATYPES: list[Node] = [
    *(XSD[n] for n in ("integer", "string", "boolean", "date", "dateTime", "decimal", "double", "time")),
    *(XSD.nonNegativeInteger, XSD.gYear, XSD.anyURI, RDF.langString, RDFS.Literal, EX.Kind),
]


def random_data(random: Random) -> Graph:
    """Give some nodes with classes, links and literals."""
    graph = Graph()
    for sub in CLASSES:
        if random.random() < 0.5:
            graph.add((sub, RDFS.subClassOf, random.choice(CLASSES)))
    for node in NODES:
        for _ in range(random.choice((0, 1, 1, 2))):
            graph.add((node, RDF.type, random.choice(CLASSES)))
        for _ in range(random.randrange(6)):
            object_ = random.choice(NODES if random.random() < 0.5 else LITERALS)
            graph.add((node, random.choice(PREDICATES), object_))
    return graph


class RandomShapes:
    """A shapes graph made at random; `circular` lets shapes refer to themselves."""

    def __init__(self, random: Random, *, circular: bool = False) -> None:
        """Make it."""
        self.random = random
        self.circular = circular
        self.graph = Graph()
        self.names: list[Node] = []
        self.property_names: list[Node] = []
        count = random.randint(1, 4)
        all_names = [EX[f"S{n}"] for n in range(count)]
        for name in all_names:
            if circular:
                self.names = list(all_names)
            self._shape(name, depth=0, is_property=False)
            self._target(name)
            if not circular:
                self.names.append(name)
        if random.random() < 0.5:
            name = EX.P
            self._shape(name, depth=0, is_property=True)
            self._target(name)

    def _add(self, shape: Node, predicate: URIRef, *values: Node) -> None:
        for value in values:
            self.graph.add((shape, predicate, value))

    def _list(self, members: Iterable[Node]) -> Node:
        node = BNode()
        Collection(self.graph, node, list(members))
        return node

    def _target(self, shape: Node) -> None:
        random = self.random
        kind = random.randrange(6)
        if kind == 0:
            self._add(shape, SH.targetNode, *random.sample([*NODES, *LITERALS, EX.absent], 3))
        elif kind in (1, 2):
            self._add(shape, SH.targetClass, random.choice(CLASSES))
        elif kind == 3:
            self._add(shape, SH.targetSubjectsOf, random.choice(PREDICATES))
        elif kind == 4:
            self._add(shape, SH.targetObjectsOf, random.choice(PREDICATES))
        else:
            # A class that is a shape as well, which a name in use cannot become.
            self._add(shape, RDF.type, RDFS.Class)
            self._add(shape, SH.targetClass, CLASSES[0])

    def _shape(self, shape: Node, depth: int, is_property: bool) -> Node:
        random = self.random
        if is_property or random.random() < 0.7:
            self._add(shape, RDF.type, SH.PropertyShape if is_property else SH.NodeShape)
        if is_property:
            self._add(shape, SH.path, self._path(0))
        elif depth:
            # Something has to make it a shape where nothing refers to it.
            self._add(shape, RDF.type, SH.NodeShape)
        if random.random() < 0.3:
            self._add(shape, SH.message, Literal(f"mend {shape[-3:]}", lang=random.choice(("en", None))))
        if random.random() < 0.2:
            self._add(shape, SH.severity, random.choice((SH.Info, SH.Warning, EX.Grave)))
        if random.random() < 0.05:
            self._add(shape, SH.deactivated, Literal(random.random() < 0.7))
        for _ in range(random.choice((1, 1, 2, 3))):
            random.choice(_CONSTRAINTS)(self, shape, depth, is_property)
        return shape

    def _inner(self, depth: int, is_property: bool | None = None) -> Node:
        random = self.random
        if is_property is not True and self.names and random.random() < 0.4:
            return random.choice(self.names)
        if is_property is None:
            is_property = random.random() < 0.5
        return self._shape(BNode(), depth + 1, is_property)

    def _path(self, depth: int) -> Node:
        random = self.random
        kind = random.randrange(12) if depth < 2 else 0
        if kind < 6:
            return random.choice(PREDICATES)
        if kind == 6:
            return self._list(self._path(depth + 1) for _ in range(random.choice((2, 2, 3))))
        node = BNode()
        if kind == 7:
            members = self._list(self._path(depth + 1) for _ in range(2))
            self._add(node, SH.alternativePath, members)
        else:
            name = ("inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")[kind - 8]
            self._add(node, SH[name], self._path(depth + 1))
        return node

    # ------------------------------------------------------------ constraints

    def class_(self, shape: Node, depth: int, is_property: bool) -> None:
        self._add(shape, SH["class"], *self.random.sample(CLASSES, self.random.choice((1, 1, 2))))

    def datatype(self, shape: Node, depth: int, is_property: bool) -> None:
        self.graph.set((shape, SH.datatype, self.random.choice(DATATYPES)))

    def node_kind(self, shape: Node, depth: int, is_property: bool) -> None:
        kinds = (SH.IRI, SH.Literal, SH.BlankNode, SH.BlankNodeOrIRI, SH.IRIOrLiteral, SH.BlankNodeOrLiteral)
        self.graph.set((shape, SH.nodeKind, self.random.choice(kinds)))

    def count(self, shape: Node, depth: int, is_property: bool) -> None:
        if is_property:
            name = self.random.choice(("minCount", "maxCount"))
            self.graph.set((shape, SH[name], Literal(self.random.randrange(3))))

    def bound(self, shape: Node, depth: int, is_property: bool) -> None:
        name = self.random.choice(("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"))
        self._add(shape, SH[name], self.random.choice(LITERALS))

    def length(self, shape: Node, depth: int, is_property: bool) -> None:
        name = self.random.choice(("minLength", "maxLength"))
        self.graph.set((shape, SH[name], Literal(self.random.choice((0, 1, 3, 20)))))

    def pattern(self, shape: Node, depth: int, is_property: bool) -> None:
        self._add(shape, SH.pattern, Literal(self.random.choice(("^a", "b$", "[0-9]", "N", "^.$", ""))))
        if self.random.random() < 0.4:
            self.graph.set((shape, SH.flags, Literal(self.random.choice(("i", "m", "im", "")))))

    def language_in(self, shape: Node, depth: int, is_property: bool) -> None:
        members = self.random.choice((["en"], ["en-GB", "fr"], ["*"], ["DE"]))
        if not self.graph.value(shape, SH.languageIn):
            self._add(shape, SH.languageIn, self._list(map(Literal, members)))

    def unique_lang(self, shape: Node, depth: int, is_property: bool) -> None:
        if is_property:
            self.graph.set((shape, SH.uniqueLang, Literal(self.random.random() < 0.8)))

    def has_value(self, shape: Node, depth: int, is_property: bool) -> None:
        self._add(
            shape, SH.hasValue, *self.random.sample([*NODES[:6], *LITERALS], self.random.choice((1, 2)))
        )

    def in_(self, shape: Node, depth: int, is_property: bool) -> None:
        if not self.graph.value(shape, SH["in"]):
            self._add(shape, SH["in"], self._list(self.random.sample([*NODES[:6], *LITERALS], 12)))

    def pair(self, shape: Node, depth: int, is_property: bool) -> None:
        names = ["equals", "disjoint", *(("lessThan", "lessThanOrEquals") if is_property else ())]
        self._add(shape, SH[self.random.choice(names)], self.random.choice(PREDICATES))

    def closed(self, shape: Node, depth: int, is_property: bool) -> None:
        self.graph.set((shape, SH.closed, Literal(self.random.random() < 0.8)))
        if self.random.random() < 0.5 and not self.graph.value(shape, SH.ignoredProperties):
            self._add(shape, SH.ignoredProperties, self._list([RDF.type, PREDICATES[0]]))

    def property_(self, shape: Node, depth: int, is_property: bool) -> None:
        if depth < 3:
            self._add(shape, SH.property, self._inner(depth, is_property=True))

    def node(self, shape: Node, depth: int, is_property: bool) -> None:
        if depth < 3:
            self._add(shape, SH.node, self._inner(depth, is_property=False))

    def not_(self, shape: Node, depth: int, is_property: bool) -> None:
        if depth < 3:
            self._add(shape, SH["not"], self._inner(depth))

    def group(self, shape: Node, depth: int, is_property: bool) -> None:
        if depth < 3:
            members = [self._inner(depth) for _ in range(self.random.choice((1, 2, 2, 3)))]
            self._add(shape, SH[self.random.choice(("and", "or", "xone"))], self._list(members))

    def qualified(self, shape: Node, depth: int, is_property: bool) -> None:
        if not is_property or depth >= 3:
            return
        self._add(shape, SH.qualifiedValueShape, self._inner(depth))
        for name in self.random.choice((["Min"], ["Max"], ["Min", "Max"])):
            self.graph.set((shape, SH[f"qualified{name}Count"], Literal(self.random.randrange(3))))
        if self.random.random() < 0.4:
            self.graph.set((shape, SH.qualifiedValueShapesDisjoint, Literal(True)))


_CONSTRAINTS: list[Callable[[RandomShapes, Node, int, bool], None]] = [
    RandomShapes.class_,
    RandomShapes.datatype,
    RandomShapes.node_kind,
    RandomShapes.count,
    RandomShapes.count,
    RandomShapes.bound,
    RandomShapes.length,
    RandomShapes.pattern,
    RandomShapes.language_in,
    RandomShapes.unique_lang,
    RandomShapes.has_value,
    RandomShapes.in_,
    RandomShapes.pair,
    RandomShapes.closed,
    *[RandomShapes.property_] * 3,
    RandomShapes.node,
    RandomShapes.not_,
    *[RandomShapes.group] * 2,
    *[RandomShapes.qualified] * 2,
]


# ---------------------------------------------------------------- random queries


class RandomQuery:
    """A SELECT query made at random, with nested groups, filters, optional parts and paths."""

    def __init__(self, random: Random) -> None:
        """Make it."""
        self.random = random
        self.bound = 0
        body = self._group(0)
        chosen = random.choice(("$this ?value", "$this ?value ?path ?v1", "?value ?v2 $this", "$this", "*"))
        self.text = f"SELECT {random.choice(('', 'DISTINCT '))}{chosen} WHERE {body}"

    def shapes(self) -> Graph:
        """Give a shape with the query, for all nodes of random data."""
        graph = Graph()
        graph.add((EX.Q, RDF.type, SH.NodeShape))
        for predicate in PREDICATES:
            graph.add((EX.Q, SH.targetSubjectsOf, predicate))
        query = EX.query
        graph.add((EX.Q, SH.sparql, query))
        graph.add((query, SH.select, Literal(self.text)))
        graph.add((query, SH.message, Literal("{$this} {?value} {?v1}", lang="en")))
        return graph

    def _variable(self) -> str:
        return self.random.choice(("$this", "?value", "?v1", "?v1", "?v2", "?v3", "?value"))

    def _iri(self) -> str:
        return f"<{self.random.choice(PREDICATES)}>"

    def _term(self) -> str:
        random = self.random
        if random.random() < 0.7:
            return self._variable()
        return random.choice(('"a"', "1", "2", f"<{EX.n0}>", f"<{EX.n1}>", '"a"@en', "true", f"<{EX.C0}>"))

    def _path(self) -> str:
        random = self.random
        one, other = self._iri(), self._iri()
        return random.choice(
            (
                *[one] * 6,
                f"{one}/{other}",
                f"{one}|{other}",
                f"^{one}",
                f"({one}/{other})*",
                f"{one}+",
                f"{one}*",
                f"({one}|^{other})?",
                "a",
            )
        )

    def _triples(self) -> str:
        subject = "$this" if self.random.random() < 0.6 else self.random.choice(("?value", "?v1", "?v2"))
        text = f"{subject} {self._path()} {self._term()}"
        if self.random.random() < 0.3:
            text += f" ; {self._iri()} {self._term()}"
        if self.random.random() < 0.2:
            text += f" , {self._term()}"
        return text + " ."

    def _group(self, depth: int) -> str:
        random = self.random
        parts = [self._triples()]
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            kind = random.randrange(8)
            if kind < 2 or depth >= 2:
                parts.append(self._triples())
            elif kind == 2:
                parts.append(f"OPTIONAL {self._group(depth + 1)}")
            elif kind == 3:
                parts.append(f"{self._group(depth + 1)} UNION {self._group(depth + 1)}")
            elif kind == 4:
                self.bound += 1
                parts.append(f"BIND({self._value(0)} AS ?b{self.bound})")
            elif kind == 5:
                parts.append(self._group(depth + 1))
            else:
                parts.append(f"FILTER({self._test(depth)})")
        if random.random() < 0.5:
            parts.append(f"FILTER({self._test(depth)})")
        return "{ " + " ".join(parts) + " }"

    def _test(self, depth: int) -> str:
        random = self.random
        kind = random.randrange(14)
        if kind == 0 and depth < 2:
            return f"{random.choice(('', 'NOT '))}EXISTS {self._group(depth + 1)}"
        if kind == 1:
            return f"{self._test(depth + 1)} && {self._test(depth + 1)}" if depth < 3 else "true"
        if kind == 2:
            return f"({self._test(depth + 1)} || {self._test(depth + 1)})" if depth < 3 else "false"
        if kind == 3:
            return f"!({self._test(depth + 1)})" if depth < 3 else f"!BOUND({self._variable()})"
        if kind == 4:
            return f"{random.choice(('isIRI', 'isLiteral', 'isBlank', 'BOUND', 'isNumeric'))}({self._variable()})"
        if kind == 5:
            members = ", ".join(self._value(1) for _ in range(2))
            return f"{self._value(1)} {random.choice(('IN', 'NOT IN'))} ({members})"
        if kind == 6:
            return f'REGEX(STR({self._value(1)}), "{random.choice(("n[0-9]", "^a", "B"))}", "i")'
        if kind == 7:
            return f"sameTerm({self._value(1)}, {self._value(1)})"
        if kind == 8:
            return f'{random.choice(("STRSTARTS", "CONTAINS", "STRENDS"))}({self._value(0)}, "a")'
        return f"{self._value(0)} {random.choice(('=', '!=', '<', '>', '<=', '>='))} {self._value(0)}"

    def _value(self, depth: int) -> str:
        random = self.random
        if depth > 1 or random.random() < 0.5:
            return self._term()
        form: str = random.choice(_FORMS)
        while "{inner}" in form:
            form = form.replace("{inner}", self._value(depth + 1), 1)
        return form.replace("{test}", f"BOUND({self._variable()})")


_FORMS = (
    "STR({inner})",
    "LCASE(STR({inner}))",
    "UCASE({inner})",
    "DATATYPE({inner})",
    "LANG({inner})",
    "STRLEN({inner})",
    'CONCAT({inner}, "x")',
    'REPLACE(STR({inner}), "([a-z])", "$1-")',
    "COALESCE({inner}, {inner})",
    "IF({test}, {inner}, {inner})",
    "IF({inner} = {inner}, 1, 2)",
    "({inner} + 1)",
    "({inner} * 2 - 1)",
    "ABS({inner})",
    "YEAR({inner})",
    "SUBSTR(STR({inner}), 2, 3)",
    f"<{XSD.integer}>({{inner}})",
    f"<{XSD.string}>({{inner}})",
)


# ---------------------------------------------------------------- queries about how nodes hang together


class RandomPattern:
    """A SELECT query made at random of which only links between nodes decide, so that each of them counts."""

    def __init__(self, random: Random) -> None:
        """Make it."""
        self.random = random
        self.bound = 0
        self.text = f"SELECT $this ?value WHERE {self._group(0, '$this')}"

    def _variable(self) -> str:
        return self.random.choice(("$this", "?value", "?value", "?v1", "?v2", "?v3"))

    def _triple(self, subject: str = "") -> str:
        one, other = (f"<{self.random.choice(PREDICATES[:2])}>" for _ in range(2))
        paths = (
            *[one] * 9,
            f"^{one}",
            f"{one}/{other}",
            f"{one}|^{other}",
            f"{one}*",
            f"{one}/^{other}+",
            f"{one}?",
        )
        path = self.random.choice((*paths, "?p"))
        object_ = self._variable() if self.random.random() < 0.9 else f"<{EX.n0}>"
        return f"{subject or self._variable()} {path} {object_} ."

    def _group(self, depth: int, first: str = "") -> str:
        random = self.random
        parts = [self._triple(first)]
        for _ in range(random.choice((0, 1, 1, 2) if depth else (1, 2, 3))):
            kind = random.randrange(8) if depth < 3 else 0
            if kind < 2:
                parts.append(self._triple())
            elif kind == 2:
                parts.append(f"OPTIONAL {self._group(depth + 1)}")
            elif kind == 3:
                parts.append(f"{self._group(depth + 1)} UNION {self._group(depth + 1)}")
            elif kind == 4:
                self.bound += 1
                value = self._variable()
                if random.random() < 0.5:
                    value = f"IF(EXISTS {self._group(depth + 1)}, {value}, 1)"
                parts.append(f"BIND({value} AS ?b{self.bound}) FILTER(isIRI(?b{self.bound}))")
            elif kind == 5:
                parts.append(self._group(depth + 1))
            elif kind == 6:
                parts.append(f"FILTER {random.choice(('', 'NOT '))}EXISTS {self._group(depth + 1)}")
            else:
                parts.append(f"FILTER({random.choice(('', '!'))}BOUND({self._variable()}))")
        return "{ " + " ".join(parts) + " }"


def random_links(random: Random) -> list[tuple[str, str, str]]:
    """Give many links between few nodes, as text."""
    nodes = [text(node) for node in NODES[:5]]
    links = [(one, text(PREDICATES[n]), other) for one in nodes for other in nodes for n in range(2)]
    return random.sample(links, random.randint(4, 16))
