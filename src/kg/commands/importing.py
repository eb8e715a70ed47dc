"""The command import: foreign tables made seeds by a map, or a first map made of a table."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import count, echo, print_json, problem_format, stop, tell, this_project
from kg.problems import Exit, KgError, RefusedError

if TYPE_CHECKING:
    from kg.importing.convert import Imported
    from kg.importing.mapping import Vocabulary
    from kg.importing.summary import Group
    from kg.project import Project

PATIENCE = 1.0
"""Seconds after which progress is shown."""


class _Progress:
    """One line on a terminal that says how far it is; nothing elsewhere, and nothing for the first second."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._shown = False
        self._terminal = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        if self._terminal and time.monotonic() - self._begin > PATIENCE:
            self._shown = True
            click.echo(f"\r{done:,} of {of:,} rows", err=True, nl=False)

    def end(self) -> None:
        if self._shown:
            click.echo("\r" + " " * 40 + "\r", err=True, nl=False)


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--map", "map_", type=click.Path(path_type=Path), help="What the columns mean, as YAML.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here instead of stdout.")
@click.option("--suggest", is_flag=True, help="Write a first map, with what is guessed marked.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; write nothing.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option(
    "--max-problems",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="N",
    help="Print at most so many different problems; 0 for all.",
)
@problem_format
def import_command(
    files: tuple[Path, ...],
    map_: Path | None,
    output: Path | None,
    suggest: bool,
    dry_run: bool,
    force: bool,
    max_problems: int,
    format_: str,
) -> None:
    """Turn tables (CSV, TSV, XLSX, ODS, JSON) of any form into seeds.

    A map (--map) says what the columns mean: kg import LIST.xlsx --suggest -o MAP.yml writes a first
    one. Every value is taken by a rule of it, or is a problem that names its cell; with problems
    nothing is written.
    """
    if suggest == (map_ is not None):
        raise click.UsageError("give either --map MAP.yml, or --suggest to have a first map written")
    if suggest and dry_run:
        raise click.UsageError("--suggest reads only; --dry-run goes with --map")
    project = this_project()
    if suggest:
        _suggest(project, files, output, force)
        return
    assert map_ is not None  # noqa: S101  (see above)
    _import(project, files, map_, output, force, dry_run, max_problems, format_)


def _import(
    project: Project,
    files: tuple[Path, ...],
    map_: Path,
    output: Path | None,
    force: bool,
    dry_run: bool,
    max_problems: int,
    format_: str,
) -> None:
    from kg.importing.run import MAP_LIMIT, import_tables, to_lines

    if output is not None and not dry_run:
        _require_records_name(output)
        _refuse_inputs(output, (*files, map_))
    progress = _Progress()
    map_bytes = _read(map_, MAP_LIMIT, "the map")
    try:
        imported, notices = import_tables(
            _contents(files), (str(map_), map_bytes), _vocabulary(project), progress
        )
    finally:
        progress.end()
    for notice in notices:
        tell(str(notice))
    if format_ == "json":
        print_json(_as_json(imported))
    elif imported.problems:
        _print_problems(imported, max_problems)
    if imported.problems:
        tell(f"{count(imported.problems.count, 'problem')}; nothing was written")
        stop(Exit.FOUND)
    data = to_lines(imported.records)
    if not dry_run:
        _write(project, data, output, force=force, restricted=_is_restricted(project, imported, output))
    if format_ != "json":
        for line in imported.counts.lines():
            click.echo(line, err=output is None and not dry_run)
    if output is not None and format_ != "json":
        what = "would write" if dry_run else "wrote    "
        echo(f"{what} {count(len(imported.records), 'record')} to {output}")


