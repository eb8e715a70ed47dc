"""The JSON Schema that editors complete and check seeds with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from conftest import DIGEST, EVIDENCE, HEAD, ROOT
from kg import schema, seeds
from kg.build import Vocabulary
from kg.project import find

OWN = """\
@prefix ex: <https://example.org/terms/> .
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Camp a owl:Class ; rdfs:subClassOf kg:Facility ; skos:definition "A camp."@en .
ex:movedTo a owl:ObjectProperty ; skos:definition "Where to."@en ; rdfs:domain kg:Person ; rdfs:range ex:Camp .
ex:Term a rdfs:Datatype .
ex:served a owl:DatatypeProperty ; skos:definition "How long."@en ; rdfs:domain kg:Person ; rdfs:range ex:Term .
ex:born a owl:DatatypeProperty ; skos:definition "Born."@en ; rdfs:domain kg:Person ; rdfs:range xsd:date .
ex:weather a owl:DatatypeProperty ; skos:definition "The sky."@en ; rdfs:domain kg:Assertion ; rdfs:range xsd:string .
"""


class Core(yaml.SafeLoader):
    """Reads YAML as editors do: the core schema of YAML 1.2, in which a date is a text."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), first)


def as_editors_read(text: str) -> Any:
    return yaml.load(text, Core)  # noqa: S506  (a SafeLoader with fewer types)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    vocabulary = Vocabulary.of(find(ROOT))
    parsed: dict[str, Any] = json.loads(schema.schema(vocabulary.ontology, vocabulary.choices))
    return parsed


def faults(document: dict[str, Any], text: str) -> list[str]:
    found = Draft7Validator(document).iter_errors(as_editors_read(text))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def test_the_loader_of_these_tests_keeps_dates_and_words() -> None:
    text = "[2021-03-04, no, 2021, 0123, 12:30, true, ~, 1.5]"
    assert as_editors_read(text) == ["2021-03-04", "no", 2021, 83, "12:30", True, None, 1.5]


def test_it_is_a_schema_of_draft_7_that_points_nowhere_else(document: dict[str, Any]) -> None:
    Draft7Validator.check_schema(document)
    references = [value for key, value in walked(document) if key == "$ref"]
    assert len(references) > 20
    names = {f"#/definitions/{name}" for name in document["definitions"]}
    assert set(references) == names


