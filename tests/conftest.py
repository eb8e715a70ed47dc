from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from kg import seeds
from kg.build import Vocabulary
from kg.project import Project, find
from kg.seeds import Reading

ROOT = Path(__file__).parents[1]
DIGEST = "0" * 64

HEAD = f"""\
report:
  key: valley-post-1
  title: Herder taken
  publisher: valley-post
  published: 2021-03-04
  language: en
  text: {{length: 500, digest: {DIGEST}}}
organization:
  valley-post: Valley Post
  valley-police: Valley police
court:
  valley-court: Valley District Court
country:
  norland: Norland
place:
  upper-valley: Upper Valley
person:
  aman-tolek: Aman Tolek
  friend: {{unnamed: a friend of Aman Tolek}}
sources:
  friend: {{speaker: friend, basis: first-hand}}
episodes:
  herder-case: arrest of the herder
"""
"""What the seeds of these tests have in common: invented people in an invented valley; 23 lines."""

EVIDENCE = f"evidence: {{start: 10, end: 40, digest: {DIGEST}}}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shacl-suite", type=Path, help="a folder of the W3C data shapes test suite to run too")


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return Vocabulary.of(find(tmp_path_factory.mktemp("project")))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return find(tmp_path)


@pytest.fixture
def read(vocabulary: Vocabulary, project: Project) -> Callable[..., Reading]:
    """Read seeds given as path and text; a text without a path is `a.yaml`."""

    def read(*texts: str, **named: str) -> Reading:
        files = {f"{name}.yaml": dedent(text).encode() for name, text in named.items()}
        files |= {f"{chr(97 + number)}.yaml": dedent(text).encode() for number, text in enumerate(texts)}
        return seeds.read(files, vocabulary.ontology, vocabulary.choices, project)

    return read
