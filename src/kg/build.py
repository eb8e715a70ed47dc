"""From seed files to a validated export: the one place where the steps meet."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kg import access, decode, documents, evidence, exports, memory, rdf, revalidation, seeds
from kg.conflicts import Conflict, is_conflicts_file
from kg.escape import for_terminal
from kg.exports import Content
from kg.files import read_bytes_limited, replace_folder
from kg.model import Corpus
from kg.nt import Quad, Triple
from kg.ontology import Ontology, closed_values
from kg.ontology import load as load_ontology
from kg.problems import KgError, Location, RefusedError, nearest
from kg.project import CONFIG, Project, find, refuse_public_place
from kg.resources import files as resource_files
from kg.store import parse
from kg.terms import KG
from kg.validate import How, Outcome, Result, junit, report_turtle, rows, validate, validate_file

SEVERITY_WORDS = {"info": "note"}
"""What people read, where it is not SHACL's own word."""
SEED_SUFFIXES = (".yaml", ".yml", *seeds.RECORD_SUFFIXES)
DATASET = "kg.nq"
"""The file of an export that holds all of it."""
MANY_FILES = 50
LARGE_FILES = 1_000_000
"""From so many seeds or bytes on, what they say is remembered for the next build."""
STDIN = "-"
LINES_LIMIT = 1_000_000_000
"""Bytes of records that are read into memory; `kg build` needs none of it."""
SEED_LIMIT = 50_000_000
"""Bytes of one seed file."""
MANIFEST_LIMIT = 1_000_000
"""Bytes of a manifest."""
DOCUMENT_SUFFIXES = (".html", ".htm", ".pdf")
"""Reports that are no plain text."""
PARSED = 20_000_000
"""Bytes of N-Quads up to which a file is parsed before it is validated."""
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

    @property
    def conflicts_files(self) -> tuple[Path, ...]:
        """The shapes files that compare assertions with each other; none of them blocks a build."""
        return tuple(path for path in self.shapes_files if is_conflicts_file(path))

    @property
    def other_shapes_files(self) -> tuple[Path, ...]:
        """The shapes files that are left."""
        return tuple(path for path in self.shapes_files if not is_conflicts_file(path))

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
        severity = SEVERITY_WORDS.get(self.severity, self.severity)
        return f"{self.location or self.focus}: {severity}: {self.shape}: {self.message}"


@dataclass(frozen=True)
class Graph:
    """An encoded corpus and what validation said of it."""

    corpus: Corpus
    quads: tuple[Quad, ...]
    outcome: Outcome
    findings: tuple[Finding, ...]
    content: Content
    keep: Callable[[], None] | None = None
    """Has the next build know what was found; to be called when all of it is exported."""

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings and notes block nothing."""
        return self.outcome.conforms


def seed_paths(project: Project, named: Sequence[Path], shown_from: Path) -> dict[str, Path]:
    """Give seed files by the path to show: the `named` ones, or all of the project's.

    A folder stands for every seed below it; ``-`` is standard input, which holds records.

    Raises:
        KgError: a folder cannot be listed, or there is no seed at all.
    """
    if not named and not project.seeds.is_dir():
        folder = _shown(project.seeds, shown_from)
        raise KgError(
            f"there is no folder {folder}, and no kg.toml above; go to a project's folder, or name seeds"
        )
    found: dict[str, Path] = {}
    seen: set[str] = set()
    for path in named or (project.seeds,):
        for file in [path] if str(path) == STDIN else _seeds_below(path):
            # A file that is named twice, or by a link too, is read once, and by the first of its names.
            if (real := STDIN if str(file) == STDIN else os.path.realpath(file)) not in seen:
                seen.add(real)
                found[STDIN if real == STDIN else _shown(file, shown_from)] = file
    if not found:
        where = ", ".join(_shown(path, shown_from) for path in named or (project.seeds,))
        raise KgError(f"no seeds in {where}; a seed is a file that ends in {', '.join(SEED_SUFFIXES)}")
    return found


def seed_files(project: Project, named: Sequence[Path], shown_from: Path) -> dict[str, bytes]:
    """Give the bytes of the files that `seed_paths` finds.

    Raises:
        KgError: there is none, or one is missing or cannot be read.
        LimitError: one is larger than what is read into memory.
    """
    paths = seed_paths(project, named, shown_from)
    return {shown: read_bytes_limited(file, _limit(shown), "the seed") for shown, file in paths.items()}


def _limit(shown: str) -> int:
    return LINES_LIMIT if is_lines(shown) else SEED_LIMIT


def is_lines(shown: str) -> bool:
    """Tell whether a file holds records, one on a line, so that any number of them can be read."""
    return shown == STDIN or shown.lower().endswith(seeds.LINE_SUFFIXES)


def is_seed_of(project: Project, path: str) -> bool:
    """Tell whether a file lies among the project's own seeds."""
    return Path(os.path.realpath(project.seeds)) in Path(os.path.realpath(path)).parents


