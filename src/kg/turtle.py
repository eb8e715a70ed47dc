"""Turtle and TriG that people can read: the same triples give the same bytes, in whatever order they come.

Made for data without blank nodes, straight from N-Triples texts. Literals keep their lexical forms in every
parser: ``5`` stands for ``"5"^^xsd:integer`` and nothing else, ``"05"^^xsd:integer`` stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from kg.nt import Curies, Quad, Triple, iri

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL: Final = "<http://www.w3.org/2000/01/rdf-schema#label>"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_match_bare: Final = re.compile(
    rf'"(?:(0|-?[1-9][0-9]*)"\^\^<{re.escape(_XSD)}integer>|(true|false)"\^\^<{re.escape(_XSD)}boolean>)'
).fullmatch

_WIDTH: Final = 110
_INDENT: Final = "    "


def turtle(
    triples: Iterable[Triple],
    prefixes: Mapping[str, str],
    *,
    header: str = "",
    sort_key: Callable[[str], SupportsRichComparison] | None = None,
) -> bytes:
    """Give `triples` as Turtle, each once, grouped by subject, with the prefixes that are in use.

    `header` is plain text, written as comment lines at the top. `sort_key` takes the N-Triples text of a
    subject and decides the order of subjects; where it is equal, and without it, the IRI does. Within a
    subject the type comes first, then rdfs:label, then the other predicates in the order of their names.

    Raises:
        ValueError: a term is neither an IRI nor a literal, or a prefix is not valid.
    """
    terms = _Terms(prefixes)
    return _document(header, prefixes, terms, _blocks(triples, terms, sort_key))


def trig(
    quads: Iterable[Quad],
    prefixes: Mapping[str, str],
    *,
    header: str = "",
    sort_key: Callable[[str], SupportsRichComparison] | None = None,
) -> bytes:
    """Give `quads` as TriG: the default graph first, then the named graphs in order of their IRIs.

    Within a graph everything is as in `turtle`.

    Raises:
        ValueError: a term is neither an IRI nor a literal, or a prefix is not valid.
    """
    terms = _Terms(prefixes)
    graphs: defaultdict[str, list[Triple]] = defaultdict(list)
    for subject, predicate, object_, graph in quads:
        graphs[graph].append((subject, predicate, object_))
    blocks = _blocks(graphs.pop("", ()), terms, sort_key)
    for graph in sorted(graphs, key=_bare_iri):
        inside = _blocks(graphs[graph], terms, sort_key, _INDENT)
        inside[0] = f"{terms[graph]} {{\n{inside[0]}"
        inside[-1] = f"{inside[-1]}}}\n"
        blocks += inside
    return _document(header, prefixes, terms, blocks)


class _Terms(Curies):
    """The Turtle form of each term, by its N-Triples text, worked out on first use."""

    def __missing__(self, term: str) -> str:
        if term.startswith("<"):
            return super().__missing__(term)
        if not term.startswith('"'):
            raise ValueError(f"{term!r} is neither an IRI in angle brackets nor a literal in N-Triples")
        self[term] = self._literal(term)
        return self[term]

    def _literal(self, term: str) -> str:
        if not term.endswith(">"):
            return term
        bare = _match_bare(term)
        if bare is not None:
            return bare[1] or bare[2]
        value, datatype = term.rsplit("^^", 1)
        return f"{value}^^{self[datatype]}"


class _Predicates(dict[str, str]):
    """The form of each predicate behind a character that sorts it into its place."""

    def __init__(self, terms: _Terms) -> None:
        super().__init__()
        self._terms = terms

    def __missing__(self, predicate: str) -> str:
        if predicate == _TYPE:
            self[predicate] = "0a"
        else:
            self[predicate] = ("1" if predicate == _LABEL else "2") + self._terms[predicate]
        return self[predicate]


def _bare_iri(term: str) -> str:
    # Without brackets ex:a comes before ex:a-b, as readers expect; "-" sorts before ">".
    return term[1:-1]


def _blocks(
    triples: Iterable[Triple],
    terms: _Terms,
    sort_key: Callable[[str], SupportsRichComparison] | None,
    indent: str = "",
) -> list[str]:
    """Give the text of each subject, each ending in a line feed."""
    predicates = _Predicates(terms)
    # A set only where a predicate has two objects: few have, and a set for each would double the time.
    subjects: defaultdict[str, dict[str, str | set[str]]] = defaultdict(dict)
    for subject, predicate_text, object_text in triples:
        properties = subjects[subject]
        predicate, object_ = predicates[predicate_text], terms[object_text]
        if predicate not in properties:
            properties[predicate] = object_
            continue
        known = properties[predicate]
        if isinstance(known, set):
            known.add(object_)
        elif known != object_:
            properties[predicate] = {known, object_}
    order = sorted(subjects, key=_bare_iri)
    if sort_key is not None:
        order.sort(key=sort_key)
    return [_block(terms[subject], subjects[subject], indent) for subject in order]


def _block(subject: str, properties: dict[str, str | set[str]], indent: str) -> str:
    lines = []
    for predicate in sorted(properties):
        objects = properties[predicate]
        if isinstance(objects, str):
            lines.append(f"{predicate[1:]} {objects}")
        else:
            lines.append(_line(predicate[1:], sorted(objects), indent))
    return f"{indent}{subject} " + f" ;\n{indent}{_INDENT}".join(lines) + " .\n"


def _line(predicate: str, objects: list[str], indent: str) -> str:
    line = f"{predicate} {' , '.join(objects)}"
    if len(line) <= _WIDTH - len(indent + _INDENT):
        return line
    margin = f"\n{indent}{_INDENT * 2}"
    return f"{predicate}{margin}{f' ,{margin}'.join(objects)}"


def _document(header: str, prefixes: Mapping[str, str], terms: _Terms, blocks: list[str]) -> bytes:
    head = []
    if header:
        head.append("".join(f"# {line}".rstrip() + "\n" for line in header.splitlines()))
    used = sorted(terms.used)
    if used:
        head.append("".join(f"@prefix {name}: {iri(prefixes[name])} .\n" for name in used))
    return b"\n".join(part.encode() for part in chain(head, blocks))
