from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import build, seeds, starter, table_export, table_files
from kg.build import Vocabulary
from kg.commands import table as commands
from kg.commands.table import init
from kg.model import Corpus
from kg.problems import Exit, KgError, RefusedError
from kg.project import Project, find
from kg.seeds import Reading

FILES = {
    ".gitignore",
    "kg.toml",
    "seeds/hill-courier.xlsx",
    "seeds/schema.json",
    "seeds/valley-post.yaml",
    "templates/table.csv",
    "templates/table.entities.csv",
    "templates/table.episodes.csv",
    "templates/table.reports.csv",
    "templates/table.sources.csv",
    "templates/table.xlsx",
    "texts/hill-courier.txt",
    "texts/valley-post.txt",
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(init, arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    assert run("new").exit_code == 0
    monkeypatch.chdir("new")
    return find(Path.cwd())


@pytest.fixture
def reading(project: Project, vocabulary: Vocabulary) -> Reading:
    names = [f"seeds/{path.name}" for path in project.seeds.iterdir() if path.suffix in (".yaml", ".xlsx")]
    return seeds.read(
        {name: Path(name).read_bytes() for name in names}, vocabulary.ontology, vocabulary.choices, project
    )


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_project_holds_all_that_it_takes_to_begin(project: Project) -> None:
    assert written(project.root) == FILES
    assert project.base == "https://example.org/id/"
    assert json.loads((project.seeds / "schema.json").read_text())["title"] == "Seed of reported facts"
    assert "restricted/" in (project.root / ".gitignore").read_text()


def test_the_next_steps_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new").output.splitlines()[-1] == "Next: cd new; kg build; kg show aman-tolek"
    Path("here").mkdir()
    monkeypatch.chdir("here")
    assert run().output.splitlines()[-1] == "Next: kg build; kg show aman-tolek"


def test_the_example_builds_without_violations(
    project: Project, vocabulary: Vocabulary, reading: Reading
) -> None:
    assert reading.problems == ()
    assert len(reading.corpus.reports) == 2
    assert len(reading.corpus.assertions) == 8
    graph = build.graph(project, vocabulary, reading.corpus)
    assert graph.conforms
    # Two reports disagree, which is what the graph is for.
    assert {finding.severity for finding in graph.findings} <= {"warning", "info"}


@pytest.mark.parametrize(
    ("report", "text", "spans"), [("valley-post-1", "valley-post", 3), ("hill-courier-1", "hill-courier", 4)]
)
def test_every_span_of_the_example_is_exact(project: Project, reading: Reading, report, text, spans) -> None:
    found = build.verify_report(reading.corpus, project.base, report, Path(f"texts/{text}.txt").read_text())
    assert not found.note
    assert [finding.status for finding in found.findings] == ["exact"] * len(found.findings)
    assert 0 < len(found.findings) <= spans


def test_the_example_is_the_same_on_every_day(vocabulary: Vocabulary) -> None:
    once, twice = (starter.files(vocabulary.ontology, vocabulary.choices) for _ in range(2))
    assert once == twice


def test_a_folder_that_is_a_project_is_refused(project: Project) -> None:
    before = {name: (project.root / name).stat().st_mtime_ns for name in FILES}
    result = run(".")
    assert isinstance(result.exception, RefusedError)
    assert result.exception.exit_code is Exit.REFUSED
    assert "kg.toml is there already: this is a project; name another folder" in str(result.exception)
    assert before == {name: (project.root / name).stat().st_mtime_ns for name in FILES}


def test_a_broken_link_in_place_of_the_settings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").symlink_to("nowhere")
    assert isinstance(run(str(tmp_path)).exception, RefusedError)


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "valley-post.txt").write_text("mine")
    result = run(str(tmp_path))
    assert "valley-post.txt is there already, and nothing is overwritten" in str(result.exception)
    assert written(tmp_path) == {"texts/valley-post.txt"}
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert run(str(other)).exit_code == 0
    assert written(other) == {*FILES, "notes.txt"}


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert isinstance(run(str(tmp_path / "new")).exception, KgError)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot make the folder" in str(run(str(tmp_path / "file" / "new")).exception)


# ---------------------------------------------------------------- kg export --to


def test_what_is_exported_as_tables_says_the_same(
    project: Project, vocabulary: Vocabulary, reading: Reading
) -> None:
    for output, form in (("all.xlsx", "xlsx"), ("all", "csv"), ("all.zip", "csv")):
        commands.write_tables(
            reading.corpus, vocabulary.ontology, project, Path(output), form, restricted=False
        )
    sheets = table_export.to_tables(reading.corpus, vocabulary.ontology, project.base)
    assert Path("all.xlsx").read_bytes() == table_files.xlsx(sheets)
    files = {path.name: path.read_bytes() for path in Path("all").iterdir()}
    assert sorted(files) == [
        f"all.{name}.csv" for name in ("assertions", "entities", "episodes", "reports", "sources")
    ]
    again = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    assert again.problems == ()
    assert {a.digest() for a in again.corpus.assertions} == {a.digest() for a in reading.corpus.assertions}
    # A folder that is written again keeps what is somebody's own.
    (Path("all") / "notes.txt").write_text("mine")
    commands.write_tables(Corpus(), vocabulary.ontology, project, Path("all"), "csv", restricted=False)
    assert (Path("all") / "notes.txt").read_text() == "mine"


def test_tables_are_not_written_where_they_would_be_read_or_published(
    project: Project, vocabulary: Vocabulary
) -> None:
    def write(output: str, form: str = "xlsx", restricted: bool = False) -> None:
        commands.write_tables(
            Corpus(), vocabulary.ontology, project, Path(output), form, restricted=restricted
        )

    for output, form in (("seeds/all.xlsx", "xlsx"), ("seeds", "csv"), ("seeds/all", "csv")):
        with pytest.raises(RefusedError, match="lies among the seeds"):
            write(output, form)
    with pytest.raises(RefusedError, match="public export"):
        write("exports/all.xlsx", restricted=True)
    with pytest.raises(KgError, match=r"name a folder, or a .zip"):
        write("all.csv", "csv")
    write("all.xlsx", restricted=True)
    assert Path("all.xlsx").stat().st_mode & 0o777 == 0o600
    write("all", "csv", restricted=True)
    assert Path("all").stat().st_mode & 0o777 == 0o700
