import json
import warnings

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.jsonld import jsonld
from kg.nt import iri, literal, nquads

# The first example may have to import a parser, and a loaded machine makes no code wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = {
    "id": "https://example.org/id/",
    "kg": "https://w3id.org/reportedly/ontology#",
    "rdf": RDF,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": XSD,
}


def term(name: str) -> str:
    prefix, local = name.split(":", 1)
    return iri(PREFIXES[prefix] + local)


S, P, V = term("id:s"), term("kg:p"), term("id:v")
TYPE = term("rdf:type")

texts = st.one_of(
    st.sampled_from(
        ["", "\\", '"', '"}', "\n\r\t\b\f\x00\x7f", "\ufffe\uffff", "a\u2028b", "@id", "\\u0041", "@en"]
    ),
    st.text(st.characters(exclude_categories=["Cs"])),
)
lexical_forms = st.one_of(
    texts, st.sampled_from(["0", "007", "-0", "1.50", "1e3", "true", "1", "null", "{}", "٣"])
)
datatypes = st.sampled_from(
    [
        *(f"{XSD}{name}" for name in ("string", "integer", "boolean", "decimal", "double", "date", "anyURI")),
        *(f"{RDF}{name}" for name in ("JSON", "HTML", "XMLLiteral")),
        "tag:dt",
    ]
)
namespaces = st.sampled_from(
    ["https://example.org/", "https://example.org/id/", "https://example.org/id/s", "tag:", "urn:a:", "a:b:"]
)
iris = st.builds(
    "{}{}".format, namespaces, st.text(st.sampled_from("as09_-.:/?~!'()王س\u200c\u0301"), max_size=4)
).map(iri)
predicates = st.one_of(iris, st.sampled_from([TYPE, P, term("rdfs:label"), iri("https://example.org/id/s")]))
objects = st.one_of(
    iris,
    st.builds(literal, texts),
    st.builds(literal, lexical_forms, datatypes),
    st.builds(lambda value: literal(value, language="ug-Arab"), texts),
)
quads = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([S, P]), iris),
        predicates,
        objects,
        st.sampled_from(["", S, P, "<tag:graph>"]),
    ),
    max_size=15,
)
names = st.sampled_from(["ex", "id", "tag", "urn", "a", "label", "https", "s", "rdf"])
prefix_maps = st.one_of(st.just(PREFIXES), st.dictionaries(st.one_of(names, st.just("")), namespaces))
term_maps = st.dictionaries(
    names, st.sampled_from(["https://example.org/id/s", PREFIXES["kg"] + "p", "tag:", "a:b:a", f"{RDF}type"])
)


@pytest.fixture(scope="module", autouse=True)
def lexical_forms_as_written():
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    yield
    rdflib.NORMALIZE_LITERALS = before


def read_by_rdflib(data: bytes) -> bytes:
    def text(node):
        if isinstance(node, rdflib.URIRef):
            return "" if node == rdflib.graph.DATASET_DEFAULT_GRAPH_ID else iri(str(node))
        return literal(
            str(node), None if node.language else node.datatype and str(node.datatype), node.language
        )

    with warnings.catch_warnings():
        # rdflib's parsers use what rdflib deprecates, and warn of booleans that are none.
        warnings.simplefilter("ignore")
        dataset = rdflib.Dataset()
        dataset.parse(data=data, format="json-ld")
    return nquads(
        (text(s), text(p), text(o), text(g) if g else "")
        for s, p, o, g in dataset.quads((None, None, None, None))
    )


def read_by_pyoxigraph(data: bytes) -> bytes:
    parsed = pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.JSON_LD)
    lines = pyoxigraph.serialize(parsed, format=pyoxigraph.RdfFormat.N_QUADS)
    return b"".join(sorted({line + b"\n" for line in lines.split(b"\n")[:-1]}))


# ---------------------------------------------------------------- layout


def test_a_document_has_its_context_inside_and_a_node_for_each_subject():
    data = [
        (term("id:serek-yelsik"), TYPE, term("kg:Person"), ""),
        (term("id:serek-yelsik"), term("rdfs:label"), literal("Serek Yelsik", language="en"), ""),
        (term("id:serek-yelsik"), term("kg:age"), literal("36", f"{XSD}integer"), ""),
        (term("id:serek-yelsik"), term("kg:detainedAt"), term("id:arishan"), ""),
        (term("id:serek-yelsik"), term("kg:detainedAt"), term("id:almaty"), ""),
        (term("id:arishan"), term("kg:note"), literal('a "place"\n'), term("id:graph")),
        (term("id:arishan"), iri("https://example.com/p"), literal("2017", f"{XSD}gYear"), term("id:graph")),
        (term("id:almaty"), term("kg:note"), literal("b"), term("id:graph")),
    ]
    terms = {name: PREFIXES["kg"] + name for name in ("Person", "age", "detainedAt", "note", "unused")}
    assert (
        jsonld(data, PREFIXES, terms=terms).decode()
        == r"""{
  "@context": {
    "@version": 1.1,
    "Person": "kg:Person",
    "age": {"@id": "kg:age", "@type": "xsd:integer"},
    "detainedAt": {"@id": "kg:detainedAt", "@type": "@id"},
    "id": "https://example.org/id/",
    "kg": "https://w3id.org/reportedly/ontology#",
    "note": "kg:note",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#"
  },
  "@graph": [
    {
      "@id": "id:serek-yelsik",
      "@type": "Person",
      "age": "36",
      "detainedAt": ["id:almaty", "id:arishan"],
      "rdfs:label": {"@language": "en", "@value": "Serek Yelsik"}
    },
    {
      "@id": "id:graph",
      "@graph": [
        {
          "@id": "id:almaty",
          "note": "b"
        },
        {
          "@id": "id:arishan",
          "https://example.com/p": {"@type": "xsd:gYear", "@value": "2017"},
          "note": "a \"place\"\n"
        }
      ]
    }
  ]
}
"""
    )


