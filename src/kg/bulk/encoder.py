"""The fast way from a decoded line to the pieces of its assertion, for lines with nothing unusual in them.

Whatever it does not know for certain it leaves to the reader of single lines. It says the same as that
reader or nothing: the first line of each shape is worked out both ways (`kg.bulk.reading`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, TypeAlias

from kg import nt, records, values
from kg.access import _Projection
from kg.bulk.declared import Declared
from kg.bulk.form import Form, piece
from kg.bulk.watched import Reached, Watched
from kg.model import Access, Evidence
from kg.namespaces import expand
from kg.ontology import Ontology, Property
from kg.seeds import PUBLISHER
from kg.terms import KG
from kg.unknowns import unknown_entity

Shape: TypeAlias = tuple[str, ...]
"""The keys of a record, in their order."""

_MEMORY = 1 << 14
"""How many values of one kind are remembered."""
_MAX_OFFSET = 10**15
_UNTIED: tuple[Sequence[bytes], Sequence[bytes]] = ((), ())
_NEEDED = {"subject", "predicate", "object", "report", "digest"}
_SPAN = {"start", "end"}
_ROW = {"row", "file"}
_SPECIAL = ("unknown", "none-given", "refused")
_ABSENT = {"none-given": KG.noneGiven, "refused": KG.refused}
_CHOICES = {"polarity": KG.polarity, "certainty": KG.certainty, "method": KG.method}
_DEFAULTS = {"polarity": "affirmed", "certainty": "stated", "method": "curated"}
_TEXTS = {"engine": KG.engine, "reviewer": KG.reviewer, "note": expand("skos:note")}
_MARKS = {"public": Access.PUBLIC, "restricted": Access.RESTRICTED}
_FIXED = {
    *_CHOICES.values(), *_TEXTS.values(), KG.toldBy, KG.evidence, KG.episode, KG.minMonths, KG.maxMonths,
    *map(expand, (
        "rdf:type", "rdf:subject", "rdf:predicate", "rdf:object", "prov:wasDerivedFrom", "dcterms:accessRights",
        "schema:minValue", "schema:maxValue", "sem:hasEarliestBeginTimeStamp", "sem:hasLatestEndTimeStamp",
    )),
}  # fmt: skip
_is_digest = re.compile("[0-9a-f]{64}").fullmatch
_is_column = re.compile("[A-Z]{1,3}").fullmatch
_is_plain = re.compile("[A-Za-z0-9-]+").fullmatch


class UnusualError(Exception):
    """A line that has to be read the exact way."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with lines of one shape."""

    told_by: bool
    access: bool
    episode: bool
    row: bool
    """Whether the evidence is the row of a table; it is a span otherwise."""
    sheet: bool
    column: bool
    plain: bool
    """Whether polarity, certainty and method are left to their defaults."""
    extra: bool
    """Whether there are texts or qualifiers."""
    texts: tuple[str, ...]
    qualifiers: tuple[str, ...]
    """In the order of their IRIs."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What predicate, polarity, certainty and method have in common for all assertions that share them."""

    predicate: Property
    name: bytes
    before: bytes
    """Between subject and object in the JSON of which the digest is made."""
    after: bytes
    """Between the object and the qualifiers."""
    views: tuple[bytes, ...]
    """Between subject and object of each line of the view: of the predicate and of all above it."""
    end: bytes
    """The end of such a line."""


@dataclass(frozen=True, slots=True)
class _Report:
    key: str
    iri: bytes
    public: bool
    length: int
    """Of its text; unbounded where that is not known."""
    access: Access
    """Of an assertion that says nothing of it."""
    json: bytes
    """Between the qualifiers and the source in the JSON of which the digest is made."""
    unnamed: Mapping[str, bytes]
    sources: Mapping[str, tuple[bytes, bytes | None]]
    """IRIs: its own, and the one that is published."""


