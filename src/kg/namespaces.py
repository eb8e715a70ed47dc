"""The namespaces of the project, and the terms of other vocabularies that code names."""

from __future__ import annotations

from typing import Final

KG_NAMESPACE: Final = "https://w3id.org/reportedly/ontology#"
SHAPES_NAMESPACE: Final = "https://w3id.org/reportedly/shapes#"
DEFAULT_BASE: Final = "https://w3id.org/reportedly/id/"

PREFIXES: Final[dict[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "kg": KG_NAMESPACE,
    "kgs": SHAPES_NAMESPACE,
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that every file declares as needed and every query knows; `id:` is the project's own."""


def expand(curie: str) -> str:
    """Give the IRI of a CURIE with one of `PREFIXES`.

    >>> expand("xsd:date")
    'http://www.w3.org/2001/XMLSchema#date'

    Raises:
        KeyError: the prefix is not one of `PREFIXES`.
    """
    prefix, _, local = curie.partition(":")
    return PREFIXES[prefix] + local


def prefixes(base: str) -> dict[str, str]:
    """Give all prefixes of a project whose data namespace is `base`."""
    return {**PREFIXES, "id": base}


EDTF: Final = expand("edtf:EDTF")
XSD_STRING: Final = expand("xsd:string")
XSD_INTEGER: Final = expand("xsd:integer")
XSD_NON_NEGATIVE: Final = expand("xsd:nonNegativeInteger")
XSD_BOOLEAN: Final = expand("xsd:boolean")
XSD_DATE: Final = expand("xsd:date")
XSD_DATETIME: Final = expand("xsd:dateTime")
XSD_DECIMAL: Final = expand("xsd:decimal")
XSD_ANY_URI: Final = expand("xsd:anyURI")