def test_values_of_several_kinds_are_spelled_out():
    data = [(S, P, literal("36", f"{XSD}integer"), ""), (V, P, literal("about 36"), ""), (V, P, V, "")]
    document = json.loads(jsonld(data, PREFIXES, terms={"p": PREFIXES["kg"] + "p"}))
    assert document["@context"]["p"] == "kg:p"
    assert [node["p"] for node in document["@graph"]] == [
        {"@type": "xsd:integer", "@value": "36"},
        ["about 36", {"@id": "id:v"}],
    ]


def test_values_that_do_not_fit_on_one_line_have_a_line_each():
    data = [(S, P, literal(letter * 60), "") for letter in "ba"]
    assert f'''
      "kg:p": [
        "{"a" * 60}",
        "{"b" * 60}"
      ]
''' in jsonld(data, PREFIXES).decode()


def test_no_quads_give_an_empty_graph():
    assert json.loads(jsonld([], PREFIXES)) == {"@context": {"@version": 1.1}, "@graph": []}


def test_the_members_of_every_object_are_sorted():
    data = [(S, term(f"kg:{letter}"), literal(letter, f"{XSD}{letter}"), S) for letter in "caBb"]

    def pairs(members):
        keys = [key for key, _ in members if key not in ("@context", "@id")]
        assert keys == sorted(keys)
        return dict(members)

    json.loads(jsonld(data, PREFIXES, terms={"z": PREFIXES["kg"] + "a"}), object_pairs_hook=pairs)


def test_a_name_that_is_the_scheme_of_an_iri_is_not_used():
    geo = "http://www.opengis.net/ont/geosparql#"
    data = [(S, iri(f"{geo}asWKT"), iri("geo:37.8,44.4"), ""), (S, P, V, "")]
    document = json.loads(jsonld(data, {**PREFIXES, "geo": geo}, terms={"geo": PREFIXES["kg"] + "p"}))
    assert document["@graph"] == [
        {"@id": "id:s", f"{geo}asWKT": {"@id": "geo:37.8,44.4"}, "kg:p": {"@id": "id:v"}}
    ]
    assert "geo" not in document["@context"]


def test_a_name_that_is_the_scheme_of_a_datatype_or_namespace_is_not_used():
    data = [(S, P, literal("a", "geo:text"), ""), (iri("urn:a:b"), P, iri("https://example.org/geo/c"), "")]
    prefixes = {"geo": "https://example.org/geo/", "urn": "https://example.org/id/", "a": "urn:a:"}
    written = jsonld(data, prefixes)
    assert json.loads(written)["@context"] == {"@version": 1.1, "a": "urn:a:"}
    assert read_by_pyoxigraph(written) == read_by_rdflib(written) == nquads(data)
    data = [(S, P, iri("https://example.com/v"), ""), (iri("https://example.com/a/b"), P, V, "")]
    prefixes = {"b": "tag:a:", "tag": "https://example.com/"}
    assert json.loads(jsonld(data, prefixes))["@context"] == {"@version": 1.1}


def test_a_prefix_is_preferred_to_a_term_of_its_name():
    document = json.loads(jsonld([(S, P, V, "")], PREFIXES, terms={"id": PREFIXES["kg"] + "p"}))
    assert document["@context"]["id"] == PREFIXES["id"]
    assert document["@graph"] == [{"@id": "id:s", "kg:p": {"@id": "id:v"}}]


def test_a_namespace_that_ends_in_a_letter_is_declared_as_a_prefix():
    data = [(iri("https://example.org/a_1"), P, V, "")]
    written = jsonld(data, {"a": "https://example.org/a_"})
    assert json.loads(written)["@context"]["a"] == {"@id": "https://example.org/a_", "@prefix": True}
    assert b'"@id": "a:1"' in written
    assert read_by_pyoxigraph(written) == read_by_rdflib(written) == nquads(data)


@pytest.mark.parametrize("name", ["", "@id", "a:b", "a/b", "1a", "_:b", "a b", 'a"'])
def test_what_cannot_be_a_term_is_refused(name):
    with pytest.raises(ValueError, match="cannot be a term: use letters"):
        jsonld([], PREFIXES, terms={name: PREFIXES["kg"] + "p"})


def test_what_is_no_iri_is_refused_as_a_term_or_prefix():
    with pytest.raises(ValueError, match="'p' is not an absolute IRI"):
        jsonld([], PREFIXES, terms={"p": "p"})
    with pytest.raises(ValueError, match="'example' is not an absolute IRI"):
        jsonld([], {"ex": "example"})


# ---------------------------------------------------------------- meaning


@unhurried
@given(quads, prefix_maps, term_maps)
def test_a_document_says_the_same_quads_to_other_implementations(data, prefixes, terms):
    written = jsonld(data, prefixes, terms=terms)
    json.loads(written)
    assert read_by_pyoxigraph(written) == nquads(data)
    assert read_by_rdflib(written) == nquads(data)


@unhurried
@given(quads, prefix_maps, term_maps, st.randoms())
def test_order_and_repetition_change_no_byte(data, prefixes, terms, chance):
    shuffled = [*data, *data[:5]]
    chance.shuffle(shuffled)
    turned = dict(reversed(prefixes.items())), dict(reversed(terms.items()))
    assert jsonld(shuffled, turned[0], terms=turned[1]) == jsonld(data, prefixes, terms=terms)


@unhurried
@given(texts)
def test_every_text_is_the_same_string_in_json(value):
    document = json.loads(jsonld([(S, P, literal(value), "")], PREFIXES))
    assert document["@graph"][0]["kg:p"] == value
