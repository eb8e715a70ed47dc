"""Descriptions with nothing unusual in them, taken without making a tree of each: there are many.

What is not plainly right is left to the reader, which says what is wrong with it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from kg import dates, nt, values
from kg.fields import SPECIAL
from kg.model import Access, Entity, Episode, Report, Source
from kg.namespaces import expand
from kg.nodes import Map, Scalar
from kg.ontology import Ontology
from kg.problems import Location
from kg.seeds import _OTHER_IRIS, PUBLISHER, _Reader, _Seed
from kg.terms import KG

_ENTITY: Final = ({"key", "label"}, {"key", "label", "report"}, {"key", "unnamed", "report"})
_REPORT: Final = {"key", "title", "published"}
_OF_REPORT: Final = {"publisher", "language", "type", "url", "archive-url", "retrieved"}
_SOURCE: Final = {"report", "key", "speaker"}
_OF_SOURCE: Final = {"label", "basis", "relation", "learned-from"}
_KEYS: Final = {"class", "label", "unnamed", *_REPORT, *_OF_REPORT, *_SOURCE, *_OF_SOURCE}
_match_key: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*").fullmatch
_PUBLISHER: Final = expand("dcterms:publisher")


class Plain(NamedTuple):
    """A line of plain texts: the class of what it describes, and what it says of it."""

    section: str
    texts: dict[str, str]

    def line(self) -> bytes:
        """Give a line that says the same."""
        return json.dumps({"class": self.section, **self.texts}).encode()


def plain(line: bytes, found: Mapping[str, Any]) -> Plain | None:
    """Give the texts of a decoded line, if all of it are texts that begin with a letter or a digit.

    Whether it holds characters that no seed may hold is for the caller to see.
    """
    if not found.keys() <= _KEYS or line.count(b'"') != 4 * len(found) or b"\\" in line:
        return None
    if not all(text.__class__ is str and text[:1].isalnum() for text in found.values()):
        return None
    texts = dict(found)
    section, key = texts.pop("class"), texts.get("key", "")
    is_key = _match_key(key) and unicodedata.is_normalized("NFC", key) and key not in SPECIAL
    return Plain(section, texts) if is_key else None


class _Waiting(NamedTuple):
    """What has to wait for something that it names."""

    path: str
    number: int
    plain: Plain
    seed: _Seed

    @property
    def where(self) -> Location:
        return Location(self.path, self.number, 1)


class Plainly:
    """Gives the reader what lines describe plainly, in the reader's two passes."""

    def __init__(
        self, reader: _Reader, ontology: Ontology, base: str, access: Callable[[str, str], Access]
    ) -> None:
        """Take the reader, and what gives the access mark that a report in a file may only narrow."""
        self._reader = reader
        self._ontology = ontology
        self._base = base
        self._access = access
        self._of_reports: list[tuple[str, int, Plain]] = []
        self._reports: list[_Waiting] = []
        self._sources: list[_Waiting] = []

    def declare(self, path: str, number: int, found: Plain) -> bool:
        """Take what stands by itself; what belongs to a report has to wait. False if it is not plain enough."""
        section, texts = found
        if section == "report":
            return self._report(path, number, found)
        if "report" in texts or section == "source":
            self._of_reports.append((path, number, found))
            return True
        reader = self._reader
        where = Location(path, number, 1)
        if texts.keys() != _ENTITY[0]:
            return False
        key, label = texts["key"], texts["label"]
        if section == "episode":
            if key in reader._episodes:
                return False
            access = reader._default_access(path)
            reader._episodes[key] = Episode(f"{self._base}episode_{key}", label, access, where)
            return True
        iri = self._base + key
        if section not in self._ontology.classes or iri in reader._entities:
            return False
        class_iri = self._ontology.classes[section].iri
        reader._entities[iri] = Entity(
            iri, class_iri, label, access=reader._default_access(path), where=where
        )
        return True

    def attach(self) -> Iterator[tuple[str, int, Plain]]:
        """Take what belongs to reports, when all reports are there; give what is not plain enough."""
        for path, number, found in self._of_reports:
            owner = self._reader._owners.get(found.texts.get("report", ""))
            taken = owner is not None and (
                self._link(path, number, found, owner)
                if found.section == "source"
                else self._member(path, number, found, owner)
            )
            if not taken:
                yield path, number, found
        self._of_reports = []

    def resolve(self) -> Iterator[_Waiting]:
        """Take what names others, when all are there; give what is not plain enough, and what it belongs to."""
        for waiting in self._reports:
            if not self._publish(waiting):
                yield waiting
        for waiting in self._sources:
            if not self._speak(waiting):
                yield waiting
        self._reports, self._sources = [], []

    # ------------------------------------------------------------ reports

    def _report(self, path: str, number: int, found: Plain) -> bool:
        texts, reader = found.texts, self._reader
        key = texts["key"]
        if (
            not _REPORT <= texts.keys() <= _REPORT | _OF_REPORT
            or key in _OTHER_IRIS
            or key in reader._reports
        ):
            return False
        kind = texts.get("type", "article")
        if "publisher" not in texts and kind == "article":
            return False
        try:
            _check_date(texts["published"])
            _check_date(texts.get("retrieved", texts["published"]))
            _check_language(texts.get("language", "en"))
            for name in ("url", "archive-url"):
                if name in texts:
                    values.web_address(texts[name])
        except ValueError:
            return False
        access, where = reader._default_access(path), Location(path, number, 1)
        report = Report(
            f"{self._base}report_{key}",
            texts["title"],
            kind,
            texts["published"],
            language=texts.get("language"),
            url=texts.get("url"),
            archive_url=texts.get("archive-url"),
            retrieved=texts.get("retrieved"),
            access=access,
            where=where,
        )
        seed = _Seed(path, Map((), where), access, report)
        seed.sources[PUBLISHER] = f"{self._base}source_{key}_{PUBLISHER}"
        reader._reports[key] = report
        reader._owners[key] = seed
        self._reports.append(_Waiting(path, number, found, seed))
        return True

    def _publish(self, waiting: _Waiting) -> bool:
        seed, reader, key = waiting.seed, self._reader, waiting.plain.texts.get("publisher")
        report = seed.report
        if report is None:
            return False
        label = report.title
        named: tuple[tuple[str, Location], ...] = ()
        if key is not None:
            publisher = self._entity(seed, key)
            if publisher is None:
                return False
            label, where = publisher.label, waiting.where
            named = ((_PUBLISHER, where),)
            report = reader._reports[seed.key] = seed.report = replace(
                report, publisher=publisher.iri, positions=named
            )
        iri = seed.sources[PUBLISHER]
        spoken = tuple((KG.speaker, place) for _, place in named)
        reader._sources[iri] = Source(
            iri, label, report.publisher, access=seed.access, where=report.where, positions=spoken
        )
        finish(seed)
        return True

    def _entity(self, seed: _Seed, key: str) -> Entity | None:
        return seed.entities.get(key) or self._reader._entities.get(self._base + key)

    # ------------------------------------------------------------ what belongs to a report

    def _member(self, path: str, number: int, found: Plain, owner: _Seed) -> bool:
        section, texts = found
        key, report = texts["key"], owner.report
        if report is None or section not in self._ontology.classes or texts.keys() not in _ENTITY:
            return False
        label = texts.get("unnamed")
        iri = f"{self._base}{owner.key}_{key}" if label else self._base + key
        if iri in self._reader._entities:
            return False
        access = min(self._access(path, owner.key), report.access)
        entity = Entity(
            iri,
            self._ontology.classes[section].iri,
            label or texts["label"],
            label is not None,
            access=access,
            where=Location(path, number, 1),
        )
        self._reader._entities[iri] = entity
        if label:
            owner.entities[key] = entity
        return True

    def _link(self, path: str, number: int, found: Plain, owner: _Seed) -> bool:
        texts = found.texts
        key = texts["key"]
        if not _SOURCE <= texts.keys() <= _SOURCE | _OF_SOURCE:
            return False
        iri = f"{self._base}source_{owner.key}_{key}"
        name = Scalar(key, True, Location(path, number, 1))
        if self._reader._links.setdefault(iri, name) is not name:
            return False
        owner.sources[key] = iri
        self._sources.append(_Waiting(path, number, found, owner))
        return True

    def _speak(self, waiting: _Waiting) -> bool:
        path, _, (_, texts), owner = waiting
        speaker, report = self._entity(owner, texts["speaker"]), owner.report
        inward, basis = texts.get("learned-from"), texts.get("basis", "unknown")
        if report is None or speaker is None or (inward is not None and inward not in owner.sources):
            return False
        if "basis" in texts and basis not in self._reader._choices.get(KG.basis, ()):
            return False
        iri, where = owner.sources[texts["key"]], waiting.where
        self._reader._sources[iri] = Source(
            iri,
            texts.get("label", speaker.label),
            speaker.iri,
            basis,
            texts.get("relation"),
            owner.sources[inward] if inward else None,
            min(self._access(path, owner.key), report.access),
            where=where,
            positions=((KG.speaker, where),),
        )
        return True


def finish(seed: _Seed) -> None:
    """Forget what nobody asks for any more: there may be many."""
    del seed.tree, seed.used, seed.declared, seed.happened, seed.linked, seed.made


@lru_cache(1 << 14)
def _check_date(text: str) -> None:
    dates.parse(text)


@lru_cache(1 << 10)
def _check_language(tag: str) -> None:
    nt.literal("", language=tag)
