from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pyshacl
import pytest
import rdflib
from pyshacl.shapes_graph import ShapesGraph
from rdflib.compare import isomorphic

from kg.problems import Exit, KgError, RefusedError
from kg.validate import Outcome, Result, focus_nodes, junit, report_turtle, rows, touched, validate

ROOT = Path(__file__).parents[1]
EX = "https://example.org/"
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NAMED = """
:Named a sh:PropertyShape ; sh:targetClass :Person ; sh:path :name ; sh:minCount 1 ; sh:message "no name" .
"""


def turtle(text: str) -> rdflib.Graph:
    rdflib.NORMALIZE_LITERALS = False
    return rdflib.Graph().parse(data=PREFIXES + text, format="turtle")


def check(data: str, shapes: str) -> Outcome:
    return validate(turtle(data), turtle(shapes))


def query(select: str, more: str = "") -> str:
    return f':Asked a sh:NodeShape ; sh:targetClass :Person ; sh:sparql [ sh:select """{select}""" {more} ] .'


# ---------------------------------------------------------------- results


def test_a_result_says_where_what_and_which_rule() -> None:
    outcome = check(
        ':aman a :Person ; :age "old" .',
        ":Aged a sh:PropertyShape ; sh:targetClass :Person ; sh:path :age ; sh:datatype xsd:integer ;"
        ' sh:message "an age is a number"@en .',
    )
    assert outcome.results == (
        Result(
            focus=EX + "aman",
            path=EX + "age",
            value='"old"',
            severity="violation",
            shape=EX + "Aged",
            component="http://www.w3.org/ns/shacl#DatatypeConstraintComponent",
            message="an age is a number",
        ),
    )
    assert not outcome.conforms


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (":camp", "<https://example.org/camp>"),
        ('"Камп\\n\\"x\\""@kk', '"Камп\\n\\"x\\""@kk'),
        ('"007"^^xsd:integer', '"007"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ('"a"^^xsd:string', '"a"'),
        ("<https://example.org/a\\u0020b>", "<https://example.org/a\\u0020b>"),
    ],
)
def test_a_value_is_written_in_n_triples_as_it_stood(value: str, written: str) -> None:
    shapes = ":S a sh:PropertyShape ; sh:targetNode :aman ; sh:path :p ; sh:in ( 1 ) ."
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)  # it warns of the space
        data = turtle(f":aman :p {value} .")
    (result,) = validate(data, turtle(shapes)).results
    assert result.value == written


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (":a", EX + "a"),
        ("( :a :b )", f"<{EX}a>/<{EX}b>"),
        ("[ sh:inversePath :a ]", f"^<{EX}a>"),
        ("[ sh:inversePath [ sh:zeroOrMorePath :a ] ]", f"^(<{EX}a>*)"),
        ("( [ sh:alternativePath ( :a :b ) ] [ sh:zeroOrOnePath :c ] )", f"(<{EX}a>|<{EX}b>)/<{EX}c>?"),
        ("[ sh:oneOrMorePath ( :a :b ) ]", f"(<{EX}a>/<{EX}b>)+"),
    ],
)
def test_a_path_is_written_as_in_sparql(path: str, written: str) -> None:
    shapes = f":S a sh:PropertyShape ; sh:targetNode :x ; sh:path {path} ; sh:minCount 9 ."
    (result,) = check(":x :y :z .", shapes).results
    assert result.path == written


def test_results_come_severest_first_then_by_shape_and_focus() -> None:
    outcome = check(
        ":b a :Person . :a a :Person .",
        NAMED + ":Dated a sh:PropertyShape ; sh:targetClass :Person ; sh:severity sh:Info ;"
        " sh:path :date ; sh:minCount 1 ."
        ":Aged a sh:PropertyShape ; sh:targetClass :Person ; sh:severity sh:Warning ;"
        " sh:path :age ; sh:minCount 1 .",
    )
    assert [(r.severity, r.shape[-5:], r.focus[-1]) for r in outcome.results] == [
        ("violation", "Named", "a"),
        ("violation", "Named", "b"),
        ("warning", "/Aged", "a"),
        ("warning", "/Aged", "b"),
        ("info", "Dated", "a"),
        ("info", "Dated", "b"),
    ]


