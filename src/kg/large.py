"""A build of records, one on a line, in memory that does not grow with their number."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from kg import bulk, diskstore, exports
from kg.build import (
    DATASET,
    STDIN,
    Finding,
    Vocabulary,
    findings_of,
    is_lines,
    known_files,
    require_place,
    shapes_of,
)
from kg.conflicts import Conflict, conflicts, found_in
from kg.exports import Content, Numbers
from kg.files import Content as FileContent
from kg.files import make_folder, read_bytes_limited, replace_folder, require_replaceable
from kg.model import Corpus
from kg.nt import Quad, split_line
from kg.pool import FullError
from kg.problems import KgError, Location, Problem
from kg.project import Project
from kg.rdf import ALLEGED
from kg.validate import Outcome, validate_file

BYTES = 5_000_000
"""From so many bytes of records on they are read in a stream."""
WHOLE = 50_000
"""Up to so many assertions every file of an export is written; of more, those that need no memory for all."""

_ROOM = 60
"""How many times the bytes of records a build takes on the disk, at most."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Built:
    """What came of it; with `problems` or violations nothing was written."""

    problems: tuple[Problem, ...]
    left_out: int = 0
    """Assertions that are not public."""
    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """Reports, entities, sources, assertions, quads that are exported."""
    outcome: Outcome | None = None
    findings: tuple[Finding, ...] = ()
    files: int = 0
    is_whole: bool = True
    """Whether every form was written, and not only N-Quads."""
    notices: tuple[str, ...] = ()
    """What could not be done once the files were written."""


def is_large(paths: Mapping[str, Path]) -> bool:
    """Tell whether seeds are better read in a stream; standard input always is."""
    sizes = (_size(path) if shown != STDIN else BYTES for shown, path in paths.items() if is_lines(shown))
    return sum(sizes) >= BYTES


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading it says why


