"""Constraints of SHACL Core that look at nothing but values (SHACL 4.1 to 4.5, 4.8).

Each is made once from what a shape says, and answers in two ways: for many focus nodes at once, which of them
break it; and for one focus node, what there is to report. The second is asked only about the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from kg import nt
from kg.namespaces import PREFIXES
from kg.shacl import terms
from kg.shacl.columns import Column
from kg.shacl.graph import NotCompiled, ShapesGraph, sh
from kg.shacl.reads import ANY, Reads
from kg.shacl.terms import INTEGER, SUBCLASS, TYPE, iri

if TYPE_CHECKING:
    from kg.shacl.evaluate import Finding, Run, Shape

Rule: TypeAlias = Callable[["Run", set[str]], set[str]]
"""Gives those of a set of values that are not allowed."""


class Constraint:
    """One constraint component of one shape."""

    component: str
    says = "a rule of the shape is broken"
    """What to tell people where the shape sets no message."""
    everything = False
    """Whether any predicate at all may matter to it."""

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes that break it."""
        raise NotImplementedError

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give what there is to report of one focus node."""
        raise NotImplementedError

    def evaluate(
        self, run: Run, shape: Shape, focus: str, values: Collection[str], stack: list[object]
    ) -> tuple[bool, list[Finding]]:
        """Say whether a focus node keeps it, and what there is to report.

        `stack` holds the shapes and constraints by which it came to be asked.
        """
        found = list(self.findings(run, shape, focus, values))
        return not found, found

    def predicates(self, inverse: bool) -> Collection[str]:
        """Give the predicates that it looks up besides those of the path, forwards or backwards."""
        return ()

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add what it looks up of the focus node and of the values, besides these."""


