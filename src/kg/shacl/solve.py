"""Patterns of SPARQL (section 18), compiled; each is solved from what is bound before it, as rdflib does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kg.shacl.algebra import bound, can_be_pushed, is_variable, named, path_predicates, used
from kg.shacl.graph import NotCompiled
from kg.shacl.syntax import Basic, Exists, Extend, Join, Optional, PathTree, Pattern, Union
from kg.shacl.values import Bindings, Compiler, Test, Wrong

if TYPE_CHECKING:
    from kg.shacl.data import Data

Solver: TypeAlias = Callable[["Data", Bindings], Iterator[Bindings]]
"""Gives the solutions that go with some bindings, those included."""

Follow: TypeAlias = Callable[["Data", str], Collection[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is bound where a pattern begins: `given` before the query, `always` in each solution so far."""

    given: frozenset[str]
    always: frozenset[str]
    backwards: set[str] = field(default_factory=set)
    """Takes the predicates that are followed backwards."""

    def after(self, pattern: Pattern) -> Known:
        """Give what is bound behind a pattern."""
        return Known(self.given, self.always | bound(pattern), self.backwards)


def compile_pattern(pattern: Pattern, known: Known) -> Solver:
    """Give a function that solves a pattern.

    Raises:
        NotCompiled: it would walk the whole graph.
    """
    if isinstance(pattern, Basic):
        return _Basic(pattern, known).solve
    if isinstance(pattern, Join):
        return _join(pattern, known)
    if isinstance(pattern, Union):
        left, right = (compile_pattern(side, known) for side in (pattern.left, pattern.right))
        return lambda data, found: _both(left, right, data, found)
    if isinstance(pattern, Optional):
        return _optional(pattern, known)
    inner = compile_pattern(pattern.inner, known)
    if isinstance(pattern, Extend):
        return _extend(pattern, inner, known)
    seen = None if pattern.open else named(pattern) | known.given
    test = _compiler(known.after(pattern.inner), seen).remembered_test(pattern.test)
    return lambda data, found: (each for each in inner(data, found) if _passes(test, data, each))


def _compiler(known: Known, seen: frozenset[str] | None) -> Compiler:
    def exists(exists: Exists, seen: frozenset[str] | None) -> Test:
        inside = known if seen is None else Known(known.given, known.always & seen, known.backwards)
        solve, negated = compile_pattern(exists.pattern, inside), exists.negated

        def test(data: Data, found: Bindings) -> bool:
            if seen is not None:
                found = {name: term for name, term in found.items() if name in seen}
            return (next(solve(data, found), None) is None) == negated

        return test

    return Compiler(exists, seen, known.given)


def _passes(test: Test, data: Data, found: Bindings) -> bool:
    """Tell whether a solution passes; an error is a no."""
    try:
        return test(data, found)
    except Wrong:
        return False


def _both(left: Solver, right: Solver, data: Data, found: Bindings) -> Iterator[Bindings]:
    yield from left(data, found)
    yield from right(data, found)


def _join(pattern: Join, known: Known) -> Solver:
    pushed = pattern.pushed or can_be_pushed(pattern.right, used(pattern.left) - known.given)
    left = compile_pattern(pattern.left, known)
    right = compile_pattern(pattern.right, known.after(pattern.left) if pushed else known)

    def from_left(data: Data, found: Bindings) -> Iterator[Bindings]:
        for each in left(data, found):
            yield from right(data, each)

    def by_itself(data: Data, found: Bindings) -> Iterator[Bindings]:
        others: list[Bindings] | None = None
        for each in left(data, found):
            if others is None:
                others = list(right(data, found))
            for other in others:
                if all(other.get(name, term) == term for name, term in each.items()):
                    yield {**each, **other}

    return from_left if pushed else by_itself


