"""The files of an export: each can be read by itself, says the same, and is the same bytes each time."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from conftest import EVIDENCE, HEAD, ROOT
from kg import exports, nt, seeds
from kg.build import Vocabulary, encode
from kg.exports import Content
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, PREFIXES, expand
from kg.nt import Quad
from kg.project import Project, find
from kg.seeds import Reading

Read = Callable[..., Reading]

SEED = f"""\
{HEAD}assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    episode: herder-case
    citizen-of: norland
    sentenced-to: 5 years
    sentenced-by: valley-court
    date: 2021-02~
  - about: aman-tolek
    {EVIDENCE}
    certainty: alleged
    travelled-to: norland
    count: more than 30
"""
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


@pytest.fixture
def content(read: Read, vocabulary: Vocabulary, project: Project) -> Content:
    reading = read(SEED)
    assert reading.problems == ()
    return content_of(replace(project, license=LICENSE), vocabulary, reading)


def content_of(project: Project, vocabulary: Vocabulary, reading: Reading) -> Content:
    quads = encode(project, vocabulary, reading.corpus)
    return Content(quads, project, vocabulary.ontology, vocabulary.ontology_files, vocabulary.shapes_files)


@pytest.fixture(scope="module")
def shipped() -> Content:
    return of_our_seeds("*.yaml")


def of_our_seeds(*patterns: str) -> Content:
    project = find(ROOT)
    vocabulary = Vocabulary.of(project)
    paths = {path for pattern in patterns for path in project.seeds.glob(pattern)}
    files = {path.name: path.read_bytes() for path in paths}
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    assert reading.problems == ()
    return content_of(project, vocabulary, reading)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a reader went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def quads_of(data: bytes, format: ox.RdfFormat) -> list[Quad]:
    def name(graph: object) -> str:
        return "" if isinstance(graph, ox.DefaultGraph) else str(graph)

    quads = ox.parse(data, format)
    return [(str(q.subject), str(q.predicate), str(q.object), name(q.graph_name)) for q in quads]


# ---------------------------------------------------------------- the same quads in every file


# Of its own ways: in rdflib 7 a parser of quads uses what is deprecated.
@pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset.* is deprecated):DeprecationWarning")
@pytest.mark.usefixtures("offline")
def test_json_ld_gives_both_readers_the_quads_of_n_quads(shipped: Content) -> None:
    data, lines = exports.kg_jsonld(shipped), exports.kg_nquads(shipped)
    assert sorted(quads_of(data, ox.RdfFormat.JSON_LD)) == sorted(quads_of(lines, ox.RdfFormat.N_QUADS))
    one, two = rdflib.Dataset(), rdflib.Dataset()
    one.parse(data=data, format="json-ld")
    two.parse(data=lines, format="nquads")
    assert set(one.quads()) == set(two.quads())
    assert len(set(two.quads())) == len(shipped.quads)


@pytest.mark.parametrize(
    ("name", "format"),
    [("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG), ("jsonld", ox.RdfFormat.JSON_LD)],
)
def test_a_file_of_quads_holds_each_quad_once(shipped: Content, name: str, format: ox.RdfFormat) -> None:
    assert sorted(quads_of(exports.FORMATS[name](shipped), format)) == sorted(shipped.quads)


@pytest.mark.parametrize(("name", "format"), [("ttl", ox.RdfFormat.TURTLE), ("nt", ox.RdfFormat.N_TRIPLES)])
def test_a_file_of_triples_holds_each_triple_once(shipped: Content, name: str, format: ox.RdfFormat) -> None:
    found = [quad[:3] for quad in quads_of(exports.FORMATS[name](shipped), format)]
    assert sorted(found) == list(shipped.triples)


def test_n_quads_are_canonical(shipped: Content) -> None:
    dataset = ox.Dataset(ox.parse(exports.kg_nquads(shipped), ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b"" for quad in dataset)
    assert b"".join(lines) == exports.kg_nquads(shipped)


def test_what_is_alleged_has_no_plain_triple_in_turtle(content: Content) -> None:
    plain = b"kg:travelledTo id:norland"
    assert plain in exports.kg_trig(content)
    assert not re.search(rb"(?<!rdf:predicate )kg:travelledTo id:norland", exports.kg_turtle(content))
    assert b"kg:citizenOf id:norland ;" in exports.kg_turtle(content)


HOSTILE = 'a\x1b[2J\x00\ufffe\u2028\u202e <script>alert(1)</script> ]]> =HYPERLINK("x") \'\'\'"""\\ \r\n\t é𐎠'


