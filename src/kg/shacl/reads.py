"""What a shape looks up from a focus node, as steps that can be walked back from whatever has changed.

A step leads from one state to the next over a triple with some predicate; state 0 stands for the focus node.
What a focus node breaks can only change if a triple over which one of its steps leads has come or gone. Of
those, one that lies nearest to the focus node is reached from it over triples that are there before and after:
so walking back over today's triples from all that has changed leads to every focus node that it can matter to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from kg.nt import Triple
from kg.shacl.data import Memory

ANY: Final = "*"
"""Stands for any predicate."""
_SAME: Final = ""

Changes: TypeAlias = Mapping[str, Collection[tuple[str, str]]]
"""Subject and object of each triple that has come or gone, by predicate."""


class Step(NamedTuple):
    """One look at the triples of a node."""

    start: int
    predicate: str
    inverse: bool
    end: int


def by_predicate(triples: Iterable[Triple]) -> Changes:
    """Give triples that have come or gone the way they are looked for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for subject, predicate, object_ in triples:
        found.setdefault(predicate, []).append((subject, object_))
    return found


class Reads:
    """All that is looked up from a focus node."""

    def __init__(self) -> None:
        """Start with the focus node, of which nothing is asked yet."""
        self.steps: set[Step] = set()
        self.anywhere: set[str] = set()
        """Predicates of which every triple counts, wherever it is."""
        self._states = 1
        self._entered: dict[object, int] = {}

    # ------------------------------------------------------------ describing

    def state(self) -> int:
        """Give a new state."""
        self._states += 1
        return self._states - 1

    def step(self, start: int, predicate: str, inverse: bool = False) -> int:
        """Add a step; give where it leads."""
        end = self.state()
        self.steps.add(Step(start, predicate, inverse, end))
        return end

    def either(self, *ends: int) -> int:
        """Give a state for whatever stands in any of some others."""
        end = self.state()
        self.steps.update(Step(each, _SAME, False, end) for each in ends)
        return end

    def repeated(self, start: int, part: Callable[[int], int], with_start: bool) -> int:
        """Add a part that can be gone through again and again; give where that leads."""
        again = self.either(start)
        end = part(again)
        self.steps.add(Step(end, _SAME, False, again))
        return again if with_start else end

    def enter(self, what: object, start: int) -> int | None:
        """Lead on to something that others may lead to as well; give its state the first time."""
        state = self._entered.get(what)
        if state is not None:
            self.steps.add(Step(start, _SAME, False, state))
            return None
        state = self._entered[what] = self.either(start)
        return state

    # ------------------------------------------------------------ walking

    def affected(self, changes: Changes, data: Memory) -> set[str] | None:
        """Give the focus nodes to which changes can matter; `None` if it may be any."""
        if changes and (ANY in self.anywhere or not self.anywhere.isdisjoint(changes)):
            return None
        into: dict[int, list[Step]] = {}
        waiting: list[tuple[int, str]] = []
        for step in self.steps:
            into.setdefault(step.end, []).append(step)
            chosen = changes.values() if step.predicate == ANY else (changes.get(step.predicate, ()),)
            waiting += [(step.start, pair[step.inverse]) for pairs in chosen for pair in pairs]
        seen = set(waiting)
        while waiting:
            state, node = waiting.pop()
            for step in into.get(state, ()):
                for before in _before(step, node, data):
                    if (step.start, before) not in seen:
                        seen.add((step.start, before))
                        waiting.append((step.start, before))
        return {node for state, node in seen if state == 0}

    def triples(self, nodes: Iterable[str], data: Memory) -> set[Triple]:
        """Give all triples that are looked at from some focus nodes."""
        out: dict[int, list[Step]] = {}
        for step in self.steps:
            out.setdefault(step.start, []).append(step)
        waiting = [(0, node) for node in nodes]
        seen, found = set(waiting), set()
        while waiting:
            state, node = waiting.pop()
            for step in out.get(state, ()):
                triples = list(_over(step, node, data))
                found.update(triples)
                ends = {node} if step.predicate == _SAME else {t[0 if step.inverse else 2] for t in triples}
                for end in ends:
                    if (step.end, end) not in seen:
                        seen.add((step.end, end))
                        waiting.append((step.end, end))
        for predicate in data.first if ANY in self.anywhere else self.anywhere:
            for subject in data.subjects_of(predicate):
                found.update((subject, predicate, object_) for object_ in data.objects(subject, predicate))
        return found


def _before(step: Step, node: str, data: Memory) -> Collection[str]:
    """Give the nodes from which a step leads to `node`."""
    if step.predicate == _SAME:
        return (node,)
    if step.inverse:
        if step.predicate == ANY:
            return [object_ for _, object_ in data.about(node)]
        return data.objects(node, step.predicate)
    predicates = data.first if step.predicate == ANY else (step.predicate,)
    return [subject for predicate in predicates for subject in data.subjects(predicate, node)]


def _over(step: Step, node: str, data: Memory) -> Iterator[Triple]:
    """Give the triples over which a step leads from `node`."""
    if step.predicate == _SAME:
        return
    predicates = data.first if step.predicate == ANY else (step.predicate,)
    for predicate in predicates:
        if step.inverse:
            yield from ((subject, predicate, node) for subject in data.subjects(predicate, node))
        else:
            yield from ((node, predicate, object_) for object_ in data.objects(node, predicate))
