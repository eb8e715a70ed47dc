"""The graph of entities: what becomes a node, an edge or an attribute, and what programs read of it again."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import EVIDENCE, HEAD
from kg import network, nt
from kg.build import Vocabulary, encode
from kg.exports import Content
from kg.namespaces import DEFAULT_BASE, EDTF, KG_NAMESPACE, expand
from kg.nt import Triple
from kg.project import Project
from kg.seeds import Reading
from kg.terms import KG

Read = Callable[..., Reading]
Graph = networkx.MultiDiGraph  # the type of what tests build themselves

AMAN, GUL, NORLAND = DEFAULT_BASE + "aman", DEFAULT_BASE + "gul", DEFAULT_BASE + "norland"
ONE, TWO, THREE = (f"{DEFAULT_BASE}assertion_{number:032x}" for number in (1, 2, 3))
OUTER, MIDDLE, INNER = (f"{DEFAULT_BASE}source_r_{name}" for name in ("outer", "middle", "inner"))
REPORT = DEFAULT_BASE + "report_r"


def full(name: str) -> str:
    """Give the IRI of a CURIE, or of a term of the ontology."""
    return expand(name) if ":" in name else KG_NAMESPACE + name


def describe(subject: str, **said: str) -> list[Triple]:
    """Give triples; names are those of terms (``_`` for ``:``), values are IRIs or N-Triples literals."""
    triples = []
    for name, value in said.items():
        object_ = value if value.startswith('"') else nt.iri(value)
        triples.append((nt.iri(subject), nt.iri(full(name.replace("_", ":"))), object_))
    return triples


def said(iri: str, subject: str, predicate: str, object_: str, **more: str) -> list[Triple]:
    usual = {"polarity": '"affirmed"', "certainty": '"stated"', "method": '"curated"'}
    usual |= {"prov_wasDerivedFrom": REPORT, "toldBy": OUTER}
    statement = {"rdf_subject": subject, "rdf_predicate": full(predicate), "rdf_object": object_}
    return describe(iri, rdf_type=KG.Assertion, **statement, **{**usual, **more})


PERSON = describe(AMAN, rdf_type=full("Person"), rdfs_label='"Aman Tolek"')
COUNTRY = describe(NORLAND, rdf_type=full("Country"), rdfs_label='"Norland"')
CITIZEN = said(ONE, AMAN, "citizenOf", NORLAND)
AXIOMS = [
    *describe(full("Person"), rdfs_subClassOf=full("PersonOrGroup")),
    *describe(full("PersonOrGroup"), rdfs_subClassOf=KG.Entity),
    *describe(full("Country"), rdfs_subClassOf=full("Place")),
    *describe(full("Place"), rdfs_subClassOf=KG.Entity),
    *describe(full("citizenOf"), rdfs_label='"citizen of"@en'),
]
SMALL = [*PERSON, *COUNTRY, *CITIZEN, *AXIOMS]


def edges(graph: Graph[str]) -> list[tuple[str, str, str]]:
    return [(start, end, key) for start, end, key in graph.edges(keys=True)]


def contents(graph: Graph[str]) -> tuple[object, object]:
    """Give what a graph holds, in its order."""
    nodes = [(node, list(attributes.items())) for node, attributes in graph.nodes(data=True)]
    return nodes, [(*edge[:3], list(edge[3].items())) for edge in graph.edges(keys=True, data=True)]


# ---------------------------------------------------------------- nodes and edges


def test_quads_of_several_graphs_make_the_same_graph_as_their_triples() -> None:
    names = ["<urn:g>", "<urn:h>"]
    quads = [(*triple, name) for triple in SMALL for name in names]
    whole = contents(network.to_networkx(SMALL))
    assert contents(network.to_networkx(quads)) == whole
    assert contents(network.to_networkx(quads[::-1])) == whole


def test_an_assertion_between_entities_is_one_edge_with_its_iri_as_key() -> None:
    graph = network.to_networkx(SMALL)
    assert isinstance(graph, networkx.MultiDiGraph)
    assert edges(graph) == [(AMAN, NORLAND, ONE)]
    assert dict(graph.nodes(data=True)) == {
        AMAN: {"label": "Aman Tolek", "type": "person", "unnamed": False},
        NORLAND: {"label": "Norland", "type": "country", "unnamed": False},
    }


def test_an_edge_carries_flat_attributes_and_its_qualifiers() -> None:
    day = expand("xsd:date")
    more = {
        "date": nt.literal("2021-02~", EDTF),
        "sem_hasEarliestBeginTimeStamp": nt.literal("2021-02-01", day),
        "sem_hasLatestEndTimeStamp": nt.literal("2021-02-28", day),
        "role": '"traveller"',
        "secretTrial": nt.boolean(True),
        "evidence": DEFAULT_BASE + "evidence_e",
        "episode": DEFAULT_BASE + "episode_e",
        "skos_note": '"a note"',
    }
    speaks = describe(OUTER, rdf_type=KG.Source, speaker=GUL)
    graph = network.to_networkx([*said(ONE, AMAN, "citizenOf", NORLAND, **more), *speaks, *AXIOMS])
    assert graph.edges[AMAN, NORLAND, ONE] == {
        "predicate": "citizen-of",
        "label": "citizen of",
        "date": "2021-02~",
        "earliest": "2021-02-01",
        "latest": "2021-02-28",
        "polarity": "affirmed",
        "certainty": "stated",
        "method": "curated",
        "report": REPORT,
        "source": OUTER,
        "origin": GUL,
        "role": "traveller",
        "secret-trial": "true",
    }


def test_two_reports_of_one_thing_are_two_edges() -> None:
    graph = network.to_networkx([*SMALL, *said(TWO, AMAN, "citizenOf", NORLAND)])
    assert edges(graph) == [(AMAN, NORLAND, ONE), (AMAN, NORLAND, TWO)]


def test_what_is_not_known_is_left_out() -> None:
    graph = network.to_networkx(CITIZEN)
    assert graph.nodes[NORLAND] == {"label": "norland", "unnamed": False}
    attributes = graph.edges[AMAN, NORLAND, ONE]
    assert attributes["label"] == "citizen of"
    assert not {"date", "earliest", "latest", "origin", "withdrawn"} & attributes.keys()


def test_an_entity_without_a_label_has_its_key_for_one() -> None:
    graph = network.to_networkx([*describe(GUL, rdf_type=full("Person")), *AXIOMS])
    assert dict(graph.nodes(data=True)) == {GUL: {"label": "gul", "type": "person", "unnamed": False}}


def test_an_unnamed_entity_says_so() -> None:
    unnamed = describe(GUL, rdf_type=full("Person"), rdfs_label='"a friend"', unnamed=nt.boolean(True))
    assert network.to_networkx([*unnamed, *AXIOMS]).nodes[GUL]["unnamed"] is True


def test_reports_sources_classes_and_datasets_are_no_nodes() -> None:
    others = [
        *describe(REPORT, rdf_type=KG.Report, rdfs_label='"a report"'),
        *describe(OUTER, rdf_type=KG.Source, rdfs_label='"a source"'),
        *describe(DEFAULT_BASE + "episode_e", rdf_type=expand("sem:Event")),
        *describe(full("Person"), rdf_type=expand("owl:Class"), rdfs_label='"person"@en'),
        *describe(DEFAULT_BASE + "dataset_kg", rdf_type=expand("void:Dataset")),
    ]
    assert network.to_networkx([*SMALL, *others]).nodes == network.to_networkx(SMALL).nodes


def test_an_entity_of_two_classes_names_both() -> None:
    both = [*describe(AMAN, rdf_type=full("Place")), *describe(AMAN, rdf_type=full("Person"))]
    assert network.to_networkx([*both, *AXIOMS]).nodes[AMAN]["type"] == "person | place"


def test_a_class_of_the_projects_own_makes_a_node() -> None:
    camel = "https://example.org/terms/Camel"
    below = describe(camel, rdfs_subClassOf=full("Place"))
    graph = network.to_networkx([*describe(AMAN, rdf_type=camel), *below, *AXIOMS])
    assert graph.nodes[AMAN]["type"] == "camel"


def test_none_given_and_refused_make_no_edge() -> None:
    for absent in (KG.noneGiven, KG.refused):
        graph = network.to_networkx([*PERSON, *said(ONE, AMAN, "citizenOf", absent), *AXIOMS])
        assert (list(graph.nodes), edges(graph)) == ([AMAN], [])
        assert graph.nodes[AMAN] == {"label": "Aman Tolek", "type": "person", "unnamed": False}


def test_denied_and_withdrawn_assertions_come_only_when_asked_for() -> None:
    withdrawn = {"prov_invalidatedAtTime": nt.literal("2026-01-02T00:00:00Z", expand("xsd:dateTime"))}
    triples = [
        *CITIZEN,
        *said(TWO, AMAN, "citizenOf", NORLAND, polarity='"denied"'),
        *said(THREE, AMAN, "citizenOf", NORLAND, **withdrawn),
    ]
    asked = {
        (denied, gone): [
            key for _, _, key in edges(network.to_networkx(triples, denied=denied, withdrawn=gone))
        ]
        for denied in (False, True)
        for gone in (False, True)
    }
    assert asked == {
        (False, False): [ONE],
        (False, True): [ONE, THREE],
        (True, False): [ONE, TWO],
        (True, True): [ONE, TWO, THREE],
    }
    graph = network.to_networkx(triples, denied=True, withdrawn=True)
    assert graph.edges[AMAN, NORLAND, TWO]["polarity"] == "denied"
    assert graph.edges[AMAN, NORLAND, THREE]["withdrawn"] == "2026-01-02T00:00:00Z"


def test_alleged_assertions_are_edges_that_say_so() -> None:
    graph = network.to_networkx(said(ONE, AMAN, "citizenOf", NORLAND, certainty='"alleged"'))
    assert graph.edges[AMAN, NORLAND, ONE]["certainty"] == "alleged"


# ---------------------------------------------------------------- what is said with a literal


def test_a_literal_is_an_attribute_of_the_node_with_the_assertions_behind_it() -> None:
    triples = [
        *SMALL,
        *said(TWO, AMAN, "occupation", '"imam"'),
        *said(THREE, AMAN, "occupation", '"herder"'),
        *said(f"{DEFAULT_BASE}assertion_{4:032x}", AMAN, "occupation", '"imam"'),
    ]
    attributes = network.to_networkx(triples).nodes[AMAN]
    assert attributes["occupation"] == "herder | imam"
    assert attributes["occupation-assertions"].split(network.JOIN) == [
        THREE,
        TWO,
        f"{DEFAULT_BASE}assertion_{4:032x}",
    ]


def test_an_alleged_a_denied_and_a_withdrawn_value_stand_apart() -> None:
    gone = {"prov_invalidatedAtTime": nt.literal("2026-01-02T00:00:00Z", expand("xsd:dateTime"))}
    triples = [
        *said(ONE, AMAN, "occupation", '"imam"', certainty='"alleged"'),
        *said(TWO, AMAN, "occupation", '"herder"', polarity='"denied"'),
        *said(THREE, AMAN, "occupation", '"smith"', **gone),
    ]
    attributes = network.to_networkx(triples, denied=True, withdrawn=True).nodes[AMAN]
    assert {name: attributes[name] for name in attributes if name.startswith("occupation")} == {
        "occupation-alleged": "imam",
        "occupation-alleged-assertions": ONE,
        "occupation-denied": "herder",
        "occupation-denied-assertions": TWO,
        "occupation-withdrawn": "smith",
        "occupation-withdrawn-assertions": THREE,
    }
    assert "occupation-denied" not in network.to_networkx(triples).nodes[AMAN]


def test_a_predicate_that_is_called_like_an_attribute_overwrites_nothing() -> None:
    triples = [*SMALL, *said(TWO, AMAN, "label", '"x"'), *said(THREE, AMAN, "type", '"y"')]
    attributes = network.to_networkx(triples).nodes[AMAN]
    assert (attributes["label"], attributes["said-label"]) == ("Aman Tolek", "x")
    assert (attributes["type"], attributes["said-type"]) == ("person", "y")


def test_a_qualifier_that_is_called_like_an_attribute_overwrites_nothing() -> None:
    more = {name: f'"{name}"' for name in ("key", "source", "target", "label", "origin", "id")}
    graph = network.to_networkx([*SMALL, *said(TWO, AMAN, "citizenOf", NORLAND, **more)])
    attributes = graph.edges[AMAN, NORLAND, TWO]
    assert {f"said-{name}": name for name in more}.items() <= attributes.items()
    assert (attributes["label"], attributes["source"]) == ("citizen of", OUTER)
    for write in (network.graphml, network.gexf, network.node_link, network.edges_csv):
        assert write(graph)


def test_a_qualifier_of_another_namespace_is_known_by_its_domain() -> None:
    weather = "https://example.org/terms/weatherThen"
    more = [(nt.iri(ONE), nt.iri(weather), '"rain"')]
    plain = network.to_networkx([*SMALL, *more])
    assert "weather-then" not in plain.edges[AMAN, NORLAND, ONE]
    declared = network.to_networkx([*SMALL, *more, *describe(weather, rdfs_domain=KG.Assertion)])
    assert declared.edges[AMAN, NORLAND, ONE]["weather-then"] == "rain"


# ---------------------------------------------------------------- who it comes from

CHAIN = [
    *describe(OUTER, rdf_type=KG.Source, speaker=DEFAULT_BASE + "outlet", learnedFrom=MIDDLE),
    *describe(MIDDLE, rdf_type=KG.Source, speaker=DEFAULT_BASE + "resident", learnedFrom=INNER),
]


def origin(*chain: Triple) -> str | None:
    found: str | None = network.to_networkx([*SMALL, *chain]).edges[AMAN, NORLAND, ONE].get("origin")
    return found


def test_the_origin_is_who_speaks_in_the_innermost_link() -> None:
    assert origin(*CHAIN, *describe(INNER, rdf_type=KG.Source, speaker=GUL)) == GUL


def test_a_withheld_innermost_link_leaves_no_origin() -> None:
    assert origin(*CHAIN, *describe(INNER, rdf_type=KG.Source, rdfs_label='"source withheld"')) is None


def test_a_link_that_is_not_described_leaves_no_origin() -> None:
    assert origin() is None
    assert origin(*CHAIN) is None


@pytest.mark.parametrize("back_to", [OUTER, MIDDLE, INNER])
def test_a_chain_that_comes_back_to_itself_ends_and_has_no_origin(back_to: str) -> None:
    assert origin(*CHAIN, *describe(INNER, rdf_type=KG.Source, speaker=GUL, learnedFrom=back_to)) is None


# ---------------------------------------------------------------- the same for any input of the same


TWO_OF_EACH = [
    *SMALL,
    *CHAIN,
    *said(ONE, AMAN, "citizenOf", GUL, polarity='"affirmed"', date='"2017"', toldBy=MIDDLE),
    *said(TWO, AMAN, "occupation", '"imam"'),
    *said(TWO, GUL, "occupation", '"herder"'),
    *describe(AMAN, rdfs_label='"Aman T."'),
]
ORDERED = contents(network.to_networkx(TWO_OF_EACH))


@given(st.permutations(TWO_OF_EACH), st.lists(st.sampled_from(TWO_OF_EACH), max_size=3))
def test_any_order_and_any_repetition_give_the_same_graph(
    shuffled: list[Triple], again: list[Triple]
) -> None:
    assert contents(network.to_networkx([*shuffled, *again])) == ORDERED


def test_what_is_no_statement_about_entities_is_passed_over() -> None:
    odd = [
        ("_:b1", nt.iri(expand("rdf:type")), nt.iri(KG.Assertion)),
        *describe(ONE, rdf_type=KG.Assertion),
        *said(TWO, AMAN, "citizenOf", '"x"')[:-1],
        (nt.iri(THREE), nt.iri(expand("rdf:type")), nt.iri(KG.Assertion)),
        (nt.iri(THREE), nt.iri(expand("rdf:subject")), '"nobody"'),
        (nt.iri(THREE), nt.iri(expand("rdf:predicate")), nt.iri(full("citizenOf"))),
        (nt.iri(THREE), nt.iri(expand("rdf:object")), "_:b2"),
    ]
    graph = network.to_networkx(odd)
    assert (list(graph.nodes), edges(graph)) == ([AMAN], [])


def test_no_triples_make_an_empty_graph() -> None:
    assert len(network.to_networkx([])) == 0


def many(number: int) -> Iterator[Triple]:
    for count in range(number):
        yield from said(
            f"{DEFAULT_BASE}assertion_{count:032x}",
            f"{DEFAULT_BASE}person-{count % 3000}",
            "detainedAt",
            f"{DEFAULT_BASE}place-{count % 700}",
            date=nt.literal("2017-05~", EDTF),
            circumstance='"at night"',
        )


def test_ten_thousand_assertions_take_seconds_at_most() -> None:
    triples = list(many(10_000))
    start = time.process_time()
    graph = network.to_networkx(triples)
    assert (len(graph), graph.number_of_edges()) == (3700, 10_000)
    assert all([network.graphml(graph), network.gexf(graph), network.edges_csv(graph)])
    assert time.process_time() - start < 48  # a loop over all for each would take minutes


def test_a_long_chain_is_followed_once() -> None:
    links = [OUTER, *(f"{DEFAULT_BASE}source_r_{number}" for number in range(5000))]
    chain = [triple for one, two in pairwise(links) for triple in describe(one, learnedFrom=two)]
    start = time.process_time()
    graph = network.to_networkx([*many(1000), *chain, *describe(links[-1], speaker=GUL)])
    assert {found for _, _, found in graph.edges(data="origin")} == {GUL}
    assert time.process_time() - start < 24


# ---------------------------------------------------------------- from seeds


SEED = f"""\
assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    episode: herder-case
    detained-at: unknown
    detained-by: valley-police
    occupation: herder
    charged-with: none-given
    date: 2021-02~