def walked(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    yield key, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from walked(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from walked(item)


def test_patterns_are_such_as_editors_in_javascript_take(document: dict[str, Any]) -> None:
    patterns = {value for key, value in walked(document) if key == "pattern"}
    assert len(patterns) > 5
    for pattern in patterns:
        re.compile(pattern)
        # With its flag "u", which editors set, JavaScript takes backslashes before these only.
        assert set(re.findall(r"\\(.)", pattern)) <= set("[]^$.*+?(){}|\\/")
        assert "(?" not in pattern.replace("(?:", "")


def test_the_committed_file_is_a_fresh_one() -> None:
    vocabulary = Vocabulary.of(find(ROOT))
    fresh = schema.schema(vocabulary.ontology, vocabulary.choices)
    assert (ROOT / "seeds" / "schema.json").read_bytes() == fresh


SHIPPED = sorted([*(ROOT / "seeds").glob("*.yaml"), *(ROOT / "docs" / "example" / "seeds").glob("*.yaml")])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_seed_is_accepted_and_names_the_schema(path: Path, document: dict[str, Any]) -> None:
    text = path.read_text(encoding="utf-8")
    assert faults(document, text) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    assert (path.parent / named[1]).resolve() == ROOT / "seeds" / "schema.json"


BLOCK = f"""\
{HEAD}assertions:
  - about: aman-tolek
    {EVIDENCE}
"""


@pytest.mark.parametrize(
    "lines",
    [
        "occupation: [herder, {value: imam, date: 2016}]",
        "detained-at: {value: upper-valley, circumstance: at night, inferred: yes}",
        "detained-at: unknown",
        "age: 36",
        "age: '36'",
        "age: none-given",
        "occupation: 36",
        "name: true",
        "sentenced-to: [5 years, life]",
        "occupation: x\n    date: [2021..2022]".replace("[", "'[").replace("]", "]'"),
        "occupation: x\n    date: 2021",
        "occupation: x\n    date: 2021-02~\n    secret-trial: true\n    certainty: alleged",
        "occupation: x\n    withdrawn: 2026-01-02\n    access: restricted\n    note: a note",
        "occupation: x\n    withdrawn: {date: 2026-01-02, reason: curator-error, by: AB}",
        "occupation: x\n    method: extracted\n    engine: rules 1\n    reviewer: AB",
        "occupation: x\n    count: 30",
        "occupation: x\n    count: more than 30\n    episode: [herder-case]",
    ],
)
def test_what_the_reader_takes_is_accepted(
    document: dict[str, Any], vocabulary: Vocabulary, tmp_path: Path, lines: str
) -> None:
    text = f"{BLOCK}    {lines}\n"
    reading = seeds.read({"a.yaml": text.encode()}, vocabulary.ontology, vocabulary.choices, find(tmp_path))
    assert reading.problems == ()
    assert faults(document, text) == []


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("detaind-at: upper-valley", "'detaind-at' was unexpected"),
        ("occupation: {value: x, valu: x}", "'valu' was unexpected"),
        ("occupation: {value: x, dte: 2021}", "'dte' was unexpected"),
        ("occupation: {date: 2021}", "'value' is a required property"),
        ("occupation: [{value: [x]}]", "['x'] is not of type"),
        ("occupation: x\n    certainty: likely", "'likely' is not one of ['stated', 'alleged']"),
        ("occupation: x\n    polarity: no", "'no' is not one of ['affirmed', 'denied']"),
        ("occupation: x\n    access: withheld", "'withheld' is not one of ['public', 'restricted']"),
        ("occupation: x\n    date: May 2021", "'May 2021' does not match"),
        ("occupation: x\n    date: [2021]", "[2021] is not of type"),
        ("occupation: x\n    withdrawn: 2026", "2026 is not of type"),
        ("occupation: x\n    withdrawn: {date: 2026-01-02, reason: because}", "'because' is not one of"),
        ("occupation: x\n    corrects: 'x'", "'x' does not match"),
        ("occupation: x\n    secret-trial: perhaps", "'perhaps' does not match"),
        ("age: thirty", "'thirty' does not match"),
        ("age: -1", "-1 is less than the minimum"),
        ("age: 36.5", "36.5 is not of type"),
    ],
)
def test_what_the_reader_refuses_is_refused_where_it_stands(
    document: dict[str, Any], vocabulary: Vocabulary, tmp_path: Path, lines: str, fault: str
) -> None:
    text = f"{BLOCK}    {lines}\n"
    reading = seeds.read({"a.yaml": text.encode()}, vocabulary.ontology, vocabulary.choices, find(tmp_path))
    assert reading.problems != ()
    (found,) = faults(document, text)
    assert found.startswith("assertions/0")
    assert fault in found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("report:\n", "reprt:\n", "'reprt' was unexpected"),
        ("  title: Herder taken\n", "", "report: 'title' is a required property"),
        ("published: 2021-03-04", "published: 4 March", "report/published: '4 March' does not match"),
        ("  language: en\n", "  url: example.org\n", "report/url: 'example.org' does not match"),
        ("length: 500", "lenght: 500", "report/text: Additional properties"),
        (f"digest: {DIGEST}", "digest: abc", "report/text/digest: 'abc' does not match"),
        ("aman-tolek: Aman Tolek", "aman-tolek: {lable: x}", "person/aman-tolek: "),
        ("aman-tolek: Aman Tolek", "aman-tolek: {label: x, unnamed: y}", "person/aman-tolek: "),
        ("aman-tolek: Aman Tolek", "aman-tolek: {note: x}", "person/aman-tolek: "),
        ("aman-tolek: Aman Tolek", "aman-tolek: [x]", "person/aman-tolek: ['x'] is not of type"),
        ("person:\n", "persons:\n", "'persons' was unexpected"),
        ("basis: first-hand", "basis: certain", "sources/friend/basis: 'certain' is not one of"),
        ("speaker: friend, ", "", "sources/friend: 'speaker' is a required property"),
        ("arrest of the herder", "{lable: x}", "episodes/herder-case: "),
    ],
)
def test_a_misspelt_head_is_refused(document: dict[str, Any], old: str, new: str, fault: str) -> None:
    assert HEAD.count(old) == 1
    assert faults(document, HEAD) == []
    found = faults(document, HEAD.replace(old, new))
    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    ("evidence", "accepted"),
    [
        (EVIDENCE, True),
        ("evidence: {record: 'https://example.org/1'}", True),
        ("evidence: {start: 1, end: 2}", False),
        (f"evidence: {{start: -1, end: 2, digest: {DIGEST}}}", False),
        ("evidence: {}", False),
        ("occupation: x", False),
    ],
)
def test_a_block_needs_evidence_that_can_be_found(
    document: dict[str, Any], evidence: str, accepted: bool
) -> None:
    text = f"{HEAD}assertions:\n  - about: aman-tolek\n    {evidence}\n"
    assert (faults(document, text) == []) is accepted


