"""The files of an export: which there are, and what each holds."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from kg import network, nt
from kg.jsonld import jsonld
from kg.namespaces import expand
from kg.nt import Quad, Triple
from kg.ontology import Ontology, local_name
from kg.project import Project
from kg.rdf import graph_iri
from kg.turtle import trig, turtle

if TYPE_CHECKING:
    import networkx

MANIFEST = "manifest.json"
_TYPE_ORDER = (
    "kg:Report", "kg:Source", "sem:Event", "kg:Country", "kg:Place", "kg:Facility", "kg:Court",
    "kg:Organization", "kg:Group", "kg:Person", "kg:Assertion", "oa:SpecificResource",
    "oa:TextPositionSelector",
)  # fmt: skip
_match_json_name = re.compile(r"[^\W\d_][\w\-]*").fullmatch


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
        # In a dict they stay as they were sorted, and so are sorted again in no time.
        return tuple(sorted(dict.fromkeys(quad[:3] for quad in self.quads if quad[3] != alleged)))

    @cached_property
    def nquads(self) -> bytes:
        """What `kg_nquads` gives."""
        return nt.nquads(self.quads)

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The multigraph of entities, without denied and withdrawn assertions."""
        return network.to_networkx(self.triples)


def kg_turtle(content: Content) -> bytes:
    """Give assertions, their view and the ontology's axioms as readable Turtle."""
    header = f"{content.project.title}: what was said, by whom, where, and how sure."
    return turtle(content.triples, content.project.prefixes, header=header, sort_key=_reading_order(content))


def kg_trig(content: Content) -> bytes:
    """Give everything as readable TriG, each part in its named graph."""
    return trig(content.quads, content.project.prefixes, sort_key=_reading_order(content))


def kg_nquads(content: Content) -> bytes:
    """Give everything as sorted unique N-Quads (canonical: RDFC-1.0 gives the same hash)."""
    return content.nquads


def kg_ntriples(content: Content) -> bytes:
    """Give what `kg_turtle` gives, a line per triple."""
    return nt.nquads((*triple, "") for triple in content.triples)


def kg_jsonld(content: Content) -> bytes:
    """Give everything as JSON-LD with its context inside."""
    properties = content.ontology.property_by_iri()
    names = {local_name(iri): iri for iri in sorted(properties, reverse=True)}
    terms = {name: iri for name, iri in names.items() if _match_json_name(name)}
    return jsonld(content.quads, content.project.prefixes, terms=terms)


def ontology_turtle(content: Content) -> bytes:
    """Give the ontology files, one behind the other."""
    return _one_behind_the_other(content.ontology_files)


def shapes_turtle(content: Content) -> bytes:
    """Give the shapes files, one behind the other."""
    return _one_behind_the_other(content.shapes_files)


def _one_behind_the_other(paths: Sequence[Path]) -> bytes:
    """Join Turtle files, each of which can be read by itself.

    A prefix or base that one file sets changes nothing in a later one, which declares what it
    uses. Only labels of blank nodes would mean the same in all files: where several have such
    labels, these files are written anew, as sorted N-Triples with labels of their own.
    """
    texts = [path.read_bytes().removeprefix(b"\xef\xbb\xbf") for path in paths]
    labelled = [number for number, text in enumerate(texts) if b"_:" in text]
    for number in labelled if len(labelled) > 1 else ():
        head = f"# {paths[number].name}, written anew because its blank nodes have labels\n"
        texts[number] = head.encode() + _relabelled(texts[number], f"file{number}-")
    return b"\n".join(texts)


def _relabelled(text: bytes, prefix: str) -> bytes:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in ox.parse(text, ox.RdfFormat.TURTLE))
    # The names that pyoxigraph makes up differ from run to run; those of RDFC-1.0 do not.
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def written(term: object) -> str:
        return f"_:{prefix}{term.value}" if isinstance(term, ox.BlankNode) else str(term)

    lines = (f"{written(quad.subject)} {quad.predicate} {written(quad.object)} .\n" for quad in dataset)
    return "".join(sorted(lines)).encode()


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
    """Describe the dataset in VoID and DCAT: title, licence, sources, counts, files.

    Counts are those of `kg.ttl`. IRIs of distributions are names: where the files will lie is
    not known here, so there is no download URL, and no date either, since the same data is the
    same description.
    """
    return turtle(_dataset(content, Numbers.of(content.triples)), content.project.prefixes)


@dataclass(frozen=True)
class Numbers:
    """What VoID tells of a dataset's size; terms are N-Triples texts."""

    counts: Mapping[str, int]
    """By the property of VoID, as a prefixed name."""
    classes: Mapping[str, int]
    """How many subjects each class has."""
    predicates: Collection[str]
    reports: Iterable[str]
    is_large: bool = False
    """Whether `kg.nq` is the only form that the data is written in."""

    @classmethod
    def of(cls, triples: Sequence[Triple]) -> Numbers:
        """Count triples that are in memory."""
        typed = [(subject, object_) for subject, predicate, object_ in triples if predicate == _A]
        return cls(
            _counts(triples),
            Counter(class_ for _, class_ in typed),
            {predicate for _, predicate, _ in triples},
            [subject for subject, class_ in typed if class_ == _term("kg:Report")],
        )


def _term(curie: str) -> str:
    return nt.iri(expand(curie))


_A: Final = _term("rdf:type")
REPORT: Final = _term("kg:Report")
SOURCE: Final = _term("kg:Source")
ASSERTION: Final = _term("kg:Assertion")
_PIECE: Final = 1 << 22


