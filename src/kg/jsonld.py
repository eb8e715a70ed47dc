"""JSON-LD 1.1 that people can read, with its context inside: the same quads give the same bytes.

Made for data without blank nodes. Numbers, truth values and dates stay strings with their datatype, because
parsers rewrite JSON's own numbers; so literals keep their lexical forms. Nothing points to another document.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from kg.nt import Curies, Quad, iri

_Node: TypeAlias = dict[str, list[str]]
"""Objects by predicate."""
_Graphs: TypeAlias = dict[str, dict[str, _Node]]
"""Nodes by graph and subject."""

_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_match_name: Final = re.compile(r"[^\W\d_][\w\-]*").fullmatch
# "x://" is never taken for a prefixed name (JSON-LD 1.1 API, section 5.2).
_match_scheme: Final = re.compile("<([^:]+):(?!//)").match
_WIDTH: Final = 110


def jsonld(
    quads: Iterable[Quad], prefixes: Mapping[str, str], *, terms: Mapping[str, str] | None = None
) -> bytes:
    """Give `quads` as one JSON-LD document: the nodes of the default graph, then one for each named graph.

    `terms` maps short names to the IRIs of properties and classes. If all values of such a property are IRIs,
    or all are literals of one datatype, the context says so and each value is a plain string.

    The context holds what is in use. It leaves out a name that is also the scheme of an IRI in the data (a
    prefix ``geo`` beside ``geo:37.8,44.4``), which readers would take one for the other, and a term that has
    the name of a prefix.

    Raises:
        ValueError: a prefix or the name of a term is not valid, or what it stands for is no absolute IRI.
    """
    graphs: _Graphs = {}
    objects: defaultdict[str, set[str]] = defaultdict(set)
    for subject, predicate, object_, graph in quads:
        nodes = graphs.setdefault(graph, {})
        nodes.setdefault(subject, {}).setdefault(predicate, []).append(object_)
        objects[predicate].add(object_)
    writer = _Writer(prefixes, terms or {}, objects, _schemes(graphs, objects, prefixes))
    items = [item for graph in sorted(graphs) for item in writer.graph(graph, graphs[graph])]
    # The context is made last: only now it is known which names are in use.
    head = '{\n  "@context": {\n    ' + ",\n    ".join(writer.context()) + '\n  },\n  "@graph": ['
    if not items:
        return f"{head}]\n}}\n".encode()
    return b"%b\n%b\n  ]\n}\n" % (head.encode(), b",\n".join(item.encode() for item in items))


class _Names(Curies):
    """The JSON text of each IRI, prefixed where that is possible, by its N-Triples text."""

    def __missing__(self, term: str) -> str:
        name = super().__missing__(term)
        self[term] = f'"{term[1:-1]}"' if name == term else f'"{name}"'
        return self[term]


class _Writer:
    """What all parts of one document share: names, and what the context says of a property's values."""

    def __init__(
        self,
        prefixes: Mapping[str, str],
        terms: Mapping[str, str],
        objects: Mapping[str, set[str]],
        schemes: set[str],
    ) -> None:
        self._prefixes = {name: prefixes[name] for name in prefixes if name and name not in schemes}
        self._names = _Names(self._prefixes)
        self._aliases: dict[str, str] = {}
        for name, text in sorted(terms.items()):
            if not _match_name(name):
                raise ValueError(
                    f"{name!r} cannot be a term: use letters, digits, '-' and '_', with a letter first"
                )
            term = iri(text)
            if name not in schemes and name not in prefixes:
                self._aliases.setdefault(term, name)
        self._kinds = {predicate: _kind(objects[predicate]) for predicate in self._aliases & objects.keys()}
        self._used: set[str] = set()

    def graph(self, graph: str, nodes: dict[str, _Node]) -> list[str]:
        """Give the text of each node; the first and the last also open and close a named graph."""
        indent = "        " if graph else "    "
        items = [self._node(subject, nodes[subject], indent) for subject in sorted(nodes)]
        if graph:
            items[0] = f'    {{\n      "@id": {self._names[graph]},\n      "@graph": [\n{items[0]}'
            items[-1] = f"{items[-1]}\n      ]\n    }}"
        return items

    def context(self) -> list[str]:
        """Give the entries for what has been written so far."""
        entries = {}
        for term in self._used:
            kind = self._kinds.get(term)
            entries[self._aliases[term]] = (
                f'{{"@id": {self._names[term]}, "@type": {self._names[kind]}}}' if kind else self._names[term]
            )
        for prefix in self._names.used:
            namespace = self._prefixes[prefix]
            # JSON-LD 1.1, section 4.1.5: a plain string is a prefix only if it ends with one of these.
            plain = namespace.endswith(tuple(":/?#[]@"))
            entries[prefix] = f'"{namespace}"' if plain else f'{{"@id": "{namespace}", "@prefix": true}}'
        return ['"@version": 1.1', *(f'"{name}": {entries[name]}' for name in sorted(entries))]

    def _node(self, subject: str, node: _Node, indent: str) -> str:
        members = {}
        for predicate, objects in node.items():
            literals = objects
            if predicate == _TYPE:
                literals = [term for term in objects if term.startswith('"')]
                types = [self._name(term) for term in objects if term.startswith("<")]
                if types:
                    members["@type"] = _array(types, indent)
            if literals:
                kind = self._kinds.get(predicate, "")
                values = [self._value(term, kind) for term in literals]
                members[self._name(predicate)[1:-1]] = (
                    values[0] if len(values) == 1 else _array(values, indent)
                )
        lines = [f'"@id": {self._names[subject]}', *(f'"{key}": {members[key]}' for key in sorted(members))]
        text = f",\n{indent}  ".join(lines)
        return f"{indent}{{\n{indent}  {text}\n{indent}}}"

    def _name(self, term: str) -> str:
        """Give the JSON text of a property or class: only there may a term of the context stand."""
        if term not in self._aliases:
            return self._names[term]
        self._used.add(term)
        return f'"{self._aliases[term]}"'

    def _value(self, term: str, kind: str) -> str:
        # A string in canonical N-Triples is a string in JSON: the escapes are the same.
        if term.startswith("<"):
            return self._names[term] if kind else f'{{"@id": {self._names[term]}}}'
        if term.endswith('"'):
            return term
        if not term.endswith(">"):
            value, language = term.rsplit("@", 1)
            return f'{{"@language": "{language}", "@value": {value}}}'
        value, datatype = term.rsplit("^^", 1)
        return value if kind else f'{{"@type": {self._names[datatype]}, "@value": {value}}}'


