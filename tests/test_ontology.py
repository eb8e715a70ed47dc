from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, GEO, OWL, PROV, RDF, RDFS, SDO, SKOS

from conftest import ROOT
from kg import _codegen, ontology
from kg.namespaces import KG_NAMESPACE
from kg.ontology import kebab, local_name
from kg.problems import KgError

FILE = ROOT / "ontology" / "kg.ttl"
GRAPH = rdflib.Graph().parse(FILE, format="turtle")
TERMS = sorted(
    {str(s) for s in GRAPH.subjects() if isinstance(s, rdflib.URIRef) and str(s).startswith(KG_NAMESPACE)}
)
INDIVIDUALS = {KG_NAMESPACE + "noneGiven", KG_NAMESPACE + "refused"}
LOADED = ontology.load([FILE])

# What rdflib's closed namespaces do not cover, looked up in the vocabularies themselves.
OUTSIDE = {
    "http://www.w3.org/ns/oa#": {"hasTarget", "SpecificResource"},
    "http://semanticweb.cs.vu.nl/2009/11/sem/": {"Place", "Event"},
    "http://id.loc.gov/datatypes/edtf/": {"EDTF"},
}
CLOSED = {str(namespace): namespace for namespace in (DCTERMS, FOAF, GEO, OWL, PROV, RDF, RDFS, SKOS)}


def test_there_are_fewer_than_sixty_terms() -> None:
    assert 40 < len(TERMS) < 65


@pytest.mark.parametrize("term", TERMS)
def test_each_term_has_a_label_and_a_definition(term: str) -> None:
    node = rdflib.URIRef(term)
    assert len(list(GRAPH.objects(node, RDFS.label))) == 1
    (definition,) = GRAPH.objects(node, SKOS.definition)
    assert str(definition).endswith((".", "…"))


@pytest.mark.parametrize("term", [t for t in TERMS if local_name(t)[0].islower() and t not in INDIVIDUALS])
def test_each_property_has_one_domain_and_one_range(term: str) -> None:
    node = rdflib.URIRef(term)
    assert len(list(GRAPH.objects(node, RDFS.domain))) == 1
    assert len(list(GRAPH.objects(node, RDFS.range))) == 1


def test_no_two_terms_share_a_label() -> None:
    labels = [str(label) for label in GRAPH.objects(None, RDFS.label)]
    assert len(labels) == len(set(labels))


def test_each_link_goes_to_a_term_that_exists() -> None:
    links = {
        str(o)
        for p in (SKOS.closeMatch, SKOS.relatedMatch, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.range)
        for o in GRAPH.objects(None, p)
        if not str(o).startswith((KG_NAMESPACE, "http://www.w3.org/2001/XMLSchema#"))
    }
    assert len(links) > 40
    unknown = []
    for link in sorted(links):
        name = local_name(link)
        namespace = link.removesuffix(name)
        if namespace == "http://www.wikidata.org/entity/":
            known = bool(re.fullmatch(r"[PQ][1-9][0-9]*", name))
        elif namespace == "https://schema.org/":
            known = name in dir(SDO) or name in SDO.__annotations__
        elif namespace in OUTSIDE:
            known = name in OUTSIDE[namespace]
        else:
            known = rdflib.URIRef(link) in CLOSED[namespace]
        if not known:
            unknown.append(link)
    assert unknown == []


def test_it_holds_no_blank_nodes() -> None:
    assert not [n for triple in GRAPH for n in triple if isinstance(n, rdflib.BNode)]


def test_terms_py_is_what_the_ontology_says() -> None:
    assert (ROOT / "src" / "kg" / "terms.py").read_text(encoding="utf-8") == _codegen.render(LOADED)


def test_names_are_kebab_case_of_the_local_name() -> None:
    assert {kebab(local_name(p.iri)) for p in LOADED.predicates.values()} == set(LOADED.predicates)


def test_a_predicate_knows_all_predicates_above_it(tmp_path: Path) -> None:
    more = tmp_path / "more.ttl"
    more.write_text(
        "@prefix kg: <https://w3id.org/reportedly/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
        "kg:honoraryCitizenOf a owl:ObjectProperty ; rdfs:subPropertyOf kg:citizenOf .",
        encoding="utf-8",
    )
    added = ontology.load([FILE, more]).predicates["honorary-citizen-of"]
    assert added.supers == (KG_NAMESPACE + "citizenOf", KG_NAMESPACE + "relatedToCountry")
    assert (added.domain, added.range) == (KG_NAMESPACE + "PersonOrGroup", KG_NAMESPACE + "Country")
    assert added.label == "honorary citizen of"


PREFIXES = (
    "@prefix kg: <https://w3id.org/reportedly/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix x: <https://example.org/> . "
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kg:x a owl:ObjectProperty ; rdfs:domain kg:Person .", "no range"),
        ("kg:x a owl:ObjectProperty ; rdfs:domain kg:Person ; rdfs:range kg:Place, kg:Country .", "several"),
        (
            "x:detainedAt a owl:ObjectProperty ; rdfs:domain kg:Person ; rdfs:range kg:Place .",
            "'detained-at'",
        ),
        ("kg:x rdfs:domain [ a owl:Class ] .", "blank node"),
        ("kg:x rdfs:domain", "not Turtle"),
    ],
)
def test_an_ontology_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    more = tmp_path / "more.ttl"
    more.write_text(PREFIXES + text, encoding="utf-8")
    with pytest.raises(KgError, match=said):
        ontology.load([FILE, more])


def test_an_ontology_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"cannot read the ontology .*gone\.ttl"):
        ontology.load([tmp_path / "gone.ttl"])


SHAPES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix kg: <https://w3id.org/reportedly/ontology#> . "


def test_closed_values_come_from_the_shapes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text(
        SHAPES + '[] sh:path kg:basis ; sh:in ( "family" "hearsay" "document" ) .', encoding="utf-8"
    )
    two.write_text(SHAPES + '[] sh:path kg:basis ; sh:in ( "document" "family" ) .', encoding="utf-8-sig")
    assert ontology.closed_values([one]) == {KG_NAMESPACE + "basis": ("family", "hearsay", "document")}
    assert ontology.closed_values([one, two]) == {KG_NAMESPACE + "basis": ("family", "document")}


def test_a_list_that_loops_ends(tmp_path: Path) -> None:
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    loop = tmp_path / "loop.ttl"
    loop.write_text(
        SHAPES + rdf + '[] sh:path kg:basis ; sh:in _:a . _:a rdf:first "x" ; rdf:rest _:a .',
        encoding="utf-8",
    )
    assert ontology.closed_values([loop]) == {KG_NAMESPACE + "basis": ("x",)}


@pytest.mark.parametrize("text", ["sh:path", None])
def test_shapes_that_cannot_be_read_are_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "shapes.ttl"
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(KgError, match=r"shapes\.ttl"):
        ontology.closed_values([path])