def test_hostile_words_are_the_same_in_every_rdf_file(content: Content) -> None:
    graph = content.quads[0][3]
    label = nt.literal(HOSTILE)
    evil: Quad = (nt.iri(DEFAULT_BASE + "aman-tolek"), nt.iri(expand("rdfs:label")), label, graph)
    content = replace(content, quads=tuple(sorted((*content.quads, evil))))
    for name, format in {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "trig": ox.RdfFormat.TRIG,
        "jsonld": ox.RdfFormat.JSON_LD,
    }.items():
        found = [quad for quad in quads_of(exports.FORMATS[name](content), format) if quad[2] == label]
        assert len(found) == 1, name
    for write in exports.FORMATS.values():
        data = write(content)
        assert b"\x1b" not in data
        assert b"\x00" not in data


def test_reports_come_before_those_who_told_and_entities_before_assertions(content: Content) -> None:
    text = exports.kg_turtle(content).decode()
    kinds = [line.split()[2] for line in text.splitlines() if re.match(r"id:\S+ a ", line)]
    assert text.index("\nid:selector_") < text.index("\nkg:diedAt a owl:FunctionalProperty")
    assert [kind for kind, _ in itertools.groupby(kinds)] == [
        "kg:Report", "kg:Source", "sem:Event", "kg:Country", "kg:Court", "kg:Organization", "kg:Person",
        "kg:Assertion", "oa:SpecificResource", "oa:TextPositionSelector",
    ]  # fmt: skip


def test_terms_of_a_vocabulary_of_the_projects_own_are_in_every_file(tmp_path: Path) -> None:
    (tmp_path / "own.ttl").write_text(
        f"""\
@prefix ex: <https://example.org/terms/> .
@prefix kg: <{KG_NAMESPACE}> .
@prefix owl: <{PREFIXES["owl"]}> .
@prefix rdfs: <{PREFIXES["rdfs"]}> .
@prefix xsd: <{PREFIXES["xsd"]}> .
ex:Camp a owl:Class ; rdfs:subClassOf kg:Facility ; rdfs:label "camp"@en .
ex:weatherThen a owl:DatatypeProperty ; rdfs:domain kg:Assertion ; rdfs:range xsd:string .
<https://example.org/terms/seen.near> a owl:ObjectProperty ; rdfs:domain kg:Person ; rdfs:range ex:Camp .
"""
    )
    (tmp_path / "kg.toml").write_text('ontology = ["own.ttl"]\n')
    project = find(tmp_path)
    vocabulary = Vocabulary.of(project)
    seed = f"""\
{HEAD}camp:
  north-camp: North Camp
assertions:
  - about: aman-tolek
    {EVIDENCE}
    seen.near: north-camp
    weather-then: rain
"""
    reading = seeds.read({"a.yaml": seed.encode()}, vocabulary.ontology, vocabulary.choices, project)
    assert reading.problems == ()
    content = content_of(project, vocabulary, reading)
    assert len(dict(exports.files(content))) == 12
    assert sorted(quads_of(exports.kg_jsonld(content), ox.RdfFormat.JSON_LD)) == sorted(content.quads)
    ((_, _, attributes),) = content.graph.edges(data=True)
    assert (attributes["predicate"], attributes["weather-then"]) == ("seen.near", "rain")
    assert content.graph.nodes[DEFAULT_BASE + "north-camp"]["type"] == "camp"
    assert b"<https://example.org/terms/>" in exports.void_turtle(content)


# ---------------------------------------------------------------- the same bytes each time

IN_A_PROCESS = """
import hashlib, sys
from pathlib import Path
from kg import build, exports
from kg.project import find
root, order = Path(sys.argv[1]), int(sys.argv[2])
project = find(root)
vocabulary = build.Vocabulary.of(project)
files = build.seed_files(project, (), root)
names = sorted(files)[order:] + sorted(files)[:order]
reading = build.read(project, vocabulary, {name: files[name] for name in names})
quads = build.encode(project, vocabulary, reading.corpus)
paths = vocabulary.ontology_files, vocabulary.shapes_files
content = exports.Content(quads, project, vocabulary.ontology, *paths)
for name, write in exports.FORMATS.items():
    print(name, hashlib.sha256(write(content)).hexdigest())
for name, data in exports.files(content):
    print(name, hashlib.sha256(data).hexdigest())
"""