def test_assertions_need_a_report(document: dict[str, Any]) -> None:
    assert faults(document, "assertions: []\n") == [": 'report' is a dependency of 'assertions'"]
    assert faults(document, "place:\n  upper-valley: Upper Valley\nepisodes:\n") == []


def test_sections_and_keys_are_those_of_the_reader(document: dict[str, Any]) -> None:
    vocabulary = Vocabulary.of(find(ROOT))
    sections = document["properties"]
    assert set(sections) == {*seeds.FILE_KEYS, *vocabulary.ontology.classes}
    assert set(sections["report"]["properties"]) == set(seeds.REPORT_KEYS)
    assert set(sections["sources"]["additionalProperties"]["properties"]) == set(seeds.SOURCE_KEYS)
    assert set(sections["episodes"]["additionalProperties"]["properties"]) == set(seeds.EPISODE_KEYS)
    assert set(document["definitions"]["entity"]["properties"]) == set(seeds.ENTITY_KEYS)
    block = sections["assertions"]["items"]["properties"]
    said = {*vocabulary.ontology.predicates, *vocabulary.ontology.qualifiers}
    assert set(block) == {*seeds.BLOCK_KEYS, *said}
    assert set(block["evidence"]["properties"]) == set(seeds.EVIDENCE_KEYS)


def described(document: dict[str, Any], entry: dict[str, Any]) -> str:
    while "$ref" in entry:
        entry = document["definitions"][entry["$ref"].rpartition("/")[2]]
    return str(entry.get("description", ""))


def test_whatever_can_be_typed_has_a_text_to_show(document: dict[str, Any]) -> None:
    ontology = Vocabulary.of(find(ROOT)).ontology
    block = document["properties"]["assertions"]["items"]["properties"]
    for term in (*ontology.predicates.values(), *ontology.qualifiers.values()):
        assert described(document, block[term.key]) == term.definition
    for class_ in ontology.classes.values():
        assert described(document, document["properties"][class_.key]) == class_.definition
    for name, entry in block.items():
        assert described(document, entry), name
    for section in ("report", "sources"):
        entries = document["properties"][section]
        entries = entries if section == "report" else entries["additionalProperties"]
        for name, entry in entries["properties"].items():
            assert described(document, entry) or name == "text", name


def test_what_can_stand_behind_a_predicate_is_offered(document: dict[str, Any]) -> None:
    definitions = document["definitions"]
    assert definitions["said-with-key"]["examples"] == ["unknown", "none-given", "refused"]
    assert "5 years" in definitions["said-with-kg-Term"]["examples"]
    assert "more than 30" in definitions["qualifier-count"]["examples"]


def test_terms_of_a_vocabulary_of_the_projects_own_are_offered(tmp_path: Path) -> None:
    (tmp_path / "own.ttl").write_text(OWN)
    (tmp_path / "kg.toml").write_text('ontology = ["own.ttl"]\n')
    vocabulary = Vocabulary.of(find(tmp_path))
    document = json.loads(schema.schema(vocabulary.ontology, vocabulary.choices))
    Draft7Validator.check_schema(document)
    block = document["properties"]["assertions"]["items"]["properties"]
    assert {described(document, block[key]) for key in ("moved-to", "served", "born", "weather")} == {
        "Where to.", "How long.", "Born.", "The sky.",
    }  # fmt: skip
    assert described(document, document["properties"]["camp"]) == "A camp."
    # Two datatypes that are both called Term are two.
    assert block["served"]["allOf"] != block["sentenced-to"]["allOf"]
    text = f"{BLOCK}    moved-to: {{value: unknown, weather: rain}}\n    served: long\n    born: "
    assert faults(document, f"{text}1980-01-02\n") == []
    assert faults(document, f"{text}1980\n") != []


def test_the_same_vocabulary_gives_the_same_bytes() -> None:
    one, two = Vocabulary.of(find(ROOT)), Vocabulary.of(find(ROOT))
    assert schema.schema(one.ontology, one.choices) == schema.schema(two.ontology, two.choices)
