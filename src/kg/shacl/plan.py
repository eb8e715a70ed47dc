"""A shapes graph compiled once, and run over data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from kg.nt import Triple
from kg.shacl.components import compile_component, find_components
from kg.shacl.constraints import Constraint, compile_values
from kg.shacl.data import Data, Memory
from kg.shacl.evaluate import Finding, Shape
from kg.shacl.graph import TARGETS, Nodes, NotCompiled, ShapesGraph, find, is_class, sh
from kg.shacl.logic import compile_references
from kg.shacl.paths import compile_path
from kg.shacl.reads import Changes, Reads
from kg.shacl.sparql import compile_queries
from kg.shacl.terms import SUBCLASS, TYPE

_VIOLATION: Final = sh("Violation")
_DEEPEST: Final = 90
"""Shapes that refer to each other further than this are left to pyshacl."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Which focus nodes a shape has (SHACL 2.1.3)."""

    nodes: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    subjects_of: tuple[str, ...] = ()
    objects_of: tuple[str, ...] = ()

    def focus_nodes(self, data: Data) -> set[str]:
        """Give them all, each once."""
        found = set(self.nodes)
        for class_ in self.classes:
            found.update(data.instances(class_))
        for predicate in self.subjects_of:
            found.update(data.subjects_of(predicate))
        for predicate in self.objects_of:
            found.update(data.objects_of(predicate))
        return found

    def reads(self, reads: Reads) -> None:
        """Add what decides whether a node is one of them."""
        for predicate in (*self.subjects_of, *([TYPE] if self.classes else ())):
            reads.step(0, predicate)
        for predicate in self.objects_of:
            reads.step(0, predicate, inverse=True)
        if self.classes:
            reads.anywhere.add(SUBCLASS)

    def __bool__(self) -> bool:
        """Whether there is any target."""
        return bool(self.nodes or self.classes or self.subjects_of or self.objects_of)


ByFocus: TypeAlias = Mapping[str, Mapping[str, tuple[Finding, ...]]]
"""What there is to report, by shape with a target and by focus node."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What a run found."""

    findings: tuple[Finding, ...]
    """Sorted, each as often as pyshacl would report it."""
    touched: Mapping[str, int]
    """How many focus nodes each shape with a target has."""
    circles: tuple[str, ...] = ()
    """Shapes that came back to themselves while they were checked."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Shapes that turned out to be for pyshacl while they ran, and why; `findings` has nothing of them."""
    broken: tuple[tuple[int, str], ...] = ()
    """Lines of a file that are no N-Quads, counted from 1, and what is wrong with each."""
    by_focus: ByFocus = field(default_factory=dict, compare=False)
    """The findings once more; without meaning where not all were looked for."""
    checked: int = field(default=0, compare=False)
    """How many times a shape looked at a focus node."""


Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@dataclass(slots=True)
class Plan:
    """A compiled shapes graph."""

    graph: ShapesGraph
    targeting: Sequence[tuple[Shape, Targets]] = ()
    """Shapes with a target, in order, those that are deactivated left out."""
    uncompiled: Mapping[str, str] = field(default_factory=dict)
    """Shapes with a target that are left to pyshacl, and why."""
    targets: Mapping[str, Targets] = field(default_factory=dict)
    """Of all of these."""
    unusable: str = ""
    """Why the graph as a whole is no shapes graph; pyshacl says so in more words."""
    predicates: frozenset[str] | None = None
    """The predicates that can matter; `None` if any can."""
    inverse: frozenset[str] = frozenset()
    """The predicates that are followed backwards."""

    def validate(
        self,
        data: Data,
        *,
        jobs: int = 1,
        limit: int | None = None,
        fail_fast: bool = False,
        progress: Progress | None = None,
    ) -> Validation:
        """Check `data`; see `kg.shacl.running.validate`."""
        from kg.shacl import running

        return running.validate(self, data, jobs=jobs, limit=limit, fail_fast=fail_fast, progress=progress)

    def validate_again(self, data: Memory, before: ByFocus, changes: Changes) -> Validation:
        """Check only what changes can matter to; see `kg.shacl.running.validate_again`."""
        from kg.shacl import running

        return running.validate_again(self, data, before, changes)


# ---------------------------------------------------------------- compiling


def compile(triples: Iterable[Triple]) -> Plan:
    """Compile a shapes graph.

    Shapes that hold anything unusual or malformed are left out and named, for pyshacl to check or refuse.
    """
    graph = ShapesGraph(triples)
    try:
        nodes = find(graph)
    except NotCompiled as reason:
        return Plan(graph, unusable=str(reason))
    try:
        return _Compiler(graph, nodes).plan()
    except RecursionError:
        return Plan(graph, unusable="shapes refer to each other too deeply")


