"""The exact way from a line to pieces: by the reader of curated files, the projection and the encoder of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kg import nt
from kg.access import _Projection
from kg.bulk.declared import Declared
from kg.bulk.form import Form, Said
from kg.bulk.watched import Reached, Watched
from kg.model import Access, Assertion, Entity


class Exact:
    """Turns what the reader gives into what is published of it."""

    def __init__(
        self, declared: Declared, form: Form, base: str, *, include_restricted: bool, watched: Watched
    ) -> None:
        """Take what is described as it is now."""
        self._form = form
        self._all = include_restricted
        self._watched = watched
        self._declared = declared
        self._projection = _Projection(replace(declared.corpus, assertions=()), base)
        self._views = tuple(form.ends[name].removesuffix(b"\n") for name in ("view", "alleged"))

    def shown(self, assertion: Assertion, made: Iterable[Entity] = ()) -> Assertion | None:
        """Give an assertion as it is published, what it corrects left as it is; None if it is not published.

        `made` are the unnamed entities that its line makes.
        """
        if self._all:
            return assertion
        if any(e.access is not Access.PUBLIC and nt.iri(e.iri) == assertion.object for e in made):
            return None
        if self._watched.silent and assertion.digest().encode() in self._watched.silent:
            return None
        return self._projection._assertion(assertion)

    def said(self, own: Assertion, shown: Assertion, made: Iterable[Entity], position: int) -> Said:
        """Give the record of an assertion that is published."""
        mine = [entity for entity in made if nt.iri(entity.iri) == shown.object]
        said = self._form.taken_apart(shown, mine, position)
        if self._all:
            opened = (self._form.opening(e.iri) for e in mine if e.access is Access.PUBLIC)
            said = said._replace(lines=(*said.lines, *opened))
        if own.digest().encode() in self._watched.silent:
            # An equal one was withdrawn, so that nothing is said any more.
            said = said._replace(lines=tuple(line for line in said.lines if not line.endswith(self._views)))
        return said

    def reach(self, assertion: Assertion, reached: Reached) -> None:
        """Note what a published assertion speaks of."""
        parties = (assertion.subject, assertion.object[1:-1])
        reached.entities.update(iri.encode() for iri in parties if iri in self._declared.entities)
        reached.reports.add(assertion.report.encode())
        reached.sources.add(assertion.source.encode())
        reached.episodes.update(episode.encode() for episode in assertion.episodes)

    def published(
        self, assertions: Iterable[Assertion], made: Iterable[Entity], names: Mapping[bytes, bytes | None]
    ) -> Iterator[Assertion]:
        """Give what is published of assertions.

        `names` are the published digests of assertions that others correct: one that corrects what is not
        published does not say so.
        """
        for own in assertions:
            shown = self.shown(own, made)
            if shown is not None:
                yield shown if self._all or shown.corrects is None else _correcting(shown, names)


def _correcting(shown: Assertion, names: Mapping[bytes, bytes | None]) -> Assertion:
    name = names.get((shown.corrects or "").encode())
    return replace(shown, corrects=name.decode() if name else None)
