"""Shapes made ready to run: which of many nodes break one, and what there is to report of one node.

The first question is answered a set at a time, and each answer is exact. The second follows pyshacl step by
step, with the way by which each shape was come to, since pyshacl leaves a circle of shapes by that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.problems import KgError
from kg.shacl.columns import Own, Values
from kg.shacl.constraints import Constraint
from kg.shacl.data import Data
from kg.shacl.paths import Path
from kg.shacl.reads import Reads


class Finding(NamedTuple):
    """One validation result (SHACL 3.6.2), every term as N-Triples text."""

    focus: str
    path: str | None
    """A predicate, or the node of the shapes graph that is the path."""
    value: str | None
    component: str
    shape: str
    severity: str
    messages: tuple[str, ...]
    """Those that the shape or its query sets, filled in."""
    constraint: str | None = None
    """The query of SHACL-SPARQL that found it."""
    details: tuple[Finding, ...] = ()
    """Of sh:node: why the value does not conform."""
    generic: str = ""
    """What there is to say where the shape sets no message."""


@dataclass(slots=True)
class Run:
    """One validation of one graph."""

    data: Data
    max_depth: int = 100
    circles: list[str] = field(default_factory=list)
    """Shapes that came back to themselves, and were taken to be kept there."""


@dataclass(slots=True, eq=False)
class Shape:
    """A shape, its constraints compiled."""

    node: str
    path_node: str | None
    path: Path | None
    severity: str
    messages: tuple[str, ...]
    deactivated: bool = False
    circular: bool = False
    """Whether it, or one that it refers to, refers to itself."""
    constraints: Sequence[Constraint] = ()

    def fails(self, run: Run, nodes: set[str]) -> set[str]:
        """Give those of `nodes` that do not conform."""
        if self.deactivated or not nodes or not self.constraints:
            return set()
        if self.circular:
            return {node for node in nodes if not evaluate(run, self, node, [])[0]}
        column = Own(nodes) if self.path is None else Values(nodes, self.path.table(run.data, nodes))
        found = self.constraints[0].fails(run, column)
        for constraint in self.constraints[1:]:
            found = found | constraint.fails(run, column)
        return found

    def reads(self, reads: Reads, start: int) -> None:
        """Add all that decides what it finds on a node."""
        focus = reads.enter(self, start)
        if self.deactivated or focus is None:
            return
        values = focus if self.path is None else self.path.reads(reads, focus)
        for constraint in self.constraints:
            constraint.reads(reads, focus, values)

    def finding(
        self, focus: str, component: str, value: str | None = None, path: str | None = None
    ) -> Finding:
        """Give a result of this shape."""
        path = path or self.path_node
        return Finding(focus, path, value, component, self.node, self.severity, self.messages)


def evaluate(run: Run, shape: Shape, focus: str, stack: list[object]) -> tuple[bool, list[Finding]]:
    """Say whether a node conforms to a shape, and what there is to report.

    Raises:
        KgError: the shapes lead too deep, which only those that go in a circle do.
    """
    if shape.deactivated:
        return True, []
    if len(stack) // 2 >= run.max_depth:
        raise KgError("the shapes cannot be checked: they are nested too deeply, or in a circle")
    stack = [*stack, shape]
    values: Collection[str] = (focus,) if shape.path is None else shape.path.values(run.data, focus)
    conforms = True
    found: list[Finding] = []
    for constraint in shape.constraints:
        kept, findings = constraint.evaluate(run, shape, focus, values, [*stack, constraint])
        conforms = conforms and kept
        for finding in findings:
            told = finding.messages or finding.generic
            found.append(finding if told else finding._replace(generic=constraint.says))
    return conforms, found