def test_warnings_and_notes_do_not_block() -> None:
    shapes = NAMED.replace("sh:minCount 1", "sh:minCount 1 ; sh:severity sh:Warning")
    outcome = check(":aman a :Person .", shapes)
    assert [result.severity for result in outcome.results] == ["warning"]
    assert outcome.conforms
    assert list(outcome.report.objects(None, SH.conforms)) == [rdflib.Literal(True)]


def test_a_severity_of_somebodys_own_blocks() -> None:
    shapes = NAMED.replace("sh:minCount 1", "sh:minCount 1 ; sh:severity :Grave")
    outcome = check(":aman a :Person .", shapes)
    assert [result.severity for result in outcome.results] == ["violation"]
    assert not outcome.conforms


def test_the_severity_of_a_shape_that_is_negated_changes_nothing() -> None:
    shapes = (
        ":Unnamed a sh:NodeShape ; sh:targetClass :Person ; sh:not :Inner ."
        ":Inner a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:severity sh:Warning ."
    )
    assert check(":aman a :Person .", shapes).results == ()


@pytest.mark.parametrize(
    ("messages", "chosen"),
    [
        ('"rien"@fr , "nothing"@en , "plain"', "nothing"),
        ('"rien"@fr , "plain"', "plain"),
        ('"rien"@fr , "nichts"@de', "nichts"),
        ('"nothing"@en-GB , "rien"@fr', "nothing"),
    ],
)
def test_of_several_messages_the_english_one_is_told(messages: str, chosen: str) -> None:
    (result,) = check(":aman a :Person .", NAMED.replace('"no name"', messages)).results
    assert result.message == chosen


def test_a_message_in_several_languages_is_chosen_before_a_query_fills_it_in() -> None:
    select = "SELECT $this ?value WHERE { $this <https://example.org/age> ?value }"
    shapes = query(select, '; sh:message "il a {?value} ans"@fr , "is {?value}"@en')
    (result,) = check(":aman a :Person ; :age 7 .", shapes).results
    assert result.message == "is 7"


def test_a_value_with_backslashes_and_braces_stands_in_a_message_as_it_is() -> None:
    select = "SELECT $this ?value ?other WHERE { $this <https://example.org/path> ?value }"
    shapes = query(select, '; sh:message "{$this} at {?value}, not {?other}"')
    (result,) = check(r':aman a :Person ; :path "C:\\queue\\1 {?this}" .', shapes).results
    assert result.message == r"https://example.org/aman at C:\queue\1 {?this}, not {?other}"


def test_a_shape_without_an_iri_is_named_by_the_shape_around_it() -> None:
    shapes = (
        ":Outer a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :name ; sh:minCount 1 ] ."
    )
    (result,) = check(":aman a :Person .", shapes).results
    assert result.shape == EX + "Outer"
    shapes = "[] a sh:PropertyShape ; sh:targetClass :Person ; sh:path :name ; sh:minCount 1 ."
    outcome = check(":aman a :Person .", shapes)
    assert outcome.results[0].shape == "_:shape"
    assert outcome.touched == {"_:shape": 1}


FAULTS = """
:aman a :Person ; :knows :serik , :nobody ; :age "old" . :serik a :Child ; :age 7 ; :knows :aman .
:Child rdfs:subClassOf :Person .
"""
RULES = (
    NAMED
    + """
:Aged a sh:PropertyShape ; sh:targetSubjectsOf :age ; sh:path :age ; sh:datatype xsd:integer ;
    sh:maxInclusive 6 .
:Known a sh:PropertyShape ; sh:targetClass :Person ; sh:path :knows ; sh:class :Person ; sh:severity sh:Info .
:Or a sh:NodeShape ; sh:targetObjectsOf :knows ; sh:or ( [ sh:class :Child ] [ sh:nodeKind sh:Literal ] ) .
"""
    + query("SELECT $this ?value WHERE { $this :knows ?value . FILTER NOT EXISTS { ?value :knows $this } }")
)


