"""RDF files and standard input in memory, read by pyoxigraph and by nothing that could fetch.

A fault in a file is a `KgError` that begins with ``file:line:column:``. What would reach out of the file
(JSON-LD contexts elsewhere) or blow up inside it (entities of RDF/XML) is refused, never followed. A parser
cannot be interrupted: hand `load` of files that you do not trust to `kg.limits.run_limited`.
"""

from __future__ import annotations

import io
import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final, TypeAlias, TypedDict, TypeVar, cast
from xml.parsers import expat

import pyoxigraph as ox

from kg import nt
from kg.escape import for_terminal
from kg.files import read_bytes_limited
from kg.nt import Quad
from kg.problems import KgError, LimitError, RefusedError, nearest

Input: TypeAlias = Path | str | bytes
"""A file, the text ``-`` for standard input, or the bytes themselves."""

STDIN: Final = "-"
MAX_BYTES: Final = 8_000_000_000
"""The greatest size of one input where the caller names no other."""

_NAMED: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
FORMATS: Final = tuple(_NAMED)
"""Names that the argument `format` takes."""

_EXTENSIONS: Final = {
    ".ttl": "turtle",
    ".nt": "nt",
    ".nq": "nq",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".json": "jsonld",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".owl": "rdfxml",
}

_BOM: Final = b"\xef\xbb\xbf"
_OTHER_ENCODINGS: Final = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\0", "UTF-16 or UTF-32"))
_HEAD: Final = 65536
_LINES: Final = 1 << 20
_PIECE: Final = 1 << 24
_COPY: Final = "urn:kg:without-repeated:"
_leave_graph_out: Final = re.compile(rb' <[^<>" ]*> \.$', re.MULTILINE).sub

# quick-xml, which pyoxigraph reads XML with, takes a DOCTYPE in any case and at any depth.
_search_doctype: Final = re.compile(rb"<!doctype", re.IGNORECASE).search
_TERM: Final = rb'(?:<[^>\n]*+>|_:[^ \t\n<]++|"(?:[^"\\\n]|\\.)*+"(?:@[\w\-]++|\^\^<[^>\n]*+>)?)'
_search_quad: Final = re.compile(
    rb"^[ \t]*+" + rb"[ \t]*+".join((_TERM,) * 4) + rb"[ \t]*+\.[ \t]*+(?:#|\r?$)", re.MULTILINE
).search

# As `kg.nt` writes them (and it checks them), xsd:string and escapes that are not needed left out.
_ESCAPE: Final = r'\\[tbnrf"\\]|\\u00(?:0[0-7BEF]|1[0-9A-F]|7F)|\\uFFF[EF]'


def _canonical(in_iri: str, in_string: str) -> str:
    """Give the pattern of lines of which these are the characters that need no escape."""
    iri = rf"<[a-z][a-z0-9+.\-]*+:{in_iri}*+>"
    string = rf'"(?:{in_string}++|{_ESCAPE})*+"'
    datatype = rf"\^\^(?!<http://www\.w3\.org/2001/XMLSchema#string>){iri}"
    return rf"(?:{iri} {iri} (?:{iri}|{string}(?:@[a-z0-9\-]++|{datatype})?+) {iri} \.\n)*+"


_is_canonical: Final = re.compile(
    _canonical(r'[^\x00-\x20<>"{}|^`\\\x7f]', r'[^"\\\x00-\x1f\x7f\ufffe\uffff]')
).fullmatch
# The same for ASCII. What is allowed is listed: that is looked up faster than what is not.
_is_canonical_ascii: Final = re.compile(_canonical(r"[!#-;=?-\[\]_a-z~]", r"[ !#-\[\]-~]").encode()).fullmatch
_quads_of_canonical: Final = re.compile(
    r'(<[^>]*+>) (<[^>]*+>) (<[^>]*+>|"(?:[^"\\]++|\\.)*+"[^ ]*+) (<[^>]*+>) \.\n'
).findall