def _optional(pattern: Optional, known: Known) -> Solver:
    given, behind = known.given, known.after(pattern.left)
    left, right = compile_pattern(pattern.left, known), compile_pattern(pattern.right, behind)
    about = named(pattern.left)
    test = None
    if pattern.test is not None:
        test = _compiler(behind.after(pattern.right), None).remembered_test(pattern.test)

    def solve(data: Data, found: Bindings) -> Iterator[Bindings]:
        hidden = found.keys() - given
        for each in left(data, found):
            matched = False
            for other in right(data, each):
                # What was bound before is not seen, even if it is matched here again.
                seen = {name: term for name, term in other.items() if name not in hidden} if hidden else other
                if test is None or _passes(test, data, seen):
                    matched = True
                    yield other
            if not matched and not _matches_apart(data, each, found):
                yield each

    def _matches_apart(data: Data, each: Bindings, found: Bindings) -> bool:
        """Tell whether the right has solutions if only the left's own variables are bound."""
        own = {name: term for name, term in each.items() if name in about} or dict(found)
        own.update((name, found[name]) for name in given if name in found)
        if len(own) == len(each) and (test is None or not found.keys() - given):
            return False
        return any(test is None or _passes(test, data, other) for other in right(data, own))

    return solve


def _extend(pattern: Extend, inner: Solver, known: Known) -> Solver:
    variable = pattern.variable
    seen = named(pattern.inner) | {variable} | known.given
    value = _compiler(known.after(pattern.inner), seen).remembered_value(pattern.value)

    def solve(data: Data, found: Bindings) -> Iterator[Bindings]:
        for each in inner(data, found):
            try:
                yield {**each, variable: value(data, each)}
            except Wrong:
                yield each

    return solve


# ---------------------------------------------------------------- triple patterns

_Step: TypeAlias = Callable[["Data", Bindings], Iterator[Bindings]]
_Triple: TypeAlias = tuple[str, PathTree, str]


class _Basic:
    """Triple patterns, in an order that depends on what is bound before."""

    def __init__(self, pattern: Basic, known: Known) -> None:
        self._triples = pattern.triples
        self._variables = tuple(sorted(used(pattern)))
        self._orders: dict[tuple[bool, ...], Sequence[_Step]] = {}
        self._given = known.given
        # To see that there is a way with what is always bound; with more bound there is one too.
        _ordered(self._triples, known.given | known.always, known.given, known.backwards)

    def solve(self, data: Data, found: Bindings) -> Iterator[Bindings]:
        """Give the solutions."""
        key = tuple([name in found for name in self._variables])
        steps = self._orders.get(key)
        if steps is None:
            known = frozenset(name for name, is_known in zip(self._variables, key, strict=True) if is_known)
            steps = self._orders[key] = _ordered(self._triples, known, self._given, set())
        if len(steps) == 1:
            return steps[0](data, found)
        return _walk(steps, data, found) if steps else iter((found,))


def _walk(steps: Sequence[_Step], data: Data, found: Bindings) -> Iterator[Bindings]:
    rows: list[Bindings] = [found]
    # A step at a time, which is faster than a solution at a time; the last one only as far as it is asked.
    for step in steps[:-1]:
        rows = [each for row in rows for each in step(data, row)]
        if not rows:
            return
    for row in rows:
        yield from steps[-1](data, row)


def _ordered(
    triples: Sequence[_Triple], known: frozenset[str], given: frozenset[str], backwards: set[str]
) -> list[_Step]:
    """Put the patterns that are cheapest with what is known first; `backwards` takes predicates."""

    def is_known(node: PathTree) -> bool:
        return not is_variable(node) or node in known

    def cost(triple: _Triple) -> tuple[int, bool, int]:
        subject, path, object_ = triple
        ends = (0 if is_known(object_) else 1) if is_known(subject) else 2 if is_known(object_) else 8
        longer = (0 if isinstance(path, str) else 3) + (0 if is_known(path) else 2)
        # Of two that cost the same, the one on the focus node leaves less over.
        return ends + longer, subject not in given, triples.index(triple)

    waiting, steps = list(triples), []
    while waiting:
        triple = min(waiting, key=cost)
        waiting.remove(triple)
        steps.append(_step(triple, known))
        from_object, path = not is_known(triple[0]), triple[1]
        if not isinstance(path, str) or not is_variable(path):
            backwards.update(name for name, inverse in path_predicates(path) if inverse != from_object)
        known |= {node for node in triple if isinstance(node, str) and is_variable(node)}
    return steps


