"""From files of records to one sorted file of N-Quads, in bounded memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self, TypeAlias

from kg import access, rdf
from kg.bulk import describing, scratch, writing
from kg.bulk.declared import Declared
from kg.bulk.exact import Exact
from kg.bulk.finding import Finder
from kg.bulk.form import FIELD, Form, Said, span
from kg.bulk.plain import Plain
from kg.bulk.positions import Positions
from kg.bulk.ranges import Input, Range, line_at, ranges
from kg.bulk.reading import DIGITS, MOST_BUCKETS, Division, Kept, Reader, Result, Setting, Task, append
from kg.bulk.runs import Buckets, Run, Spool
from kg.bulk.scanning import Scan, scan
from kg.bulk.twins import Twins
from kg.bulk.watched import Reached, Watched
from kg.bulk.writing import Counts
from kg.fields import MAX_PROBLEMS
from kg.model import Assertion, Corpus, Entity
from kg.nodes import Scalar
from kg.ontology import Ontology
from kg.pool import Pool
from kg.problems import KgError, Location, Problem
from kg.project import Project

Progress: TypeAlias = Callable[[str, int, int], None]
"""Takes what is done ("reading", "writing"), how much of it is done, and how much there is."""

MEMORY: Final = 300_000_000
"""Bytes that one process may take, what is described aside."""

_RANGE = 500_000
_SMALL = 4_000_000
"""Bytes of records below which one process is enough."""
_TOO_MANY = "too-many-problems"
_MOST_PROBLEMS = 20_000
"""Problems that are kept at once."""
_BUCKET = 1_000_000
"""Bytes of records whose assertions make one bucket."""


class Vocabulary(Protocol):
    """What records are written with."""

    @property
    def ontology(self) -> Ontology:
        """The classes, predicates and qualifiers."""
        ...

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The closed vocabularies, by property IRI."""
        ...


@dataclass(slots=True)
class Summary:
    """What a build has read and written."""

    problems: tuple[Problem, ...] = ()
    """Sorted; of each file at most so many as `kg.fields.MAX_PROBLEMS`. If there are any, nothing is written."""
    published: int = 0
    """Assertions that are published, equal ones counted each."""
    left_out: int = 0
    """Assertions that are not published."""
    counts: Counts = field(default_factory=Counts)
    size: int = 0
    """Bytes of the file."""
    exact: int = 0
    """Lines that needed the exact way of reading, which takes longer."""
    doubted: int = 0
    """Shapes of lines that had to go that way since the two ways differ: always 0, or there is a fault in kg."""


class _Late(NamedTuple):
    """An assertion that is read beside all others: its position, and the entities that its line makes."""

    position: int
    own: Assertion
    made: Sequence[Entity]


class _Hanging(NamedTuple):
    """What hangs together across lines."""

    said: list[_Late]
    corrections: list[Scalar]
    """The digests that are corrected, where they are written."""


