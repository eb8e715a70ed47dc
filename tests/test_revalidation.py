"""What is validated again after an edit, and that a build which does so ends as one that validates all."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import build, conflicts, memory, revalidation, seeds, shacl
from kg.build import Graph, Vocabulary
from kg.cli import cli
from kg.nt import Triple
from kg.project import find
from shacl_cases import RandomPattern, random_links
from test_conflicts import FILES as RULES
from test_conflicts import PAIRS, seed, triples_of
from test_memory import SHARED, report

# ---------------------------------------------------------------- whole builds

SHAPES = """\
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix s: <https://example.org/shapes#> .
s:age sh:targetClass kg:Assertion ; sh:severity sh:SEVERITY ; sh:message "not so old"@en ;
    sh:or ( [ sh:not [ sh:path rdf:predicate ; sh:hasValue kg:age ] ]
            [ sh:path rdf:object ; sh:maxInclusive OLDEST ] ) .
s:told sh:targetClass kg:Person ;
    sh:property [ sh:path [ sh:inversePath rdf:subject ] ; sh:maxCount 7 ; sh:severity sh:Info ; sh:message "much"@en ] .
s:named sh:targetObjectsOf rdf:subject ;
    sh:property [ sh:path rdfs:label ; sh:pattern "^[A-Z]" ; sh:severity sh:Warning ; sh:message "no name"@en ] .
"""
"""Blank nodes among them, and a property that is followed backwards."""

ONTOLOGY = """\
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix own: <https://example.org/own#> .
own:Camp a owl:Class ; rdfs:subClassOf kg:CLASS ; rdfs:label "camp"@en ; rdfs:comment "A camp."@en .
"""

DATED = """\
  - about: aman
    told-by: witness
    evidence: {{start: {0}1, end: {0}9, digest: {1}}}
    episode: case
    date: 2021-0{0}
    detained-at: hill
    polarity: {2}
"""

Edit = Callable[[Path, int], None]


def _replaced(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    if path.exists():
        path.write_text(path.read_text().replace(old, new))


def _dated(folder: Path, number: int) -> None:
    path = folder / f"seeds/r{number}.yaml"
    said = ("affirmed", "denied")[number % 2]
    path.write_text(report(number) + DATED.format(number % 9 + 1, "0" * 64, said))


def _shapes(folder: Path, number: int) -> None:
    severity, oldest = (("Warning", 40), ("Violation", 90), ("Violation", 40), ("Info", 35))[number % 4]
    (folder / "own.ttl").write_text(SHAPES.replace("SEVERITY", severity).replace("OLDEST", str(oldest)))


EDITS: dict[str, Edit] = {
    "an age": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "age: 36", f"age: {30 + n}"),
    "too old": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "age: 36", "age: 97"),
    "mended": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "age: 97", "age: 36"),
    "a place": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "[valley", "[hill"),
    "more said": _dated,
    "as it was": lambda folder, n: (folder / f"seeds/r{n}.yaml").write_text(report(n)) and None,
    "no file": lambda folder, n: (folder / f"seeds/r{n}.yaml").unlink(missing_ok=True),
    "a name": lambda folder, n: _replaced(folder, "seeds/shared.yaml", "Aman Tolek", f"aman {n}"),
    "a key": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", f"person-{n}", f"somebody-{n}"),
    "a remark": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "assertions:", "# so\nassertions:"),
    "a problem": lambda folder, n: _replaced(folder, f"seeds/r{n}.yaml", "unknown]", "nowhere]"),
    "hidden": lambda folder, n: _replaced(
        folder, f"seeds/r{n}.yaml", f"Person {n}\n", "{label: P, access: restricted}\n"
    ),
    "shapes": _shapes,
    "ontology": lambda folder, n: _replaced(
        folder, "own-ontology.ttl", ("kg:Place", "kg:Facility")[n % 2], ("kg:Facility", "kg:Place")[n % 2]
    ),
    "access": lambda folder, n: _replaced(
        folder, "kg.toml", ("public", "restricted")[n % 2], ("restricted", "public")[n % 2]
    ),
}

edits = st.lists(
    st.tuples(
        st.sampled_from(sorted(set(EDITS) - {"shapes", "ontology", "access"}) * 3 + sorted(EDITS)),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=2,
)
"""What somebody does between one build and the next."""


def plant(folder: Path, number: int = 10) -> None:
    (folder / "seeds").mkdir(parents=True)
    (folder / "kg.toml").write_text(
        'default-access = "public"\nshapes = ["own.ttl"]\nontology = ["own-ontology.ttl"]\n'
    )
    (folder / "own-ontology.ttl").write_text(ONTOLOGY.replace("CLASS", "Place"))
    (folder / "seeds/shared.yaml").write_text(SHARED)
    _shapes(folder, 0)
    for n in range(number):
        (folder / f"seeds/r{n}.yaml").write_text(report(n))


def built(folder: Path, *options: str) -> tuple[int, str, dict[str, bytes]]:
    """Give the exit code, what was printed, and every file of the export."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(cli, ["build", *options])
    exports = [path for name in ("exports", "exports-restricted") for path in (folder / name).glob("*")]
    return result.exit_code, result.output, {path.name: path.read_bytes() for path in exports}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have even small builds remember; give what each of them knew from before."""
    known: list[Any] = []
    really = revalidation.last

    def last(*given: Any) -> revalidation.Last | None:
        known.append(really(*given))
        return known[-1]

    monkeypatch.setattr(revalidation, "last", last)
    monkeypatch.setattr(revalidation, "WORTH_IT", 0)
    monkeypatch.setattr(revalidation, "_MANY", 1)
    monkeypatch.setattr(build, "MANY_FILES", 1)
    return known


def compare(steps: list[list[tuple[str, int]]]) -> None:
    """Build after each step of edits, where all was built before and where nothing was."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "project")
        plant(folder)
        built(folder)
        for step in steps:
            for name, number in step:
                EDITS[name](folder, number)
            before = {path: path.read_bytes() for path in (folder / "exports").glob("*")}
            found = built(folder)
            kept = Path(place, "kept")
            folder.rename(kept)
            # In the same place, for findings and settings tell where files are.
            shutil.copytree(kept, folder, ignore=shutil.ignore_patterns(".kg*", "exports*"))
            expected = built(folder)
            shutil.rmtree(folder)
            kept.rename(folder)
            if expected[0] == 0:
                assert found == expected
            else:
                assert found[:2] == expected[:2]
                assert found[2] == {path.name: data for path, data in before.items()}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(edits, min_size=2, max_size=2))
