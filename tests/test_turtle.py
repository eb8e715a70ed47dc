import warnings

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.nt import iri, literal, nquads
from kg.turtle import trig, turtle

# The first example may have to import a parser, and a loaded machine makes no code wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "ex": "https://example.org/",
    "id": "https://example.org/id/",
    "kg": "https://w3id.org/reportedly/ontology#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": XSD,
}


def term(name: str) -> str:
    prefix, local = name.split(":", 1)
    return iri(PREFIXES[prefix] + local)


S, P, V = term("id:s"), term("id:p"), term("id:o")

texts = st.one_of(
    st.sampled_from(
        ["", "\\", '"', '" . <a:> <a:> "', "\n\r\t\x00", "\ufffe", "a\u2028b", '"""', "'", "\\u0041"]
    ),
    st.text(st.characters(exclude_categories=["Cs"])),
)
lexical_forms = st.one_of(
    texts,
    st.sampled_from(
        ["0", "7", "-7", "007", "+7", "-0", "1.50", "true", "1", "TRUE", "٣", "7 ", "P60M", "1e3"]
    ),
)
datatypes = st.sampled_from(
    [*(f"{XSD}{name}" for name in ("string", "integer", "boolean", "decimal", "double", "date")), "urn:x:dt"]
)
locals_ = st.text(st.sampled_from("aZ09_-.:/#~%é王س\u200c\u0301\u00b7"), max_size=6).map(
    lambda local: local.replace("%", "%41").replace("#", "", max(0, local.count("#") - 1))
)
iris = st.builds(
    lambda namespace, local: iri(namespace.rstrip("#") + local if "#" in local else namespace + local),
    st.sampled_from(["https://example.org/", "https://example.org/id/", PREFIXES["kg"], "urn:x:", "tag:"]),
    locals_,
)
predicates = st.one_of(iris, st.sampled_from([term("rdf:type"), term("rdfs:label"), term("kg:date")]))
objects = st.one_of(
    iris,
    st.builds(literal, texts),
    st.builds(literal, lexical_forms, datatypes),
    st.builds(lambda value: literal(value, language="ug-Arab"), texts),
)
subjects = st.one_of(st.sampled_from([S, P]), iris)
quads = st.lists(st.tuples(subjects, predicates, objects, st.sampled_from(["", S, P])), max_size=25)


@pytest.fixture(scope="module", autouse=True)
def lexical_forms_as_written():
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    yield
    rdflib.NORMALIZE_LITERALS = before


def read_by_rdflib(data: bytes, form: str) -> bytes:
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
        dataset.parse(data=data, format=form)
    return nquads(
        (text(s), text(p), text(o), text(g) if g else "")
        for s, p, o, g in dataset.quads((None, None, None, None))
    )


def read_by_pyoxigraph(data: bytes, form: pyoxigraph.RdfFormat) -> bytes:
    lines = pyoxigraph.serialize(pyoxigraph.parse(data, format=form), format=pyoxigraph.RdfFormat.N_QUADS)
    return b"".join(sorted({line + b"\n" for line in lines.split(b"\n")[:-1]}))


# ---------------------------------------------------------------- layout


def test_turtle_groups_subjects_and_puts_type_and_label_first():
    triples = [
        (term("id:zulfia"), term("kg:citizenOf"), term("id:kazakhstan")),
        (term("id:serek-yelsik"), term("skos:altLabel"), literal("Серік", language="kk")),
        (term("id:serek-yelsik"), term("skos:altLabel"), literal("سەرىك", language="kk-Arab")),
        (term("id:serek-yelsik"), term("kg:unnamed"), literal("false", f"{XSD}boolean")),
        (term("id:serek-yelsik"), term("rdfs:label"), literal('Serek "S" Yelsik', language="en")),
        (term("id:serek-yelsik"), term("rdf:type"), term("kg:Person")),
        (term("id:serek-yelsik"), term("kg:age"), literal("36", f"{XSD}integer")),
        (term("id:serek-yelsik"), term("kg:date"), literal("2017-05~", PREFIXES["edtf"] + "EDTF")),
        (term("id:serek-yelsik"), iri("https://example.com/p"), iri("https://example.com/o")),
    ]
    assert (
        turtle(triples, PREFIXES, header="Reports\n\nof 2017")
        == r"""# Reports
#
# of 2017

@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix id: <https://example.org/id/> .
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

id:serek-yelsik a kg:Person ;
    rdfs:label "Serek \"S\" Yelsik"@en ;
    <https://example.com/p> <https://example.com/o> ;
    kg:age 36 ;
    kg:date "2017-05~"^^edtf:EDTF ;
    kg:unnamed false ;
    skos:altLabel "Серік"@kk , "سەرىك"@kk-arab .

id:zulfia kg:citizenOf id:kazakhstan .
""".encode()
    )


