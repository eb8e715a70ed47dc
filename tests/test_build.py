"""The steps where they meet: from seed files to a validated export on disk."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice, permutations
from pathlib import Path

import pytest
import rdflib
import yaml

import kg
from conftest import DIGEST, EVIDENCE, HEAD, ROOT
from kg import build, exports, nt
from kg.build import Graph, Vocabulary
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, expand
from kg.problems import KgError, LimitError, RefusedError
from kg.project import Project, find
from kg.validate import Outcome

KGS = "https://w3id.org/reportedly/shapes#"
MARK = "⌖"
"""Where a finding is expected, in the text of a seed; taken out before it is read."""

CLEAN = "detained-at: upper-valley"
LOOP = ("  upper-valley: Upper Valley\n", f"  {MARK}upper-valley: Upper Valley\n  deep-valley: Deep Valley\n")


def block(*lines: str, about: str = "aman-tolek", evidence: str = EVIDENCE) -> str:
    """One block of assertions, about the herder unless told otherwise."""
    return "  - " + "\n    ".join((f"about: {about}", evidence, *lines)) + "\n"


def seed(*blocks: str, swap: tuple[str, str] = ("", "")) -> str:
    """A whole seed; `swap` changes one part of its head."""
    assert swap[0] in HEAD
    return HEAD.replace(*swap, 1) + "assertions:\n" + "".join(blocks)


def span(start: int, text: str) -> str:
    """Evidence for a piece of text that begins at `start`."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"evidence: {{start: {start}, end: {start + len(text)}, digest: {digest}}}"