_PLAIN: Final = (
    (r"The prefix (\S*?):? has not been declared", r"the prefix '\1:' is not declared"),
    (r"Unexpected end", "the file ends in the middle of something; the last '.' or bracket may be missing"),
    (r"No scheme found in an absolute IRI", "a relative IRI, and the file names no base; write it in full"),
    (r"A dot is expected at the end of statements", "expected '.' at the end of the statement"),
    (r"Invalid UTF-8.*", "this is not UTF-8; save the file in that encoding"),
    (r"Only UTF-8 is supported.*", "the file says that it is not UTF-8; save it in that encoding"),
)

_T = TypeVar("_T")
_Row = TypeVar("_Row", nt.Triple, Quad)
_Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class Scope(TypedDict, total=False):
    """The part of the arguments of `pyoxigraph.Store.query` that says which graphs are asked."""

    use_default_graph_as_union: bool
    default_graph: list[_Graph]
    named_graphs: list[ox.NamedNode | ox.BlankNode]


@dataclass(frozen=True, slots=True)
class _Document:
    """One input, opened: `stream` stands behind any byte order mark."""

    name: str
    format: str
    stream: IO[bytes]


def load(inputs: Sequence[Input], *, format: str | None = None, max_bytes: int = MAX_BYTES) -> ox.Store:
    """Give a store in memory that holds all of `inputs`, each blank node in its own document only.

    The format of a file is that of its extension; `format` is for the other inputs, and without it they are
    looked at. An empty input has no triples. pyoxigraph keeps numbers and dates in a normal form (``007``
    becomes ``7``), so what comes out of a store is an answer, never an export.

    Raises:
        KgError: an input cannot be read or parsed.
        LimitError: an input is larger than `max_bytes`.
        RefusedError: a JSON-LD context is elsewhere, or RDF/XML has a DOCTYPE.
    """
    store = ox.Store()
    for item in inputs:
        with _opened(item, format, max_bytes) as document:
            _plainly(document, partial(store.bulk_load, document.stream, _NAMED[document.format]))
    return store


def load_for_query(
    inputs: Sequence[Input], *, graphs: bool, format: str | None = None, max_bytes: int = MAX_BYTES
) -> tuple[ox.Store, Scope]:
    """Give what `load` gives, with the arguments under which a query sees every triple once.

    Unless `graphs` is set, a query asks nothing of named graphs. The store then need not tell them apart:
    N-Quads, which is what large inputs are, load in half the time and are asked faster.

    Raises:
        KgError, LimitError, RefusedError: as `load`.
    """
    if not graphs and (merged := _load_merged(inputs, format, max_bytes)) is not None:
        return merged, {}
    store = load(inputs, format=format, max_bytes=max_bytes)
    return store, union(store)


def _load_merged(inputs: Sequence[Input], format: str | None, max_bytes: int) -> ox.Store | None:
    """Give a store that holds all triples in its default graph; None if only `load` can read an input."""
    store = ox.Store()
    for item in inputs:
        if not isinstance(item, bytes) and not (isinstance(item, Path) and item.is_file()):
            return None  # what can be read only once is left to `load`
        with _opened(item, format, max_bytes) as document:
            if document.format not in ("nq", "nt", "turtle"):
                return None
            stream, kind = document.stream, document.format
            if kind == "nq":
                stream, kind = cast(IO[bytes], _WithoutGraphs(stream)), "nt"
            try:
                store.bulk_load(stream, _NAMED[kind])
            except (SyntaxError, OSError):
                return None  # `load` says what is wrong, if anything is
    return store


class _WithoutGraphs:
    """N-Quads, read as N-Triples: what is not written as kg writes it stays as it is, and is refused there.

    A line that ends otherwise than in ``<graph> .`` keeps its graph; no parser takes that for a triple.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        """Take an open file; it is read in pieces of whole lines."""
        self._stream = stream
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Give up to `size` bytes, or some if it is negative; none at the end."""
        if not self._rest:
            lines = self._stream.readlines(_LINES)
            self._rest = memoryview(without_graphs(b"".join(lines)))
        end = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:end], self._rest[end:]
        return bytes(piece)