def _suggest(project: Project, files: tuple[Path, ...], output: Path | None, force: bool) -> None:
    from kg.importing.suggest import suggest
    from kg.project import refuse_seed

    if output is not None:
        _refuse_inputs(output, files)
        refuse_seed(project, output)  # A map among the seeds would be read as one.
    name = str(output) if output and str(output) != "-" else "map.yml"
    text, decisions = suggest(_contents(files), _vocabulary(project), name)
    _write(project, text.encode(), output, force=force, restricted=False)
    where = f" in {output}" if output else ""
    tell(f"{count(decisions, 'thing')} to decide, marked '# decide'{where}; guesses are marked '# guess'")


# ---------------------------------------------------------------- reading and writing


def _vocabulary(project: Project) -> Vocabulary:
    from kg.build import Vocabulary as Files
    from kg.importing.mapping import Vocabulary

    files = Files.of(project)
    return Vocabulary(files.ontology, files.choices)


def _contents(files: tuple[Path, ...]) -> dict[str, bytes]:
    from kg.grids import MAX_BYTES

    return {str(file): _read(file, MAX_BYTES, "the table") for file in files}


def _read(file: Path, limit: int, what: str) -> bytes:
    from kg.files import read_bytes_limited

    return read_bytes_limited(file, limit, what)


def _require_records_name(output: Path) -> None:
    if str(output) != "-" and output.suffix.lower() != ".jsonl":
        raise click.UsageError(
            f"{output}: seeds of a table are JSON lines; give them a name that ends in .jsonl"
        )


def _refuse_inputs(output: Path, inputs: tuple[Path, ...]) -> None:
    for each in inputs:
        if os.path.realpath(output) == os.path.realpath(each):
            raise RefusedError(f"{output} is what is read; name another file with -o")


def _is_restricted(project: Project, imported: Imported, output: Path | None) -> bool:
    from kg.model import Access

    marked = any(record.get("access", "public") != "public" for record in imported.records)
    return marked or project.default_access is Access.RESTRICTED


def _write(project: Project, data: bytes, output: Path | None, *, force: bool, restricted: bool) -> None:
    from kg.files import write_atomically
    from kg.project import refuse_public_place

    if output is None or str(output) == "-":
        click.echo(data, nl=False)
        return
    refuse_public_place(project, output, restricted=restricted)
    if output.is_file() and not force and output.read_bytes() != data:
        raise RefusedError(f"{output} is there already, and holds something else; --force writes over it")
    if not output.parent.is_dir():
        raise KgError(f"cannot write {output}: there is no folder {str(output.parent)!r}")
    write_atomically(output, data, mode=0o600 if restricted else None)


# ---------------------------------------------------------------- printing


def _print_problems(imported: Imported, most: int) -> None:
    groups = list(imported.problems)
    shown = groups[:most] if most else groups
    for group in shown:
        echo(group)
    if len(groups) > len(shown):
        rest = sum(group.count for group in groups[len(shown) :])
        click.echo(
            f"… and {count(rest, 'more problem')}, {len(groups) - len(shown):,} of them different; "
            "--max-problems 0 shows all"
        )
    if len(groups) > 1:
        click.echo("by kind:")
        for kind in imported.problems.kinds():
            echo(kind)


def _as_json(imported: Imported) -> object:
    counts = imported.counts
    return {
        "problems": [_group(group) for group in imported.problems],
        "kinds": [
            {"code": kind.code, "column": kind.column, "count": kind.count}
            for kind in imported.problems.kinds()
        ],
        "rows": counts.rows,
        "rows-left-out": dict(sorted(counts.rows_left_out.items())),
        "values-left-out": [
            {"column": column, "because": because, "count": number}
            for (column, because), number in sorted(counts.values_left_out.items())
        ],
        "made": dict(sorted(counts.made.items())),
    }


def _group(group: Group) -> object:
    return {
        "code": group.code,
        "message": group.message,
        "column-name": group.column,
        "count": group.count,
        "places": [
            {"path": place.path, "line": place.line, "column": place.column, "cell": place.cell}
            for place in group.places
        ],
    }
