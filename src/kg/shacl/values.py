"""Expressions of SPARQL (section 17), compiled; each gives what rdflib gives, its slips included.

A value is the text of a term. Common cases are worked out on the text, the others by rdflib's own operators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar, cast

from kg import nt
from kg.namespaces import PREFIXES
from kg.problems import KgError
from kg.shacl import terms
from kg.shacl.algebra import used
from kg.shacl.syntax import CASTS, COMPARISONS, Call, Exists, Expression
from kg.shacl.terms import BOOLEAN, LANG_STRING, STRING

if TYPE_CHECKING:
    from kg.shacl.data import Data

Bindings: TypeAlias = Mapping[str, str]
Value: TypeAlias = Callable[["Data", Bindings], str]
Test: TypeAlias = Callable[["Data", Bindings], bool]

_UNUSABLE: Final = "the shapes cannot be checked: a query"
TRUE: Final = f'"true"^^{BOOLEAN}'
FALSE: Final = f'"false"^^{BOOLEAN}'


class Wrong(Exception):  # noqa: N818 - an error in the sense of SPARQL, which makes a filter false
    """An expression has no value."""


class ExistsCompiler(Protocol):
    """Makes a test of EXISTS, given which variables it sees; `None` stands for all."""

    def __call__(self, exists: Exists, seen: frozenset[str] | None) -> Test:
        """Give the test."""


# ---------------------------------------------------------------- strings


def _string(term: str) -> str:
    """Give the letters of a string with or without a language (rdflib's `string`)."""
    if term[0] != '"' or term[-1] == ">":
        raise Wrong
    return terms.lexical(term)


def _like(term: str, letters: str) -> str:
    """Give a string in the language of another."""
    tag = terms.language(term)
    return nt.literal(letters) + (f"@{tag}" if tag else "")


_FLAGS: Final = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}


@lru_cache(maxsize=4096)
def _regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    try:
        with terms.quiet():
            return re.compile(pattern, flags)
    except re.error as error:
        raise KgError(f"{_UNUSABLE} has the pattern {pattern!r}: {error}") from error


@lru_cache(maxsize=4096)
def _flag_bits(term: str) -> int:
    bits = 0
    for letter in terms.lexical(term):
        bits |= _FLAGS.get(letter, 0)
    return bits


@lru_cache(maxsize=1 << 15)
def _matches(text: str, pattern: str, flags: str = "") -> bool:
    return bool(_regex(_string(pattern), _flag_bits(flags) if flags else 0).search(_string(text)))


@lru_cache(maxsize=1 << 15)
def _replace(text: str, pattern: str, replacement: str, flags: str = "") -> str:
    template = re.sub(r"\$([0-9]*)", r"\\\1", _string(replacement))
    letters = _string(text)
    # The flags are the count, where rdflib hands them over.
    count = _flag_bits(flags) if flags else 0
    try:
        return _like(text, _regex(_string(pattern)).sub(template, letters, count=count))
    except (re.error, IndexError) as error:
        raise KgError(f"{_UNUSABLE} replaces with {template!r}: {error}") from error


def _concat(*parts: str) -> str:
    letters = "".join(map(_string, parts))
    tags = {terms.language(part) for part in parts}
    tag = tags.pop() if len(tags) == 1 else ""
    return nt.literal(letters) + (f"@{tag}" if tag else "")


def _compatible(one: str, other: str) -> tuple[str, str]:
    pair = _string(one), _string(other)
    tag = terms.language(other)
    if tag and tag != terms.language(one):
        raise Wrong
    return pair


def _datatype(term: str) -> str:
    if term[0] != '"':
        raise Wrong
    return terms.datatype(term)


def _lang(term: str) -> str:
    if term[0] != '"':
        raise Wrong
    return nt.literal(terms.language(term))


_PLAIN: Final[dict[str, Callable[..., str]]] = {
    "STR": lambda term: nt.literal(terms.lexical(term)),
    "LANG": _lang,
    "DATATYPE": _datatype,
    "LCASE": lambda term: _like(term, _string(term).lower()),
    "UCASE": lambda term: _like(term, _string(term).upper()),
    "STRLEN": lambda term: nt.integer(len(_string(term))),
    "CONCAT": _concat,
    "REPLACE": _replace,
}
_PLAIN_TESTS: Final[dict[str, Callable[..., bool]]] = {
    "REGEX": _matches,
    "STRSTARTS": lambda one, other: str.startswith(*_compatible(one, other)),
    "STRENDS": lambda one, other: str.endswith(*_compatible(one, other)),
    "CONTAINS": lambda one, other: str.__contains__(*_compatible(one, other)),
}
_KINDS: Final = {"ISIRI": "<", "ISLITERAL": '"', "ISBLANK": "_"}