"""


@pytest.fixture
def graph(read: Read, vocabulary: Vocabulary, project: Project) -> Graph[str]:
    reading = read(HEAD + SEED)
    assert reading.problems == ()
    quads = encode(project, vocabulary, reading.corpus)
    return Content(quads, project, vocabulary.ontology, (), ()).graph


def test_a_seed_becomes_a_graph_of_its_entities(graph: Graph[str]) -> None:
    labels = {graph.nodes[node]["label"]: graph.nodes[node]["type"] for node in graph}
    assert labels == {
        "Aman Tolek": "person",
        "a friend of Aman Tolek": "person",
        "Valley Post": "organization",
        "Valley police": "organization",
        "unknown (Aman Tolek, detained at)": "place",
    }
    found = sorted(attributes["predicate"] for _, _, attributes in graph.edges(data=True))
    assert found == ["detained-at", "detained-by"]
    aman = graph.nodes[DEFAULT_BASE + "aman-tolek"]
    assert aman["occupation"] == "herder"
    assert "charged-with" not in aman
    assert {a["origin"] for _, _, a in graph.edges(data=True)} == {DEFAULT_BASE + "valley-post-1_friend"}


def test_no_attribute_is_none_or_a_list(graph: Graph[str]) -> None:
    found = [a for _, a in graph.nodes(data=True)] + [a for _, _, a in graph.edges(data=True)]
    assert {type(value) for attributes in found for value in attributes.values()} == {str, bool}


# ---------------------------------------------------------------- files

# What RDF literals can hold and YAML, XML or a spreadsheet cannot, or takes for something else.
HOSTILE = {
    "escape": "a\x1b[2Jb",
    "nul": "a\x00b",
    "no character of XML": "a\ufffeb\uffff",
    "next line and line separator": "a\x85b\u2028c",
    "line breaks": "a\r\nb\rc\nd\te",
    "script": "<script>alert(1)</script>",
    "entity": "&amp;]]>\"'",
    "formula": '=HYPERLINK("https://example.org","x")',
    "formula behind a tab": "\t=1+1",
    "right to left": "a\u202eb\u2066c",
    "beyond the first plane": "𐎠𐎡 👪",
    "Uyghur": "قورغاس ناھىيىسى",
    "a list": "a | b",
    "a wrong number": "NaN",
    "spaces": "  a  ",
}


def hostile_graph(text: str) -> Graph[str]:
    literal = nt.literal(text)
    return network.to_networkx(
        [
            *describe(AMAN, rdf_type=full("Person"), rdfs_label=literal),
            *COUNTRY,
            *AXIOMS,
            *said(ONE, AMAN, "citizenOf", NORLAND, circumstance=literal),
            *said(TWO, AMAN, "name", literal),
            *said(THREE, AMAN, "citizenOf", NORLAND),
        ]
    )


def legal(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def read_graphml(data: bytes) -> Graph[str]:
    return networkx.read_graphml(io.BytesIO(data), edge_key_type=str, force_multigraph=True)


def read_gexf(data: bytes) -> Graph[str]:
    found = networkx.read_gexf(io.BytesIO(data), version="1.3")
    graph: Graph[str] = networkx.MultiDiGraph()
    graph.add_nodes_from(found.nodes(data=True))
    for start, end, attributes in found.edges(data=True):
        # Where no edges are parallel, networkx keeps the id only as an attribute.
        graph.add_edge(start, end, attributes.pop("id"), **attributes)
    return graph


def read_node_link(data: bytes) -> Graph[str]:
    return networkx.node_link_graph(json.loads(data), edges="edges")


READERS: dict[str, tuple[Callable[[Graph[str]], bytes], Callable[[bytes], Graph[str]]]] = {
    "graphml": (network.graphml, read_graphml),
    "gexf": (network.gexf, read_gexf),
    "node-link": (network.node_link, read_node_link),
}


def compare(written: Graph[str], read: Graph[str]) -> None:
    assert dict(read.nodes(data=True)) == dict(written.nodes(data=True))
    assert read.number_of_edges() == written.number_of_edges()
    for start, end, key, attributes in written.edges(keys=True, data=True):
        assert read.edges[start, end, key] == attributes


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_networkx_reads_the_same_graph_from_a_file(form: str, text: str) -> None:
    write, read = READERS[form]
    graph = hostile_graph(text)
    found = read(write(graph))
    compare(network.for_files(graph), found)
    assert found.nodes[AMAN]["label"] == legal(text)
    assert found.nodes[AMAN]["reported-name"] == legal(text)
    assert found.edges[AMAN, NORLAND, ONE]["circumstance"] == legal(text)


@pytest.mark.parametrize("form", READERS)
def test_the_graph_of_a_seed_is_the_same_when_read_again(form: str, graph: Graph[str]) -> None:
    write, read = READERS[form]
    compare(network.for_files(graph), read(write(graph)))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1))
def test_any_text_makes_files_that_can_be_read(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    graph = hostile_graph(text)
    for write, read in READERS.values():
        assert read(write(graph)).nodes[AMAN]["label"] == legal(text)


def test_files_call_the_source_of_an_assertion_told_by_and_a_reported_name_so() -> None:
    flat = network.for_files(hostile_graph("x"))
    attributes = flat.edges[AMAN, NORLAND, ONE]
    assert (attributes["told-by"], "source" in attributes) == (OUTER, False)
    assert flat.nodes[AMAN]["reported-name-assertions"] == TWO
    assert "name" not in flat.nodes[AMAN]


def test_graphml_names_edges_by_their_assertion_and_writes_truth_as_xml_does() -> None:
    text = network.graphml(hostile_graph("x")).decode()
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml')
    assert f'<edge id="{ONE}" source="{AMAN}" target="{NORLAND}">' in text
    assert '<data key="node-unnamed">false</data>' in text
    assert "None" not in text


def test_gexf_says_its_version_and_not_when_it_was_written() -> None:
    text = network.gexf(hostile_graph("x")).decode()
    assert '<gexf xmlns="http://gexf.net/1.3" version="1.3">' in text
    assert "lastmodified" not in text
    assert (
        f'<edge id="{ONE}" source="{AMAN}" target="{NORLAND}" label="citizen of" kind="citizen-of">' in text
    )
    assert "None" not in text


def test_an_attribute_keeps_its_id_when_others_come_and_go() -> None:
    small, large = network.to_networkx(SMALL), hostile_graph("x")
    for write in (network.graphml, network.gexf):
        keys = [
            set(re.findall(r"<(?:key|attribute) [^>]*>", write(graph).decode())) for graph in (small, large)
        ]
        assert keys[0] < keys[1]


def test_each_attribute_has_one_type() -> None:
    for write in (network.graphml, network.gexf):
        declared = re.findall(
            r'<(?:key|attribute) id="([^"]+)".*type="(\w+)"', write(hostile_graph("x")).decode()
        )
        assert len(dict(declared)) == len(declared)
        assert {name for name, type_ in declared if type_ != "string"} == {"node-unnamed"}


def rows(data: bytes) -> list[dict[str, str]]:
    text = data.decode()
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_csv_holds_each_node_and_edge_and_no_formula(text: str) -> None:
    graph = hostile_graph(text)
    nodes, found = rows(network.nodes_csv(graph)), rows(network.edges_csv(graph))
    assert [row["Id"] for row in nodes] == [AMAN, NORLAND]
    assert [(row["Source"], row["Target"], row["Id"]) for row in found] == edges(graph)
    cells = (nodes[0]["label"], nodes[0]["reported-name"], found[0]["circumstance"])
    shown = legal(text)
    assert set(cells) <= {shown, "'" + shown}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert (nodes[0]["unnamed"], found[0]["told-by"]) == ("false", OUTER)


def test_csv_puts_what_people_look_for_first() -> None:
    graph = hostile_graph("x")
    assert network.nodes_csv(graph).startswith(b"Id,label,type,unnamed,")
    assert network.edges_csv(graph).startswith(b"Id,Source,Target,predicate,label,date,earliest,latest,")


def test_an_empty_graph_makes_files_too() -> None:
    empty = network.to_networkx([])
    for write, read in READERS.values():
        assert len(read(write(empty))) == 0
    assert network.nodes_csv(empty) == b"Id,label,type,unnamed\r\n"


# What stands in foreign or hostile files: subjects of any kind, in any order, in any graph, said twice, with
# lines inside texts, and predicates and classes that no graph shows.
_NAMES = [
    AMAN,
    NORLAND,
    ONE,
    TWO,
    OUTER,
    DEFAULT_BASE + "evidence_1",
    KG.Assertion,
    full("citizenOf"),
    full("Person"),
]
_PROPERTIES = [
    *map(expand, ("rdf:type", "rdfs:label", "rdf:subject", "rdf:predicate", "rdf:object", "rdfs:subClassOf")),
    *map(expand, ("rdfs:domain", "prov:invalidatedAtTime", "oa:start", "oa:hasSource", "schema:sha256")),
    *(KG.polarity, KG.certainty, KG.toldBy, KG.learnedFrom, KG.speaker, KG.evidence, full("circumstance"), KG.unnamed),
]  # fmt: skip
_CLASSES = [
    KG.Assertion,
    KG.Entity,
    full("Person"),
    expand("oa:SpecificResource"),
    expand("oa:TextPositionSelector"),
]
_LINE_IN_A_TEXT = f"<{ONE}> <{expand('rdf:type')}> <{KG.Assertion}> <{DEFAULT_BASE}graph_alleged> .\n<{TWO}> "
_VALUES = st.one_of(
    st.sampled_from([nt.iri(name) for name in (*_NAMES, *_CLASSES, *_PROPERTIES, KG.noneGiven)]),
    st.sampled_from([nt.literal(text) for text in ("denied", "alleged", "true", _LINE_IN_A_TEXT, '"\\', "é\u2028")]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(nt.literal),
)  # fmt: skip
_GRAPHS = [f"<{DEFAULT_BASE}graph_{name}>" for name in ("assertions", "alleged", "ontology")]
_QUADS = st.tuples(
    st.sampled_from(_NAMES).map(nt.iri),
    st.sampled_from(_PROPERTIES).map(nt.iri),
    _VALUES,
    st.sampled_from(_GRAPHS),
)
_WHOLE = [(*triple, _GRAPHS[0]) for triple in (*PERSON, *COUNTRY, *CITIZEN, *said(TWO, AMAN, "age", '"7"'))]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(_QUADS, max_size=30),
    st.permutations(_WHOLE),
    st.lists(st.integers(0, 60), max_size=4),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_lines_give_the_graph_that_their_quads_give(
    foreign: list[nt.Quad],
    whole: list[nt.Quad],
    cuts: list[int],
    is_sorted: bool,
    denied: bool,
    withdrawn: bool,
) -> None:
    lines = [f"{' '.join(quad)} .\n".encode() for quad in (*foreign, *whole, *foreign[:2])]
    if is_sorted:  # as exports are
        lines.sort()
    ends = [0, *sorted(cuts), len(lines)]
    pieces = [b"".join(lines[start:end]) for start, end in pairwise(ends)]
    kept = [quad for quad in (*foreign, *whole) if quad[3] != _GRAPHS[1]]
    asked = network.to_networkx(kept, denied=denied, withdrawn=withdrawn)
    found = network.of_lines(pieces, but="graph_alleged>", denied=denied, withdrawn=withdrawn)
    assert list(found.nodes(data=True)) == list(asked.nodes(data=True))
    assert list(found.edges(keys=True, data=True)) == list(asked.edges(keys=True, data=True))
    of_all = network.of_lines(pieces, denied=denied, withdrawn=withdrawn)
    assert list(of_all.edges(keys=True, data=True)) == list(
        network.to_networkx([*foreign, *whole], denied=denied, withdrawn=withdrawn).edges(
            keys=True, data=True
        )
    )


def test_lines_that_no_graph_shows_take_no_time_at_the_end_of_a_piece() -> None:
    line = f'<{DEFAULT_BASE}selector_%d> <{expand("oa:start")}> "7" {_GRAPHS[0]} .\n'
    piece = "".join(line % number for number in range(20_000)).encode()
    started = time.process_time()
    assert network.of_lines([piece]).number_of_nodes() == 0
    assert time.process_time() - started < 2
