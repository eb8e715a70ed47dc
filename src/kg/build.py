"""From seed files to a validated export: the one place where the steps meet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import access, evidence, exports, rdf, seeds
from kg.exports import Content
from kg.files import read_bytes_limited, replace_folder
from kg.model import Corpus
from kg.nt import Quad
from kg.ontology import Ontology, closed_values
from kg.ontology import load as load_ontology
from kg.problems import KgError, Location, RefusedError, nearest
from kg.project import Project
from kg.resources import files as resource_files
from kg.terms import KG
from kg.validate import Outcome, Result, validate

if TYPE_CHECKING:
    import rdflib

SEED_SUFFIXES = (".yaml", ".yml")
SEED_LIMIT = 50_000_000
"""Bytes of one seed file."""
TEXT_LIMIT = 100_000_000
"""Bytes of one report's text."""


@dataclass(frozen=True)
class Vocabulary:
    """What a project's data is written and checked with: ours, and the project's own beside it."""

    ontology_files: tuple[Path, ...]
    shapes_files: tuple[Path, ...]

    @classmethod
    def of(cls, project: Project) -> Vocabulary:
        """Give the files that come with kg, followed by those that `kg.toml` names."""
        return cls(
            (*resource_files("ontology", ".ttl"), *project.ontology),
            (*resource_files("shapes", ".ttl"), *project.shapes),
        )

    @cached_property
    def ontology(self) -> Ontology:
        """The classes, predicates and qualifiers."""
        return load_ontology(self.ontology_files)

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The closed vocabularies, by property IRI."""
        return closed_values(self.shapes_files)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A SHACL result at the place in a seed that it comes from; `location` is None if there is none."""

    location: Location | None
    severity: str
    shape: str
    message: str
    focus: str

    def __str__(self) -> str:
        """Give one line."""
        return f"{self.location or self.focus}: {self.severity}: {self.shape}: {self.message}"