def test_results_are_those_of_pyshacl() -> None:
    _, report, _ = pyshacl.validate(turtle(FAULTS), shacl_graph=turtle(RULES))
    rdflib.NORMALIZE_LITERALS = False
    plain = {
        tuple(
            str(report.value(node, SH[name]))
            for name in ("focusNode", "resultSeverity", "sourceConstraintComponent")
        )
        for node in report.objects(None, SH.result)
    }
    outcome = check(FAULTS, RULES)
    severities = {"violation": "Violation", "warning": "Warning", "info": "Info"}
    assert {(r.focus, str(SH[severities[r.severity]]), r.component) for r in outcome.results} == plain
    assert len(outcome.results) == len(list(report.objects(None, SH.result))) == 9
    assert isomorphic(outcome.report, check(FAULTS, RULES).report)


# ---------------------------------------------------------------- how much was looked at

TARGETS = """
:Node a sh:NodeShape ; sh:targetNode :aman , :not-in-the-data , "text" .
:Class a sh:NodeShape ; sh:targetClass :Place .
:Subjects a sh:NodeShape ; sh:targetSubjectsOf :heldAt .
:Objects a sh:PropertyShape ; sh:path :x ; sh:targetObjectsOf :heldAt , :age .
:Several a sh:NodeShape ; sh:targetNode :aman ; sh:targetClass :Facility , :Person ;
    sh:targetSubjectsOf :heldAt .
:Person a rdfs:Class , sh:NodeShape .
:Place a owl:Class ; sh:property [ sh:path :y ] .
:Special a :Kind , sh:PropertyShape ; sh:path :z . :Kind rdfs:subClassOf rdfs:Class .
:Helper a sh:NodeShape ; sh:nodeKind sh:IRI .
:Off a sh:NodeShape ; sh:targetClass :Place ; sh:deactivated true .
:None a sh:NodeShape ; sh:targetClass :Court .
"""
LOOKED_AT = """
:aman a :Person ; :heldAt :camp , :cell ; :age 36 . :serik a :Person ; :heldAt :camp .
:camp a :Camp . :cell a :Cell . :valley a :Place . :s a :Special .
:Camp rdfs:subClassOf :Facility . :Cell rdfs:subClassOf :Camp . :Facility rdfs:subClassOf :Place , :Camp .
"""


def test_focus_nodes_are_counted_for_every_kind_of_target() -> None:
    found = touched(turtle(LOOKED_AT), turtle(TARGETS))
    assert {shape.removeprefix(EX): count for shape, count in found.items()} == {
        "Class": 3,
        "Node": 3,
        "None": 0,
        "Objects": 3,
        "Person": 2,
        "Place": 3,
        "Several": 4,
        "Special": 1,
        "Subjects": 2,
    }
    assert list(found) == sorted(found)


def test_focus_nodes_are_those_of_pyshacl() -> None:
    data, shapes = turtle(LOOKED_AT), turtle(TARGETS)
    of_pyshacl = {
        s.node: s.focus_nodes(data) for s in ShapesGraph(turtle(TARGETS)).shapes if not s.deactivated
    }
    assert sum(map(bool, of_pyshacl.values())) == 8
    for shape, nodes in of_pyshacl.items():
        if isinstance(shape, rdflib.URIRef):
            assert focus_nodes(data, shapes, shape) == nodes
            assert touched(data, shapes).get(str(shape), 0) == len(nodes)