class EachValue(Constraint):
    """Every value has to keep every rule."""

    def __init__(self, component: str, rules: Sequence[Rule], says: str) -> None:
        """Take the name of the component, its rules and what they say."""
        self.component = component
        self.rules = rules
        self.says = says

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with a value that breaks a rule."""
        values = column.distinct()
        if not values:
            return set()
        bad = self.rules[0](run, values)
        for rule in self.rules[1:]:
            bad |= rule(run, values)
        return column.having(bad)

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding for each value and rule."""
        for rule in self.rules:
            for value in rule(run, set(values)):
                yield shape.finding(focus, self.component, value)

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add the classes of the values if it is about these; other rules look at a value itself."""
        if self.component == _name("class"):
            reads.step(values, TYPE)
            reads.anywhere.add(SUBCLASS)


# ---------------------------------------------------------------- value types, ranges, strings, lists


def _class(class_: str) -> Rule:
    return lambda run, values: run.data.without_class(values, class_)


def _datatype(graph: ShapesGraph, shape: str) -> Rule:
    test = terms.datatype_test(_one(graph, shape, "datatype"))
    return lambda run, values: {value for value in values if not test(value)}


_KINDS: Final = {
    sh("IRI"): "<",
    sh("BlankNode"): "_",
    sh("Literal"): '"',
    sh("BlankNodeOrIRI"): "_<",
    sh("BlankNodeOrLiteral"): '_"',
    sh("IRIOrLiteral"): '<"',
}


def _node_kind(graph: ShapesGraph, shape: str) -> Rule:
    kinds = tuple(_KINDS.get(_one(graph, shape, "nodeKind"), ""))
    return lambda run, values: {value for value in values if not value.startswith(kinds)}


def _range(bound: str, allowed: tuple[int, ...]) -> Rule:
    if bound[0] != '"':
        raise NotCompiled(f"{bound} is no bound")
    compared = terms.compared
    return lambda run, values: {value for value in values if compared(value, bound) not in allowed}


def _min_length(graph: ShapesGraph, shape: str) -> Rule:
    least = integer(graph, shape, "minLength")
    return lambda run, values: {
        value for value in values if least and (value[0] == "_" or len(terms.lexical(value)) < least)
    }


def _max_length(graph: ShapesGraph, shape: str) -> Rule:
    most = integer(graph, shape, "maxLength")
    return lambda run, values: {
        value for value in values if value[0] == "_" or len(terms.lexical(value)) > most
    }


def _pattern(pattern: str, flags: int) -> Rule:
    if pattern[0] != '"' or terms.datatype(pattern) not in (terms.STRING, terms.LANG_STRING):
        raise NotCompiled("a pattern is no string")
    try:
        with terms.quiet():
            search = re.compile(terms.lexical(pattern), flags).search
    except re.error as error:
        raise NotCompiled(f"a pattern is none: {error}") from error
    lexical = terms.lexical
    return lambda run, values: {value for value in values if value[0] == "_" or not search(lexical(value))}


def _flags(graph: ShapesGraph, shape: str) -> int:
    flags = graph.one(shape, "flags")
    letters = terms.lexical(flags).lower() if flags else ""
    return (re.IGNORECASE if "i" in letters else 0) | (re.MULTILINE if "m" in letters else 0)


def _language_in(graph: ShapesGraph, shape: str) -> Rule:
    members = graph.items(_one(graph, shape, "languageIn"))
    if not all(member[0] == '"' and member[-1] == '"' for member in members):
        raise NotCompiled("a language is no string")
    ranges = {terms.lexical(member).lower() for member in members}

    def is_bad(value: str) -> bool:
        tag = terms.language(value)
        return not (tag and ("*" in ranges or tag in ranges or tag.split("-")[0] in ranges))

    return lambda run, values: set(filter(is_bad, values))


def _in(graph: ShapesGraph, shape: str) -> Rule:
    allowed = set(graph.items(_one(graph, shape, "in")))
    return lambda run, values: values - allowed


# ---------------------------------------------------------------- counts


class MinCount(Constraint):
    """At least so many values (SHACL 4.2.1)."""

    component = sh("MinCountConstraintComponent")

    def __init__(self, count: int) -> None:
        """Take the least count."""
        self.count = count
        self.says = f"there are fewer values than {count}"

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes that have fewer."""
        return column.fewer(self.count)

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding if there are fewer."""
        if len(values) < self.count:
            yield shape.finding(focus, self.component)


class MaxCount(Constraint):
    """At most so many values (SHACL 4.2.2)."""

    component = sh("MaxCountConstraintComponent")

    def __init__(self, count: int) -> None:
        """Take the greatest count."""
        self.count = count
        self.says = f"there are more values than {count}"

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes that have more."""
        return column.over(self.count)

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding if there are more."""
        if len(values) > self.count:
            yield shape.finding(focus, self.component)


class UniqueLang(Constraint):
    """No two values in one language (SHACL 4.4.5)."""

    component = sh("UniqueLangConstraintComponent")
    says = "more than one value is in the same language"

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with two values in one language."""
        return {node for node in column.over(1) if _repeated_languages(column.of(node))}

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding for each such language."""
        for _ in _repeated_languages(values):
            yield shape.finding(focus, self.component)


def _repeated_languages(values: Collection[str]) -> set[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for tag in map(terms.language, values):
        (twice if tag in seen else seen).add(tag)
    return twice - {""}


class HasValue(Constraint):
    """Certain terms are among the values (SHACL 4.8.2)."""

    component = sh("HasValueConstraintComponent")

    def __init__(self, wanted: Sequence[str]) -> None:
        """Take the terms."""
        self.wanted = wanted
        self.says = f"there is no value {shown(wanted)}"

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes that lack one."""
        found = column.lacking(self.wanted[0])
        for value in self.wanted[1:]:
            found = found | column.lacking(value)
        return found

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give one finding for each term that is not there."""
        for value in self.wanted:
            if value not in values:
                yield shape.finding(focus, self.component)


# ---------------------------------------------------------------- pairs of properties


class Pair(Constraint):
    """Values compared with those of other predicates of the focus node (SHACL 4.5)."""

    def __init__(self, name: str, others: Sequence[str]) -> None:
        """Take equals, disjoint, lessThan or lessThanOrEquals, and the predicates."""
        self.component = sh(f"{name[0].upper()}{name[1:]}ConstraintComponent")
        self.others = others
        self.says = f"the value is not {_PAIRS[name]} {shown(others)}"
        self._name = name
        self._holds = _HOLDS[name]
        self._bad: Callable[[Collection[str], Collection[str]], Iterator[str]] = {
            "equals": _unequal,
            "disjoint": _common,
        }.get(name) or self._not_less

    def _not_less(self, values: Collection[str], others: Collection[str]) -> Iterator[str]:
        for value in values:
            for other in others:
                if not self._holds(value, other):
                    yield value

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes whose values are not in the relation."""
        found = set()
        for predicate in self.others:
            first, more = run.data.table(predicate, column.nodes)
            if not first and self._name == "disjoint":
                continue
            for node in column.nodes:
                mine, other = column.only(node), first.get(node)
                others = () if other is None else more.get(node) or (other,)
                if mine is not None and len(others) == 1 and self._holds(mine, others[0]):
                    continue
                if next(self._bad(column.of(node), others), None) is not None:
                    found.add(node)
        return found

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give a finding for each value, and of an order for each pair."""
        for predicate in self.others:
            for value in self._bad(values, run.data.objects(focus, predicate)):
                yield shape.finding(focus, self.component, value)

    def predicates(self, inverse: bool) -> Collection[str]:
        """Give the other predicates."""
        return () if inverse else self.others

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add the other predicates."""
        for predicate in self.others:
            reads.step(focus, predicate)


