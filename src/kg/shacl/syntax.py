"""The part of SPARQL 1.1 that queries in shapes are mostly written in, read into a tree.

The tree is the algebra of section 18.2 in the form that rdflib gives it, so that it can be solved as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, TypeAlias

from kg import nt
from kg.namespaces import PREFIXES
from kg.shacl.graph import NotCompiled
from kg.shacl.terms import BOOLEAN, NIL, TYPE

PathTree: TypeAlias = "str | tuple[str, tuple[PathTree, ...]]"
"""A predicate or a variable; else a sign (``^ / | * + ?``) and its parts."""


@dataclass(frozen=True, slots=True)
class Basic:
    """Triple patterns; a variable begins with ``?``, a blank node is a variable that begins with ``?:``."""

    triples: tuple[tuple[str, PathTree, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """Solutions of both; `pushed` if the right begins with those of the left (rdflib's lazy join)."""

    left: Pattern
    right: Pattern
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Optional:
    """Solutions of the left, with those of the right where there are any that pass `test`."""

    left: Pattern
    right: Pattern
    test: Expression | None


@dataclass(frozen=True, slots=True)
class Union:
    """Solutions of either."""

    left: Pattern
    right: Pattern


@dataclass(frozen=True, slots=True)
class Filter:
    """Solutions that pass a test; `open` if it sees what is bound outside, as rdflib has it within EXISTS."""

    inner: Pattern
    test: Expression
    open: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """Solutions with one more variable."""

    inner: Pattern
    value: Expression
    variable: str


Pattern: TypeAlias = Basic | Join | Optional | Union | Filter | Extend


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function, by its name in capitals, or a cast, by its datatype."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a pattern has a solution."""

    pattern: Pattern
    negated: bool


Expression: TypeAlias = str | Call | Exists
"""A term, a variable, or something to work out."""


@dataclass(frozen=True, slots=True)
class Select:
    """A query; without `variables` it gives all that are bound, or asks whether there is a solution."""

    variables: tuple[str, ...]
    pattern: Pattern


# ---------------------------------------------------------------- tokens

_CHARS: Final = r"A-Za-z0-9_\-\u00b7\u00c0-\u037d\u037f-\u1fff\u200c\u200d\u203f-\u2040\u2070-\U000effff"
_TOKEN: Final = rf"""
    (?P<space>(?:[ \t\r\n]++|\#[^\r\n]*+)++)
    |(?P<iri><[^<>"{{}}|^`\\\x00-\x20]*+>)
    |(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+'''
        |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
    |(?P<variable>[?$][A-Za-z0-9_\u00b7-\U000effff]++)
    |(?P<name>(?:[A-Za-z\u00c0-\U000effff](?:[{_CHARS}.]*[{_CHARS}])?)?:
        (?:[{_CHARS}:%](?:[{_CHARS}:.%]*[{_CHARS}:%])?)?)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)
    |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[A-Za-z][A-Za-z0-9_]*)
    |(?P<sign>\^\^|&&|\|\||!=|<=|>=|[{{}}()\[\].;,^|/*+?!=<>\-])
    """
Token: TypeAlias = tuple[str, str]


@cache
def _match_token() -> Callable[[str, int], re.Match[str] | None]:
    # Not before there is a query: it takes a while.
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL).match


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    match_token = _match_token()
    while place < len(text):
        match = match_token(text, place)
        if match is None:
            raise NotCompiled(f"the query holds {text[place : place + 20]!r}")
        place = match.end()
        if match.lastgroup != "space":
            yield str(match.lastgroup), match[0]
    yield "end", ""


_STRING_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def _letters(token: str) -> str:
    size = 3 if token[:3] in ('"""', "'''") and len(token) >= 6 else 1
    return _STRING_ESCAPE.sub(lambda m: _LETTERS.get(m[1], m[1]), token[size:-size])