def without_graphs(lines: bytes) -> bytes:
    """Give whole lines of N-Quads as kg writes them as N-Triples."""
    return _leave_graph_out(b" .", lines)


def parse(item: Input, *, format: str | None = None, max_bytes: int = MAX_BYTES) -> Iterator[Quad]:
    """Give the quads of one input as N-Triples texts, in its order, lexical forms as they stand.

    Blank nodes are ``_:…`` and named anew each time, so that those of two inputs stay apart; the default
    graph is the empty text.

    Raises:
        KgError, LimitError, RefusedError: as `load`, and for what RDF 1.1 has no place for.
    """
    with _opened(item, format, max_bytes) as document:
        start = partial(ox.parse, document.stream, _NAMED[document.format], rename_blank_nodes=True)
        parser = _plainly(document, start)
        while (quad := _plainly(document, partial(next, parser, None))) is not None:
            graph = quad.graph_name
            yield (
                str(quad.subject),
                str(quad.predicate),
                _object(document, quad.object),
                "" if isinstance(graph, ox.DefaultGraph) else str(graph),
            )


def quads(file: Path) -> list[Quad]:
    """Give what `parse` gives of a file, each once and sorted.

    Canonical N-Quads, as exports are, are cut up without being parsed, in a fifth of the time. Equal terms
    are one text in memory.

    Raises:
        KgError, LimitError, RefusedError: as `parse`.
    """
    pieces = lines(file)
    found = None if pieces is None else cut(pieces)
    if found is None:
        kept: dict[str, str] = {}
        keep = kept.setdefault
        found = [(keep(s, s), keep(p, p), keep(o, o), keep(g, g)) for s, p, o, g in parse(file)]
    return unique(found)


def unique(items: list[_Row]) -> list[_Row]:
    """Sort `items` in place, and give each of them once: quick where they are sorted, as exports are."""
    items.sort()
    if not any(map(operator.eq, items, islice(items, 1, None))):
        return items
    return [item for item, before in zip(items, chain((None,), items), strict=False) if item != before]


def lines(file: Path) -> list[bytes] | None:
    """Give a file of canonical N-Quads, as exports are, in pieces of whole lines; None if it is anything else.

    Raises:
        KgError: it cannot be read.
        LimitError: it is larger than `MAX_BYTES`.
    """
    if file.suffix.lower() != ".nq" or not file.is_file():
        return None
    found: list[bytes] = []
    with _open(file, MAX_BYTES) as stream:
        while piece := stream.read(_PIECE):
            piece += stream.readline()
            if not _are_canonical(piece):
                return None
            found.append(piece)
    return found


def _are_canonical(piece: bytes) -> bool:
    if piece.isascii():
        return _is_canonical_ascii(piece) is not None
    try:
        return _is_canonical(piece.decode()) is not None
    except UnicodeDecodeError:
        return False


def cut(pieces: Iterable[bytes]) -> list[Quad]:
    """Give the quads of what `lines` gives, in that order; equal terms are one text in memory."""
    kept: dict[str, str] = {}
    keep = kept.setdefault
    found: list[Quad] = []
    for piece in pieces:
        of_piece = _quads_of_canonical(piece.decode())
        found += [(keep(s, s), keep(p, p), keep(o, o), keep(g, g)) for s, p, o, g in of_piece]
    return found


def to_term(text: str) -> ox.NamedNode | ox.Literal:
    """Give the pyoxigraph term of the N-Triples text of an IRI or a literal.

    Raises:
        ValueError: `text` is not what `kg.nt` gives.
    """
    term = nt.parse_term(text)
    if term.kind == "iri":
        return ox.NamedNode(term.value)
    if term.language is not None:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype) if term.datatype else None)