def test_a_build_after_random_edits_is_that_of_a_fresh_folder(
    small: list[Any], steps: list[list[tuple[str, int]]]
) -> None:
    compare(steps)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(edits, min_size=2, max_size=5))
def test_a_build_after_many_random_edits_is_that_of_a_fresh_folder(
    small: list[Any], steps: list[list[tuple[str, int]]]
) -> None:
    compare(steps)


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_a_build_after_each_kind_of_edit_is_that_of_a_fresh_folder(small: list[Any], edit: str) -> None:
    compare([[(edit, 2)]])
    assert any(small) == (edit not in ("shapes", "ontology", "access", "a problem"))


def test_what_was_found_with_violations_is_compared_with_the_last_export(small: list[Any]) -> None:
    mending = [("an age", 4), ("shapes", 1)], [("too old", 5)], [("a place", 6)], [("mended", 5)]
    compare([*map(list, mending)])
    assert [bool(known) for known in small] == [False, False, False, True, False, True, False, True, False]


# ---------------------------------------------------------------- what is known


@pytest.fixture
def large(tmp_path: Path, small: list[Any]) -> Path:
    """Give a folder in which a build has just ended."""
    plant(tmp_path / "project")
    assert built(tmp_path / "project")[0] == 0
    return tmp_path / "project"


def _damaged(folder: Path) -> None:
    file = folder / ".kg/public.msgpack"
    file.write_bytes(file.read_bytes()[:-9])


def _linked(folder: Path) -> None:
    (folder / ".kg").rename(folder / "elsewhere")
    (folder / ".kg").symlink_to("elsewhere")
    (folder / "elsewhere/public.msgpack").rename(folder / "public.msgpack")
    (folder / ".kg/public.msgpack").symlink_to("../public.msgpack")


def _edited(folder: Path) -> None:
    with (folder / "exports/kg.nq").open("a") as file:
        file.write("\n")


def _killed(folder: Path) -> None:
    """As it is between writing the export and writing what was found in it."""
    known = (folder / ".kg/public.msgpack").read_bytes()
    EDITS["an age"](folder, 7)
    built(folder)
    (folder / ".kg/public.msgpack").write_bytes(known)


def _of_another_version(folder: Path) -> None:
    known = memory.read(folder, "public.msgpack", revalidation.Known)
    assert known is not None
    memory.write(folder, "public.msgpack", dataclasses.replace(known, format=0))


