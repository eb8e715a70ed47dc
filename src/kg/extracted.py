"""What reviewers accepted, as seeds: files of records that follow from the logs alone, byte for byte.

One file for each report, ``seeds/extracted/REPORT.jsonl``, and another below ``seeds/restricted`` for what
is restricted. What another seed describes already is not described again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final

from kg import nt, values
from kg.decisions import Accepted, Ledger, declared_name
from kg.files import write_atomically
from kg.model import Assertion, Corpus, Entity, Evidence, Report, Source
from kg.ontology import Ontology, Property
from kg.problems import KgError
from kg.project import RESTRICTED_FOLDER, Project
from kg.terms import KG

FOLDER: Final = "extracted"
"""Below the folder of the seeds."""

_README: Final = """\
`kg review` writes these files from the logs in `reviews/`, and writes them anew: what is changed here by hand
is lost. To change something, decide it again with `kg review`, or describe it in a seed of your own.
"""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Files by their path below the folder of the seeds, and what could not become a seed."""

    files: Mapping[str, bytes]
    problems: tuple[str, ...]


def is_extracted(path: str | PurePath) -> bool:
    """Tell whether a seed is one of these files, by its folder."""
    place = PurePath(path)
    return place.parent.name == FOLDER and place.suffix == ".jsonl"


def seeds(ledger: Ledger, elsewhere: Collection[str]) -> Seeds:
    """Give the seeds of what is accepted; `elsewhere` is what other seeds describe, by `declared_name`."""
    by_file: dict[tuple[bool, str], list[Accepted]] = {}
    for accepted in ledger.accepted:
        by_file.setdefault((accepted.restricted, accepted.report), []).append(accepted)
    described = set(elsewhere)
    files: dict[str, bytes] = {}
    problems: list[str] = []
    # Public files first: what both speak of is described where everybody can read it.
    for (restricted, report), found in sorted(by_file.items()):
        head = _report(report, ledger, described)
        if head is None:
            problems.append(f"report {report!r} is not described; run kg review, which asks for its title")
            continue
        needed = _needed([*head, *(each.record for each in found)], report, ledger, described)
        said = sorted(map(_assertion, found), key=_place)
        folder = f"{RESTRICTED_FOLDER}/{FOLDER}" if restricted else FOLDER
        files[f"{folder}/{report}.jsonl"] = b"".join(map(_line, (*head, *needed, *said)))
    return Seeds(files, tuple(problems))


def _report(report: str, ledger: Ledger, described: set[str]) -> list[Record] | None:
    if f"report_{report}" in described:
        return []
    decision = ledger.reports.get(report)
    if decision is None:
        return None
    digest, length = ledger.texts[report]
    described.add(f"report_{report}")
    return [{**decision.record, "text": {"length": length, "digest": digest}}]


def _needed(records: list[Record], report: str, ledger: Ledger, described: set[str]) -> list[Record]:
    """Give the descriptions of all that records refer to, directly or through each other."""
    found: list[Record] = []
    waiting = [name for record in records for name in references(record, report)]
    for names in waiting:
        name = next((each for each in names if each in described or each in ledger.declared), None)
        if name is None or name in described:
            continue
        record = ledger.declared[name]
        described.add(name)
        found.append(record)
        waiting += references(record, report)
    return sorted(found, key=lambda record: (str(record["class"]), declared_name(record)))


def references(record: Record, report: str) -> Iterator[tuple[str, ...]]:
    """Give what a record refers to, each as the names that it may have, the nearest first."""
    for key in ("subject", "object", "speaker", "publisher"):
        value = record.get(key)
        if isinstance(value, str):
            yield (f"{report}_{value}", value)
    for key, kind in (
        ("told-by", f"source_{report}"),
        ("learned-from", f"source_{report}"),
        ("episode", "episode"),
    ):
        value = record.get(key)
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, str):
                yield (f"{kind}_{each}",)


def _assertion(accepted: Accepted) -> Record:
    return {
        **accepted.record,
        "method": "extracted",
        "engine": accepted.engine,
        "reviewer": ", ".join(accepted.reviewers),
    }


def _place(record: Record) -> tuple[int, int, str]:
    return (record["start"], record["end"], json.dumps(record, sort_keys=True))


def _line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": ")).encode() + b"\n"


# ---------------------------------------------------------------- as values


def corpus(ledger: Ledger, maker: Maker) -> Corpus:
    """Give what is accepted as values; what the vocabulary does not know is for whoever reads the seeds."""
    declared = ledger.declared
    entities = {entity.iri: entity for record in declared.values() if (entity := maker.entity(record))}
    whole = replace(maker, known=Either(entities, maker.known))
    accepted = ledger.accepted
    reports = {each.report: ledger.reports[each.report] for each in accepted if each.report in ledger.reports}
    return Corpus(
        tuple(entities.values()),
        tuple(whole.report(decision.record) for decision in reports.values()),
        tuple(whole.source(record) for record in declared.values() if record.get("class") == "source"),
        assertions=tuple(made for each in accepted if (made := _readable(each.record, whole))),
    )


