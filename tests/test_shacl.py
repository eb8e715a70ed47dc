from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from rdflib import SH

from kg import shacl, store
from kg.problems import KgError
from kg.shacl import reference, terms
from kg.shacl.syntax import parse
from kg.validate import Engine, Outcome, Result, report_turtle, rows, validate

ROOT = Path(__file__).parents[1]
EX = "https://example.org/"
PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(text: str) -> list[tuple[str, str, str]]:
    return [quad[:3] for quad in store.parse((PREFIXES + text).encode(), format="turtle")]


def check(data: str, shapes: str, engine: Engine = "compiled") -> Outcome:
    return validate(turtle(data), turtle(shapes), engine=engine)


def broken(outcome: Outcome) -> list[tuple[str, str | None]]:
    return [(result.focus.removeprefix(EX), result.value) for result in outcome.results]


def both(data: str, shapes: str) -> Outcome:
    """What compiled shapes say, after seeing that pyshacl says the same."""
    # Read once: blank nodes are named anew each time.
    given, rules = turtle(data), turtle(shapes)
    engines: tuple[Engine, ...] = ("compiled", "pyshacl")
    compiled, by_pyshacl = (validate(given, rules, engine=engine) for engine in engines)

    def without_message(outcome: Outcome) -> list[dict[str, str | None]]:
        return [{**row, "message": None} for row in rows(outcome)]

    assert without_message(compiled) == without_message(by_pyshacl)
    assert (compiled.touched, compiled.conforms) == (by_pyshacl.touched, by_pyshacl.conforms)
    return compiled


# ---------------------------------------------------------------- traps


@pytest.mark.parametrize(
    ("constraint", "values", "wrong"),
    [
        ("sh:datatype xsd:date", '"2017-05-31"^^xsd:date , "2017-02-30"^^xsd:date , "c. 2017"^^xsd:date', 2),
        ("sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )", '"c. 2017"^^xsd:date', 1),
        ("sh:datatype xsd:integer", '"007"^^xsd:integer , "7.0"^^xsd:integer , "7"^^xsd:decimal', 2),
        ("sh:datatype xsd:nonNegativeInteger", '"-1"^^xsd:nonNegativeInteger , "0"^^xsd:nonNegativeInteger', 1),
        ("sh:datatype xsd:boolean", '"yes"^^xsd:boolean , true', 1),
        ("sh:datatype xsd:dateTime", '"2020-01-01T24:60:00"^^xsd:dateTime', 1),
        ("sh:datatype :Kind", '"any letters"^^:Kind , "x"', 1),
        ("sh:in ( 7 1.5 )", '7 , "07"^^xsd:integer , 7.0 , 1.50 , 1.5', 3),
        ('sh:in ( "a" )', '"a"^^xsd:string , "a"@en', 1),
        ("sh:minInclusive 5", '5 , 5.0 , "5"^^xsd:nonNegativeInteger , 4 , "5" , :five , "five"^^xsd:integer', 4),
        ('sh:maxExclusive "2020-01-01"^^xsd:date', '"2019-12-31"^^xsd:date , "2020-01-01"^^xsd:date , 5', 2),
        (
            'sh:minInclusive "2020-01-01T00:00:00Z"^^xsd:dateTime',
            '"2021-01-01T00:00:00Z"^^xsd:dateTime , "2021-01-01T00:00:00"^^xsd:dateTime',
            1,
        ),
        ("sh:pattern '^a.c$' ; sh:flags 'i'", '"ABC" , "abc"@en , "xabcx" , :abc', 2),
        ("sh:minLength 4", '"abcd" , "abc" , 1234 , :a', 1),
        ("sh:languageIn ( 'en' 'kk-Cyrl' )", '"a"@en-GB , "b"@kk , "c" , "d"@kk-Cyrl', 2),
        ("sh:nodeKind sh:IRIOrLiteral", ':a , "b" , []', 1),
        ("sh:hasValue 1", '"01"^^xsd:integer', 1),
        ("sh:lessThan :q", "1 , 2 , 3 , 'a' , :x", 3),
        ("sh:lessThanOrEquals :q", "1 , 3 , 4", 1),
        ("sh:equals :q", "3 , 4", 1),
        ("sh:disjoint :q", "3 , 4", 1),
        ("sh:closed true", ":x", 2),
        ("sh:deactivated true ; sh:maxCount 0", ":x", 0),
    ],
)  # fmt: skip
def test_values_are_judged_as_pyshacl_judges_them(constraint: str, values: str, wrong: int) -> None:
    shape = f":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; {constraint} ."
    assert len(both(f":x :p {values} ; :q 3 .", shape).results) == wrong