UNUSABLE = {
    "deleted": lambda folder: (folder / ".kg/public.msgpack").unlink(),
    "empty": lambda folder: (folder / ".kg/public.msgpack").write_bytes(b""),
    "something else": lambda folder: (folder / ".kg/public.msgpack").write_bytes(b"\x81\xa1a\x01"),
    "damaged": _damaged,
    "a link": _linked,
    "readable by others": lambda folder: (folder / ".kg/public.msgpack").chmod(0o644),
    "of another version": _of_another_version,
    "an edited export": _edited,
    "no export": lambda folder: shutil.rmtree(folder / "exports"),
    "killed": _killed,
}


@pytest.mark.skipif(os.name != "posix", reason="others are told apart by POSIX permissions")
@pytest.mark.parametrize("what", UNUSABLE)
def test_what_cannot_be_relied_on_costs_only_time(large: Path, small: list[Any], what: str) -> None:
    small.clear()
    expected = built(large)
    assert any(small)
    UNUSABLE[what](large)
    small.clear()
    if what == "killed":
        expected = None  # type: ignore[assignment]
    found = built(large)
    assert small == [None]
    shutil.rmtree(large / ".kg", ignore_errors=True)
    assert found == (expected or built(large))


def test_another_program_or_other_shapes_are_told_from_those_of_before(
    large: Path, small: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    small.clear()
    monkeypatch.setattr(build.sys, "version", "another")
    built(large)
    _shapes(large, 3)
    built(large)
    monkeypatch.setattr(build, "version", lambda name: "another")
    built(large)
    assert small == [None, None, None]


def test_the_public_graph_and_that_with_restricted_parts_are_known_apart(
    large: Path, small: list[Any]
) -> None:
    built(large, "--include-restricted")
    small.clear()
    EDITS["an age"](large, 3)
    built(large)
    built(large, "--include-restricted")
    assert all(small)
    kept = [path for path in (large / ".kg").iterdir() if path.suffix == ".msgpack"]
    assert {path.name for path in kept} == {"public.msgpack", "restricted.msgpack", "seeds.msgpack"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_little_data_leaves_nothing_behind(tmp_path: Path) -> None:
    plant(tmp_path / "project")
    assert built(tmp_path / "project")[0] == 0
    assert not (tmp_path / "project/.kg").exists()


def test_shapes_that_are_left_to_pyshacl_are_checked_in_full(large: Path, small: list[Any]) -> None:
    count = "SELECT $this WHERE { $this a kg:Person } GROUP BY $this HAVING (COUNT(*) > 9)"
    (large / "own.ttl").write_text(
        "@prefix kg: <https://w3id.org/reportedly/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        f'kg:S sh:targetClass kg:Person ; sh:sparql [ sh:select "{count}" ; sh:prefixes kg:P ] .\n'
        'kg:P sh:declare [ sh:prefix "kg" ; '
        'sh:namespace "https://w3id.org/reportedly/ontology#"^^<http://www.w3.org/2001/XMLSchema#anyURI> ] .'
    )
    small.clear()
    assert [built(large)[0], built(large)[0]] == [0, 0]
    assert small == [None, None]


def test_after_an_edit_of_one_of_a_thousand_seeds_few_focus_nodes_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vocabulary: Vocabulary
) -> None:
    monkeypatch.chdir(tmp_path)
    project = find(tmp_path)
    files = {
        f"r{n}.yaml": report(n).replace("aman, ", "").replace("    episode: case\n", "").encode()
        for n in range(1000)
    }
    files["shared.yaml"] = SHARED.replace("  aman: Aman Tolek\n", "  elif: Elif\n").encode()
    first = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)

    def graph(reading: seeds.Reading) -> Graph:
        assert reading.problems == ()
        return build.graph(project, vocabulary, reading.corpus, exported=tmp_path / "exports")

    whole = graph(first)
    assert whole.keep
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/kg.nq").write_bytes(whole.content.nquads)
    whole.keep()
    kept = memory.of(first.parts, files, "s")
    files["r7.yaml"] = files["r7.yaml"].replace(b"age: 36", b"age: 37")
    after = seeds.read(files, vocabulary.ontology, vocabulary.choices, project, kept.known(files))
    assert after.reread == ("r7.yaml",)
    edited = graph(after)
    assert whole.outcome.checked > 50_000
    assert 0 < edited.outcome.checked < 200


# ---------------------------------------------------------------- lines


files_of_lines = st.sets(st.text("ab\u2028", max_size=4)).map(
    lambda lines: b"".join(sorted(f"{line}\n".encode() for line in lines))
)


@given(one=files_of_lines, other=files_of_lines, piece=st.sampled_from([1, 16, 1 << 16]))
def test_lines_that_differ_are_those_of_only_one_file(one: bytes, other: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revalidation, "_PIECE", piece)
        found = revalidation.differing(one, other)
    assert sorted(found) == sorted(set(one.splitlines(True)) ^ set(other.splitlines(True)))


