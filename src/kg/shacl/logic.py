"""Constraints of SHACL Core that refer to other shapes (SHACL 4.6 and 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from kg.shacl.columns import Column
from kg.shacl.constraints import Constraint, integer
from kg.shacl.evaluate import Finding, Run, Shape, evaluate
from kg.shacl.graph import NotCompiled, ShapesGraph, sh
from kg.shacl.reads import Reads

_TRIGGER: Final = 3
"""How many times round a circle of shapes pyshacl goes before it looks whether it is one."""


class _Referring(Constraint):
    """A constraint that asks whether values conform to other shapes."""

    shapes: Sequence[Shape] = ()

    def bad(self, run: Run, values: set[str]) -> set[str]:
        """Give the values that break it."""
        raise NotImplementedError

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with a value that breaks it."""
        values = column.distinct()
        return column.having(self.bad(run, values)) if values else set()

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add what the shapes look up of the values."""
        for shape in self.shapes:
            shape.reads(reads, values)

    def _circular(self, run: Run, stack: list[object]) -> Collection[object]:
        """Give the shapes to which this constraint has led before (pyshacl's `recursion_triggers`)."""
        if len(stack) < 4:
            return ()
        shape, before = stack[-2], stack[-3]
        both = {type(self), type(before)} == {Property, Node}
        if len(stack) < 2 * _TRIGGER * (2 if both else 1):
            return ()
        return [
            stack[place + 2]
            for place in range(0, len(stack) - 2, 2)
            if stack[place] is shape and stack[place + 1] is self
        ]

    def _asked(self, run: Run, shape: Shape, circular: Collection[object]) -> bool:
        if shape in circular:
            run.circles.append(shape.node)
            return False
        return True


class Property(_Referring):
    """Values have to keep property shapes, which report for themselves (SHACL 4.7.2)."""

    component = sh("PropertyConstraintComponent")

    def __init__(self, shapes: Sequence[Shape]) -> None:
        """Take the shapes."""
        self.shapes = shapes

    def bad(self, run: Run, values: set[str]) -> set[str]:
        """Give the values that break one."""
        found: set[str] = set()
        for shape in self.shapes:
            found = found | shape.fails(run, values)
        return found

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Give what the property shapes find."""
        circular = self._circular(run, stack) if values else ()
        kept, found = True, []
        for each in self.shapes:
            if not values or not self._asked(run, each, circular):
                continue
            for value in values:
                conforms, findings = evaluate(run, each, value, stack)
                kept = kept and conforms
                found += findings
        return kept, found


class Node(_Referring):
    """Values have to conform to node shapes (SHACL 4.7.1)."""

    component = sh("NodeConstraintComponent")
    says = "the value does not conform to a shape that it has to conform to"

    def __init__(self, shapes: Sequence[Shape]) -> None:
        """Take the shapes."""
        self.shapes = shapes

    bad = Property.bad

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Give one finding for each value and shape, with what the shape finds as its details."""
        circular = self._circular(run, stack) if values else ()
        found = []
        for each in self.shapes:
            if not values or not self._asked(run, each, circular):
                continue
            for value in values:
                conforms, details = evaluate(run, each, value, stack)
                if not conforms or details:
                    finding = shape.finding(focus, self.component, value)
                    found.append(finding._replace(details=tuple(details)))
        return not found, found


class Not(_Referring):
    """No value conforms to a shape (SHACL 4.6.1)."""

    component = sh("NotConstraintComponent")
    says = "the value conforms to a shape that it may not conform to"

    def __init__(self, shapes: Sequence[Shape]) -> None:
        """Take the shapes."""
        self.shapes = shapes

    def bad(self, run: Run, values: set[str]) -> set[str]:
        """Give the values that conform to one."""
        found: set[str] = set()
        for shape in self.shapes:
            found = found | (values - shape.fails(run, values))
        return found

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Give a finding for each value that conforms."""
        circular = self._circular(run, stack)
        found = [
            shape.finding(focus, self.component, value)
            for each in self.shapes
            if self._asked(run, each, circular)
            for value in values
            if evaluate(run, each, value, stack)[0]
        ]
        return not found, found


class Group(_Referring):
    """Values conform to all of a list of shapes, to some, or to exactly one (SHACL 4.6.2 to 4.6.4)."""

    def __init__(self, name: str, lists: Sequence[Sequence[Shape]]) -> None:
        """Take and, or or xone, and the lists."""
        self.component = sh(f"{name.capitalize()}ConstraintComponent")
        self.lists = lists
        self.shapes = [shape for list_ in lists for shape in list_]
        self._bad, self._kept = _GROUPS[name]
        self.says = f"the value does not conform to {_WANTED[name]} of the shapes that are listed"

    def bad(self, run: Run, values: set[str]) -> set[str]:
        """Give the values that break the rule of one list."""
        found = self._bad(self.lists[0], run, values)
        for shapes in self.lists[1:]:
            found = found | self._bad(shapes, run, values)
        return found

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Give a finding for each value and list."""
        found = [
            shape.finding(focus, self.component, value)
            for shapes in self.lists
            for value in values
            if not self._kept([evaluate(run, each, value, stack)[0] for each in shapes])
        ]
        return not found, found


def _not_all(shapes: Sequence[Shape], run: Run, values: set[str]) -> set[str]:
    found: set[str] = set()
    for shape in shapes:
        found = found | shape.fails(run, values)
    return found


def _none(shapes: Sequence[Shape], run: Run, values: set[str]) -> set[str]:
    for shape in shapes:
        values = shape.fails(run, values)
        if not values:
            break
    return values


def _not_one(shapes: Sequence[Shape], run: Run, values: set[str]) -> set[str]:
    none, twice = set(values), set()
    once: set[str] = set()
    for shape in shapes:
        kept = values - shape.fails(run, values)
        twice |= once & kept
        once |= kept
        none -= kept
    return none | twice


_GROUPS: Final[
    dict[
        str,
        tuple[Callable[[Sequence[Shape], Run, set[str]], set[str]], Callable[[Sequence[bool]], bool]],
    ]
] = {
    "and": (_not_all, all),
    "or": (_none, any),
    "xone": (_not_one, lambda kept: sum(kept) == 1),
}


_WANTED: Final = {"and": "all", "or": "any", "xone": "exactly one"}


class Qualified(_Referring):
    """So many values conform to a shape, and to none of its siblings (SHACL 4.7.3)."""

    component = sh("QualifiedValueShapeConstraintComponent")
    _LEAST: Final = sh("QualifiedMinCountConstraintComponent")
    _MOST: Final = sh("QualifiedMaxCountConstraintComponent")

    def __init__(
        self, wanted: Sequence[tuple[Shape, Sequence[Shape]]], least: int | None, most: int | None
    ) -> None:
        """Take each shape with its siblings, and the counts."""
        self.wanted = wanted
        self.least = least
        self.most = most
        self.says = "too few or too many values conform to the shape that is wanted"
        self.shapes = [shape for one, siblings in wanted for shape in (one, *siblings)]

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with too few or too many such values."""
        found = set()
        values = column.distinct()
        for shape, siblings in self.wanted:
            kept = values - shape.fails(run, values)
            for sibling in siblings:
                kept &= sibling.fails(run, kept)
            for node in column.nodes:
                if any(self._broken(sum(value in kept for value in column.of(node)))):
                    found.add(node)
        return found

    def _broken(self, count: int) -> Iterator[str]:
        if self.most is not None and count > self.most:
            yield self._MOST
        if self.least is not None and count < self.least:
            yield self._LEAST

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Give a finding for each count that is broken."""
        circular = self._circular(run, stack)
        found = []
        for wanted, siblings in self.wanted:
            if not self._asked(run, wanted, circular):
                continue
            count = 0
            for value in values:
                if evaluate(run, wanted, value, stack)[0]:
                    # All siblings are asked, since each may raise.
                    kept = [evaluate(run, sibling, value, stack)[0] for sibling in siblings]
                    count += not any(kept)
            found += [shape.finding(focus, component) for component in self._broken(count)]
        return not found, found


# ---------------------------------------------------------------- from what a shape says


def compile_references(
    graph: ShapesGraph, node: str, is_property: bool, shape_of: Callable[[str], Shape]
) -> Iterator[Constraint]:
    """Give the constraints of a shape that refer to other shapes.

    Raises:
        NotCompiled: one of them is malformed, and pyshacl is to say so.
    """
    if properties := list(map(shape_of, graph.values(node, "property"))):
        if any(shape.path is None for shape in properties):
            raise NotCompiled("sh:property wants a property shape")
        yield Property(properties)
    if nodes := list(map(shape_of, graph.values(node, "node"))):
        if any(shape.path is not None for shape in nodes):
            raise NotCompiled("sh:node wants a node shape")
        yield Node(nodes)
    if shapes := list(map(shape_of, graph.values(node, "not"))):
        yield Not(shapes)
    for name in _GROUPS:
        if lists := graph.values(node, name):
            yield Group(name, [list(map(shape_of, graph.items(list_))) for list_ in lists])
    if is_property:
        yield from _qualified(graph, node, shape_of)


def _qualified(graph: ShapesGraph, node: str, shape_of: Callable[[str], Shape]) -> Iterator[Constraint]:
    names = ("qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint")
    if not any(graph.values(node, name) for name in names):
        return
    least, most = (_count(graph, node, name) for name in names[1:3])
    wanted = graph.values(node, "qualifiedValueShape")
    if not wanted or (least is None and most is None):
        raise NotCompiled("sh:qualifiedValueShape wants a shape and a count")
    pairs = [(shape_of(shape), list(map(shape_of, _siblings(graph, node, shape)))) for shape in wanted]
    yield Qualified(pairs, least, most)


def _count(graph: ShapesGraph, node: str, name: str) -> int | None:
    return integer(graph, node, name) if graph.values(node, name) else None


def _siblings(graph: ShapesGraph, node: str, wanted: str) -> list[str]:
    if not graph.flag(node, "qualifiedValueShapesDisjoint"):
        return []
    parents = graph.subjects(sh("property"), node)
    beside = {each for parent in parents for each in graph.values(parent, "property")}
    found = {shape for each in beside for shape in graph.values(each, "qualifiedValueShape")}
    return sorted(found - {wanted})
