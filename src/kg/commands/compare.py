"""The command that compares."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from kg.commands.shared import restricted_option, stop, this_project, write
from kg.problems import Exit, KgError


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
    """Say in words what changed from BEFORE to AFTER (exit 1 if anything did).

    Each is an export (its folder, or a file of one), a project's folder, or seeds: a folder, or a
    file of curated YAML, JSON lines or a table.
    """
    from kg import build, diff_text
    from kg.diff import compare
    from kg.escape import encoding_of

    project = this_project()
    old = build.corpus_of(project, before, include_restricted=include_restricted)
    new = build.corpus_of(project, after, include_restricted=include_restricted)
    difference = compare(old, new, project.base)
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


def _format_of(output: Path | None) -> str:
    known = {".json": "json", ".md": "markdown", ".txt": "text"}
    if output is None:
        return "text"
    if output.suffix.lower() not in known:
        raise KgError(f"{str(output)!r} ends in none of {', '.join(known)}; name a format with -f")
    return known[output.suffix.lower()]
