"""How something that is proposed stands to what the graph already says of the same people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from kg import dates, nt
from kg.index import ABSENT, date_of
from kg.linking import fold
from kg.model import Assertion
from kg.namespaces import KG_NAMESPACE

_ONE_VALUE: Final = frozenset(KG_NAMESPACE + name for name in ("age", "size", "diedAt", "sentencedTo"))
"""Predicates of which two values for one person are worth a second look, though both may have been said."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the graph says of the subject, by how it stands to a proposal; each in file order.

    `twins` are the very same assertion, `agreeing` say the same elsewhere or by somebody else.
    """

    twins: tuple[Assertion, ...] = ()
    agreeing: tuple[Assertion, ...] = ()
    contradicting: tuple[Assertion, ...] = ()
    others: tuple[Assertion, ...] = ()
    """With the same predicate: another place, another time."""
    rest: int = 0
    """How many say something else of the subject."""

    @property
    def is_new(self) -> bool:
        """Whether nothing at all is said of the subject."""
        return not (self.twins or self.agreeing or self.contradicting or self.others or self.rest)


Above: TypeAlias = Callable[[str], Iterable[str]]
"""Gives the places that a place lies in, itself among them."""


def standing(proposed: Assertion, said: Iterable[Assertion], above: Above) -> Standing:
    """Give how `proposed` stands to what is `said` of its subject."""
    found: Mapping[str, list[Assertion]] = {
        "twins": [], "agreeing": [], "contradicting": [], "others": [], "rest": [],
    }  # fmt: skip
    name = proposed.digest()
    for each in said:
        found["twins" if each.digest() == name else _how(proposed, each, above)].append(each)
    kinds = {kind: tuple(each) for kind, each in found.items() if kind != "rest"}
    return Standing(**kinds, rest=len(found["rest"]))


def _how(proposed: Assertion, each: Assertion, above: Above) -> str:
    if each.predicate != proposed.predicate:
        return "rest"
    if _same_object(proposed.object, each.object, above):
        if proposed.polarity != each.polarity:
            return "contradicting"
        return "agreeing" if _may_be_one_time(proposed, each) else "others"
    affirmed = proposed.polarity == each.polarity == "affirmed"
    return "contradicting" if affirmed and proposed.predicate in _ONE_VALUE else "others"


def _same_object(one: str, other: str, above: Above) -> bool:
    if one.startswith("<") and other.startswith("<"):
        a, b = one[1:-1], other[1:-1]
        if a in ABSENT or b in ABSENT:
            return a == b
        return a == b or a in above(b) or b in above(a)
    return not one.startswith("<") and not other.startswith("<") and _folded(one) == _folded(other)


def _folded(term: str) -> str:
    value = nt.parse_term(term).value
    return fold(value) or value


def _may_be_one_time(one: Assertion, other: Assertion) -> bool:
    a, b = _bounds(date_of(one)), _bounds(date_of(other))
    return not (a[1] < b[0] or b[1] < a[0])


def _bounds(date: dates.ReportedDate | None) -> tuple[str, str]:
    first = date.earliest.isoformat() if date and date.earliest else "0000"
    last = date.latest.isoformat() if date and date.latest else "9999-99-99"
    return (first, last)