class Build:
    """Reads records, and writes what they say; a context that keeps its temporary files to its end."""

    def __init__(
        self,
        files: Sequence[tuple[Path, str]],
        vocabulary: Vocabulary,
        project: Project,
        temporary: Path,
        *,
        curated: Mapping[str, bytes] | None = None,
        include_restricted: bool = False,
        jobs: int | None = None,
        memory: int = MEMORY,
        progress: Progress | None = None,
        range_size: int = _RANGE,
        bucket_size: int = _BUCKET,
    ) -> None:
        """Take files of records, each with the path that messages show (``-`` is standard input), and curated ones.

        `temporary` is a folder in which one for temporary files may be made.
        """
        self._files = files
        self._vocabulary = vocabulary
        self._project = project
        self._temporary = temporary
        self._curated = curated or {}
        self._all = include_restricted
        self._jobs = jobs
        self._memory = memory
        self._progress = progress or (lambda what, done, of: None)
        self._range_size = range_size
        self._bucket_size = bucket_size
        self._stack = contextlib.ExitStack()
        self._firsts: dict[Range, int] = {}
        """The number of the first line of each range."""
        self.summary = Summary()

    @property
    def folder(self) -> Path:
        """The temporary folder, which goes when this ends."""
        return self._folder

    def __enter__(self) -> Self:
        """Make the temporary folder, and look at the files."""
        self._folder = self._stack.enter_context(scratch.folder(self._temporary))
        try:
            self._inputs = [
                self._input(path, shown) for path, shown in sorted(self._files, key=lambda f: f[1])
            ]
        except BaseException:
            self._stack.close()
            raise
        self._positions = Positions(self._inputs)
        self._ranges = ranges(self._inputs, self._range_size)
        size = sum(file.size for file in self._inputs)
        if self._jobs is None:
            self._jobs = (os.cpu_count() or 1) if size > _SMALL else 1
        self._buckets = size // self._bucket_size + 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the temporary folder."""
        self._stack.close()

    # ------------------------------------------------------------ reading

    def read(self, unsorted: Path | None = None) -> Summary:
        """Read everything; with `unsorted`, what assertions say is appended to that file as it comes.

        Raises:
            KgError: a file cannot be read, or a worker process fails.
        """
        vocabulary, base = self._vocabulary, self._project.base
        declared = self._declared = Declared(vocabulary.ontology, vocabulary.choices, self._project)
        found: list[tuple[Range, int, int]] = []
        with contextlib.closing(self._scan(found)) as lines:
            declared.read(self._curated, lines)
        form = self._form = Form(base, vocabulary.ontology)
        hanging = self._hanging(found)
        watched = _watched(hanging)
        self._exact = Exact(declared, form, base, include_restricted=self._all, watched=watched)
        self._division = self._divided()
        setting = Setting(
            self._inputs, self._positions, declared, vocabulary.ontology, vocabulary.choices, base, form, self._all,
            watched, self._folder, self._division, self._memory // 32, unsorted,
        )  # fmt: skip
        problems = list(declared.problems)
        result = self._result = self._read_ranges(setting, problems)
        problems += self._uncorrected(hanging)
        for file in self._inputs:
            file.require_unchanged()
        if not problems:
            self._add_others(hanging, unsorted)
        summary = self.summary
        summary.problems = _told(problems)
        summary.published, summary.left_out = result.published, result.left_out
        summary.exact, summary.doubted = result.exact, len(result.doubted)
        return summary

    def _input(self, path: Path, shown: str) -> Input:
        if os.fspath(path) != "-":
            return Input.of(path, shown)
        spooled = self._folder / "standard-input"
        try:
            with spooled.open("xb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        except OSError as error:
            raise KgError(f"cannot read standard input: {(error.strerror or str(error)).lower()}") from error
        return Input.of(spooled, shown)

    def _scan(self, hanging: list[tuple[Range, int, int]]) -> Generator[tuple[str, int, bytes | Plain]]:
        """Give the lines that describe something, in order, by path and number.

        What else the first look finds is noted: where ranges begin, and range, number and first byte of
        lines that hang together with others.
        """
        waiting: dict[Range, Scan] = {}
        following = iter(self._ranges)
        next_lines = [1] * len(self._inputs)
        with Pool(self._jobs or 1, lambda number: partial(scan, self._inputs)) as pool:
            of = next(following, None)
            for done, scanned in pool.each(self._ranges):
                waiting[done] = scanned
                while of is not None and (found := waiting.pop(of, None)) is not None:
                    first = self._firsts[of] = next_lines[of.input]
                    next_lines[of.input] += found.count
                    hanging += ((of, first + number, offset) for number, offset in found.hanging)
                    for number, line in found.described:
                        yield self._inputs[of.input].shown, first + number, line
                    of = next(following, None)

    def _hanging(self, found: Iterable[tuple[Range, int, int]]) -> _Hanging:
        """Give assertions that others hang on or that hang on others, and all curated ones."""
        curated = self._declared.corpus.assertions
        said = [_Late(self._positions.curated(number), own, ()) for number, own in enumerate(curated)]
        corrections = [*self._declared.corrections]
        for of, number, offset in found:
            file = self._inputs[of.input]
            reading = self._declared.line(line_at(file, offset), file.shown, number)
            position = self._positions.start(of.input) + offset
            said += (_Late(position, own, reading.entities) for own in reading.assertions)
            corrections += reading.corrections
        return _Hanging(said, corrections)

    def _divided(self) -> Division:
        subjects = sorted(f"<{iri}>".encode() for iri in self._declared.entities)
        step = max(len(subjects) // self._buckets, 1)
        form = self._form
        return Division(
            min(self._buckets, MOST_BUCKETS),
            tuple(sorted({*subjects[step::step], form.assertion, form.evidence, form.selector})),
        )

    def _read_ranges(self, setting: Setting, problems: list[Problem]) -> Result:
        result = Result()
        tasks = [Task(of, self._firsts[of]) for of in self._ranges]
        numbers = count(1)
        with Pool(self._jobs or 1, lambda number: Reader(setting, number)) as pool:
            for _, found in pool.each(tasks):
                problems += found
                if len(problems) > _MOST_PROBLEMS:
                    problems[:] = _told(problems)
                self._progress("reading", next(numbers), len(tasks))
            for read in pool.all(None):
                result.add(read)
        return result

    # ------------------------------------------------------------ what could not be read with all other lines

    def _uncorrected(self, hanging: _Hanging) -> Iterator[Problem]:
        """Give a problem for each correction of what nothing says."""
        names = self._result.names
        for late in hanging.said:
            if self._positions.place(late.position).input is None:
                shown = self._exact.shown(late.own, late.made)
                self._result.add_names(
                    {late.own.digest().encode(): shown.digest().encode() if shown else None}
                )
        for scalar in hanging.corrections:
            if scalar.text.encode() not in names:
                yield Problem(scalar.location, "unknown-assertion", _unknown_assertion(scalar.text))

    def _add_others(self, hanging: _Hanging, unsorted: Path | None) -> None:
        """Add what curated files say, what corrects other assertions, and all that is described and reached."""
        result = self._result
        late: list[Said] = []
        for position, own, made in hanging.said:
            if not own.corrects and self._positions.place(position).input is not None:
                continue
            for shown in self._exact.published((own,), made, result.names):
                self._exact.reach(shown, result.reached)
                late.append(self._exact.said(own, shown, made, position))
        result.published += len(late)
        described = self._published(result.reached)
        self._describe(described, unsorted)
        if unsorted is not None:
            for text, lines in map(self._form.whole, late):
                append(unsorted, b"".join((text, *(line + b"\n" for line in lines))))
            return
        spool = Spool(self._folder / "others")
        kept = Kept(self._division, spool)
        for said in late:
            kept.add(said)
        kept.write(result)
        self._places = self._whole_texts(described, spool)

    def _describe(self, corpus: Corpus, unsorted: Path | None) -> None:
        """Write the lines of all that is described, where they are to be sorted as runs."""
        vocabulary, base = self._vocabulary, self._project.base
        setting = describing.Setting(
            corpus, vocabulary.ontology, base, self._form, self._division, self._folder, unsorted
        )
        with Pool(self._jobs or 1, partial(describing.Describer, setting)) as pool:
            for _, runs in pool.each(describing.parts(corpus)):
                self._result.lines += runs

    def _whole_texts(self, corpus: Corpus, spool: Spool) -> Run:
        """Write the evidence of the whole texts of reports, which no assertion has to use."""
        buckets: Buckets = [[] for _ in range(self._division.hashed)]
        by_digest = self._division.by_digest(buckets)
        for report in corpus.reports:
            if report.text:
                place = rdf.evidence_iri(report.text, self._project.base)[-32:].encode()
                by_digest[place[:DIGITS]].append(place + FIELD + span(report.text))
        return spool.write(buckets)

    def _published(self, reached: Reached) -> Corpus:
        """Give what is described, without assertions: all of it, or what published assertions reach."""
        corpus = self._declared.corpus
        if self._all:
            return replace(corpus, assertions=())
        reports, sources, entities, episodes = (
            {iri.decode() for iri in iris}
            for iris in (reached.reports, reached.sources, reached.entities, reached.episodes)
        )
        return access.reached(
            corpus, self._project.base, sources=sources, reports=reports, entities=entities, episodes=episodes
        )

    # ------------------------------------------------------------ writing

    def write(self, target: Path) -> Summary:
        """Write the sorted file, after `read`: killed at any moment, `target` is the old file or the new one.

        Raises:
            KgError: there are problems, or it cannot be written; the old file is untouched.
        """
        if self.summary.problems:
            raise KgError("there are problems; nothing was written")
        result = self._result
        twins = Twins(self._inputs, self._positions, self._declared, self._exact, self._form, result.names)
        with _replacing(target) as temporary:
            plan = writing.Plan(
                result.said, [self._places], result.lines, self._division, self._form, twins, self._folder,
                temporary, self._all, self._memory // 12,
            )  # fmt: skip
            self.summary.size, self.summary.counts = writing.write(
                plan, self._jobs or 1, partial(self._progress, "writing")
            )
        return self.summary

    # ------------------------------------------------------------ places

    def places(self, focus: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Location]:
        """Give the places of assertions and their evidence, after `read`, by IRI and IRI of a property.

        The property may be empty. Pairs of other things are left out: these stand in `described`.
        """
        finder = Finder(
            self._project.base, self._result.said, self._division, self._positions, self._inputs, self._firsts,
            self._declared.corpus.assertions,
        )  # fmt: skip
        return finder.places(focus)

    @property
    def described(self) -> Corpus:
        """All that is described, after `read`, and what curated files say."""
        return self._declared.corpus


def _watched(hanging: _Hanging) -> Watched:
    silent = (
        own.digest().encode() for _, own, _ in hanging.said if own.withdrawn and own.withdrawn.is_silent
    )
    return Watched(frozenset(silent), frozenset(scalar.text.encode() for scalar in hanging.corrections))


def _told(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give problems in order: that a report is not there once for each file, and not too many of a file."""
    files: dict[str, list[Problem]] = defaultdict(list)
    full: dict[str, Location] = {}
    seen: set[tuple[str, str]] = set()
    for problem in sorted(problems):
        path, of_report = problem.location.path, (problem.location.path, problem.message)
        if problem.code == _TOO_MANY or len(files[path]) == MAX_PROBLEMS:
            full.setdefault(path, problem.location)
        elif problem.code != "unknown-report" or of_report not in seen:
            seen.add(of_report)
            files[path].append(problem)
    for path, location in full.items():
        last = max(location, files[path][-1].location) if files[path] else location
        files[path].append(Problem(last, _TOO_MANY, "more problems follow; mend some of these first"))
    return tuple(problem for path in sorted(files) for problem in files[path])


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give the path of an empty file that takes the place of `target` if all goes well."""
    with scratch.folder(target.parent) as beside:
        temporary = beside / "new"
        try:
            temporary.touch(0o666)
            yield temporary
            descriptor = os.open(temporary, os.O_RDWR)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            temporary.replace(target)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise KgError(f"cannot write {target}: {reason}; nothing was written") from error


def _unknown_assertion(digest: str) -> str:
    """Give the message for a correction of what nothing says."""
    return f"no assertion has the digest {digest!r}; keep the one that is corrected, and write withdrawn in its block"
