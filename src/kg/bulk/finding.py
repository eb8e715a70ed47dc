"""From the IRI of an assertion, or of its evidence, back to the line that says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kg.bulk.form import FIELD
from kg.bulk.positions import Positions
from kg.bulk.ranges import Input, Range, read
from kg.bulk.reading import DIGITS, Division
from kg.bulk.runs import Run
from kg.model import Assertion
from kg.problems import Location
from kg.terms import KG


class Finder:
    """Looks things up in the runs that reading has left."""

    def __init__(
        self,
        base: str,
        runs: Sequence[Run],
        division: Division,
        positions: Positions,
        inputs: Sequence[Input],
        first_lines: Mapping[Range, int],
        curated: Sequence[Assertion],
    ) -> None:
        """Take what reading has left; `first_lines` gives the number of the first line of each range."""
        self._base = base
        self._runs = runs
        self._division = division
        self._positions = positions
        self._inputs = inputs
        self._first_lines = sorted((of.input, of.start, of, line) for of, line in first_lines.items())
        self._curated = curated

    def places(self, focus: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Location]:
        """Give the place of each pair of an IRI and the IRI of a property, which may be empty.

        Of several equal assertions it is the place of the first. Pairs of other things are left out.
        """
        said: dict[bytes, list[tuple[str, str]]] = {}
        shown: dict[bytes, list[tuple[str, str]]] = {}
        for pair in focus:
            kind, _, digest = pair[0].removeprefix(self._base).rpartition("_")
            if kind in ("evidence", "selector"):
                shown.setdefault(digest.encode(), []).append(pair)
            elif kind == "assertion":
                said.setdefault(digest.encode(), []).append(pair)
        found = {digest: min(positions) for digest, positions in self._said(said).items()}
        places = {pair: self._location(found[digest], pair[1]) for digest in found for pair in said[digest]}
        if shown:
            found = {place: min(positions) for place, positions in self._shown(shown.keys()).items()}
            places |= {
                pair: self._location(found[place], KG.evidence) for place in found for pair in shown[place]
            }
        return places

    def _said(self, digests: Iterable[bytes]) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        wanted: dict[int, list[bytes]] = {}
        for digest in digests:
            wanted.setdefault(self._division.bucket(digest[:DIGITS]), []).append(digest)
        for bucket, several in sorted(wanted.items()):
            for run in self._runs:
                data = b"\n" + run.read(bucket)
                for digest in several:
                    position = data.find(b"\n" + digest + FIELD)
                    while position >= 0:
                        start = position + len(digest) + 2
                        found.setdefault(digest, []).append(int(data[start : data.index(FIELD, start)]))
                        position = data.find(b"\n" + digest + FIELD, start)
        return found

    def _shown(self, places: Iterable[bytes]) -> dict[bytes, list[int]]:
        """Look through everything, as runs are in the order of assertions."""
        wanted = set(places)
        found: dict[bytes, list[int]] = {}
        for run in self._runs:
            for bucket in range(self._division.hashed):
                for record in run.read(bucket).split(b"\n")[:-1]:
                    _, position, place, _ = record.split(FIELD, 3)
                    if place in wanted:
                        found.setdefault(place, []).append(int(position))
        return found

    def _location(self, position: int, property_: str) -> Location:
        place = self._positions.place(position)
        if place.input is None:
            assertion = self._curated[place.offset]
            return dict(reversed(assertion.positions)).get(property_, assertion.where)
        of, first = next(
            (of, line)
            for input_, start, of, line in reversed(self._first_lines)
            if input_ == place.input and start <= place.offset
        )
        file = self._inputs[place.input]
        lines = read(file, of)
        return Location(file.shown, first + lines.data.count(b"\n", 0, place.offset - lines.offset), 1)
