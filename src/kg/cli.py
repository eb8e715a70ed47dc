"""The command `kg`: options in, text and an exit code out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.problems import Exit, KgError

if TYPE_CHECKING:
    from kg.build import Graph, Vocabulary
    from kg.project import Project
    from kg.seeds import Reading

GROUPS = {
    "Curate": ("check", "cite", "verify", "schema"),
    "Build": ("build", "validate"),
    "Ask": ("query",),
    "Share": ("export",),
}
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
include_restricted: Decorator = click.option(
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
    """Read SEEDS and report every problem, with its line and column.

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
    """Print the locator of WORDS in the text FILE, to paste into a seed.

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
    """Check each evidence span of REPORT (its key) against a copy of its text.

    Each span is exact, moved, ambiguous or not found; nothing is matched by likeness.
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
    """Write the JSON Schema of seeds, for completion and hover text in editors."""
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
        click.get_binary_stream("stdout").write(data)
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
@include_restricted
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
    default = project.root / "exports-restricted" if include_restricted else project.exports
    target = output or default
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
    found = [_count(outcome.count(name), name) for name in ("violation", "warning", "note")]
    click.echo(
        f"validated {_count(len(outcome.touched), 'shape')}: {', '.join(found)}; focus nodes each touched:"
    )
    for shape, touched in sorted(outcome.touched.items()):
        name = shape.rpartition("#")[2]
        click.echo(f"          {touched:>6,} {name}{'' if touched else '  (touched nothing)'}")


# ---------------------------------------------------------------- ask, share: see below

if __name__ == "__main__":
    main()
