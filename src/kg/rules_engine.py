"""The rules of `kg.extract` as an engine: facts in the words of a text become proposals."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import kg.extract
from kg.extract.gazetteer import Gazetteer, Name
from kg.extract.rules import ENGINE, extract
from kg.extract.values import NONE_GIVEN, UNKNOWN, Fact
from kg.model import Corpus
from kg.ontology import Ontology
from kg.proposals import Absent, Mention, Object, Proposal, Setting, Teller

_DETENTION: Final = frozenset(("detained-at", "detained-by", "held-at", "released-from"))
_CASE: Final = frozenset((*_DETENTION, "accused-of", "charged-with", "sentenced-by", "sentenced-to"))
_LENGTH: Final = re.compile(r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?")
_UNITS: Final = ("year", "month", "week", "day")
_BODY: Final = re.compile(
    r"\b(agency|army|association|authorit|bureau|club|command|commission|committee|council|court|department"
    r"|embassy|force|government|group|ministry|office|organi[sz]ation|parliament|party|police|press|prison"
    r"|prosecut|reuters|service|union|university)",
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(
    r"\b(activists|experts|families|family|friends|hundreds|dozens|lawyers|leaders|neighbou?rs|officials"
    r"|parents|people|politicians|relatives|reporters|residents|sources|supporters|witnesses|workers)\b",
    re.IGNORECASE,
)
_NOT_A_NAME: Final = re.compile(
    r"(a|an|another|her|his|its|local|many|one|other|our|several|some|the|their|two)\b|[a-z]", re.IGNORECASE
)


@dataclass(frozen=True)
class RulesEngine:
    """Reads a text by rules: offline, with no model, the same result every time."""

    ontology: Ontology
    gazetteer: Gazetteer

    @property
    def name(self) -> str:
        """Always ``rules``."""
        return ENGINE

    @cached_property
    def version(self) -> str:
        """The first digits of a digest of the rules."""
        folder = Path(kg.extract.__file__).parent
        files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:8]

    @property
    def sends_to(self) -> str:
        """Nowhere."""
        return ""

    def notes(self) -> Sequence[str]:
        """Nothing."""
        return ()

    def propose(self, text: str, published: datetime.date | None, language: str) -> Iterator[Proposal]:
        """Give what the text says by the rules of its language; English where nobody knows which it is.

        Raises:
            UnknownLanguageError: there are no rules for the language.
        """
        day = published.isoformat() if published else None
        tag = language.partition("-")[0].lower() or "en"
        found = extract(text, published=day, language=tag, gazetteer=self.gazetteer)
        yield from _Translator(self.ontology, found).proposals()


def engine(setting: Setting, argument: str) -> RulesEngine:
    """Give the engine with the names that the project knows; there is nothing to set by `argument`."""
    return RulesEngine(setting.ontology, Gazetteer.of(_names(setting.corpus, setting.ontology)))


def _names(corpus: Corpus, ontology: Ontology) -> Iterator[Name]:
    kinds = {class_.iri: class_.key for class_ in ontology.classes.values()}
    for entity in corpus.entities:
        if not entity.unnamed:
            for name in (entity.label, *entity.also, *(text for _, text in entity.names)):
                yield Name(name, kinds.get(entity.class_iri, "person"))


@dataclass(frozen=True)
class _Translator:
    """Turns the facts of one text into proposals."""

    ontology: Ontology
    facts: Sequence[Fact]

    def proposals(self) -> Iterator[Proposal]:
        for fact in self.facts:
            subject = _mention(fact.subject.name, fact.subject.kind, fact.subject.also)
            yield Proposal(
                subject,
                fact.predicate,
                self._object(fact),
                fact.start,
                fact.end,
                tuple(sorted(self._qualifiers(fact).items())),
                tuple(Teller(self._teller(name)) for name in fact.attribution),
                fact.certainty,
                "affirmed" if fact.object == NONE_GIVEN else fact.polarity,
                self._event(fact, subject),
                fact.date.text if fact.date and fact.date.how != "written" else "",
                fact.rule,
                min(1.0, max(0.0, fact.score)),
            )

    def _object(self, fact: Fact) -> Object:
        if fact.object == NONE_GIVEN:
            return Absent.NONE_GIVEN
        if fact.object == UNKNOWN:
            return Absent.UNKNOWN
        predicate = self.ontology.predicates.get(fact.predicate)
        if predicate is not None and predicate.takes_entity:
            return _mention(fact.object, fact.object_kind)
        return term(fact.object) if fact.object_kind == "term" else fact.object

    def _qualifiers(self, fact: Fact) -> Mapping[str, str]:
        found = {key: text for key, text in fact.qualifiers.items() if key in self.ontology.qualifiers}
        if fact.date is not None:
            found["date"] = fact.date.edtf
            if fact.date.how != "written":
                found["inferred"] = "true"
        return found

    def _teller(self, name: str) -> Mention:
        known = self._kinds.get(name)
        if known is not None:
            return _mention(name, known)
        words = name.strip("[]")
        if name.startswith("[") or _NOT_A_NAME.match(words):
            kind = "group" if _SEVERAL.search(words) else "organization" if _BODY.search(words) else "person"
            return Mention(words, kind, unnamed=True)
        return Mention(words, "organization" if _BODY.search(words) or words.isupper() else "person")

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        agents = ("person", "group", "organization", "court")
        subjects = {fact.subject.name: fact.subject.kind for fact in self.facts}
        objects = {fact.object: fact.object_kind for fact in self.facts}
        return {name: kind for name, kind in (objects | subjects).items() if kind in agents}

    def _event(self, fact: Fact, subject: Mention) -> str:
        """Tie what is told of one arrest; of somebody who was arrested twice, a person has to say which."""
        if fact.predicate not in _CASE or len(self._dates[fact.subject.name]) > 1:
            return ""
        return f"case of {subject.words}"

    @cached_property
    def _dates(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for fact in self.facts:
            if fact.predicate in _DETENTION and fact.predicate != "released-from" and fact.date:
                found[fact.subject.name].add(fact.date.edtf)
        return found


def _mention(name: str, kind: str, also: Iterable[str] = ()) -> Mention:
    if name.startswith("["):
        return Mention(name.strip("[]"), kind, unnamed=True, also=tuple(also))
    return Mention(name, kind, also=tuple(also))


def term(text: str) -> str:
    """Give a term in the words of seeds.

    >>> term("P13Y4M"), term("P5Y"), term("life")
    ('13 years 4 months', '5 years', 'life')
    """
    match = _LENGTH.fullmatch(text)
    if match is None or text == "P":
        return text
    numbers = zip(match.groups(), _UNITS, strict=True)
    return " ".join(f"{number} {unit}{'' if number == '1' else 's'}" for number, unit in numbers if number)