@pytest.mark.parametrize(
    ("data", "shapes"),
    [
        (":a :p _:b .", ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:lessThan :p ."),
        (
            ':a :p "NaN"^^xsd:double .',
            ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:minInclusive 1.5 .",
        ),
    ],
)
def test_what_cannot_be_compared_breaks_the_constraint_where_pyshacl_gives_up(data: str, shapes: str) -> None:
    assert len(check(data, shapes).results) == 1
    with pytest.raises(KgError, match="cannot be checked"):
        check(data, shapes, "pyshacl")


def test_the_inverse_of_a_sequence_keeps_its_order_as_in_pyshacl() -> None:
    shape = (
        ":S a sh:PropertyShape ; sh:targetNode :z ; sh:path [ sh:inversePath ( :p :q ) ] ; sh:minCount 1 ."
    )
    # By SHACL 2.3.1 it would be the other way round.
    assert both(":a :p :b . :b :q :z .", shape).results != ()
    assert both(":a :q :b . :b :p :z .", shape).results == ()


def test_a_string_is_the_same_with_its_datatype_and_without_where_pyshacl_tells_them_apart() -> None:
    data = rdflib.Graph()
    data.add(
        (rdflib.URIRef(EX + "x"), rdflib.URIRef(EX + "p"), rdflib.Literal("a", datatype=rdflib.XSD.string))
    )
    shapes = turtle(":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; sh:in ( 'a' ) .")
    assert validate(data, shapes, engine="compiled").conforms
    assert not validate(data, shapes, engine="pyshacl").conforms


def test_severity_and_message_come_from_the_shape_that_found_it() -> None:
    outcome = both(
        ":aman a :Person ; :knows :serik .",
        """:S a sh:NodeShape ; sh:targetClass :Person ; sh:severity sh:Info ; sh:message "outer" ;
             sh:property [ sh:path :name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "inner {?value}" ] ;
             sh:property [ sh:path :knows ; sh:node [ sh:class :Person ] ] .""",
    )
    assert [(r.severity, r.message, r.path) for r in outcome.results] == [
        ("violation", "the value does not conform to a shape that it has to conform to", EX + "knows"),
        ("warning", "inner {?value}", EX + "name"),
    ]
    assert outcome.results[0].shape == EX + "S"


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("sh:minCount 2", "there are fewer values than 2"),
        ("sh:class :Person , :Herder", "the value is no instance of <https://example.org/Herder>, <"),
        ("sh:datatype xsd:date", "the value is not a well-formed xsd:date"),
        ("sh:in ( 'a' 'b' )", "the value is none of 'a', 'b'"),
        ("sh:pattern '^x'", "the value does not match '^x'"),
        ("sh:maxExclusive 3", "the value is not below '3'"),
        (
            "sh:xone ( [ sh:class :A ] [ sh:class :B ] )",
            "the value does not conform to exactly one of the shapes",
        ),
        ("sh:equals :q", "the value is not also one of <https://example.org/q>"),
    ],
)
def test_without_a_message_of_the_shape_the_result_says_what_is_wrong(constraint: str, said: str) -> None:
    (result, *_) = check(
        ":x :p 7 .", f":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; {constraint} ."
    ).results
    assert result.message.startswith(said)


# ---------------------------------------------------------------- circles