_HOLDS: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": str.__eq__,
    "disjoint": str.__ne__,
    "lessThan": partial(terms.is_less, or_equal=False),
    "lessThanOrEquals": partial(terms.is_less, or_equal=True),
}
_PAIRS: Final = {
    "equals": "also one of",
    "disjoint": "different from all of",
    "lessThan": "below all of",
    "lessThanOrEquals": "below or at all of",
}


def _unequal(values: Collection[str], others: Collection[str]) -> Iterator[str]:
    for value in values:
        if value not in others:
            yield value
    for value in others:
        if value not in values:
            yield value


def _common(values: Collection[str], others: Collection[str]) -> Iterator[str]:
    for value in values:
        if value in others:
            yield value


# ---------------------------------------------------------------- closed shapes


class Closed(Constraint):
    """Nothing is said but what is listed (SHACL 4.8.1)."""

    component = sh("ClosedConstraintComponent")
    says = "this is said with a property that may not be used here"
    everything = True

    def __init__(self, allowed: Collection[str]) -> None:
        """Take the predicates that may be used."""
        self.allowed = frozenset(allowed)

    def fails(self, run: Run, column: Column) -> set[str]:
        """Give the focus nodes with a value of which something else is said."""
        values = column.distinct()
        bad = set()
        for predicate in run.data.predicates(values):
            if predicate in self.allowed:
                continue
            first, _ = run.data.table(predicate, values)
            with_it = {value for value in values if value in first}
            if predicate == TYPE:
                with_it = {value for value in with_it if any(self._unlisted(run, value))}
            bad |= with_it
        return column.having(bad)

    def _unlisted(self, run: Run, value: str) -> Iterator[tuple[str, str]]:
        for said in run.data.about(value):
            if said[0] not in self.allowed and said != (TYPE, _RESOURCE):
                yield said

    def findings(self, run: Run, shape: Shape, focus: str, values: Collection[str]) -> Iterator[Finding]:
        """Give a finding for each triple that is not allowed."""
        for value in values:
            for predicate, object_ in self._unlisted(run, value):
                yield shape.finding(focus, self.component, object_, predicate)

    def reads(self, reads: Reads, focus: int, values: int) -> None:
        """Add everything that is said of the values."""
        reads.step(values, ANY)


_RESOURCE: Final = iri("rdfs:Resource")


# ---------------------------------------------------------------- from what a shape says


def _one(graph: ShapesGraph, shape: str, name: str) -> str:
    value = graph.one(shape, name)
    if value is None:
        raise NotCompiled(f"sh:{name} is missing")
    return value


def integer(graph: ShapesGraph, shape: str, name: str) -> int:
    """Give the only value of a term of SHACL, a count.

    Raises:
        NotCompiled: it is anything else.
    """
    value = _one(graph, shape, name)
    if not re.fullmatch(rf'"[0-9]{{1,18}}"\^\^{re.escape(INTEGER)}', value):
        raise NotCompiled(f"sh:{name} is {value}, and not a count")
    return int(terms.lexical(value))


