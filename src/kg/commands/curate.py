"""Commands for curators: check, cite, verify, schema."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands.shared import (
    count,
    echo,
    print_all,
    problem_format,
    read_seeds,
    reading_of,
    refuse_problems,
    seed_arguments,
    stop,
    this_project,
    write,
)
from kg.problems import Exit


@click.command()
@seed_arguments
@problem_format
@click.option(
    "--annotate",
    type=click.Path(path_type=Path),
    metavar="COPY.xlsx",
    help="Write a copy of the one table among SEEDS with its problems on the cells.",
)
def check(seeds: tuple[Path, ...], format_: str, annotate: Path | None) -> None:
    """Report every problem in SEEDS, with line and column.

    SEEDS are files or folders; without any, those of the project. Of some of the project's seeds
    only their own problems are told, but what the others describe is known. Nothing is validated
    or written: that is what build does.
    """
    from kg import build
    from kg.commands.table import write_annotated

    project = this_project()
    named = build.seed_files(project, seeds, Path.cwd())
    whole = not seeds or not all(build.is_seed_of(project, path) for path in named)
    # What was named is not read again: standard input has ended.
    read = named if whole else build.seed_files(project, (), Path.cwd())
    reading = reading_of(project, build.Vocabulary.of(project), read)
    problems = [problem for problem in reading.problems if problem.location.path in named]
    if annotate:
        write_annotated(named, problems, annotate)
    print_all(problems, format_, ("path", "line", "column", "code", "message"))
    if problems:
        click.echo(count(len(problems), "problem"), err=True)
        stop(Exit.FOUND)
    said = sum(assertion.where.path in named for assertion in reading.corpus.assertions)
    click.echo(f"{count(len(named), 'seed')}, {count(said, 'assertion')}, no problems", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("words", required=False)
@click.option(
    "--context", default="", help="A longer passage that holds WORDS once, where they stand several times."
)
@click.option("--before", default="", help="What stands directly before WORDS.")
@click.option("--after", default="", help="What stands directly behind WORDS.")
def cite(file: Path, words: str | None, context: str, before: str, after: str) -> None:
    """Print the locator of WORDS in FILE, to paste into a seed.

    Without WORDS: the line that describes the whole text, for the report. A locator holds
    positions and a digest, not the words. WORDS that stand several times are refused
    unless a context picks one.
    """
    from kg import evidence
    from kg.build import text_of

    text = text_of(file)
    if words is None:
        whole = evidence.Span.of(text, 0, len(text))
        click.echo(f"text: {{length: {whole.end}, digest: {whole.digest}}}")
        return
    span = evidence.cite(text, words, before=before, after=after, context=context)
    for warning in evidence.cuts(text, span.start, span.end):
        click.echo(f"kg: {warning}", err=True)
    click.echo(evidence.locator(span))


@click.command()
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

    project = this_project()
    _, reading = read_seeds(project, Vocabulary.of(project), ())
    refuse_problems(reading, "mend the seeds first")
    verification = verify_report(reading.corpus, project.base, report, text_of(text_file))
    if verification.note:
        click.echo(f"kg: {verification.note}", err=True)
    wrong = 0
    for finding in verification.findings:
        exact = finding.status == "exact"
        wrong += not exact
        if verbose or not exact or finding.warnings:
            echo(finding)
    exact_number = len(verification.findings) - wrong
    click.echo(f"{exact_number} of {count(len(verification.findings), 'span')} exact")
    if wrong:
        stop(Exit.FOUND)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.option(
    "--table",
    "form",
    is_flag=True,
    help="Write an empty table to fill: -o FILE.xlsx, or FILE.csv and one for each sheet.",
)
@click.option("--lines", is_flag=True, help="Write the JSON Schema of a record: one line of a .jsonl seed.")
def schema(output: Path | None, form: bool, lines: bool) -> None:
    """Write the JSON Schema of seeds, for editors."""
    from kg import schema as schemas
    from kg.build import Vocabulary
    from kg.commands.table import write_form

    vocabulary = Vocabulary.of(this_project())
    if form:
        write_form(vocabulary.ontology, vocabulary.choices, output)
        return
    if lines:
        write(schemas.line_schema(vocabulary.ontology, vocabulary.choices), output)
        return
    write(schemas.schema(vocabulary.ontology, vocabulary.choices), output)