def plant(project: Project, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = project.seeds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def built(project: Project, *texts: str, restricted: bool = False, mixed: int = 0) -> Graph:
    """The graph of a project's seeds, with `texts` among them; `mixed` picks one of their orders."""
    plant(project, {f"{chr(97 + number)}.yaml": text for number, text in enumerate(texts)})
    vocabulary = Vocabulary.of(project)
    orders = permutations(build.seed_files(project, (), project.root).items())
    reading = build.read(project, vocabulary, dict(next(islice(orders, mixed, None))))
    assert reading.problems == ()
    return build.graph(project, vocabulary, reading.corpus, include_restricted=restricted)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def project_in(folder: Path, settings: str, **files: str) -> Project:
    """A project with `kg.toml`, and Turtle `files` beside it."""
    folder.mkdir(parents=True)
    for name, text in {"kg.toml": settings, **{f"{name}.ttl": text for name, text in files.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return find(folder)


# ---------------------------------------------------------------- which files are read


def test_a_folder_stands_for_every_seed_below_it_in_the_order_of_names(project: Project) -> None:
    plant(project, dict.fromkeys(("b.yaml", "a.yml", "deep/c.yaml", "notes.txt", "d.json"), ""))
    plant(project, dict.fromkeys((".hidden.yaml", ".git/e.yaml", "deep/.old/f.yaml"), ""))
    (project.seeds / "folder.yaml").mkdir()
    assert list(build.seed_files(project, (), project.root)) == [
        "seeds/a.yml",
        "seeds/b.yaml",
        "seeds/deep/c.yaml",
    ]


def test_seeds_are_named_as_seen_from_where_the_command_is_typed(project: Project, tmp_path: Path) -> None:
    plant(project, {"deep/a.yaml": "x"})
    file, elsewhere = project.seeds / "deep" / "a.yaml", tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert build.seed_files(project, (file,), project.seeds) == {"deep/a.yaml": b"x"}
    assert build.seed_files(project, (file,), elsewhere) == {file.as_posix(): b"x"}


def test_a_seed_that_is_named_twice_is_read_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(project, {"a.yaml": "x"})
    monkeypatch.chdir(tmp_path)
    named = (Path("seeds"), Path("seeds/a.yaml"), Path("seeds/../seeds/a.yaml"), project.seeds / "a.yaml")
    assert build.seed_files(project, named, tmp_path) == {"seeds/a.yaml": b"x"}


def test_a_file_that_is_named_is_read_whatever_it_is_called(project: Project) -> None:
    plant(project, {"draft.txt": "x"})
    assert build.seed_files(project, (project.seeds / "draft.txt",), project.root) == {
        "seeds/draft.txt": b"x"
    }


def test_a_folder_without_seeds_is_named_and_a_seed_explained(project: Project) -> None:
    plant(project, {"notes.txt": ""})
    with pytest.raises(KgError, match=r"no seeds in seeds; a seed is a file that ends in \.yaml"):
        build.seed_files(project, (), project.root)


def test_a_missing_seed_is_told_with_the_nearest_name(project: Project) -> None:
    plant(project, {"valley-post.yaml": ""})
    with pytest.raises(KgError, match=r"there is no such file; did you mean '.*valley-post\.yaml'\?"):
        build.seed_files(project, (project.seeds / "valey-post.yaml",), project.root)


def test_a_seed_of_more_than_fifty_million_bytes_is_not_read(project: Project) -> None:
    plant(project, {"a.yaml": ""})
    os.truncate(project.seeds / "a.yaml", build.SEED_LIMIT + 1)
    with pytest.raises(LimitError, match="larger than 50,000,000 bytes"):
        build.seed_files(project, (), project.root)


# ---------------------------------------------------------------- from seeds to files


def test_an_export_holds_what_was_encoded_in_each_of_its_files(project: Project) -> None:
    made = built(
        project, seed(block(CLEAN, "date: 2021-02~"), block("accused-of: theft", "certainty: alleged"))
    )
    assert build.export(made, project.exports) == len(exports.FILES) + 1
    written = contents(project.exports)
    assert sorted(written) == sorted((*exports.FILES, exports.MANIFEST))
    assert written["kg.nq"].decode().splitlines() == [
        f"{' '.join(quad)} ." if quad[3] else f"{' '.join(quad[:3])} ." for quad in made.quads
    ]
    turtle = rdflib.Graph().parse(data=written["kg.ttl"], format="turtle")
    assert set(turtle) == set(kg.load(project.exports).to_rdflib())
    assert len(turtle) == len(made.content.triples)


def test_the_manifest_tells_the_digest_of_every_other_file(project: Project) -> None:
    build.export(built(project, seed(block(CLEAN))), project.exports)
    written = contents(project.exports)
    manifest = json.loads(written.pop(exports.MANIFEST))
    assert manifest["access"] == "public"
    assert manifest["quads"] == written["kg.nq"].count(b"\n")
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in written.items()
    }


def test_an_export_holds_no_words_of_comments(project: Project) -> None:
    build.export(built(project, "# mind: secretword\n" + seed(block(CLEAN))), project.exports)
    assert not [name for name, data in contents(project.exports).items() if b"secretword" in data]


OWN_ONTOLOGY = f"""\
@prefix kg: <{KG_NAMESPACE}> . @prefix rdfs: <{expand("rdfs:")}> . @prefix owl: <{expand("owl:")}> .
@prefix skos: <{expand("skos:")}> .
kg:transferredTo a owl:ObjectProperty ; rdfs:label "transferred to"@en ;
    skos:definition "Where somebody was brought from another place."@en ;
    rdfs:domain kg:PersonOrGroup ; rdfs:range kg:Place .
"""
OWN_SHAPES = f"""\
@prefix kg: <{KG_NAMESPACE}> . @prefix sh: <{expand("sh:")}> . @prefix rdfs: <{expand("rdfs:")}> .
<{KGS}own> a sh:PropertyShape ; sh:targetClass kg:Person ; sh:path rdfs:label ;
    sh:severity sh:Warning ; sh:pattern "^[a-z]* ?[A-Z]" ; sh:message "Begin a name with a capital."@en .
"""


def test_a_predicate_of_the_projects_own_is_read_checked_and_exported(tmp_path: Path) -> None:
    settings = 'ontology = ["more.ttl"]\nshapes = ["shapes.ttl"]\n'
    project = project_in(tmp_path / "own", settings, more=OWN_ONTOLOGY, shapes=OWN_SHAPES)
    made = built(project, seed(block("transferred-to: upper-valley")))
    view = (nt.iri(DEFAULT_BASE + "aman-tolek"), nt.iri(KG_NAMESPACE + "transferredTo"))
    assert [quad[2] for quad in made.quads if quad[:2] == view] == [nt.iri(DEFAULT_BASE + "upper-valley")]
    assert [(f.severity, f.shape, f.message) for f in made.findings] == []
    wrong = built(
        project, seed(block("transferred-to: valley-police"), swap=("Aman Tolek\n", "aman tolek\n"))
    )
    assert [(f.severity, f.shape) for f in wrong.findings] == [
        ("warning", "own"),
        ("violation", "assertion-fits"),
    ]


# ---------------------------------------------------------------- what the shapes find, and where


VIOLATIONS = {
    "an object of the wrong class": (
        seed(block("occupation: herder", f"detained-at: [upper-valley, {MARK}valley-police]")),
        "assertion-fits",
        "detained-at takes as its object: place",
    ),
    "a subject of the wrong class": (
        seed(block("age: 36", about=f"{MARK}upper-valley")),
        "assertion-fits",
        "age takes as its subject: person",
    ),
    "one wrong subject of two": (
        seed(block("age: 36", about=f"[aman-tolek, {MARK}upper-valley]")),
        "assertion-fits",
        "age takes as its subject: person",
    ),
    "a police force that sentences": (
        seed(block(f"sentenced-by: {{value: {MARK}valley-police, secret-trial: true}}")),
        "assertion-fits",
        "sentenced-by takes as its object: court",
    ),
    "a place that one is a citizen of": (
        seed(block(f"citizen-of: {MARK}upper-valley")),
        "assertion-fits",
        "citizen-of takes as its object: country",
    ),
    "a place within itself": (
        seed(block("located-in: upper-valley", about="upper-valley"), swap=LOOP),
        "place-loop",
        "lies within itself",
    ),
    "a place that publishes": (
        seed(block(CLEAN), swap=("publisher: valley-post", f"publisher: {MARK}upper-valley")),
        "report-publisher",
        "Only a person, a group or an organization publishes",
    ),
    "a place that speaks": (
        seed(
            block(CLEAN, "told-by: friend"),
            swap=("  friend: {speaker: friend,", f"  friend: {{speaker: {MARK}upper-valley,"),
        ),
        "source-speaker",
        "One person, group or organization speaks",
    ),
    "a link in which nobody speaks": (
        seed(
            block(CLEAN), swap=("sources:\n", f"sources:\n  {MARK}publisher: {{basis: document}}\n")
        ).replace("  publisher: valley-post\n", "  type: list\n"),
        "source-speaks",
        "Nobody speaks in this source",
    ),
    "a record that is the report itself": (
        seed(
            block(CLEAN, evidence=f"evidence: {MARK}{{record: '{DEFAULT_BASE}report_valley-post-1'}}"),
        ),
        "evidence-place",
        "Evidence in a report has one span",
    ),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_stands_at_the_line_and_column_it_comes_from(project: Project, name: str) -> None:
    marked, shape, said = VIOLATIONS[name]
    before, mark, _ = marked.partition(MARK)
    assert mark
    made = built(project, marked.replace(MARK, ""))
    found = [finding for finding in made.findings if finding.shape == shape]
    assert [(f.location.path, f.location.line, f.location.column) for f in found if f.location] == [
        ("seeds/a.yaml", before.count("\n") + 1, len(before) - before.rfind("\n"))
    ]
    assert (found[0].severity, said in found[0].message) == ("violation", True)
    assert str(found[0]).startswith(f"{found[0].location}: violation: {shape}: ")
    assert not made.conforms


def test_a_loop_of_places_is_found_at_each_place_of_it(project: Project) -> None:
    made = built(
        project,
        seed(
            block("located-in: deep-valley", about="upper-valley"),
            block("located-in: upper-valley", about="deep-valley"),
            block("located-in: norland", about="[upper-valley, deep-valley]"),
            swap=(LOOP[0], LOOP[1].replace(MARK, "")),
        ),
    )
    assert [(f.shape, f.location and f.location.line) for f in made.findings] == [
        ("place-loop", 16),
        ("place-loop", 17),
    ]


@pytest.mark.parametrize(
    ("line", "column", "severity", "shape"),
    [
        ("relative-of: friend", 18, "warning", "relative-role"),
        ("sentenced-to: 5 years", 19, "info", "sentence-court"),
    ],
)
def test_what_is_probably_forgotten_is_told_and_blocks_nothing(
    project: Project, line: str, column: int, severity: str, shape: str
) -> None:
    made = built(project, seed(block("occupation: herder", line)))
    row = HEAD.count("\n") + 5
    assert [(str(f.location), f.severity, f.shape) for f in made.findings] == [
        (f"seeds/a.yaml:{row}:{column}", severity, shape)
    ]
    assert made.conforms
    assert build.export(made, project.exports)


def test_what_is_not_forgotten_is_not_told(project: Project) -> None:
    told = block(
        "relative-of: {value: friend, role: friend}", "sentenced-to: 5 years", "episode: herder-case"
    )
    court = block("sentenced-by: none-given", "episode: herder-case")
    assert built(project, seed(told, court)).findings == ()


def test_findings_come_in_the_order_of_files_and_lines(project: Project) -> None:
    first = seed(block("relative-of: friend"), block("citizen-of: upper-valley"))
    shared, second = HEAD.partition("organization:")[0], block("sentenced-to: life", "age: 3")
    last = shared.replace("valley-post-1", "valley-post-2") + "assertions:\n" + second
    found = built(project, first, last).findings
    assert [(f.location and f.location.path, f.shape) for f in found] == [
        ("seeds/a.yaml", "relative-role"),
        ("seeds/a.yaml", "assertion-fits"),
        ("seeds/b.yaml", "sentence-court"),
    ]


def test_what_was_typed_twice_is_found_where_it_was_typed_first(project: Project) -> None:
    twice = block(f"citizen-of: {MARK}upper-valley") + block("citizen-of: upper-valley")
    (finding,) = built(project, seed(twice.replace(MARK, ""))).findings
    assert finding.location is not None
    assert finding.location.line == HEAD.count("\n") + 4


def test_what_no_seed_says_is_found_by_its_name(tmp_path: Path) -> None:
    shape = f"""\
    @prefix sh: <{expand("sh:")}> .
    <{KGS}own> a sh:NodeShape ; sh:targetNode <{KG_NAMESPACE}Court> ; sh:in () ; sh:message "Never."@en .
    """
    project = project_in(tmp_path / "own", 'shapes = ["more.ttl"]\n', more=shape)
    (finding,) = built(project, seed(block(CLEAN))).findings
    assert finding.location is None
    assert str(finding) == f"{KG_NAMESPACE}Court: violation: own: Never."


def test_what_a_shape_says_of_a_qualifier_stands_at_the_qualifier(tmp_path: Path) -> None:
    shape = f"""\
    @prefix kg: <{KG_NAMESPACE}> . @prefix sh: <{expand("sh:")}> .
    <{KGS}own> a sh:PropertyShape ; sh:targetClass kg:Assertion ; sh:path kg:circumstance ;
        sh:maxLength 5 ; sh:message "Say it in five letters."@en .
    """
    project = project_in(tmp_path / "own", 'shapes = ["more.ttl"]\n', more=shape)
    shared, own = "circumstance: at night", "detained-by: {value: valley-police, circumstance: at home}"
    found = built(project, seed(block(CLEAN, shared) + block(own, evidence=span(50, "x")))).findings
    row = HEAD.count("\n") + 5
    assert [str(finding.location) for finding in found] == [
        f"seeds/a.yaml:{row}:19",
        f"seeds/a.yaml:{row + 3}:55",
    ]


def test_two_assertions_that_cannot_both_hold_are_told_with_both_places_and_stay(project: Project) -> None:
    first = block("sentenced-to: 5 years", "sentenced-by: valley-court", "episode: herder-case")
    second = block("sentenced-to: 12 years", "episode: herder-case", evidence=span(60, "twelve years"))
    made = built(project, seed(first, second))
    row = HEAD.count("\n") + 4
    (finding,) = made.findings
    assert (finding.severity, finding.shape, made.conforms) == ("warning", "conflict-term", True)
    places = {f"seeds/a.yaml:{row}:19", f"seeds/a.yaml:{row + 5}:19"}
    assert {str(finding.location), finding.message.rpartition(" ")[2].rstrip(".")} == places
    assert len(made.corpus.assertions) == 3


def test_how_many_focus_nodes_each_shape_touched_is_known(project: Project) -> None:
    made = built(project, seed(block(CLEAN, "occupation: herder")))
    assert made.outcome.touched[f"{KGS}assertion-fits"] == 2
    assert made.outcome.touched[f"{KGS}place-loop"] == 0


# ---------------------------------------------------------------- the same input, the same bytes

SEEDS = {
    "a.yaml": seed(
        block("detained-at: [upper-valley, far-town]", "date: 2021-02~", "episode: herder-case"),
        block("sentenced-to: 5-10 years", "told-by: friend", evidence=span(50, "five to ten years")),
    ),
    "deep/b.yaml": HEAD.partition("organization:")[0].replace("valley-post-1", "valley-post-2")
    + "group:\n  herders: {unnamed: herders of the valley}\n"
    + "assertions:\n"
    + block("detained-at: far-town", "held-at: unknown", "name: [Aman, أمان, 阿曼]")
    + block("size: more than 30", "ethnicity: Kazakh", about="herders", evidence=span(60, "over thirty")),
    "places.yml": "place:\n  far-town: {label: Far Town, names: {kk: Алыс қала}, same-as: [wd:Q42]}\n",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a first export, to which others are compared."""
    project = find(tmp_path_factory.mktemp("first"))
    plant(project, SEEDS)
    build.export(built(project), project.exports)
    return contents(project.exports)


@pytest.mark.parametrize("mixed", [1, 3, 5])
def test_the_order_of_files_changes_nothing(project: Project, first: dict[str, bytes], mixed: int) -> None:
    plant(project, SEEDS)
    build.export(built(project, mixed=mixed), project.exports)
    assert contents(project.exports) == first


def test_a_second_build_over_the_first_changes_nothing(project: Project, first: dict[str, bytes]) -> None:
    plant(project, SEEDS)
    for _ in range(2):
        build.export(built(project), project.exports)
        assert contents(project.exports) == first


def test_another_folder_other_file_names_and_another_day_change_nothing(
    tmp_path: Path, first: dict[str, bytes]
) -> None:
    project = project_in(tmp_path / "far" / "away", 'seeds = "input"\nexports = "output"\n')
    plant(project, {f"x/{name.replace('/', '-')}": text for name, text in reversed(SEEDS.items())})
    for file in project.seeds.rglob("*.y*ml"):
        os.utime(file, (0, 0))
    build.export(built(project), project.exports)
    assert contents(project.exports) == first


def test_line_ends_and_a_byte_order_mark_of_a_seed_change_nothing(
    project: Project, first: dict[str, bytes]
) -> None:
    for name, text in SEEDS.items():
        path = project.seeds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    build.export(built(project), project.exports)
    assert contents(project.exports) == first


def test_another_process_with_other_hashes_language_and_clock_changes_nothing(
    project: Project, first: dict[str, bytes]
) -> None:
    plant(project, SEEDS)
    done = subprocess.run(
        [sys.executable, "-m", "kg.cli", "build"],
        cwd=project.root,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(kg.__file__).parents[1]),
            "PYTHONHASHSEED": "4711",
            "LC_ALL": "C",
            "TZ": "Pacific/Kiritimati",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert contents(project.exports) == first


def test_the_committed_exports_are_those_of_a_fresh_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = find(ROOT)
    # Validation takes most of the time and writes nothing; the examples of the README include it.
    monkeypatch.setattr(build, "validate", lambda *_: Outcome((), {}, rdflib.Graph(), True))
    vocabulary = Vocabulary.of(ours)
    reading = build.read(ours, vocabulary, build.seed_files(ours, (), ROOT))
    assert reading.problems == ()
    build.export(build.graph(ours, vocabulary, reading.corpus), tmp_path / "exports")
    fresh, committed = contents(tmp_path / "exports"), contents(ours.exports)
    assert json.loads(committed[exports.MANIFEST]) == json.loads(fresh[exports.MANIFEST])
    assert [name for name in sorted({*fresh, *committed}) if fresh.get(name) != committed.get(name)] == []


# ---------------------------------------------------------------- nothing in, nothing lost


def typed(text: str, predicates: Iterable[str]) -> Counter[tuple[str, str, int, int]]:
    """Count what a seed says by subject, predicate and span, read by a YAML reader that is not ours."""
    counted: Counter[tuple[str, str, int, int]] = Counter()
    for said in yaml.safe_load(text).get("assertions", ()):
        subjects = said["about"] if isinstance(said["about"], list) else [said["about"]]
        for key in set(said) & set(predicates):
            number = len(said[key]) if isinstance(said[key], list) else 1
            for subject in subjects:
                counted[subject, key, said["evidence"]["start"], said["evidence"]["end"]] += number
    return counted


def encoded(quads: Iterable[nt.Quad], report: str, ours: Project) -> Counter[tuple[str, str, int, int]]:
    """Count what a graph says of one report by subject, predicate and span."""
    said: dict[str, dict[str, str]] = {}
    for subject, predicate, object_, _ in quads:
        said.setdefault(subject, {})[predicate[1:-1]] = object_
    kebab = {nt.iri(p.iri): key for key, p in Vocabulary.of(ours).ontology.predicates.items()}
    counted: Counter[tuple[str, str, int, int]] = Counter()
    for node in said.values():
        from_report = node.get(expand("prov:wasDerivedFrom")) == nt.iri(f"{ours.base}report_{report}")
        if from_report and node[expand("rdf:type")] == nt.iri(KG_NAMESPACE + "Assertion"):
            selector = said[said[node[KG_NAMESPACE + "evidence"]][expand("oa:hasSelector")]]
            start, end = (int(selector[expand(f"oa:{edge}")].split('"')[1]) for edge in ("start", "end"))
            subject = node[expand("rdf:subject")][1:-1].removeprefix(ours.base).removeprefix(f"{report}_")
            counted[subject, kebab[node[expand("rdf:predicate")]], start, end] += 1
    return counted


@pytest.mark.parametrize("path", sorted((ROOT / "seeds").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_assertion_of_our_seeds_is_in_the_committed_graph(path: Path) -> None:
    ours = find(ROOT)
    text = path.read_text(encoding="utf-8")
    counted = typed(text, Vocabulary.of(ours).ontology.predicates)
    assert sum(counted.values()) == 0 or len(counted) > 50
    assert encoded(kg.load(ours.exports).quads, path.stem, ours) == counted


def test_every_assertion_of_a_seed_with_lists_is_in_the_graph(project: Project) -> None:
    text = seed(
        block(
            "detained-at: [upper-valley, norland]",
            "accused-of: [{value: theft, role: leader}, flight]",
            "age: 36",
            about="[aman-tolek, friend]",
        )
    )
    made = built(project, text)
    counted = encoded(made.quads, "valley-post-1", project)
    assert counted == typed(text, Vocabulary.of(project).ontology.predicates)
    assert sum(counted.values()) == 10


# ---------------------------------------------------------------- what else lies in the folder


def test_foreign_files_in_the_folder_of_an_export_survive(project: Project) -> None:
    (project.exports / "charts").mkdir(parents=True)
    (project.exports / "README.md").write_text("mine")
    (project.exports / "charts" / "one.svg").write_text("mine too")
    for text in (seed(block(CLEAN)), seed(block("age: 36"))):
        build.export(built(project, text), project.exports)
        written = contents(project.exports)
        assert (written.pop("README.md"), written.pop("charts/one.svg")) == (b"mine", b"mine too")
        assert sorted(written) == sorted((*exports.FILES, exports.MANIFEST))


def test_a_file_that_an_earlier_build_wrote_goes(project: Project) -> None:
    build.export(built(project, seed(block(CLEAN))), project.exports)
    manifest = project.exports / exports.MANIFEST
    said = json.loads(manifest.read_bytes())
    (project.exports / "kg.hdt").write_text("of an older kg")
    digest = hashlib.sha256(b"of an older kg").hexdigest()
    manifest.write_text(json.dumps({**said, "files": {**said["files"], "kg.hdt": {"sha256": digest}}}))
    build.export(built(project), project.exports)
    assert "kg.hdt" not in contents(project.exports)


def test_a_manifest_that_names_somebody_elses_file_takes_nothing(project: Project) -> None:
    build.export(built(project, seed(block(CLEAN))), project.exports)
    manifest = project.exports / exports.MANIFEST
    said = json.loads(manifest.read_bytes())
    (project.exports / "mine.txt").write_text("mine")
    manifest.write_text(json.dumps({**said, "files": {**said["files"], "mine.txt": {"sha256": "0" * 64}}}))
    build.export(built(project), project.exports)
    assert contents(project.exports)["mine.txt"] == b"mine"


def test_a_foreign_file_with_the_name_of_one_of_ours_is_not_overwritten(project: Project) -> None:
    project.exports.mkdir()
    (project.exports / "kg.ttl").write_text("typed by hand")
    with pytest.raises(KgError, match=r"kg\.ttl is in the way: no earlier build wrote it"):
        build.export(built(project, seed(block(CLEAN))), project.exports)
    assert contents(project.exports) == {"kg.ttl": b"typed by hand"}


# ---------------------------------------------------------------- public and restricted

SECRET = block("occupation: smuggler", "access: restricted", evidence=span(70, "something"))


def test_a_public_build_holds_nothing_restricted_and_a_restricted_one_all(project: Project) -> None:
    text = seed(block(CLEAN), SECRET)
    public, everything = built(project, text), built(project, text, restricted=True)
    assert [len(made.corpus.assertions) for made in (public, everything)] == [1, 2]
    build.export(public, project.exports)
    assert not [name for name, data in contents(project.exports).items() if b"smuggler" in data]
    hidden = project.root / "hidden"
    build.export(everything, hidden)
    assert b"smuggler" in contents(hidden)["kg.nq"]
    assert json.loads(contents(hidden)[exports.MANIFEST])["access"] == "restricted"


def test_a_restricted_export_is_for_its_owner_only(project: Project) -> None:
    build.export(built(project, seed(SECRET), restricted=True), project.root / "hidden")
    assert stat.S_IMODE((project.root / "hidden").stat().st_mode) == 0o700


@pytest.mark.parametrize("exists", [False, True])
def test_a_restricted_export_never_takes_the_place_of_the_public_one(project: Project, exists: bool) -> None:
    text = seed(block(CLEAN), SECRET)
    if exists:
        build.export(built(project, text), project.exports)
    before = contents(project.exports)
    with pytest.raises(RefusedError, match=r"name another (folder )?with -o"):
        build.export(built(project, text, restricted=True), project.exports)
    assert contents(project.exports) == before


def test_a_restricted_export_never_takes_the_place_of_a_public_one_elsewhere(project: Project) -> None:
    text, elsewhere = seed(block(CLEAN), SECRET), project.root / "elsewhere"
    build.export(built(project, text), elsewhere)
    before = contents(elsewhere)
    with pytest.raises(RefusedError, match="holds a public export, and this one is restricted"):
        build.export(built(project, text, restricted=True), elsewhere)
    assert contents(elsewhere) == before


def test_a_public_export_never_takes_the_place_of_a_restricted_one(project: Project) -> None:
    text, hidden = seed(block(CLEAN), SECRET), project.root / "hidden"
    build.export(built(project, text, restricted=True), hidden)
    before = contents(hidden)
    with pytest.raises(RefusedError, match="holds a restricted export, and this one is public"):
        build.export(built(project, text), hidden)
    assert contents(hidden) == before


def test_a_link_to_the_place_of_the_public_export_is_that_place(project: Project) -> None:
    made = built(project, seed(SECRET), restricted=True)
    project.exports.mkdir()
    link = project.root / "link"
    link.symlink_to(project.exports)
    for target in (link, link / "deeper"):
        with pytest.raises(RefusedError, match="lies in the place of the public export"):
            build.export(made, target)
    assert contents(project.exports) == {}


def test_a_seed_in_a_folder_called_restricted_is_so_wherever_one_stands(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(project, {"restricted/a.yaml": seed(block("occupation: smuggler")), "b.yaml": ""})
    vocabulary = Vocabulary.of(project)
    folder = project.seeds / "restricted"
    for place in (project.root, project.seeds, folder, project.root.parent):
        monkeypatch.chdir(place)
        for named in ((), (folder,), (folder / "a.yaml",), (Path(os.path.relpath(folder)),)):
            files = build.seed_files(project, named, place)
            reading = build.read(project, vocabulary, files)
            assert len(reading.corpus.assertions) == 1
            public = build.encode(project, vocabulary, reading.corpus)
            assert not [quad for quad in public if "smuggler" in quad[2]], (place, named)


# ---------------------------------------------------------------- single files


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("kg.ttl", "ttl"),
        ("KG.TTL", "ttl"),
        ("a.b.nq", "nq"),
        ("nodes.csv", "nodes.csv"),
        ("valley.nodes.csv", "nodes.csv"),
        ("valley.void.ttl", "void.ttl"),
        ("avoid.ttl", "ttl"),
        ("graph.json", "json"),
        ("graph.jsonld", "jsonld"),
    ],
)
def test_the_name_of_a_file_says_its_format(name: str, format_: str) -> None:
    assert build.export_format(Path("exports") / name) == format_


@pytest.mark.parametrize("name", ["kg", "kg.ttl.gz", "table.csv", "kg.pdf", "ttl.txt", "-"])
def test_a_name_that_says_no_format_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(
        KgError, match=r"ends in no format that is known; name one with -f: ttl, .*nodes\.csv"
    ):
        build.export_format(Path(name))


# ---------------------------------------------------------------- checking evidence against a text

TEXT = "Aman Tolek was taken in February. He got five to ten years.\n"


def cited(words: str) -> str:
    return span(TEXT.index(words), words)


def verified(project: Project, text: str, *blocks: str, key: str = "valley-post-1") -> list[tuple[str, str]]:
    plant(project, {"a.yaml": seed(*blocks)})
    vocabulary = Vocabulary.of(project)
    reading = build.read(project, vocabulary, build.seed_files(project, (), project.root))
    found = build.verify_report(reading.corpus, project.base, key, text).findings
    return [(finding.name, finding.status) for finding in found]


def test_the_spans_of_a_report_are_checked_once_each_in_the_order_of_its_text(project: Project) -> None:
    later = block("sentenced-to: 5-10 years", "charged-with: theft", evidence=cited("five to ten years"))
    earlier = block("detained-at: upper-valley", evidence=cited("Aman Tolek was taken"))
    row = HEAD.count("\n") + 3
    places = [(f"seeds/a.yaml:{row + 4}:15", "exact"), (f"seeds/a.yaml:{row}:15", "exact")]
    assert verified(project, TEXT, later, earlier) == places
    assert verified(project, "Late news. " + TEXT, later, earlier) == [(p, "moved") for p, _ in places]


def test_a_report_that_is_not_there_is_answered_with_the_nearest_or_with_all(project: Project) -> None:
    with pytest.raises(KgError, match=r"'valey-post-1'; did you mean 'valley-post-1'\?"):
        verified(project, TEXT, block(CLEAN), key="valey-post-1")
    with pytest.raises(KgError, match="'other'; there are valley-post-1"):
        verified(project, TEXT, block(CLEAN), key="other")


def test_a_report_without_spans_has_nothing_to_check(project: Project) -> None:
    record = "evidence: {record: 'https://example.org/case/1'}"
    with pytest.raises(KgError, match="'valley-post-1' has no spans to check"):
        verified(project, TEXT, block(CLEAN, evidence=record))


def test_a_copy_of_a_text_is_read_as_positions_count(tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(b"\xef\xbb\xbfone\r\ntwo\xf0\x9f\x90\x91")
    assert build.text_of(copy) == "one\ntwo🐑"
    copy.write_bytes("Größe".encode("latin-1"))
    with pytest.raises(KgError, match=r"not UTF-8.*line 1; save it as UTF-8"):
        build.text_of(copy)


# ---------------------------------------------------------------- checking files of somebody else


def test_graphs_of_several_files_are_checked_together(project: Project, tmp_path: Path) -> None:
    shapes = Vocabulary.of(project).shapes_files
    made = built(project, seed(block(CLEAN)))
    halves = [tmp_path / "one.nq", tmp_path / "two.nq"]
    for number, half in enumerate(halves):
        half.write_bytes(nt.nquads(made.quads[number::2]))
    assert build.validate_files(halves, shapes, "table").conforms
    assert not build.validate_files(halves[:1], shapes, "table").conforms


def test_shapes_that_touch_nothing_are_told(project: Project) -> None:
    shapes = Vocabulary.of(project).shapes_files
    nothing = build.validate_files([b"<http://e.org/a> <http://e.org/b> <http://e.org/c> ."], shapes, "table")
    assert nothing.conforms
    assert nothing.notes[-1] == "no shape touched anything: these shapes say nothing of this data"
    some = build.validate_files([nt.nquads(built(project, seed(block(CLEAN))).quads)], shapes, "table")
    assert "place-loop" in some.notes[-1]
    assert "assertion-fits" not in some.notes[-1]


def test_a_result_says_the_node_the_path_and_the_value(project: Project) -> None:
    shapes = Vocabulary.of(project).shapes_files
    quads = nt.nquads(built(project, seed(block("citizen-of: upper-valley"))).quads)
    report = build.validate_files([quads], shapes, "table").report.decode()
    assert report.startswith("violation: assertion-fits: ")
    assert f"path {expand('rdf:object')}, value <{DEFAULT_BASE}upper-valley>)" in report
    assert report.endswith("does not conform; 1 result\n")
    assert DIGEST not in report


def test_a_graph_with_violations_is_not_exported_by_the_library_either(project: Project) -> None:
    made = built(project, seed(block("detained-at: valley-police")))
    with pytest.raises(KgError, match="violation"):
        build.export(made, project.exports)
    assert not project.exports.exists()


def test_a_wrong_subject_is_shown_at_the_subject(project: Project) -> None:
    (finding,) = built(project, seed(block("age: 36", about="[aman-tolek, upper-valley]"))).findings
    assert str(finding.location) == f"seeds/a.yaml:{HEAD.count(chr(10)) + 2}:25"


def test_a_wrong_publisher_and_speaker_are_shown_where_they_are_named(project: Project) -> None:
    text = seed(block(CLEAN, "told-by: friend"), swap=("speaker: friend", "speaker: upper-valley"))
    (finding,) = built(project, text).findings
    assert str(finding.location) == "seeds/a.yaml:21:21"
    text = seed(block(CLEAN), swap=("publisher: valley-post", "publisher: upper-valley"))
    assert {str(finding.location) for finding in built(project, text).findings} == {"seeds/a.yaml:4:14"}


def test_notes_are_called_notes_everywhere(project: Project) -> None:
    (finding,) = built(project, seed(block("sentenced-to: 5 years"))).findings
    assert ": note: sentence-court: " in str(finding)
