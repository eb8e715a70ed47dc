"""The shapes graph, and which of its nodes are shapes (SHACL 2.1), found the way pyshacl finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.namespaces import PREFIXES
from kg.nt import Triple
from kg.shacl.terms import FALSE, FIRST, NIL, REST, SUBCLASS, TRUE, TYPE, iri

SH: Final = PREFIXES["sh"]
_CLASS: Final = iri("rdfs:Class")
_LISTS: Final = ("and", "or", "xone")
_SHAPES: Final = ("property", "node", "not", "qualifiedValueShape")
TARGETS: Final = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")


def sh(name: str) -> str:
    """Give the text of a term of SHACL."""
    return f"<{SH}{name}>"


class NotCompiled(Exception):  # noqa: N818 - never leaves the package
    """Something that is left to pyshacl, or for it to refuse; the message says what."""


class ShapesGraph:
    """The triples of a shapes graph, by subject and predicate, in order."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Take the triples; an order that differs gives the same shapes."""
        self.said: dict[str, dict[str, list[str]]] = {}
        self._having: dict[str, dict[str, list[str]]] = {}
        self._around: dict[str, list[str]] | None = None
        for subject, predicate, object_ in sorted({*triples, (iri("owl:Class"), SUBCLASS, _CLASS)}):
            self.said.setdefault(subject, {}).setdefault(predicate, []).append(object_)
            self._having.setdefault(predicate, {}).setdefault(object_, []).append(subject)

    def triples(self) -> Iterator[Triple]:
        """Give all triples, in order."""
        for subject, said in self.said.items():
            for predicate, objects in said.items():
                for object_ in objects:
                    yield subject, predicate, object_

    def about(self, subject: str) -> Iterator[tuple[str, str]]:
        """Give predicate and object of everything that is said of a node."""
        for predicate, objects in self.said.get(subject, {}).items():
            for object_ in objects:
                yield predicate, object_

    def around(self, object_: str) -> Sequence[str]:
        """Give the nodes of which something is said with an object."""
        if self._around is None:
            self._around = {}
            for subject, _, each in self.triples():
                self._around.setdefault(each, []).append(subject)
        return self._around.get(object_, ())

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Give the objects of a subject and a predicate, sorted."""
        return self.said.get(subject, {}).get(predicate, [])

    def subjects(self, predicate: str, object_: str | None = None) -> list[str]:
        """Give the subjects that have a predicate, with any object or a given one."""
        having = self._having.get(predicate, {})
        if object_ is not None:
            return having.get(object_, [])
        return list(dict.fromkeys(subject for subjects in having.values() for subject in subjects))

    def having(self, name: str) -> Iterable[str]:
        """Give all values of a term of SHACL."""
        return self._having.get(sh(name), {})

    def values(self, subject: str, name: str) -> list[str]:
        """Give the values of a term of SHACL."""
        return self.objects(subject, sh(name))

    def one(self, subject: str, name: str) -> str | None:
        """Give the only value of a term of SHACL.

        Raises:
            NotCompiled: there are several.
        """
        found = self.values(subject, name)
        if len(found) > 1:
            raise NotCompiled(f"more than one sh:{name}")
        return found[0] if found else None

    def flag(self, subject: str, name: str) -> bool:
        """Give the value of a yes or no, no if it is not there.

        Raises:
            NotCompiled: it is anything else than true or false.
        """
        value = self.one(subject, name)
        if value is not None and value not in (*TRUE, *FALSE):
            raise NotCompiled(f"sh:{name} is {value}")
        return value in TRUE

    def items(self, node: str) -> list[str]:
        """Give the members of a list.

        Raises:
            NotCompiled: it is no list that ends.
        """
        found: list[str] = []
        seen = set()
        while node != NIL:
            first, rest = self.objects(node, FIRST), self.objects(node, REST)
            if node in seen or len(first) != 1 or len(rest) != 1:
                raise NotCompiled("a list is not well-formed")
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found


@dataclass(slots=True)
class Nodes:
    """The shapes of a graph: the node shapes, and the property shapes with their paths."""

    node_shapes: set[str] = field(default_factory=set)
    paths: dict[str, str] = field(default_factory=dict)

    def __contains__(self, node: str) -> bool:
        """Tell whether a node is a shape."""
        return node in self.node_shapes or node in self.paths

    def __iter__(self) -> Iterator[str]:
        """Give every shape, sorted."""
        return iter(sorted({*self.node_shapes, *self.paths}))


def find(graph: ShapesGraph) -> Nodes:
    """Give the shapes of a graph.

    Raises:
        NotCompiled: one of them makes the graph no shapes graph.
    """
    nodes = Nodes(set(graph.subjects(TYPE, sh("NodeShape"))))
    for shape in nodes.node_shapes:
        if graph.values(shape, "path"):
            raise NotCompiled(f"{shape} is a node shape and has a path")
    for shape in graph.subjects(TYPE, sh("PropertyShape")):
        path = graph.one(shape, "path")
        if path is None or shape in nodes.node_shapes:
            raise NotCompiled(f"{shape} is no property shape")
        nodes.paths[shape] = path
    for shape in _implied(graph):
        if shape[0] == '"':
            raise NotCompiled(f"{shape} stands where a shape is wanted")
        path = graph.one(shape, "path")
        if shape in nodes:
            continue
        if path is None:
            nodes.node_shapes.add(shape)
        else:
            nodes.paths[shape] = path
    return nodes


def _implied(graph: ShapesGraph) -> set[str]:
    """Give what is a shape by how it is used."""
    found = {shape for name in (*TARGETS, "property", "node") for shape in graph.subjects(sh(name))}
    for name in _SHAPES:
        found.update(graph.having(name))
    for name in _LISTS:
        for members in graph.having(name):
            items = graph.items(members)
            if not items:
                raise NotCompiled(f"the list of sh:{name} is empty")
            found.update(items)
    return found


def is_class(graph: ShapesGraph, shape: str) -> bool:
    """Tell whether a shape is a class too, and so its own target (SHACL 2.1.3.3)."""
    classes = {_CLASS, *graph.subjects(SUBCLASS, _CLASS)}
    return any(type_ in classes for type_ in graph.objects(shape, TYPE))
