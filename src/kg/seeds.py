"""Curated YAML: what it says, and every problem in it with its line and column."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from kg import dates, nt, records, tables, unknowns, values
from kg.fields import NO_LABELS, SPECIAL, Fields
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import PREFIXES, XSD_DATE, expand
from kg.nodes import List, Map, Node, Scalar, describe
from kg.nodes import read as read_nodes
from kg.ontology import Class, Ontology, Property
from kg.problems import Location, Problem
from kg.project import RESTRICTED_FOLDER, Project
from kg.terms import KG

REPORT_KEYS = [
    "key",
    "title",
    "type",
    "publisher",
    "published",
    "language",
    "url",
    "archive-url",
    "retrieved",
    "copied-from",
    "text",
    "access",
    "note",
]
SOURCE_KEYS = ["label", "speaker", "basis", "relation", "learned-from", "access"]
EPISODE_KEYS = ["label", "access"]
ENTITY_KEYS = ["label", "unnamed", "also", "names", "same-as", "note", "access"]
BLOCK_KEYS = [
    "about",
    "told-by",
    "evidence",
    "episode",
    "polarity",
    "certainty",
    "method",
    "engine",
    "reviewer",
    "access",
    "withdrawn",
    "corrects",
    "note",
]
FILE_KEYS = ["report", "sources", "episodes", "assertions", "access"]
SPAN_KEYS, RECORD_KEYS = ("start", "end", "digest"), ("record",)
ROW_KEYS = ("row", "file", "sheet", "column", "digest")
EVIDENCE_KEYS = ["start", "end", "digest", "record", "file", "sheet", "row", "column"]
WITHDRAWAL_KEYS = ["date", "reason", "by"]
PUBLISHER = "publisher"
"""The key of the link that every report has by itself: its publisher's own voice."""

_OTHER_IRIS = (
    "assertion",
    "dataset",
    "distribution",
    "episode",
    "evidence",
    "graph",
    "partition",
    "report",
    "selector",
    "source",
)
"""What stands before ``_`` in our own IRIs, where an unnamed entity has the key of its report."""

STDIN = "-"
"""The path of standard input, which holds records."""
LINE_SUFFIXES = (".jsonl",)
RECORD_SUFFIXES = (*LINE_SUFFIXES, *tables.SUFFIXES)
"""What the names of files of records end in, a line or a row each; all others are curated files."""
MAX_OF_BLOCK = 10_000
"""The most assertions of one block, or record: two long lists in one multiply."""
MAX_ASSERTIONS = 1_000_000
"""The most assertions of one file."""

_PUBLISHER, _SUBJECT = expand("dcterms:publisher"), expand("rdf:subject")
_PLACES = "a span (start, end, digest), a row of a table (file, sheet, row, column, digest), or a record"
_ASSERTION = re.compile("[0-9a-f]{32}")
_COLUMN = re.compile("[A-Z]{1,3}")
_MARKS = {"public": Access.PUBLIC, "restricted": Access.RESTRICTED}


@dataclass(frozen=True, slots=True)
class Part:
    """What one curated file adds to a corpus, and what of other files that depends on."""

    entities: tuple[Entity, ...] = ()
    episodes: tuple[Episode, ...] = ()
    report: Report | None = None
    sources: tuple[Source, ...] = ()
    unknown: tuple[Entity, ...] = ()
    """Entities that its assertions made."""
    assertions: tuple[Assertion, ...] = ()
    used_entities: tuple[Entity, ...] = ()
    used_episodes: tuple[str, ...] = ()
    used_reports: tuple[str, ...] = ()
    access: Access = Access.PUBLIC
    """The mark that its place gave it: a link can come to lead to another one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a set of seeds says, and what is wrong in them, in file order."""

    corpus: Corpus
    problems: tuple[Problem, ...]
    parts: Mapping[str, Part] = field(default_factory=dict, compare=False, repr=False)
    """What each curated file adds, by path; empty if there are problems.

    Files whose report has records elsewhere are left out: what they say depends on those.
    """
    reread: tuple[str, ...] = field(default=(), compare=False)
    """The files that were read, and not taken from `known`."""
    notices: tuple[Problem, ...] = field(default=(), compare=False)
    """What whoever wrote a table should know; none of it blocks anything."""


def read(
    files: Mapping[str, bytes],
    ontology: Ontology,
    choices: Mapping[str, tuple[str, ...]],
    project: Project,
    known: Mapping[str, Part] | None = None,
) -> Reading:
    """Read seed files, given as path and bytes; paths are as they shall stand in messages.

    `choices` are the closed vocabularies, by property IRI (`kg.ontology.closed_values`). The
    result is the same for any order of `files`. What could be read is there even if there are
    problems, but nothing may be built from it then. `known` are parts that the same bytes gave
    before, under the same settings: such a file is read again only if what it depends on changed.
    """
    known = {path: part for path, part in (known or {}).items() if path in files}
    while True:
        reading, stale = _read(files, _Reader(ontology, choices, project), known)
        if not known or (reading is not None and not reading.problems):
            assert reading is not None  # noqa: S101  (only what is known can be stale)
            return reading
        # Problems are told as a full reading finds them.
        known = {path: part for path, part in known.items() if path not in stale} if stale else {}