_FUNCTIONS: Final = {
    **dict.fromkeys(("STR", "LANG", "DATATYPE", "BOUND", "ISIRI", "ISURI", "ISLITERAL"), (1, 1)),
    **dict.fromkeys(("ISBLANK", "ISNUMERIC", "STRLEN", "LCASE", "UCASE", "ABS", "CEIL"), (1, 1)),
    **dict.fromkeys(("FLOOR", "ROUND", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS"), (1, 1)),
    **dict.fromkeys(("SAMETERM", "STRSTARTS", "STRENDS", "CONTAINS", "LANGMATCHES"), (2, 2)),
    **dict.fromkeys(("STRBEFORE", "STRAFTER"), (2, 2)),
    "IF": (3, 3),
    "SUBSTR": (2, 3),
    "REGEX": (2, 3),
    "REPLACE": (3, 4),
    "CONCAT": (0, 99),
    "COALESCE": (1, 99),
}
CASTS: Final = tuple(
    f"<{PREFIXES['xsd']}{name}>"
    for name in ("string", "integer", "decimal", "float", "double", "boolean", "dateTime")
)
COMPARISONS: Final = ("=", "!=", "<", ">", "<=", ">=")


class _Parser:
    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self._prefixes = dict(prefixes)
        self._hidden = 0

    # ------------------------------------------------------------ tokens

    def _next(self) -> Token:
        token = self._tokens[self._place]
        self._place += 1
        return token

    def _is(self, *texts: str) -> bool:
        kind, text = self._tokens[self._place]
        return kind in ("word", "sign") and text.upper() in texts

    def _take(self, *texts: str) -> str:
        """Go on if the next token is one of `texts`, and give it in capitals."""
        if not self._is(*texts):
            return ""
        return self._next()[1].upper()

    def _want(self, *texts: str) -> str:
        if found := self._take(*texts):
            return found
        raise NotCompiled(f"the query has {self._tokens[self._place][1]!r} where {texts[0]} is known")

    def _kind(self) -> str:
        return self._tokens[self._place][0]

    # ------------------------------------------------------------ query

    def _prologue(self) -> None:
        while self._take("PREFIX"):
            kind, name = self._next()
            iri = self._next()
            if kind != "name" or not name.endswith(":") or iri[0] != "iri":
                raise NotCompiled("a PREFIX is not well-formed")
            self._prefixes[name[:-1]] = iri[1][1:-1]

    def _end(self) -> None:
        if self._kind() != "end":
            raise NotCompiled(f"the query goes on with {self._tokens[self._place][1]!r}")

    def ask(self) -> Select:
        self._prologue()
        self._want("ASK")
        self._take("WHERE")
        pattern = self._group()
        self._end()
        return Select((), pattern)

    def select(self) -> Select:
        self._prologue()
        self._want("SELECT")
        self._take("DISTINCT") or self._take("REDUCED")
        variables, extensions = self._projection()
        self._take("WHERE")
        pattern = self._group()
        self._order()
        self._end()
        for value, variable in extensions:
            pattern = Extend(pattern, value, variable)
        return Select(variables, pattern)

    def _projection(self) -> tuple[tuple[str, ...], list[tuple[Expression, str]]]:
        if self._take("*"):
            return (), []
        variables, extensions = [], []
        while True:
            if self._kind() == "variable":
                variables.append(self._variable())
            elif self._take("("):
                value = self._expression()
                self._want("AS")
                variables.append(self._variable())
                extensions.append((value, variables[-1]))
                self._want(")")
            else:
                break
        if not variables:
            raise NotCompiled("the query selects nothing")
        return tuple(variables), extensions

    def _order(self) -> None:
        """Pass over ORDER BY: results have no order."""
        if not self._take("ORDER"):
            return
        self._want("BY")
        while self._kind() == "variable" or self._is("ASC", "DESC", "("):
            if self._kind() == "variable":
                self._next()
            else:
                self._take("ASC", "DESC")
                self._want("(")
                self._expression()
                self._want(")")

    def _variable(self) -> str:
        kind, text = self._next()
        if kind != "variable":
            raise NotCompiled(f"the query has {text!r} where a variable belongs")
        return "?" + text[1:]

    # ------------------------------------------------------------ patterns (18.2.2)

    def _group(self) -> Pattern:
        self._want("{")
        filters: list[Expression] = []
        parts: list[tuple[str, Pattern, Expression, str]] = []
        while not self._take("}"):
            if self._take("FILTER"):
                filters.append(self._constraint())
                self._take(".")
                continue
            part = self._part()
            if part[0] == "triples" and parts and parts[-1][0] == "triples":
                part = ("triples", _merged(parts.pop()[1], part[1]), "", "")
            parts.append(part)
        pattern: Pattern = Basic()
        for kind, inner, value, variable in parts:
            if kind == "bind":
                pattern = Extend(pattern, value, variable)
            elif kind != "optional":
                pattern = Join(pattern, inner)
            elif isinstance(inner, Filter):
                pattern = Optional(pattern, inner.inner, inner.test)
            else:
                pattern = Optional(pattern, inner, None)
        if filters:
            return Filter(pattern, filters[0] if len(filters) == 1 else Call("AND", tuple(filters)))
        return pattern

    def _part(self) -> tuple[str, Pattern, Expression, str]:
        if self._is("{"):
            pattern = self._group()
            while self._take("UNION"):
                pattern = Union(pattern, self._group())
            self._take(".")
            return "group", pattern, "", ""
        if self._take("OPTIONAL"):
            pattern = self._group()
            self._take(".")
            return "optional", pattern, "", ""
        if self._take("BIND"):
            self._want("(")
            value = self._expression()
            self._want("AS")
            variable = self._variable()
            self._want(")")
            self._take(".")
            return "bind", Basic(), value, variable
        if self._kind() == "word" and not self._is("TRUE", "FALSE"):
            raise NotCompiled(f"{self._tokens[self._place][1].upper()} in a query")
        return "triples", Basic(tuple(self._triples())), "", ""

    def _triples(self) -> Iterator[tuple[str, PathTree, str]]:
        while True:
            inside: list[tuple[str, PathTree, str]] = []
            bracket = self._is("[")
            subject = self._node(inside)
            if not (bracket and self._is(".", "}")):
                inside.extend(self._properties(subject, inside))
            yield from inside
            if not self._take(".") or self._is("}", "FILTER", "OPTIONAL", "BIND", "{") or self._other_word():
                return

    def _other_word(self) -> bool:
        return self._kind() == "word" and not self._is("TRUE", "FALSE", "A")

    def _properties(
        self, subject: str, inside: list[tuple[str, PathTree, str]]
    ) -> list[tuple[str, PathTree, str]]:
        found: list[tuple[str, PathTree, str]] = []
        while True:
            verb: PathTree = self._variable() if self._kind() == "variable" else self._path()
            while True:
                found.append((subject, verb, self._node(inside)))
                if not self._take(","):
                    break
            if not self._take(";"):
                return found
            while self._take(";"):
                pass
            if self._is(".", "}", "]"):
                return found

    def _node(self, inside: list[tuple[str, PathTree, str]]) -> str:
        if self._kind() == "variable":
            return self._variable()
        if self._take("["):
            self._hidden += 1
            node = f"?:[{self._hidden}"
            if not self._take("]"):
                inside.extend(self._properties(node, inside))
                self._want("]")
            return node
        return self._term()

    def _path(self) -> PathTree:
        parts = [self._path_sequence()]
        while self._take("|"):
            parts.append(self._path_sequence())
        return parts[0] if len(parts) == 1 else ("|", tuple(parts))

    def _path_sequence(self) -> PathTree:
        parts = [self._path_element()]
        while self._take("/"):
            parts.append(self._path_element())
        return parts[0] if len(parts) == 1 else ("/", tuple(parts))

    def _path_element(self) -> PathTree:
        inverse = self._take("^")
        path: PathTree
        if self._take("("):
            path = self._path()
            self._want(")")
        elif self._is("A"):
            self._next()
            path = TYPE
        else:
            path = self._iri()
        if sign := self._take("*", "+", "?"):
            path = (sign, (path,))
        return ("^", (path,)) if inverse else path

    # ------------------------------------------------------------ terms

    def _iri(self) -> str:
        kind, text = self._next()
        if kind == "name":
            prefix, _, local = text.partition(":")
            if prefix not in self._prefixes:
                raise NotCompiled(f"the prefix {prefix!r} is not declared")
            text = f"<{self._prefixes[prefix]}{local}>"
        elif kind != "iri":
            raise NotCompiled(f"the query has {text!r} where an IRI belongs")
        if ":" not in text:
            raise NotCompiled(f"{text} is a relative IRI")
        return text

    def _term(self) -> str:
        kind = self._kind()
        if kind == "string":
            return self._literal(_letters(self._next()[1]))
        if kind == "number" or self._is("+", "-"):
            return self._number()
        if truth := self._take("TRUE", "FALSE"):
            return f'"{truth.lower()}"^^{BOOLEAN}'
        return self._iri()

    def _literal(self, letters: str) -> str:
        if self._kind() == "tag":
            return nt.literal(letters) + self._next()[1].lower()
        if self._take("^^"):
            type_ = self._iri()
            if type_.startswith(f"<{PREFIXES['xsd']}") and not type_.endswith("#string>"):
                # rdflib may write its letters anew.
                raise NotCompiled("a typed literal in a query")
            return nt.literal(letters, type_[1:-1])
        return nt.literal(letters)

    def _number(self) -> str:
        sign = self._take("+", "-")
        kind, text = self._next()
        if kind != "number" or sign == "+" or not re.fullmatch("0|[1-9][0-9]{0,17}", text):
            raise NotCompiled("a number that is no plain integer")
        return nt.integer(int(sign + text))

    # ------------------------------------------------------------ expressions

    def _constraint(self) -> Expression:
        if self._take("("):
            value = self._expression()
            self._want(")")
            return value
        return self._primary()

    def _expression(self) -> Expression:
        return self._chain("OR", "||", self._conjunction)

    def _conjunction(self) -> Expression:
        return self._chain("AND", "&&", self._comparison)

    def _chain(self, name: str, sign: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self._take(sign):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Call(name, tuple(parts))

    def _comparison(self) -> Expression:
        left = self._sum()
        if sign := self._take(*COMPARISONS):
            return Call(sign, (left, self._sum()))
        negated = bool(self._take("NOT"))
        if self._take("IN"):
            return Call("NOT IN" if negated else "IN", (left, *self._arguments()))
        if negated:
            raise NotCompiled("NOT stands alone")
        return left

    def _sum(self) -> Expression:
        return self._signed("+", "-", self._product)

    def _product(self) -> Expression:
        return self._signed("*", "/", self._unary)

    def _signed(self, one: str, other: str, part: Callable[[], Expression]) -> Expression:
        """Read terms between signs; the signs become the name of the call."""
        parts, signs = [part()], ""
        while sign := self._take(one, other):
            signs += sign
            parts.append(part())
        return parts[0] if not signs else Call(signs, tuple(parts))

    def _unary(self) -> Expression:
        if self._take("!"):
            return Call("NOT", (self._primary(),))
        return self._primary()

    def _primary(self) -> Expression:
        if self._take("("):
            value = self._expression()
            self._want(")")
            return value
        if self._kind() == "variable":
            return self._variable()
        if self._is("EXISTS", "NOT"):
            negated = bool(self._take("NOT"))
            self._want("EXISTS")
            pattern = self._group()
            return Exists(replace(pattern, open=True) if isinstance(pattern, Filter) else pattern, negated)
        if self._kind() == "word" and not self._is("TRUE", "FALSE"):
            return self._function()
        term = self._term()
        if self._is("("):
            if term not in CASTS:
                raise NotCompiled(f"the function {term}")
            arguments = self._arguments()
            if len(arguments) != 1:
                raise NotCompiled("a cast of something else than one value")
            return Call(term, arguments)
        return term

    def _function(self) -> Expression:
        name = self._next()[1].upper()
        if name not in _FUNCTIONS:
            raise NotCompiled(f"{name} in a query")
        arguments = self._arguments()
        least, most = _FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise NotCompiled(f"{name} with {len(arguments)} arguments")
        return Call("ISIRI" if name == "ISURI" else name, arguments)

    def _arguments(self) -> tuple[Expression, ...]:
        self._want("(")
        if self._take(")"):
            return ()
        found = [self._expression()]
        while self._take(","):
            found.append(self._expression())
        self._want(")")
        return tuple(found)


def _merged(one: Pattern, other: Pattern) -> Basic:
    return Basic(tuple(triple for each in (one, other) if isinstance(each, Basic) for triple in each.triples))


def parse(text: str, prefixes: Mapping[str, str], *, ask: bool = False) -> Select:
    """Read a SELECT query, or an ASK query.

    Raises:
        NotCompiled: it is none, or uses something that is not known here.
    """
    if "\\u" in text or "\\U" in text or NIL in text:
        raise NotCompiled("escapes in a query")
    parser = _Parser(text, prefixes)
    return parser.ask() if ask else parser.select()
