"""Commands that build and validate."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import (
    DATA_FORMATS,
    count,
    echo,
    inputs_of,
    jobs_option,
    memory_option,
    progress_on_terminal,
    read_seeds,
    refuse_problems,
    restricted_exports,
    restricted_option,
    stop,
    tell,
    this_project,
    timeout_option,
    write,
)
from kg.problems import Exit

if TYPE_CHECKING:
    from kg.build import Finding, Graph, Vocabulary
    from kg.project import Project
    from kg.validate import Engine


@click.command()
@click.argument("seeds", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The folder to write; without it, the project's exports.",
)
@jobs_option
@restricted_option
def build(seeds: tuple[Path, ...], output: Path | None, jobs: int | None, include_restricted: bool) -> None:
    """Read SEEDS, encode, validate and export them.

    SEEDS are curated YAML, records (JSON lines, - for standard input) and tables, or folders of
    these; without any, those of the project. Many records are read in a stream.

    Problems or violations stop it (exit 1), and what is in the output folder stays as it is.
    Warnings and notes are shown and stop nothing. Without --include-restricted, only what is
    public is written.
    """
    from kg import build as steps
    from kg import large

    project = this_project()
    target = output or (restricted_exports(project) if include_restricted else project.exports)
    steps.require_place(project, target, restricted=include_restricted)
    vocabulary = steps.Vocabulary.of(project)
    paths = steps.seed_paths(project, seeds, Path.cwd())
    if large.is_large(paths):
        _build_large(project, vocabulary, paths, target, jobs, include_restricted)
        return
    number, reading = read_seeds(project, vocabulary, seeds)
    refuse_problems(reading)
    built = steps.graph(
        project, vocabulary, reading.corpus, include_restricted=include_restricted, exported=target
    )
    # Written before anything is said: whoever reads the output may stop reading.
    files = steps.export(built, target) if built.conforms else 0
    if files:
        _leave_store(target, include_restricted)
    _print_findings(built.findings)
    _summary(number, built)
    if not built.conforms:
        click.echo("kg: there are violations; nothing was written", err=True)
        stop(Exit.FOUND)
    echo(f"wrote     {count(files, 'file')} to {os.path.relpath(target)}")


def _leave_store(target: Path, restricted: bool) -> None:
    """Make the store that queries of a large export use; without one they read the export itself."""
    from kg import diskstore
    from kg.build import DATASET
    from kg.problems import KgError

    try:
        diskstore.ensure(target / DATASET, restricted=restricted)
    except KgError as error:
        tell(f"{error}; until then queries read the export itself, which takes longer")
    except KeyboardInterrupt:
        tell("the export is written; only the store for queries is not made")
        raise


def _build_large(
    project: Project,
    vocabulary: Vocabulary,
    paths: Mapping[str, Path],
    target: Path,
    jobs: int | None,
    include_restricted: bool,
) -> None:
    from kg import large

    made = large.build(
        project,
        vocabulary,
        paths,
        target,
        include_restricted=include_restricted,
        jobs=jobs,
        progress=progress_on_terminal(),
    )
    if made.problems:
        for problem in made.problems:
            echo(problem)
        click.echo(f"kg: {count(len(made.problems), 'problem')}; nothing was written", err=True)
        stop(Exit.FOUND)
    for notice in made.notices:
        tell(notice)
    if made.files and not made.notices:
        _leave_store(target, include_restricted)
    assert made.outcome is not None  # noqa: S101  (there are no problems)
    _print_findings(made.findings)
    _print_counts(len(paths), made.counts)
    _print_outcome(made.findings, made.outcome.touched)
    if not made.outcome.conforms:
        click.echo("kg: there are violations; nothing was written", err=True)
        stop(Exit.FOUND)
    echo(f"wrote     {count(made.files, 'file')} to {os.path.relpath(target)}")
    if not made.is_whole:
        echo(f"          (of more than {large.WHOLE:,} assertions, N-Quads is the only form)")


MOST_ALIKE = 20
"""Findings of one shape that are shown; the others are counted."""


def _print_findings(findings: Sequence[Finding]) -> None:
    shown: dict[str, int] = {}
    for finding in findings:
        shown[finding.shape] = shown.get(finding.shape, 0) + 1
        if shown[finding.shape] <= MOST_ALIKE:
            echo(finding)
    for shape, number in shown.items():
        if number > MOST_ALIKE:
            echo(f"{shape}: and {number - MOST_ALIKE:,} more")


def _summary(seeds: int, built: Graph) -> None:
    corpus = built.corpus
    described = (corpus.reports, corpus.entities, corpus.sources, corpus.assertions, built.quads)
    _print_counts(seeds, [len(items) for items in described])
    _print_outcome(built.findings, built.outcome.touched)


def _print_counts(seeds: int, counts: Sequence[int]) -> None:
    nouns = (("report", None), ("entity", "entities"), ("source", None), ("assertion", None))
    said = [count(number, one, several) for number, (one, several) in zip(counts, nouns, strict=False)]
    click.echo(f"read      {count(seeds, 'seed')}: {', '.join(said)}")
    click.echo(f"encoded   {count(counts[4], 'quad')}")


def _print_outcome(findings: Sequence[Finding], touched: Mapping[str, int]) -> None:
    severities = [finding.severity for finding in findings]
    found = [count(severities.count(name), name) for name in ("violation", "warning")]
    found.append(count(severities.count("info"), "note"))
    click.echo(f"validated {count(len(touched), 'shape')}: {', '.join(found)}; focus nodes touched:")
    for line in _touched(touched):
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


@click.command()
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
    help="How to print what was found.",
)
@click.option("--data-format", type=click.Choice(DATA_FORMATS), help="The format of standard input.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "compiled", "pyshacl"]),
    default="auto",
    show_default=True,
    help="auto leaves to pyshacl what is not compiled, and says so.",
)
@jobs_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after so many results.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first violation.")
@timeout_option(600)
@memory_option
def validate(
    files: tuple[Path, ...],
    shapes: tuple[Path, ...],
    format_: str,
    data_format: str | None,
    output: Path | None,
    engine: Engine,
    jobs: int | None,
    limit: int | None,
    fail_fast: bool,
    timeout: float,
    memory: int,
) -> None:
    """Check RDF FILES against SHACL shapes, named graphs included.

    FILES are Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML; - is standard input. Only
    violations make it exit 1; warnings and notes are shown.
    """
    from kg import build as steps
    from kg.limits import run_limited
    from kg.validate import How

    shapes_files = shapes or steps.Vocabulary.of(this_project()).shapes_files
    checked = run_limited(
        steps.validate_files,
        inputs_of(files),
        shapes_files,
        format_,
        data_format,
        How(
            engine=engine,
            check_shapes=bool(shapes),
            jobs=jobs or os.cpu_count() or 1,
            limit=limit,
            fail_fast=fail_fast,
        ),
        seconds=timeout,
        # What a file takes that is only looked into is no memory that is used up.
        memory=memory * 1_000_000 + sum(map(_size, files)),
        what="the validation",
    )
    write(checked.report, output)
    for note in checked.notes:
        tell(note)
    if not checked.conforms:
        stop(Exit.FOUND)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading it says why
