"""The command that compares."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import restricted_option, stop, this_project, write
from kg.problems import Exit, KgError

if TYPE_CHECKING:
    from kg.project import Project


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    help="How to print it; without it, as the name behind -o says, else text.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@restricted_option
def diff(
    before: Path, after: Path, format_: str | None, output: Path | None, include_restricted: bool
) -> None:
    """Say in words what changed from BEFORE to AFTER.

    If anything did, it exits with 1. Each is an export (its folder, or a file of one), a project's
    folder, or seeds: a folder, or a file of curated YAML, JSON lines or a table. What lies in
    another project is read with the settings of that one.
    """
    from kg import build, diff_text
    from kg.diff import compare
    from kg.escape import encoding_of
    from kg.project import refuse_public_place

    projects = [_project_of(path) for path in (before, after)]
    if output is not None:
        for project in projects:
            refuse_public_place(project, output, restricted=include_restricted)
    old, new = (
        build.corpus_of(project, path, include_restricted=include_restricted)
        for project, path in zip(projects, (before, after), strict=True)
    )
    difference = compare(old, new, projects[1].base)
    name = format_ or _format_of(output)
    if name == "json":
        data = diff_text.as_json(difference)
    elif name == "markdown":
        data = diff_text.markdown(difference).encode()
    elif output is None:
        width = max(40, min(100, shutil.get_terminal_size((80, 24)).columns))
        data = diff_text.text(difference, width=width, encoding=encoding_of(sys.stdout)).encode()
    else:
        data = diff_text.text(difference).encode()
    write(data, output, restricted=include_restricted)
    if difference.changes:
        stop(Exit.FOUND)


def _project_of(path: Path) -> Project:
    """Give the project that a path lies in, or a link to it; if in none, that of the working folder."""
    from kg.project import CONFIG, find

    for place in (Path(os.path.realpath(path)), Path(os.path.abspath(path))):  # noqa: PTH100
        for folder in (place, *place.parents):
            if os.path.lexists(folder / CONFIG):
                return find(folder)
    return this_project()


def _format_of(output: Path | None) -> str:
    known = {".json": "json", ".md": "markdown", ".txt": "text"}
    if output is None:
        return "text"
    if output.suffix.lower() not in known:
        raise KgError(f"{str(output)!r} ends in none of {', '.join(known)}; name a format with -f")
    return known[output.suffix.lower()]
