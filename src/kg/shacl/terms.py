"""Terms as N-Triples text, looked at the way rdflib looks at them, which is what pyshacl builds on.

Common forms are decided on the text. Whatever is not common is handed to rdflib, so that the answer is
pyshacl's for every literal, and rdflib is imported only where such a literal stands.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kg import nt
from kg.namespaces import PREFIXES, expand

if TYPE_CHECKING:
    import rdflib


def iri(curie: str) -> str:
    """Give the text of an IRI named with one of the project's prefixes."""
    return f"<{expand(curie)}>"


TYPE: Final = iri("rdf:type")
SUBCLASS: Final = iri("rdfs:subClassOf")
FIRST: Final = iri("rdf:first")
REST: Final = iri("rdf:rest")
NIL: Final = iri("rdf:nil")
STRING: Final = iri("xsd:string")
LANG_STRING: Final = iri("rdf:langString")
INTEGER: Final = iri("xsd:integer")
BOOLEAN: Final = iri("xsd:boolean")
TRUE: Final = (f'"true"^^{BOOLEAN}', f'"1"^^{BOOLEAN}')
FALSE: Final = (f'"false"^^{BOOLEAN}', f'"0"^^{BOOLEAN}')

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_NOT_IN_IRI: Final = re.compile(r'[<>"{}|^`\\\x00-\x20]')
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def unescape(text: str) -> str:
    """Undo the escapes of N-Triples."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if not m[3] else _LETTERS.get(m[3], m[3]), text)


def lexical(term: str) -> str:
    """Give the letters of an IRI, a literal or a blank node."""
    if term[0] == '"':
        return unescape(term[1 : term.rindex('"')])
    return unescape(term[1:-1]) if term[0] == "<" else term[2:]


def language(term: str) -> str:
    """Give the language of a literal in lower case; empty if it has none or is no literal."""
    if term[0] != '"':
        return ""
    end = term.rindex('"') + 1
    return term[end + 1 :].lower() if term[end : end + 1] == "@" else ""


def datatype(term: str) -> str:
    """Give the datatype of a literal, in brackets, as SPARQL's DATATYPE does; empty if it is none."""
    if term[0] != '"':
        return ""
    end = term.rindex('"') + 1
    rest = term[end:]
    return STRING if not rest else LANG_STRING if rest[0] == "@" else rest[2:]


def split(term: str) -> tuple[str, str, str]:
    """Give letters, datatype and language of a literal; plain strings have neither of the latter."""
    end = term.rindex('"')
    rest = term[end + 1 :]
    value = unescape(term[1:end])
    if not rest:
        return value, "", ""
    return (value, "", rest[1:]) if rest[0] == "@" else (value, rest[2:], "")


# ---------------------------------------------------------------- values, by rdflib