def _readable(record: Record, maker: Maker) -> Assertion | None:
    try:
        return maker.assertion(record)
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Either:
    """What stands in one of two containers."""

    one: Container[str]
    other: Container[str]

    def __contains__(self, key: object) -> bool:
        """Tell whether one of them holds it."""
        return key in self.one or key in self.other


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes values of records; `known` are the IRIs of entities, by which short keys are told from others."""

    ontology: Ontology
    base: str
    known: Container[str] = ()

    def entity(self, record: Record) -> Entity | None:
        """Give the entity that a record describes; None where it describes something else."""
        class_ = self.ontology.classes.get(str(record.get("class")))
        if class_ is None:
            return None
        label = str(record.get("label") or record.get("unnamed"))
        iri = self.base + declared_name(record)
        also = record.get("also")
        others = tuple(map(str, also)) if isinstance(also, list) else ()
        return Entity(iri, class_.iri, label, "unnamed" in record, others)

    def report(self, record: Record) -> Report:
        """Give the report that a record describes."""
        publisher = record.get("publisher")
        return Report(
            f"{self.base}report_{record['key']}",
            str(record.get("title", record["key"])),
            str(record.get("type", "article")),
            record.get("published"),
            f"{self.base}{publisher}" if publisher else None,
        )

    def source(self, record: Record) -> Source:
        """Give the source that a record describes."""
        report, key = str(record.get("report")), record["key"]
        inward = record.get("learned-from")
        return Source(
            f"{self.base}source_{report}_{key}",
            str(record.get("label", "")),
            self.iri(record["speaker"], report) if record.get("speaker") else None,
            str(record.get("basis", "unknown")),
            record.get("relation"),
            f"{self.base}source_{report}_{inward}" if inward else None,
        )

    def assertion(self, record: Record) -> Assertion:
        """Give a record as an assertion.

        Raises:
            KeyError, ValueError: the vocabulary does not know a word or value of it.
        """
        report, predicate = record["report"], self.ontology.predicates[record["predicate"]]
        qualifiers = (
            (property_.iri, values.literal(str(record[key]), property_.range))
            for key, property_ in self.ontology.qualifiers.items()
            if key in record
        )
        place = Evidence(f"{self.base}report_{report}", record["start"], record["end"], record["digest"])
        return Assertion(
            self.iri(record["subject"], report),
            predicate.iri,
            self._object(record, predicate),
            place.report,
            f"{self.base}source_{report}_{record.get('told-by', 'publisher')}",
            place,
            str(record.get("polarity", "affirmed")),
            str(record.get("certainty", "stated")),
            "extracted",
            tuple(sorted(qualifiers)),
        )

    def _object(self, record: Record, predicate: Property) -> str:
        value = record["object"]
        if isinstance(value, Mapping):
            return values.literal(str(value["text"]), predicate.range)
        if value in ("none-given", "refused"):
            return nt.iri(KG.noneGiven if value == "none-given" else KG.refused)
        if value == "unknown":
            who = str(record["subject"]).rpartition("_")[2]
            unknown = f"{record['report']}_unknown-{predicate.key}-{who}-{record['digest'][:8]}"
            return nt.iri(self.base + unknown)
        return nt.iri(self.iri(value, record["report"]))

    def iri(self, key: str, report: str) -> str:
        """Give the IRI that a key means in a report."""
        own = f"{self.base}{report}_{key}"
        return own if own in self.known else self.base + key


# ---------------------------------------------------------------- on the disk


def write(project: Project, found: Seeds, reports: Collection[str], made: Callable[[str], None]) -> None:
    """Make the files of the project those that were found; `made` hears of each that changes.

    `reports` are all that the logs speak of: a file of one of them that is no more wanted goes. Others stay.

    Raises:
        KgError: a file cannot be written or removed.
    """
    for name, data in sorted(found.files.items()):
        path = project.seeds / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_bytes() == data:
                continue
        except OSError as error:
            raise KgError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error
        readme = path.parent / "README"
        if not readme.exists():
            write_atomically(readme, _README.encode())
        write_atomically(path, data, mode=0o600 if RESTRICTED_FOLDER in PurePath(name).parts else None)
        made(os.path.relpath(path))
    _remove_unwanted(project, found, reports, made)


def _remove_unwanted(
    project: Project, found: Seeds, reports: Collection[str], made: Callable[[str], None]
) -> None:
    for report in sorted(reports):
        for folder in (FOLDER, f"{RESTRICTED_FOLDER}/{FOLDER}"):
            name = f"{folder}/{report}.jsonl"
            path: Path = project.seeds / name
            if name not in found.files and path.is_file():
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                made(f"{os.path.relpath(path)} (removed)")
