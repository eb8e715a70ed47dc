"""Commands that ask a built graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import (
    DATA_FORMATS,
    RESULT_FORMATS,
    dataset_of,
    inputs_of,
    memory_option,
    restricted_option,
    tell,
    this_project,
    timeout_option,
    write,
)
from kg.problems import KgError, LimitError

if TYPE_CHECKING:
    from kg.query import Answer, Shipped


@click.command()
@click.argument("text", metavar="[QUERY]", required=False)
@click.option("--list", "list_", is_flag=True, help="List the queries that come with kg.")
@click.option("--show", is_flag=True, help="Print the text of the query instead of asking it.")
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="Bind a variable: an <IRI>, a CURIE, a number, true, false or text; repeatable.",
)
@click.option(
    "--data",
    multiple=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="Ask this RDF file instead of the project's export; repeatable.",
)
@click.option("--data-format", type=click.Choice(DATA_FORMATS), help="The format of standard input.")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(RESULT_FORMATS),
    help="Without it: that of the -o file's extension, else table, or turtle for graphs.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.option("--limit", type=click.IntRange(min=0), help="Rows to show, 0 for all; 1000 in a table.")
@restricted_option
@timeout_option(60)
@memory_option
def query(
    text: str | None,
    list_: bool,
    show: bool,
    params: tuple[str, ...],
    data: tuple[Path, ...],
    data_format: str | None,
    format_: str | None,
    output: Path | None,
    limit: int | None,
    include_restricted: bool,
    timeout: float,
    memory: int,
) -> None:
    """Ask a query: SPARQL, or the name of a shipped one.

    QUERY is SPARQL text, FILE.rq, - for standard input, or a name from --list. It runs over the
    union of all graphs, with the project's prefixes known. Nothing is fetched: SERVICE, FROM and
    LOAD are refused (exit 4).
    """
    from kg import query as queries
    from kg.limits import run_limited

    if list_:
        for shipped in queries.shipped().values():
            click.echo(f"{shipped.name:<22} {shipped.title}")
        return
    if [text, *map(str, data)].count("-") > 1:
        raise click.UsageError("standard input can be one thing only: the query or the data")
    if text is None:
        raise click.UsageError("give a query: SPARQL text, FILE.rq, - or a name from kg query --list")
    asked = _query(text)
    sparql = asked if isinstance(asked, str) else asked.text
    if show:
        click.echo(sparql.rstrip())
        return
    project = this_project()
    bindings = queries.bind(asked, params, base=project.base, prefixes=project.prefixes)
    queries.guard(sparql)
    inputs: list[Path | bytes] = inputs_of(data)
    on_disk = None
    if not data:
        dataset = dataset_of(project, include_restricted)
        inputs, on_disk = [dataset], _store(dataset, sparql, include_restricted)
    try:
        answer = run_limited(
            _answer,
            inputs,
            on_disk,
            sparql,
            bindings,
            project.prefixes,
            _result_format(format_, output),
            limit,
            data_format,
            seconds=timeout,
            memory=memory * 1_000_000,
            what="the query",
        )
    except LimitError as error:
        if "memory" in str(error) and "ORDER BY" in sparql.upper():
            # pyoxigraph gives up in the same way where its order of unlike values is no total order.
            raise LimitError(
                f"{error}; if it sorts values of several kinds, ORDER BY STR(?x) helps"
            ) from error
        raise
    write(answer.content, output, restricted=include_restricted)
    for note in answer.notes:
        tell(note)


def _store(dataset: Path, text: str, restricted: bool) -> Path | None:
    """Give the store on disk that answers for the export, made now if it is missing and worth it."""
    from kg import diskstore
    from kg import query as queries

    graphs = queries.asks_graphs(text)
    try:
        return diskstore.ensure(dataset, graphs=graphs, restricted=restricted, tell=tell)
    except KgError as error:
        tell(f"{error}; the export itself is asked")
        return None


def _answer(
    inputs: Sequence[Path | bytes],
    on_disk: Path | None,
    text: str,
    bindings: dict[str, str],
    prefixes: dict[str, str],
    format_: str,
    limit: int | None,
    data_format: str | None,
) -> Answer:
    from kg import query as queries

    queries.forbid_sockets()
    return queries.run(
        inputs, text, bindings, prefixes, format_, True, limit, data_format=data_format, on_disk=on_disk
    )


def _query(given: str) -> Shipped | str:
    import re

    from kg import query as queries
    from kg.files import read_bytes_limited

    if given == "-" or given.endswith((".rq", ".sparql")):
        data = read_bytes_limited(given, queries.MAX_TEXT * 4, "the query")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise KgError(f"the query {given} is not UTF-8; save it in that encoding") from error
    return queries.find_shipped(given) if re.fullmatch(r"[\w-]+", given) else given


def _result_format(named: str | None, output: Path | None) -> str:
    from kg import query as queries

    if named:
        return named
    if output is not None and str(output) != "-":
        if (extension := output.suffix.lower()) in queries.EXTENSIONS:
            return queries.EXTENSIONS[extension]
        known = ", ".join(queries.EXTENSIONS)
        raise click.UsageError(f"{str(output)!r} ends in no format that is known ({known}); name one with -f")
    return queries.AUTO
