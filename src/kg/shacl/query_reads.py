"""What a query looks up from its focus node: steps from variable to variable (`kg.shacl.reads`).

Each triple of a solution hangs together with the focus node by the other triples of that solution, so one way
to it is enough. A variable that some solutions leave unbound is no way to anything; nor is one that another
part of the query does not see. What nothing leads to is looked up anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from kg.shacl.algebra import can_be_pushed, is_variable, named, path_predicates, used
from kg.shacl.graph import NotCompiled
from kg.shacl.reads import ANY, Reads
from kg.shacl.syntax import (
    Basic,
    Call,
    Exists,
    Expression,
    Extend,
    Join,
    Optional,
    PathTree,
    Pattern,
    Union,
    parse,
)

_Places = Mapping[str, int]
"""The states of variables that are bound in every solution."""


def add_pattern(reads: Reads, pattern: Pattern, places: _Places, given: frozenset[str]) -> None:
    """Add what a pattern looks up; `places` are those of variables that are bound before it.

    Those that are `given` are bound in every part of it, as in SHACL.
    """
    _Query(reads, given).pattern(pattern, places)


def reads_of_query(text: str) -> Reads | None:
    """Give what a SELECT query of plain SPARQL looks up from its variable ``?this``; `None` if that is not known."""
    reads = Reads()
    try:
        add_pattern(reads, parse(text, {}).pattern, {"?this": 0}, frozenset())
    except (NotCompiled, RecursionError):
        return None
    return reads


class _Query:
    def __init__(self, reads: Reads, given: frozenset[str]) -> None:
        self._reads = reads
        self._given = given

    def pattern(self, pattern: Pattern, places: _Places) -> _Places:
        """Add what a pattern looks up; give the places of what is bound behind it."""
        if isinstance(pattern, Basic):
            return self._basic(pattern, places)
        if isinstance(pattern, Join):
            return self._join(pattern, places)
        if isinstance(pattern, Union):
            left, right = self.pattern(pattern.left, places), self.pattern(pattern.right, places)
            either = self._reads.either
            return {name: either(left[name], right[name]) for name in left.keys() & right.keys()}
        if isinstance(pattern, Optional):
            return self._optional(pattern, places)
        found = self.pattern(pattern.inner, places)
        if isinstance(pattern, Extend):
            self._tests(pattern.value, self._seen(found, named(pattern.inner)))
            return {name: place for name, place in found.items() if name != pattern.variable}
        self._tests(pattern.test, found if pattern.open else self._seen(found, named(pattern.inner)))
        return found

    def _seen(self, places: _Places, names: Collection[str]) -> _Places:
        return {name: place for name, place in places.items() if name in names or name in self._given}

    def _join(self, pattern: Join, places: _Places) -> _Places:
        # A group begins with nothing, to which the rest is joined.
        if Basic() in (pattern.left, pattern.right):
            return self.pattern(pattern.right if pattern.left == Basic() else pattern.left, places)
        left = self.pattern(pattern.left, places)
        pushed = pattern.pushed or can_be_pushed(pattern.right, used(pattern.left) - self._given)
        return {**self.pattern(pattern.right, left if pushed else self._seen(places, ())), **left}

    def _optional(self, pattern: Optional, places: _Places) -> _Places:
        found = self.pattern(pattern.left, places)
        seen = self._seen(found, named(pattern.left))
        if pattern.test is not None:
            # Which variables it sees depends on where the query stands.
            self._tests(pattern.test, {})
        self.pattern(pattern.right, seen)
        return found

    def _tests(self, expression: Expression, places: _Places) -> None:
        for exists in _exists(expression):
            self.pattern(exists.pattern, places)

    def _basic(self, pattern: Basic, places: _Places) -> _Places:
        found, waiting = dict(places), list(pattern.triples)
        while waiting:
            # Rather forwards: a value can be that of very many nodes, such as a class.
            forwards = next((triple for triple in waiting if triple[0] in found), None)
            triple = forwards or next((triple for triple in waiting if triple[2] in found), None)
            if triple is None:
                self._reads.anywhere.update(each for one in waiting for each in _predicates(*one))
                break
            waiting.remove(triple)
            start, path, end = triple if forwards else triple[::-1]
            place = self._path(found[str(start)], path, not forwards)
            if is_variable(end):
                found.setdefault(str(end), place)
        return found

    def _path(self, start: int, path: PathTree, inverse: bool) -> int:
        if isinstance(path, str):
            return self._reads.step(start, ANY if is_variable(path) else path, inverse)
        sign, parts = path
        if sign == "^":
            return self._path(start, parts[0], not inverse)
        if sign == "|":
            return self._reads.either(*(self._path(start, part, inverse) for part in parts))
        if sign == "/":
            for part in reversed(parts) if inverse else parts:
                start = self._path(start, part, inverse)
            return start
        if sign == "?":
            return self._reads.either(start, self._path(start, parts[0], inverse))
        walk = partial(self._path, path=parts[0], inverse=inverse)
        return self._reads.repeated(start, walk, with_start=sign == "*")


def _predicates(subject: str, path: PathTree, object_: str) -> Iterator[str]:
    """Give the predicates of a pattern; a path that can be empty leads from any node of the graph to itself."""
    if is_variable(subject) and is_variable(object_) and _can_be_empty(path):
        yield ANY
    for predicate, _ in path_predicates(path):
        yield ANY if is_variable(predicate) else predicate


def _can_be_empty(path: PathTree) -> bool:
    if isinstance(path, str):
        return False
    sign, parts = path
    if sign in ("*", "?"):
        return True
    return (any if sign == "|" else all)(map(_can_be_empty, parts))


def _exists(expression: Expression) -> Iterator[Exists]:
    if isinstance(expression, Exists):
        yield expression
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _exists(argument)