class Encoder:
    """Encodes records, and keeps account of what they reach."""

    def __init__(
        self,
        declared: Declared,
        ontology: Ontology,
        choices: Mapping[str, tuple[str, ...]],
        form: Form,
        base: str,
        *,
        include_restricted: bool,
        watched: Watched,
        as_lines: bool,
    ) -> None:
        """Begin with nothing reached; with `as_lines`, give lines where otherwise a record is given."""
        self._form = form
        self._as_lines = as_lines
        self._ontology = ontology
        self._declared = declared
        self._base = base
        self._all = include_restricted
        self._silent, self._corrected = watched.silent, watched.corrected
        self._watches = bool(watched.silent or watched.corrected)
        self._projection = _Projection(replace(declared.corpus, assertions=()), base)
        self._choices = {name: frozenset(choices.get(iri, ())) for name, iri in _CHOICES.items()}
        taken = {*records.OWN_KEYS, *records.SHARED_KEYS, *records.EVIDENCE_KEYS, *ontology.qualifiers}
        self._predicates = {key: one for key, one in ontology.predicates.items() if key not in taken}
        self._heads: dict[tuple[str, str, str, str], _Head] = {}
        self._plain_heads: dict[str, _Head] = {}
        self._episodes = {key: iri.encode() for key, iri in declared.episodes.items()}
        self._hidden = {e.iri.encode() for e in declared.corpus.episodes if e.access is not Access.PUBLIC}
        self._entities: dict[str, bytes] = {}
        self._reports: dict[str, _Report] = {}
        self._path = ""
        self._literal = lru_cache(_MEMORY)(self._new_literal)
        self._qualifier = lru_cache(_MEMORY)(self._new_qualifier)
        self._text = lru_cache(_MEMORY)(_new_text)
        self._tied = lru_cache(_MEMORY)(self._new_tie)
        self._table = lru_cache(_MEMORY)(self._new_table)
        self._reached = Reached()
        self.names: dict[bytes, bytes | None] = {}
        """The digests under which assertions that others correct are published; None for what is not."""
        self.left_out = 0
        """How many assertions are not published."""
        self._in_episode = nt.iri(KG.episode).encode() + b" <"

    def begin(self, path: str) -> None:
        """Go on with the lines of another file, where what says nothing of access may have another mark."""
        if path != self._path:
            self._path = path
            self._reports = {}

    def take_reached(self) -> Reached:
        """Give what published assertions have reached since this was asked last."""
        reached, self._reached = self._reached, Reached()
        return reached

    # ------------------------------------------------------------ one line

    def encode(
        self, line: Mapping[str, Any], plan: Plan, position: int
    ) -> tuple[bytes, Sequence[bytes]] | None:
        """Give what `Said` holds of a line, or None if it is not published.

        Raises:
            UnusualError, LookupError, ValueError, TypeError: it has to be read the exact way.
        """
        report = self._reports.get(line["report"]) or self._report(line["report"])
        entities, unnamed = self._entities, report.unnamed
        key = line["subject"]
        subject = (unnamed and unnamed.get(key)) or entities.get(key) or self._entity(key)
        head = self._plain_heads.get(line["predicate"]) if plan.plain else None
        if head is None:
            head = self._head(line, plan)
        digest = line["digest"]
        if not _is_digest(digest):
            raise UnusualError
        digest = digest.encode()
        if plan.row:
            place, evidence = self._row(line, plan, report.iri, digest)
        else:
            start, end = line["start"], line["end"]
            if (
                start.__class__ is not int
                or end.__class__ is not int
                or not 0 <= start < end <= report.length
            ):
                raise UnusualError
            where = (report.iri, start, end, digest)
            place = sha256(b"%b\n%d\n%d\n%b\n" % where).hexdigest()[:32].encode()
        access = _MARKS[line["access"]] if plan.access else report.access
        source, shown = report.sources[line["told-by"] if plan.told_by else PUBLISHER]
        value = line["object"]
        made: Sequence[bytes] = ()
        views = head.views
        if head.predicate.takes_entity and value not in _SPECIAL:
            object_ = (unnamed and unnamed.get(value)) or entities.get(value) or self._entity(value)
            party, object_ = object_, b"<" + object_ + b">"
            object_json = object_
        elif value == "unknown":
            party, made = self._unknown(line, report, subject, head.predicate, access)
            object_ = object_json = b"<" + party + b">"
        else:
            party = b""
            object_, object_json, absent = self._literal(head.predicate.key, value, value.__class__)
            if absent:
                views = ()

        narrowed = b""
        more: Sequence[bytes] = ()
        if plan.extra:
            narrowed, more = self._narrowed(line, plan)
        tied: tuple[Sequence[bytes], Sequence[bytes]] = _UNTIED
        if plan.episode:
            value = line["episode"]
            tied = self._tied(*(value if value.__class__ is list else (value,)))
        before = b"".join((b'["', subject, head.before, object_json, head.after, narrowed, report.json))
        after = b'","%b"]' % digest
        if self._watches:
            own = _named(before + source + after)
            if own in self._silent:
                if self._all:
                    views = ()
                else:
                    shown = None
        if self._all:
            if access is Access.RESTRICTED:
                more = (*more, self._form.restricted)
        else:
            hidden = self._hidden
            if (
                shown is None or access is not Access.PUBLIC or not report.public
                or (hidden and (subject in hidden or party in hidden))
            ):  # fmt: skip
                self.left_out += 1
                if self._watches and own in self._corrected:
                    self.names.setdefault(own, None)
                return None
            source = shown
        name = sha256(before + source + after).hexdigest()[:32].encode()
        if self._watches and own in self._corrected:
            self.names[own] = name
        reached = self._reached
        if tied is not _UNTIED:
            reached.episodes.update(tied[0])
            more = (*more, *tied[1])
        reached.entities.add(subject)
        if party and not made:
            reached.entities.add(party)
        reached.reports.add(report.iri)
        reached.sources.add(source)

        form = self._form
        if self._as_lines and not plan.row:
            record = form.text(name, place, where, subject, head.name, object_, source, more)
        else:
            if not plan.row:
                evidence = b"%b\x01%d\x01%d\x01%b" % where
            record = form.record(
                name, position, place, evidence, subject, head.name, object_, report.iri, source, more
            )
            if self._as_lines:
                record = form.lines(record)
        if not views:
            return record, made
        lines = [b"<" + subject + view + object_ + head.end for view in views]
        return record, [*lines, *made] if made else lines

    def _row(self, line: Mapping[str, Any], plan: Plan, report: bytes, digest: bytes) -> tuple[bytes, bytes]:
        """Give the digits that end the IRI of the row of a table, and what its record has."""
        row = line["row"]
        if row.__class__ is not int or not 0 < row <= _MAX_OFFSET:
            raise UnusualError
        sheet = column = ""
        if (plan.sheet and not (sheet := line["sheet"])) or (plan.column and not (column := line["column"])):
            raise UnusualError
        before, after, evidence = self._table(line["file"], sheet, column)
        number = b"%d" % row
        text = b"".join((report, b"\n0\n0\n", digest, before, number, after))
        return sha256(text).hexdigest()[:32].encode(), evidence % (report, digest, number)

    def _new_table(self, file: str, sheet: str, column: str) -> tuple[bytes, bytes, bytes]:
        """Give what names rows of a table beside their digests and numbers, and their evidence to be filled in."""
        for text in (file, sheet) if sheet else (file,):
            _require_visible(text)
            if text.__class__ is not str or not text.isprintable():
                raise UnusualError
        if "/" in file or "\\" in file or (column and not _is_column(column)):
            raise UnusualError
        before, after = f"\n\n{file}\n{sheet}\n", f"\n{column}"
        return before.encode(), after.encode(), self._form.row(file, sheet, column)

    def _narrowed(self, line: Mapping[str, Any], plan: Plan) -> tuple[bytes, list[bytes]]:
        """Give the JSON of qualifiers, and the pieces of these and of texts."""
        pairs, pieces = [], []
        for key in plan.qualifiers:
            pair, each = self._qualifier(key, line[key], line[key].__class__)
            pairs.append(pair)
            pieces.append(each)
        for key in plan.texts:
            pieces.append(self._text(key, line[key]))
        return b",".join(pairs), pieces

    def _new_tie(self, *keys: str) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Give the IRIs of those episodes that are published, and the pieces that name them."""
        found = dict.fromkeys(self._episodes[key] for key in keys)
        shown = [iri for iri in found if self._all or iri not in self._hidden]
        return shown, [self._in_episode + iri + b">" for iri in shown]

    def _unknown(
        self, line: Mapping[str, Any], report: _Report, subject: bytes, predicate: Property, access: Access
    ) -> tuple[bytes, Sequence[bytes]]:
        """Give the IRI of the unnamed entity that one "unknown" stands for, and its lines."""
        if not predicate.takes_entity:
            raise UnusualError
        declared = self._declared.entities
        place = Evidence("", line["start"], line["end"], line["digest"])
        made = unknown_entity(
            declared[subject.decode()], predicate, report.key, place, access, self._base, self._ontology
        )
        if made.iri in declared:
            raise UnusualError
        lines = self._form.described(made)
        if self._all and made.access is Access.PUBLIC and not self._as_lines:
            lines.append(self._form.opening(made.iri))
        return made.iri.encode(), lines

    # ------------------------------------------------------------ what is looked up once

    def _entity(self, key: str) -> bytes:
        entity = self._declared.entities[self._base + key]
        iri = nt.iri(entity.iri)[1:-1].encode()
        if entity.access is not Access.PUBLIC:
            self._hidden.add(iri)
        self._entities[key] = iri
        return iri

    def _report(self, key: str) -> _Report:
        declared = self._declared
        report = declared.report(key)
        iri = nt.iri(report.iri)[1:-1].encode()
        found = self._reports[key] = _Report(
            key,
            iri,
            self._projection._is_public_report(report),
            report.text.end if report.text else _MAX_OFFSET,
            declared.access(self._path, key),
            b'],"' + iri + b'","',
            {
                short: self._entity(e.iri.removeprefix(self._base))
                for short, e in declared.unnamed(key).items()
            },
            {short: self._source(source) for short, source in declared.sources(key).items()},
        )
        return found

    def _source(self, iri: str) -> tuple[bytes, bytes | None]:
        shown = self._projection._source(iri)
        return iri.encode(), shown.iri.encode() if shown else None

    def _head(self, line: Mapping[str, Any], plan: Plan) -> _Head:
        key, polarity, certainty, method = (
            line["predicate"], *(line.get(name, default) for name, default in _DEFAULTS.items())
        )  # fmt: skip
        found = self._heads.get((key, polarity, certainty, method))
        if found is None:
            found = self._heads[key, polarity, certainty, method] = self._new_head(
                key, polarity, certainty, method
            )
        if plan.plain:
            self._plain_heads[key] = found
        return found

    def _new_head(self, key: str, polarity: str, certainty: str, method: str) -> _Head:
        predicate = self._predicates[key]
        for name, chosen in zip(_CHOICES, (polarity, certainty, method), strict=True):
            if chosen not in self._choices[name] or not _is_plain(chosen):
                raise UnusualError
        above = dict.fromkeys((predicate.iri, *predicate.supers)) if polarity == "affirmed" else ()
        end = self._form.ends["view" if certainty == "stated" else "alleged"]
        return _Head(
            predicate,
            f"{key} {polarity} {certainty} {method}".encode(),
            f'","{nt.iri(predicate.iri)[1:-1]}","'.encode(),
            f'","{polarity}","{certainty}",['.encode(),
            tuple(f"> {nt.iri(each)} ".encode() for each in above),
            end.removesuffix(b"\n"),
        )

    def _new_literal(self, key: str, value: str | int | bool, kind: type) -> tuple[bytes, bytes, bool]:
        """Give a literal, or what says that there is none; the same within JSON; and whether there is none."""
        text = _as_typed(value)
        if text in _ABSENT:
            absent = nt.iri(_ABSENT[text]).encode()
            return absent, absent, True
        if text in _SPECIAL or self._predicates[key].takes_entity:
            raise UnusualError
        literal = _literal(text, self._predicates[key])
        if self._base in literal:
            raise UnusualError  # what looks like an entity may be hidden like one
        return literal.encode(), encode_basestring(literal)[1:-1].encode(), False

    def _new_qualifier(self, key: str, value: str | int | bool, kind: type) -> tuple[bytes, bytes]:
        """Give the JSON of a qualifier and its piece."""
        qualifier = self._ontology.qualifiers[key]
        literal = _literal(_as_typed(value), qualifier)
        return f'["{qualifier.iri}",{encode_basestring(literal)}]'.encode(), piece(qualifier.iri, literal)


def _named(text: bytes) -> bytes:
    return sha256(text).hexdigest()[:32].encode()


def _as_typed(value: str | int | bool) -> str:
    """Give a number or a truth value as a file has it."""
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ not in (str, int):
        raise UnusualError
    return str(value)


def _literal(text: str, property_: Property) -> str:
    _require_visible(text)
    return values.literal(text, property_.range)


def _new_text(key: str, text: str) -> bytes:
    if text.__class__ is not str:
        raise UnusualError
    _require_visible(text)
    return piece(_TEXTS[key], nt.literal(text))


def _require_visible(text: str) -> None:
    """Go on with text of which the first character is a letter or a digit: such a one is not empty."""
    if not text[:1].isalnum():
        raise UnusualError


def plan(shape: Shape, ontology: Ontology) -> Plan | None:
    """Give what to do with lines of a shape, or None if they have to be read the exact way."""
    known = set(shape)
    row = "row" in known
    needed = _NEEDED | (_ROW if row else _SPAN)
    if not known >= needed:
        return None
    rest = known - needed - {"told-by", "access", "episode", *_CHOICES, *_TEXTS}
    if row:
        rest -= {"sheet", "column"}
    if not rest <= ontology.qualifiers.keys():
        return None
    qualifiers = sorted((ontology.qualifiers[key] for key in rest), key=lambda qualifier: qualifier.iri)
    if any(qualifier.iri in _FIXED for qualifier in qualifiers):
        return None
    texts = tuple(key for key in _TEXTS if key in known)
    return Plan(
        told_by="told-by" in known,
        access="access" in known,
        episode="episode" in known,
        row=row,
        sheet="sheet" in known,
        column="column" in known,
        plain=known.isdisjoint(_CHOICES),
        extra=bool(texts or qualifiers),
        texts=texts,
        qualifiers=tuple(qualifier.key for qualifier in qualifiers),
    )
