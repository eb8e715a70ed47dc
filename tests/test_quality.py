"""The checks that read the code rather than run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

TOOLS = {
    "ruff check": ["-m", "ruff", "check", "--no-cache", "."],
    "ruff format": ["-m", "ruff", "format", "--no-cache", "--check", "."],
    "mypy": ["-m", "mypy", "--cache-dir", "{cache}"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_nothing(tool: str, tmp_path: Path) -> None:
    arguments = [argument.format(cache=tmp_path) for argument in TOOLS[tool]]
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# Written apart, so that this file does not find itself.
UNWANTED = re.compile(
    "|".join(("/wo" + "rk/", "/ro" + "ot/", "py" + "pi", "clau" + "de", "anthro" + "pic")), re.IGNORECASE
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = listed.stdout.splitlines()
    assert len(names) > 50
    found = [
        name
        for name in names
        if (path := ROOT / name).is_file()
        and UNWANTED.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: path.name)
def test_values_enter_sparql_by_binding_only(path: Path) -> None:
    # A query that is put together with values of the data would be an injection.
    text = path.read_text(encoding="utf-8")
    assert not re.search(r'f"""[^"]*\b(SELECT|CONSTRUCT|ASK)\b[^"]*\{', text)
    assert not re.search(r'f"[^"\n]*\b(SELECT|CONSTRUCT|ASK)\b[^"\n]*\{\w+\}', text)