def test_shapes_in_a_circle_are_left_where_pyshacl_leaves_them() -> None:
    shapes = (
        ":P a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:path :knows ; sh:node :P ; sh:minCount 1 ] ."
    )
    assert len(both(":a :knows :b . :b :knows :c .", shapes).results) == 1
    plan = shacl.compile(turtle(shapes))
    circle = shacl.Memory.of(turtle(":a :knows :b . :b :knows :a ."))
    assert plan.validate(circle).circles != ()
    assert plan.validate(circle).findings == ()
    for engine in ("compiled", "pyshacl"):
        with pytest.raises(KgError, match="one refers to itself"):
            check(":a :knows :b . :b :knows :a .", shapes, engine)


# ---------------------------------------------------------------- queries


def asked(select: str, more: str = "") -> str:
    return f':Q a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [ sh:select """{select}""" {more} ] .'


@pytest.mark.parametrize(
    ("where", "values", "found"),
    [
        ("FILTER(DATATYPE(?value) = <http://www.w3.org/2001/XMLSchema#nonNegativeInteger>)",
         '"7"^^xsd:nonNegativeInteger , 7', ['"7"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>']),
        ('FILTER(STR(?value) = "007")', '"007"^^xsd:integer , 7',
         ['"007"^^<http://www.w3.org/2001/XMLSchema#integer>']),
        ('FILTER(REGEX(STR(?value), "0$"))', "1.50 , 1.5",
         ['"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>']),
        ("FILTER(?value = 7)", '"007"^^xsd:integer , "7"^^xsd:byte , "7"', [
            '"007"^^<http://www.w3.org/2001/XMLSchema#integer>', '"7"^^<http://www.w3.org/2001/XMLSchema#byte>']),
        ("FILTER(?value != 7)", ":a , 'b'^^:Kind , 7", ['"b"^^<https://example.org/Kind>', f"<{EX}a>"]),
        ("FILTER(?value < 8 || isIRI(?value))", ":a , 7 , 'b'",
         ['"7"^^<http://www.w3.org/2001/XMLSchema#integer>', f"<{EX}a>"]),
        ("FILTER NOT EXISTS { ?value a/rdfs:subClassOf* <https://example.org/C> }", ":c , :d , 1",
         ['"1"^^<http://www.w3.org/2001/XMLSchema#integer>', f"<{EX}d>"]),
    ],
)  # fmt: skip
def test_queries_see_the_letters_and_datatypes_of_numbers_as_they_stand(
    where: str, values: str, found: list[str]
) -> None:
    data = f":x :p {values} . :c a :D . :D rdfs:subClassOf :C ."
    select = f"SELECT $this ?value WHERE {{ $this <https://example.org/p> ?value . {where} }}"
    assert [value for _, value in broken(both(data, asked(select)))] == found


def test_an_order_over_terms_of_every_kind_stops_nothing() -> None:
    select = "SELECT $this ?value WHERE { $this <https://example.org/p> ?value } ORDER BY DESC(?value) ?this"
    assert (
        len(
            check(
                ":x :p 1 , 'a' , 'b'@en , :c , _:d , '2020'^^xsd:gYear , 'NaN'^^xsd:double .", asked(select)
            ).results
        )
        == 7
    )


def test_a_query_knows_its_path_and_its_shape() -> None:
    shapes = """:Q a sh:PropertyShape ; sh:path [ sh:inversePath :p ] ; sh:targetObjectsOf :p ; sh:sparql [
        sh:message "{?value} by {$currentShape}" ;
        sh:select "SELECT $this ?value WHERE { $this $PATH ?value . ?value :p $this . FILTER($currentShape != $this) }" ;
        sh:prefixes :Prefixes ] .
        :Prefixes sh:declare [ sh:prefix "" ; sh:namespace "https://example.org/"^^xsd:anyURI ] ."""
    (result,) = both(":a :p :b .", shapes).results
    assert (result.focus, result.path, result.value) == (EX + "b", f"^<{EX}p>", f"<{EX}a>")
    assert result.message == "https://example.org/a by {$currentShape}"


