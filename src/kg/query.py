"""SPARQL over files in memory: refused where it would reach out, bound by value, answered as bytes.

Nothing here stops a query that takes too long; `run` is one function that `kg.limits.run_limited` can start
in a child process, from files to bytes.
"""

from __future__ import annotations

import csv
import datetime
import errno
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import pyoxigraph as ox

from kg import nt, resources, store
from kg.escape import for_terminal
from kg.namespaces import (
    DEFAULT_BASE,
    KG_NAMESPACE,
    PREFIXES,
    XSD_BOOLEAN,
    XSD_DATE,
    XSD_DECIMAL,
    XSD_INTEGER,
    XSD_NON_NEGATIVE,
    expand,
)
from kg.namespaces import prefixes as project_prefixes
from kg.problems import KgError, LimitError, RefusedError, nearest

MAX_TEXT: Final = 100_000
"""The greatest number of characters of a query."""

TABLE_ROWS: Final = 1000
"""Rows of a table where the caller names no limit."""

_RESULTS: Final = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_GRAPHS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}
AUTO: Final = "auto"
FORMATS: Final = ("table", *_RESULTS, *_GRAPHS)
"""``table`` fits every query; csv, tsv, json, xml fit SELECT and ASK; the others CONSTRUCT and DESCRIBE."""

EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".csv": "csv",
        ".tsv": "tsv",
        ".json": "json",
        ".srj": "json",
        ".xml": "xml",
        ".srx": "xml",
        ".ttl": "turtle",
        ".nt": "nt",
        ".jsonld": "jsonld",
        ".txt": "table",
    }
)
"""The format that the name of an output file asks for."""