def test_any_order_of_seeds_and_any_hashing_give_the_same_bytes(shipped: Content) -> None:
    def started(order: int, seed: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", IN_A_PROCESS, str(ROOT), str(order)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    running = [started(1, "1"), started(2, "4242")]
    outputs = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    (output,) = outputs
    expected = [(name, write(shipped)) for name, write in exports.FORMATS.items()]
    expected += exports.files(shipped)
    assert output.splitlines() == [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in expected]


def test_writing_twice_gives_the_same_bytes(content: Content) -> None:
    again = replace(content, quads=tuple(content.quads))
    for name, write in exports.FORMATS.items():
        assert write(content) == write(again) == write(content), name


# ---------------------------------------------------------------- the manifest


def test_the_manifest_comes_last_and_has_the_digest_of_every_other_file(content: Content) -> None:
    *files, (name, data) = exports.files(content)
    assert name == "manifest.json"
    assert [name for name, _ in files] == list(exports.FILES)
    manifest = json.loads(data)
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files
    }
    assert (manifest["access"], manifest["license"]) == ("public", LICENSE)
    assert manifest["quads"] == len(content.quads) == dict(files)["kg.nq"].count(b"\n")


def test_a_restricted_export_says_so_in_the_manifest_and_the_description(content: Content) -> None:
    files = dict(exports.files(replace(content, restricted=True)))
    assert json.loads(files["manifest.json"])["access"] == "restricted"
    assert b'dcterms:accessRights "restricted"' in files["void.ttl"]
    assert b"accessRights" not in dict(exports.files(content))["void.ttl"]


# ---------------------------------------------------------------- the description

VOID, DCAT, DCTERMS = (rdflib.Namespace(PREFIXES[name]) for name in ("void", "dcat", "dcterms"))
DATASET = rdflib.URIRef(DEFAULT_BASE + "dataset_kg")


def description(content: Content) -> rdflib.Graph:
    # Oxigraph reads no relative IRIs where no base is named: all are whole.
    assert list(ox.parse(exports.void_turtle(content), ox.RdfFormat.TURTLE))
    return rdflib.Graph().parse(data=exports.void_turtle(content), format="turtle")


def test_counts_are_those_of_the_turtle_file(shipped: Content) -> None:
    data = rdflib.Graph().parse(data=exports.kg_turtle(shipped), format="turtle")
    found = description(shipped)
    counts = {
        VOID.triples: len(data),
        VOID.distinctSubjects: len(set(data.subjects())),
        VOID.distinctObjects: len(set(data.objects())),
        VOID.properties: len(set(data.predicates())),
        VOID.classes: len(set(data.objects(None, rdflib.RDF.type))),
    }
    assert {name: found.value(DATASET, name).toPython() for name in counts} == counts
    members = Counter(data.objects(None, rdflib.RDF.type))
    partitions = list(found.objects(DATASET, VOID.classPartition))
    assert len(partitions) == len(members) == counts[VOID.classes]
    for partition in partitions:
        assert (
            found.value(partition, VOID.entities).toPython() == members[found.value(partition, VOID["class"])]
        )


def test_the_description_has_what_a_portal_asks_for(content: Content) -> None:
    found = description(content)
    assert set(found.objects(DATASET, rdflib.RDF.type)) == {VOID.Dataset, DCAT.Dataset}
    assert found.value(DATASET, DCTERMS.title) == rdflib.Literal(content.project.title)
    assert list(found.objects(DATASET, DCTERMS.source)) == [
        rdflib.URIRef(DEFAULT_BASE + "report_valley-post-1")
    ]
    distributions = {
        str(found.value(node, DCTERMS.title)): str(found.value(node, DCAT.mediaType)).partition(
            "media-types/"
        )[2]
        for node in found.objects(DATASET, DCAT.distribution)
    }
    assert distributions == {
        "kg.ttl": "text/turtle",
        "kg.nq": "application/n-quads",
        "kg.jsonld": "application/ld+json",
    }
    licensed = set(found.subjects(DCTERMS.license, rdflib.URIRef(LICENSE)))
    assert licensed == {DATASET, *found.objects(DATASET, DCAT.distribution)}


def test_vocabularies_are_the_namespaces_in_use(content: Content) -> None:
    found = {str(node) for node in description(content).objects(DATASET, VOID.vocabulary)}
    assert found == {PREFIXES[name] for name in ("dcterms", "kg", "oa", "prov", "schema", "sem")}


def test_a_project_without_licence_or_description_claims_none(content: Content) -> None:
    bare = replace(content, project=replace(content.project, license=None, description=""))
    assert b"license" not in exports.void_turtle(bare)
    assert b"dcterms:description" not in exports.void_turtle(bare)
    assert json.loads(dict(exports.files(bare))["manifest.json"])["license"] is None