def _read(
    files: Mapping[str, bytes], reader: _Reader, known: Mapping[str, Part]
) -> tuple[Reading | None, frozenset[str]]:
    """Read what is not known; or give the files that are known no longer."""
    if moved := reader.moved(known):
        return None, moved
    opened = [seed for path in sorted(files) if path not in known for seed in reader.open(path, files[path])]
    owners = {seed.of.text for seed in opened if seed.of is not None}
    owning = {path for path, part in known.items() if part.report and reader.key_of(part.report) in owners}
    if owning:
        return None, frozenset(owning)
    # What belongs to a report that stands elsewhere comes after it.
    in_order: list[tuple[bool, str, _Seed | Part]] = [
        (seed.of is not None, seed.path, seed) for seed in opened
    ]
    in_order += [(False, path, part) for path, part in known.items()]
    in_order.sort(key=lambda each: each[:2])
    if not all(reader.declare(each) for _, _, each in in_order):
        return None, frozenset()
    stale = frozenset(path for path, part in known.items() if not reader.holds(part))
    if stale:
        return None, stale
    for _, _, each in in_order:
        reader.resolve(each)
    reader.find_loops()
    reader.find_corrected()
    problems = tuple(sorted(reader.problems()))
    alone = [seed for seed in opened if seed.report is None or seed.key not in owners]
    parts = {} if problems else {**known, **reader.parts(alone)}
    reread = tuple(sorted({seed.path for seed in opened}))
    return Reading(reader.corpus(), problems, parts, reread, tuple(sorted(reader.notices))), frozenset()


@dataclass(slots=True)
class _Used:
    """What a file took from tables that other files may have filled."""

    entities: dict[str, Entity] = field(default_factory=dict)
    episodes: set[str] = field(default_factory=set)
    reports: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Seed:
    """One file on its way through the reader."""

    path: str
    tree: Map
    access: Access
    report: Report | None = None
    entities: dict[str, Entity] = field(default_factory=dict)
    """Unnamed entities, which only this file can name by their short key."""
    sources: dict[str, str] = field(default_factory=dict)
    said: int = 0
    """How many assertions its blocks have made."""
    declared: list[str] = field(default_factory=list)
    """IRIs of the entities that it describes."""
    happened: list[str] = field(default_factory=list)
    """Keys of the episodes that it describes."""
    linked: list[str] = field(default_factory=list)
    """IRIs of the links that it describes, its publisher's own voice included."""
    made: list[Entity] = field(default_factory=list)
    """Entities that its assertions made."""
    first: int = 0
    """Where its assertions begin in those of all, and where they end."""
    last: int = 0
    used: _Used = field(default_factory=lambda: _Used())
    of: Scalar | None = None
    """The key of the report that records belong to and that another file, or another record, describes."""

    @property
    def key(self) -> str:
        return self.report.iri.rpartition("report_")[2] if self.report else PurePosixPath(self.path).stem