def test_shapes_that_look_at_nothing_say_so() -> None:
    outcome = check(":aman a :Human .", NAMED)
    assert outcome.conforms
    assert outcome.touched == {EX + "Named": 0}


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p $this } }",
        "SELECT $this WHERE { service silent ?where { ?s ?p $this } }",
        r"SELECT $this WHERE { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p $this } }",
        r"SELECT $this WHERE { \\U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p $this } }",
        "SELECT $this FROM <http://127.0.0.1:9/> WHERE { ?s ?p $this }",
        "SELECT $this FROM NAMED <http://127.0.0.1:9/> WHERE { ?s ?p $this }",
        "SELECT $this WHERE { ?s ?p $this . FILTER(1<2).SERVICE<http://127.0.0.1:9/>{?s ?p ?o} }",
        "SELECT $this WHERE { $this :p :o.SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "# a comment\\rSELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p $this } }",
        "# one \\r ''' \\n SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { } } # '''",
        r"SELECT $this WHERE { FILTER(?x = '\\u0027) SERVICE <http://127.0.0.1:9/> { } # ') }",
        "LOAD <http://127.0.0.1:9/>",
    ],
)
def test_a_query_that_reads_from_elsewhere_is_refused(select: str) -> None:
    with pytest.raises(
        RefusedError, match=r"the query of https://example.org/Asked says (SERVICE|FROM|LOAD)"
    ) as caught:
        check(":aman a :Person .", query(select))
    assert caught.value.exit_code == Exit.REFUSED


@pytest.mark.parametrize("where", ["sh:ask", "sh:construct", "sh:update"])
def test_queries_of_other_kinds_are_refused_too(where: str) -> None:
    ask = "ASK { SERVICE <http://127.0.0.1:9/> { } }"
    shapes = f':C a sh:ConstraintComponent ; sh:validator [ {where} "{ask}" ] .'
    with pytest.raises(RefusedError, match=r"https://example.org/C says SERVICE"):
        check(":aman a :Person .", shapes)


def test_the_same_words_in_names_texts_and_comments_are_no_reason() -> None:
    select = (
        "SELECT $this ?from WHERE { # FROM here\\n"
        ' $this :learnedFrom ?from ; :serviceOf \\"LOAD FROM\\" , <https://example.org/load> . }'
    )
    shapes = f':Asked a sh:NodeShape ; sh:targetClass :Person ; sh:sparql [ sh:select "{select}" ] .'
    outcome = check(':aman a :Person ; :learnedFrom :b ; :serviceOf "LOAD FROM" , :load .', shapes)
    assert len(outcome.results) == 1


@pytest.mark.parametrize(
    "shapes",
    [
        ":S a sh:PropertyShape ; sh:targetNode :x ; sh:path <https://example.org/a\\u003E\\u0020SERVICE> .",
        ':S sh:declare [ sh:prefix "a" ; sh:namespace "https://example.org/> SELECT * FROM <x" ] .',
        ':S sh:declare [ sh:prefix "a: <b> #" ; sh:namespace "https://example.org/" ] .',
    ],
)
def test_an_iri_that_would_break_out_of_a_query_is_refused(shapes: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)
        graph = turtle(shapes)
    with pytest.raises(RefusedError, match="as IRI or prefix; neither holds"):
        validate(turtle(":x :y :z ."), graph)