def test_a_failure_is_one_result_for_the_focus_node() -> None:
    select = "SELECT $this ?failure WHERE { $this <https://example.org/p> ?v BIND(true AS ?failure) }"
    (result,) = both(":x :p 1 , 2 .", asked(select, '; sh:message "failed {$this}"')).results
    assert (result.value, result.message) == (f"<{EX}x>", f"failed {EX}x")


def test_a_query_that_has_nothing_to_do_with_its_focus_node_walks_no_whole_graph() -> None:
    plan = shacl.compile(turtle(asked("SELECT $this WHERE { $this ?p ?o . ?a (:p/:q)* ?b }")))
    assert "declared" in plan.uncompiled[f"<{EX}Q>"]
    plan = shacl.compile(turtle(asked(f"SELECT $this WHERE {{ $this ?p ?o . ?a (<{EX}p>/<{EX}q>)* ?b }}")))
    assert plan.uncompiled == {f"<{EX}Q>": "a path in a query that starts nowhere"}


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this WHERE { $this ?p ?o } LIMIT 1",
        "SELECT (COUNT(?o) AS ?n) WHERE { $this ?p ?o } GROUP BY $this",
        "SELECT $this WHERE { { SELECT $this WHERE { $this ?p ?o } } }",
        "SELECT $this WHERE { GRAPH ?g { $this ?p ?o } }",
        "SELECT $this WHERE { $this ?p ?o FILTER(NOW() > ?o) }",
        "SELECT $this WHERE { $this ?p 1.50 }",
        "SELECT $this WHERE { $this !<https://example.org/p> ?o }",
        r"SELECT $this WHERE { $this ?p '\u0041' }",
        "SELECT $this WHERE { $this ?p ( 1 2 ) }",
        "SELECT $this WHERE { $this ?p <relative> }",
        "SELECT $this WHERE { $this ?p ?o",
        "ASK { $this ?p ?o }",
    ],
)
def test_a_query_that_is_not_compiled_is_left_to_pyshacl(select: str) -> None:
    from kg.shacl.graph import NotCompiled

    with pytest.raises(NotCompiled):
        parse(select, {})


# ---------------------------------------------------------------- what is left to pyshacl

LIMITED = asked(
    "SELECT $this ?value WHERE { $this <https://example.org/p> ?value } LIMIT 5", '; sh:message "q"'
)
NESTED = """
:E a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; sh:message "e" ; sh:sparql [
    sh:select "SELECT $this ?n WHERE { { SELECT $this (COUNT(?o) AS ?n) WHERE { $this <https://example.org/p> ?o } GROUP BY $this } }" ] .
"""
COMPONENT = """
:Even a sh:ConstraintComponent ; sh:parameter [ sh:path :even ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:message "not even: {$value} of {?even}" ;
        sh:ask "ASK { FILTER(CONTAINS(STR($value), '2') = $even) }" ] .
:E a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; :even true .
"""
NAMED = ':N a sh:PropertyShape ; sh:targetNode :x ; sh:path :name ; sh:minCount 1 ; sh:message "no name" .'