def build(
    project: Project,
    vocabulary: Vocabulary,
    paths: Mapping[str, Path],
    target: Path,
    *,
    include_restricted: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Built:
    """Read, encode, validate and export seeds, the records among them in a stream.

    Raises:
        KgError: it cannot go on: a file cannot be read, the disk is full, a worker died. What is in
            `target` stays as it is.
    """
    require_place(project, target, restricted=include_restricted)
    require_replaceable(target)
    if STDIN in paths and sys.stdin is None:
        raise KgError("cannot read the records on standard input: it is closed")
    lines = [(path, shown) for shown, path in paths.items() if is_lines(shown)]
    curated = {
        shown: read_bytes_limited(path, 50_000_000, "the seed")
        for shown, path in paths.items()
        if not is_lines(shown)
    }
    # Beside the target, so that the disk that is to hold the result holds it on its way, too.
    make_folder(target.parent, target)
    with (
        _telling_what_is_full(target.parent),
        bulk.Build(
            lines,
            vocabulary,
            project,
            target.parent,
            curated=curated,
            include_restricted=include_restricted,
            jobs=jobs,
            progress=progress,
        ) as made,
    ):
        summary = made.read()
        if summary.problems:
            return Built(summary.problems)
        if STDIN in paths and not (summary.published or summary.left_out or _says(made.described)):
            # More often the end of a program that failed than the wish to publish nothing.
            raise KgError("no record came in on standard input; nothing was written")
        return _Export(project, vocabulary, made, target, include_restricted, jobs, progress).built()


@contextlib.contextmanager
def _telling_what_is_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except (KgError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(error, FullError) or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise KgError(
                f"no room is left on the disk of {folder.resolve()}: beside the old export it has to hold the "
                f"new one and temporary files, at times {_ROOM} times as much as the records; "
                "the old files are untouched"
            ) from error
        if isinstance(error, OSError):
            raise KgError(
                f"cannot go on: {(error.strerror or str(error)).lower()}; nothing was written"
            ) from error
        raise


class _Export:
    def __init__(
        self,
        project: Project,
        vocabulary: Vocabulary,
        made: bulk.Build,
        target: Path,
        restricted: bool,
        jobs: int | None,
        progress: Progress | None,
    ) -> None:
        self._project = project
        self._vocabulary = vocabulary
        self._made = made
        self._target = target
        self._restricted = restricted
        self._jobs = jobs
        self._progress = progress

    def built(self) -> Built:
        staged = self._made.folder / DATASET
        summary = self._made.write(staged)
        progress = self._progress
        outcome = validate_file(
            staged,
            shapes_of(self._vocabulary.other_shapes_files),
            jobs=self._jobs or os.cpu_count() or 1,
            leave_out=ALLEGED,
            progress=(lambda done, of: progress("validating", done, of)) if progress else None,
        )
        # Nobody asks for the report; what would make it keeps the checked file open.
        outcome = replace(outcome, made=_no_report)
        counts = self._counts(summary.counts)
        if not outcome.conforms:
            return Built((), summary.left_out, counts, outcome, self._findings(outcome, ()))
        whole = counts[3] <= WHOLE
        content = self._content(tuple(_quads(staged)) if whole else ())
        files: Iterator[tuple[str, FileContent]] = (
            exports.files(content)
            if whole
            else exports.large_files(content, staged, summary.counts.quads, _numbers(summary.counts))
        )
        names: list[str] = []
        replace_folder(
            self._target,
            _listed(files, names),
            last=exports.MANIFEST,
            known=known_files(self._target),
            folder_mode=0o700 if self._restricted else None,
        )
        gc.collect()  # a file that is open takes room on the disk, removed or not, and a store needs much
        with contextlib.suppress(OSError):
            staged.unlink()
        notices: list[str] = []
        found = self._conflicts(content, whole, notices)
        findings = self._findings(outcome, found)
        return Built(
            (), summary.left_out, counts, outcome, findings, len(names), whole, notices=tuple(notices)
        )

    def _content(self, quads: tuple[Quad, ...]) -> Content:
        vocabulary = self._vocabulary
        return Content(
            quads,
            self._project,
            vocabulary.ontology,
            vocabulary.ontology_files,
            vocabulary.shapes_files,
            restricted=self._restricted,
        )

    def _conflicts(self, content: Content, whole: bool, notices: list[str]) -> tuple[Conflict, ...]:
        rules = self._vocabulary.conflicts_files
        if whole:
            return conflicts(content.triples, rules)
        fault = "the store for queries is gone"
        try:
            place = diskstore.ensure(self._target / DATASET, restricted=self._restricted)
            if place is not None:
                with diskstore.opened(place) as data:
                    if data is not None:
                        return found_in(data, rules)
        except KgError as error:
            fault = str(error)
        notices.append(f"{fault}; conflicts were not looked for, which kg conflicts can do later")
        return ()

    def _findings(self, outcome: Outcome, found: tuple[Conflict, ...]) -> tuple[Finding, ...]:
        asked = [(result.focus, result.path or "") for result in outcome.results]
        asked += [(result.focus, "") for result in outcome.results]
        asked += [(iri, "") for conflict in found for iri in (conflict.one, conflict.other)]
        places: dict[tuple[str, str], Location] = {}
        with contextlib.suppress(KeyError):
            places = self._made.places(asked)
        return findings_of(places, outcome.results, found)

    def _counts(self, counts: bulk.Counts) -> tuple[int, int, int, int, int]:
        of = {class_.decode(): number for class_, number in counts.classes.items()}
        classes = {f"<{class_.iri}>" for class_ in self._vocabulary.ontology.classes.values()}
        return (
            of.get(exports.REPORT, 0),
            sum(number for class_, number in of.items() if class_ in classes),
            of.get(exports.SOURCE, 0),
            of.get(exports.ASSERTION, 0),
            counts.quads,
        )


def _no_report() -> NoReturn:
    raise ValueError("a build has findings, and no report")


def _says(described: Corpus) -> bool:
    return any((described.entities, described.reports, described.sources, described.episodes))


def _quads(file: Path) -> Iterator[Quad]:
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield split_line(line)


def _listed(files: Iterator[tuple[str, FileContent]], names: list[str]) -> Iterator[tuple[str, FileContent]]:
    for name, data in files:
        names.append(name)
        yield name, data


def _numbers(counts: bulk.Counts) -> Numbers:
    return Numbers(
        {"void:triples": counts.triples, "void:distinctSubjects": counts.subjects},
        {class_.decode(): number for class_, number in counts.classes.items()},
        {predicate.decode() for predicate in counts.predicates},
        (),
        is_large=True,
    )
