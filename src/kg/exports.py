"""The files of an export: which there are, and what each holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg import network, nt
from kg.jsonld import jsonld
from kg.namespaces import XSD_INTEGER, expand
from kg.nt import Quad, Triple
from kg.ontology import Ontology
from kg.project import Project
from kg.rdf import graph_iri
from kg.turtle import trig, turtle

if TYPE_CHECKING:
    import networkx

MANIFEST = "manifest.json"
_TYPE_ORDER = (
    "kg:Report", "kg:Source", "sem:Event", "kg:Country", "kg:Place", "kg:Facility", "kg:Court",
    "kg:Organization", "kg:Group", "kg:Person", "kg:Assertion", "oa:SpecificResource", "oa:TextPositionSelector",
)  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What a build has to export: sorted unique quads, and the files that define their vocabulary."""

    quads: tuple[Quad, ...]
    project: Project
    ontology: Ontology
    ontology_files: tuple[Path, ...]
    shapes_files: tuple[Path, ...]
    restricted: bool = False

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """All triples but those of the alleged graph, each once, sorted."""
        alleged = nt.iri(graph_iri("alleged", self.project.base))
        return tuple(sorted({quad[:3] for quad in self.quads if quad[3] != alleged}))

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The multigraph of entities, without denied and withdrawn assertions."""
        return network.to_networkx(self.triples)


def kg_turtle(content: Content) -> bytes:
    """Give assertions, their view and the ontology's axioms as readable Turtle."""
    header = f"{content.project.title}: what was said, by whom, where, and how sure."
    return turtle(
        content.triples, content.project.prefixes, header=header, sort_key=_reading_order(content.triples)
    )


def kg_trig(content: Content) -> bytes:
    """Give everything as readable TriG, each part in its named graph."""
    return trig(content.quads, content.project.prefixes, sort_key=_reading_order(content.triples))


def kg_nquads(content: Content) -> bytes:
    """Give everything as sorted unique N-Quads (canonical: RDFC-1.0 gives the same hash)."""
    return nt.nquads(content.quads)


def kg_ntriples(content: Content) -> bytes:
    """Give what `kg_turtle` gives, a line per triple."""
    return nt.nquads((*triple, "") for triple in content.triples)


def kg_jsonld(content: Content) -> bytes:
    """Give everything as JSON-LD with its context inside."""
    properties = content.ontology.property_by_iri()
    names = {iri.rpartition("#")[2]: iri for iri in sorted(properties)}
    return jsonld(content.quads, content.project.prefixes, terms=names)


def ontology_turtle(content: Content) -> bytes:
    """Give the ontology files, one behind the other."""
    return b"\n".join(path.read_bytes() for path in content.ontology_files)


def shapes_turtle(content: Content) -> bytes:
    """Give the shapes files, one behind the other."""
    return b"\n".join(path.read_bytes() for path in content.shapes_files)


def graphml(content: Content) -> bytes:
    """Give the graph of entities as GraphML."""
    return network.graphml(content.graph)


def gexf(content: Content) -> bytes:
    """Give the graph of entities as GEXF."""
    return network.gexf(content.graph)


def node_link(content: Content) -> bytes:
    """Give the graph of entities as node-link JSON."""
    return network.node_link(content.graph)


def nodes_csv(content: Content) -> bytes:
    """Give the entities as CSV, a row each."""
    return network.nodes_csv(content.graph)


def edges_csv(content: Content) -> bytes:
    """Give the assertions between entities as CSV, a row each."""
    return network.edges_csv(content.graph)


def void_turtle(content: Content) -> bytes:
    """Describe the dataset in VoID and DCAT: title, licence, counts, files."""
    return turtle(_dataset(content), content.project.prefixes)