class _Compiler:
    def __init__(self, graph: ShapesGraph, nodes: Nodes) -> None:
        self._graph = graph
        self._nodes = nodes
        self._shapes: dict[str, Shape] = {}
        self._faults: dict[str, str] = {}
        self._refers: dict[str, list[str]] = {}
        self._all_targets: dict[str, Targets] = {}
        self._depths: dict[str, int] = {}
        self._components = find_components(graph)

    def plan(self) -> Plan:
        for node in self._nodes:
            self._shape(node)
        circles = {node for node in self._refers if node in self._reached(node, proper=True)}
        targeting: list[tuple[Shape, Targets]] = []
        uncompiled: dict[str, str] = {}
        for node, shape in sorted(self._shapes.items()):
            reached = self._reached(node)
            shape.circular = not circles.isdisjoint(reached)
            targets = self._targets(node)
            if not targets or shape.deactivated:
                continue
            self._all_targets[node] = targets
            fault = next((self._faults[each] for each in sorted(reached) if each in self._faults), None)
            if fault is None and not shape.circular and self._depth(node) > _DEEPEST:
                fault = "shapes refer to each other too deeply"
            if fault is None:
                targeting.append((shape, targets))
            else:
                uncompiled[node] = fault
        return Plan(
            self._graph,
            targeting,
            uncompiled,
            self._all_targets,
            predicates=self._predicates(targeting),
            inverse=self._inverse(targeting),
        )

    # ------------------------------------------------------------ shapes

    def _shape(self, node: str) -> Shape:
        """Give a shape, compiled as far as it can be; what is wrong with it stands in the faults."""
        if node in self._shapes:
            return self._shapes[node]
        shape = self._shapes[node] = Shape(node, self._nodes.paths.get(node), None, _VIOLATION, ())
        referred = self._refers[node] = []

        def shape_of(other: str) -> Shape:
            if other not in self._nodes:
                raise NotCompiled(f"{other} is no shape")
            referred.append(other)
            return self._shape(other)

        try:
            if shape.path_node is not None:
                shape.path = compile_path(self._graph, shape.path_node)
            shape.severity = self._graph.one(node, "severity") or _VIOLATION
            shape.messages = tuple(self._graph.values(node, "message"))
            shape.deactivated = self._graph.flag(node, "deactivated")
            shape.constraints = [
                *compile_values(self._graph, node, shape.path is not None),
                *compile_references(self._graph, node, shape.path is not None, shape_of),
                *compile_queries(self._graph, node, shape.path_node),
                *self._declared(shape),
            ]
        except NotCompiled as reason:
            self._faults[node] = str(reason)
        return shape

    def _declared(self, shape: Shape) -> Iterator[Constraint]:
        """Give the constraints by components that the graph declares itself."""
        for component in self._components:
            if component.applies(self._graph, shape.node):
                yield compile_component(self._graph, component, shape.node, shape.path_node)

    def _reached(self, node: str, proper: bool = False) -> set[str]:
        """Give the shapes that a shape leads to, and, unless `proper`, itself."""
        found = set() if proper else {node}
        waiting = [node]
        while waiting:
            for each in self._refers.get(waiting.pop(), ()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return found

    def _depth(self, node: str) -> int:
        """Give how many shapes are nested in each other at most, where there are no circles."""
        if node not in self._depths:
            self._depths[node] = 1 + max(map(self._depth, self._refers.get(node, ())), default=0)
        return self._depths[node]

    # ------------------------------------------------------------ targets and predicates

    def _targets(self, node: str) -> Targets:
        values = {name: self._graph.values(node, name) for name in TARGETS}
        classes = values["targetClass"] + ([node] if is_class(self._graph, node) else [])
        return Targets(
            frozenset(values["targetNode"]),
            tuple(classes),
            tuple(values["targetSubjectsOf"]),
            tuple(values["targetObjectsOf"]),
        )

    def _running(self, targeting: Iterable[tuple[Shape, Targets]]) -> Iterator[Shape]:
        nodes = {each for shape, _ in targeting for each in self._reached(shape.node)}
        return (self._shapes[node] for node in sorted(nodes))

    def _predicates(self, targeting: Sequence[tuple[Shape, Targets]]) -> frozenset[str] | None:
        found = {TYPE, SUBCLASS}
        for targets in self._all_targets.values():
            found.update(targets.subjects_of, targets.objects_of)
        for shape in self._running(targeting):
            if any(constraint.everything for constraint in shape.constraints):
                return None
            found.update(_used(shape, False), _used(shape, True))
        return frozenset(found)

    def _inverse(self, targeting: Sequence[tuple[Shape, Targets]]) -> frozenset[str]:
        return frozenset(each for shape in self._running(targeting) for each in _used(shape, True))


def _used(shape: Shape, inverse: bool) -> Iterator[str]:
    if shape.path is not None:
        yield from shape.path.predicates(inverse)
    for constraint in shape.constraints:
        yield from constraint.predicates(inverse)