_QUERIES: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES: Final = frozenset(
    {"INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"}
)

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*+)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
               | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+')
    | (?P<iri><(?:[A-Za-z\#/.%_][^<>"{}|^`\\\x00-\x20]*+)?>)
    | (?P<variable>[?$]\w++)
    | (?P<name>(?:[^\W\d][\w.\-]*+)?:(?:[\w:%.\-]|\\.)*+)
    | (?P<word>[^\W\d]\w*+)
    | (?P<mark>\S)
    """,
    re.VERBOSE | re.DOTALL,
)

# Oxigraph takes keywords without space around them (1SERVICE, SERVICESILENT, FROMNAMED), so no word boundary
# may be asked for. Only names of variables and the local parts of prefixed names are harmless for certain:
# every parser reads them to their end. kg:learnedFrom is in half of all queries.
_find_reaching: Final = re.compile(
    r"[?$:][A-Za-z0-9_]*?(?:service|from|load)|(service|from|load)", re.IGNORECASE
).finditer
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REACHING: Final = {
    "ServiceGraphPattern": "SERVICE asks another machine",
    "DatasetClause": "FROM loads from an address; every query sees all graphs, and GRAPH <…> chooses one",
    "Load": "LOAD fetches a document",
}

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

# Oxigraph misses this variable after it has parsed a query and before it runs it.
_NOT_RUN: Final[dict[ox.Variable, Term]] = {ox.Variable("kg_is_in_no_query"): ox.Literal("")}


# ---------------------------------------------------------------- what is refused


def guard(text: str, name: str = "query") -> None:
    """Let pass what only reads the data it is given; `name` begins the messages.

    This looks at the text and asks no engine that could fetch. Only a text that holds one of the words
    SERVICE, FROM and LOAD outside names of variables and prefixed names costs a walk over rdflib's parse
    tree; those words may stand in strings, comments and IRIs.

    Raises:
        RefusedError: SERVICE, FROM, LOAD or any other update; or such a word in a text that the two parsers
            do not read alike.
        LimitError: more than `MAX_TEXT` characters.
        KgError: such a word in a text that is no SPARQL, or half of a character.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_TEXT:
        raise LimitError(f"{name}: a query has at most {MAX_TEXT:,} characters; this one has {len(text):,}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise KgError(f"{name}: character {error.start + 1} is half of a character") from error
    if (verb := _verb(text)) in _UPDATES:
        does = "fetches a document" if verb == "LOAD" else "changes data"
        raise RefusedError(f"{name}: kg query only reads, and {verb} {does}")
    if (word := _reaching(text)) is not None:
        _walk(text, word, name)


def _verb(text: str) -> str | None:
    """Give the first keyword behind BASE and PREFIX, in capitals."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word" and (word := match[0].upper()) not in ("BASE", "PREFIX"):
            return word
    return None


def _reaching(text: str) -> str | None:
    for form in {text, _unescaped(text)}:
        for match in _find_reaching(form):
            if match[1]:
                return match[1].upper()
    return None


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    # Twice over, for an escaped backslash that makes an escape; each round makes the text shorter.
    while (plain := _ESCAPE.sub(character, text)) != text:
        text = plain
    return text


def _walk(text: str, word: str, name: str) -> None:
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

    unsure = f"{name}: it holds the word {word}, and whether that reaches out cannot be told: "
    if re.search(r"\\[uU]", text):
        # rdflib undoes escapes before it looks for strings and comments, Oxigraph inside of strings only.
        raise RefusedError(f"{unsure}write characters themselves instead of \\u escapes")
    # To Oxigraph a comment ends at a carriage return, to rdflib it does not.
    text = text.replace("\r", "\n")
    try:
        tree = parseQuery(text)
    except RecursionError as error:
        raise RefusedError(f"{unsure}it is nested too deeply") from error
    except Exception as error:  # pyparsing's, and whatever its actions stumble over
        if _is_read(parseUpdate, text):
            raise RefusedError(f"{name}: kg query only reads, and this changes data") from error
        prefixes = {
            token["name"].partition(":")[0]: "urn:" for token in _TOKEN.finditer(text) if token["name"]
        }
        if _is_sparql(text, prefixes):
            says = " ".join(str(error).split())
            raise RefusedError(f"{unsure}write it in SPARQL 1.1; a second parser says {says}") from error
        raise _unreadable(text, prefixes, error, name) from error
    for kind in _kinds(tree):
        if kind in _REACHING:
            raise RefusedError(f"{name}: refused, as {_REACHING[kind]}; kg query never uses the network")


def _is_read(parser: Callable[[str], object], text: str) -> bool:
    try:
        parser(text)
    except Exception:
        return False
    return True


def _is_sparql(text: str, prefixes: dict[str, str]) -> bool:
    """Tell whether Oxigraph can parse it, without running it."""
    with _no_new_files():
        try:
            ox.Store().query(text, prefixes=prefixes, substitutions=_NOT_RUN)
        except SyntaxError:
            return False
        except (RuntimeError, OSError):
            return True
    return True


def _kinds(node: object) -> Iterator[str]:
    """Give the names of all nodes of rdflib's parse tree."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(node, CompValue):
        yield node.name
        node = list(node.values())
    if isinstance(node, list | tuple | ParseResults):
        for part in node:
            yield from _kinds(part)


@contextmanager
def _no_new_files(but: int = 0) -> Iterator[None]:
    """Keep this process from opening a file or a socket: what `guard` could miss would fail here.

    Its other threads are kept from it too, so this is for a process that has nothing else to do. `but` is how
    many files may be opened after all, which is how many sockets may be: see `forbid_sockets`.
    """
    try:
        import resource
    except ImportError:  # Windows
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A new file gets the lowest number that is free.
    free = [os.open(os.devnull, os.O_RDONLY) for _ in range(but + 1)]
    for descriptor in free:
        os.close(descriptor)
    # Not 0: poll() fails in every thread where it waits for more files than may be open.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(free), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


_SOCKET: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198), "riscv64": (0xC00000F3, 198)}
"""How the kernel calls a machine (linux/audit.h), and the number of its call `socket`."""


def forbid_sockets() -> None:
    """Keep this thread, and those it starts, from making a socket ever again, where Linux can do that.

    For a child process that asks one query: a second lock behind `guard`. Nothing happens elsewhere.
    """
    if sys.platform != "linux" or (known := _SOCKET.get(os.uname().machine)) is None:
        return
    import ctypes
    import struct

    machine, call = known
    # seccomp(2): load the machine; if it is this one, load the call's number; if it is socket, refuse it.
    steps = ((0x20, 0, 0, 4), (0x15, 0, 3, machine), (0x20, 0, 0, 0), (0x15, 0, 1, call))
    ends = ((0x06, 0, 0, 0x00050000 | errno.EACCES), (0x06, 0, 0, 0x7FFF0000))
    program = b"".join(struct.pack("=HBBI", *step) for step in (*steps, *ends))
    kept = ctypes.create_string_buffer(program)
    description = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    prctl = ctypes.CDLL(None).prctl
    prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, without which only root may
    prctl(22, 2, ctypes.c_char_p(description), 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


# ---------------------------------------------------------------- shipped queries and values


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a shipped query that may be given; `kind` is one of `KINDS`."""

    name: str
    kind: str
    description: str
    required: bool = False


KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "iri": "the key of an entity, a prefixed name or <IRI>",
        "report": "the key of a report, a prefixed name or <IRI>",
        "predicate": "a predicate, such as detained-at",
        "term": "the key of an entity, a prefixed name, <IRI> or a quoted text",
        "text": "a text",
        "integer": "a whole number",
        "date": "a day, such as 2017-05-14",
    }
)
"""What a parameter takes, by the word that declares it."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A query that comes with kg; `text` runs as it stands in any SPARQL 1.1 engine."""

    name: str
    title: str
    description: str
    params: tuple[Parameter, ...]
    text: str


@cache
def shipped() -> Mapping[str, Shipped]:
    """Give the queries that come with kg, by name, in the order of their names."""
    found = (
        _shipped(file.stem, file.read_text(encoding="utf-8")) for file in resources.files("queries", ".rq")
    )
    return MappingProxyType({query.name: query for query in found})


def find_shipped(name: str) -> Shipped:
    """Give the shipped query of that name.

    Raises:
        KgError: there is none; the message names the nearest, or all.
    """
    known = shipped()
    if name in known:
        return known[name]
    near = nearest(name, known)
    meant = f"did you mean {near!r}?" if near else f"the shipped ones are {', '.join(known)}"
    raise KgError(f"no shipped query is called {name!r}; {meant}")


def _shipped(name: str, text: str) -> Shipped:
    header = re.match(r"(?:#.*\n)*", text)
    lines = [line[1:].strip() for line in header[0].splitlines()] if header else []
    params = tuple(_parameter(line) for line in lines if line.startswith("param:"))
    words = [line for line in lines[1:] if line and not line.startswith("param:")]
    return Shipped(name, lines[0], " ".join(words), params, text)


def _parameter(line: str) -> Parameter:
    _, name, kind, *words = line.split()
    required = words[:1] == ["required"]
    if kind not in KINDS:
        raise ValueError(f"parameter {name!r} is of unknown kind {kind!r}")
    return Parameter(name, kind, " ".join(words[required:]), required)


def parameters(query: Shipped | str) -> tuple[str, ...]:
    """Give the names that values may be given for: declared ones, or all variables of a text, in order."""
    if isinstance(query, Shipped):
        return tuple(parameter.name for parameter in query.params)
    return tuple(dict.fromkeys(match[0][1:] for match in _TOKEN.finditer(query) if match["variable"]))


def bind(
    query: Shipped | str, values: Iterable[str], *, base: str, prefixes: Mapping[str, str]
) -> dict[str, str]:
    """Read ``name=value`` pairs: give the N-Triples text of each value by the name of its variable.

    A value is ``<iri>``, a name with a known prefix, a whole or decimal number, ``true`` or ``false``, or a
    text in quotes with ``@language`` or ``^^type`` behind it if need be. Any other word is the key of an
    entity where the query declares an ``iri``, and a text elsewhere.

    Raises:
        KgError: a pair cannot be read, names no parameter or one twice, or a required one is missing.
    """
    declared = {p.name: p for p in query.params} if isinstance(query, Shipped) else {}
    label = f"query {query.name!r}" if isinstance(query, Shipped) else "the query"
    known = parameters(query)
    bound: dict[str, str] = {}
    for pair in values:
        name, equals, value = pair.partition("=")
        name = name.strip().lstrip("?$")
        if not equals or not name:
            raise KgError(f"-p {pair}: a value is given as name=value, such as -p person=serek-yelsik")
        if name not in known:
            raise KgError(f"-p {pair}: {label} has no parameter {name!r}; {_choices(name, known)}")
        if name in bound:
            raise KgError(f"-p {pair}: {name!r} is given twice")
        kind = declared[name].kind if name in declared else ""
        try:
            bound[name] = _value(value.strip(), kind, base, prefixes)
        except ValueError as error:
            raise KgError(f"-p {pair}: {error}") from error
    for parameter in declared.values():
        if parameter.required and parameter.name not in bound:
            raise KgError(
                f"{label} needs -p {parameter.name}=…: {parameter.description or KINDS[parameter.kind]}"
            )
    return bound


def _choices(found: str, known: Sequence[str]) -> str:
    if not known:
        return "it has none"
    near = nearest(found, known)
    return f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"


_match_number: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?").fullmatch
_match_name: Final = re.compile(r"([^\W\d_][\w.\-]*)?:(.*)", re.DOTALL).fullmatch
_match_quoted: Final = re.compile(
    r"""(?P<quote>["'])(?P<text>.*)(?P=quote)(?:@(?P<language>[A-Za-z0-9\-]+)|\^\^(?P<type>\S+))?""",
    re.DOTALL,
).fullmatch
_KEYED: Final = ("iri", "report", "predicate", "term")


def _value(text: str, kind: str, base: str, prefixes: Mapping[str, str]) -> str:
    quoted = _match_quoted(text)
    if quoted is not None:
        if kind in ("iri", "report", "predicate"):
            raise ValueError(f"it takes {KINDS[kind]}, not a text in quotes")
        if kind in ("", "term", "text"):
            return _literal(quoted, prefixes)
        text = quoted["text"]
    if kind == "text":
        return nt.literal(text)
    if kind == "integer":
        return nt.integer(_whole(text))
    if kind == "date":
        return _day(text)
    if text.startswith("<") and text.endswith(">"):
        return nt.iri(text[1:-1])
    if kind in _KEYED and ":" not in text:
        return _key(text, kind, base)
    if not kind and (number := _match_number(text)):
        return nt.literal(text, XSD_DECIMAL) if number[1] else nt.integer(int(text))
    if not kind and text in ("true", "false"):
        return nt.literal(text, XSD_BOOLEAN)
    if (name := _match_name(text)) is not None:
        return nt.iri(_namespace(name[1] or "", prefixes) + name[2])
    return nt.literal(text)


def _literal(quoted: re.Match[str], prefixes: Mapping[str, str]) -> str:
    datatype = quoted["type"]
    if datatype is not None:
        if datatype.startswith("<") and datatype.endswith(">"):
            datatype = datatype[1:-1]
        elif (name := _match_name(datatype)) is not None:
            datatype = _namespace(name[1] or "", prefixes) + name[2]
    return nt.literal(_undone(quoted["text"]), datatype, quoted["language"])


def _undone(text: str) -> str:
    r"""Give the text of a SPARQL string: ``\n``, ``\"`` and the like, and ``\u`` escapes, undone."""
    plain = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}

    def character(match: re.Match[str]) -> str:
        return chr(int(match[0][2:], 16)) if len(match[0]) > 2 else plain.get(match[0][1], match[0][1])

    return re.sub(r"\\(?:u[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|[tbnrf\"'\\])", character, text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _day(text: str) -> str:
    from datetime import date

    try:
        return nt.literal(date.fromisoformat(text).isoformat(), XSD_DATE)
    except ValueError:
        raise ValueError(f"{text!r} is not a day, such as 2017-05-14") from None


def _key(text: str, kind: str, base: str) -> str:
    if not text:
        raise ValueError(f"it takes {KINDS[kind]}")
    if kind == "predicate":
        first, *rest = text.split("-")
        return nt.iri(KG_NAMESPACE + first + "".join(part.capitalize() for part in rest))
    if kind == "report":
        text = "report_" + text.removeprefix("report_")
    return nt.iri(base + text)


def _namespace(prefix: str, prefixes: Mapping[str, str]) -> str:
    if prefix in prefixes:
        return prefixes[prefix]
    if prefix in ("http", "https", "urn"):
        raise ValueError("an IRI is written in angle brackets, <…>")
    raise ValueError(f"{_unknown_prefix(prefix, prefixes)}; a text that holds a colon is written in quotes")


def _unknown_prefix(prefix: str, prefixes: Mapping[str, str]) -> str:
    near = nearest(prefix, prefixes)
    meant = (
        f"did you mean '{near}:'?" if near else f"known are {', '.join(f'{p}:' for p in sorted(prefixes))}"
    )
    return f"unknown prefix '{prefix}:'; {meant}"


# ---------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: `content` for standard output, `notes` for a person to read."""

    content: bytes
    rows: int
    """All rows or triples that were found, shown or not; 1 for ASK."""
    notes: tuple[str, ...] = ()


def run(
    data: Sequence[store.Input],
    text: str,
    bindings: Mapping[str, str] = MappingProxyType({}),
    prefixes: Mapping[str, str] = PREFIXES,
    format: str = "table",
    labels: bool = True,
    limit: int | None = None,
    *,
    data_format: str | None = None,
    max_bytes: int = store.MAX_BYTES,
    name: str = "query",
    on_disk: Path | None = None,
) -> Answer:
    """Load `data` and answer one query: what a child process with limits does.

    Arguments are as those of `answer`, `data_format` and `max_bytes` as those of `store.load`. `on_disk` is
    what `kg.diskstore.find` found for `data`; if it cannot be used after all, `data` is loaded. A child of
    `kg.limits` has no standard input: hand over the bytes. While the query runs, this process can open no
    file but those of the store, and no socket.

    Raises:
        KgError: as `guard`, `store.load` and `answer`; a query that is refused is so before anything is read.
    """
    text = text.removeprefix("\ufeff")
    guard(text, name)
    _require_format(format)

    if _verb(text) in ("CONSTRUCT", "DESCRIBE"):
        import kg.jsonld
        import kg.turtle  # noqa: F401 - later no file can be opened, and most queries write no graph

    def asked(loaded: ox.Store, scope: store.Scope, files: int = 0) -> Answer:
        with _no_new_files(files):
            found = answer(loaded, text, bindings, prefixes, format, labels, limit, scope=scope, name=name)
        strangers = () if found.rows else _strangers(loaded, bindings.values(), prefixes)
        return replace(found, notes=(*found.notes, *strangers))

    if on_disk is not None and (found := _asked_on_disk(on_disk, asked)) is not None:
        return found
    return asked(
        *store.load_for_query(data, graphs=asks_graphs(text), format=data_format, max_bytes=max_bytes)
    )


def asks_graphs(text: str) -> bool:
    """Tell whether a query may ask for named graphs: whether it holds the word GRAPH, escaped or not."""
    return "graph" in _unescaped(text).lower()


def _asked_on_disk(place: Path, asked: Callable[[ox.Store, store.Scope, int], Answer]) -> Answer | None:
    """Give the answer from a store on disk, or None where that store is gone or damaged."""
    from kg import diskstore

    with diskstore.opened(place) as data:
        if data is None:
            return None
        try:
            return asked(data, {}, diskstore.unopened(place))
        except (KgError, OSError, RuntimeError) as error:
            if isinstance(error, KgError) and "Corruption" not in str(error):
                raise
            return None


def _strangers(data: ox.Store, terms: Iterable[str], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Say of each bound IRI that stands nowhere in the data what was probably meant."""
    for term in terms:
        node = store.to_term(term)
        if not isinstance(node, ox.NamedNode):
            continue
        patterns = ((node, None, None), (None, node, None), (None, None, node))
        if any(next(iter(data.quads_for_pattern(*pattern)), None) for pattern in patterns):
            continue
        curies = nt.Curies(prefixes)
        subjects = {quad.subject for quad in data if isinstance(quad.subject, ox.NamedNode)}
        near = nearest(curies[term], (curies[str(subject)] for subject in subjects))
        yield f"{curies[term]} stands nowhere in the data" + (f"; did you mean {near}?" if near else "")


def answer(
    data: ox.Store,
    text: str,
    bindings: Mapping[str, str] = MappingProxyType({}),
    prefixes: Mapping[str, str] = PREFIXES,
    format: str = "table",
    labels: bool = True,
    limit: int | None = None,
    *,
    scope: store.Scope | None = None,
    name: str = "query",
) -> Answer:
    """Answer one query over all graphs of `data`.

    `bindings` holds N-Triples texts by name of variable, as `bind` gives them. `format` is one of `FORMATS`,
    or `AUTO`: a table of rows, Turtle of triples. In a table, `labels` shows rdfs:label before the keys of
    entities. `limit` is the greatest number of rows or triples written, 0 for all; None is `TABLE_ROWS` for a
    table and all elsewhere. `scope` is what `store.union` gives for `data`, worth keeping for a second query.

    Raises:
        KgError: the query cannot be read or run, or `format` does not fit it.
        RefusedError: as `guard`.
    """
    text = text.removeprefix("\ufeff")
    guard(text, name)
    _require_format(format)
    namespaces = _checked(prefixes)
    if scope is None:
        scope = store.union(data)
    with _in_plain_words(text, namespaces, name):
        result = _ask(data, text, bindings, namespaces, scope)
        if format == AUTO:
            format = "turtle" if isinstance(result, ox.QueryTriples) else "table"
        if limit is None:
            limit = TABLE_ROWS if format == "table" else 0
        if isinstance(result, ox.QueryBoolean):
            _require_fit(format, "ASK", _RESULTS)
            return _truth(result, format)
        shown = _Shown(data, namespaces, labels)
        if isinstance(result, ox.QueryTriples):
            _require_fit(format, "CONSTRUCT and DESCRIBE", _GRAPHS)
            content, written, total = _triples(result, format, limit, shown)
        else:
            _require_fit(format, "SELECT", _RESULTS)
            content, written, total = _solutions(result, format, limit, shown)
    return Answer(content, total, (*_counted(written, total), *_left_out(data, text)))


def rows(
    quads: Iterable[nt.Quad],
    text: str,
    values: Mapping[str, str] = MappingProxyType({}),
    *,
    base: str = DEFAULT_BASE,
) -> list[dict[str, Value]]:
    """Answer a SELECT with values by variable, unbound variables left out.

    Whole numbers are int, truth values bool, exact days datetime.date; everything else is text:
    IRIs, and the letters of a literal, since a reported date or term is not exact.

    `text` is SPARQL or the name of a shipped query; `values` are written as `bind` reads them.

    Raises:
        KgError: as `bind` and `answer`, and where the query is no SELECT.
    """
    return rows_of(lambda graphs: in_memory(quads, graphs=graphs), text, values, base=base)


def in_memory(quads: Iterable[nt.Quad], *, graphs: bool) -> tuple[ox.Store, store.Scope]:
    """Give what `store.load_for_query` gives of files that hold `quads`."""
    if graphs:
        lines = (f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in quads)
    else:
        lines = (f"{s} {p} {o} .\n" for s, p, o, _ in quads)
    return store.load_for_query(["".join(lines).encode()], graphs=graphs, format="nq" if graphs else "nt")


def rows_of(
    load: Callable[[bool], tuple[ox.Store, store.Scope]],
    text: str,
    values: Mapping[str, str],
    *,
    base: str = DEFAULT_BASE,
) -> list[dict[str, Value]]:
    """Do what `rows` does with what `load` gives: it hears whether the query asks for named graphs."""
    query = find_shipped(text) if re.fullmatch(r"[\w\-]+", text) else text
    prefixes = project_prefixes(base)
    bindings = bind(
        query, [f"{name}={value}" for name, value in values.items()], base=base, prefixes=prefixes
    )
    sparql = query.text if isinstance(query, Shipped) else query
    guard(sparql)
    data, scope = load(asks_graphs(sparql))
    found = json.loads(answer(data, sparql, bindings, prefixes, "json", scope=scope).content)
    if "results" not in found:
        raise KgError("query: an ASK has no rows; write a SELECT")
    return [{name: _typed(cell) for name, cell in row.items()} for row in found["results"]["bindings"]]


Value: TypeAlias = str | int | bool | datetime.date


def _typed(cell: Mapping[str, str]) -> Value:
    """Give a cell of the W3C's JSON results as a value of Python, or its text where it is ill-typed."""
    text, datatype = cell["value"], cell.get("datatype", "")
    try:
        if datatype in (XSD_INTEGER, XSD_NON_NEGATIVE):
            return int(text)
        if datatype == XSD_DATE:
            return datetime.date.fromisoformat(text)
    except ValueError:
        return text
    return text in ("true", "1") if datatype == XSD_BOOLEAN else text


def _require_format(format: str) -> None:
    if format not in (*FORMATS, AUTO):
        near = nearest(format, FORMATS)
        meant = f"did you mean {near!r}?" if near else f"the formats are {', '.join(FORMATS)}"
        raise KgError(f"unknown format {format!r}; {meant}")


def _require_fit(format: str, form: str, fitting: Iterable[str]) -> None:
    if format != "table" and format not in fitting:
        raise KgError(f"format {format!r} does not fit {form}; what fits is {', '.join(('table', *fitting))}")


def _checked(prefixes: Mapping[str, str]) -> dict[str, str]:
    try:
        nt.Curies(prefixes)
    except ValueError as error:
        raise KgError(f"prefixes: {error}") from error
    return dict(prefixes)


def _ask(
    data: ox.Store, text: str, bindings: Mapping[str, str], prefixes: dict[str, str], scope: store.Scope
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run the query with `bindings`: each value is what a function gives that stands before the pattern.

    pyoxigraph's own substitutions reach only what SELECT names, and a FILTER on a variable that nothing else
    binds is false there whatever the value.
    """
    if not bindings:
        return data.query(text, prefixes=prefixes, **scope)
    terms = {name: store.to_term(value) for name, value in bindings.items()}
    span = _pattern(text)
    if span is None:
        substitutions: dict[ox.Variable, Term] = {ox.Variable(name): term for name, term in terms.items()}
        return data.query(text, prefixes=prefixes, substitutions=substitutions, **scope)
    start, end = span
    before = "".join(f" BIND(<{_VALUE}{name}>() AS ?{name})" for name in terms)
    functions: dict[ox.NamedNode, Callable[..., Term | None]] = {
        ox.NamedNode(_VALUE + name): _constant(term) for name, term in terms.items()
    }
    return data.query(
        f"{text[:start]}{before} LATERAL {{ {text[start:end]}\n}} {text[end:]}",
        prefixes=prefixes,
        custom_functions=functions,
        **scope,
    )


_VALUE: Final = "urn:kg:value:"


def _constant(term: Term) -> Callable[[], Term]:
    return lambda: term


def _pattern(text: str) -> tuple[int, int] | None:
    """Give where the text between the braces of the outermost WHERE starts and ends.

    None where there is none (``DESCRIBE <iri>``, ``CONSTRUCT WHERE``) or the braces do not match.
    """
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup in ("word", "mark")]
    verbs = (n for n, token in enumerate(tokens) if token[0].upper() in _QUERIES)
    verb = next(verbs, None)
    if verb is None:
        return None
    groups = _groups(tokens[verb + 1 :])
    if tokens[verb][0].upper() == "CONSTRUCT":
        if tokens[verb + 1 : verb + 2] and tokens[verb + 1][0] != "{":
            return None
        next(groups, None)
    return next(groups, None)


def _groups(tokens: Iterable[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Give the insides of braces that stand in no other braces or parentheses."""
    depth, start = 0, 0
    for token in tokens:
        if token[0] in ("{", "("):
            depth += 1
            start = token.end() if depth == 1 else start
        elif token[0] in ("}", ")"):
            depth -= 1
            if depth == 0 and token[0] == "}":
                yield start, token.start()


@contextmanager
def _in_plain_words(text: str, prefixes: Mapping[str, str], name: str) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        raise _unreadable(text, prefixes, error, name) from error
    except OSError as error:
        refused = (errno.EMFILE, errno.ENFILE, errno.EACCES)
        if error.errno in refused or "Too many open files" in str(error) or "Permission denied" in str(error):
            raise RefusedError(f"{name}: it asked for a file or the network, and gets neither") from error
        raise KgError(f"{name}: {error}") from error
    except RuntimeError as error:
        raise KgError(f"{name}: {str(error)[:1].lower()}{str(error)[1:]}") from error


def _unreadable(text: str, prefixes: Mapping[str, str], error: Exception, name: str) -> KgError:
    """Say where a query cannot be read, in plain words; Oxigraph lists what the grammar allows there."""
    verb = _verb(text)
    if verb not in _QUERIES:
        begins = "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE"
        return KgError(
            f"{name}: {begins}; this one with {verb}" if verb else f"{name}: there is no query in it"
        )
    unknown = _undeclared(text, prefixes)
    if unknown is not None:
        prefix = unknown[0].partition(":")[0]
        return KgError(f"{name}:{_place(text, unknown.start())}: {_unknown_prefix(prefix, prefixes)}")
    try:
        ox.Store().query(text, prefixes=dict(prefixes), substitutions=_NOT_RUN)
    except SyntaxError as found:
        error = found
    except (RuntimeError, OSError, ValueError):
        return KgError(
            f"{name}: a variable that is given with -p is set in the query too, by BIND, VALUES or AS"
        )
    position = re.search(r"(\d+):(\d+)|line:(\d+), col:(\d+)", str(error))
    if position is None:
        return KgError(f"{name}: not a query: {error}")
    line, column = int(position[1] or position[3]), int(position[2] or position[4])
    rest = "\n".join(text.split("\n")[line - 1 :])[column - 1 :].partition("\n")[0].strip()
    stuck = f"cannot go on at {rest[:30]!r}" if rest else "something is missing here"
    return KgError(f"{name}:{line}:{column}: this is not SPARQL: {_hint(str(error)) or stuck}")


def _hint(message: str) -> str | None:
    for part, hint in (
        ("IRI parsing failed", "an IRI is written in full, without spaces"),
        ("variable that is unbound", "a variable beside COUNT and the like has to stand in GROUP BY"),
        ("SELECT * is not authorized", "with GROUP BY, SELECT names its variables"),
    ):
        if part in message:
            return hint
    return None


def _undeclared(text: str, prefixes: Mapping[str, str]) -> re.Match[str] | None:
    """Give the first prefixed name whose prefix nobody declares."""
    known, declares = {*prefixes, "_"}, False
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "name":
            prefix = token[0].partition(":")[0]
            if declares:
                known.add(prefix)
            elif prefix not in known:
                return token
        declares = token.lastgroup == "word" and token[0].upper() == "PREFIX"
    return None


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"{line}:{position - text.rfind(chr(10), 0, position)}"


# ---------------------------------------------------------------- writing


def _truth(result: ox.QueryBoolean, format: str) -> Answer:
    if format == "table":
        return Answer(b"yes\n" if result else b"no\n", 1)
    return Answer(result.serialize(format=_RESULTS[format]) or b"", 1)


def _solutions(result: ox.QuerySolutions, format: str, limit: int, shown: _Shown) -> tuple[bytes, int, int]:
    """Give the text of a SELECT's answer, the number of rows in it, and of all."""
    if format == "table":
        variables = [variable.value for variable in result.variables]
        kept = [tuple(row) for row in islice(result, limit or None)]
        total = len(kept) + sum(1 for _ in result)
        return _table(variables, kept, shown), len(kept), total
    if limit:
        found = json.loads(result.serialize(format=ox.QueryResultsFormat.JSON) or b"")
        bindings = found["results"]["bindings"]
        total = len(bindings)
        found["results"]["bindings"] = bindings[:limit]
        cut = ox.parse_query_results(json.dumps(found).encode(), ox.QueryResultsFormat.JSON)
        return cut.serialize(format=_RESULTS[format]) or b"", min(limit, total), total
    content = result.serialize(format=_RESULTS[format]) or b""
    total = _COUNT[format](content)
    return content, total, total


def _records(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline=""))) - 1


# pyoxigraph tells no number of rows; each of these counts what its format cannot hold inside a value.
_COUNT: Final[Mapping[str, Callable[[bytes], int]]] = {
    "csv": _records,
    "tsv": lambda content: content.count(b"\n") - 1,
    "json": lambda content: len(json.loads(content)["results"]["bindings"]),
    "xml": lambda content: content.count(b"<result>"),
}


def _triples(result: ox.QueryTriples, format: str, limit: int, shown: _Shown) -> tuple[bytes, int, int]:
    """Give the text of a graph, sorted, the number of triples in it, and of all."""
    found = set(result)
    if any(_is_foreign(part) for triple in found for part in triple):
        dataset = ox.Dataset(ox.Quad(*triple) for triple in found)
        # The names of blank nodes are made up anew in each run; the canonical ones are not.
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        found = {quad.triple for quad in dataset}
    triples = sorted(found, key=str)[: limit or None]
    if format == "table":
        content = _table(["subject", "predicate", "object"], [tuple(triple) for triple in triples], shown)
    else:
        content = _graph(triples, format, shown.prefixes)
    return content, len(triples), len(found)


def _is_foreign(term: Term) -> bool:
    """Tell whether our own writers, made for RDF 1.1 without blank nodes, cannot write it."""
    return isinstance(term, ox.BlankNode | ox.Triple) or (
        isinstance(term, ox.Literal) and term.direction is not None
    )


def _graph(triples: Sequence[ox.Triple], format: str, prefixes: dict[str, str]) -> bytes:
    if any(_is_foreign(part) for triple in triples for part in triple):
        return _foreign(triples, format, prefixes)
    quads = [(str(triple.subject), str(triple.predicate), str(triple.object), "") for triple in triples]
    if format == "nt":
        return nt.nquads(quads)
    if format == "turtle":
        from kg.turtle import turtle

        return turtle((quad[:3] for quad in quads), prefixes)
    from kg.jsonld import jsonld

    return jsonld(quads, prefixes)


def _foreign(triples: Sequence[ox.Triple], format: str, prefixes: Mapping[str, str]) -> bytes:
    if format != "turtle":
        return ox.serialize(triples, format=_GRAPHS[format]) or b""
    text = "\n".join(map(str, triples))
    used = {prefix: namespace for prefix, namespace in prefixes.items() if f"<{namespace}" in text}
    content = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used) or b"").decode()
    # pyoxigraph writes the prefixes in any order, but each in a line of its own, and all of them first.
    lines = content.split("\n")
    return "\n".join((*sorted(lines[: len(used)]), *lines[len(used) :])).encode()


def _counted(written: int, total: int) -> tuple[str, ...]:
    if not total:
        return ("0 rows",)
    return (f"showing {written:,} of {total:,} rows; --limit 0 shows all",) if written < total else ()


_search_left_out: Final = re.compile(
    r"NOT\s+EXISTS\s*\{[^{}]*\bprov:invalidatedAtTime\b", re.IGNORECASE
).search


def _left_out(data: ox.Store, text: str) -> tuple[str, ...]:
    """Say how many withdrawn assertions there are, if the query leaves such out."""
    if not _search_left_out(text):
        return ()
    withdrawn = data.quads_for_pattern(None, ox.NamedNode(expand("prov:invalidatedAtTime")), None, None)
    number = len({quad.subject for quad in withdrawn})
    words = "1 withdrawn assertion is" if number == 1 else f"{number:,} withdrawn assertions are"
    return (f"{words} left out",) if number else ()


class _Shown:
    """How terms show in a table: prefixed names, with the label of an entity before its own."""

    def __init__(self, data: ox.Store, prefixes: dict[str, str], labels: bool) -> None:
        self.prefixes = prefixes
        self._data = data
        self._curies = nt.Curies(prefixes)
        self._labels = labels
        self._cells: dict[Term, str] = {}

    def cell(self, term: Term | None) -> str:
        if term is None:
            return ""
        if term not in self._cells:
            self._cells[term] = for_terminal(self._text(term))
        return self._cells[term]

    def _text(self, term: Term) -> str:
        if isinstance(term, ox.Literal):
            foreign = term.language and term.language.partition("-")[0] != "en"
            return f"{term.value} @{term.language}" if foreign else term.value
        name = self._curies[str(term)]
        label = self._label(term) if self._labels and isinstance(term, ox.NamedNode) else None
        return f"{label} ({name})" if label else name

    def _label(self, iri: ox.NamedNode) -> str | None:
        """Give the label, but not of terms, reports and sources: their keys say enough, and are long."""
        if iri.value.startswith(KG_NAMESPACE) or self._anywhere(iri, _TYPE) & _SHOWN_BY_KEY:
            return None
        labels = [label for label in self._anywhere(iri, _LABEL) if isinstance(label, ox.Literal)]
        best = min(labels, key=lambda label: (label.language not in (None, "en"), label.value), default=None)
        return best.value if best else None

    def _anywhere(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> set[Term]:
        return {quad.object for quad in self._data.quads_for_pattern(subject, predicate, None, None)}


_TYPE: Final = ox.NamedNode(expand("rdf:type"))
_LABEL: Final = ox.NamedNode(expand("rdfs:label"))
_SHOWN_BY_KEY: Final[frozenset[Term]] = frozenset(
    ox.NamedNode(KG_NAMESPACE + n) for n in ("Report", "Source")
)
_NUMERIC: Final = frozenset(
    expand(f"xsd:{name}") for name in ("integer", "nonNegativeInteger", "decimal", "double", "float")
)


def _table(header: Sequence[str], rows: Sequence[Sequence[Term | None]], shown: _Shown) -> bytes:
    """Give aligned columns: numbers to the right, everything whole, no space at the end of a line."""
    columns = [[for_terminal(name), *(shown.cell(row[n]) for row in rows)] for n, name in enumerate(header)]
    widths = [max(map(_width, column)) for column in columns]
    to_right = [bool(rows) and all(_is_number(row[n]) for row in rows) for n in range(len(header))]
    lines = [
        "  ".join(_padded(*cell) for cell in zip(cells, widths, to_right, strict=True)).rstrip()
        for cells in zip(*columns, strict=True)
    ]
    lines[1:1] = ["  ".join("-" * width for width in widths)]
    return "".join(f"{line}\n" for line in lines).encode()


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in _NUMERIC)


def _padded(text: str, width: int, to_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_right else text + space


def _width(text: str) -> int:
    """Give the number of terminal cells that `text` takes (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
