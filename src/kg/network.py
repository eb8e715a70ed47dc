"""The graph of entities for NetworkX and the programs that read its files."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from kg import nt
from kg.escape import for_csv, legal_xml
from kg.namespaces import expand
from kg.nt import Triple
from kg.ontology import kebab, local_name
from kg.rdf import ABSENT
from kg.terms import KG

if TYPE_CHECKING:
    import networkx

Described = Mapping[str, Sequence[str]]
"""One subject: predicate IRI to object terms."""

_TYPE, _LABEL = expand("rdf:type"), expand("rdfs:label")
_SUBJECT, _PREDICATE, _OBJECT = expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object")
_EARLIEST, _LATEST = expand("sem:hasEarliestBeginTimeStamp"), expand("sem:hasLatestEndTimeStamp")
_WITHDRAWN = expand("prov:invalidatedAtTime")
_NOT_ENTITIES = {
    KG.Assertion,
    KG.Report,
    KG.Source,
    *map(expand, ("sem:Event", "oa:SpecificResource", "oa:TextPositionSelector")),
}
_EDGE_ATTRIBUTES = {
    "date": KG.date,
    "earliest": _EARLIEST,
    "latest": _LATEST,
    "polarity": KG.polarity,
    "certainty": KG.certainty,
    "method": KG.method,
    "report": expand("prov:wasDerivedFrom"),
    "source": KG.toldBy,
}
JOIN = " | "
"""Stands between several values of one attribute: graph files hold no lists."""


def to_networkx(
    triples: Iterable[Triple], *, denied: bool = False, withdrawn: bool = False
) -> networkx.MultiDiGraph[str]:
    """Give the multigraph of entities that the assertions among `triples` make.

    A node is the IRI of an entity, with `label`, `type` and `unnamed`. An edge is one assertion
    between two entities; its key is the assertion's IRI, its attributes are flat texts:
    `predicate`, `label`, `date`, `earliest`, `latest`, `polarity`, `certainty`, `method`,
    `report`, `source` (the outermost link), `origin` (the innermost known speaker) and the
    qualifiers. What is not known is left out: no attribute is None. What is said with a literal
    is an attribute of the node, named for the predicate (``-alleged`` behind it where it is only
    alleged), several values joined by `JOIN`; the IRIs of the assertions behind it stand beside
    it, with ``-assertions`` behind the name.

    Denied and withdrawn assertions are left out unless asked for. The result is the same for
    any order of `triples`.
    """
    import networkx

    return _Builder(_grouped(triples), denied=denied, withdrawn=withdrawn).graph(networkx.MultiDiGraph())


def _grouped(triples: Iterable[Triple]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, object_ in triples:
        if subject.startswith("<"):
            found[subject[1:-1]][predicate[1:-1]].append(object_)
    return found


class _Builder:
    def __init__(self, described: Mapping[str, Described], *, denied: bool, withdrawn: bool) -> None:
        self._all = described
        self._denied = denied
        self._withdrawn = withdrawn

    def graph(self, graph: networkx.MultiDiGraph[str]) -> networkx.MultiDiGraph[str]:
        assertions = sorted(iri for iri, found in self._all.items() if self._counts(found))
        literals: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        edges = []
        for iri in assertions:
            found = self._all[iri]
            subject, object_ = self._one(found, _SUBJECT), found[_OBJECT][0]
            if object_.startswith('"'):
                literals[subject][self._attribute(found)].append((nt.parse_term(object_).value, iri))
            elif object_ not in ABSENT:
                edges.append((subject, object_[1:-1], iri, self._edge(found)))
        for iri in sorted(self._entities()):
            graph.add_node(iri, **self._node(self._all[iri]), **self._said(literals.get(iri, {})))
        for subject, target, iri, attributes in edges:
            graph.add_edge(subject, target, key=iri, **attributes)
        return graph

    def _entities(self) -> Iterator[str]:
        for iri, found in self._all.items():
            types = {term[1:-1] for term in found.get(_TYPE, ())}
            if types and not types & _NOT_ENTITIES:
                yield iri

    def _counts(self, found: Described) -> bool:
        if (
            f"<{KG.Assertion}>" not in found.get(_TYPE, ())
            or not {_SUBJECT, _PREDICATE, _OBJECT} <= found.keys()
        ):
            return False
        if _WITHDRAWN in found and not self._withdrawn:
            return False
        return self._denied or self._one(found, KG.polarity) != "denied"

    def _node(self, found: Described) -> dict[str, str | bool]:
        return {
            "label": self._one(found, _LABEL),
            "type": kebab(local_name(self._one(found, _TYPE))),
            "unnamed": self._one(found, KG.unnamed) == "true",
        }

    def _attribute(self, found: Described) -> str:
        name = self._predicate(found)
        if self._one(found, KG.polarity) == "denied":
            name += "-denied"
        return f"{name}-alleged" if self._one(found, KG.certainty) == "alleged" else name

    def _said(self, literals: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, str]:
        said: dict[str, str] = {}
        for name in sorted(literals):
            said[name] = JOIN.join(dict.fromkeys(value for value, _ in sorted(literals[name])))
            said[f"{name}-assertions"] = JOIN.join(iri for _, iri in sorted(literals[name]))
        return said

    def _edge(self, found: Described) -> dict[str, str]:
        predicate = self._one(found, _PREDICATE)
        attributes = {"predicate": self._predicate(found), "label": self._name(predicate)}
        for name, property_ in _EDGE_ATTRIBUTES.items():
            if property_ in found:
                attributes[name] = self._one(found, property_)
        if origin := self._origin(self._one(found, KG.toldBy)):
            attributes["origin"] = origin
        for property_, values in sorted(found.items()):
            if property_.startswith(KG_QUALIFIERS) and property_ not in _ENCODED:
                attributes[kebab(local_name(property_))] = JOIN.join(sorted(map(_text, values)))
        return attributes

    def _predicate(self, found: Described) -> str:
        return kebab(local_name(self._one(found, _PREDICATE)))

    def _name(self, iri: str) -> str:
        described = self._all.get(iri, {})
        return self._one(described, _LABEL) or kebab(local_name(iri)).replace("-", " ")

    def _origin(self, link: str) -> str:
        """Give the speaker of the innermost link, or nothing if that link does not say who speaks."""
        seen: set[str] = set()
        while (inward := self._one(self._all.get(link, {}), KG.learnedFrom)) and link not in seen:
            seen.add(link)
            link = inward
        return self._one(self._all.get(link, {}), KG.speaker)

    @staticmethod
    def _one(found: Described, property_: str) -> str:
        values = found.get(property_)
        return _text(min(values)) if values else ""


KG_QUALIFIERS = KG.date.removesuffix("date")
_ENCODED = {
    KG.polarity, KG.certainty, KG.method, KG.toldBy, KG.evidence, KG.episode, KG.date,
    KG.minMonths, KG.maxMonths,
}  # fmt: skip


def _text(term: str) -> str:
    return term[1:-1] if term.startswith("<") else nt.parse_term(term).value


# ---------------------------------------------------------------- files


def for_files(graph: networkx.MultiDiGraph[str]) -> networkx.MultiDiGraph[str]:
    """Give a copy that every graph format can hold.

    Characters that XML forbids are replaced, and the edge attribute `source` is called
    `told-by`, because graph files call the two ends of an edge source and target.
    """
    import networkx

    flat: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        flat.add_node(node, **{name: _safe(value) for name, value in attributes.items()})
    for start, end, key, attributes in graph.edges(keys=True, data=True):
        renamed = {
            ("told-by" if name == "source" else name): _safe(value) for name, value in attributes.items()
        }
        flat.add_edge(start, end, key=key, **renamed)
    return flat


def _safe(value: object) -> object:
    return legal_xml(value) if isinstance(value, str) else value


def graphml(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give GraphML, for yEd, Gephi, Cytoscape and igraph."""
    import networkx

    written = io.BytesIO()
    # The writer on the standard library's XML: write_graphml takes lxml where it is installed.
    networkx.write_graphml_xml(for_files(graph), written, encoding="utf-8", prettyprint=True)
    return written.getvalue().rstrip() + b"\n"


def gexf(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give GEXF 1.2, for Gephi, without the date of writing that NetworkX puts in."""
    import networkx

    written = io.BytesIO()
    networkx.write_gexf(for_files(graph), written, encoding="utf-8", prettyprint=True)
    root = ElementTree.fromstring(written.getvalue())  # noqa: S314  (our own text)
    namespace = root.tag[1:].partition("}")[0]
    ElementTree.register_namespace("", namespace)
    for meta in root.iter(f"{{{namespace}}}meta"):
        meta.attrib.pop("lastmodifieddate", None)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.rstrip() + b"\n"


def node_link(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give the JSON that `networkx.node_link_graph(…, edges="edges")` reads."""
    import networkx

    data = networkx.node_link_data(for_files(graph), edges="edges")
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def nodes_csv(graph: networkx.MultiDiGraph[str]) -> bytes:
    """Give one row per entity; cells are safe to open in a spreadsheet."""
    rows = [{"Id": node, **attributes} for node, attributes in graph.nodes(data=True)]
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
    writer.writerow([*first, *others])
    for row in rows:
        writer.writerow([for_csv(_cell(row.get(name, ""))) for name in (*first, *others)])
    return written.getvalue().encode()


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