def _name(name: str) -> str:
    return sh(f"{name[0].upper()}{name[1:]}ConstraintComponent")


_BOUNDS: Final = {
    "minExclusive": (1,),
    "minInclusive": (0, 1),
    "maxExclusive": (-1,),
    "maxInclusive": (-1, 0),
}
_SINGLE: Final[dict[str, Callable[[ShapesGraph, str], Rule]]] = {
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minLength": _min_length,
    "maxLength": _max_length,
    "languageIn": _language_in,
    "in": _in,
}
PAIRS: Final = ("equals", "disjoint", "lessThan", "lessThanOrEquals")


_SAYING: Final = {
    "class": "the value is no instance of {}",
    "datatype": "the value is not a well-formed {}",
    "nodeKind": "the value is not of the kind {}",
    "minExclusive": "the value is not above {}",
    "minInclusive": "the value is not {} or above",
    "maxExclusive": "the value is not below {}",
    "maxInclusive": "the value is not {} or below",
    "minLength": "the value is shorter than {}",
    "maxLength": "the value is longer than {}",
    "pattern": "the value does not match {}",
    "languageIn": "the value is in none of the languages {}",
    "in": "the value is none of {}",
}


def _rules(graph: ShapesGraph, shape: str, name: str) -> list[Rule]:
    if name in _SINGLE:
        return [_SINGLE[name](graph, shape)]
    values = graph.values(shape, name)
    if name == "class":
        return list(map(_class, values))
    if name == "pattern":
        flags = _flags(graph, shape)
        return [_pattern(value, flags) for value in values]
    return [_range(value, _BOUNDS[name]) for value in values]


def _saying(graph: ShapesGraph, shape: str, name: str) -> str:
    values = graph.values(shape, name)
    lists = name in ("in", "languageIn")
    return _SAYING[name].format(shown([each for v in values for each in graph.items(v)] if lists else values))


_CURIES: Final = nt.Curies(PREFIXES)


def shown(values: Sequence[str]) -> str:
    """Give terms as people read them."""
    texts = [_CURIES[value] if value[0] == "<" else repr(terms.lexical(value)) for value in values]
    return ", ".join(texts[:8]) + (" …" if len(texts) > 8 else "")


def compile_values(graph: ShapesGraph, shape: str, is_property: bool) -> Iterator[Constraint]:
    """Give the constraints of a shape that refer to no other shape.

    Raises:
        NotCompiled: one of them is malformed, and pyshacl is to say so.
    """
    said = {name for name in _ALL if graph.values(shape, name)}
    if not is_property and (wrong := said & _OF_PROPERTIES):
        raise NotCompiled(f"sh:{min(wrong)} is for property shapes")
    for name in sorted(said & _SAYING.keys()):
        yield EachValue(_name(name), _rules(graph, shape, name), _saying(graph, shape, name))
    if "minCount" in said and (count := integer(graph, shape, "minCount")):
        yield MinCount(count)
    if "maxCount" in said:
        yield MaxCount(integer(graph, shape, "maxCount"))
    if "uniqueLang" in said and graph.flag(shape, "uniqueLang"):
        yield UniqueLang()
    if "hasValue" in said:
        yield HasValue(graph.values(shape, "hasValue"))
    for name in PAIRS:
        if name in said:
            yield Pair(name, _predicates(graph.values(shape, name), name))
    if "closed" in said or "ignoredProperties" in said:
        yield from _closed(graph, shape)


def _predicates(values: Sequence[str], name: str) -> Sequence[str]:
    if any(value[0] != "<" for value in values):
        raise NotCompiled(f"sh:{name} names no predicate")
    return values


def _closed(graph: ShapesGraph, shape: str) -> Iterator[Closed]:
    _one(graph, shape, "closed")
    if not graph.flag(shape, "closed"):
        return
    allowed = [path for part in graph.values(shape, "property") for path in graph.values(part, "path")]
    for list_ in graph.values(shape, "ignoredProperties"):
        allowed += graph.items(list_)
    yield Closed(allowed)


_OF_PROPERTIES: Final = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"}
_ALL: Final = {
    *_SAYING,
    *PAIRS,
    *_OF_PROPERTIES,
    "hasValue",
    "closed",
    "ignoredProperties",
}
