"""Facts as flat rows: the form that `kg extract -f facts` prints, and that lists of facts are scored in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from kg.extract.values import NONE_GIVEN, UNKNOWN, Fact

_NAMES = {
    "resident-in": "resident-of",
    "accused-of": "charged-with",
    "travelled-to": "related-to-country",
    "has-relatives-in": "related-to-country",
    "tried-to-emigrate-to": "related-to-country",
}
_DATES = {"detained-at": "detained-on", "released-from": "released-on", "died-at": "died-on"}
_OMITTED = frozenset(("name", "size"))


def facts(found: Iterable[Fact], doc: str) -> list[dict[str, Any]]:
    """Give the flat rows of facts, each row once.

    A date of a detention, a release or a death becomes a row of its own (``detained-on``); *stated* prints as
    ``asserted``, and a denial as the positive fact with the certainty ``denied``.
    """
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for fact in found:
        for row in _rows(fact, doc):
            key = json.dumps(
                [row[name] for name in ("subject", "predicate", "object", "certainty")]
                + ([row["start"]] if row["predicate"] == "sentenced-to" else [])
            )
            if key not in seen:
                seen.add(key)
                rows.append(row)
    return rows


def _rows(fact: Fact, doc: str) -> Iterator[dict[str, Any]]:
    if fact.predicate in _OMITTED:
        return
    if fact.predicate in _DATES and fact.date is not None:
        yield _row(fact, doc, _DATES[fact.predicate], fact.date.edtf)
    if fact.predicate in ("released-from", "died-at"):
        return
    if fact.object == UNKNOWN and fact.predicate != "held-at":
        return
    yield _row(fact, doc, _NAMES.get(fact.predicate, fact.predicate), fact.object)


def _row(fact: Fact, doc: str, predicate: str, told: str) -> dict[str, Any]:
    qualifiers: dict[str, Any] = dict(fact.qualifiers)
    if fact.subject.also:
        qualifiers["alias"] = list(fact.subject.also)
    if fact.date is not None and fact.date.how != "written":
        qualifiers["date_text"] = fact.date.text
    return {
        "doc": doc,
        "subject": fact.subject.name,
        "predicate": predicate,
        "object": told,
        "date": fact.date.edtf if fact.date is not None else None,
        "qualifiers": qualifiers,
        "attribution": " < ".join(fact.attribution),
        "certainty": "denied"
        if fact.polarity == "denied"
        else "alleged"
        if fact.certainty == "alleged"
        else "asserted",
        "start": fact.start,
        "end": fact.end,
        "rule": fact.rule,
        "score": fact.score,
    }


__all__ = ["NONE_GIVEN", "facts"]
