"""Proposals as flat rows, one per fact, in the words of lists that people compare programs with.

The rows know fewer predicates than the ontology: when somebody was detained, released or died is a row of its
own (``detained-on``), all ties to a country are one predicate, and so are charges and reproaches. What such a
list has no word for (names, sizes, orders) has no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kg import quantities
from kg.proposals import Absent, Filed, Mention, Proposal

_WORDS: Final = {
    "detained-at": "detained-at",
    "detained-by": "detained-by",
    "held-at": "held-at",
    "accused-of": "charged-with",
    "charged-with": "charged-with",
    "sentenced-by": "sentenced-by",
    "sentenced-to": "sentenced-to",
    "citizen-of": "citizen-of",
    "related-to-country": "related-to-country",
    "travelled-to": "related-to-country",
    "has-relatives-in": "related-to-country",
    "tried-to-emigrate-to": "related-to-country",
    "resident-in": "resident-of",
    "located-in": "located-in",
    "ethnicity": "ethnicity",
    "occupation": "occupation",
    "age": "age",
    "relative-of": "relative-of",
}
_DATED: Final = {
    "detained-at": "detained-on",
    "detained-by": "detained-on",
    "released-from": "released-on",
    "died-at": "died-on",
}
_SAME: Final = ("subject", "predicate", "object", "certainty", "attribution")


def rows(doc: str, filed: Iterable[Filed]) -> Iterator[dict[str, Any]]:
    """Give the rows of one text, in its order, none twice: two tellers of one thing are two."""
    told: set[tuple[str, ...]] = set()
    for each in sorted(filed, key=lambda f: (f.proposal.start, f.proposal.end)):
        for predicate, object_ in _said(each.proposal):
            row = _row(doc, each.proposal, predicate, object_)
            same = tuple(
                str(row[key]) for key in ("subject", "predicate", "object", "certainty", "attribution")
            )
            if same not in told:
                told.add(same)
                yield row


def _said(proposal: Proposal) -> Iterator[tuple[str, str]]:
    date = proposal.qualifier("date")
    if date and proposal.predicate in _DATED:
        yield _DATED[proposal.predicate], date
    if proposal.object is Absent.UNKNOWN and proposal.predicate in _DATED:
        return  # a place of which nobody speaks; it only carries the date
    if proposal.predicate in _WORDS:
        yield _WORDS[proposal.predicate], _object(proposal)


def _object(proposal: Proposal) -> str:
    match proposal.object:
        case Mention() as mention:
            return _name(mention)
        case Absent() as absent:
            return "[any]" if absent is Absent.NONE_GIVEN else f"[{absent.value}]"
        case text:
            return _duration(text) if proposal.predicate == "sentenced-to" else text


def _duration(text: str) -> str:
    """Give a term as ISO 8601 writes it where it has one length: P5Y, P13Y4M; else as it stands."""
    try:
        term = quantities.parse_term(text)
    except ValueError:
        return text
    if term.min_months is None or term.min_months != term.max_months:
        return text
    years, months = divmod(term.min_months, 12)
    return "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")


def _name(mention: Mention) -> str:
    return f"[{mention.words}]" if mention.unnamed else mention.words


def _row(doc: str, proposal: Proposal, predicate: str, object_: str) -> dict[str, Any]:
    # That none was given is told as a denial of any.
    denied = proposal.polarity == "denied" or proposal.object is Absent.NONE_GIVEN
    return {
        "doc": doc,
        "subject": _name(proposal.subject),
        "predicate": predicate,
        "object": object_,
        "date": proposal.qualifier("date") or None,
        "qualifiers": {key: text for key, text in proposal.qualifiers if key != "date"},
        "attribution": ", citing ".join(link.who.words for link in proposal.told_by) or "the report",
        "certainty": "denied" if denied else "alleged" if proposal.certainty == "alleged" else "asserted",
        "start": proposal.start,
        "end": proposal.end,
    }
