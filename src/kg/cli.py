"""The command `kg`: options in, text and an exit code out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.problems import Exit, KgError

if TYPE_CHECKING:
    from kg.build import Graph, Vocabulary
    from kg.project import Project
    from kg.query import Answer, Shipped
    from kg.seeds import Reading

GROUPS = {
    "Curate": ("check", "cite", "verify", "schema"),
    "Build": ("build", "validate"),
    "Ask": ("query",),
    "Share": ("export",),
}
DATA_FORMATS = ("turtle", "nt", "nq", "trig", "jsonld", "rdfxml")
RESULT_FORMATS = ("table", "csv", "tsv", "json", "xml", "turtle", "nt", "jsonld")
EXPORT_FORMATS = (
    "ttl", "trig", "nq", "nt", "jsonld", "graphml", "gexf", "json", "nodes.csv", "edges.csv",
    "void.ttl", "ontology.ttl", "shapes.ttl",
)  # fmt: skip
INPUT_LIMIT = 1_000_000_000
"""Bytes of standard input."""
MEMORY = 4096
"""Megabytes that a query, or the validation of a foreign file, may take unless told otherwise."""


class _Grouped(click.Group):
    """Lists commands by what people do."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in GROUPS.items():
            rows = [(name, self.commands[name].get_short_help_str(70)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(cls=_Grouped, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="reportedly", message="%(package)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Build and ask a knowledge graph of reported facts.

    Exit codes: 0 fine, 1 it ran and found something, 2 it could not run, 3 a limit stopped it,
    4 refused by policy.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """Run `kg`, with every foreseeable failure as one line on stderr and the right exit code."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(Exit.CANNOT)
    except click.ClickException as error:
        _fail(error.format_message(), Exit.CANNOT)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except KgError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of a pipe went away: nothing more to say, and the interpreter must not try.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
    except MemoryError:
        _fail("out of memory", Exit.LIMIT)


def _fail(message: str, code: int) -> None:
    click.echo(f"kg: {message}", err=True)
    sys.exit(code)


# ---------------------------------------------------------------- what several commands share

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

seed_arguments: Decorator = click.argument("seeds", nargs=-1, type=click.Path(path_type=Path))
restricted_option: Decorator = click.option(
    "--include-restricted", is_flag=True, help="Show what is marked restricted or withheld, too."
)
problem_format: Decorator = click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def _timeout(seconds: float) -> Decorator:
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        help="Stop after this time (exit 3).",
    )


memory_option: Decorator = click.option(
    "--memory",
    type=click.IntRange(min=64),
    default=MEMORY,
    show_default=True,
    metavar="MB",
    help="Stop when more memory than this is needed (exit 3).",
)


def _project() -> Project:
    from kg.project import find

    return find(Path.cwd())


def _read(project: Project, vocabulary: Vocabulary, named: Sequence[Path]) -> tuple[int, Reading]:
    from kg import build

    files = build.seed_files(project, named, Path.cwd())
    return len(files), build.read(project, vocabulary, files)


def _echo(text: object) -> None:
    from kg.escape import for_terminal

    click.echo(for_terminal(str(text)))


def _print_all(items: Iterable[object], format_: str, keys: Sequence[str]) -> None:
    if format_ == "json":
        import json

        rows = [{key: _plain(item, key) for key in keys} for item in items]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for item in items:
        _echo(item)


def _plain(item: Any, key: str) -> object:
    location = item.location
    if key in ("path", "line", "column"):
        return getattr(location, key) if location else None
    return getattr(item, key)


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _stop(code: Exit) -> None:
    raise click.exceptions.Exit(code)


# ---------------------------------------------------------------- curate


@cli.command()
@seed_arguments
@problem_format
def check(seeds: tuple[Path, ...], format_: str) -> None:
    """Report every problem in SEEDS, with line and column.

    SEEDS are files or folders; without any, those of the project. Nothing is validated or
    written: that is what build does.
    """
    from kg.build import Vocabulary

    project = _project()
    number, reading = _read(project, Vocabulary.of(project), seeds)
    _print_all(reading.problems, format_, ("path", "line", "column", "code", "message"))
    if reading.problems:
        click.echo(_count(len(reading.problems), "problem"), err=True)
        _stop(Exit.FOUND)
    corpus = reading.corpus
    click.echo(
        f"{_count(number, 'seed')}, {_count(len(corpus.assertions), 'assertion')}, no problems", err=True
    )


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("words")
@click.option(
    "--context", default="", help="A longer passage that holds WORDS once, where they stand several times."
)
@click.option("--before", default="", help="What stands directly before WORDS.")
@click.option("--after", default="", help="What stands directly behind WORDS.")
def cite(file: Path, words: str, context: str, before: str, after: str) -> None:
    """Print the locator of WORDS in FILE, to paste into a seed.

    It holds positions and a digest, not the words. WORDS that stand several times are refused
    unless a context picks one.
    """
    from kg import evidence
    from kg.build import text_of

    text = text_of(file)
    span = evidence.cite(text, words, before=before, after=after, context=context)
    for warning in evidence.cuts(text, span.start, span.end):
        click.echo(f"kg: {warning}", err=True)
    click.echo(evidence.locator(span))


@cli.command()
@click.argument("report")
@click.option(
    "--text",
    "text_file",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="A copy of the report's text.",
)
@click.option("-v", "--verbose", is_flag=True, help="List the spans that stand where they should, too.")
def verify(report: str, text_file: Path, verbose: bool) -> None:
    """Check the evidence spans of REPORT against its text.

    REPORT is the key of a report. Each span is exact, moved, ambiguous or not found; nothing is
    matched by likeness.
    """
    from kg.build import Vocabulary, text_of, verify_report

    project = _project()
    _, reading = _read(project, Vocabulary.of(project), ())
    _refuse_problems(reading)
    verification = verify_report(reading.corpus, project.base, report, text_of(text_file))
    if verification.note:
        click.echo(f"kg: {verification.note}", err=True)
    wrong = 0
    for finding in verification.findings:
        exact = finding.status == "exact"
        wrong += not exact
        if verbose or not exact or finding.warnings:
            _echo(finding)
    exact_number = len(verification.findings) - wrong
    click.echo(f"{exact_number} of {_count(len(verification.findings), 'span')} exact")
    if wrong:
        _stop(Exit.FOUND)


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
def schema(output: Path | None) -> None:
    """Write the JSON Schema of seeds, for editors."""
    from kg import schema as schemas
    from kg.build import Vocabulary

    vocabulary = Vocabulary.of(_project())
    _write(schemas.schema(vocabulary.ontology, vocabulary.choices), output)


def _refuse_problems(reading: Reading) -> None:
    if reading.problems:
        for problem in reading.problems:
            _echo(problem)
        click.echo(f"kg: {_count(len(reading.problems), 'problem')}; nothing was written", err=True)
        _stop(Exit.FOUND)


def _write(data: bytes, output: Path | None) -> None:
    from kg.files import write_atomically

    if output is None or str(output) == "-":
        click.echo(data, nl=False)
    else:
        write_atomically(output, data)


# ---------------------------------------------------------------- build


@cli.command()
@seed_arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The folder to write; without it, the project's exports.",
)
@restricted_option
def build(seeds: tuple[Path, ...], output: Path | None, include_restricted: bool) -> None:
    """Read SEEDS, encode, validate and export them.

    Problems or violations stop it (exit 1), and what is in the output folder stays as it is.
    Warnings and notes are shown and stop nothing. Without --include-restricted, only what is
    public is written.
    """
    from kg import build as steps

    project = _project()
    vocabulary = steps.Vocabulary.of(project)
    number, reading = _read(project, vocabulary, seeds)
    _refuse_problems(reading)
    built = steps.graph(project, vocabulary, reading.corpus, include_restricted=include_restricted)
    for finding in built.findings:
        _echo(finding)
    _summary(number, built)
    if not built.conforms:
        click.echo("kg: there are violations; nothing was written", err=True)
        _stop(Exit.FOUND)
    target = output or (restricted_exports(project) if include_restricted else project.exports)
    files = steps.export(built, target)
    shown = os.path.relpath(target)
    click.echo(f"wrote     {_count(files, 'file')} to {shown}")


def _summary(seeds: int, built: Graph) -> None:
    corpus, outcome = built.corpus, built.outcome
    counts = (
        _count(len(corpus.reports), "report"),
        _count(len(corpus.entities), "entity", "entities"),
        _count(len(corpus.sources), "source"),
        _count(len(corpus.assertions), "assertion"),
    )
    click.echo(f"read      {_count(seeds, 'seed')}: {', '.join(counts)}")
    click.echo(f"encoded   {_count(len(built.quads), 'quad')}")
    severities = [result.severity for result in outcome.results]
    found = [_count(severities.count(name), name) for name in ("violation", "warning")]
    found.append(_count(severities.count("info"), "note"))
    click.echo(f"validated {_count(len(outcome.touched), 'shape')}: {', '.join(found)}; focus nodes touched:")
    for line in _touched(outcome.touched):
        click.echo(line)


def _touched(touched: Mapping[str, int]) -> Iterator[str]:
    """Give how many focus nodes each shape touched, shapes with the same number together."""
    import textwrap

    shapes: dict[int, list[str]] = {}
    for shape, number in touched.items():
        shapes.setdefault(number, []).append(shape.rpartition("#")[2])
    for number in sorted(shapes, reverse=True):
        start = f"{number or 'none':>9} "
        yield textwrap.fill(
            ", ".join(sorted(shapes[number])),
            100,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_on_hyphens=False,
        )


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--shapes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes to check against; without any, those of the project.",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["table", "json", "turtle", "junit"]),
    default="table",
    show_default=True,
)
@click.option("--data-format", type=click.Choice(DATA_FORMATS), help="The format of standard input.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@_timeout(600)
@memory_option
def validate(
    files: tuple[Path, ...],
    shapes: tuple[Path, ...],
    format_: str,
    data_format: str | None,
    output: Path | None,
    timeout: float,
    memory: int,
) -> None:
    """Check RDF FILES against SHACL shapes, named graphs included.

    FILES are Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML; - is standard input. Only
    violations make it exit 1; warnings and notes are shown.
    """
    from kg import build as steps
    from kg.limits import run_limited

    shapes_files = shapes or steps.Vocabulary.of(_project()).shapes_files
    checked = run_limited(
        steps.validate_files,
        _inputs(files),
        shapes_files,
        format_,
        data_format,
        bool(shapes),
        seconds=timeout,
        memory=memory * 1_000_000,
        what="the validation",
    )
    _write(checked.report, output)
    for note in checked.notes:
        _note(note)
    if not checked.conforms:
        _stop(Exit.FOUND)


def _inputs(files: Sequence[Path]) -> list[Path | bytes]:
    """Read standard input here, since a child process with limits has none."""
    return [_standard_input() if str(file) == "-" else file.absolute() for file in files]


def _standard_input() -> bytes:
    from kg.files import read_bytes_limited

    return read_bytes_limited("-", INPUT_LIMIT, "the data")


def _note(text: str) -> None:
    from kg.escape import for_terminal

    click.echo(f"kg: {for_terminal(text)}", err=True)


# ---------------------------------------------------------------- ask


@cli.command()
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
@_timeout(60)
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
    if text is None:
        raise click.UsageError("give a query: SPARQL text, FILE.rq, - or a name from kg query --list")
    asked = _query(text)
    sparql = asked if isinstance(asked, str) else asked.text
    if show:
        click.echo(sparql.rstrip())
        return
    project = _project()
    bindings = queries.bind(asked, params, base=project.base, prefixes=project.prefixes)
    queries.guard(sparql)
    inputs = _inputs(data) if data else [_dataset(project, include_restricted)]
    answer = run_limited(
        _answer,
        inputs,
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
    _write(answer.content, output)
    for note in answer.notes:
        _note(note)


def _answer(
    inputs: Sequence[Path | bytes],
    text: str,
    bindings: dict[str, str],
    prefixes: dict[str, str],
    format_: str,
    limit: int | None,
    data_format: str | None,
) -> Answer:
    from kg import query as queries

    return queries.run(inputs, text, bindings, prefixes, format_, True, limit, data_format=data_format)


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


def _dataset(project: Project, include_restricted: bool) -> Path:
    from kg.files import recover
    from kg.graph import DATASET

    folder = restricted_exports(project) if include_restricted else project.exports
    recover(folder)
    if not (folder / DATASET).is_file():
        option = " --include-restricted" if include_restricted else ""
        raise KgError(
            f"no export in {os.path.relpath(folder)}; run kg build{option} first, or name files with --data"
        )
    return folder / DATASET


def restricted_exports(project: Project) -> Path:
    """Give the folder for exports that hold what is restricted; git ignores it."""
    return project.exports.with_name(f"{project.exports.name}-restricted")


def _result_format(named: str | None, output: Path | None) -> str:
    from kg import query as queries

    if named:
        return named
    if output is not None and (extension := output.suffix.lower()) in queries.EXTENSIONS:
        return queries.EXTENSIONS[extension]
    return "table"


# ---------------------------------------------------------------- share


@cli.command()
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
@restricted_option
def export(seeds: tuple[Path, ...], output: Path, format_: str | None, include_restricted: bool) -> None:
    """Write one file: Turtle, N-Quads, GraphML, CSV …

    SEEDS are read and validated as build does.
    """
    from kg import build as steps
    from kg import exports

    project = _project()
    name = format_ or steps.export_format(output)
    vocabulary = steps.Vocabulary.of(project)
    _, reading = _read(project, vocabulary, seeds)
    _refuse_problems(reading)
    built = steps.graph(project, vocabulary, reading.corpus, include_restricted=include_restricted)
    if not built.conforms:
        for finding in built.findings:
            _echo(finding)
        click.echo("kg: there are violations; nothing was written", err=True)
        _stop(Exit.FOUND)
    steps.refuse_public_place(built, output)
    _write(exports.FORMATS[name](built.content), output)


if __name__ == "__main__":
    main()