def test_shapes_that_are_not_compiled_go_to_pyshacl_with_a_notice_and_the_others_do_not() -> None:
    outcome = check(":x :p 1 , 2 .", LIMITED + NESTED + NAMED, "auto")
    assert outcome.notices == (
        f"pyshacl checks {EX}E: SELECT in a query",
        f"pyshacl checks {EX}Q: the query goes on with 'LIMIT'",
    )
    assert [(r.shape.removeprefix(EX), r.value) for r in outcome.results] == [
        ("E", None),
        ("N", None),
        ("Q", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("Q", '"2"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ]
    assert outcome.touched == {EX + "E": 1, EX + "N": 1, EX + "Q": 1}
    assert len(list(outcome.report.objects(None, SH.result))) == 4
    assert rows(outcome) == rows(check(":x :p 1 , 2 .", LIMITED + NESTED + NAMED, "pyshacl"))


def test_compiled_shapes_alone_refuse_what_is_not_compiled() -> None:
    with pytest.raises(KgError, match=f"without pyshacl: {EX}Q: the query goes on with 'LIMIT'"):
        check(":x :p 1 .", LIMITED)
    with pytest.raises(KgError, match=r"without pyshacl: .* is a node shape and has a path"):
        check(":x :p 1 .", ":S a sh:NodeShape ; sh:path :p .")


def test_a_constraint_component_of_a_graph_is_asked_about_each_value() -> None:
    (result,) = both(":x :p 12 , 21 , 33 .", COMPONENT).results
    assert (result.path, result.value, result.component) == (EX + "p", None, EX + "Even")
    assert result.message == "not even: 33 of true"
    shape = COMPONENT.replace(
        ":E a sh:PropertyShape ; sh:targetNode :x ; sh:path :p", ":E sh:targetNode 2 , 3"
    )
    assert broken(both("", shape)) == [('"3"^^<http://www.w3.org/2001/XMLSchema#integer>',) * 2]
    assert check(":x :p 1 .", COMPONENT.replace(":even true", "sh:minCount 1")).results == ()


def test_a_constraint_component_may_select_for_property_shapes() -> None:
    shapes = """:Lang a sh:ConstraintComponent ; sh:parameter [ sh:path :lang ] , [ sh:path :other ; sh:optional true ] ;
        sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:message "{?value} is not in {$lang}"@en ;
            sh:select '''SELECT DISTINCT $this ?value WHERE {
                $this $PATH ?value . FILTER(!isLiteral(?value) || !langMatches(lang(?value), $lang)) }''' ] .
    :L a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; :lang "en" .
    :N a sh:NodeShape ; sh:targetNode :x ; sh:property :L ."""
    outcome = both(":x :p 'a'@en , 'b'@de .", shapes)
    assert [(r.value, r.message) for r in outcome.results] == [('"b"@de', "b is not in en")]
    assert shacl.compile(
        turtle(shapes.replace(":N a sh:NodeShape ;", ":N a sh:NodeShape ; :lang 'en' ;"))
    ).uncompiled


def test_the_shapes_that_are_left_out_keep_what_they_are_for_others() -> None:
    shapes = turtle(
        ":A a sh:NodeShape ; sh:targetNode :x ; sh:node :B . :B sh:targetClass :C ; sh:class :C ."
    )
    rest = set(reference.only(shapes, [f"<{EX}A>"]))
    assert (f"<{EX}B>", terms.TYPE, "<http://www.w3.org/ns/shacl#NodeShape>") in rest
    assert not any(subject == f"<{EX}B>" and "target" in predicate for subject, predicate, _ in rest)


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:minCount -1", "sh:minCount 'one'", "sh:minCount 1 , 2", "sh:datatype xsd:date , xsd:integer",
        "sh:pattern 5", "sh:pattern '('", "sh:in :not-a-list", "sh:languageIn ( 5 )", "sh:closed 'true'",
        "sh:ignoredProperties ( :p )", "sh:qualifiedMinCount 1", "sh:qualifiedValueShape :S",
        "sh:property :N", "sh:uniqueLang 'yes'", "sh:severity sh:Info , sh:Warning", "sh:deactivated 5",
        "sh:minInclusive :five", "sh:equals 'p'", "sh:sparql []", "sh:or ( 'a' )", "sh:and :open",
    ],
)  # fmt: skip
def test_a_malformed_constraint_is_for_pyshacl_to_refuse_or_to_read(constraint: str) -> None:
    shapes = f":S a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; {constraint} . :N a sh:NodeShape ."
    plan = shacl.compile(turtle(shapes))
    assert plan.unusable or plan.uncompiled


@pytest.mark.parametrize(
    "path",
    [
        "( :p )", "[ sh:alternativePath ( :p ) ]", "[ :other :p ]", "'p'",
        "( :p :p :p :p :p :p :p :p :p :p :p )", "[ sh:inversePath :p , :q ]",
    ],
)  # fmt: skip
def test_a_malformed_path_is_for_pyshacl_to_refuse(path: str) -> None:
    plan = shacl.compile(turtle(f":S a sh:PropertyShape ; sh:targetNode :x ; sh:path {path} ."))
    assert plan.uncompiled


# ---------------------------------------------------------------- limits, early ends, several processes

MANY = "".join(f":n{n} a :C ; :p {n % 7} .\n" for n in range(60))
STRICT = """
:A a sh:PropertyShape ; sh:targetClass :C ; sh:path :p ; sh:maxExclusive 3 ; sh:severity sh:Info .
:B a sh:PropertyShape ; sh:targetClass :C ; sh:path :q ; sh:minCount 1 .
"""


def test_a_limit_gives_the_first_findings_whatever_the_number_of_processes() -> None:
    plan, data = shacl.compile(turtle(STRICT)), shacl.Memory.of(turtle(MANY))
    some = plan.validate(data, limit=10)
    assert len(some.findings) == 10
    assert some == plan.validate(data, limit=10, jobs=2)
    everything = plan.validate(data)
    assert len(everything.findings) == 33 + 60
    assert set(some.findings) < set(everything.findings)
    assert everything == plan.validate(data, limit=1000, jobs=3)


def test_an_early_end_comes_with_the_first_violation_and_not_with_a_note() -> None:
    plan, data = shacl.compile(turtle(STRICT)), shacl.Memory.of(turtle(MANY))
    found = plan.validate(data, fail_fast=True).findings
    assert {finding.severity for finding in found} == {
        "<http://www.w3.org/ns/shacl#Info>",
        "<http://www.w3.org/ns/shacl#Violation>",
    }
    assert len(found) == 33 + 1


def test_progress_is_told_and_ends_with_everything() -> None:
    told: list[tuple[int, int]] = []
    shacl.compile(turtle(STRICT)).validate(
        shacl.Memory.of(turtle(MANY)), progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 2), (2, 2)]


