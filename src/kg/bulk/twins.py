"""Equal assertions: of each, the one that `kg.rdf.merge` makes of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg import rdf
from kg.bulk.declared import Declared
from kg.bulk.exact import Exact
from kg.bulk.form import FIELD, Form
from kg.bulk.positions import Positions
from kg.bulk.ranges import Input, line_at
from kg.model import Assertion, Corpus
from kg.problems import KgError

_DIGEST = 32
_SLICE = 1_000
"""Equal assertions that are put together at once."""


@dataclass(frozen=True)
class Twins:
    """Reads equal assertions again where they stand, which is seldom needed."""

    inputs: Sequence[Input]
    positions: Positions
    declared: Declared
    exact: Exact
    form: Form
    names: Mapping[bytes, bytes | None]

    def distinct(self, blocks: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
        """Give each assertion once, from sorted records."""
        held: list[bytes] = []
        for block in blocks:
            records = held + block
            last = records[-1][:_DIGEST]
            cut = len(records)
            while cut and records[cut - 1].startswith(last):
                cut -= 1
            held = records[cut:]
            yield self._distinct(records[:cut])
        yield self._distinct(held)

    def _distinct(self, records: list[bytes]) -> list[bytes]:
        digests = [record[:_DIGEST] for record in records]
        if len(set(digests)) == len(records):
            return records
        groups: dict[bytes, list[bytes]] = {}
        for digest, record in zip(digests, records, strict=True):
            groups.setdefault(digest, []).append(record)
        return [found[0] if len(found) == 1 else self.one(found) for found in groups.values()]

    def one(self, records: list[bytes]) -> bytes:
        """Give the one record that is left of some with the same digest."""
        variants: dict[tuple[object, ...], bytes] = {}
        for record in records:
            _, _, place, _, *body = record.split(FIELD)
            variants.setdefault((place, frozenset(self.form.pieces(body, place))), record)
        if len(variants) == 1:
            return records[0]
        kept: tuple[Assertion, ...] = ()
        several = list(variants.values())
        for first in range(0, len(several), _SLICE):
            found = [a for record in several[first : first + _SLICE] for a in self.read(record)]
            kept = rdf.merge(Corpus(assertions=(*kept, *found))).assertions
        return self.form.taken_apart(kept[0]).record

    def read(self, record: bytes) -> list[Assertion]:
        """Give the published assertions with the digest of a record, as its line says them.

        Raises:
            KgError: the line does not say it any more.
        """
        digest, position, _ = record.split(FIELD, 2)
        place = self.positions.place(int(position))
        if place.input is None:
            own: Sequence[Assertion] = (self.declared.corpus.assertions[place.offset],)
            shown = self.exact.published(own, (), self.names)
        else:
            file = self.inputs[place.input]
            # Lines are compared by where they stand, and bytes have the same order.
            reading = self.declared.line(line_at(file, place.offset), file.shown, place.offset)
            shown = self.exact.published(reading.assertions, reading.entities, self.names)
        found = [assertion for assertion in shown if assertion.digest().encode() == digest]
        if not found:
            raise KgError("the records were changed while they were read; build again")
        return found