def union(store: ox.Store) -> Scope:
    """Give the arguments under which a query without ``GRAPH`` sees every triple of `store` once.

    pyoxigraph's own union gives a triple of two graphs twice, and counts come out too high. Where there are
    such triples, the smaller graph is asked through a copy without them, which ``GRAPH`` does not see; the
    copies are added to `store`, and made anew when it is asked again.
    """
    named = sorted(store.named_graphs(), key=str)
    for copy in [graph for graph in named if str(graph).startswith(f"<{_COPY}")]:
        named.remove(copy)
        store.remove_graph(copy)
    graphs = [graph for graph in (ox.DefaultGraph(), *named) if _first_of(store, graph)]
    if len(graphs) < 2:
        return {"use_default_graph_as_union": True}
    asked = {_largest(store, graphs)}
    for graph in sorted(set(graphs) - asked, key=str):
        asked.add(_without_repeated(store, graph, asked))
    if asked == set(graphs):
        return {"use_default_graph_as_union": True}
    return {"default_graph": sorted(asked, key=str), "named_graphs": named}


def _first_of(store: ox.Store, graph: _Graph) -> bool:
    return next(store.quads_for_pattern(None, None, None, graph), None) is not None


def _largest(store: ox.Store, graphs: Sequence[_Graph]) -> _Graph:
    """Give the graph that is still being read when the others have ended; counting would read it whole."""
    racing = {graph: store.quads_for_pattern(None, None, None, graph) for graph in graphs}
    while True:
        ended = [graph for graph, quads in racing.items() if sum(1 for _ in islice(quads, 1024)) < 1024]
        if len(ended) == len(racing):
            return ended[0]
        for graph in ended:
            del racing[graph]
        if len(racing) == 1:
            return next(iter(racing))


def _without_repeated(store: ox.Store, graph: _Graph, others: set[_Graph]) -> _Graph:
    def repeated(quad: ox.Quad) -> bool:
        triple = (quad.subject, quad.predicate, quad.object)
        if len(others) <= 8:
            return any(ox.Quad(*triple, other) in store for other in others)
        return any(found.graph_name in others for found in store.quads_for_pattern(*triple, None))

    quads = list(store.quads_for_pattern(None, None, None, graph))
    kept = [quad for quad in quads if not repeated(quad)]
    if len(kept) == len(quads):
        return graph
    copy = ox.NamedNode(f"{_COPY}{len(others)}")
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, copy) for quad in kept)
    return copy


@contextmanager
def _opened(item: Input, format: str | None, max_bytes: int) -> Iterator[_Document]:
    if isinstance(item, str) and item != STDIN:
        raise TypeError(f"a file is a Path; the text {item!r} is not {STDIN!r}, standard input")
    if isinstance(item, Path) and item.is_file():
        with _open(item, max_bytes) as stream:
            yield _document(str(item), _extension(item) or format, stream)
        return
    if isinstance(item, bytes):
        name, content = "data", item
        if len(content) > max_bytes:
            raise LimitError(f"the data is larger than {max_bytes:,} bytes, the limit")
    else:
        # Also for what is missing, a folder or a pipe: there it either reads or says what is wrong.
        name = "standard input" if item == STDIN else str(item)
        content = read_bytes_limited(item, max_bytes, "the data")
    suffix = _extension(item) if isinstance(item, Path) else None
    yield _document(name, suffix or format, io.BytesIO(content))


def _open(path: Path, max_bytes: int) -> IO[bytes]:
    try:
        size = path.stat().st_size
        stream = path.open("rb")
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror}") from error
    if size > max_bytes:
        stream.close()
        raise LimitError(f"{path} is larger than {max_bytes:,} bytes, the limit")
    return stream


def _extension(path: Path) -> str | None:
    return _EXTENSIONS.get(path.suffix.lower())