def _step(triple: _Triple, known: frozenset[str]) -> _Step:
    subject, path, object_ = triple
    if is_variable(path) and isinstance(path, str):
        if path in known:
            return _known_predicate(triple, known)
        return _any_predicate(subject, path, object_, known)
    if isinstance(path, str):
        return _ends(triple, known, _forward(path), _backward(path), _subjects_of(path))
    return _ends(triple, known, follow(path), follow(("^", (path,))), None)


def _forward(predicate: str) -> Follow:
    return lambda data, node: data.objects(node, predicate)


def _backward(predicate: str) -> Follow:
    return lambda data, node: data.subjects(predicate, node)


def _subjects_of(predicate: str) -> Callable[[Data], Collection[str]]:
    return lambda data: list(data.subjects_of(predicate))


def _ends(
    triple: _Triple,
    known: frozenset[str],
    forward: Follow,
    backward: Follow,
    every: Callable[[Data], Collection[str]] | None,
) -> _Step:
    subject, _, object_ = triple
    from_subject = not is_variable(subject) or subject in known
    from_object = not is_variable(object_) or object_ in known

    def check(data: Data, found: Bindings) -> Iterator[Bindings]:
        if found.get(object_, object_) in forward(data, found.get(subject, subject)):
            yield found

    def onward(data: Data, found: Bindings) -> Iterator[Bindings]:
        for value in forward(data, found.get(subject, subject)):
            yield {**found, object_: value}

    def back(data: Data, found: Bindings) -> Iterator[Bindings]:
        for value in backward(data, found.get(object_, object_)):
            yield {**found, subject: value}

    if from_subject:
        return check if from_object else onward
    if from_object:
        return back
    if every is None:
        raise NotCompiled("a path in a query that starts nowhere")
    starts = every

    def anywhere(data: Data, found: Bindings) -> Iterator[Bindings]:
        for start in starts(data):
            for value in forward(data, start):
                if subject != object_:
                    yield {**found, subject: start, object_: value}
                elif start == value:
                    yield {**found, subject: start}

    return anywhere


def _known_predicate(triple: _Triple, known: frozenset[str]) -> _Step:
    """Match a predicate that is known only while the query runs."""
    subject, path, object_ = triple
    steps: dict[str, _Step] = {}
    _step((subject, "<known>", object_), known)

    def step(data: Data, found: Bindings) -> Iterator[Bindings]:
        predicate = found[path]  # type: ignore[index]  # it is a variable
        if predicate not in steps:
            steps[predicate] = _step((subject, predicate, object_), known)
        return steps[predicate](data, found)

    return step


def _any_predicate(subject: str, path: str, object_: str, known: frozenset[str]) -> _Step:
    if is_variable(subject) and subject not in known:
        raise NotCompiled("a query that walks the whole graph")

    def step(data: Data, found: Bindings) -> Iterator[Bindings]:
        wanted = found.get(object_, None if is_variable(object_) else object_)
        for predicate, value in data.about(found.get(subject, subject)):
            if wanted is None and path != object_:
                yield {**found, path: predicate, object_: value}
            elif (wanted or predicate) == value:
                yield {**found, path: predicate}

    return step


# ---------------------------------------------------------------- paths


def follow(path: PathTree, inverse: bool = False) -> Follow:
    """Give a function that gives where a path leads from a node, each node once (SPARQL 9.3)."""
    if isinstance(path, str):
        return _backward(path) if inverse else _forward(path)
    sign, parts = path
    if sign == "^":
        return follow(parts[0], not inverse)
    steps = [follow(part, inverse) for part in parts]
    if sign == "|":
        return lambda data, node: {value for step in steps for value in step(data, node)}
    if sign == "/":
        if inverse:
            steps.reverse()
        return lambda data, node: _along(steps, data, node)
    (step,) = steps
    if sign == "?":
        return lambda data, node: {node, *step(data, node)}
    return lambda data, node: _repeated(step, data, node, sign == "*")


def _along(steps: Sequence[Follow], data: Data, node: str) -> Collection[str]:
    found: Collection[str] = (node,)
    for step in steps:
        if len(found) == 1:
            (only,) = found
            found = step(data, only)
        else:
            found = {value for each in found for value in step(data, each)}
    return found


def _repeated(step: Follow, data: Data, node: str, with_node: bool) -> Collection[str]:
    found = {node} if with_node else set()
    waiting = list(step(data, node))
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(step(data, each))
    return found