def test_classes_of_the_same_name_are_counted_apart(content: Content) -> None:
    type_, graph = nt.iri(expand("rdf:type")), content.quads[0][3]
    others = (
        "https://example.org/one/Person",
        "https://example.org/two#Person",
        "http://xmlns.com/foaf/0.1/Person",
    )
    more = tuple((nt.iri(DEFAULT_BASE + "aman-tolek"), type_, nt.iri(class_), graph) for class_ in others)
    found = description(replace(content, quads=content.quads + more))
    partitions = set(found.objects(DATASET, VOID.classPartition))
    counted = {
        str(found.value(node, VOID["class"])): found.value(node, VOID.entities).toPython()
        for node in partitions
    }
    assert {class_: counted[class_] for class_ in others} == dict.fromkeys(others, 1)
    assert len(partitions) == len(counted)


def test_no_key_of_an_entity_can_be_the_name_of_the_dataset(content: Content) -> None:
    for subject in description(content).subjects():
        assert "_" in str(subject).removeprefix(DEFAULT_BASE)


# ---------------------------------------------------------------- pyshacl's own command

# Queries are parsed once instead of once for each node, or it would take minutes; all else is pyshacl.
PYSHACL = """
import functools, json, sys
import pyshacl.cli, rdflib
from rdflib.plugins.sparql import prepareQuery
plain = rdflib.Graph.query
prepared = functools.lru_cache(None)(lambda text, prefixes: prepareQuery(text, dict(prefixes)))
def query(self, text, *rest, **named):
    if isinstance(text, str):
        text = prepared(text, tuple(sorted(self.namespaces())))
    return plain(self, text, *rest, **named)
rdflib.Graph.query = query
codes = {}
for name in sys.argv[1:]:
    sys.argv = ["pyshacl", "-w", "-s", "shapes.ttl", "-o", name + ".txt", name]
    try:
        pyshacl.cli.main()
    except SystemExit as done:
        codes[name] = done.code
print(json.dumps(codes))
"""


