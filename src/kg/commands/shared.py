"""What several commands share: options, reading a project, printing."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.problems import Exit, KgError

if TYPE_CHECKING:
    from kg.build import Vocabulary
    from kg.project import Project
    from kg.seeds import Reading

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


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

seed_arguments: Decorator = click.argument("seeds", nargs=-1, type=click.Path(path_type=Path))
restricted_option: Decorator = click.option(
    "--include-restricted", is_flag=True, help="Show what is marked restricted or withheld, too."
)
problem_format: Decorator = click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)


def _not_nan(ctx: click.Context, option: click.Parameter, value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("give a number of seconds", ctx, option)
    return value


def timeout_option(seconds: float) -> Decorator:
    """Give the option --timeout with a default of `seconds`."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        callback=_not_nan,
        help="Stop after this time (exit 3).",
    )


jobs_option: Decorator = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many processes share the work, where there is enough; without it, one for each core.",
)
memory_option: Decorator = click.option(
    "--memory",
    type=click.IntRange(64, 10_000_000),
    default=MEMORY,
    show_default=True,
    metavar="MB",
    help="Stop when more memory than this is needed (exit 3).",
)


def progress_on_terminal() -> Callable[[str, int, int], None] | None:
    """Give what shows on stderr how far a long step is: nothing off a terminal or in the first second."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    import time

    started = shown = time.monotonic()

    def show(what: str, done: int, of: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - started > 1 and (now - shown > 0.2 or done >= of):
            shown = now
            share = f"{100 * done // of}%" if of else ""
            click.echo(f"\r\x1b[K{what} {share}" if done < of else "\r\x1b[K", err=True, nl=False)

    return show


def this_project() -> Project:
    """Give the project that the working folder is in."""
    from kg.project import find

    return find(Path.cwd())


def read_seeds(project: Project, vocabulary: Vocabulary, named: Sequence[Path]) -> tuple[int, Reading]:
    """Read the seeds that were named, or all; give their number and what they say."""
    from kg import build

    files = build.seed_files(project, named, Path.cwd())
    return len(files), reading_of(project, vocabulary, files)


def reading_of(project: Project, vocabulary: Vocabulary, files: Mapping[str, bytes]) -> Reading:
    """Give what the bytes of seeds say."""
    from kg import build

    reading = build.read(project, vocabulary, files, remember=True)
    for notice in reading.notices:
        tell(str(notice))
    return reading


def echo(text: object) -> None:
    """Print one line, safe for a terminal of whatever encoding."""
    from kg.escape import encoding_of, for_terminal

    click.echo(for_terminal(str(text), encoding_of(sys.stdout)))


def print_all(items: Iterable[object], format_: str, keys: Sequence[str]) -> None:
    """Print problems a line each, or as JSON with `keys`."""
    if format_ == "json":
        print_json([{key: _plain(item, key) for key in keys} for item in items])
        return
    for item in items:
        echo(item)


def print_json(value: object) -> None:
    """Print plain values as JSON."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _plain(item: Any, key: str) -> object:
    location = item.location
    if key in ("path", "line", "column"):
        return getattr(location, key) if location else None
    return getattr(item, key)


def count(number: int, one: str, several: str | None = None) -> str:
    """Give a number with its noun."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def stop(code: Exit) -> None:
    """End the command with an exit code."""
    raise click.exceptions.Exit(code)


def refuse_problems(reading: Reading, then: str = "nothing was written") -> None:
    """Print problems and end the command, if there are any; `then` says what comes of them."""
    if reading.problems:
        for problem in reading.problems:
            echo(problem)
        click.echo(f"kg: {count(len(reading.problems), 'problem')}; {then}", err=True)
        stop(Exit.FOUND)


def write(data: bytes, output: Path | None, *, restricted: bool = False) -> None:
    """Write to a file, or to stdout; what is restricted never into the public export's folder."""
    from kg.files import write_atomically
    from kg.project import refuse_public_place, refuse_seed

    if output is None or str(output) == "-":
        click.echo(data, nl=False)
        return
    project = this_project()
    refuse_public_place(project, output, restricted=restricted)
    refuse_seed(project, output)
    write_atomically(output, data, mode=0o600 if restricted else None)


def inputs_of(files: Sequence[Path]) -> list[Path | bytes]:
    """Read standard input here, since a child process with limits has none."""
    return [_standard_input() if str(file) == "-" else file.absolute() for file in files]


def _standard_input() -> bytes:
    from kg.files import read_bytes_limited

    return read_bytes_limited("-", INPUT_LIMIT, "the data")


def tell(text: str) -> None:
    """Say something on stderr."""
    from kg.escape import encoding_of, for_terminal

    click.echo(f"kg: {for_terminal(text, encoding_of(sys.stderr))}", err=True)


def restricted_exports(project: Project) -> Path:
    """Give the folder for exports that hold what is restricted; git ignores it."""
    return project.exports.with_name(f"{project.exports.name}-restricted")


def dataset_of(project: Project, include_restricted: bool) -> Path:
    """Give the file that holds all of the project's export, and refuse kindly if there is none."""
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