def _seeds_below(path: Path) -> Iterator[Path]:
    """Give a file itself; of a folder all that is named like a seed, links followed, nothing hidden.

    What cannot be read (a link that leads nowhere, a pipe) is given, too: reading it says so.
    """
    if not os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises for names that are too long)
        yield path
        return
    seen: set[str] = set()
    for folder, folders, names in os.walk(path, onerror=_cannot_list, followlinks=True):
        seen.add(os.path.realpath(folder))
        inner = [name for name in sorted(folders) if not name.startswith(".")]
        # A link to a folder that was walked already, or to one above, would be read again and again.
        folders[:] = [name for name in inner if os.path.realpath(Path(folder, name)) not in seen]
        for name in sorted(names):
            # A name that begins with ~$ is a lock that a spreadsheet program leaves while it runs.
            if Path(name).suffix.lower() in SEED_SUFFIXES and not name.startswith((".", "~$")):
                yield Path(folder, name)


def _cannot_list(error: OSError) -> None:
    raise KgError(f"cannot read the folder {error.filename}: {error.strerror}")


def _shown(path: Path, shown_from: Path) -> str:
    """Give a path as somebody in `shown_from` would type it; links keep their own names."""
    if not path.is_absolute():
        path = shown_from / path
    whole = Path(os.path.normpath(path))
    return whole.relative_to(shown_from).as_posix() if whole.is_relative_to(shown_from) else whole.as_posix()


def read(
    project: Project, vocabulary: Vocabulary, files: Mapping[str, bytes], *, remember: bool = False
) -> seeds.Reading:
    """Give what seed files say, and every problem in them.

    With `remember`, what many or large files say is kept beside the project, and the next time
    only those are read that an edit can have affected.
    """
    with _without_collecting():
        if not remember or (len(files) < MANY_FILES and sum(map(len, files.values())) < LARGE_FILES):
            return seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
        settings = _settings(project, vocabulary)
        known = memory.load(project.root, settings).known(files)
        reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project, known)
        if reading.parts and reading.parts != known:
            memory.save(memory.of(reading.parts, files, settings), project.root)
        return reading


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Stop looking for cycles, of which reading makes none: that is nearly half of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _settings(project: Project, vocabulary: Vocabulary) -> str:
    """Give a digest of all that, beside the seeds, decides what they say: this program is part of it."""
    # By content: some installers give the files of every version the same time.
    own = sorted(Path(__file__).parent.rglob("*.py"))
    files = (*own, *vocabulary.ontology_files, *vocabulary.shapes_files)
    said = [
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in files),
        *(str(project.root), project.base, project.default_access.name, str(Path.cwd()), sys.version),
        *(version(name) for name in ("pyoxigraph", "rdflib")),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def encode(
    project: Project, vocabulary: Vocabulary, corpus: Corpus, *, include_restricted: bool = False
) -> tuple[Quad, ...]:
    """Give the quads of a corpus, sorted and unique: of its public part, unless told otherwise."""
    shown = corpus if include_restricted else access.public(corpus, project.base)
    # In a dict they stay nearly as sorted as they come.
    return tuple(sorted(dict.fromkeys(rdf.quads(shown, vocabulary.ontology, project.base))))