def test_objects_that_do_not_fit_on_one_line_have_a_line_each():
    long = [literal(letter * 60) for letter in "cab"]
    triples = [(S, P, value) for value in long] + [(S, term("id:q"), V)]
    expected = f"""@prefix id: <https://example.org/id/> .

id:s id:p
        "{"a" * 60}" ,
        "{"b" * 60}" ,
        "{"c" * 60}" ;
    id:q id:o .
"""
    assert turtle(triples, PREFIXES).decode() == expected


def test_one_long_object_given_twice_stays_on_its_line():
    triple = (S, P, literal("a" * 120))
    data = turtle([triple, triple], PREFIXES)
    assert data == turtle([triple], PREFIXES)
    assert data.decode().splitlines()[-1] == f'id:s id:p "{"a" * 120}" .'


def test_trig_wraps_each_named_graph_after_the_default_graph():
    data = [
        (S, P, literal("1"), term("ex:b")),
        (V, P, literal("2"), term("ex:b")),
        (S, P, literal("3"), term("ex:a")),
        (S, P, literal("4"), ""),
        (S, term("id:q"), V, ""),
    ]
    assert (
        trig(data, PREFIXES, header="Three graphs").decode()
        == """# Three graphs

@prefix ex: <https://example.org/> .
@prefix id: <https://example.org/id/> .

id:s id:p "4" ;
    id:q id:o .

ex:a {
    id:s id:p "3" .
}

ex:b {
    id:o id:p "2" .

    id:s id:p "1" .
}
"""
    )


def test_a_subject_comes_before_those_whose_names_it_begins():
    data = turtle([(term(name), P, V) for name in ("id:a-b", "id:a.b", "id:ab", "id:a")], PREFIXES).decode()
    assert [block.split()[0] for block in data.split("\n\n")[1:]] == ["id:a", "id:a-b", "id:a.b", "id:ab"]


def test_a_sort_key_decides_before_the_iri_does():
    triples = [(term(name), P, V) for name in ("id:c", "id:a", "id:b")]
    ranks = {term("id:a"): 2, term("id:b"): 1, term("id:c"): 1}
    data = turtle(triples, PREFIXES, sort_key=ranks.__getitem__).decode()
    assert [block.split()[0] for block in data.split("\n\n")[1:]] == ["id:b", "id:c", "id:a"]
    data = trig([(*triple, S) for triple in triples], PREFIXES, sort_key=ranks.__getitem__).decode()
    assert [line.split()[0] for line in data.splitlines() if line.startswith("    ")] == [
        "id:b",
        "id:c",
        "id:a",
    ]


def test_only_prefixes_in_use_are_declared_also_where_only_a_datatype_uses_one():
    triples = [
        (iri("urn:s"), term("rdf:type"), iri("urn:c")),
        (iri("urn:s"), iri("urn:p"), literal("1", f"{XSD}integer")),
        (iri("urn:s"), iri("urn:p"), literal("2017", f"{XSD}gYear")),
    ]
    assert turtle(triples, PREFIXES).decode() == (
        f'@prefix xsd: <{XSD}> .\n\n<urn:s> a <urn:c> ;\n    <urn:p> "2017"^^xsd:gYear , 1 .\n'
    )
    assert b"prefix" not in turtle(triples[:2], PREFIXES)


def test_nothing_gives_nothing_but_the_header():
    assert turtle([], PREFIXES) == b""
    assert turtle([], PREFIXES, header="Nothing") == b"# Nothing\n"
    assert trig([], PREFIXES) == b""


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\x0b"])
def test_no_line_of_a_header_leaves_the_comment(end):
    data = turtle([(S, P, V)], {}, header=f"a{end}<urn:a> <urn:b> <urn:c> .")
    assert data.startswith(b"# a\n# <urn:a> <urn:b> <urn:c> .\n\n")
    assert read_by_pyoxigraph(data, pyoxigraph.RdfFormat.TURTLE) == nquads([(S, P, V, "")])


