"""The graph of entities for NetworkX and the programs that read its files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from kg.escape import for_csv, for_xml, legal_xml
from kg.namespaces import KG_NAMESPACE, expand
from kg.nt import Quad, Triple
from kg.ontology import STRUCTURAL, kebab, local_name
from kg.rdf import ABSENT
from kg.terms import KG

if TYPE_CHECKING:
    import networkx

Attributes: TypeAlias = dict[str, str | bool]
Described: TypeAlias = Mapping[str, Sequence[str]]
"""One subject: predicate IRI to object terms, sorted."""

_Pairs: TypeAlias = list[tuple[str, str]]

_TYPE, _LABEL = expand("rdf:type"), expand("rdfs:label")
_SUB_CLASS, _DOMAIN = expand("rdfs:subClassOf"), expand("rdfs:domain")
_SUBJECT, _PREDICATE, _OBJECT = expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object")
_WITHDRAWN = expand("prov:invalidatedAtTime")
_EDGE_ATTRIBUTES = {
    "date": KG.date,
    "earliest": expand("sem:hasEarliestBeginTimeStamp"),
    "latest": expand("sem:hasLatestEndTimeStamp"),
    "polarity": KG.polarity,
    "certainty": KG.certainty,
    "method": KG.method,
    "withdrawn": _WITHDRAWN,
    "report": expand("prov:wasDerivedFrom"),
    "source": KG.toldBy,
}
_IN_FILES = {
    "source": "told-by",
    "name": "reported-name",
    "name-assertions": "reported-name-assertions",
}
_NODE_NAMES = {"id", "label", "type", "unnamed", "reported-name"}
_EDGE_NAMES = {*_EDGE_ATTRIBUTES, "id", "key", "label", "origin", "predicate", "target", "told-by", "type"}
_NOT_QUALIFIERS = STRUCTURAL | {KG.date}
_NOT_SHOWN = {
    f"<{iri}>"
    for iri in (
        KG.evidence, KG.basis, KG.episode,
        *map(expand, (
            "oa:hasSource", "oa:hasSelector", "oa:start", "oa:end", "schema:sha256", "schema:url",
            "schema:archivedAt", "schema:minValue", "schema:maxValue", "skos:altLabel", "skos:note",
        )),
    )
}  # fmt: skip
_NO_ENTITIES = {
    f"<{expand(name)}>" for name in ("oa:SpecificResource", "oa:TextPositionSelector", "oa:FragmentSelector")
}
_ASSERTION = f"<{KG.Assertion}>"
JOIN: Final = " | "
"""Stands between several values of one attribute: graph files hold no lists."""


def to_networkx(
    triples: Iterable[Triple] | Iterable[Quad], *, denied: bool = False, withdrawn: bool = False
) -> networkx.MultiDiGraph[str]:
    """Give the multigraph of entities that the assertions among `triples` make, or among quads of any graphs.

    A node is the IRI of an entity: of what takes part in an assertion, or has a class below
    kg:Entity by the axioms among `triples`. It has `label` (its key if it has none), `type` and
    `unnamed`. An edge is one assertion between two entities; its key is the assertion's IRI, its
    attributes are flat texts: `predicate`, `label`, `date`, `earliest`, `latest`, `polarity`,
    `certainty`, `method`, `report`, `source` (the outermost link), `origin` and the qualifiers.
    The origin is who speaks in the innermost link of the chain; where that link is withheld,
    names no speaker, or the chain comes back to itself, there is none. What is said with a
    literal is an attribute of the node, named for the predicate (``-denied``, ``-alleged`` and
    ``-withdrawn`` behind it where it is that), several values joined by `JOIN`; the IRIs of the
    assertions behind it stand beside it, with ``-assertions`` behind the name. What is not known
    is left out: no attribute is None. A predicate or qualifier that has the name of one of these
    attributes has ``said-`` before it.

    Denied and withdrawn assertions are left out unless asked for; `withdrawn` then says when.
    An assertion whose object is kg:noneGiven or kg:refused makes no edge. The result is the same
    for any order of `triples`.
    """
    import networkx

    return _Builder(_grouped(triples), denied=denied, withdrawn=withdrawn).graph(networkx.MultiDiGraph())


def of_lines(
    pieces: Iterable[bytes], *, but: str = "", denied: bool = False, withdrawn: bool = False
) -> networkx.MultiDiGraph[str]:
    """Give what `to_networkx` gives of the same quads, from canonical N-Quads in pieces of whole lines.

    With `but`, graphs whose names end so are left out. What no graph shows is not even cut out of the
    lines: a third of the time.
    """
    import networkx

    described = _grouped_lines(pieces, but.encode())
    return _Builder(described, denied=denied, withdrawn=withdrawn).graph(networkx.MultiDiGraph())


def _grouped(rows: Iterable[Triple | Quad]) -> dict[str, Described]:
    """Give what is said of each IRI, by IRI, as `kg.decode.described` does, without what no graph shows."""
    found: dict[str, Described] = {}
    names: dict[str, str] = dict.fromkeys(_NOT_SHOWN, "")
    said: dict[str, list[str]] = {}
    last = ""
    # What comes sorted, as an export does, is sorted in no time; a set of it would not be.
    for row in sorted(rows):
        predicate = row[1]
        name = names.get(predicate)
        if name is None:
            name = names[predicate] = predicate[1:-1]
        if not name or (name == _TYPE and row[2] in _NO_ENTITIES):
            continue
        if row[0] != last:
            last, said = row[0], {}
            if last.startswith("<"):
                found[last[1:-1]] = said
        if name not in said:
            said[name] = [row[2]]
        elif said[name][-1] != row[2]:
            said[name].append(row[2])
    return found


_TERM_PATTERN: Final = r'<[^>]*+>|"(?:[^"\\]++|\\.)*+"[^ ]*+'
_OF_ASSERTIONS: Final = tuple(sorted((_TYPE, _SUBJECT, _PREDICATE, _OBJECT, *_EDGE_ATTRIBUTES.values())))
"""What most assertions have, each once, in the order of an export."""
_rows_of: Final = re.compile(rf"(<[^>]*+>) ({_TERM_PATTERN}) <([^>]*+>) \.\n(?:<[^>]*+> )?+".encode()).findall


@cache
def _blocks(but: bytes) -> Callable[[bytes], list[tuple[bytes, ...]]]:
    """Give what cuts up lines; what no graph shows is passed over.

    An assertion with no other properties than `_OF_ASSERTIONS`, in a graph whose name does not end in `but`, is
    its subject and these objects. The neighbouring lines of anything else are the last two: a subject, and what
    stands behind it. One more than there are, all empty, comes at the end.
    """

    def line(predicate: str, object_: str, graph: str) -> str:
        return rf"<{re.escape(predicate)}> {object_} {graph} \.\n(?:\1 )?+"

    properties, classes = ("|".join(map(re.escape, sorted(names))) for names in (_NOT_SHOWN, _NO_ENTITIES))
    not_shown = f"{properties}|<{_TYPE}> (?:{classes})"
    passed_over = rf"(?:<[^>]*+> (?:{not_shown}) [^\n]*+\n)*+"
    graph = rf"<[^>]*+{f'(?<!{re.escape(but.decode()[:-1])})' if but else ''}>"
    rows = {name: f"(?:{line(name, f'({_TERM_PATTERN})', graph)})?+" for name in _OF_ASSERTIONS}
    rows[_TYPE] = line(_TYPE, f"({_ASSERTION})", graph)
    # Of the rest, what is common and no graph shows.
    for name in (KG.evidence, KG.episode, KG.minMonths, KG.maxMonths):
        rows[name] = f"(?:{line(name, f'(?:{_TERM_PATTERN})', graph)})*+"
    assertion = f"(<[^>]*+>) {''.join(rows[name] for name in sorted(rows))}(?<=\\n)"
    other = rf"(<[^>]*+>) ([^\n]*+\n(?:\{len(_OF_ASSERTIONS) + 2} [^\n]*+\n)*+)"
    # It fits anywhere: where a search fails behind many lines, it begins anew with each of them.
    return re.compile(rf"{passed_over}(?:{assertion}|{other}|\Z)".encode()).findall


class _Decoded(dict[bytes, str]):
    """The text of what stands in a file, worked out on first use."""

    def __missing__(self, data: bytes) -> str:
        self[data] = data.decode()
        return self[data]


def _grouped_lines(pieces: Iterable[bytes], but: bytes) -> dict[str, Described]:
    """Give what `_grouped` gives, of lines in any order."""
    found: dict[str, dict[str, list[str]]] = {}
    several: list[list[str]] = []
    texts = _Decoded()
    blocks = _blocks(but)
    for piece in pieces:
        for assertion, *objects, subject, block in blocks(piece):
            rows: Iterable[tuple[str, str]]
            if assertion:
                said = found.setdefault(assertion[1:-1].decode(), {})
                if not said:
                    for name, term in zip(_OF_ASSERTIONS, objects, strict=True):
                        if term:
                            said[name] = [texts[term]]
                    continue
                rows = ((name, texts[o]) for name, o in zip(_OF_ASSERTIONS, objects, strict=True) if o)
            elif subject:
                said = found.setdefault(subject[1:-1].decode(), {})
                rows = _shown(block, but, texts)
            else:
                continue
            for name, object_ in rows:
                if name not in said:
                    said[name] = [object_]
                    continue
                if len(said[name]) == 1:
                    several.append(said[name])
                said[name].append(object_)
    for terms in several:
        terms[:] = sorted(set(terms))
    return {**found}


def _shown(block: bytes, but: bytes, texts: Mapping[bytes, str]) -> Iterator[tuple[str, str]]:
    for predicate, term, graph in _rows_of(block):
        name, object_ = texts[predicate], texts[term]
        if (
            name not in _NOT_SHOWN
            and not (name == f"<{_TYPE}>" and object_ in _NO_ENTITIES)
            and not (but and graph.endswith(but))
        ):
            yield name[1:-1], object_


class _Builder:
    def __init__(self, described: Mapping[str, Described], *, denied: bool, withdrawn: bool) -> None:
        self._all = described
        self._denied = denied
        self._withdrawn = withdrawn
        self._texts = _Texts()
        self._classes = self._below_entity()
        self._kinds: dict[tuple[str, ...], str] = {}
        self._own = {iri for iri, found in described.items() if _ASSERTION in found.get(_DOMAIN, ())}
        self._qualifiers: dict[str, str] = {}
        self._of_properties: dict[tuple[str, ...], tuple[_Pairs, _Pairs]] = {}
        self._predicates: dict[str, tuple[str, str]] = {}
        self._origins: dict[str, str] = {}

    def graph(self, graph: networkx.MultiDiGraph[str]) -> networkx.MultiDiGraph[str]:
        nodes = {iri for iri, found in self._all.items() if self._types(found)}
        edges: list[tuple[str, str, str, Attributes]] = []
        said: dict[str, dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
        for iri, found in self._assertions():
            subject, object_ = self._one(found, _SUBJECT), found[_OBJECT][0]
            nodes.add(subject)
            if object_.startswith('"'):
                said[subject][self._name_of_value(found)].add((_text(object_), iri))
            elif object_.startswith("<") and object_ not in ABSENT:
                nodes.add(object_[1:-1])
                edges.append((subject, object_[1:-1], iri, self._edge(found)))
        for iri in sorted(nodes):
            _add_node(graph, iri, {**self._node(iri), **_joined(said.get(iri, {}))})
        for edge in sorted(edges, key=lambda edge: edge[:3]):
            _add_edge(graph, *edge)
        return graph

    def _assertions(self) -> Iterator[tuple[str, Described]]:
        for iri, found in self._all.items():
            if (
                _ASSERTION in found.get(_TYPE, ())
                and _SUBJECT in found
                and _PREDICATE in found
                and _OBJECT in found
                and found[_SUBJECT][0].startswith("<")
                and (self._withdrawn or _WITHDRAWN not in found)
                and (self._denied or not self._is_denied(found))
            ):
                yield iri, found

    def _below_entity(self) -> set[str]:
        below: dict[str, list[str]] = defaultdict(list)
        for iri, found in self._all.items():
            for higher in found.get(_SUB_CLASS, ()):
                below[higher[1:-1]].append(iri)
        classes, waiting = {KG.Entity}, [KG.Entity]
        while waiting:
            lower = set(below[waiting.pop()]) - classes
            classes |= lower
            waiting += lower
        return classes

    def _types(self, found: Described) -> str:
        """Give the classes of an entity as files write them, joined; of anything else, none."""
        terms = tuple(found.get(_TYPE, ()))
        if terms not in self._kinds:
            types = {term[1:-1] for term in terms} & self._classes
            self._kinds[terms] = JOIN.join(sorted(kebab(local_name(type_)) for type_ in types))
        return self._kinds[terms]

    def _node(self, iri: str) -> Attributes:
        found = self._all.get(iri, {})
        attributes: Attributes = {"label": self._one(found, _LABEL) or local_name(iri)}
        if types := self._types(found):
            attributes["type"] = types
        attributes["unnamed"] = self._one(found, KG.unnamed) == "true"
        return attributes

    def _name_of_value(self, found: Described) -> str:
        name = _free(kebab(local_name(self._one(found, _PREDICATE))), _NODE_NAMES)
        marks = {
            "-denied": self._is_denied(found),
            "-alleged": self._one(found, KG.certainty) == "alleged",
            "-withdrawn": _WITHDRAWN in found,
        }
        return name + "".join(mark for mark, is_so in marks.items() if is_so)

    def _edge(self, found: Described) -> Attributes:
        texts = self._texts
        name, label = self._predicate(texts[found[_PREDICATE][0]])
        attributes: Attributes = {"predicate": name, "label": label}
        said, qualifiers = self._attributes(tuple(found))
        for attribute, property_ in said:
            attributes[attribute] = texts[found[property_][0]]
        if origin := self._origin(self._one(found, KG.toldBy)):
            attributes["origin"] = origin
        for attribute, property_ in qualifiers:
            attributes[attribute] = JOIN.join(sorted(map(_text, found[property_])))
        return attributes

    def _attributes(self, found: tuple[str, ...]) -> tuple[_Pairs, _Pairs]:
        """Give names of attributes with the property that each comes from; those of qualifiers by themselves.

        Most assertions have the same few properties, and these are all it goes by.
        """
        if found not in self._of_properties:
            self._of_properties[found] = (
                [(name, property_) for name, property_ in _EDGE_ATTRIBUTES.items() if property_ in found],
                [(name, property_) for property_ in sorted(found) if (name := self._qualifier(property_))],
            )
        return self._of_properties[found]

    def _predicate(self, iri: str) -> tuple[str, str]:
        """Give the name of a predicate as files write it, and its label."""
        if iri not in self._predicates:
            name = kebab(local_name(iri))
            label = self._one(self._all.get(iri, {}), _LABEL) or name.replace("-", " ")
            self._predicates[iri] = name, label
        return self._predicates[iri]

    def _qualifier(self, property_: str) -> str:
        """Give the name of the attribute for a qualifier; nothing for any other property."""
        if property_ not in self._qualifiers:
            ours = property_.startswith(KG_NAMESPACE) or property_ in self._own
            is_one = ours and property_ not in _NOT_QUALIFIERS
            self._qualifiers[property_] = _free(kebab(local_name(property_)), _EDGE_NAMES) if is_one else ""
        return self._qualifiers[property_]

    def _is_denied(self, found: Described) -> bool:
        return self._one(found, KG.polarity) == "denied"

    def _origin(self, outermost: str) -> str:
        """Give who speaks in the innermost link, or nothing if nobody does."""
        if outermost not in self._origins:
            chain, link = {outermost}, outermost
            while inward := self._one(self._all.get(link, {}), KG.learnedFrom):
                if inward in chain:
                    link = ""
                    break
                chain.add(inward)
                link = inward
            self._origins[outermost] = self._one(self._all.get(link, {}), KG.speaker)
        return self._origins[outermost]

    def _one(self, found: Described, property_: str) -> str:
        values = found.get(property_)
        return self._texts[values[0]] if values else ""


class _Texts(dict[str, str]):
    """The text of each term, worked out on first use."""

    def __missing__(self, term: str) -> str:
        self[term] = _text(term)
        return self[term]


# Attributes are not handed on as keywords, since one may be called as a parameter is.


def _add_node(graph: networkx.MultiDiGraph[str], node: str, attributes: Mapping[str, object]) -> None:
    graph.add_node(node)
    graph.nodes[node].update(attributes)


def _add_edge(
    graph: networkx.MultiDiGraph[str], start: str, end: str, key: str, attributes: Mapping[str, object]
) -> None:
    graph.add_edge(start, end, key)
    graph.get_edge_data(start, end, key).update(attributes)


def _joined(said: Mapping[str, Iterable[tuple[str, str]]]) -> Attributes:
    attributes: Attributes = {}
    for name in sorted(said):
        pairs = sorted(said[name])
        attributes[name] = JOIN.join(dict.fromkeys(value for value, _ in pairs))
        attributes[f"{name}-assertions"] = JOIN.join(iri for _, iri in pairs)
    return attributes


def _free(name: str, taken: Iterable[str]) -> str:
    return f"said-{name}" if name in taken else name


def _text(term: str) -> str:
    """Give an IRI, or the lexical form of a literal, whatever its datatype is."""
    if not term.startswith('"'):
        return term[1:-1]
    string = term[: term.rindex('"') + 1]
    # A string in canonical N-Triples is a string in JSON: the escapes are the same.
    return str(json.loads(string, strict=False)) if "\\" in string else string[1:-1]


# ---------------------------------------------------------------- files


def for_files(graph: networkx.MultiDiGraph[str]) -> networkx.MultiDiGraph[str]:
    """Give a copy that every graph format can hold.

    Characters that XML forbids are replaced by U+FFFD. The edge attribute `source` is called
    `told-by`, because graph files call the two ends of an edge source and target, and the node
    attribute `name` is called `reported-name`, because igraph and Cytoscape tell nodes apart by
    their name.
    """
    import networkx

    flat: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        _add_node(flat, node, _safe(attributes))
    for start, end, key, attributes in graph.edges(keys=True, data=True):
        _add_edge(flat, start, end, key, _safe(attributes))
    return flat


def _safe(attributes: Mapping[str, object]) -> dict[str, object]:
    return {
        _IN_FILES.get(name, name): legal_xml(value) if isinstance(value, str) else value
        for name, value in attributes.items()
    }


# Both XML formats are written here rather than by NetworkX, whose files carry its version and the
# day, number the attributes anew when one is added, and write truth values as XML Schema does not.


def graphml(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give GraphML 1.0, for yEd, Gephi, Cytoscape and igraph; the id of an edge is its assertion."""
    nodes, edges = _tables(graph)
    lines = [_XML, '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for kind, rows in (("node", nodes), ("edge", edges)):
        for name, type_ in _columns(rows):
            key = f'id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="{type_}"'
            lines.append(f"  <key {key}/>")
    lines.append('  <graph id="entities" edgedefault="directed">')
    for kind, rows in (("node", nodes), ("edge", edges)):
        for ends, attributes in rows:
            lines.append(f"    <{kind}{ends}>")
            lines += (f'      <data key="{kind}-{name}">{value}</data>' for name, value in attributes.items())
            lines.append(f"    </{kind}>")
    return _document(*lines, "  </graph>", "</graphml>")


def gexf(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give GEXF 1.3, for Gephi, without a date of writing; parallel edges differ in their kind."""
    nodes, edges = _tables(graph)
    lines = [_XML, '<gexf xmlns="http://gexf.net/1.3" version="1.3">']
    lines.append('  <graph mode="static" defaultedgetype="directed" idtype="string">')
    for kind, rows in (("node", nodes), ("edge", edges)):
        lines.append(f'    <attributes class="{kind}" mode="static">')
        lines += (
            f'      <attribute id="{kind}-{name}" title="{name}" type="{type_}"/>'
            for name, type_ in _columns(rows)
            if name != "label"
        )
        lines.append("    </attributes>")
    for kind, rows in (("node", nodes), ("edge", edges)):
        lines.append(f"    <{kind}s>")
        for ends, attributes in rows:
            relation = f' kind="{attributes["predicate"]}"' if "predicate" in attributes else ""
            lines.append(f'      <{kind}{ends} label="{attributes.get("label", "")}"{relation}>')
            lines.append("        <attvalues>")
            lines += (
                f'          <attvalue for="{kind}-{name}" value="{value}"/>'
                for name, value in attributes.items()
                if name != "label"
            )
            lines += ("        </attvalues>", f"      </{kind}>")
        lines.append(f"    </{kind}s>")
    return _document(*lines, "  </graph>", "</gexf>")


_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_Rows: TypeAlias = list[tuple[str, dict[str, str]]]
"""What identifies a node or an edge, as XML attributes, and what is known of it, names and values escaped."""


def _tables(graph: networkx.MultiDiGraph[str]) -> tuple[_Rows, _Rows]:
    flat = for_files(graph)
    nodes = [(_xml(id=node), _escaped(attributes)) for node, attributes in flat.nodes(data=True)]
    edges = [
        (_xml(id=key, source=start, target=end), _escaped(attributes))
        for start, end, key, attributes in flat.edges(keys=True, data=True)
    ]
    return nodes, edges


def _xml(**attributes: str) -> str:
    return "".join(f' {name}="{for_xml(value)}"' for name, value in attributes.items())


def _escaped(attributes: Mapping[str, object]) -> dict[str, str]:
    return {for_xml(name): for_xml(_cell(value)) for name, value in attributes.items()}


def _columns(rows: _Rows) -> Iterator[tuple[str, str]]:
    """Give the name of each attribute, sorted, with its type: the same name has always the same."""
    for name in sorted({name for _, attributes in rows for name in attributes}):
        yield name, "boolean" if name == "unnamed" else "string"


def _document(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def node_link(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give the JSON that `networkx.node_link_graph(…, edges="edges")` reads."""
    import networkx

    data = networkx.node_link_data(for_files(graph), edges="edges")
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def nodes_csv(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give one row per entity; cells are safe to open in a spreadsheet."""
    rows = [{"Id": node, **attributes} for node, attributes in for_files(graph).nodes(data=True)]
    return _csv(rows, ("Id", "label", "type", "unnamed"))


def edges_csv(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give one row per assertion between entities; cells are safe to open in a spreadsheet."""
    rows = [
        {"Id": key, "Source": start, "Target": end, **attributes}
        for start, end, key, attributes in for_files(graph).edges(keys=True, data=True)
    ]
    return _csv(rows, ("Id", "Source", "Target", "predicate", "label", "date", "earliest", "latest"))


def _csv(rows: Sequence[Mapping[str, object]], first: Sequence[str]) -> bytes:
    others = sorted({name for row in rows for name in row} - set(first))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")  # RFC 4180
    writer.writerow(map(for_csv, (*first, *others)))
    for row in rows:
        writer.writerow([for_csv(_cell(row.get(name, ""))) for name in (*first, *others)])
    return written.getvalue().encode()


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