def graph(
    project: Project,
    vocabulary: Vocabulary,
    corpus: Corpus,
    *,
    include_restricted: bool = False,
    exported: Path | None = None,
) -> Graph:
    """Encode a corpus and validate it against the shapes.

    With the folder of the last export, only that is validated again, of much data, which can be
    another since then; the result is the same.

    Raises:
        KgError: the shapes cannot be used.
    """
    with _without_collecting():
        return _graph(project, vocabulary, corpus, include_restricted, exported)


def _graph(
    project: Project,
    vocabulary: Vocabulary,
    corpus: Corpus,
    include_restricted: bool,
    exported: Path | None,
) -> Graph:
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
    shapes = shapes_of(vocabulary.other_shapes_files)
    last, keep = None, None
    if exported and len(quads) >= revalidation.WORTH_IT:
        settings = _settings(project, vocabulary)
        last = revalidation.last(project.root, settings, exported / DATASET, content, shapes)
    outcome, contradicting = revalidation.check(content.triples, shapes, vocabulary.conflicts_files, last)
    if exported and len(quads) >= revalidation.WORTH_IT:
        keep = partial(revalidation.remember, project.root, settings, content, shapes, outcome, contradicting)
    findings = findings_of(_places(shown, project.base), outcome.results, contradicting)
    return Graph(shown, quads, outcome, findings, content, keep)


def shapes_of(files: Iterable[Path]) -> list[Triple]:
    """Give the triples of shapes files; blank nodes have the same names each time."""
    names: dict[str, str] = {}

    def named(term: str) -> str:
        return names.setdefault(term, f"_:b{len(names)}") if term[0] == "_" else term

    quads = (quad for path in files for quad in parse(path))
    return [(named(subject), predicate, named(object_)) for subject, predicate, object_, _ in quads]


def findings_of(
    places: Mapping[tuple[str, str], Location], results: Iterable[Result], contradicting: Iterable[Conflict]
) -> tuple[Finding, ...]:
    """Give what validation and the conflict rules found, in the order of the seeds.

    `places` are by IRI and property; an empty property is the whole.
    """
    found = []
    for result in results:
        location = places.get((result.focus, result.path or "")) or places.get((result.focus, ""))
        shape = _shape_name(result.shape)
        found.append(Finding(location, result.severity, shape, result.message, result.focus))
    for conflict in contradicting:
        location, other = (places.get((iri, "")) for iri in (conflict.one, conflict.other))
        message = f"{conflict.message} It stands at {other or conflict.other}."
        found.append(Finding(location, "warning", conflict.rule, message, conflict.one))
    nowhere = Location("~", 0, 0)
    return tuple(
        sorted(found, key=lambda f: (f.location or nowhere, f.severity, f.shape, f.message, f.focus))
    )


def _places(corpus: Corpus, base: str) -> dict[tuple[str, str], Location]:
    """Give where each IRI, and where each of its properties, was typed."""
    places: dict[tuple[str, str], Location] = {}
    for described in (corpus.entities, corpus.reports, corpus.sources, corpus.episodes):
        places |= {(item.iri, ""): item.where for item in described}
    for report in corpus.reports:
        places |= {(report.iri, property_): place for property_, place in report.positions}
    for source in corpus.sources:
        places |= {(source.iri, property_): place for property_, place in source.positions}
    for assertion in corpus.assertions:
        iri = rdf.assertion_iri(assertion, base)
        places.setdefault((iri, ""), assertion.where)
        for property_, location in assertion.positions:
            places.setdefault((iri, property_), location)
            if property_ == KG.evidence:
                places.setdefault((rdf.evidence_iri(assertion.evidence, base), ""), location)
    return places


def text_of(file: Path) -> str:
    """Give the text of a report's copy, as positions count in it: of HTML and PDF, what `kg extract` reads.

    Raises:
        KgError: it cannot be read, or is not UTF-8.
    """
    if file.suffix.lower() in DOCUMENT_SUFFIXES:
        return documents.read(file).text
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
        if assertion.report == report and place.digest and not place.row:
            where = dict(assertion.positions).get(KG.evidence, assertion.where)
            spans[str(where)] = evidence.Span(place.start, place.end, place.digest)
    if not spans:
        raise KgError(f"the report {key!r} has no spans to check")
    text_of_report = next(found.text for found in corpus.reports if found.iri == report)
    whole = evidence.Span(0, text_of_report.end, text_of_report.digest) if text_of_report else None
    return evidence.verify(spans, text, whole)


