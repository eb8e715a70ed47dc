"""Files and a map in, records and problems out."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from kg import grids
from kg.fields import Fields
from kg.importing.convert import Imported, Importer, Progress
from kg.importing.map_settings import settings_of
from kg.importing.mapping import Vocabulary, read_plan
from kg.importing.reading import Settings, Table, from_json, is_json, tables
from kg.importing.registry import Record
from kg.importing.summary import Counts, Problems
from kg.importing.texts import unfit
from kg.nodes import Map, describe
from kg.nodes import read as read_nodes
from kg.problems import KgError, Location, Problem

MAP_LIMIT: Final = 5_000_000
"""Bytes of a map."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The tables of some files, and what is wrong in them, or worth knowing."""

    tables: tuple[Table, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def read_map(data: bytes, path: str, fields: Fields) -> Map | None:
    """Give the tree of a map; faults are noted in `fields`."""
    if len(data) > MAP_LIMIT:
        message = f"the map has {len(data):,} bytes; at most {MAP_LIMIT:,} are read"
        fields.problem_at(Location(path, 1, 1), "too-large", message)
        return None
    tree, problems = read_nodes(data, path)
    fields.problems += problems
    if tree is not None and not isinstance(tree, Map):
        message = f"found {describe(tree)}; a map is a mapping of report, entities, assertions …"
        fields.problem(tree, "wrong-kind", message)
        return None
    return tree


def open_tables(files: Mapping[str, bytes], settings: Settings) -> Opened:
    """Give the tables of files, by the path to show in messages.

    Raises:
        KgError: a file is no table, or has not the sheet or header that the settings name.
    """
    found: list[Table] = []
    problems: list[Problem] = []
    notices: list[Problem] = []
    for path, data in files.items():
        if unfit(PurePath(path).name):
            raise KgError(
                f"{PurePath(path).name!r} holds characters that cannot be seen; give the file another name"
            )
        if is_json(path):
            table, wrong = from_json(data, path, settings)
            found.append(table)
            problems += wrong
            continue
        # Of a single sheet, hidden or not, only that one is read.
        sheet = settings.sheets[0] if settings.sheets and len(settings.sheets) == 1 else None
        book = grids.read(data, path, sheet=sheet, encoding=settings.encoding, separator=settings.separator)
        found += tables(book, settings, path)
        notices += book.notices
    return Opened(tuple(found), tuple(problems), tuple(notices))


def import_tables(
    files: Mapping[str, bytes],
    map_: tuple[str, bytes],
    vocabulary: Vocabulary,
    progress: Progress | None = None,
) -> tuple[Imported, tuple[Problem, ...]]:
    """Make records of tables, given as bytes by path; give them with notices that block nothing.

    `map_` is the path of the map and its bytes. Records that come with problems are not to be used.

    Raises:
        KgError: a file cannot be read as a table at all.
    """
    collecting = gc.isenabled()
    gc.disable()  # Records hold no cycles, and looking for some takes a quarter of the time.
    try:
        return _import(files, *map_, vocabulary, progress)
    finally:
        if collecting:
            gc.enable()


def _import(
    files: Mapping[str, bytes], path: str, data: bytes, vocabulary: Vocabulary, progress: Progress | None
) -> tuple[Imported, tuple[Problem, ...]]:
    fields = Fields()
    tree = read_map(data, path, fields)
    settings = settings_of(tree, fields) if tree is not None else Settings()
    if tree is None or fields.problems:
        return _refused(fields.problems), ()
    opened = open_tables(files, settings)
    importer = Importer(vocabulary.ontology, settings, progress)
    importer.problems.extend(opened.problems)
    told: set[Problem] = set()
    for table in opened.tables:
        its = Fields()
        plan = read_plan(tree, table, settings, vocabulary, its)
        importer.problems.extend(problem for problem in sorted(its.problems) if problem not in told)
        told.update(its.problems)
        if plan is not None:
            importer.add(table, plan)
    return importer.finish(), opened.notices


def _refused(problems: Iterable[Problem]) -> Imported:
    found = Problems()
    found.extend(sorted(problems))
    return Imported((), found, Counts())


def to_lines(records: Sequence[Record]) -> bytes:
    """Give records as JSON lines."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return "".join(f"{encode(record)}\n" for record in records).encode()
