"""Assertions as records: what is kept of each until the whole is sorted, and its lines of N-Quads.

All lines of one subject stand together in the sorted file. So an assertion is kept in one short line of
fields, which begins with its digest; its lines are written out when its place in the file has come:

    digest, position, place, evidence, subject, head, object, report, source, further pieces …
    digest, position, place, evidence, *, pieces …

`position` is where it is said (`kg.bulk.positions`), `place` the digits that end the IRI of its evidence,
`head` names predicate, polarity, certainty and method, and a piece is a predicate and its object.
The evidence is report, start, end and digest of a span, or pieces of its own. No N-Triples text holds a
control character, so these divide the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from kg import columns, nt, rdf
from kg.model import Assertion, Corpus, Entity, Evidence
from kg.namespaces import EDTF, XSD_NON_NEGATIVE, expand
from kg.ontology import Ontology
from kg.terms import KG

FIELD: Final = b"\t"
PART: Final = b"\x01"
"""Divides the parts of evidence."""
_GROUP: Final = b"\x02"
_WHOLE: Final = b"*"
_BOUNDED: Final = tuple(nt.iri(datatype).encode() for datatype in (EDTF, KG.Term, KG.Quantity))
_MEMORY: Final = 1 << 14


Span: TypeAlias = tuple[bytes, int, int, bytes]
"""The report, start, end and digest of a span."""


class Said(NamedTuple):
    """One assertion: its record, and the other lines that it yields (its view, and an entity that it makes)."""

    record: bytes
    lines: tuple[bytes, ...]


def term(curie: str) -> bytes:
    """Give the N-Triples text of a CURIE."""
    return nt.iri(expand(curie)).encode()


def piece(property_: str, object_: str) -> bytes:
    """Give a piece, of the IRI of a property and a term."""
    return f"{nt.iri(property_)} {object_}".encode()


def span(evidence: Evidence) -> bytes:
    """Give a span as its record has it."""
    return PART.join(
        map(str.encode, (evidence.report, str(evidence.start), str(evidence.end), evidence.digest))
    )


class Form:
    """The parts of lines that are the same for all assertions of a project."""

    def __init__(self, base: str, ontology: Ontology) -> None:
        """Write them down once."""
        self._base = base
        self._ontology = ontology
        # Axioms and labels stand in the file once, and not once for each assertion.
        self._bare = replace(ontology, axioms=(), labels={})
        self.assertion = f"<{base}assertion_".encode()
        self.evidence = f"<{base}evidence_".encode()
        self.selector = f"<{base}selector_".encode()
        self.ends = {name: f" {nt.iri(rdf.graph_iri(name, base))} .\n".encode() for name in rdf.GRAPHS}
        self._end = self.ends["assertions"]
        self.restricted = piece(expand("dcterms:accessRights"), nt.literal("restricted"))
        self._open = term("dcterms:accessRights") + b" !" + self._end.removesuffix(b"\n")
        self._has_evidence = nt.iri(KG.evidence).encode() + b" " + self.evidence
        self._has_selector = term("oa:hasSelector") + b" " + self.selector
        self._subject = term("rdf:subject") + b" <"
        self._object = term("rdf:object") + b" "
        self._report = term("prov:wasDerivedFrom") + b" <"
        self._source = nt.iri(KG.toldBy).encode() + b" <"
        always = ("rdf:type", "rdf:subject", "rdf:predicate", "rdf:object", "prov:wasDerivedFrom")
        structural = (KG.polarity, KG.certainty, KG.method, KG.toldBy, KG.evidence)
        self._always = (*map(term, always), *(nt.iri(iri).encode() for iri in structural))
        self._heads: dict[bytes, tuple[bytes, bytes, bytes, bytes, bytes]] = {}
        self._bounds = lru_cache(_MEMORY)(_bounds)
        # In the order of the sorted lines.
        self._span = self._lines(
            self.evidence,
            term("rdf:type") + b" " + term("oa:SpecificResource"),
            self._has_selector + b"\0>",
            term("oa:hasSource") + b" <\0>",
            term("schema:sha256") + b' "\0"',
        )
        number = b'"\0"^^' + nt.iri(XSD_NON_NEGATIVE).encode()
        self._texts: dict[bytes, bytes] = {}
        self._span_selector = self._lines(
            self.selector,
            term("rdf:type") + b" " + term("oa:TextPositionSelector"),
            term("oa:end") + b" " + number,
            term("oa:start") + b" " + number,
        )

    def _lines(self, subject: bytes, *pieces: bytes) -> bytes:
        """Give lines to be filled in, for pieces in which ``\\0`` stands for a value."""
        return _to_fill_in(b"".join(subject + b"\0> " + each + self._end for each in pieces))

    # ------------------------------------------------------------ records to lines

    def said(self, digest: bytes, pieces: Iterable[bytes]) -> tuple[bytes, bytes, bytes]:
        """Give the sorted lines of an assertion, in parts that need not be copied to be joined."""
        subject = self.assertion + digest + b"> "
        return subject, (self._end + subject).join(sorted(pieces)), self._end

    def pieces(self, body: Sequence[bytes], place: bytes) -> Sequence[bytes]:
        """Give all pieces of an assertion, each once: `body` is what follows the evidence in a record."""
        evidence = self._has_evidence + place + b">"
        if body[0] == _WHOLE:
            return (*body[1:], evidence)
        subject, head, object_, report, source, *more = body
        predicate, type_, certainty, method, polarity = self._heads.get(head) or self._head(head)
        object_ = self._object + object_
        bounds: list[bytes] = []
        bounded = 0
        for each in (object_, *more):
            if each.endswith(_BOUNDED):
                bounds += self._bounds(each)
                bounded += 1
        if bounded > 1:  # two values may have the same bound
            bounds = list(dict.fromkeys(bounds))
        # Nearly in order, for what sorts them.
        return (
            *bounds, object_, predicate, self._subject + subject + b">", type_, self._report + report + b">",
            certainty, *more, evidence, method, polarity, self._source + source + b">",
        )  # fmt: skip

    def varying(self, body: Sequence[bytes]) -> Sequence[bytes]:
        """Give the pieces of an assertion that not every one has, without their bounds."""
        if body[0] == _WHOLE:
            return body[1:]
        return (*body[5:], self._object + body[2]) if body[2].endswith(_BOUNDED) else body[5:]

    def predicates(self, varying: Iterable[bytes]) -> set[bytes]:
        """Give the predicates of assertions of which these are the varying pieces."""
        found = set(self._always)
        for each in varying:
            found.update(every[: every.index(b" ")] for every in (each, *_bounds(each)))
        return found

    def _head(self, head: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        predicate, polarity, certainty, method = head.decode().split(" ")
        pieces = self._heads[head] = (
            piece(expand("rdf:predicate"), nt.iri(self._ontology.predicates[predicate].iri)),
            piece(expand("rdf:type"), nt.iri(KG.Assertion)),
            piece(KG.certainty, nt.literal(certainty)),
            piece(KG.method, nt.literal(method)),
            piece(KG.polarity, nt.literal(polarity)),
        )
        return pieces

    @staticmethod
    def is_span(evidence: bytes) -> bool:
        """Tell whether evidence is a span of a text."""
        return not evidence.startswith(_WHOLE)

    def place(self, place: bytes, evidence: bytes) -> bytes:
        """Give the sorted lines of evidence."""
        if self.is_span(evidence):
            report, _, _, digest = evidence.split(PART)
            return self._span % (place, place, place, place, report, place, digest)
        pieces, selector = _groups(evidence)
        if selector:
            pieces.append(self._has_selector + place + b">")
        return self._together(self.evidence + place, pieces)

    def selected(self, place: bytes, evidence: bytes) -> bytes:
        """Give the sorted lines of the selector of evidence; nothing if it has none."""
        if self.is_span(evidence):
            _, start, end, _ = evidence.split(PART)
            return self._span_selector % (place, place, end, place, start)
        _, selector = _groups(evidence)
        return self._together(self.selector + place, selector) if selector else b""

    def _together(self, subject: bytes, pieces: Iterable[bytes]) -> bytes:
        subject += b"> "
        return subject + (self._end + subject).join(sorted(pieces)) + self._end

    def lines(self, record: bytes) -> bytes:
        """Give all lines of an assertion and of its evidence."""
        digest, _, place, evidence, *body = record.split(FIELD)
        said = self.said(digest, self.pieces(body, place))
        return b"".join((*said, self.place(place, evidence), self.selected(place, evidence)))

    def whole(self, said: Said) -> tuple[bytes, list[bytes]]:
        """Give all lines of an assertion and of its evidence, and the others."""
        return self.lines(said.record), [line for line in said.lines if not self.opens(line)]

    # ------------------------------------------------------------ fields to records, or to lines at once

    def row(self, file: str, sheet: str, column: str) -> bytes:
        """Give evidence to be filled in with the IRI of its report, its digest and the number of its row."""
        cell = f"cell=\0,{columns.number(column)}" if column else "row=\0"
        place = (
            term("rdf:type") + b" " + term("oa:SpecificResource"),
            term("oa:hasSource") + b" <\0>",
            term("schema:sha256") + b' "\0"',
        )
        selector = [
            term("rdf:type") + b" " + term("oa:FragmentSelector"),
            term("dcterms:conformsTo") + b" " + rdf.FRAGMENT_SYNTAX.encode(),
            piece(expand("rdf:value"), f'"{cell}"'),
            piece(expand("dcterms:identifier"), nt.literal(file)),
        ]
        if sheet:
            selector.append(piece(expand("rdfs:label"), nt.literal(sheet)))
        return _to_fill_in(_GROUP.join((_WHOLE, PART.join(place), PART.join(selector))))

    @staticmethod
    def record(
        name: bytes, position: int, place: bytes, evidence: bytes, subject: bytes, head: bytes, object_: bytes,
        report: bytes, source: bytes, more: Sequence[bytes],
    ) -> bytes:  # fmt: skip
        """Give the record of an assertion."""
        return FIELD.join(
            (name, b"%d" % position, place, evidence, subject, head, object_, report, source, *more)
        )

    def text(
        self, name: bytes, place: bytes, where: Span, subject: bytes, head: bytes, object_: bytes, source: bytes,
        more: Sequence[bytes],
    ) -> bytes:  # fmt: skip
        """Give all lines of an assertion and of its evidence, a span, in no order."""
        report, start, end, digest = where
        text = (self._texts.get(head) or self._text(head)) % (
            name, name, name, name, name, name, object_, name, subject, name, report, name, source, name, place,
            place, place, place, place, report, place, digest, place, place, b"%d" % end, place, b"%d" % start,
        )  # fmt: skip
        if object_.endswith(_BOUNDED):
            more = (*more, *self._bounds(self._object + object_))
        if not more:
            return text
        for each in more:
            if each.endswith(_BOUNDED):
                more = (*more, *self._bounds(each))
        subject = self.assertion + name + b"> "
        return text + subject + (self._end + subject).join(more) + self._end

    def _text(self, head: bytes) -> bytes:
        links = (self._subject, self._report, self._source, self._has_evidence)
        varying = (self._object + b"\0", *(each + b"\0>" for each in links))
        said = self._lines(self.assertion, *self._head(head), *varying)
        found = self._texts[head] = said + self._span + self._span_selector
        return found

    def described(self, entity: Entity) -> list[bytes]:
        """Give the lines of an entity."""
        quads = rdf.quads(Corpus(entities=(entity,)), self._bare, self._base)
        return [
            f"{subject} {predicate} {object_} {graph} .".encode()
            for subject, predicate, object_, graph in quads
        ]

    def opening(self, iri: str) -> bytes:
        """Give a line that is none: it says that an entity is open, though another line may mark it as restricted.

        It stands before that line in the order of lines.
        """
        return nt.iri(iri).encode() + b" " + self._open

    def opens(self, line: bytes) -> bool:
        """Tell whether a line is one of `opening`."""
        return line.endswith(self._open)

    def marking(self, opening: bytes) -> bytes:
        """Give the line that one of `opening` undoes."""
        subject = opening.partition(b" ")[0]
        return subject + b" " + self.restricted + self._end.removesuffix(b"\n")

    # ------------------------------------------------------------ assertions to records, by the reference

    def taken_apart(self, assertion: Assertion, made: Sequence[Entity] = (), position: int = 0) -> Said:
        """Give an assertion, and the entities that it makes, of the quads that `kg.rdf` has for them."""
        digest, place = assertion.digest(), rdf.evidence_iri(assertion.evidence, self._base)[-32:]
        ours: dict[str, list[bytes]] = {
            f"<{self._base}{kind}_{name}>": []
            for kind, name in (("assertion", digest), ("evidence", place), ("selector", place))
        }
        lines: list[bytes] = []
        corpus = Corpus(entities=tuple(made), assertions=(assertion,))
        links = (self._has_evidence, self._has_selector)
        for subject, predicate, object_, graph in rdf.quads(corpus, self._bare, self._base):
            each = f"{predicate} {object_}".encode()
            if subject not in ours:
                lines.append(b"%b %b %b ." % (subject.encode(), each, graph.encode()))
            elif not each.startswith(links):
                ours[subject].append(each)
        pieces, of_place, of_selector = (dict.fromkeys(found) for found in ours.values())
        if of_selector and not assertion.evidence.row:
            evidence = span(assertion.evidence)
        else:
            evidence = _GROUP.join((_WHOLE, PART.join(of_place), PART.join(of_selector)))
        fields = (digest.encode(), b"%d" % position, place.encode(), evidence, _WHOLE, *pieces)
        return Said(FIELD.join(fields), tuple(dict.fromkeys(lines)))


def _to_fill_in(text: bytes) -> bytes:
    return text.replace(b"%", b"%%").replace(b"\0", b"%b")


def _groups(evidence: bytes) -> tuple[list[bytes], list[bytes]]:
    _, place, selector = evidence.split(_GROUP)
    return place.split(PART), selector.split(PART) if selector else []


def _bounds(piece: bytes) -> tuple[bytes, ...]:
    """Give the pieces that are computed from one with a date, a term or a quantity."""
    literal = piece.partition(b" ")[2].decode()
    return tuple(f"{predicate} {bound}".encode() for predicate, bound in rdf.bounds(literal))