RDF_SUFFIXES = (".nq", ".nt", ".ttl", ".trig", ".jsonld", ".rdf")
"""What the names of RDF files end in, where seeds could stand too."""
MOST_SHOWN = 5
"""Problems of seeds that are shown where they only stand in the way."""


def corpus_of(project: Project, path: Path, *, include_restricted: bool = False) -> Corpus:
    """Give what an export, a project's folder or seeds say: the public part, unless told otherwise.

    Raises:
        KgError: it cannot be read, or its seeds have problems.
    """
    project = find(path) if (path / CONFIG).is_file() else project
    if (path / DATASET).is_file():
        path = path / DATASET
    if path.suffix.lower() in RDF_SUFFIXES:
        corpus = decode.corpus(quad[:3] for quad in parse(path))
        if not (corpus.assertions or corpus.entities):
            raise KgError(f"{path}: nothing in it that kg build writes")
    else:
        said = _seeded(project, path)
        # Before equal assertions become one: what is known of a restricted one is not told.
        said = said if include_restricted else access.public(said, project.base)
        # As an export gives it back: names sorted, language tags in lower case.
        described = rdf.quads(said, Vocabulary.of(project).ontology, project.base)
        corpus = decode.corpus(quad[:3] for quad in described)
    return corpus if include_restricted else access.public(corpus, project.base)


def _seeded(project: Project, path: Path) -> Corpus:
    named = [] if project.root == path.resolve() else [path]
    reading = read(project, Vocabulary.of(project), seed_files(project, named, Path.cwd()))
    if reading.problems:
        shown = "\n".join(map(str, reading.problems[:MOST_SHOWN]))
        number = len(reading.problems)
        raise KgError(
            f"{path} has {number:,} problem{'' if number == 1 else 's'}; kg check shows them all\n{shown}"
        )
    return reading.corpus


@dataclass(frozen=True, slots=True)
class Checked:
    """What validating files gave: the `report` to print, `notes` for a person to read."""

    report: bytes
    conforms: bool
    notes: tuple[str, ...]


def validate_files(
    files: Sequence[Path | bytes],
    shapes_files: Sequence[Path],
    format_: str,
    data_format: str | None = None,
    how: How | None = None,
) -> Checked:
    """Validate RDF files, the union of their graphs: what a child process with limits does.

    `format_` is table, json, turtle or junit. The graph of what is only alleged, in which plain
    triples stand that nothing asserts as so, is left out.

    Raises:
        KgError: a file cannot be read or parsed, or the shapes cannot be used.
    """
    how = how or How()
    shapes = shapes_of(shapes_files)
    if len(files) == 1 and isinstance(files[0], Path) and _is_large(files[0]):
        outcome = validate_file(files[0], shapes, leave_out=rdf.ALLEGED, **how)
        if outcome.broken:
            shown = "\n".join(f"{files[0]!s}:{line}: {why}" for line, why in outcome.broken[:MOST_SHOWN])
            more = len(outcome.broken) - MOST_SHOWN
            raise KgError(f"{shown}\nand {more:,} more broken lines" if more > 0 else shown)
    else:
        quads = (quad for file in files for quad in parse(file, format=data_format))
        alleged = f"{rdf.ALLEGED}>"
        outcome = validate({quad[:3] for quad in quads if not quad[3].endswith(alleged)}, shapes, **how)
    idle = sorted(shape.rpartition("#")[2] for shape, nodes in outcome.touched.items() if nodes == 0)
    notes = [f"shapes: {len(outcome.touched)}; focus nodes touched: {sum(outcome.touched.values()):,}"]
    if not any(outcome.touched.values()):
        notes.append("no shape touched anything: these shapes say nothing of this data")
    elif idle:
        notes.append(f"shapes that touched nothing: {', '.join(idle)}")
    return Checked(_report(outcome, format_), outcome.conforms, (*outcome.notices, *notes))


def _is_large(file: Path) -> bool:
    """Tell whether a file is checked in parts; a smaller one is parsed, which tells more of what is wrong."""
    try:
        return file.suffix.lower() in (".nq", ".nt") and file.stat().st_size > PARSED
    except OSError:
        return False  # parsing it says why


