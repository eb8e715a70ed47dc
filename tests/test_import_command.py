"""The command `kg import`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from kg.commands.importing import import_command
from kg.problems import KgError, RefusedError

TABLE = "Name,Job\nAman,monk\nBek,herder\n"
MAP = """\
report: {key: list, title: List, published: 2020}
entities:
  prisoner: {class: person, label: {column: Name}}
assertions:
  - {about: prisoner, occupation: {column: Job, values: {monk: monk, herder: herder}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kg.toml").touch()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "list.csv").write_text(TABLE)
    (tmp_path / "map.yml").write_text(MAP)
    return tmp_path


def typed(*arguments: str) -> Result:
    result = CliRunner().invoke(import_command, list(arguments))
    if isinstance(result.exception, KgError):
        raise result.exception
    return result


def test_an_import_writes_records_and_says_what_it_made(folder: Path) -> None:
    result = typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl")
    assert result.exit_code == 0, result.output
    assert result.stdout == dedent(
        """\
        read      2 rows
        made      2 assertions; described: 2 person, 1 report
        wrote     5 records to seeds/list.jsonl
        """
    )
    lines = (folder / "seeds" / "list.jsonl").read_text().splitlines()
    assert [json.loads(line).get("class", "assertion") for line in lines] == [
        "report",
        "person",
        "person",
        "assertion",
        "assertion",
    ]


def test_without_a_file_records_go_to_stdout_and_the_rest_to_stderr(folder: Path) -> None:
    result = typed("list.csv", "--map", "map.yml")
    assert [json.loads(line)["class"] for line in result.stdout.splitlines()[:3]] == [
        "report",
        "person",
        "person",
    ]
    assert "made      2 assertions" in result.stderr


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    result = typed("list.csv", "--map", "map.yml", "--dry-run", "-o", "seeds/list.jsonl")
    assert result.exit_code == 0
    assert "would write 5 records to seeds/list.jsonl" in result.stdout
    assert list((folder / "seeds").iterdir()) == []


def test_with_problems_nothing_is_written(folder: Path) -> None:
    (folder / "list.csv").write_text(
        "Name,Job\n" + "".join(f"Person {n},{'monk' if n % 2 else 'mnok'}\n" for n in range(10)) + ",monk\n"
    )
    result = typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl")
    assert result.exit_code == 1
    assert result.stdout == dedent(
        """\
        list.csv:2:2: no-rule: 'Job': no rule covers 'mnok' (did you mean 'monk'?); mend the cell, or add to values at map.yml:5:57: "mnok": "monk" (or {skip: why}) (5 times: also 4:2, 6:2, 8:2, 10:2)
        list.csv:12:1: no-name: 'Name': no name stands here, and the row says something of 'prisoner'; fill it in, or write at map.yml:3:13 without-name: {unnamed: a few words} or without-name: {skip: why}
        by kind:
              5 no-rule in Job: 2:2, 4:2, 6:2, 8:2, 10:2
              1 no-name in Name: 12:1
        """
    )
    assert result.stderr == "kg: 6 problems; nothing was written\n"
    assert list((folder / "seeds").iterdir()) == []


def test_so_many_problems_are_printed_and_all_are_counted(folder: Path) -> None:
    (folder / "list.csv").write_text("Name,Job\n" + "".join(f"Person {n},job {n}\n" for n in range(100)))
    result = typed("list.csv", "--map", "map.yml", "--max-problems", "2")
    assert len(result.stdout.splitlines()) == 5
    assert "… and 98 more problems, 98 of them different; --max-problems 0 shows all" in result.stdout
    assert "    100 no-rule in Job: 2:2, 3:2, 4:2, 5:2, 6:2 …" in result.stdout
    assert len(typed("list.csv", "--map", "map.yml", "--max-problems", "0").stdout.splitlines()) == 102


def test_problems_can_be_had_as_json(folder: Path) -> None:
    (folder / "list.csv").write_text("Name,Job\nAman,mnok\n")
    result = typed("list.csv", "--map", "map.yml", "-f", "json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["problems"][0]["code"] == "no-rule"
    assert report["problems"][0]["places"] == [{"path": "list.csv", "line": 2, "column": 2, "cell": ""}]
    assert report["kinds"] == [{"code": "no-rule", "column": "Job", "count": 1}]
    assert report["rows"] == 1


def test_a_file_that_is_there_is_not_written_over(folder: Path) -> None:
    out = folder / "seeds" / "list.jsonl"
    out.write_text('{"class": "person", "key": "typed-by-hand", "label": "Somebody"}\n')
    with pytest.raises(RefusedError, match="is there already, and holds something else"):
        typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl")
    assert "typed-by-hand" in out.read_text()
    assert typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl", "--force").exit_code == 0
    assert "typed-by-hand" not in out.read_text()
    assert typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl").exit_code == 0, "the same again"


@pytest.mark.parametrize("output", ["list.csv", "map.yml", "./list.csv"])
def test_what_is_read_is_not_written_over(folder: Path, output: str) -> None:
    with pytest.raises(RefusedError, match="is what is read"):
        typed("list.csv", "--suggest", "-o", output, "--force") if output != "map.yml" else _over_the_map()
    assert (folder / "list.csv").read_text() == TABLE
    assert (folder / "map.yml").read_text() == MAP


def _over_the_map() -> None:
    Path("map.jsonl").write_text(MAP)
    typed("list.csv", "--map", "map.jsonl", "-o", "map.jsonl", "--force")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list.csv"], "give either --map MAP.yml, or --suggest"),
        (["list.csv", "--map", "map.yml", "--suggest"], "give either --map MAP.yml, or --suggest"),
        (["list.csv", "--suggest", "--dry-run"], "--suggest reads only"),
        (["list.csv", "--map", "map.yml", "-o", "seeds/list.yaml"], "ends in .jsonl"),
        (["--map", "map.yml"], "Missing argument"),
    ],
)
def test_wrong_usage_is_told(folder: Path, arguments: list[str], says: str) -> None:
    result = typed(*arguments)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["lst.csv", "--map", "map.yml"],
            r"cannot read the table lst.csv: there is no such file; did you mean 'list.csv'\?",
        ),
        (["list.csv", "--map", "mapp.yml"], r"cannot read the map mapp.yml: there is no such file"),
        (["seeds", "--map", "map.yml"], "it is a folder"),
        (["list.csv", "--map", "map.yml", "-o", "nowhere/list.jsonl"], "there is no folder 'nowhere'"),
    ],
)
def test_what_cannot_be_read_or_written_is_told(folder: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(KgError, match=says):
        typed(*arguments)


def test_a_map_is_never_written_among_the_seeds(folder: Path) -> None:
    with pytest.raises(RefusedError, match="named like a seed"):
        typed("list.csv", "--suggest", "-o", "seeds/map.yml")


def test_what_is_restricted_is_for_its_owner_only(folder: Path) -> None:
    (folder / "map.yml").write_text("access: restricted\n" + MAP)
    assert typed("list.csv", "--map", "map.yml", "-o", "seeds/list.jsonl").exit_code == 0
    assert (folder / "seeds" / "list.jsonl").stat().st_mode & 0o077 == 0


def test_a_suggestion_goes_to_a_file_and_works_at_once(folder: Path) -> None:
    result = typed("list.csv", "--suggest", "-o", "first.yml")
    assert result.exit_code == 0
    assert (
        result.stderr
        == "kg: 0 things to decide, marked '# decide' in first.yml; guesses are marked '# guess'\n"
    )
    assert typed("list.csv", "--map", "first.yml", "--dry-run").exit_code == 0


def test_several_files_are_one_import(folder: Path) -> None:
    (folder / "more.csv").write_text("Name,Job\nDana,monk\n")
    result = typed("list.csv", "more.csv", "--map", "map.yml", "--dry-run")
    assert "read      3 rows" in result.stdout