def _document(name: str, format: str | None, stream: IO[bytes]) -> _Document:
    head = stream.read(_HEAD)
    for mark, encoding in _OTHER_ENCODINGS:
        if head.startswith(mark) or (mark == b"\0" and mark in head[:4]):
            raise KgError(f"{name}: this is {encoding}; RDF files are in UTF-8, save it in that encoding")
    start = len(_BOM) if head.startswith(_BOM) else 0
    if format is None:
        format = _sniffed(name, head[start:])
    elif format not in _NAMED:
        near = nearest(format, FORMATS)
        meant = f"did you mean {near!r}?" if near else f"the formats are {', '.join(FORMATS)}"
        raise KgError(f"unknown RDF format {format!r}; {meant}")
    if format == "jsonld" and not head[start:].strip():
        return _Document(name, format, io.BytesIO(b"[]"))
    if format == "rdfxml":
        stream.seek(0)
        if _search_doctype(stream.read()):
            raise RefusedError(
                f"{name}: RDF/XML with a <!DOCTYPE is not read, as its entities can fill the memory; "
                "write them out, or save the data as Turtle"
            )
    stream.seek(start)
    return _Document(name, format, stream)


def _sniffed(name: str, head: bytes) -> str:
    """Give the format that the first bytes look like; TriG reads Turtle and N-Triples too."""
    text = head.lstrip()
    # Turtle has [ before a predicate, TriG has { before a subject: neither can be a string.
    if re.match(rb'\{\s*["}]|\[\s*[{\["]', text):
        return "jsonld"
    if re.match(rb"<(\?xml|!--|!doctype|(\w+:)?RDF)", text, re.IGNORECASE):
        return "rdfxml"
    if _search_quad(head):
        return "nq"
    if b"\0" in head:
        raise KgError(f"{name}: this is not RDF; it is no text at all")
    return "trig"


def _object(document: _Document, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    if isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction is not None):
        raise KgError(
            f"{document.name}: {str(term)!r} is a triple term or a text with a direction of RDF 1.2; "
            "kg reads RDF 1.1"
        )
    return str(term)


def _plainly(document: _Document, work: Callable[[], _T]) -> _T:
    """Do `work` on a document; what it finds wrong there becomes a `KgError` in plain words."""
    try:
        return work()
    except SyntaxError as error:
        raise _fault(document, error) from error
    except OSError as error:
        raise KgError(f"cannot read {document.name}: {error.strerror or error}") from error


def _fault(document: _Document, error: SyntaxError) -> KgError:
    message = re.sub(r"^Parser error at .*?: (.*?)( \(line \d+\))?$", r"\1", str(error), flags=re.DOTALL)
    line, column = error.lineno, error.offset
    if "remote context" in message:
        return RefusedError(_remote_context(document))
    if line is None and document.format == "rdfxml":
        line, column = _xml_position(document)
    for pattern, plain in _PLAIN:
        if re.match(pattern, message):
            message = re.sub(pattern, plain, message, flags=re.DOTALL)
            break
    else:
        message = message if message[1:2].isupper() else message[:1].lower() + message[1:]
    where = document.name if line is None else f"{document.name}:{line}:{column or 1}"
    return KgError(f"{where}: {for_terminal(message)}")


def _reread(document: _Document) -> bytes:
    document.stream.seek(0)
    return document.stream.read().removeprefix(_BOM)


def _xml_position(document: _Document) -> tuple[int | None, int | None]:
    """Give where XML goes wrong, which pyoxigraph does not tell; no DOCTYPE comes here."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(_reread(document), True)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    return None, None


def _remote_context(document: _Document) -> str:
    try:
        address = next(_addresses(json.loads(_reread(document)), in_context=False), None)
    except (ValueError, RecursionError):
        address = None
    which = f"the address {address!r}" if address else "an address"
    return (
        f"{document.name}: its @context is {which}, and nothing is fetched; "
        "put the context itself in the place of its address"
    )


def _addresses(value: object, in_context: bool) -> Iterator[str]:
    """Give the contexts that JSON-LD names by address (JSON-LD 1.1, 3.1 and 4.1.9)."""
    if isinstance(value, str) and in_context:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item, in_context)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("@context", "@import"):
                yield from _addresses(item, in_context=True)
            elif not isinstance(item, str):
                yield from _addresses(item, in_context=False)