def _report(outcome: Outcome, format_: str) -> bytes:
    if format_ == "turtle":
        return report_turtle(outcome)
    if format_ == "junit":
        return junit(outcome)
    if format_ == "json":
        touched = dict(sorted(outcome.touched.items()))
        found = {"conforms": outcome.conforms, "results": rows(outcome), "touched": touched}
        return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()
    lines = [
        f"{SEVERITY_WORDS.get(r.severity, r.severity)}: {_shape_name(r.shape)}: {r.message} {_about(r)}"
        for r in outcome.results
    ]
    count = len(outcome.results)
    lines.append(
        f"{'conforms' if outcome.conforms else 'does not conform'}; {count} result{'' if count == 1 else 's'}"
    )
    return ("\n".join(map(for_terminal, lines)) + "\n").encode()


def _about(result: Result) -> str:
    said = [f"focus {result.focus}"]
    if result.path:
        said.append(f"path {result.path}")
    if result.value:
        said.append(f"value {result.value}")
    return f"({', '.join(said)})"


def _shape_name(iri: str) -> str:
    return iri.rpartition("#")[2]


def export_format(output: Path) -> str:
    """Give the format that a file's name asks for: the longest of `exports.FORMATS` that it ends in.

    Raises:
        KgError: it ends in none of them.
    """
    name = output.name.lower()
    fitting = [known for known in exports.FORMATS if name == known or name.endswith(f".{known}")]
    if not fitting:
        known = ", ".join(exports.FORMATS)
        raise KgError(f"{str(output)!r} ends in no format that is known; name one with -f: {known}")
    return max(fitting, key=len)


def require_place(project: Project, target: Path, *, restricted: bool) -> None:
    """Refuse a folder that an export of this kind may not go to.

    Raises:
        RefusedError: `target` holds a public export and this one is restricted, or the other way
            round, or it would lie in the place of the public export.
    """
    mark, old = "restricted" if restricted else "public", _manifest(target)
    if old.get("access", mark) != mark:
        raise RefusedError(
            f"{target} holds a {old['access']} export, and this one is {mark}; name another with -o"
        )
    refuse_public_place(project, target, restricted=restricted)


def export(built: Graph, target: Path) -> int:
    """Write all files of an export into the folder `target`, together or not at all; give their number.

    Files in `target` that no build wrote stay where they are.

    Raises:
        RefusedError: `target` holds a public export and this one is restricted, or the other way round.
        KgError: it cannot be written; the old files are untouched.
    """
    if not built.conforms:
        raise KgError("there are violations; nothing was written")
    require_place(built.content.project, target, restricted=built.content.restricted)
    with _without_collecting():
        files = list(exports.files(built.content))
    folder_mode = 0o700 if built.content.restricted else None
    replace_folder(
        target,
        files,
        last=exports.MANIFEST,
        known=known_files(target),
        folder_mode=folder_mode,
    )
    if built.keep:
        built.keep()
    return len(files)


def known_files(target: Path) -> Collection[str]:
    """Give the names of the files in a folder that a build wrote."""
    names: Collection[str] = _manifest(target).get("files", ())
    return names


def _manifest(target: Path) -> dict[str, Any]:
    """Give what the manifest in a folder says of the export there; nothing if there is none.

    Whatever it says, a file is ours only if builds write its name, or if it still is what was
    written: all else is somebody's own.
    """
    try:
        found = json.loads(read_bytes_limited(target / exports.MANIFEST, MANIFEST_LIMIT, "the manifest"))
        listed = found["files"]
        digests = listed if isinstance(listed, dict) else dict.fromkeys(map(str, listed))
        ours = [name for name, said in digests.items() if _is_ours(target, name, said)]
        return {"access": str(found["access"]), "files": (exports.MANIFEST, *ours)}
    except (KgError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _is_ours(target: Path, name: str, said: object) -> bool:
    if name in exports.FILES:
        return True
    if not isinstance(said, dict) or Path(name).name != name:
        return False
    try:
        data = read_bytes_limited(target / name, SEED_LIMIT, "the file")
    except KgError:
        return False
    return hashlib.sha256(data).hexdigest() == said.get("sha256")
