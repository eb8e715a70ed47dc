"""RDF terms as canonical N-Triples text, and quads of them as canonical N-Quads.

Two terms are equal exactly if their texts are, so sets, sorting and files need no other form. A literal is
escaped only where the canonical form asks for it (RDF 1.1 N-Triples, section 4; RDF Dataset Canonicalization,
section 5: also U+FFFE and U+FFFF), and its text is valid Turtle as it stands.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias
from typing import Literal as Choice

Triple: TypeAlias = tuple[str, str, str]
Quad: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object, graph; the empty text as graph is the default graph."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

# RFC 3987 without what nobody can see or what turns the text around it: white space beyond ASCII, zero width
# space, U+FEFF, and the bidi controls (section 4.1). ZWNJ and ZWJ stay: Persian and Indic scripts need them.
_UCS: Final = (
    "\u00a1-\u061b\u061d-\u167f\u1681-\u1fff\u200c\u200d\u2010-\u2027\u2030-\u205e\u2060-\u2065\u206a-\u2fff"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_PRIVATE: Final = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_NAME: Final = rf"A-Za-z0-9\-._~{_UCS}!$&'()*+,;="


class _Later:
    """A method of a pattern that is compiled on first use: to compile a large one takes 10 ms."""

    def __init__(self, pattern: str, method: Choice["fullmatch", "match", "search"]) -> None:
        self._call = self._first
        self._pattern, self._method = pattern, method

    def _first(self, text: str) -> re.Match[str] | None:
        self._call = getattr(re.compile(self._pattern), self._method)
        return self._call(text)

    def __call__(self, text: str) -> re.Match[str] | None:
        return self._call(text)


def _run(characters: str) -> str:
    return rf"(?:[{characters}]++|%[0-9A-Fa-f]{{2}})*+"


_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.\-]*+:"
_AUTHORITY: Final = rf"//(?:{_run(_NAME + ':')}@)?(?:\[([0-9A-Fa-f:.]++)\]|{_run(_NAME)})(?::[0-9]*+)?"
_PATH: Final = _run(_NAME + ":@/")
_TAIL: Final = rf"(?:\?{_run(_NAME + ':@/?' + _PRIVATE)})?(?:\#{_run(_NAME + ':@/?')})?"
_match_iri: Final = _Later(rf"{_SCHEME}(?:{_AUTHORITY}(?:/{_PATH})?|(?!//){_PATH}){_TAIL}", "fullmatch")
# Most of those there are: a part of the above that is quick to compile and to match.
_match_usual_iri: Final = re.compile(
    r"[a-z]++://[A-Za-z0-9.\-]++(?:/[A-Za-z0-9\-._~/]*+)?(?:#[A-Za-z0-9\-._~/]*+)?"
).fullmatch
_match_scheme: Final = re.compile(_SCHEME).match
_match_authority: Final = _Later(rf"{_SCHEME}{_AUTHORITY}(?=[/?#]|\Z)", "match")
_search_foreign: Final = _Later(rf"[^{_NAME}:@/?#\[\]%{_PRIVATE}]", "search")
_search_percent: Final = re.compile("%(?![0-9A-Fa-f]{2})").search

# RFC 5646, section 2.1, without the grandfathered tags: all of those are deprecated.
_match_language: Final = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+)"
).fullmatch

_ESCAPES: Final = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    **{ord(raw): f"\\{letter}" for raw, letter in zip('\t\b\n\r\f"\\', 'tbnrf"\\', strict=True)},
}
_UNESCAPES: Final = {escape: chr(code) for code, escape in _ESCAPES.items()}
_search_special: Final = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff\ufffe\uffff]').search
_search_surrogate: Final = re.compile("[\ud800-\udfff]").search
_escape_pattern: Final = re.compile(r"\\(?:u[0-9A-F]{4}|.)", re.DOTALL)

_IRI_TEXT: Final = r'<[^\x00-\x20<>"]++>'
_STRING_TEXT: Final = r'"(?:[^"\\\n\r]++|\\.)*+"'
_match_literal: Final = re.compile(rf"({_STRING_TEXT})(?:\^\^({_IRI_TEXT})|@([a-z0-9\-]++))?").fullmatch
_match_line: Final = re.compile(
    rf"({_IRI_TEXT}) ({_IRI_TEXT}) ({_IRI_TEXT}|{_STRING_TEXT}(?:\^\^{_IRI_TEXT}|@[a-z0-9\-]++)?)"
    rf"(?: ({_IRI_TEXT}))? \.\n?"
).fullmatch

# Turtle 1.1, PN_CHARS_BASE, PN_CHARS and PN_PREFIX; of PN_LOCAL what needs no escape, colon or percent sign.
_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS: Final = rf"{_BASE}_0-9\-\u00b7\u0300-\u036f\u203f\u2040"
_LOCAL: Final = rf"[{_BASE}_0-9](?:[{_CHARS}.]*[{_CHARS}])?"
_ASCII_LOCAL: Final = r"[A-Za-z_0-9](?:[A-Za-z_0-9\-.]*[A-Za-z_0-9\-])?"
_match_prefix: Final = _Later(rf"(?:[{_BASE}](?:[{_CHARS}.]*[{_CHARS}])?)?", "fullmatch")
_match_usual_prefix: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*+").fullmatch


@dataclass(frozen=True, slots=True)
class Term:
    """An IRI or a literal, taken apart; plain strings and those with a language have no `datatype`."""

    kind: Choice["iri", "literal"]
    value: str
    datatype: str | None = None
    language: str | None = None


def iri(text: str) -> str:
    """Give the N-Triples text of an absolute IRI (RFC 3987): ``<https://example.org/a>``.

    Nothing is normalised. Characters that cannot be seen or that turn the direction of text are refused too.

    Raises:
        ValueError: `text` is not such an IRI; the message names the character and where it stands, from 1.
    """
    if _match_usual_iri(text):
        return f"<{text}>"
    match = _match_iri(text)
    if match is None or (match[1] is not None and not _is_ipv6(match[1])):
        raise ValueError(f"{text!r} is not an absolute IRI: {_fault(text)}")
    return f"<{text}>"


def literal(value: str, datatype: str | None = None, language: str | None = None) -> str:
    """Give the canonical N-Triples text of a literal.

    `datatype` is the text of an IRI without brackets; xsd:string is never written. A language tag is written
    in lower case, which RDF 1.1 Concepts, section 3.3, allows and which makes equal tags equal text.

    Raises:
        ValueError: `value` holds a lone surrogate; `datatype` is no IRI, or needs or refuses a language;
            `language` is no BCP 47 tag.
    """
    if _search_special(value):
        value = _escaped(value)
    if datatype is None:
        return f'"{value}"' if language is None else f'"{value}"{_language_suffix(language)}'
    if language is not None:
        raise ValueError(f"a literal has a datatype or a language, not both: {datatype!r} and {language!r}")
    return f'"{value}"{_datatype_suffix(datatype)}'


def integer(number: int) -> str:
    """Give `number` as an xsd:integer in its canonical lexical form."""
    return f'"{number:d}"^^<{_XSD}integer>'


def boolean(value: bool) -> str:
    """Give `value` as an xsd:boolean in its canonical lexical form."""
    return f'"{"true" if value else "false"}"^^<{_XSD}boolean>'


def parse_term(text: str) -> Term:
    """Take apart what `iri` and `literal` give.

    Raises:
        ValueError: `text` is anything that neither of them gives, another spelling of the same term included.
    """
    if text.startswith("<") and text.endswith(">"):
        iri(text[1:-1])
        return Term("iri", text[1:-1])
    match = _match_literal(text)
    if match is None:
        raise ValueError(f"{text!r} is neither an IRI in angle brackets nor a literal in N-Triples")
    string, datatype, language = match.groups()
    value = string[1:-1]
    if "\\" in value:
        value = _escape_pattern.sub(lambda found: _UNESCAPES.get(found[0], found[0]), value)
    term = Term("literal", value, datatype and datatype[1:-1], language)
    if literal(term.value, term.datatype, term.language) != text:
        raise ValueError(f"{text!r} is not a literal in canonical form")
    return term


def split_line(line: str) -> Quad:
    r"""Give the four terms of one line of canonical N-Quads, with or without the line feed at its end.

    The terms are cut out, not checked; `parse_term` does that. Cut a file at ``\n`` only: `str.splitlines`
    also cuts at U+0085 and U+2028, which stand in literals as they are.

    Raises:
        ValueError: `line` has another form; blank nodes are one.
    """
    match = _match_line(line)
    if match is None:
        raise ValueError(f"{line!r} is not a line of canonical N-Quads without blank nodes")
    return match[1], match[2], match[3], match[4] or ""


def nquads(quads: Iterable[Quad]) -> bytes:
    """Give canonical N-Quads: each quad once, in code point order of the lines, in UTF-8.

    For data without blank nodes these are the bytes of RDFC-1.0.
    """
    # As bytes: UTF-8 keeps code point order and sorts faster. A dict: what comes in nearly sorted stays so.
    lines = ((f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n").encode() for s, p, o, g in quads)
    return b"".join(sorted(dict.fromkeys(lines)))


class Curies(dict[str, str]):
    """Prefixed names by the text of an IRI, worked out on first use: ``curies["<https://…/a>"]`` is ``ex:a``.

    The longest namespace wins, then the first prefix in code point order. An IRI that no namespace covers, or
    whose local part is not safe in Turtle as it is, stays ``<…>``. `used` holds the prefixes given so far.

    Raises:
        ValueError: a prefix is no name that Turtle allows, or a namespace is no absolute IRI.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Take prefixes by name, without colon."""
        super().__init__()
        self.used: set[str] = set()
        self._prefixes: dict[str, str] = {}
        for prefix, namespace in sorted(prefixes.items()):
            if not (_match_usual_prefix(prefix) or _match_prefix(prefix)):
                raise ValueError(
                    f"{prefix!r} cannot be a prefix: it starts with a letter and holds only letters, "
                    "digits, '-', '_' and, inside, '.'"
                )
            iri(namespace)
            self._prefixes.setdefault(namespace, prefix)
        # Longest first: an alternation takes the first branch that leads to a match.
        namespaces = sorted(self._prefixes, key=lambda namespace: (-len(namespace), namespace))
        choice = f"<({'|'.join(map(re.escape, namespaces)) or '(?!)'})"
        # A namespace may be in any script; what is behind it decides.
        self._match = re.compile(rf"{choice}({_ASCII_LOCAL})>").fullmatch
        self._match_any = _Later(rf"{choice}({_LOCAL})>", "fullmatch")

    def __missing__(self, term: str) -> str:
        """Work out and keep the name of `term`."""
        match = self._match(term)
        if match is None and not term.isascii():
            match = self._match_any(term)
        if match is None:
            name = term
        else:
            prefix = self._prefixes[match[1]]
            self.used.add(prefix)
            name = f"{prefix}:{match[2]}"
        self[term] = name
        return name


def _escaped(value: str) -> str:
    surrogate = _search_surrogate(value)
    if surrogate is not None:
        raise ValueError(
            f"the text {value!r} holds {_named(surrogate[0])} at character {surrogate.start() + 1}, "
            "which is half of a character and stands in no file"
        )
    return value.translate(_ESCAPES)


@lru_cache(maxsize=1024)
def _datatype_suffix(datatype: str) -> str:
    if datatype == f"{_XSD}string":
        return ""
    if datatype in (f"{_RDF}langString", f"{_RDF}dirLangString"):
        raise ValueError(f"a literal of datatype {datatype!r} needs a language instead")
    return f"^^{iri(datatype)}"


@lru_cache(maxsize=1024)
def _language_suffix(language: str) -> str:
    tag = language.lower()
    if not (language.isascii() and _match_language(tag)):
        raise ValueError(f"{language!r} is not a language tag of BCP 47, such as 'en' or 'ug-Arab'")
    return f"@{tag}"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{name and f' {name}'}"


def _fault(text: str) -> str:
    """Say why `text` is no absolute IRI: the first thing that a reader would have to mend."""
    foreign = _search_foreign(text)
    if foreign is not None:
        return f"{_named(foreign[0])} at character {foreign.start() + 1} is not allowed"
    scheme = _match_scheme(text)
    if scheme is None:
        return "it does not start with a scheme such as https:"
    percent = _search_percent(text)
    if percent is not None:
        return f"the % at character {percent.start() + 1} is not followed by two hexadecimal digits"
    start = scheme.end()
    if text.startswith("//", start):
        authority = _match_authority(text)
        if authority is None or (authority[1] is not None and not _is_ipv6(authority[1])):
            return f"the host or port after // at character {start + 1} is not valid"
        start = authority.end()
    question, hash_sign = text.find("?", start), text.find("#", start)
    for position in range(start, len(text)):
        character = text[position]
        # Left are brackets, a second #, and private use characters, which only a query may hold.
        in_query = 0 <= question < position and not 0 <= hash_sign < position
        if (
            character in "[]"
            or (character == "#" and position != hash_sign)
            or (not in_query and re.match(f"[{_PRIVATE}]", character))
        ):
            return f"{_named(character)} at character {position + 1} is not allowed there"
    return "it is not built as RFC 3987 asks"