def _dataset(content: Content) -> Iterator[Triple]:
    project = content.project
    dataset = nt.iri(f"{project.base}dataset")
    term = {name: nt.iri(expand(name)) for name in _VOID_TERMS}
    for kind in ("void:Dataset", "dcat:Dataset"):
        yield dataset, term["rdf:type"], term[kind]
    yield dataset, term["dcterms:title"], nt.literal(project.title, language="en")
    if project.description:
        yield dataset, term["dcterms:description"], nt.literal(project.description, language="en")
    if project.license:
        yield dataset, term["dcterms:license"], nt.iri(project.license)
    if content.restricted:
        yield dataset, term["dcterms:accessRights"], nt.literal("restricted")
    yield dataset, term["void:uriSpace"], nt.literal(project.base)
    subjects = {subject for subject, _, _ in content.triples}
    counts = {
        "void:triples": len(content.triples),
        "void:distinctSubjects": len(subjects),
        "void:properties": len({predicate for _, predicate, _ in content.triples}),
    }
    for name, count in counts.items():
        yield dataset, term[name], nt.literal(str(count), XSD_INTEGER)
    yield from _partitions(content, dataset, term)
    for name in sorted(VOCABULARIES):
        yield dataset, term["void:vocabulary"], nt.iri(expand(f"{name}:"))
    for name, media_type in _MEDIA_TYPES.items():
        distribution = nt.iri(f"{project.base}distribution_{name.replace('.', '-')}")
        yield dataset, term["dcat:distribution"], distribution
        yield distribution, term["rdf:type"], term["dcat:Distribution"]
        yield distribution, term["dcterms:title"], nt.literal(name)
        yield (
            distribution,
            term["dcat:mediaType"],
            nt.iri(f"https://www.iana.org/assignments/media-types/{media_type}"),
        )


def _partitions(content: Content, dataset: str, term: Mapping[str, str]) -> Iterator[Triple]:
    """Count the subjects of each class (VoID 4.5)."""
    members: dict[str, int] = {}
    for _, predicate, object_ in content.triples:
        if predicate == term["rdf:type"]:
            members[object_] = members.get(object_, 0) + 1
    for class_, count in sorted(members.items()):
        name = class_[1:-1].replace("/", "#").rpartition("#")[2]
        partition = nt.iri(f"{content.project.base}partition_{name}")
        yield dataset, term["void:classPartition"], partition
        yield partition, term["void:class"], class_
        yield partition, term["void:entities"], nt.literal(str(count), XSD_INTEGER)


VOCABULARIES = ("dcterms", "kg", "oa", "prov", "schema", "sem", "skos")
_VOID_TERMS = [
    "rdf:type",
    "void:Dataset",
    "dcat:Dataset",
    "dcat:Distribution",
    "dcat:distribution",
    "dcat:mediaType",
    "dcterms:title",
    "dcterms:description",
    "dcterms:license",
    "dcterms:accessRights",
    "void:uriSpace",
    "void:triples",
    "void:distinctSubjects",
    "void:properties",
    "void:vocabulary",
    "void:classPartition",
    "void:class",
    "void:entities",
]
_MEDIA_TYPES = {
    "kg.ttl": "text/turtle",
    "kg.nq": "application/n-quads",
    "kg.jsonld": "application/ld+json",
}

FILES: Mapping[str, Callable[[Content], bytes]] = {
    "kg.ttl": kg_turtle,
    "kg.nq": kg_nquads,
    "kg.jsonld": kg_jsonld,
    "ontology.ttl": ontology_turtle,
    "shapes.ttl": shapes_turtle,
    "void.ttl": void_turtle,
    "kg.graphml": graphml,
    "kg.gexf": gexf,
    "kg.json": node_link,
    "nodes.csv": nodes_csv,
    "edges.csv": edges_csv,
}
"""The files that every build writes; the manifest comes after them."""

FORMATS: Mapping[str, Callable[[Content], bytes]] = {
    "ttl": kg_turtle,
    "trig": kg_trig,
    "nq": kg_nquads,
    "nt": kg_ntriples,
    "jsonld": kg_jsonld,
    "graphml": graphml,
    "gexf": gexf,
    "json": node_link,
    "nodes.csv": nodes_csv,
    "edges.csv": edges_csv,
    "void.ttl": void_turtle,
    "ontology.ttl": ontology_turtle,
    "shapes.ttl": shapes_turtle,
}
"""What one file can be written as; a name that ends in one of these needs no option."""


def files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of each file of an export, the manifest with their SHA-256 last."""
    digests = {}
    for name, write in FILES.items():
        data = write(content)
        digests[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        yield name, data
    manifest = {
        "title": content.project.title,
        "license": content.project.license,
        "access": "restricted" if content.restricted else "public",
        "quads": len(content.quads),
        "files": digests,
    }
    yield MANIFEST, (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _reading_order(triples: tuple[Triple, ...]) -> Callable[[str], tuple[int, str]]:
    """Order subjects as a reader meets them: reports, who told, entities, assertions, places in the text."""
    type_ = nt.iri(expand("rdf:type"))
    order = {nt.iri(expand(name)): rank for rank, name in enumerate(_TYPE_ORDER)}
    ranks = {
        subject: order.get(object_, len(order) - 4)
        for subject, predicate, object_ in triples
        if predicate == type_
    }
    return lambda subject: (ranks.get(subject, len(order)), subject)
