from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import DIGEST, EVIDENCE, HEAD
from kg import access, decode, rdf
from kg import build as steps
from kg.build import Vocabulary
from kg.cli import cli
from kg.index import Index
from kg.model import Access, Corpus, Withdrawal
from kg.namespaces import DEFAULT_BASE
from kg.project import find
from kg.seeds import Reading

SAID = f"""\
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
"""
SILENT = ["safety", "legal"]
OPEN = ["curator-error", "source-corrected", "source-withdrew"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def build(*texts: str) -> Path:
        folder = tmp_path / "seeds"
        folder.mkdir(exist_ok=True)
        (tmp_path / "kg.toml").write_text("")
        for number, text in enumerate(texts):
            (folder / f"{number}.yaml").write_text(text)
        monkeypatch.chdir(tmp_path)
        done = run("build")
        assert done.exit_code == 0, done.output
        return tmp_path

    return build


def everything(root: Path) -> Iterator[tuple[str, str]]:
    """Give all that the public can come to see: each exported file, each command's output."""
    for file in sorted((root / "exports").iterdir()):
        if file.is_file():
            yield file.name, file.read_text()
    for line in (
        "show aman-tolek", "show aman-tolek -f json", "show aman-tolek -f html", "show --people", "stats",
        "show aman-tolek --timeline", "conflicts", "query person -p person=aman-tolek", "query coverage",
        "query occupations", "diff exports seeds", "export -f csv -o -", "export -f ttl -o -",
    ):  # fmt: skip
        yield line, run(*line.split()).output


@pytest.mark.parametrize("reason", SILENT)
def test_what_is_withdrawn_for_safety_or_by_law_leaves_no_trace(
    build: Callable[..., Path], reason: str
) -> None:
    bare = HEAD + "assertions:\n" + SAID + "    age: 36\n"
    secret = (
        SAID + f"    occupation: courier\n    withdrawn: {{date: 2026-01-02, reason: {reason}, by: QZ}}\n"
    )
    without = dict(everything(build(bare)))
    shown = dict(everything(build(bare + secret)))
    assert shown == without
    whole = run("show", "aman-tolek", "--include-restricted")
    assert "no export in exports-restricted" in str(whole.exception)
    assert run("build", "--include-restricted").exit_code == 0
    whole = run("show", "aman-tolek", "--include-restricted")
    assert "courier" in whole.stdout
    assert f"withdrawn on 2 January 2026, {reason}, by QZ" in " ".join(whole.stdout.split())


def test_its_equal_in_another_file_goes_with_it(read: Callable[..., Reading]) -> None:
    said = SAID + "    occupation: courier\n"
    withdrawn = said + "    withdrawn: {date: 2026-01-02, reason: safety}\n"
    corpus = read(HEAD + "assertions:\n" + said + withdrawn).corpus
    assert len(corpus.assertions) == 2
    assert access.public(corpus, DEFAULT_BASE).assertions == ()


@pytest.mark.parametrize("reason", OPEN)
def test_other_withdrawals_are_announced_and_count_for_nothing(
    build: Callable[..., Path], reason: str
) -> None:
    gone = SAID + f"    occupation: courier\n    withdrawn: {{date: 2026-01-02, reason: {reason}, by: AB}}\n"
    root = build(HEAD + "assertions:\n" + SAID + "    age: 36\n" + gone)
    shown = " ".join(run("show", "aman-tolek").stdout.split())
    assert f"withdrawn on 2 January 2026, {reason.replace('-', ' ')}, by AB" in shown
    assert "1 withdrawn assertion is left out" in run("query", "person", "-p", "person=aman-tolek").stderr
    assert "courier" not in run("query", "person", "-p", "person=aman-tolek").stdout
    assert "courier" not in run("show", "--people").stdout
    assert "courier" not in (root / "exports" / "nodes.csv").read_text()
    assert "courier" not in (root / "exports" / "kg.graphml").read_text()
    view = [line for line in (root / "exports" / "kg.nq").read_text().splitlines() if "graph_view>" in line]
    assert view
    assert not any("courier" in line for line in view)


def test_a_correction_and_what_it_corrects_point_at_each_other(
    build: Callable[..., Path], read: Callable[..., Reading]
) -> None:
    old = SAID + "    occupation: courier\n    withdrawn: {date: 2026-01-02, reason: curator-error}\n"
    (wrong,) = read(HEAD + "assertions:\n" + old).corpus.assertions
    new = SAID + f"    occupation: carrier\n    corrects: {wrong.digest()}\n"
    root = build(HEAD + "assertions:\n" + old + new)
    shown = " ".join(run("show", "aman-tolek").stdout.split())
    assert "corrects: Aman Tolek occupation courier (stated)" in shown
    assert "corrected by: Aman Tolek occupation carrier (stated)" in shown
    assert (
        f"wasRevisionOf> <{DEFAULT_BASE}assertion_{wrong.digest()}>" in (root / "exports/kg.nq").read_text()
    )


def test_a_correction_says_nothing_of_what_is_not_published(read: Callable[..., Reading]) -> None:
    old = SAID + "    occupation: courier\n    withdrawn: {date: 2026-01-02, reason: safety}\n"
    (wrong,) = read(HEAD + "assertions:\n" + old).corpus.assertions
    new = SAID + f"    occupation: carrier\n    corrects: {wrong.digest()}\n"
    (public,) = access.public(read(HEAD + "assertions:\n" + old + new).corpus, DEFAULT_BASE).assertions
    assert public.corrects is None


def test_an_extracted_assertion_shows_its_engine_and_its_reviewer(build: Callable[..., Path]) -> None:
    build(
        HEAD
        + "assertions:\n"
        + SAID
        + "    age: 36\n    method: extracted\n    engine: rules 1\n    reviewer: AB\n"
    )
    assert "proposed by rules 1, accepted by AB" in " ".join(run("show", "aman-tolek").stdout.split())


def test_a_row_of_a_table_is_cited(build: Callable[..., Path]) -> None:
    row = SAID.replace(
        EVIDENCE, f"evidence: {{file: list.xlsx, sheet: '2021', row: 17, column: D, digest: {DIGEST}}}"
    )
    root = build(HEAD + "assertions:\n" + row + "    age: 36\n")
    assert "list.xlsx, sheet 2021, row 17, column D" in " ".join(run("show", "aman-tolek").stdout.split())
    assert '"cell=17,4"' in (root / "exports" / "kg.nq").read_text()


TWIN = SAID + "    occupation: courier\n"
HIDDEN = TWIN + "    access: restricted\n    note: a secret remark\n"
PROPOSED = TWIN + "    note: open\n    method: extracted\n    engine: rules 1\n    reviewer: AB\n"


@pytest.mark.parametrize("blocks", [(PROPOSED, HIDDEN), (HIDDEN, PROPOSED)])
@pytest.mark.parametrize("more", ["", "    episode: herder-case\n"])
def test_what_is_known_of_a_restricted_equal_stays_out_even_where_both_are_one(
    read: Callable[..., Reading], vocabulary: Vocabulary, blocks: tuple[str, str], more: str
) -> None:
    corpus = read(HEAD + "assertions:\n" + "".join(b + more if b == HIDDEN else b for b in blocks)).corpus
    (merged,) = rdf.merge(corpus).assertions
    (public,) = rdf.merge(access.public(corpus, DEFAULT_BASE)).assertions
    for found in (merged, public):
        assert (found.note, found.method, found.engine, found.reviewer) == (
            "open",
            "extracted",
            "rules 1",
            "AB",
        )
    assert (public.episodes, public.access) == ((), Access.PUBLIC)
    # What is hidden and not lost makes the whole hidden, for whoever makes something public of it.
    assert len(merged.episodes) == bool(more)
    whole = decode.corpus(quad[:3] for quad in rdf.quads(corpus, vocabulary.ontology, DEFAULT_BASE))
    assert access.public(whole, DEFAULT_BASE).assertions == (() if more else (public,))


def test_a_restricted_equal_that_lives_keeps_the_assertion_alive_where_it_is_shown(
    read: Callable[..., Reading],
) -> None:
    corpus = read(HEAD + "assertions:\n" + TWIN + "    withdrawn: 2026-01-02\n" + HIDDEN).corpus
    (merged,) = rdf.merge(corpus).assertions
    assert (merged.withdrawn, merged.access) == (None, Access.RESTRICTED)
    (public,) = access.public(corpus, DEFAULT_BASE).assertions
    assert (public.withdrawn, public.access) == (Withdrawal("2026-01-02"), Access.PUBLIC)


def test_where_equal_rows_stand_does_not_hang_on_the_names_of_seeds(read: Callable[..., Reading]) -> None:
    row = SAID.replace(EVIDENCE, f"evidence: {{file: FILE.csv, row: 2, digest: {DIGEST}}}") + "    age: 36\n"
    report = HEAD + "assertions:\n"
    found = [
        rdf.merge(read(report + row.replace("FILE", one) + row.replace("FILE", other)).corpus).assertions
        for one, other in (("a", "b"), ("b", "a"))
    ]
    assert found[0] == found[1]


def test_a_foreign_graph_in_which_reports_and_sources_are_missing_has_nothing_public(
    read: Callable[..., Reading],
) -> None:
    corpus = read(HEAD + "assertions:\n" + TWIN).corpus
    for name in ("reports", "sources"):
        assert access.public(replace(corpus, **{name: ()}), DEFAULT_BASE).assertions == ()
    (said,) = corpus.assertions
    lost = replace(corpus, assertions=(replace(said, episodes=("urn:x",)),))
    assert access.public(lost, DEFAULT_BASE).assertions == (said,)


def test_an_assertion_cannot_correct_itself(read: Callable[..., Reading]) -> None:
    (said,) = read(HEAD + "assertions:\n" + TWIN).corpus.assertions
    problems = read(HEAD + "assertions:\n" + TWIN + f"    corrects: {said.digest()}\n").problems
    assert [(problem.code, problem.location.line) for problem in problems] == [("corrects-itself", 28)]


def test_rows_of_tables_stand_beside_spans(build: Callable[..., Path]) -> None:
    text = "Aman Tolek came."
    whole = hashlib.sha256(text.encode()).hexdigest()
    head = HEAD.replace(f"{{length: 500, digest: {DIGEST}}}", f"{{length: {len(text)}, digest: {whole}}}")
    row = f"evidence: {{file: list.xlsx, row: 17, digest: {DIGEST}}}"
    span = f"evidence: {{start: 0, end: {len(text)}, digest: {whole}}}"
    blocks = "".join(SAID.replace(EVIDENCE, place) + "    age: 36\n" for place in (row, span))
    root = build(head + "assertions:\n" + blocks)
    (root / "post.txt").write_text(text)
    assert run("verify", "valley-post-1", "--text", "post.txt").stdout == "1 of 1 span exact\n"
    corpus = seeds_of(root)
    told = [Index(corpus).whereabouts(assertion).rpartition(", ")[2] for assertion in corpus.assertions]
    assert told == ["row 17", "characters 0 to 16"]


def seeds_of(root: Path) -> Corpus:
    project = find(root)
    return steps.read(project, Vocabulary.of(project), steps.seed_files(project, (), root)).corpus