# ---------------------------------------------------------------- conflict rules

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
ASSERTION = "<https://w3id.org/reportedly/ontology#Assertion>"
RULE = """@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
kg:own sh:targetClass kg:Assertion ; sh:sparql [ sh:message "two ages"@en ; sh:select "QUERY" ] .
"""
QUERIES = {
    "understood": "SELECT $this ?value WHERE { $this rdf:subject ?who . ?value rdf:subject ?who ."
    " { $this rdf:object ?a } UNION { $this kg:role ?a } FILTER NOT EXISTS { ?value rdf:object ?a }"
    " OPTIONAL { ?value kg:episode ?e . ?other kg:episode ?e ; kg:polarity ?p FILTER(?other != ?value) }"
    " FILTER(!BOUND(?p) || ?p = 'denied') }",
    "joined": "SELECT $this ?value WHERE { $this rdf:subject ?who { ?value rdf:subject ?who"
    " OPTIONAL { ?value kg:episode ?e . $this kg:polarity ?p . ?x kg:episode ?e } FILTER(!BOUND(?p)) } }",
    "anywhere": "SELECT $this ?value WHERE { $this kg:age ?a . ?value rdf:object ?b . ?c kg:role ?d }",
    "empty": "SELECT $this ?value WHERE { $this kg:role* ?value . ?a kg:minMonths? ?value }",
    "grouped": "SELECT $this (MIN(?v) AS ?value) WHERE { $this rdf:subject ?w . ?v rdf:subject ?w"
    " FILTER(STR($this) < STR(?v)) } GROUP BY $this",
    "valued": "SELECT $this ?value WHERE { VALUES ?p { kg:age } $this rdf:predicate ?p ; rdf:subject ?w ."
    " ?value rdf:subject ?w ; rdf:predicate ?p . MINUS { $this kg:polarity 'denied' } }",
}


@pytest.fixture(scope="module")
def contradicting(tmp_path_factory: pytest.TempPathFactory) -> list[Triple]:
    project = find(tmp_path_factory.mktemp("project"))
    vocabulary = Vocabulary.of(project)
    texts = [block for pairs in PAIRS.values() for *blocks, _ in pairs for block in blocks]
    text = re.sub(r"digest: (\d\d)\1{63}", lambda match: f"digest: {match[1]:0>64}", seed(*texts))
    text = re.sub(r"digest: (\d\d\d)\1{63}", lambda match: f"digest: {match[1]:0>64}", text)
    reading = seeds.read({"a.yaml": text.encode()}, vocabulary.ontology, vocabulary.choices, project)
    return list(triples_of(reading, vocabulary, project))


@pytest.mark.parametrize("own", QUERIES)
def test_conflicts_after_any_change_are_those_in_all_of_the_data(
    contradicting: list[Triple], tmp_path: Path, own: str
) -> None:
    rules = [*RULES, tmp_path / "conflicts-own.ttl"]
    rules[-1].write_text(RULE.replace("QUERY", QUERIES[own]))
    random = Random(7)  # noqa: S311
    data = set(contradicting)
    found = conflicts.conflicts(data, rules)
    for _ in range(6):
        new = data.symmetric_difference(random.sample(contradicting, random.choice((1, 3, 10))))
        changes = shacl.by_predicate(data ^ new)
        again = conflicts.found_again(shacl.Memory.of(new), rules, conflicts.pairs(found), changes)
        data, found = new, conflicts.conflicts(new, rules)
        assert again == found
    assert len({conflict.rule for conflict in found}) > 3


def test_conflicts_by_any_rule_are_those_in_all_of_the_data(tmp_path: Path) -> None:
    rules = [tmp_path / "conflicts-own.ttl"]
    less = 0
    for number in range(200):
        random = Random(number)  # noqa: S311
        rules[0].write_text(RULE.replace("QUERY", RandomPattern(random).text))
        data = {(node, TYPE, ASSERTION) for node, _, _ in random_links(random)} | set(random_links(random))
        found = conflicts.conflicts(data, rules)
        for _ in range(3):
            new = data.symmetric_difference(random.sample(random_links(random), random.choice((1, 1, 2))))
            changes = shacl.by_predicate(data ^ new)
            again = conflicts.found_again(shacl.Memory.of(new), rules, conflicts.pairs(found), changes)
            data, before, found = new, found, conflicts.conflicts(new, rules)
            assert again == found
            less += bool(before) and before != found
    assert less > 50
