"""Commands and parts of commands that write tables, or begin a project with some."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import count, tell, this_project
from kg.problems import KgError, Problem, RefusedError

if TYPE_CHECKING:
    from kg.model import Corpus
    from kg.ontology import Ontology
    from kg.project import Project

TABLE_FORMATS = ("xlsx", "csv")
"""What `export` writes in our table form."""
ZIP = ".zip"


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Begin a project in FOLDER: settings, an example that builds, tables to fill.

    Without FOLDER, here. Nothing that is there is overwritten.
    """
    from kg import starter
    from kg.build import Vocabulary
    from kg.files import write_atomically
    from kg.project import Project

    vocabulary = Vocabulary.of(Project(folder))
    files = starter.files(vocabulary.ontology, vocabulary.choices)
    starter.refuse_what_is_there(folder, files)
    for path, data in files.items():
        _make_folder((folder / path).parent)
        write_atomically(folder / path, data)
    here = "" if folder.resolve() == Path.cwd() else f"cd {folder}; "
    tell(f"a project of {count(len(files), 'file')} is in {folder}")
    click.echo(
        f"""\
seeds/valley-post.yaml      a report, as a text file to edit
seeds/hill-courier.xlsx     another one, as a workbook: open it in a spreadsheet
texts/                      the texts of both; kg cite finds words in them
{starter.TEMPLATES}/                  tables to fill: copy one to seeds/
kg.toml                     the settings

Next: {here}kg build; kg show aman-tolek"""
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KgError(f"cannot make the folder {folder}: {(error.strerror or str(error)).lower()}") from error


# ---------------------------------------------------------------- kg schema --table


def write_form(ontology: Ontology, choices: Mapping[str, tuple[str, ...]], output: Path | None) -> None:
    """Write the empty form: a workbook, or for CSV a file for each sheet. Nothing is overwritten.

    Raises:
        KgError: there is no output, or its name does not end in .xlsx or .csv.
        RefusedError: a file is there already.
    """
    from kg import table_template
    from kg.files import write_atomically

    suffix = output.suffix.lower() if output else ""
    if output is None or suffix not in (".xlsx", ".csv"):
        raise KgError("name the table to write: -o FILE.xlsx or -o FILE.csv")
    if suffix == ".xlsx":
        files = {output.name: table_template.xlsx(ontology, choices)}
    else:
        files = table_template.csv_files(ontology, output.stem)
    for name in files:
        if os.path.lexists(output.with_name(name)):
            raise RefusedError(f"{output.with_name(name)} is there already; name another file")
    for name, data in files.items():
        write_atomically(output.with_name(name), data)
        if len(files) > 1:
            tell(f"wrote {output.with_name(name)}")


# ---------------------------------------------------------------- kg export --to xlsx|csv


def write_tables(
    corpus: Corpus, ontology: Ontology, project: Project, output: Path, form: str, *, restricted: bool
) -> None:
    """Write all that a corpus says as our table form: a workbook, or CSV files in a folder or a zip.

    `form` is one of `TABLE_FORMATS`. Only what the corpus holds is written: give the public part of it,
    unless restricted output was asked for.

    Raises:
        KgError: it cannot be written, or a text is too long for a workbook.
        RefusedError: it would lie among the seeds, or in the place of the public export.
    """
    from kg import table_export, table_files
    from kg.files import replace_folder, write_atomically
    from kg.project import refuse_public_place

    refuse_public_place(project, output, restricted=restricted)
    _refuse_among_seeds(project, output)
    sheets = table_export.to_tables(corpus, ontology, project.base)
    mode = 0o600 if restricted else None
    if form == "xlsx":
        write_atomically(output, table_files.xlsx(sheets), mode=mode)
        return
    files = table_files.csv_files(sheets, output.stem)
    if output.suffix.lower() == ZIP:
        write_atomically(output, table_files.zipped(files), mode=mode)
    elif output.suffix:
        raise KgError("CSV is a file for each sheet: name a folder, or a .zip")
    else:
        replace_folder(
            output,
            files,
            last=next(iter(files)),
            known=tuple(files),
            folder_mode=0o700 if restricted else None,
        )


def _refuse_among_seeds(project: Project, output: Path) -> None:
    place, seeds = (Path(os.path.realpath(path)) for path in (output, project.seeds))
    if seeds in (place, *place.parents):
        raise RefusedError(f"{output} lies among the seeds, where it would be read again; name another place")


# ---------------------------------------------------------------- kg check --annotate


def write_annotated(files: Mapping[str, bytes], problems: Iterable[Problem], output: Path) -> None:
    """Write a copy of the one table among `files` (path as in messages, and bytes) with its problems marked.

    Raises:
        KgError: there is not exactly one table, or it cannot be copied.
        RefusedError: the copy would overwrite something, or lie among the seeds.
    """
    from kg import annotate, tables
    from kg.files import write_atomically

    found = [path for path in files if path.lower().endswith(tables.SUFFIXES)]
    if len(found) != 1:
        raise KgError(f"--annotate marks one table, and {count(len(found), 'table')} were named; name one")
    if output.suffix.lower() != ".xlsx":
        raise KgError("the copy is an Excel workbook: give --annotate a name that ends in .xlsx")
    if os.path.lexists(output):
        raise RefusedError(f"{output} is there already; name another file for the copy")
    _refuse_among_seeds(this_project(), output)
    (name,) = found
    copy, number = annotate.annotate(files[name], name, problems)
    write_atomically(output, copy)
    tell(f"{count(number, 'problem')} marked in {output}")