class _Reader:
    def __init__(self, ontology: Ontology, choices: Mapping[str, tuple[str, ...]], project: Project) -> None:
        self._ontology = ontology
        self._choices = choices
        self._project = project
        self._base = project.base
        self._fields = Fields()
        self._restricted: dict[str, bool] = {}
        self._accesses: dict[str, Access] = {}
        """By folder, as typed, whether it or one above it is the restricted one."""
        self._entities: dict[str, Entity] = {}
        self._reports: dict[str, Report] = {}
        self._sources: dict[str, Source] = {}
        self._owners: dict[str, _Seed] = {}
        self._links: dict[str, Scalar] = {}
        self._episodes: dict[str, Episode] = {}
        self._assertions: list[Assertion] = []
        self._corrections: list[Scalar] = []
        self._copies: dict[str, Scalar] = {}
        """By the IRI of a report, where it says what it is copied from."""
        self.notices: list[Problem] = []
        self._sections = ("report", "access", *ontology.classes, "sources", "episodes", "assertions")
        self._block_keys = (*BLOCK_KEYS, *ontology.predicates, *ontology.qualifiers)

    def problems(self) -> list[Problem]:
        return self._fields.problems

    def corpus(self) -> Corpus:
        return Corpus(
            tuple(self._entities.values()),
            tuple(self._reports.values()),
            tuple(self._sources.values()),
            tuple(self._episodes.values()),
            tuple(self._assertions),
        )

    # ------------------------------------------------------------ first pass: what is declared

    def open(self, path: str, data: bytes) -> Iterator[_Seed]:
        """Give what a file is made of: a curated one is one seed, records are one for each report."""
        if path == STDIN or path.lower().endswith(RECORD_SUFFIXES):
            yield from self._open_records(path, data)
        elif (seed := self._open_curated(path, data)) is not None:
            yield seed

    def _open_records(self, path: str, data: bytes) -> Iterator[_Seed]:
        if path.lower().endswith(tables.SUFFIXES):
            table = tables.read(data, path, self._ontology, self._fields)
            lines: Iterable[Map] = table.records
            self.notices += table.notices
        else:
            lines = records.from_json_lines(data, path, self._fields)
        for tree in records.trees(lines, self._fields, self._ontology.classes, self._ontology.qualifiers):
            of = tree.report if tree.root.get("report") is None else None
            yield _Seed(path, tree.root, self._default_access(path), of=of)

    def _open_curated(self, path: str, data: bytes) -> _Seed | None:
        tree, problems = read_nodes(data, path)
        self._fields.problems += problems
        if tree is None:
            return None
        if not isinstance(tree, Map):
            self._fields.problem(
                tree,
                "wrong-kind",
                f"found {describe(tree)}; a seed is a mapping of {', '.join(self._sections)}",
            )
            return None
        return _Seed(path, tree, self._access(tree, self._default_access(path)))

    def _default_access(self, path: str) -> Access:
        """Give the mark of what a file says, where it says nothing of it."""
        if path not in self._accesses:
            restricted = self._lies_in_restricted_folder(path)
            self._accesses[path] = Access.RESTRICTED if restricted else self._project.default_access
        return self._accesses[path]

    def _lies_in_restricted_folder(self, path: str) -> bool:
        # Made whole, since `path` says nothing of the folders above the one that the caller stands in.
        folder = os.path.dirname(path)  # noqa: PTH120  (a project has thousands of files, and few folders)
        if folder not in self._restricted:
            self._restricted[folder] = any(
                map(self._is_restricted, (Path(folder).absolute(), Path(folder).resolve()))
            )
        is_link = os.path.islink(path)  # noqa: PTH114
        return self._restricted[folder] or (is_link and self._is_restricted(Path(path).resolve().parent))

    def _is_restricted(self, folder: Path) -> bool:
        return any(part.casefold() == RESTRICTED_FOLDER for part in self._below_root(folder).parts)

    def _below_root(self, folder: Path) -> Path:
        root = self._project.root
        return folder.relative_to(root) if folder.is_relative_to(root) else folder

    def key_of(self, report: Report) -> str:
        return report.iri.removeprefix(f"{self._base}report_")

    def declare(self, seed: _Seed | Part) -> bool:
        """Take what a file describes; False if a known one clashes with another."""
        if isinstance(seed, Part):
            return self._adopt(seed)
        self._declare(seed)
        return True

    def _adopt(self, part: Part) -> bool:
        entities = {entity.iri: entity for entity in part.entities}
        episodes = {episode.iri.removeprefix(f"{self._base}episode_"): episode for episode in part.episodes}
        reports = {self.key_of(part.report): part.report} if part.report else {}
        tables = ((self._entities, entities), (self._episodes, episodes), (self._reports, reports))
        if any(old.keys() & new.keys() for old, new in tables):
            return False
        self._entities |= entities
        self._episodes |= episodes
        self._reports |= reports
        return True

    def holds(self, part: Part) -> bool:
        """Tell whether all that a known file took from others is as it was."""
        return (
            all(self._entities.get(entity.iri) == entity for entity in part.used_entities)
            and all(episode in self._episodes for episode in part.used_episodes)
            and all(report in self._reports for report in part.used_reports)
        )

    def moved(self, known: Mapping[str, Part]) -> frozenset[str]:
        """Give the known files that lie in a place of another mark than when they were read."""
        return frozenset(
            path for path, part in known.items() if part.access is not self._default_access(path)
        )

    def parts(self, seeds: Iterable[_Seed]) -> dict[str, Part]:
        """Give what each curated file adds."""
        return {
            seed.path: self._part(seed) for seed in seeds if not seed.path.lower().endswith(RECORD_SUFFIXES)
        }

    def _part(self, seed: _Seed) -> Part:
        return Part(
            tuple(self._entities[iri] for iri in seed.declared),
            tuple(self._episodes[key] for key in seed.happened),
            self._reports[seed.key] if seed.report else None,
            tuple(self._sources[iri] for iri in seed.linked),
            tuple(seed.made),
            tuple(self._assertions[seed.first : seed.last]),
            tuple(seed.used.entities.values()),
            tuple(sorted(seed.used.episodes)),
            tuple(sorted(seed.used.reports)),
            self._default_access(seed.path),
        )

    def _declare(self, seed: _Seed) -> None:
        self._fields.known_keys(seed.tree, self._sections, "section")
        if (node := seed.tree.get("report")) is not None:
            self._declare_report(seed, node)
        elif seed.of is not None and not self._attach(seed, seed.of):
            return
        for key in self._ontology.classes:
            for name, node in self._fields.entries(seed.tree.get(key), f"a mapping of keys to {key} names"):
                self._declare_entity(seed, self._ontology.classes[key], name, node)
        for name, node in self._fields.entries(seed.tree.get("episodes"), "a mapping of keys to labels"):
            self._declare_episode(seed, name, node)
        self._declare_sources(seed)

    def _report_key(self, node: Map) -> Scalar:
        """Give the key of a report, or one to go on with: all that is wrong in the file is to be told."""
        key = self._fields.text(
            node, "key", needed="the short name by which IRIs and commands call this report"
        )
        if key is not None and self._fields.is_key(key):
            if key.text in _OTHER_IRIS:
                message = f"{key.text!r} begins the names of other things; use another key for the report"
                self._fields.problem(key, "bad-key", message)
            elif (twin := self._reports.get(key.text)) is not None:
                message = f"report {key.text!r} stands already at {twin.where}; use another key"
                self._fields.problem(key, "repeated-report", message)
            else:
                return key
        return Scalar(f"without-key-{len(self._reports)}", True, node.location)

    def _attach(self, seed: _Seed, key: Scalar) -> bool:
        """Let records see what else is known of their report: its sources and its unnamed entities."""
        report = self._fields.lookup(key, self._reports, "unknown-report", "report")
        if report is None:
            return False
        owner = self._owners[key.text]
        seed.report, seed.entities, seed.sources = report, owner.entities, owner.sources
        seed.access = min(seed.access, report.access)
        return True

    def _declare_report(self, seed: _Seed, node: Node) -> None:
        if not isinstance(node, Map):
            self._fields.problem(
                node, "wrong-kind", f"found {describe(node)}; report is a mapping of {', '.join(REPORT_KEYS)}"
            )
            return
        self._fields.known_keys(node, REPORT_KEYS, "key of a report")
        seed.access = self._access(node, seed.access)
        key = self._report_key(node)
        iri = f"{self._base}report_{key.text}"
        title = self._fields.text(node, "title", needed="the title as published")
        language = self._fields.text(node, "language")
        kind = self._fields.text(node, "type")
        seed.report = self._reports[key.text] = Report(
            iri,
            title.text if title else key.text,
            kind.text if kind else "article",
            published=self._fields.checked(
                self._fields.text(node, "published", needed="the day of publication"), "bad-date", dates.parse
            ),
            publisher=None,  # filled in by the second pass, when all entities are known
            language=self._fields.checked(language, "bad-language", lambda tag: nt.literal("", language=tag)),
            url=self._fields.checked(self._fields.text(node, "url"), "bad-iri", values.web_address),
            archive_url=self._fields.checked(
                self._fields.text(node, "archive-url"), "bad-iri", values.web_address
            ),
            retrieved=self._fields.checked(self._fields.text(node, "retrieved"), "bad-date", dates.parse),
            text=self._whole_text(node.get("text"), iri),
            note=self._fields.words(node, "note"),
            access=seed.access,
            where=node.location,
        )
        self._owners[key.text] = seed

    def _whole_text(self, node: Node | None, report: str) -> Evidence | None:
        if node is None:
            return None
        if not isinstance(node, Map):
            self._fields.problem(
                node, "wrong-kind", f"found {describe(node)}; text is {{length: …, digest: …}}"
            )
            return None
        self._fields.known_keys(node, ("length", "digest"), "key of a report's text")
        length = self._fields.number(
            self._fields.text(node, "length", needed="the number of characters of the whole text")
        )
        digest = self._fields.digest(
            self._fields.text(node, "digest", needed="the SHA-256 of the whole text")
        )
        if length == 0:
            self._fields.problem(node, "bad-number", "length is 0; write how many characters the text has")
        return Evidence(report, 0, length, digest) if length and digest else None

    def _declare_entity(self, seed: _Seed, class_: Class, name: Scalar, node: Node) -> None:
        if not self._fields.is_key(name):
            return
        entity = self._described(seed, class_, name, node)
        if entity is None:
            return
        if (twin := self._entities.get(entity.iri)) is not None:
            message = (
                f"{name.text!r} stands already at {twin.where}; say more of it there, or use another key"
            )
            self._fields.problem(name, "repeated-entity", message)
            return
        self._entities[entity.iri] = entity
        seed.declared.append(entity.iri)
        if entity.unnamed:
            seed.entities[name.text] = entity

    def _described(self, seed: _Seed, class_: Class, name: Scalar, node: Node) -> Entity | None:
        iri = self._base + name.text
        if isinstance(node, Scalar):
            if self._fields.is_empty(node, f"the label of {name.text!r}") or self._is_no_label(name, node):
                return None
            return Entity(iri, class_.iri, node.text, access=seed.access, where=name.location)
        if not isinstance(node, Map):
            self._fields.problem(
                node,
                "wrong-kind",
                f"found {describe(node)}; write a label, or a mapping of {', '.join(ENTITY_KEYS)}",
            )
            return None
        self._fields.known_keys(node, ENTITY_KEYS, f"key of a {class_.label}")
        label, unnamed = self._fields.text(node, "label"), self._fields.text(node, "unnamed")
        if (label is None) == (unnamed is None):
            message = (
                "has both label and unnamed; keep one"
                if label
                else "has no label; write label, or unnamed with a description"
            )
            self._fields.problem(name, "bad-label", f"{name.text!r} {message}")
            return None
        if self._is_no_label(name, label or unnamed):
            return None
        if unnamed is not None:
            if seed.report is None:
                message = f"{name.text!r} has no name, so it belongs to a report; this file has none"
                self._fields.problem(name, "no-report", message)
                return None
            iri = f"{self._base}{seed.key}_{name.text}"
        return Entity(
            iri,
            class_.iri,
            (label or unnamed or name).text,
            unnamed is not None,
            also=tuple(scalar.text for scalar in self._fields.texts(node.get("also"))),
            names=tuple(self._names(node.get("names"))),
            same_as=tuple(
                same
                for scalar in self._fields.texts(node.get("same-as"))
                if (same := self._outside_iri(scalar))
            ),
            note=self._fields.words(node, "note"),
            access=self._access(node, seed.access),
            where=name.location,
        )

    def _is_no_label(self, name: Scalar, label: Scalar | None) -> bool:
        if label is None or label.quoted or label.text.lower() not in NO_LABELS:
            return False
        right = "write its name, or {unnamed: a few words that describe it}, such as {unnamed: a neighbour}"
        message = f"{label.text!r} does not say who or what {name.text!r} is; {right}"
        self._fields.problem(label, "bad-label", message)
        return True

    def _names(self, node: Node | None) -> Iterator[tuple[str, str]]:
        for tag, names in self._fields.entries(node, "a mapping of language tags to names"):
            if self._fields.checked(tag, "bad-language", lambda text: nt.literal("", language=text)):
                for name in self._fields.texts(names):
                    yield tag.text, name.text

    def _outside_iri(self, scalar: Scalar) -> str | None:
        prefix, _, local = scalar.text.partition(":")
        if local.startswith("//") or prefix == "urn":
            return self._fields.checked(scalar, "bad-iri", nt.iri)
        if prefix in PREFIXES and local:
            text = PREFIXES[prefix] + local
            return self._fields.checked(Scalar(text, True, scalar.location), "bad-iri", nt.iri)
        near = self._fields.nearest(prefix, PREFIXES)
        meant = f"did you mean '{near}:'? " if near else ""
        message = f"{scalar.text!r} names nothing; {meant}write an IRI in full, or one such as wd:Q42"
        self._fields.problem(scalar, "bad-iri", message)
        return None

    def _declare_episode(self, seed: _Seed, name: Scalar, node: Node) -> None:
        if not self._fields.is_key(name):
            return
        access, label = seed.access, node
        if isinstance(node, Map):
            self._fields.known_keys(node, EPISODE_KEYS, "key of an episode")
            access = self._access(node, access)
            label = self._fields.text(node, "label", needed="a few words on what happened") or name
        if not isinstance(label, Scalar):
            self._fields.problem(
                node, "wrong-kind", f"found {describe(node)}; write a few words on what happened"
            )
        elif name.text in self._episodes:
            twin = self._episodes[name.text]
            self._fields.problem(
                name,
                "repeated-episode",
                f"episode {name.text!r} stands already at {twin.where}; use it, or another key",
            )
        elif not self._fields.is_empty(label, f"the label of episode {name.text!r}"):
            iri = f"{self._base}episode_{name.text}"
            self._episodes[name.text] = Episode(iri, label.text, access, where=name.location)
            seed.happened.append(name.text)

    def _declare_sources(self, seed: _Seed) -> None:
        node = seed.tree.get("sources")
        if seed.report is None:
            if node is not None:
                self._fields.problem(node, "no-report", "sources belong to a report; this file has none")
            return
        seed.sources[PUBLISHER] = f"{self._base}source_{seed.key}_{PUBLISHER}"
        for name, _ in self._fields.entries(node, "a mapping of keys to sources"):
            if self._fields.is_key(name):
                iri = f"{self._base}source_{seed.key}_{name.text}"
                seed.sources[name.text] = iri
                if (twin := self._links.setdefault(iri, name)) is not name:
                    message = f"source {name.text!r} stands already at {twin.location}; use another key"
                    self._fields.problem(name, "repeated-source", message)

    # ------------------------------------------------------------ second pass: what refers to it

    def resolve(self, seed: _Seed | Part) -> None:
        """Take what a file says."""
        if isinstance(seed, Part):
            self._sources |= {source.iri: source for source in seed.sources}
            for entity in seed.unknown:
                self._keep_unknown(entity)
            self._assertions += seed.assertions
            self._corrections += [Scalar(a.corrects, True, a.where) for a in seed.assertions if a.corrects]
            return
        seed.first = len(self._assertions)
        self._resolve(seed)
        seed.last = len(self._assertions)

    def _resolve(self, seed: _Seed) -> None:
        if seed.of is not None:
            if seed.report is None:
                return  # that there is no such report is told
            seed.report = self._reports[seed.of.text]
        self._resolve_report(seed)
        self._resolve_sources(seed)
        node = seed.tree.get("assertions")
        if node is None:
            return
        if not isinstance(node, List):
            self._fields.problem(
                node,
                "wrong-kind",
                f"found {describe(node)}; assertions is a list of blocks, each beginning with '- about:'",
            )
        elif seed.report is None:
            self._fields.problem(
                node,
                "no-report",
                "assertions need the report that makes them; add report: with key, title and published",
            )
        else:
            for item in node.items:
                self._block(seed, seed.report, item)

    def _resolve_report(self, seed: _Seed) -> None:
        node = seed.tree.get("report")
        if seed.report is None or not isinstance(node, Map):
            return
        if (copied := self._fields.text(node, "copied-from")) is not None:
            self._resolve_copy(seed, seed.report, copied)
        publisher = self._fields.text(node, "publisher")
        if publisher is None:
            if seed.report.kind == "article":
                self._fields.problem(
                    node,
                    "missing-key",
                    "the report has no publisher; write publisher: and the key of an organization or person",
                )
            return
        if entity := self._entity(seed, publisher):
            seed.report = self._reports[seed.key] = replace(
                seed.report, publisher=entity.iri, positions=((_PUBLISHER, publisher.location),)
            )

    def _resolve_copy(self, seed: _Seed, report: Report, copied: Scalar) -> None:
        original = self._fields.lookup(copied, self._reports, "unknown-report", "report")
        if original is None:
            return
        seed.used.reports.add(copied.text)
        seed.report = self._reports[seed.key] = replace(report, copied_from=original.iri)
        self._copies[report.iri] = copied

    def _resolve_sources(self, seed: _Seed) -> None:
        if seed.report is None:
            return
        declared = dict(self._named(seed.tree.get("sources")))
        if PUBLISHER not in declared and seed.of is None:
            iri, publisher = seed.sources[PUBLISHER], seed.report.publisher
            label = self._entities[publisher].label if publisher in self._entities else seed.report.title
            named = tuple((KG.speaker, place) for _, place in seed.report.positions)
            seed.linked.append(iri)
            self._sources[iri] = Source(
                iri, label, publisher, access=seed.access, where=seed.report.where, positions=named
            )
        for key, (name, node) in declared.items():
            if key in seed.sources:
                self._source(seed, name, node)

    def _named(self, node: Node | None) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
        if isinstance(node, Map):
            for name, value in node.entries:
                yield name.text, (name, value)

    def _source(self, seed: _Seed, name: Scalar, node: Node) -> None:
        if not isinstance(node, Map):
            self._fields.problem(
                node,
                "wrong-kind",
                f"found {describe(node)}; a source is a mapping of {', '.join(SOURCE_KEYS)}",
            )
            return
        self._fields.known_keys(node, SOURCE_KEYS, "key of a source")
        access = self._access(node, seed.access, withheld=True)
        said = self._fields.text(node, "speaker")
        speaker = self._entity(seed, said) if said else None
        speaker_iri = speaker.iri if speaker else None
        if said is None:
            if name.text == PUBLISHER and seed.report:
                speaker_iri = seed.report.publisher
            elif access is not Access.WITHHELD:
                self._fields.problem(
                    name,
                    "missing-key",
                    f"source {name.text!r} has no speaker; write speaker: and the key of who speaks",
                )
        label = self._fields.words(node, "label") or (speaker.label if speaker else name.text)
        basis = self._choice(self._fields.text(node, "basis"), KG.basis) or "unknown"
        inward = self._fields.text(node, "learned-from")
        seed.linked.append(seed.sources[name.text])
        self._sources[seed.sources[name.text]] = Source(
            seed.sources[name.text],
            label,
            speaker_iri,
            basis,
            self._fields.words(node, "relation"),
            self._fields.lookup(inward, seed.sources, "unknown-source", "source of this report")
            if inward
            else None,
            access,
            where=name.location,
            positions=((KG.speaker, said.location),) if said else (),
        )

    def find_loops(self) -> None:
        """Report each chain that comes back to itself, once.

        Of sources, at the link that stands first in the file; of reports, at the one that comes last.
        """
        self._find_loops_of_copies()
        done: set[str] = set()
        for iri in self._sources:
            chain: dict[str, Source] = {}
            link = self._sources.get(iri)
            while link is not None and link.iri not in done and link.iri not in chain:
                chain[link.iri] = link
                link = self._sources.get(link.learned_from or "")
            if link is not None and link.iri in chain:
                links = list(chain.values())
                self._report_loop(links[links.index(link) :])
            done.update(chain)

    def _find_loops_of_copies(self) -> None:
        places = {iri: number for number, iri in enumerate(self._copies)}
        done: set[str] = set()
        for iri in self._copies:
            chain: list[str] = []
            link: str | None = iri
            while link is not None and link not in done:
                done.add(link)
                chain.append(link)
                link = self._reports[link.removeprefix(f"{self._base}report_")].copied_from
            if link in chain:
                self._report_copies(max(chain[chain.index(link) :], key=lambda each: places.get(each, -1)))

    def _report_copies(self, iri: str) -> None:
        copied, key = self._copies[iri], iri.removeprefix(f"{self._base}report_")
        message = f"the report {copied.text!r} is copied, in the end, from this one; take one copied-from out"
        self._fields.problem(copied, "copy-loop", message)
        self._reports[key] = replace(self._reports[key], copied_from=None)

    def _report_loop(self, links: list[Source]) -> None:
        first = links.index(min(links, key=lambda link: link.where))
        links = links[first:] + links[:first]
        names = [link.iri.rpartition("_")[2] for link in (*links, links[0])]
        if len(names) > 6:
            names[5:-1] = ["…"]
        message = (
            f"the chain of sources comes back to itself: {' from '.join(names)}; take one learned-from out"
        )
        self._fields.problem_at(links[0].where, "source-loop", message)

    # ------------------------------------------------------------ blocks of assertions

    def _block(self, seed: _Seed, report: Report, node: Node) -> None:
        if not isinstance(node, Map):
            self._fields.problem(
                node,
                "wrong-kind",
                f"found {describe(node)}; a block begins with 'about:' and a key",
            )
            return
        self._fields.known_keys(node, self._block_keys, "predicate, qualifier or key of a block")
        shared = self._shared(seed, report, node)
        named = self._fields.texts(
            node.get("about"), node, "about", "the key of who or what this block speaks of"
        )
        if isinstance(about := node.get("about"), List) and not about.items:
            self._fields.problem(
                about, "empty", "about is an empty list; give the key of who or what this block speaks of"
            )
        subjects = [(entity, each.location) for each in named if (entity := self._entity(seed, each))]
        said = [(key, value) for key, value in node.entries if key.text in self._ontology.predicates]
        # A key that nobody knows is told already, and was most likely meant to be the predicate.
        if not said and all(key.text in self._block_keys for key, _ in node.entries):
            self._fields.problem(
                node, "nothing-said", "this block says nothing; add a predicate, such as detained-at"
            )
        number = len(subjects) * sum(len(v.items) if isinstance(v, List) else 1 for _, v in said)
        if number > MAX_OF_BLOCK:
            message = f"this would make {number:,} assertions, and the most is {MAX_OF_BLOCK:,}; divide it"
            self._fields.problem(node, "too-large", message)
            return
        seed.said += number
        if seed.said > MAX_ASSERTIONS:
            message = f"the file would have more than {MAX_ASSERTIONS:,} assertions by here; divide it"
            self._fields.problem(node, "too-large", message)
            return
        for key, value in said:
            predicate = self._ontology.predicates[key.text]
            for item in value.items if isinstance(value, List) else (value,):
                self._said(seed, subjects, predicate, item, shared)
            if isinstance(value, List) and not value.items:
                self._fields.problem(
                    value, "empty", f"{key.text} has an empty list; give a value, or take the line out"
                )

    def _shared(self, seed: _Seed, report: Report, node: Map) -> _Shared | None:
        evidence = self._evidence(node, report)
        teller = self._fields.text(node, "told-by")
        source = (
            seed.sources[PUBLISHER]
            if teller is None
            else self._fields.lookup(teller, seed.sources, "unknown-source", "source of this report")
        )
        named = self._fields.texts(node.get("episode"))
        seed.used.episodes.update(scalar.text for scalar in named)
        episodes = [
            episode.iri
            for scalar in named
            if (episode := self._fields.lookup(scalar, self._episodes, "unknown-episode", "episode"))
        ]
        withdrawn = self._withdrawal(node.get("withdrawn"))
        access = self._access(node, seed.access)
        shared = _Shared(
            report.iri,
            source or "",
            evidence or Evidence(report.iri),
            self._choice(self._fields.text(node, "polarity"), KG.polarity) or "affirmed",
            self._choice(self._fields.text(node, "certainty"), KG.certainty) or "stated",
            self._choice(self._fields.text(node, "method"), KG.method) or "curated",
            dict(self._qualifiers(node)),
            tuple(sorted(set(episodes))),
            withdrawn,
            self._fields.words(node, "note"),
            Access.RESTRICTED if withdrawn and withdrawn.is_silent else access,
            self._corrected(node),
            self._fields.words(node, "engine"),
            self._fields.words(node, "reviewer"),
            tuple(self._positions(node)),
        )
        return shared if source and evidence else None

    def _withdrawal(self, node: Node | None) -> Withdrawal | None:
        """Give what is said under withdrawn: a day, or a mapping of day, reason and by whom."""
        if node is None:
            return None
        if not isinstance(node, Map):
            node = Map(((Scalar("date", False, node.location), node),), node.location)
        self._fields.known_keys(node, WITHDRAWAL_KEYS, "key of a withdrawal")
        date = self._fields.checked(
            self._fields.text(node, "date", needed="the day since which it no longer counts"),
            "bad-date",
            lambda text: values.literal(text, XSD_DATE),
        )
        reason = self._choice(self._fields.text(node, "reason"), KG.withdrawalReason)
        by = self._fields.words(node, "by")
        return Withdrawal(date, reason or "", by or "") if date else None

    def _corrected(self, node: Map) -> str | None:
        scalar = self._fields.text(node, "corrects")
        if scalar is None:
            return None
        if _ASSERTION.fullmatch(scalar.text):
            self._corrections.append(scalar)
            return scalar.text
        message = f"{scalar.text[:70]!r} names no assertion; write the 32 digits that end its IRI"
        self._fields.problem(scalar, "bad-digest", message)
        return None

    def find_corrected(self) -> None:
        """Report each correction of an assertion that no seed holds."""
        if not self._corrections:
            return
        known = {assertion.digest() for assertion in self._assertions}
        for scalar in self._corrections:
            if scalar.text not in known:
                message = (
                    f"no assertion has the digest {scalar.text!r}; keep the one that is corrected, "
                    "and write withdrawn in its block"
                )
                self._fields.problem(scalar, "unknown-assertion", message)

    def _positions(self, node: Map) -> Iterator[tuple[str, Location]]:
        structural = {
            "polarity": KG.polarity, "certainty": KG.certainty, "method": KG.method,
            "told-by": KG.toldBy, "evidence": KG.evidence, "episode": KG.episode,
            "engine": KG.engine, "reviewer": KG.reviewer,
        }  # fmt: skip
        for key, value in node.entries:
            if key.text in structural:
                yield structural[key.text], value.location
            elif key.text in self._ontology.qualifiers:
                yield self._ontology.qualifiers[key.text].iri, value.location

    def _qualifiers(self, node: Map) -> Iterator[tuple[str, str]]:
        for key, value in node.entries:
            if (qualifier := self._ontology.qualifiers.get(key.text)) is not None:
                scalar = self._fields.scalar(value, key.text)
                if scalar is not None and (term := self._literal(scalar, qualifier)):
                    yield qualifier.iri, term

    def _said(
        self,
        seed: _Seed,
        subjects: list[tuple[Entity, Location]],
        predicate: Property,
        node: Node,
        shared: _Shared | None,
    ) -> None:
        qualifiers: dict[str, str] = {}
        positions: tuple[tuple[str, Location], ...] = ()
        value: Node | None = node
        if isinstance(node, Map):
            self._fields.known_keys(node, ("value", *self._ontology.qualifiers), "qualifier")
            qualifiers, positions = dict(self._qualifiers(node)), tuple(self._positions(node))
            value = node.get("value")
            if value is None:
                self._fields.problem(
                    node,
                    "missing-key",
                    f"{predicate.key} has no value; write {{value: …, then what narrows it}}",
                )
                return
        scalar = self._fields.scalar(value, predicate.key)
        if scalar is None:
            return
        # Read once, whoever the subjects are: a fault in it is one fault.
        known = None if self._is_unknown(scalar, predicate) else self._object(seed, predicate, scalar)
        for subject, place in subjects if shared is not None else ():
            assert shared is not None  # noqa: S101  (mypy cannot see it through the conditional)
            object_ = known
            if self._is_unknown(scalar, predicate):
                object_ = nt.iri(self._unknown(seed, subject, predicate, scalar, shared).iri)
            if object_ is not None:
                where = scalar.location
                at = (*positions, (_SUBJECT, place))
                said = shared.assertion(subject.iri, predicate.iri, object_, qualifiers, at, where)
                self._assertions.append(said)
                if said.corrects and said.corrects == said.digest():
                    message = "corrects has the digits of this assertion itself; write those of the wrong one"
                    self._fields.problem(scalar, "corrects-itself", message)

    @staticmethod
    def _is_unknown(scalar: Scalar, predicate: Property) -> bool:
        return predicate.takes_entity and not scalar.quoted and scalar.text == "unknown"

    def _object(self, seed: _Seed, predicate: Property, scalar: Scalar) -> str | None:
        if not scalar.quoted and scalar.text in SPECIAL:
            if scalar.text != "unknown":
                return nt.iri(KG.noneGiven if scalar.text == "none-given" else KG.refused)
            message = f"{predicate.key} takes a value, not an entity; write none-given, or leave the line out"
            self._fields.problem(scalar, "bad-value", message)
            return None
        if predicate.takes_entity:
            entity = self._entity(seed, scalar)
            return nt.iri(entity.iri) if entity else None
        return self._literal(scalar, predicate)

    def _unknown(
        self, seed: _Seed, subject: Entity, predicate: Property, scalar: Scalar, shared: _Shared
    ) -> Entity:
        """Give the unnamed entity that this one "unknown" stands for; another one is another entity."""
        made = unknowns.unknown_entity(
            subject, predicate, seed.key, shared.evidence, shared.access, self._base, self._ontology
        )
        made = replace(made, where=scalar.location)
        seed.made.append(made)
        return self._keep_unknown(made)

    def _keep_unknown(self, made: Entity) -> Entity:
        """Keep it, once: of those that equal assertions make, the most open one."""
        kept = self._entities.get(made.iri)
        if kept is None or kept.access < made.access:
            self._entities[made.iri] = kept = made
        return kept

    def _literal(self, scalar: Scalar, predicate: Property) -> str | None:
        if self._fields.is_empty(scalar, predicate.key):
            return None
        try:
            return values.literal(scalar.text, predicate.range)
        except ValueError as error:
            self._fields.problem(
                scalar, "bad-date" if predicate.key == "date" else "bad-value", f"{predicate.key}: {error}"
            )
            return None

    def _evidence(self, node: Map, report: Report) -> Evidence | None:
        found = node.get("evidence")
        if found is None:
            self._fields.problem(
                node,
                "missing-key",
                "this block has no evidence: {start: …, end: …, digest: …}; kg cite prints the line to paste",
            )
            return None
        if not isinstance(found, Map):
            self._fields.problem(
                found,
                "wrong-kind",
                f"found {describe(found)}; evidence is {{start: …, end: …, digest: …}}, as kg cite prints it",
            )
            return None
        self._fields.known_keys(found, EVIDENCE_KEYS, "key of evidence")
        self._one_place(found)
        if (record := self._fields.text(found, "record")) is not None:
            iri = self._fields.checked(record, "bad-iri", nt.iri)
            return Evidence(report.iri, record=iri) if iri else None
        if _place_of(found) is ROW_KEYS:
            return self._row(found, report)
        start = self._fields.number(
            self._fields.text(found, "start", needed="the first character of the span, counted from 0")
        )
        end = self._fields.number(
            self._fields.text(found, "end", needed="the first character after the span")
        )
        digest = self._fields.digest(self._fields.text(found, "digest", needed="the SHA-256 of the span"))
        if start is None or end is None or digest is None:
            return None
        if start >= end:
            self._fields.problem(
                found,
                "bad-span",
                f"start {start} is not before end {end}; end is the first character after the span",
            )
            return None
        if report.text and end > report.text.end:
            self._fields.problem(
                found, "bad-span", f"end {end} lies behind the text, which has {report.text.end} characters"
            )
            return None
        return Evidence(report.iri, start, end, digest)

    def _one_place(self, node: Map) -> None:
        """Report what is said of another place than the one that counts: it would be lost."""
        keys = _place_of(node)
        for key, _ in node.entries:
            if key.text in EVIDENCE_KEYS and key.text not in keys:
                message = f"{key.text} does not go with {keys[0]}; evidence is {_PLACES}: keep one of them"
                self._fields.problem(key, "several-places", message)
                return

    def _row(self, node: Map, report: Report) -> Evidence | None:
        row = self._fields.number(
            self._fields.text(node, "row", needed="its number, counted from 1, headers included")
        )
        file = self._fields.text(node, "file", needed="the name of the table's file")
        digest = self._fields.digest(self._fields.text(node, "digest", needed="the SHA-256 of the row"))
        column = self._fields.text(node, "column")
        if file is not None and ("/" in file.text or "\\" in file.text):
            self._fields.problem(file, "bad-file", f"{file.text!r} has a folder; write the file's name alone")
            return None
        if column is not None and not _COLUMN.fullmatch(column.text):
            message = f"{column.text!r} is no column; write its letters, such as D"
            self._fields.problem(column, "bad-column", message)
            return None
        if row == 0:
            self._fields.problem(node, "bad-number", "row is 0; rows are counted from 1, headers included")
        if not row or file is None or digest is None:
            return None
        sheet = self._fields.words(node, "sheet") or ""
        return Evidence(
            report.iri,
            digest=digest,
            file=file.text,
            sheet=sheet,
            row=row,
            column=column.text if column else "",
        )

    # ------------------------------------------------------------ marks, choices and references

    def _access(self, node: Map, default: Access, *, withheld: bool = False) -> Access:
        marks = {**_MARKS, "withheld": Access.WITHHELD} if withheld else _MARKS
        found = node.get("access")
        if found is None:
            return default
        scalar = self._fields.scalar(found, "access")
        if scalar is None or scalar.text not in marks:
            if scalar is not None:
                extra = "; only a source can be withheld" if scalar.text == "withheld" else ""
                self._fields.problem(
                    scalar,
                    "bad-access",
                    f"{scalar.text!r} is no access mark; write {' or '.join(marks)}{extra}",
                )
            return Access.RESTRICTED  # whoever wrote a mark meant to hide something
        return marks[scalar.text]

    def _choice(self, scalar: Scalar | None, property_iri: str) -> str | None:
        if scalar is None:
            return None
        allowed = self._choices.get(property_iri, ())
        if scalar.text in allowed:
            return scalar.text
        near = self._fields.nearest(scalar.text, allowed)
        right = f"did you mean {near!r}? " if near else ""
        self._fields.problem(
            scalar,
            "bad-choice",
            f"{scalar.text!r} is none of the choices; {right}choose from {', '.join(allowed)}",
        )
        return None

    def _entity(self, seed: _Seed, scalar: Scalar) -> Entity | None:
        found = seed.entities.get(scalar.text) or self._entities.get(self._base + scalar.text)
        if found is not None:
            seed.used.entities[found.iri] = found
            return found
        known = _Called(self._base, self._entities, seed.entities)
        return self._fields.lookup(scalar, known, "unknown-entity", "entity")