@dataclass(frozen=True)
class Graph:
    """An encoded corpus and what validation said of it."""

    corpus: Corpus
    quads: tuple[Quad, ...]
    outcome: Outcome
    findings: tuple[Finding, ...]
    content: Content

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings and notes block nothing."""
        return self.outcome.conforms


def seed_files(project: Project, named: Sequence[Path], shown_from: Path) -> dict[str, bytes]:
    """Give the bytes of seed files by the path to show: the `named` ones, or all of the project's.

    A folder stands for every seed below it.

    Raises:
        KgError: a file is missing or cannot be read, or there is no seed at all.
    """
    found: dict[str, bytes] = {}
    for path in named or (project.seeds,):
        for file in _seeds_below(path):
            found[_shown(file, shown_from)] = read_bytes_limited(file, SEED_LIMIT, "the seed")
    if not found:
        where = ", ".join(_shown(path, shown_from) for path in named or (project.seeds,))
        raise KgError(f"no seeds in {where}; a seed is a file that ends in .yaml")
    return found


def _seeds_below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.suffix in SEED_SUFFIXES and file.is_file() and not hidden:
            yield file


def _shown(path: Path, shown_from: Path) -> str:
    try:
        return path.resolve().relative_to(shown_from.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def read(project: Project, vocabulary: Vocabulary, files: Mapping[str, bytes]) -> seeds.Reading:
    """Give what seed files say, and every problem in them."""
    return seeds.read(files, vocabulary.ontology, vocabulary.choices, project)


def encode(
    project: Project, vocabulary: Vocabulary, corpus: Corpus, *, include_restricted: bool = False
) -> tuple[Quad, ...]:
    """Give the quads of a corpus, sorted and unique: of its public part, unless told otherwise."""
    shown = corpus if include_restricted else access.public(corpus, project.base)
    return tuple(sorted(set(rdf.quads(shown, vocabulary.ontology, project.base))))


def graph(
    project: Project, vocabulary: Vocabulary, corpus: Corpus, *, include_restricted: bool = False
) -> Graph:
    """Encode a corpus and validate it against the shapes.

    Raises:
        KgError: the shapes cannot be used.
    """
    shown = corpus if include_restricted else access.public(corpus, project.base)
    quads = encode(project, vocabulary, shown, include_restricted=True)
    content = Content(
        quads,
        project,
        vocabulary.ontology,
        vocabulary.ontology_files,
        vocabulary.shapes_files,
        restricted=include_restricted,
    )
    outcome = validate(rdf.to_rdflib(content.triples), _shapes(vocabulary))
    return Graph(shown, quads, outcome, tuple(_findings(shown, project.base, outcome.results)), content)


def _shapes(vocabulary: Vocabulary) -> rdflib.Graph:
    from kg.store import parse

    return rdf.to_rdflib(quad[:3] for path in vocabulary.shapes_files for quad in parse(path))


def _findings(corpus: Corpus, base: str, results: Iterable[Result]) -> list[Finding]:
    places = _places(corpus, base)
    found = []
    for result in results:
        location = places.get((result.focus, result.path or "")) or places.get((result.focus, ""))
        shape = result.shape.rpartition("#")[2]
        found.append(Finding(location, result.severity, shape, result.message, result.focus))
    return sorted(
        found, key=lambda f: (f.location or Location("~", 0, 0), f.severity, f.shape, f.message, f.focus)
    )


def _places(corpus: Corpus, base: str) -> dict[tuple[str, str], Location]:
    """Give where each IRI, and where each of its properties, was typed."""
    places: dict[tuple[str, str], Location] = {}
    for described in (corpus.entities, corpus.reports, corpus.sources, corpus.episodes):
        places |= {(item.iri, ""): item.where for item in described}
    for assertion in corpus.assertions:
        iri = rdf.assertion_iri(assertion, base)
        places.setdefault((iri, ""), assertion.where)
        for property_, location in assertion.positions:
            places.setdefault((iri, property_), location)
            if property_ == KG.evidence:
                places.setdefault((rdf.evidence_iri(assertion.evidence, base), ""), location)
    return places


def text_of(file: Path) -> str:
    """Give the text of a report's copy, as positions count in it.

    Raises:
        KgError: it cannot be read, or is not UTF-8.
    """
    return evidence.decode(read_bytes_limited(file, TEXT_LIMIT, "the text"))


def verify_report(corpus: Corpus, base: str, key: str, text: str) -> evidence.Verification:
    """Check every span of the report called `key` against a copy of its text, in the order of the text.

    Raises:
        KgError: there is no such report, or it has no spans.
    """
    report = f"{base}report_{key}"
    if report not in {found.iri for found in corpus.reports}:
        keys = [found.iri.removeprefix(f"{base}report_") for found in corpus.reports]
        near = nearest(key, keys)
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(keys)) or 'none'}"
        raise KgError(f"no report has the key {key!r}; {right}")
    spans: dict[str, evidence.Span] = {}
    for assertion in sorted(corpus.assertions, key=lambda a: (a.evidence.start, a.evidence.end, a.where)):
        place = assertion.evidence
        if assertion.report == report and place.digest:
            where = dict(assertion.positions).get(KG.evidence, assertion.where)
            spans[str(where)] = evidence.Span(place.start, place.end, place.digest)
    if not spans:
        raise KgError(f"the report {key!r} has no spans to check")
    whole = next(found.text for found in corpus.reports if found.iri == report)
    return evidence.verify(spans, text, whole and evidence.Span(whole.start, whole.end, whole.digest))


def export(built: Graph, target: Path) -> int:
    """Write all files of an export into the folder `target`, together or not at all; give their number.

    Files in `target` that no build wrote stay where they are.

    Raises:
        RefusedError: `target` holds a public export and this one is restricted, or the other way round.
        KgError: it cannot be written; the old files are untouched.
    """
    mark = "restricted" if built.content.restricted else "public"
    old = _manifest(target)
    if old.get("access", mark) != mark:
        raise RefusedError(
            f"{target} holds a {old['access']} export, and this one is {mark}; name another folder with -o"
        )
    if built.content.restricted and target.resolve() == built.content.project.exports.resolve():
        raise RefusedError(f"{target} is the place of the public export; name another folder with -o")
    files = list(exports.files(built.content))
    folder_mode = 0o700 if built.content.restricted else None
    replace_folder(target, files, last=exports.MANIFEST, known=old.get("files", ()), folder_mode=folder_mode)
    return len(files)


def _manifest(target: Path) -> dict[str, Any]:
    """Give what the manifest in a folder says of the export there; nothing if there is none."""
    try:
        found = json.loads((target / exports.MANIFEST).read_bytes())
        return {"access": str(found["access"]), "files": (exports.MANIFEST, *map(str, found["files"]))}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