def _kind(objects: set[str]) -> str:
    """Give ``<@id>`` if all are IRIs, the datatype if all are literals of one, and otherwise nothing."""
    kinds = {"<@id>" if term.startswith("<") else _datatype(term) for term in objects}
    return kinds.pop() if len(kinds) == 1 else ""


def _datatype(term: str) -> str:
    return term.rsplit("^^", 1)[1] if term.endswith(">") else ""


def _schemes(graphs: _Graphs, objects: Mapping[str, set[str]], prefixes: Mapping[str, str]) -> set[str]:
    """Give the schemes that a name must not have, of all IRIs that the document can hold."""
    terms = set(map(iri, prefixes.values())).union(graphs, *graphs.values(), objects, *objects.values())
    iris = {_datatype(term) if term.startswith('"') else term for term in terms}
    return {match[1] for match in map(_match_scheme, iris) if match}


def _array(values: list[str], indent: str) -> str:
    """Give the one value, or an array: on one line if that is short."""
    texts = sorted(set(values))
    if len(texts) == 1:
        return texts[0]
    line = f"[{', '.join(texts)}]"
    if len(indent) + len(line) <= _WIDTH:
        return line
    margin = f"\n{indent}    "
    return f"[{margin}{f',{margin}'.join(texts)}\n{indent}  ]"