@pytest.mark.parametrize(
    ("value", "datatype", "form"),
    [
        ("36", "integer", "36"),
        ("0", "integer", "0"),
        ("-5", "integer", "-5"),
        ("007", "integer", '"007"^^xsd:integer'),
        ("-0", "integer", '"-0"^^xsd:integer'),
        ("+5", "integer", '"+5"^^xsd:integer'),
        ("5 ", "integer", '"5 "^^xsd:integer'),
        ("5\n", "integer", '"5\\n"^^xsd:integer'),
        ("٣", "integer", '"٣"^^xsd:integer'),
        ("5", "nonNegativeInteger", '"5"^^xsd:nonNegativeInteger'),
        ("true", "boolean", "true"),
        ("1", "boolean", '"1"^^xsd:boolean'),
        ("1.5", "decimal", '"1.5"^^xsd:decimal'),
        ("true", "integer", '"true"^^xsd:integer'),
    ],
)
def test_only_canonical_integers_and_booleans_are_written_bare(value, datatype, form):
    data = turtle([(S, P, literal(value, XSD + datatype))], PREFIXES)
    assert data.decode().splitlines()[-1] == f"id:s id:p {form} ."
    expected = nquads([(S, P, literal(value, XSD + datatype), "")])
    assert read_by_rdflib(data, "turtle") == expected
    assert read_by_pyoxigraph(data, pyoxigraph.RdfFormat.TURTLE) == expected


def test_local_parts_of_every_script_are_read_back():
    # The ends of each range of PN_CHARS, and some of what lies between.
    ends = "\u00c0\u00d6\u00d8\u00f6\u00f8\u02ff\u0370\u037d\u037f\u1fff\u200c\u200d\u2070\u218f\u2c00\u2fef"
    ends += "\u3001\ud7ff\uf900\ufdcf\ufdf0\uffef\U00010000\U0001fffd\U000e1000\U000efffd\u00b7"
    ends += "\u0300\u036f\u203f\u2040"
    ends += "".join(map(chr, [*range(0x370, 0x1FFF, 97), *range(0x3001, 0xD7FF, 997)]))
    wanted = [(term(f"id:a{end}b"), P, term(f"id:a{end}"), "") for end in ends]
    data = turtle([quad[:3] for quad in wanted], PREFIXES)
    assert data.count(b"<") == 1
    assert read_by_rdflib(data, "turtle") == nquads(wanted)
    assert read_by_pyoxigraph(data, pyoxigraph.RdfFormat.TURTLE) == nquads(wanted)


@pytest.mark.parametrize("bad", ["_:b", "id:a", "", "36"])
def test_what_is_no_term_is_refused(bad):
    for triple in ((bad, P, V), (S, bad, V), (S, P, bad)):
        with pytest.raises(ValueError, match="is neither an IRI in angle brackets nor a literal"):
            turtle([triple], PREFIXES)


def test_a_prefix_that_turtle_does_not_take_is_refused():
    with pytest.raises(ValueError, match="'_' cannot be a prefix"):
        turtle([], {"_": "https://example.org/"})


# ---------------------------------------------------------------- meaning


@unhurried
@given(quads)
def test_turtle_says_the_same_triples_to_other_implementations(data):
    written = turtle([quad[:3] for quad in data], PREFIXES)
    expected = nquads((*quad[:3], "") for quad in data)
    assert read_by_pyoxigraph(written, pyoxigraph.RdfFormat.TURTLE) == expected
    assert read_by_rdflib(written, "turtle") == expected


@unhurried
@given(quads)
def test_trig_says_the_same_quads_to_other_implementations(data):
    written = trig(data, PREFIXES)
    assert read_by_pyoxigraph(written, pyoxigraph.RdfFormat.TRIG) == nquads(data)
    assert read_by_rdflib(written, "trig") == nquads(data)


@unhurried
@given(quads, st.randoms())
def test_order_and_repetition_change_no_byte(data, chance):
    shuffled = [*data, *data[:5]]
    chance.shuffle(shuffled)
    assert trig(shuffled, PREFIXES) == trig(data, PREFIXES)
    assert turtle([quad[:3] for quad in shuffled], PREFIXES) == turtle([quad[:3] for quad in data], PREFIXES)
