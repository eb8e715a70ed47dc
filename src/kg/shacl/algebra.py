"""What can be said of a query before it runs: what it names, what it binds, and in which order it can go.

`named` and `Join.pushed` follow rdflib: by the first its filters see a variable of an outer group or not, by
the second it evaluates a join from left to right or each side by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.shacl.syntax import (
    COMPARISONS,
    Basic,
    Call,
    Exists,
    Expression,
    Extend,
    Filter,
    Join,
    Optional,
    PathTree,
    Pattern,
    Union,
)

_COMPARING = {*COMPARISONS, "IN", "NOT IN"}


def is_variable(node: object) -> bool:
    """Tell whether a node of a pattern is a variable, or a blank node, which is one without a name."""
    return isinstance(node, str) and node[0] == "?"


def _has_name(node: object) -> bool:
    return isinstance(node, str) and node[0] == "?" and node[1] != ":"


def simplified(pattern: Pattern) -> Pattern:
    """Take out joins with nothing, and mark those that are evaluated from left to right."""
    if isinstance(pattern, Basic):
        return pattern
    if isinstance(pattern, Join):
        left, right = simplified(pattern.left), simplified(pattern.right)
        if left == Basic():
            return right
        if right == Basic():
            return left
        return Join(left, right, not (_has_join(left) or _has_join(right)))
    if isinstance(pattern, Union):
        return Union(simplified(pattern.left), simplified(pattern.right))
    if isinstance(pattern, Optional):
        test = None if pattern.test is None else _simplified(pattern.test)
        return Optional(simplified(pattern.left), simplified(pattern.right), test)
    if isinstance(pattern, Filter):
        return replace(pattern, inner=simplified(pattern.inner), test=_simplified(pattern.test))
    return replace(pattern, inner=simplified(pattern.inner), value=_simplified(pattern.value))


def _simplified(expression: Expression) -> Expression:
    if isinstance(expression, Exists):
        return replace(expression, pattern=simplified(expression.pattern))
    if isinstance(expression, Call):
        return Call(expression.name, tuple(map(_simplified, expression.arguments)))
    return expression


def _parts(node: Pattern | Expression) -> Iterator[Pattern | Expression]:
    if isinstance(node, Join | Union):
        yield from (node.left, node.right)
    elif isinstance(node, Optional):
        yield from (node.left, node.right)
        if node.test is not None:
            yield node.test
    elif isinstance(node, Filter):
        yield from (node.inner, node.test)
    elif isinstance(node, Extend):
        yield from (node.inner, node.value)
    elif isinstance(node, Exists):
        yield node.pattern
    elif isinstance(node, Call):
        yield from node.arguments


def _has_join(node: Pattern | Expression) -> bool:
    return isinstance(node, Join) or any(map(_has_join, _parts(node)))


def named(node: Pattern | Expression) -> frozenset[str]:
    """Give the variables that rdflib says a part of a query is about; those only compared do not count."""
    if isinstance(node, str):
        return frozenset((node,)) if _has_name(node) else frozenset()
    if isinstance(node, Call) and node.name in _COMPARING:
        return frozenset()
    if isinstance(node, Basic):
        nodes = (each for triple in node.triples for each in (triple[0], triple[1], triple[2]))
        return frozenset(each for each in nodes if isinstance(each, str) and _has_name(each))
    if isinstance(node, Extend):
        return named(node.inner) | {node.variable}
    return frozenset().union(*map(named, _parts(node)))


def used(node: Pattern | Expression) -> frozenset[str]:
    """Give all variables that stand in a part of a query."""
    if isinstance(node, str):
        return frozenset((node,)) if is_variable(node) else frozenset()
    if isinstance(node, Basic):
        nodes = (each for triple in node.triples for each in (triple[0], triple[1], triple[2]))
        return frozenset(each for each in nodes if isinstance(each, str) and is_variable(each))
    found = frozenset().union(*map(used, _parts(node)))
    return found | {node.variable} if isinstance(node, Extend) else found


def bound(node: Pattern) -> frozenset[str]:
    """Give the variables that every solution of a pattern binds."""
    if isinstance(node, Basic):
        return used(node)
    if isinstance(node, Join):
        return bound(node.left) | bound(node.right)
    if isinstance(node, Union):
        return bound(node.left) & bound(node.right)
    if isinstance(node, Optional):
        return bound(node.left)
    return bound(node.inner)


def can_be_pushed(node: Pattern, outer: frozenset[str]) -> bool:
    """Tell whether it is all the same for a pattern if `outer` are bound before it or joined after it."""
    if isinstance(node, Basic):
        return True
    if isinstance(node, Join | Union):
        return can_be_pushed(node.left, outer) and can_be_pushed(node.right, outer)
    if isinstance(node, Optional):
        hidden = (used(node.right) | (used(node.test) if node.test is not None else frozenset())) & outer
        return (
            hidden <= bound(node.left)
            and can_be_pushed(node.left, outer)
            # Its test does not see what is bound before it, so that there must be nothing of it.
            and (node.test is None or not used(node.test) & outer)
        )
    if isinstance(node, Filter):
        return used(node.test) & outer <= bound(node.inner) and can_be_pushed(node.inner, outer)
    inside = bound(node.inner)
    return (
        node.variable not in outer and used(node.value) & outer <= inside and can_be_pushed(node.inner, outer)
    )


def path_predicates(path: PathTree, inverse: bool = False) -> Iterator[tuple[str, bool]]:
    """Give the predicates of a path, and whether each is followed backwards."""
    if isinstance(path, str):
        yield path, inverse
    else:
        for part in path[1]:
            yield from path_predicates(part, inverse != (path[0] == "^"))


def basics(node: Pattern | Expression) -> Iterator[Basic]:
    """Give all triple patterns of a query, those of EXISTS included."""
    if isinstance(node, Basic):
        yield node
    for part in _parts(node):
        yield from basics(part)


def extended(node: Pattern | Expression) -> frozenset[str]:
    """Give the variables to which a query gives a value itself."""
    found = frozenset().union(*map(extended, _parts(node)))
    return found | {node.variable} if isinstance(node, Extend) else found