def pyshacl_exit_codes(folder: Path, files: dict[str, bytes], shapes: bytes) -> dict[str, int]:
    for name, data in {**files, "shapes.ttl": shapes}.items():
        (folder / name).write_bytes(data)
    command = [sys.executable, "-c", PYSHACL, *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    codes: dict[str, int] = json.loads(done.stdout)
    return codes


PERSON = 'id:aman-tolek a kg:Person ;\n    rdfs:label "Aman Tolek" ;\n'
FAULTS = {
    "a value that is none of the choices": ('kg:polarity "affirmed"', 'kg:polarity "perhaps"'),
    "nobody who told it": ("    kg:toldBy id:source_valley-post-1_friend ;\n", ""),
    "an object of another class": ("rdf:object id:valley-court", "rdf:object id:norland"),
    "a predicate that there is not": ("rdf:predicate kg:sentencedBy", "rdf:predicate kg:sentencdBy"),
    "bounds that are not those of the date": ('Stamp "2021-02-28"', 'Stamp "2021-03-28"'),
    "a date that is none": ('kg:date "2021-02~"', 'kg:date "February"'),
    "a view triple that nobody said": (PERSON, PERSON + "    kg:residentIn id:norland ;\n"),
    "a denial that stays in the view": ('kg:polarity "affirmed"', 'kg:polarity "denied"'),
    "an entity without a name": ('    rdfs:label "Aman Tolek" ;\n', ""),
    "a span that ends before it begins": ('oa:start "10"', 'oa:start "41"'),
    "a digest that is none": ('schema:sha256 "0000', 'schema:sha256 "000g'),
    "a chain that comes back": (
        'kg:basis "first-hand"',
        'kg:basis "family" ; kg:learnedFrom id:source_valley-post-1_friend',
    ),
    "a report without a date": ('    dcterms:issued "2021-03-04"^^xsd:date ;\n', ""),
    "months that are not beside the term": ("    kg:minMonths 60 ;\n", "    kg:minMonths -1 ;\n"),
}  # fmt: skip


def test_the_command_of_pyshacl_accepts_what_is_right_and_refuses_each_planted_fault(
    content: Content, tmp_path: Path
) -> None:
    whole = exports.kg_turtle(content).decode()
    files = {"whole.ttl": whole.encode()}
    for number, (old, new) in enumerate(FAULTS.values()):
        assert old in whole
        files[f"{number}.ttl"] = whole.replace(old, new).encode()
    codes = pyshacl_exit_codes(tmp_path, files, exports.shapes_turtle(content))
    assert codes.pop("whole.ttl") == 0
    assert {name for name, code in zip(FAULTS, codes.values(), strict=True) if code != 1} == set()


def test_the_command_of_pyshacl_accepts_a_shipped_report(tmp_path: Path) -> None:
    shared = ("countries.yaml", "organizations.yaml", "people.yaml", "places.yaml")
    content = of_our_seeds(*shared, "rfa-2017-08-01.yaml")
    files = {"kg.ttl": exports.kg_turtle(content)}
    assert pyshacl_exit_codes(tmp_path, files, exports.shapes_turtle(content)) == {"kg.ttl": 0}


@pytest.mark.slow
def test_the_command_of_pyshacl_accepts_all_shipped_seeds(shipped: Content, tmp_path: Path) -> None:
    files = {"kg.ttl": exports.kg_turtle(shipped)}
    assert pyshacl_exit_codes(tmp_path, files, exports.shapes_turtle(shipped)) == {"kg.ttl": 0}


# ---------------------------------------------------------------- ontology and shapes


def test_our_own_vocabulary_is_handed_on_as_it_is(content: Content) -> None:
    assert exports.ontology_turtle(content) == (ROOT / "ontology" / "kg.ttl").read_bytes()
    shapes = sorted((ROOT / "shapes").glob("*.ttl"))
    assert len(shapes) > 3
    assert exports.shapes_turtle(content) == b"\n".join(path.read_bytes() for path in shapes)


FIRST = """\
@base <https://example.org/one/> .
@prefix ex: <https://example.org/one#> .
<relative> ex:in [ ex:list ( 1 _:same ) ] .
_:same ex:says "_:same # no comment" . # _:same
ex:a_:b ex:c <https://example.org/_:same> .
"""
SECOND = """\
@prefix ex: <https://example.org/two#> .
ex:thing ex:in _:same , [ ex:list ( 2 _:other ) ] .
_:same ex:says "two" ; ex:near _:other .
ex:relative ex:is 1.50 ."""
THIRD = """\ufeffPREFIX ex: <https://example.org/three#>
ex:thing ex:in _:same . _:same ex:says '''a
b'''"""


def merged(*texts: str) -> rdflib.Graph:
    """Give the RDF merge of documents (RDF 1.1 Semantics, 4.1): blank nodes of each stay its own."""
    whole = rdflib.Graph()
    for text in texts:
        whole += rdflib.Graph().parse(data=text.removeprefix("\ufeff"), format="turtle")
    return whole


@pytest.mark.parametrize(
    "texts",
    [(FIRST,), (FIRST, SECOND), (SECOND, FIRST), (FIRST, SECOND, THIRD + " ."), (FIRST, FIRST)],
    ids=["one", "two", "the other way round", "three", "the same twice"],
)
def test_shapes_files_that_reuse_names_stay_apart(
    content: Content, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.ttl")
        paths[-1].write_text(text, encoding="utf-8")
    joined = exports.shapes_turtle(replace(content, shapes_files=tuple(paths)))
    assert isomorphic(rdflib.Graph().parse(data=joined, format="turtle"), merged(*texts))
    assert len(list(ox.parse(joined, ox.RdfFormat.TURTLE))) >= len(merged(*texts))
    assert exports.shapes_turtle(replace(content, shapes_files=tuple(paths))) == joined


def test_a_file_whose_blank_nodes_meet_no_others_keeps_its_comments(content: Content, tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(FIRST)
    joined = exports.shapes_turtle(replace(content, shapes_files=(*content.shapes_files, own)))
    assert joined.endswith(FIRST.encode())
    both = exports.shapes_turtle(replace(content, shapes_files=(own, own)))
    assert both.startswith(b"# own.ttl, written anew because its blank nodes have labels\n")
    assert rdflib.Graph().parse(data=both, format="turtle")


def test_a_shape_of_the_projects_own_works_in_the_joined_file(content: Content, tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(
        f"""\
@base <https://example.org/> .
@prefix kg: <https://example.org/shapes#> .
@prefix sh: <{PREFIXES["sh"]}> .
kg:no-citizens a sh:NodeShape ; sh:targetClass <{KG_NAMESPACE}Person> ; sh:property _:p .
_:p sh:path <{KG_NAMESPACE}citizenOf> ; sh:maxCount 0 ."""
    )
    joined = exports.shapes_turtle(replace(content, shapes_files=(own, *content.shapes_files, own)))
    codes = pyshacl_exit_codes(tmp_path, {"kg.ttl": exports.kg_turtle(content)}, joined)
    assert codes == {"kg.ttl": 1}
    assert "citizenOf" in (tmp_path / "kg.ttl.txt").read_text()