def _place_of(evidence: Map) -> tuple[str, ...]:
    """Give the keys of the kind of place that evidence says."""
    keys = {key.text for key, _ in evidence.entries}
    if "record" in keys:
        return RECORD_KEYS
    of_row = "row" in keys or (keys & {"file", "sheet"} and not keys & {"start", "end"})
    return ROW_KEYS if of_row else SPAN_KEYS


class _Called(Mapping[str, Entity]):
    """Entities by what one file may call them; made for a single look, so that it copies nothing."""

    def __init__(self, base: str, entities: Mapping[str, Entity], unnamed: Mapping[str, Entity]) -> None:
        self._base = base
        self._entities = entities
        self._unnamed = unnamed

    def __getitem__(self, key: str) -> Entity:
        return self._unnamed[key] if key in self._unnamed else self._entities[self._base + key]

    def __iter__(self) -> Iterator[str]:
        yield from self._unnamed
        yield from (iri.removeprefix(self._base) for iri in self._entities)

    def __len__(self) -> int:
        return len(self._unnamed) + len(self._entities)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all assertions of a block have in common."""

    report: str
    source: str
    evidence: Evidence
    polarity: str
    certainty: str
    method: str
    qualifiers: Mapping[str, str]
    episodes: tuple[str, ...]
    withdrawn: Withdrawal | None
    note: str | None
    access: Access
    corrects: str | None
    engine: str | None
    reviewer: str | None
    positions: tuple[tuple[str, Location], ...]

    def assertion(
        self,
        subject: str,
        predicate: str,
        object_: str,
        qualifiers: Mapping[str, str],
        positions: tuple[tuple[str, Location], ...],
        where: Location,
    ) -> Assertion:
        return Assertion(
            subject,
            predicate,
            object_,
            self.report,
            self.source,
            self.evidence,
            self.polarity,
            self.certainty,
            self.method,
            tuple(sorted({**self.qualifiers, **qualifiers}.items())),
            self.episodes,
            self.withdrawn,
            self.note,
            self.access,
            self.corrects,
            self.engine,
            self.reviewer,
            where,
            (*positions, *self.positions),
        )