# ---------------------------------------------------------------- the report, and what is not imported


def test_the_report_is_the_one_that_pyshacl_writes() -> None:
    shapes = """:S a sh:NodeShape ; sh:targetClass :C ; sh:message "no"@en ; sh:property [
            sh:path ( :p [ sh:zeroOrMorePath :q ] ) ; sh:nodeKind sh:IRI ; sh:message "an IRI" ] ;
        sh:node [ sh:property [ sh:path :r ; sh:minCount 1 ; sh:message "inner" ] ] ;
        sh:sparql [ sh:message "{?path}" ; sh:select "SELECT $this ?value ?path WHERE { $this ?path ?value }" ] ."""
    data = ":a a :C ; :p 1 , _:b . _:b :q 'x' ; :r [ :s 2 ] ."
    engines: tuple[Engine, ...] = ("compiled", "pyshacl")
    compiled, by_pyshacl = (check(data, shapes, engine) for engine in engines)
    assert report_turtle(compiled).decode() == report_turtle(by_pyshacl).decode()


def test_neither_rdflib_nor_pyshacl_is_imported_for_common_shapes_and_data() -> None:
    program = """
import sys
from pathlib import Path
from kg import shacl, store
from kg.validate import validate
shapes = [quad[:3] for path in sorted(Path("shapes").glob("*.ttl")) for quad in store.parse(path)]
data = [quad[:3] for quad in store.parse(Path("exports/kg.ttl"))]
outcome = validate(data, shapes, engine="compiled")
assert len(outcome.touched) > 50
assert outcome.conforms, outcome.results[:2]
print(sorted({"rdflib", "pyshacl", "networkx"} & set(sys.modules)))
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run([sys.executable, "-c", program], env=env, cwd=ROOT, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_triples_and_graphs_and_data_held_before_give_the_same() -> None:
    data, shapes = turtle(MANY), turtle(STRICT)
    graph = reference.as_graph(data)
    plan = shacl.compile(shapes)
    outcomes = [
        validate(data, shapes),
        validate(graph, reference.as_graph(shapes)),
        validate(shacl.Memory.of(data, plan.predicates), shapes, jobs=2),
    ]
    assert len({(outcome.results, tuple(outcome.touched.items())) for outcome in outcomes}) == 1
    assert isinstance(outcomes[0].results[0], Result)