class Canary(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:  # the name that http.server calls
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    Canary.asked = []
    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", Canary.asked
        server.shutdown()


def test_nothing_is_fetched_whatever_the_shapes_import(canary: tuple[str, list[str]]) -> None:
    url, asked = canary
    imports = f"<{url}me> a owl:Ontology ; owl:imports <{url}other> ; sh:shapesGraph <{url}shapes> ."
    rules = f'{NAMED} :Named sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ }} WHERE {{ }}" ] .'
    assert validate(
        turtle(f"{imports} :aman a :Person ."), turtle(imports + rules), check_shapes=True
    ).results
    assert asked == []


# ---------------------------------------------------------------- shapes that cannot be used


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (query("SELECT $this WHERE { $this ?p ?o MINUS { $this ?p 1 } }"), "must not contain a MINUS clause"),
        (query("SELECT $this WHERE { $this ?p }"), "Expected"),
        (query("SELECT $this WHERE { $this nowhere:p ?o }"), "nowhere"),
        (query('SELECT $this WHERE { $this ?p ?o FILTER(REGEX(STR(?o), "(")) }'), "unterminated"),
        (":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :a , :b .", "more than one 'sh:path'"),
        (":S a sh:PropertyShape ; sh:targetNode :x .", "must include one `sh:path`"),
        (":S a sh:NodeShape , sh:PropertyShape ; sh:path :a .", "cannot be the subject of a 'sh:path'"),
        (":S a sh:NodeShape ; sh:targetNode :x ; sh:or () .", "1 or more members"),
        (":S a sh:NodeShape ; sh:targetNode :x ; sh:pattern '(' .", "unterminated"),
        (":S a sh:NodeShape ; sh:targetNode :x ; sh:minLength 'a' .", "sh:minLength"),
        (":S a sh:NodeShape ; sh:targetNode :x ; sh:node :S .", "refers to itself"),
        (":S a sh:NodeShape ; sh:targetNode :x ; sh:not [ sh:not :S ] .", "refers to itself"),
    ],
)
def test_shapes_that_cannot_be_used_are_told_in_one_line(
    shapes: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    data = ':aman a :Person ; :p "a" . :x :y :z .'
    with pytest.raises(KgError, match="the shapes cannot be checked: ") as caught:
        check(data, shapes)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == Exit.CANNOT
    assert capfd.readouterr() == ("", "")


def test_foreign_shapes_are_checked_against_shacls_own_shapes_when_asked() -> None:
    shapes = turtle(':S a sh:NodeShape ; sh:targetNode :x ; sh:severity "bad" , :other ; sh:message 5 .')
    assert validate(turtle(":x :y :z ."), shapes).conforms
    with pytest.raises(
        KgError, match=r"the shapes break [0-9]+ of SHACL's own rules: https://example.org/S: "
    ):
        validate(turtle(":x :y :z ."), shapes, check_shapes=True)


def test_what_was_handed_over_is_left_as_it_was() -> None:
    data, shapes = turtle(FAULTS), turtle(RULES)
    before = set(data), set(shapes), logging.root.manager.disable
    validate(data, shapes)
    validate(data, shapes)
    assert (set(data), set(shapes), logging.root.manager.disable) == before
    assert logging.getLogger("pyshacl-validate").handlers == []
    assert rdflib.NORMALIZE_LITERALS is False
    assert str(rdflib.Literal("007", datatype=rdflib.XSD.integer)) == "007"


def test_nothing_is_logged_for_a_literal_that_breaks_its_datatype(capfd: pytest.CaptureFixture[str]) -> None:
    select = "SELECT $this WHERE { $this :age ?age . FILTER(xsd:integer(STR(?age)) > 5) }"
    check(':aman a :Person ; :age "old" .', query(select))
    assert capfd.readouterr() == ("", "")


def test_a_dataset_is_refused_before_its_default_graph_passes_for_all_of_it() -> None:
    with pytest.raises(TypeError, match="data is a dataset"):
        validate(rdflib.Dataset(), turtle(NAMED))


def test_empty_data_and_empty_shapes_conform() -> None:
    outcome = check("", "")
    assert (outcome.results, outcome.conforms, outcome.touched) == ((), True, {})
    assert b"sh:conforms true" in report_turtle(outcome)


# ---------------------------------------------------------------- the report


def read_xml(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314  # our own output, a few lines above


def test_the_report_in_turtle_is_the_report() -> None:
    outcome = check(FAULTS, RULES)
    read = rdflib.Graph().parse(data=report_turtle(outcome), format="turtle")
    assert isomorphic(read, outcome.report)
    (report,) = read.subjects(rdflib.RDF.type, SH.ValidationReport)
    assert len(list(read.objects(report, SH.result))) == len(outcome.results)


def test_a_small_report_reads_well() -> None:
    shapes = NAMED.replace("sh:path :name", "sh:path [ sh:inversePath :name ]")
    assert report_turtle(check(":aman a :Person .", shapes)).decode() == (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "\n"
        "[] a sh:ValidationReport ;\n"
        "  sh:conforms false ;\n"
        "  sh:result [\n"
        "      a sh:ValidationResult ;\n"
        "      sh:focusNode <https://example.org/aman> ;\n"
        '      sh:resultMessage "no name" ;\n'
        "      sh:resultPath [\n"
        "        sh:inversePath <https://example.org/name>\n"
        "      ] ;\n"
        "      sh:resultSeverity sh:Violation ;\n"
        "      sh:sourceConstraintComponent sh:MinCountConstraintComponent ;\n"
        "      sh:sourceShape <https://example.org/Named>\n"
        "    ] .\n"
    )


def test_the_same_input_gives_the_same_bytes_in_every_process() -> None:
    program = (
        "import sys, test_validate as t\n"
        "outcome = t.check(t.FAULTS, t.RULES)\n"
        "for part in (t.report_turtle(outcome), t.junit(outcome), repr(outcome.results).encode()):\n"
        "    sys.stdout.buffer.write(part)"
    )
    written = set()
    for seed in ("1", "2", "3"):
        path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=True)
        written.add(ran.stdout)
    assert len(written) == 1
    assert len(written.pop()) > 1000


def test_junit_has_a_case_for_each_shape() -> None:
    shapes = (
        NAMED + ":Aged a sh:PropertyShape ; sh:targetClass :Person ; sh:path :age ; sh:minCount 1 ;"
        ' sh:severity sh:Warning ; sh:message "no age" .'
        ":Court a sh:NodeShape ; sh:targetClass :Court . :Fine a sh:NodeShape ; sh:targetClass :Person ."
    )
    root = read_xml(junit(check(":a a :Person . :b a :Person .", shapes), "rules & more"))
    assert root.tag == "testsuite"
    counts = {name: root.get(name) for name in ("name", "tests", "failures", "skipped", "errors")}
    assert counts == {"name": "rules & more", "tests": "4", "failures": "1", "skipped": "1", "errors": "0"}
    cases = {case.get("name"): case for case in root}
    assert [child.tag for child in cases[EX + "Fine"]] == []
    assert [child.tag for child in cases[EX + "Court"]] == ["skipped"]
    (failure,) = cases[EX + "Named"]
    assert failure.get("message") == "no name"
    assert (failure.text or "").splitlines() == [
        f"{EX}a {EX}name: violation: no name",
        f"{EX}b {EX}name: violation: no name",
    ]
    (output,) = cases[EX + "Aged"]
    assert (output.tag, (output.text or "").count("warning: no age")) == ("system-out", 2)


def test_junit_can_be_read_whatever_a_value_holds() -> None:
    shapes = ":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; sh:in ( 1 ) ."
    outcome = check(':x :p "a\\u0000b\\u001B<&]]>" .', shapes)
    ((failure,),) = read_xml(junit(outcome))
    assert "<&]]>" in (failure.text or "")


def test_shapes_of_the_project_have_short_names_in_junit() -> None:
    shapes = "<https://w3id.org/reportedly/shapes#rule> a sh:NodeShape ; sh:targetClass :Person ."
    (case,) = read_xml(junit(check("", shapes)))
    assert case.get("name") == "kgs:rule"


def test_rows_have_the_same_columns_and_suit_json() -> None:
    outcome = check(":aman a :Person .", NAMED)
    assert json.loads(json.dumps(rows(outcome))) == [
        {
            "severity": "violation",
            "focus": EX + "aman",
            "path": EX + "name",
            "value": None,
            "shape": EX + "Named",
            "component": "http://www.w3.org/ns/shacl#MinCountConstraintComponent",
            "message": "no name",
        }
    ]