@contextmanager
def quiet() -> Iterator[None]:
    """Keep rdflib from telling about literals that break their datatype."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


@lru_cache(maxsize=1 << 16)
def as_literal(term: str) -> rdflib.Literal:
    """Give a literal as rdflib holds it, its letters as they stand."""
    import rdflib

    value, type_, tag = split(term)
    with quiet():
        return rdflib.Literal(
            value, lang=tag or None, datatype=rdflib.URIRef(type_[1:-1]) if type_ else None, normalize=False
        )


def as_node(term: str) -> rdflib.term.Identifier:
    """Give a term as rdflib holds it."""
    import rdflib

    if term[0] == '"':
        return as_literal(term)
    if term[0] == "_":
        return rdflib.BNode(term[2:])
    with quiet():
        return rdflib.URIRef(unescape(term[1:-1]))


def text_of(node: rdflib.term.Node) -> str:
    """Give what rdflib holds as text."""
    import rdflib

    if isinstance(node, rdflib.BNode):
        return f"_:{node}"
    if not isinstance(node, rdflib.Literal):
        return "<" + _NOT_IN_IRI.sub(lambda match: f"\\u{ord(match[0]):04X}", str(node)) + ">"
    text = nt.literal(str(node))
    if node.language:
        return f"{text}@{node.language.lower()}"
    if node.datatype is None or str(node.datatype) == STRING[1:-1]:
        return text
    return f"{text}^^{text_of(node.datatype)}"


def is_stringlike(term: str) -> bool:
    """Tell whether the value of a literal is a string to rdflib."""
    if term[-1] == '"' or not term.endswith(">"):
        return True
    return isinstance(as_literal(term).value, str)


# ---------------------------------------------------------------- datatypes (SHACL 4.1.2)

_DAY: Final = (
    r"[1-9][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)"
)
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_COMMON: Final = {
    "integer": r"-?[0-9]{1,18}",
    "nonNegativeInteger": r"[0-9]{1,18}",
    "boolean": r"true|false|[01]",
    "date": _DAY,
    "dateTime": rf"{_DAY}T{_TIME}Z?",
}
"""Letters that are surely right; what is not among them is looked at more closely."""


def _known_to_rdflib(type_: str) -> bool:
    return type_.startswith((f"<{PREFIXES['xsd']}", f"<{PREFIXES['rdf']}")) or type_ == iri("owl:rational")


def datatype_test(type_: str) -> Callable[[str], object]:
    """Give a test whether a term is a well-formed literal of a datatype, as pyshacl tests it."""
    if type_ == iri("rdfs:Literal"):
        return lambda term: term[0] == '"'
    if type_ in (iri("rdfs:Datatype"), STRING):
        return (lambda term: datatype(term) == STRING) if type_ == STRING else _has_datatype
    if type_ == LANG_STRING:
        return lambda term: bool(language(term))
    if not _known_to_rdflib(type_):
        suffix = f'"^^{type_}'
        return lambda term: term.endswith(suffix)
    common = _COMMON.get(type_[1:-1].removeprefix(PREFIXES["xsd"]), "(?!)")
    match = re.compile(rf'"(?:{common})"\^\^{re.escape(type_)}').fullmatch
    return lambda term: match(term) or is_well_formed(term, type_)


def _has_datatype(term: str) -> bool:
    return term[0] == '"' and term[-1] == ">"


@lru_cache(maxsize=1 << 16)
def is_well_formed(term: str, type_: str) -> bool:
    """Tell whether `term` is a literal of a datatype that rdflib knows, and its letters stand for a value."""
    import datetime
    import decimal

    if term[0] != '"' or datatype(term) != type_:
        return False
    literal = as_literal(term)
    if literal.ill_typed:
        return False
    classes = {
        "integer": int,
        "float": float,
        "decimal": decimal.Decimal,
        "boolean": bool,
        "date": datetime.date,
        "time": datetime.time,
        "dateTime": datetime.datetime,
    }
    class_ = classes.get(type_[1:-1].removeprefix(PREFIXES["xsd"]))
    return class_ is None or isinstance(literal.value, class_)


# ---------------------------------------------------------------- comparisons

# A negative nonNegativeInteger is no number, and rdflib compares it otherwise.
_match_integer: Final = re.compile(
    rf'"(-[0-9]{{1,18}}(?="\^\^<{PREFIXES["xsd"]}integer)|[0-9]{{1,18}})"'
    rf"\^\^<{PREFIXES['xsd']}(?:integer|nonNegativeInteger)>"
).fullmatch
_match_day: Final = re.compile(rf'"({_DAY})"\^\^<{PREFIXES["xsd"]}date>').fullmatch


def common(one: str, other: str) -> tuple[Any, Any] | None:
    """Give the values of two numbers or two days, as long as the form of both is common."""
    left, right = _key(one), _key(other)
    return (left, right) if left is not None and type(left) is type(right) else None


@lru_cache(maxsize=1 << 16)
def _key(term: str) -> int | str | None:
    """Give a number, or a day as text, if the form is common."""
    if number := _match_integer(term):
        return int(number[1])
    day = _match_day(term)
    return day[1] if day else None


@lru_cache(maxsize=1 << 16)
def compared(one: str, other: str) -> int | None:
    """Say by -1, 0 or 1 whether a value is below, at or above another; `None` if they do not compare.

    For sh:minInclusive and its kin (SHACL 4.3): two strings compare, a string and a number do not.
    """
    if one[0] != '"':
        return None
    if found := common(one, other):
        left, right = found
        return int(left > right) - int(left < right)
    if is_stringlike(one) != is_stringlike(other):
        return None
    try:
        return _by_rdflib(as_literal(one), as_literal(other))
    except (TypeError, NotImplementedError, ArithmeticError):
        return None


def _by_rdflib(one: rdflib.Literal, other: rdflib.Literal) -> int:
    """Compare as pyshacl does: times with and without a zone have no order."""
    import datetime

    if one.eq(other):
        return 0
    if isinstance(one.value, datetime.datetime | datetime.time):
        return 0 if one.value == other.value else 1 if one.value > other.value else -1
    return 1 if one > other else -1


def is_less(one: str, other: str, or_equal: bool) -> bool:
    """Tell whether one value of sh:lessThan or sh:lessThanOrEquals is below another (SHACL 4.5.3, 4.5.4).

    What cannot be compared is not; pyshacl gives up altogether where one is a blank node or not a number.
    """
    if "_" in (one[0], other[0]):
        return False
    if found := common(one, other):
        left, right = found
        return bool(left <= right if or_equal else left < right)
    left, right = _value(one), _value(other)
    if _is_literal(left) != _is_literal(right):
        return False
    try:
        return bool(left <= right if or_equal else left < right)
    except (TypeError, ArithmeticError):
        return False


def _is_literal(value: object) -> bool:
    import rdflib

    return isinstance(value, rdflib.Literal)


def _value(term: str) -> Any:
    """Give a plain string for an IRI and for what rdflib takes for a string, else the literal."""
    if term[0] == "<":
        return lexical(term)
    literal = as_literal(term)
    return literal.value if isinstance(literal.value, str) else literal
