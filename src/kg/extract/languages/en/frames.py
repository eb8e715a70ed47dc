"""Which frame a verb opens in its clause: an arrest, custody, a charge, a sentence, a release, a death."""

from __future__ import annotations

from kg.extract.languages.en.chunks import Chunk
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.lexicon import lexicon


def handed_to(clause: Clause) -> Chunk | None:
    """Give to whom "handed a nine-year term to a journalist" or "upheld a sentence against him" was done."""
    line = clause.line
    for term in clause.terms[:1]:
        at = term.j
        while at < len(line) and at - term.j < 4 and line.low[at] not in ("to", "on", "against", "for"):
            at += 1
        owner = (
            line.owner[at + 1]
            if at + 1 < len(line) and line.low[at] in ("to", "on", "against", "for")
            else None
        )
        return owner if owner is not None and owner.kind in ("person", "pronoun") else None
    return None


def opens_frame(clause: Clause, frame: str) -> bool:
    """Whether the verb opens a frame here: with one of its particles, where it has any."""
    for name, particles in lexicon().frames.get(clause.verb.lemma, ()):
        if name == frame and (not particles or any(_follows(clause, particle) for particle in particles)):
            return True
    return False


def _follows(clause: Clause, particle: tuple[str, ...]) -> bool:
    """Whether a particle stands after the verb, what lies between passed over by whole chunks."""
    line, at = clause.line, clause.verb.at
    left = 3 if particle in (("at",), ("in",), ("by",)) else 9
    step = at + 1
    while step < len(line) and left > 0 and step - at < 30:
        owner = line.owner[step]
        if owner is not None and owner.kind == "verb" and owner is not clause.chunk and owner.data.finite:
            return False
        if tuple(line.low[step : step + len(particle)]) == particle:
            return True
        step = owner.j if owner is not None and owner.kind in ("person", "agency", "org") else step + 1
        left -= 1
    return False


def is_suffered(clause: Clause) -> bool:
    """Whether the clause tells of an arrest, custody, a charge, a sentence, a release or a death."""
    return any(
        opens_frame(clause, frame) for frame in ("detain", "hold", "charge", "sentence", "release", "die")
    )