# ---------------------------------------------------------------- comparisons

_XSD_TYPES: Final = frozenset(
    f"<{PREFIXES['xsd']}{name}>"
    for name in (
        *("string", "boolean", "date", "dateTime", "decimal", "float", "double", "integer", "long", "int"),
        *("short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
"""What rdflib orders; it has no order for other datatypes."""


@lru_cache(maxsize=1 << 15)
def is_equal(one: str, other: str) -> bool:
    """Tell whether two terms are equal in value (SPARQL 17.4.1.7)."""
    if one == other:
        return one[0] != '"' or "nan" not in one.lower() or terms.as_literal(one).eq(terms.as_literal(one))
    if one[0] != '"' or other[0] != '"':
        return False
    if one[-1] == '"' and other[-1] == '"':
        return False
    if found := terms.common(one, other):
        return bool(found[0] == found[1])
    try:
        return terms.as_literal(one).eq(terms.as_literal(other)) is True
    except TypeError as error:
        raise Wrong from error


@lru_cache(maxsize=1 << 15)
def _ordered(sign: str, one: str, other: str) -> bool:
    if one[0] != '"' or other[0] != '"':
        raise Wrong
    found: tuple[Any, Any] | None = None
    if one[-1] == '"' and other[-1] == '"':
        found = terms.lexical(one), terms.lexical(other)
    found = found or terms.common(one, other)
    if found is None:
        types = (terms.datatype(one), terms.datatype(other))
        if not any(type_ in (STRING, LANG_STRING) or type_ in _XSD_TYPES for type_ in types):
            raise Wrong
        found = terms.as_literal(one), terms.as_literal(other)
    left, right = found
    try:
        if sign == "<":
            return bool(left < right)
        if sign == ">":
            return bool(left > right)
        return bool(left <= right if sign == "<=" else left >= right)
    except TypeError as error:
        raise Wrong from error
    except ArithmeticError as error:
        raise KgError(f"{_UNUSABLE} compares {one} and {other}") from error


_COMPARE: Final[dict[str, Callable[[str, str], bool]]] = {
    "=": is_equal,
    "!=": lambda one, other: not is_equal(one, other),
    **{sign: partial(_ordered, sign) for sign in ("<", ">", "<=", ">=")},
}


@lru_cache(maxsize=1 << 15)
def truth(term: str) -> bool:
    """Give the effective boolean value of a term (SPARQL 17.2.2)."""
    if term in (TRUE, FALSE):
        return term == TRUE
    if term[0] != '"':
        raise Wrong
    if term[-1] == '"':
        return len(term) > 2
    from rdflib.plugins.sparql.operators import EBV
    from rdflib.plugins.sparql.sparql import SPARQLError

    try:
        return bool(EBV(terms.as_literal(term)))
    except SPARQLError as error:
        raise Wrong from error


# ---------------------------------------------------------------- rdflib's own operators

_NAMES: Final = {
    **dict.fromkeys(("ABS", "CEIL", "FLOOR", "ROUND", "ISNUMERIC"), ("arg",)),
    **dict.fromkeys(("YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS"), ("arg",)),
    **dict.fromkeys(("LANGMATCHES", "STRBEFORE", "STRAFTER"), ("arg1", "arg2")),
    "SUBSTR": ("arg", "start", "length"),
}


@lru_cache(maxsize=1 << 14)
def _by_rdflib(name: str, *arguments: str) -> str:
    """Work out a function or a sum with rdflib."""
    from rdflib.plugins.sparql import operators
    from rdflib.plugins.sparql.sparql import SPARQLError

    values = list(map(terms.as_node, arguments))
    function: Any
    said: dict[str, Any]
    if name in CASTS:
        function = getattr(operators, "default_cast")  # noqa: B009 - what it takes is typed too narrowly
        said = {"iri": terms.as_node(name), "expr": values}
    elif name[0] in "+-*/":
        sum_ = name[0] in "+-"
        function = operators.AdditiveExpression if sum_ else operators.MultiplicativeExpression
        said = {"expr": values[0], "other": values[1:], "op": list(name)}
    else:
        names = _NAMES[name]
        padded: Sequence[Any] = (*values, *(None for _ in names[len(values) :]))
        said = dict(zip(names, padded, strict=True))
        function = getattr(operators, "Builtin_" + ("isNUMERIC" if name == "ISNUMERIC" else name))
    try:
        with terms.quiet():
            found: Any = function(SimpleNamespace(**said), None)
            return terms.text_of(found)
    except SPARQLError as error:
        raise Wrong from error
    except Exception as error:  # whatever rdflib stumbles over
        raise KgError(f"{_UNUSABLE} cannot work out {name}: {error}") from error


# ---------------------------------------------------------------- compiling


class Compiler:
    """Makes functions of expressions."""

    def __init__(
        self, exists: ExistsCompiler, seen: frozenset[str] | None, given: frozenset[str] = frozenset()
    ) -> None:
        """Take what makes tests of EXISTS, and the variables that are seen; `None` stands for all.

        Those that are `given` before the query differ each time, so that nothing about them is remembered.
        """
        self._exists = exists
        self._seen = seen
        self._given = given

    def remembered_value(self, expression: Expression) -> Value:
        """Give a function that gives the value, and knows it the next time if it takes long to work out."""
        value = self.value(expression)
        return _remembering(value, used(expression)) if self._is_slow(expression) else value

    def remembered_test(self, expression: Expression) -> Test:
        """Give a function that tells whether an expression is true, and knows it the next time likewise."""
        if isinstance(expression, Call) and expression.name in ("AND", "OR"):
            return self._chain(expression.name, expression.arguments, self.remembered_test)
        test = self.test(expression)
        return _remembering(test, used(expression)) if self._is_slow(expression) else test

    def _is_slow(self, expression: Expression) -> bool:
        return _size(expression) > _SMALL and not used(expression) & self._given

    def value(self, expression: Expression) -> Value:
        """Give a function that gives the value."""
        if isinstance(expression, str):
            return self._term(expression)
        if isinstance(expression, Exists) or _is_test(expression.name):
            test = self.test(expression)
            return lambda data, found: TRUE if test(data, found) else FALSE
        name, arguments = expression.name, list(map(self.value, expression.arguments))
        if name == "IF":
            condition, (_, then, otherwise) = self.test(expression.arguments[0]), arguments
            return lambda data, found: then(data, found) if condition(data, found) else otherwise(data, found)
        if name == "COALESCE":
            return lambda data, found: _first(data, found, arguments)
        function = _PLAIN.get(name) or partial(_by_rdflib, name)
        if len(arguments) == 1:
            (only,) = arguments
            return lambda data, found: function(only(data, found))
        return lambda data, found: function(*[argument(data, found) for argument in arguments])

    def _term(self, term: str) -> Value:
        if term[0] != "?":
            return lambda data, found: term
        if self._seen is not None and term not in self._seen:
            return _unbound

        def value(data: Data, found: Bindings) -> str:
            try:
                return found[term]
            except KeyError:
                raise Wrong from None

        return value

    def test(self, expression: Expression) -> Test:
        """Give a function that tells whether an expression is true."""
        if isinstance(expression, Exists):
            return self._exists(expression, self._seen)
        if isinstance(expression, str) or not _is_test(expression.name):
            value = self.value(expression)
            return lambda data, found: truth(value(data, found))
        name, arguments = expression.name, expression.arguments
        if name == "NOT":
            test = self.test(arguments[0])
            return lambda data, found: not test(data, found)
        if name in ("AND", "OR"):
            return self._chain(name, arguments, self.test)
        if name in ("IN", "NOT IN"):
            return self._is_in(arguments, name == "NOT IN")
        if name == "BOUND":
            return self._bound(arguments[0])
        values = list(map(self.value, arguments))
        if name in _KINDS:
            return _of_kind(_KINDS[name], values[0], isinstance(arguments[0], str))
        if name == "ISNUMERIC":
            return _is_numeric(values[0])
        if name == "SAMETERM":
            return self._same(arguments, values)
        if name in COMPARISONS:
            compare, (left, right) = _COMPARE[name], values
            return lambda data, found: compare(left(data, found), right(data, found))
        function = _PLAIN_TESTS[name]
        return lambda data, found: function(*[value(data, found) for value in values])

    def _chain(self, name: str, arguments: Sequence[Expression], make: Callable[[Expression], Test]) -> Test:
        tests = list(map(make, arguments))
        # rdflib looks up plain variables of all but the first before anything else.
        plain = [self.value(argument) for argument in arguments[1:] if isinstance(argument, str)]

        def both(data: Data, found: Bindings) -> bool:
            for value in plain:
                value(data, found)
            return all(test(data, found) for test in tests)

        def either(data: Data, found: Bindings) -> bool:
            for value in plain:
                value(data, found)
            wrong = None
            for test in tests:
                try:
                    if test(data, found):
                        return True
                except Wrong as error:
                    wrong = error
            if wrong is not None:
                raise wrong
            return False

        return both if name == "AND" else either

    def _is_in(self, arguments: Sequence[Expression], negated: bool) -> Test:
        members = [(self.value(argument), isinstance(argument, str)) for argument in arguments]

        def test(data: Data, found: Bindings) -> bool:
            values = [_or_none(value, data, found, is_plain) for value, is_plain in members]
            return (values[0] is not None and values[0] in values[1:]) != negated

        return test

    def _bound(self, argument: Expression) -> Test:
        if not isinstance(argument, str) or argument[0] != "?":
            return lambda data, found: True
        if self._seen is not None and argument not in self._seen:
            return lambda data, found: False
        return lambda data, found: argument in found

    def _same(self, arguments: Sequence[Expression], values: Sequence[Value]) -> Test:
        def test(data: Data, found: Bindings) -> bool:
            one, other = (
                _or_none(value, data, found, isinstance(argument, str))
                for argument, value in zip(arguments, values, strict=True)
            )
            return one is not None and one == other

        return test


_SMALL: Final = 2
_REMEMBERED: Final = 50_000


def _size(expression: Expression) -> int:
    """Give how much there is to do for an expression."""
    if isinstance(expression, Exists):
        return _SMALL + 1
    return 1 + sum(map(_size, expression.arguments)) if isinstance(expression, Call) else 0


_T = TypeVar("_T")


def _remembering(
    function: Callable[[Data, Bindings], _T], variables: frozenset[str]
) -> Callable[[Data, Bindings], _T]:
    """Give a function of some variables that remembers what it gave, as long as data stays the same."""
    names = tuple(sorted(variables))

    def remembering(data: Data, found: Bindings) -> _T:
        memory = data.memory.get(remembering)
        if memory is None or len(memory) > _REMEMBERED:
            memory = data.memory[remembering] = {}
        key = tuple([found.get(name) for name in names])
        if key not in memory:
            try:
                memory[key] = function(data, found)
            except Wrong:
                memory[key] = Wrong
        result: Any = memory[key]
        if result is Wrong:
            raise Wrong
        return cast(_T, result)

    return remembering


def _is_test(name: str) -> bool:
    return name in _TESTS


_TESTS: Final = frozenset(
    {
        "NOT",
        "AND",
        "OR",
        "IN",
        "NOT IN",
        "BOUND",
        "SAMETERM",
        "ISNUMERIC",
        *COMPARISONS,
        *_KINDS,
        *_PLAIN_TESTS,
    }
)


def _unbound(data: Data, found: Bindings) -> str:
    raise Wrong


def _or_none(value: Value, data: Data, found: Bindings, plain: bool) -> str | None:
    """Give a value, or none where rdflib goes on with an error as if it were a value."""
    try:
        return value(data, found)
    except Wrong:
        if plain:
            raise
        return None


def _of_kind(sign: str, value: Value, plain: bool) -> Test:
    def test(data: Data, found: Bindings) -> bool:
        term = _or_none(value, data, found, plain)
        return term is not None and term[0] == sign

    return test


def _is_numeric(value: Value) -> Test:
    def test(data: Data, found: Bindings) -> bool:
        # For rdflib any error means no, that of a variable without a value included.
        try:
            return _by_rdflib("ISNUMERIC", value(data, found)) == TRUE
        except Wrong:
            return False

    return test


def _first(data: Data, found: Bindings, values: Sequence[Value]) -> str:
    for value in values:
        try:
            return value(data, found)
        except Wrong:
            continue
    raise Wrong