def _dataset(content: Content, numbers: Numbers) -> Iterator[Triple]:
    project = content.project
    # With "_", which no key of an entity holds.
    dataset = nt.iri(f"{project.base}dataset_kg")
    for kind in ("void:Dataset", "dcat:Dataset"):
        yield dataset, _A, _term(kind)
    yield dataset, _term("dcterms:title"), nt.literal(project.title)
    if project.description:
        yield dataset, _term("dcterms:description"), nt.literal(project.description)
    yield from _rights(content, dataset)
    yield dataset, _term("void:uriSpace"), nt.literal(project.base)
    for name, count in numbers.counts.items():
        yield dataset, _term(name), nt.integer(count)
    yield from _partitions(content, dataset, numbers.classes)
    for namespace in _vocabularies({*numbers.predicates, *numbers.classes}):
        yield dataset, _term("void:vocabulary"), nt.iri(namespace)
    for report in numbers.reports:
        yield dataset, _term("dcterms:source"), report
    for name, media_type in _MEDIA_TYPES.items():
        if numbers.is_large and name != "kg.nq":
            continue
        distribution = nt.iri(f"{project.base}distribution_{name.replace('.', '-')}")
        yield dataset, _term("dcat:distribution"), distribution
        yield distribution, _A, _term("dcat:Distribution")
        yield distribution, _term("dcterms:title"), nt.literal(name)
        yield distribution, _term("dcat:mediaType"), nt.iri(_MEDIA_TYPE_REGISTRY + media_type)
        yield from _rights(content, distribution)


def _rights(content: Content, subject: str) -> Iterator[Triple]:
    if content.project.license:
        yield subject, _term("dcterms:license"), nt.iri(content.project.license)
    if content.restricted:
        yield subject, _term("dcterms:accessRights"), nt.literal("restricted")


def _counts(triples: Sequence[Triple]) -> dict[str, int]:
    return {
        "void:triples": len(triples),
        "void:distinctSubjects": len({subject for subject, _, _ in triples}),
        "void:properties": len({predicate for _, predicate, _ in triples}),
        "void:distinctObjects": len({object_ for _, _, object_ in triples}),
        "void:classes": len({object_ for _, predicate, object_ in triples if predicate == _A}),
    }


def _partitions(content: Content, dataset: str, members: Mapping[str, int]) -> Iterator[Triple]:
    """Count the subjects of each class (VoID 4.5)."""
    curies = nt.Curies(content.project.prefixes)
    for class_, count in members.items():
        name = curies[class_].replace(":", "-")
        if curies[class_] == class_:
            name = hashlib.sha256(class_.encode()).hexdigest()[:16]
        partition = nt.iri(f"{content.project.base}partition_{name}")
        yield dataset, _term("void:classPartition"), partition
        yield partition, _term("void:class"), class_
        yield partition, _term("void:entities"), nt.integer(count)


def _vocabularies(used: Iterable[str]) -> set[str]:
    """Give the namespaces of the properties and classes in use, without those that define such."""
    namespaces = {term[1:-1].removesuffix(local_name(term[1:-1])) for term in used}
    return namespaces - {expand("rdf:"), expand("rdfs:"), expand("owl:")}


_MEDIA_TYPE_REGISTRY = "https://www.iana.org/assignments/media-types/"
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
    yield MANIFEST, _manifest(content, len(content.quads), digests)


def large_files(
    content: Content, nquads: Path, quads: int, numbers: Numbers
) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Give the files of an export whose data is too much for memory: the N-Quads, which `content` lacks,
    from a file that is there, and what describes them.
    """
    digests: dict[str, dict[str, object]] = {}
    yield "kg.nq", _pieces(nquads, digests)
    described = turtle(_dataset(content, numbers), content.project.prefixes)
    for name, data in (
        ("ontology.ttl", ontology_turtle(content)),
        ("shapes.ttl", shapes_turtle(content)),
        ("void.ttl", described),
    ):
        digests[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        yield name, data
    yield MANIFEST, _manifest(content, quads, digests)


def _pieces(file: Path, digests: dict[str, dict[str, object]]) -> Iterator[bytes]:
    """Give a file piece by piece; its digest is known when all are given."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            yield piece
    digests[file.name] = {"sha256": digest.hexdigest(), "bytes": size}


def _manifest(content: Content, quads: int, digests: Mapping[str, object]) -> bytes:
    manifest = {
        "title": content.project.title,
        "license": content.project.license,
        "access": "restricted" if content.restricted else "public",
        "quads": quads,
        "files": digests,
    }
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _reading_order(content: Content) -> Callable[[str], tuple[int, str]]:
    """Order subjects as a reader meets them: reports, who told, entities, assertions, places in the text.

    What is none of these, such as a term of the ontology, comes last.
    """
    entities = dict.fromkeys((class_.iri for class_ in content.ontology.classes.values()), "kg:Person")
    order = {nt.iri(iri): _TYPE_ORDER.index(like) for iri, like in entities.items()}
    order |= {_term(curie): rank for rank, curie in enumerate(_TYPE_ORDER)}
    ranks: dict[str, int] = {}
    for subject, predicate, object_ in content.triples:
        if predicate == _A:
            ranks[subject] = min(order.get(object_, len(order)), ranks.get(subject, len(order)))
    return lambda subject: (ranks.get(subject, len(order)), subject)
