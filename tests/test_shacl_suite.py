from __future__ import annotations

from pathlib import Path

import pytest

from shacl_suite import FAILURE, Case, outcomes, read_cases

pytestmark = pytest.mark.filterwarnings("ignore")  # other people's literals


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        folder = metafunc.config.getoption("--shacl-suite")
        cases = list(read_cases(folder)) if folder else []
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def test_a_case_of_the_suite_is_passed_where_pyshacl_passes_it(case: Case) -> None:
    expected, found, by_pyshacl = outcomes(case)
    assert found == by_pyshacl
    if found != expected:
        pytest.xfail("pyshacl does not pass it either")


# ---------------------------------------------------------------- the reader of suites itself

HEAD = """
@prefix : <https://example.org/> .
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix sht: <http://www.w3.org/ns/shacl-test#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CASE = (
    HEAD
    + """
:aman :age "old" . :serik :age 7 .
:S a sh:NodeShape ; sh:targetNode :aman , :serik ; sh:message "no age"@en ;
    sh:property :P . :P sh:path [ sh:alternativePath ( :age :years ) ] ; sh:datatype xsd:integer .
<> a mf:Manifest ; mf:entries ( <one> ) .
<one> a sht:Validate ; mf:action [ sht:dataGraph <> ; sht:shapesGraph <> ] ; mf:status sht:approved ;
    mf:result [ a sh:ValidationReport ; sh:conforms false ; sh:result [
        a sh:ValidationResult ; sh:focusNode :aman ; sh:value "old" ; sh:resultSeverity sh:Violation ;
        sh:resultPath [ sh:alternativePath ( :age :years ) ] ; sh:sourceShape :P ;
        sh:sourceConstraintComponent sh:DatatypeConstraintComponent ] ] .
"""
)
SHAPES = HEAD + ":S a sh:NodeShape ; sh:path :p ; sh:targetNode :aman ."
FAILING = (
    HEAD
    + """
<> a mf:Manifest ; mf:entries ( <two> <other> ) .
<two> a sht:Validate ; mf:result sht:Failure ;
    mf:action [ sht:dataGraph <one.ttl> ; sht:shapesGraph <shapes.ttl> ] .
<other> a sht:WellFormed .
"""
)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "core").mkdir()
    (tmp_path / "manifest.ttl").write_text(HEAD + "<> a mf:Manifest ; mf:include <core/manifest.ttl> .")
    (tmp_path / "core/manifest.ttl").write_text(
        HEAD + "<> a mf:Manifest ; mf:include <one.ttl> , <two.ttl> , <../manifest.ttl> ."
    )
    (tmp_path / "core/one.ttl").write_text(CASE)
    (tmp_path / "core/two.ttl").write_text(FAILING)
    (tmp_path / "core/shapes.ttl").write_text(SHAPES)
    return tmp_path


def test_the_cases_of_a_suite_are_those_of_all_its_manifests(suite: Path) -> None:
    assert [case.name for case in read_cases(suite)] == ["core/one/one", "core/two/two"]


def test_a_case_is_compared_with_what_its_manifest_expects(suite: Path) -> None:
    one, two = read_cases(suite)
    expected, found, by_pyshacl = outcomes(one)
    assert expected == found == by_pyshacl
    assert [len(said) for said in expected] == [6]  # type: ignore[attr-defined]  # a Counter
    assert outcomes(two) == (FAILURE, FAILURE, FAILURE)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("sh:focusNode :aman", "sh:focusNode :serik"),
        ('sh:value "old"', 'sh:value "old"@en'),
        ("sh:alternativePath ( :age :years ) ] ; sh:sourceShape", "sh:inversePath :age ] ; sh:sourceShape"),
        ("sh:sourceShape :P", "sh:sourceShape :S"),
        ("sh:resultSeverity sh:Violation", "sh:resultSeverity sh:Warning"),
        ("a sh:ValidationResult ;", 'a sh:ValidationResult ; sh:resultMessage "old" ;'),
        ("mf:status sht:approved ;\n    mf:result [ a", "mf:result sht:Failure ; :x [ a"),
    ],
)
def test_a_case_that_expects_something_else_is_not_passed(suite: Path, there: str, instead: str) -> None:
    assert CASE.count(there) == 1
    (suite / "core/one.ttl").write_text(CASE.replace(there, instead))
    expected, found, _ = outcomes(next(read_cases(suite)))
    assert expected != found
