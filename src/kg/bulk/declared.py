"""What records and curated files describe, held in memory, and the exact reading of single lines.

All of it is done by the reader of curated files, so that what a line means, and what is wrong in it, is
the same however much input there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from kg import records
from kg.bulk.plain import Plain, Plainly, finish
from kg.fields import Fields
from kg.model import Access, Assertion, Corpus, Entity, Report
from kg.nodes import Scalar
from kg.ontology import Ontology
from kg.problems import Location, Problem
from kg.project import Project
from kg.seeds import _Reader, _Seed

_BATCH = 1_000
_TREES = 20_000
"""Lines that stay trees between the two passes; further ones are read again, a batch at a time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line says: its assertions, the unnamed entities that it makes, and its problems."""

    corrections: tuple[Scalar, ...]
    """The digests that it corrects, be it an assertion or not."""

    assertions: tuple[Assertion, ...]
    entities: tuple[Entity, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Batch:
    """Some lines of a file that describe something; trees are made when they are needed."""

    path: str
    lines: Sequence[tuple[int, bytes]]
    seeds: list[_Seed]


class Declared:
    """Everything that is described, and the reader that knows it."""

    def __init__(self, ontology: Ontology, choices: Mapping[str, tuple[str, ...]], project: Project) -> None:
        """Begin with nothing described."""
        self._reader = _Reader(ontology, choices, project)
        self._ontology = ontology
        self._base = project.base
        self._described: dict[str, set[str]] = {}
        self._plainly = Plainly(self._reader, ontology, self._base, self._narrowed)
        self._known = 0
        """How many entities are described; those that lines make come behind them, and go again."""
        self._trees = _TREES
        self.corpus = Corpus()
        self.problems: tuple[Problem, ...] = ()
        self.notices: tuple[Problem, ...] = ()
        """What whoever wrote a table should know; none of it blocks anything."""
        self.corrections: tuple[Scalar, ...] = ()
        """The digests that curated assertions correct."""

    # ------------------------------------------------------------ what is described

    def read(self, curated: Mapping[str, bytes], lines: Iterable[tuple[str, int, bytes | Plain]]) -> None:
        """Read curated files, and lines that describe something: path, number and text, in the order of paths."""
        reader = self._reader
        resolved: list[_Seed | _Batch] = []
        attached: list[_Seed | _Batch] = []
        waiting = sorted(curated, reverse=True)
        for path, described in groupby(lines, key=itemgetter(0)):
            while waiting and waiting[-1] < path:
                before = waiting.pop()
                self._declare(before, curated[before], resolved, attached)
            self._describe(path, ((number, line) for _, number, line in described), resolved, attached)
        for path in reversed(waiting):
            self._declare(path, curated[path], resolved, attached)
        self._attach_all(attached)
        for item in (*resolved, *attached):
            if isinstance(item, _Batch):
                self._resolve(item)
            else:
                reader.resolve(item)
                finish(item)
        for path, number, (section, texts), owner in self._plainly.resolve():
            for seed in self._seeds(path, [(number, Plain(section, texts).line())], Fields()):
                if seed.of is None:
                    owner.tree = seed.tree
                    reader.resolve(owner)
                else:
                    seed.report, seed.entities, seed.sources = owner.report, owner.entities, owner.sources
                    seed.access = min(seed.access, owner.access)
                    reader.resolve(seed)
        reader.find_loops()
        self.corpus = reader.corpus()
        self._known = len(reader._entities)
        reader._assertions = []
        self.corrections = tuple(reader._corrections)
        self.problems, self.notices = tuple(reader.problems()), tuple(sorted(reader.notices))
        self._forget_problems()

    def _declare(
        self, path: str, data: bytes, resolved: list[_Seed | _Batch], attached: list[_Seed | _Batch]
    ) -> None:
        for seed in self._reader.open(path, data):
            if seed.of is None:
                self._reader.declare(seed)
                resolved.append(seed)
            else:
                attached.append(seed)

    def _attach_all(self, attached: list[_Seed | _Batch]) -> None:
        """Declare what belongs to reports, now that all reports are there."""
        for path, left in groupby(self._plainly.attach(), key=itemgetter(0)):
            lines = ((number, found.line()) for _, number, found in left)
            self._describe(path, lines, [], attached)
        for item in attached:
            if isinstance(item, _Batch):
                self._attach(item)
            else:
                item.access = self._access(item.path, item.of)
                self._reader.declare(item)

    def _describe(
        self,
        path: str,
        lines: Iterable[tuple[int, bytes | Plain]],
        resolved: list[_Seed | _Batch],
        attached: list[_Seed | _Batch],
    ) -> None:
        """Declare what stands by itself; what belongs to a report that stands elsewhere has to wait."""
        rest = self._special(path, lines)
        while batch := tuple(islice(rest, _BATCH)):
            alone: list[_Seed] = []
            waiting: list[_Seed] = []
            for seed in self._seeds(path, batch, self._reader._fields):
                if seed.of is not None:
                    waiting.append(seed)
                    continue
                self._reader.declare(seed)
                if seed.report is not None:
                    self._described.setdefault(path, set()).add(seed.key)
                    alone.append(seed)
            self._trees -= len(batch)
            if self._trees >= 0:
                resolved += alone
                attached += waiting
                continue
            if alone:
                resolved.append(_Batch(path, batch, [_put_away(seed) for seed in alone]))
            if waiting:
                attached.append(_Batch(path, batch, []))

    def _special(self, path: str, lines: Iterable[tuple[int, bytes | Plain]]) -> Iterator[tuple[int, bytes]]:
        """Declare what is plain, and give the other lines."""
        for number, line in lines:
            if not isinstance(line, Plain):
                yield number, line
            elif not self._plainly.declare(path, number, line):
                yield number, line.line()
            elif line.section == "report":
                self._described.setdefault(path, set()).add(line.texts["key"])

    def _attach(self, batch: _Batch) -> None:
        for seed in self._seeds(batch.path, batch.lines, Fields()):
            if seed.of is not None:
                self._reader.declare(seed)
                batch.seeds.append(_put_away(seed))

    def _resolve(self, batch: _Batch) -> None:
        alone = batch.seeds[0].of is None
        trees = [s for s in self._seeds(batch.path, batch.lines, Fields()) if (s.of is None) == alone]
        if alone:
            trees = [seed for seed in trees if seed.tree.get("report") is not None]
        for seed, again in zip(batch.seeds, trees, strict=True):
            seed.tree = again.tree
            self._reader.resolve(seed)
            finish(seed)

    def _seeds(self, path: str, lines: Iterable[tuple[int, bytes]], fields: Fields) -> Iterator[_Seed]:
        maps = (records.from_json_line(line, Location(path, number, 1), fields) for number, line in lines)
        found = (record for record in maps if record is not None)
        for tree in records.trees(found, fields, self._ontology.classes, self._ontology.qualifiers):
            of = tree.report if tree.root.get("report") is None else None
            yield _Seed(path, tree.root, self._access(path, of), of=of)

    def _access(self, path: str, of: Scalar | None) -> Access:
        return self._reader._default_access(path) if of is None else self._narrowed(path, of.text)

    def _narrowed(self, path: str, report: str) -> Access:
        """Give the access mark that a report may only narrow: none where the report stands in the same file."""
        if report in self._described.get(path, ()):
            return Access.PUBLIC
        return self._reader._default_access(path)

    # ------------------------------------------------------------ what others look up

    def access(self, path: str, report: str) -> Access:
        """Give the access mark of an assertion in the file `path` that says nothing of it."""
        return min(
            self._access(path, Scalar(report, False, Location(path, 0, 0))), self.report(report).access
        )

    def report(self, key: str) -> Report:
        """Give a report by its key.

        Raises:
            KeyError: there is none.
        """
        return self._reader._reports[key]

    def sources(self, report: str) -> Mapping[str, str]:
        """Give the IRIs of a report's sources by their keys."""
        return self._reader._owners[report].sources

    def unnamed(self, report: str) -> Mapping[str, Entity]:
        """Give the entities that only this report can call by their short keys."""
        return self._reader._owners[report].entities

    @property
    def entities(self) -> Mapping[str, Entity]:
        """All entities by IRI."""
        return self._reader._entities

    @property
    def episodes(self) -> Mapping[str, str]:
        """The IRIs of episodes by key."""
        return {key: episode.iri for key, episode in self._reader._episodes.items()}

    # ------------------------------------------------------------ single lines

    def line(self, text: bytes, path: str, number: int) -> Reading:
        """Read one line that is no description; an entity that it makes is forgotten again.

        What it corrects need not be there: whoever reads the lines has to see to that.
        """
        reader = self._reader
        record = records.from_json_line(text, Location(path, number, 1), reader._fields)
        made: dict[str, Entity] = {}
        if record is not None and "class" not in record:
            for tree in records.trees(
                [record], reader._fields, self._ontology.classes, self._ontology.qualifiers
            ):
                seed = _Seed(path, tree.root, self._access(path, tree.report), of=tree.report)
                reader.declare(seed)
                reader.resolve(seed)
                made |= {entity.iri: reader._entities[entity.iri] for entity in seed.made}
        while len(reader._entities) > self._known:
            reader._entities.popitem()
        for iri in made.keys() & reader._entities.keys():
            # A described one that is more closed gave way to it.
            reader._entities[iri] = next(each for each in self.corpus.entities if each.iri == iri)
        said = Reading(
            tuple(reader._corrections),
            tuple(reader._assertions),
            tuple(made.values()),
            tuple(reader.problems()),
        )
        reader._assertions = []
        reader._corrections = []
        self._forget_problems()
        return said

    def _forget_problems(self) -> None:
        self._reader._fields.problems = []


def _put_away(seed: _Seed) -> _Seed:
    """Forget the tree, which can be made again."""
    del seed.tree
    return seed
