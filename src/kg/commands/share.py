"""Commands that hand a graph on."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands.shared import (
    EXPORT_FORMATS,
    echo,
    read_seeds,
    refuse_problems,
    restricted_option,
    seed_arguments,
    stop,
    this_project,
    write,
)
from kg.commands.table import TABLE_FORMATS, write_tables
from kg.problems import Exit


@click.command()
@seed_arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="The file to write, its format that of its extension; - for stdout.",
)
@click.option(
    "-f", "--format", "format_", type=click.Choice(EXPORT_FORMATS), help="The format, whatever the name."
)
@click.option(
    "--to",
    "form",
    type=click.Choice(TABLE_FORMATS),
    help="Write all of it as tables: a workbook, or a folder or .zip of CSV.",
)
@restricted_option
def export(
    seeds: tuple[Path, ...], output: Path, format_: str | None, form: str | None, include_restricted: bool
) -> None:
    """Write one file: Turtle, N-Quads, GraphML, CSV …

    SEEDS are read and validated as build does.
    """
    from kg import build as steps
    from kg import exports

    project = this_project()
    name = "" if form else format_ or steps.export_format(output)
    vocabulary = steps.Vocabulary.of(project)
    _, reading = read_seeds(project, vocabulary, seeds)
    refuse_problems(reading)
    built = steps.graph(project, vocabulary, reading.corpus, include_restricted=include_restricted)
    if not built.conforms:
        for finding in built.findings:
            echo(finding)
        click.echo("kg: there are violations; nothing was written", err=True)
        stop(Exit.FOUND)
    if form:
        write_tables(built.corpus, vocabulary.ontology, project, output, form, restricted=include_restricted)
        return
    write(exports.FORMATS[name](built.content), output, restricted=include_restricted)
