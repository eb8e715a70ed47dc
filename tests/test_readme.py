"""The README is run: each example of a command is typed, and its output compared."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT
from kg import query
from kg.cli import cli

README = (ROOT / "README.md").read_text(encoding="utf-8")
_COMMANDS = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
BLOCKS = re.findall(r"^```console( walk)?\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (command.removeprefix("kg "), shown)
    for walk, block in BLOCKS
    if not walk
    for command, shown in _COMMANDS.findall(block)
]
WALKS = [_COMMANDS.findall(block) for walk, block in BLOCKS if walk]
"""Examples that follow one another in a folder of their own; a line of "…" stands for any lines."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of what the examples read, so that building there disturbs no other test."""
    for name in ("seeds", "exports", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "kg.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
@pytest.mark.usefixtures("checkout")
def test_an_example_prints_what_the_readme_shows(command: str, shown: str) -> None:
    result = CliRunner().invoke(cli, shlex.split(command))
    assert result.exit_code in (0, 1), result.output
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        line.rstrip() for line in shown.splitlines()
    ]


@pytest.mark.parametrize("steps", WALKS, ids=[steps[0][0] for steps in WALKS])
def test_a_walk_leads_where_the_readme_says(
    steps: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    for command, shown in steps:
        if command.startswith("cd "):
            monkeypatch.chdir(command.removeprefix("cd "))
            continue
        if command.startswith("cp "):
            shutil.copy(*command.removeprefix("cp ").split())
            continue
        result = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert result.exit_code in (0, 1), result.output
        written, pattern = (_lines(text) for text in (result.stdout, shown))
        pattern = re.escape(pattern).replace("…\\\n", "(?:.*\\n)*?").replace("…", "(?:.*\\n?)*?")
        assert re.fullmatch(pattern, written), written


def _lines(text: str) -> str:
    """Give what is compared: no blanks at ends, and any version of the rules, which each new rule changes."""
    plain = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\brules [0-9a-f]{8}\b", "rules 0", plain)


def test_there_are_walks() -> None:
    assert len(WALKS) >= 2


PICTURES = [command for command, _ in EXAMPLES if " -o docs/pictures/" in command]


def test_there_are_pictures() -> None:
    assert len(PICTURES) >= 3


@pytest.mark.parametrize("command", PICTURES)
def test_a_picture_is_what_the_command_draws(command: str, checkout: Path) -> None:
    name = command.split()[-1]
    (checkout / name).unlink()
    assert CliRunner().invoke(cli, shlex.split(command)).exit_code == 0
    assert (checkout / name).read_bytes() == (ROOT / name).read_bytes()


@pytest.mark.usefixtures("checkout")
def test_the_python_examples_do_what_they_say() -> None:
    parser = doctest.DocTestParser()
    test = parser.get_doctest(README, {}, "README", "README.md", 0)
    assert len(test.examples) >= 4
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert runner.failures == 0


def test_each_command_is_explained() -> None:
    for name, command in cli.commands.items():
        assert command.help
        assert f"kg {name}" in README, name


def test_each_shipped_query_is_listed() -> None:
    for name in query.shipped():
        assert f"`{name}`" in README, name


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert len(links) > 3
    assert [link for link in links if not (ROOT / link).exists()] == []
