"""Whether what a clause says is told as having happened, only alleged, denied, or not told at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.lexicon import listed

TOLD: Final = "told"
DENIED: Final = "denied"
DROPPED: Final = "dropped"

_DOUBTED = listed("status", "doubted")


@dataclass(frozen=True, slots=True)
class Status:
    """How a clause is told."""

    kind: str
    alleged: bool = False


def status(clause: Clause) -> Status:
    """Give how a clause is told, by its small words and by the verbs above it.

    Demands, fears, plans, limits and questions are dropped; "denied that", "has not been" are denied;
    "reportedly", "is believed to" and "may have been" are alleged.
    """
    verb = clause.verb
    if clause.line.low[-1] == "?" or clause.hypothetical:
        return Status(DROPPED)
    if clause.subject is not None and clause.line.word(clause.subject.i - 1) == "not":
        return Status(DROPPED)  # "not a single reporter was in prison"
    alleged = verb.hedged
    denied = verb.negated
    if verb.modal:
        if verb.modal in ("may", "might", "could") and verb.perfect:
            alleged = True
        elif verb.modal in ("can", "cannot", "can't") and verb.negated:
            return Status(DROPPED)
        elif (
            verb.modal == "be"
            and clause.governor is not None
            and clause.governor.verb.lemma in ("ruled", "rule", "order", "decide", "decided")
        ):
            pass
        else:
            return Status(DROPPED)
    governor = clause.governor
    if verb.ing and governor is None and clause.subject is None and clause.chunk.i <= 1:
        return Status(DROPPED)  # "Jailing reporters will not …"
    if verb.infinitive:
        if governor is None:
            return Status(DROPPED)
        kind = _infinitive(governor)
        if kind == DROPPED:
            return Status(DROPPED)
        alleged = alleged or kind == "alleged"
    for depth in range(4):
        if governor is None:
            break
        above = governor.verb
        if (
            depth == 0
            and verb.ing
            and above.opens("want")
            and (not above.opens("say") or above.lemma in ("fear", "warn", "demand"))
            and not clause.joined
        ):
            return Status(DROPPED)
        if (
            above.opens("deny")
            and above.lemma not in ("dismiss", "contradict")
            and not governor.passive
            and not above.negated
            and _complement(clause, governor)
        ):
            denied = not denied
        elif (above.lemma in _DOUBTED and not verb.infinitive) or (above.hedged and above.opens("say")):
            alleged = True
        if (
            depth
            and above.infinitive
            and governor.governor is not None
            and _infinitive(governor.governor) == DROPPED
        ):
            return Status(DROPPED)
        if verb.modal == "be" and depth == 0:
            governor = governor.governor
            continue
        if above.modal in ("be", "should", "must", "would", "could") and depth == 0 and not verb.finite:
            return Status(DROPPED)
        governor = governor.governor
    return Status(DENIED if denied else TOLD, alleged)


def _complement(clause: Clause, governor: Clause) -> bool:
    """Whether the clause is what is denied, rather than something that happened beside the denial."""
    line = clause.line
    between = line.low[governor.verb.at + 1 : clause.chunk.i]
    if "but" in between or "after" in between or "when" in between or ";" in between:
        return False
    return not ("," in between and "that" not in between)


def _infinitive(governor: Clause) -> str:
    """Give what becomes of "to be arrested" after a verb."""
    above = governor.verb
    if (
        above.opens("seemingly")
        and (governor.passive or above.lemma in ("appear", "seem"))
        and not above.negated
    ):
        return "alleged"
    if above.opens("actually") and not above.negated and not (above.modal or above.infinitive):
        return TOLD
    return DROPPED
