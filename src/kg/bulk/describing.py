"""Writing down what is described: what a worker process does with entities, reports, sources and episodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from kg import rdf
from kg.bulk.form import Form
from kg.bulk.reading import Division, Kept, Result, append
from kg.bulk.runs import Run, Spool
from kg.model import Corpus
from kg.ontology import Ontology
from kg.problems import KgError

KINDS: Final = ("entities", "reports", "sources", "episodes")
_PART = 5_000
_LINES = 30_000
"""Lines that are kept at once."""


class Part(NamedTuple):
    """Some of one kind of what is described: those from `start` to `end` (excluded); no kind is the ontology."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Setting:
    """All that a worker has to know, the same for every one."""

    corpus: Corpus
    ontology: Ontology
    base: str
    form: Form
    division: Division
    folder: Path
    unsorted: Path | None
    """Where lines are appended as they come; None if they are kept to be sorted."""


def parts(corpus: Corpus) -> Iterator[Part]:
    """Cut all that is described, and the ontology, into parts."""
    yield Part("", 0, 0)
    for kind in KINDS:
        length = len(getattr(corpus, kind))
        yield from (Part(kind, start, start + _PART) for start in range(0, length, _PART))


class Describer:
    """One worker."""

    def __init__(self, setting: Setting, number: int) -> None:
        """Begin with nothing written."""
        self._setting = setting
        self._bare = replace(setting.ontology, axioms=(), labels={})
        self._kept = Kept(setting.division, Spool(setting.folder / f"described-{number}"))
        self._reserved = tuple(
            each.decode() for each in (setting.form.assertion, setting.form.evidence, setting.form.selector)
        )

    def __call__(self, part: Part) -> list[Run]:
        """Write a part, and give runs of its lines: none where they are not to be sorted.

        Raises:
            KgError: something is named like an assertion or its evidence.
        """
        lines, result = self._lines(part), Result()
        if self._setting.unsorted is not None:
            append(self._setting.unsorted, b"".join(line + b"\n" for line in lines))
            return []
        while some := tuple(islice(lines, _LINES)):
            for line in some:
                self._kept.add_line(line)
            self._kept.write(result)
        return result.lines

    def _lines(self, part: Part) -> Iterator[bytes]:
        """Give the lines of a part, without those of whole texts where evidence is written by itself."""
        corpus, ontology = Corpus(), self._setting.ontology
        if part.kind:
            some = getattr(self._setting.corpus, part.kind)[part.start : part.end]
            corpus, ontology = Corpus(**{part.kind: some}), self._bare
        evidence = set() if self._setting.unsorted is not None else self._of_texts(corpus)
        for subject, predicate, object_, graph in rdf.quads(corpus, ontology, self._setting.base):
            if subject in evidence:
                continue
            if subject.startswith(self._reserved) and self._setting.unsorted is None:
                raise KgError(f"{subject} is named like an assertion or its evidence; give it another IRI")
            yield f"{subject} {predicate} {object_} {graph} .".encode()

    def _of_texts(self, corpus: Corpus) -> set[str]:
        """Give the subjects of the evidence of whole texts."""
        texts = (report.text for report in corpus.reports if report.text)
        found = {f"<{rdf.evidence_iri(text, self._setting.base)}>" for text in texts}
        return found | {iri.replace("evidence_", "selector_") for iri in found}
