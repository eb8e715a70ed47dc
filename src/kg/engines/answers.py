"""What another program answered, taken as proposals only: checked word by word, or thrown away and counted.

An item has the form of `kg.proposals` as JSON, with the words of its span as ``quote``; ``start`` and ``end``
may be left out. Whatever a report has talked a program into saying, it ends here: an item that is not of this
form, of this vocabulary and of words that stand in the text is none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice, takewhile

from kg.engines import quotes
from kg.engines.llm_prompt import usable_qualifiers
from kg.engines.windows import Window
from kg.escape import for_terminal
from kg.namespaces import EDTF
from kg.proposals import (
    LONGEST_SPAN,
    Mention,
    Proposal,
    Setting,
    Teller,
    fault,
    from_json,
    value_fault,
)
from kg.terms import KG

MOST_ITEMS = 500
"""Items of one answer of a model; more are the sign of one that repeats itself."""
MOST_DETAILS = 50
"""Rejected items that are described."""

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_BEGINNING = re.compile(r'\{\s*"proposals"\s*:')
_MOST_BEGINNINGS = 20
_CLAIMS = ("quote", "before", "start", "end")
_NEAR = 20_000


class Reason(StrEnum):
    """Why something that was answered is not taken."""

    NOT_JSON = "not JSON"
    OUTSIDE = "outside the schema"
    PREDICATE = "unknown predicate"
    CLASS = "unknown class"
    CHOICE = "bad choice"
    DATE = "bad date"
    VALUE = "bad value"
    INVENTED = "invented quote"
    ELSEWHERE = "wrong offsets"
    AMBIGUOUS = "ambiguous quote"
    NAME = "invented name"
    MANY = "too many"


class _RejectedError(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(slots=True)
class Checker:
    """Turns items into proposals, and counts those that are none."""

    setting: Setting
    rule: str = ""
    """What a proposal is said to come from where the item does not say."""
    refused: frozenset[str] = frozenset()
    """Keys of a proposal that this program may not set."""
    unsaid: float = 1.0
    """The score of an item that names none."""
    rejected: Counter[Reason] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    """What was wrong with the first `MOST_DETAILS` of them, fit for a terminal."""

    def check(self, item: object, text: str, window: Window) -> Proposal | None:
        """Give the proposal that an item makes of a window of `text`, or None after counting it.

        The positions of an item count from the beginning of the window, those of a proposal from that of
        the text.
        """
        try:
            return self._proposal(item, text, window)
        except _RejectedError as error:
            self.reject(error.reason, str(error))
            return None

    def reject(self, reason: Reason, detail: str) -> None:
        """Count something that is not taken."""
        self.rejected[reason] += 1
        if len(self.details) < MOST_DETAILS:
            self.details.append(for_terminal(f"{reason}: {detail}")[:300])

    def _proposal(self, item: object, text: str, window: Window) -> Proposal:
        if not isinstance(item, dict):
            raise _RejectedError(Reason.OUTSIDE, "an item is a mapping")
        claims = {key: item[key] for key in _CLAIMS if item.get(key) is not None}
        rest = {key: value for key, value in _tidy(item).items() if key not in _CLAIMS}
        if wrong := next((key for key in rest if key in self.refused), None):
            raise _RejectedError(Reason.OUTSIDE, f"{wrong!r} is not for the program to say")
        quote, before = claims.get("quote"), claims.get("before", "")
        if not isinstance(quote, str) or not isinstance(before, str):
            raise _RejectedError(Reason.OUTSIDE, "quote and before are texts")
        try:
            proposal = from_json({"score": self.unsaid, **rest, "start": 0, "end": 1})
        except ValueError as error:
            raise _RejectedError(Reason.OUTSIDE, str(error)) from error
        shown = text[window.start : window.end]
        start = self._place(claims, quote, before, shown, proposal)
        self._require_vocabulary(proposal)
        _require_plain(proposal)
        placed = _with_places(proposal, shown, start, start + len(quote), window.start)
        placed = replace(placed, rule=placed.rule or self.rule)
        if wrong := fault(placed, text, self.setting):
            raise _RejectedError(Reason.VALUE, wrong)
        return placed

    def _place(
        self, claims: Mapping[str, object], quote: str, before: str, shown: str, proposal: Proposal
    ) -> int:
        start, end = claims.get("start"), claims.get("end")
        if any(isinstance(each, bool) or not isinstance(each, int | None) for each in (start, end)):
            raise _RejectedError(Reason.OUTSIDE, "start and end are whole numbers")
        if not quote.strip() or len(quote) > LONGEST_SPAN:
            raise _RejectedError(
                Reason.INVENTED, f"a quote has from 1 to {LONGEST_SPAN} characters, not {len(quote)}"
            )
        near = "" if proposal.subject.unnamed else proposal.subject.words
        try:
            at = quotes.place(shown, quote, start=start, before=before, near=near)  # type: ignore[arg-type]
        except quotes.InventedError as error:
            raise _RejectedError(Reason.INVENTED, f"the text does not hold {quote[:80]!r}") from error
        except quotes.ElsewhereError as error:
            raise _RejectedError(Reason.ELSEWHERE, f"{quote[:80]!r} stands elsewhere than claimed") from error
        except quotes.AmbiguousError as error:
            raise _RejectedError(Reason.AMBIGUOUS, f"{quote[:80]!r} stands several times") from error
        if end is not None and end != at + len(quote):
            raise _RejectedError(Reason.ELSEWHERE, f"{quote[:80]!r} does not end at {end}")
        return at

    def _require_vocabulary(self, proposal: Proposal) -> None:
        """Name the usual faults by their kind; `fault` finds them too, and all others."""
        ontology, choices = self.setting.ontology, self.setting.choices
        usable = usable_qualifiers(ontology)
        if wrong := next((key for key, _ in proposal.qualifiers if key not in usable), None):
            raise _RejectedError(Reason.OUTSIDE, f"no qualifier is called {wrong[:80]!r}")
        if proposal.predicate not in ontology.predicates:
            raise _RejectedError(Reason.PREDICATE, f"no predicate is called {proposal.predicate[:80]!r}")
        for mention in proposal.mentions:
            if mention.class_key not in ontology.classes:
                raise _RejectedError(Reason.CLASS, f"no class is called {mention.class_key[:80]!r}")
        chosen = [(KG.polarity, proposal.polarity), (KG.certainty, proposal.certainty)]
        for of, value in [*chosen, *((KG.basis, link.basis) for link in proposal.told_by)]:
            if value not in choices.get(of, (value,)):
                raise _RejectedError(Reason.CHOICE, f"{value[:80]!r} is none of {', '.join(choices[of])}")
        for key, value in proposal.qualifiers:
            if usable[key].range == EDTF and (wrong := value_fault(value, usable[key])):
                raise _RejectedError(Reason.DATE, wrong)


def _tidy(fields: Mapping[str, object]) -> dict[str, object]:
    """Give a mapping as models mean it: what is null or empty is not there, and values are texts."""
    found: dict[str, object] = {}
    for key, value in fields.items():
        if key == "qualifiers":
            value = _texts(value)
        elif isinstance(value, dict):
            value = _flat(value)
        elif isinstance(value, list):
            value = [_flat(each) if isinstance(each, dict) else each for each in value]
        if value is not None and value != "":
            found[key] = value
    return found


def _flat(fields: Mapping[str, object]) -> dict[str, object]:
    """Give what `_tidy` gives of a mapping that holds no others."""
    found = {key: _texts(value) if key == "text" else value for key, value in fields.items()}
    return {key: value for key, value in found.items() if value is not None and value != ""}


def _texts(value: object) -> object:
    """Give numbers and truth values as the texts that stand for them in a seed."""
    if isinstance(value, dict):
        return {key: _texts(each) for key, each in value.items() if each is not None and each != ""}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _require_plain(proposal: Proposal) -> None:
    """Refuse control and bidi characters in what the program says in words of its own."""
    own = [proposal.event, proposal.rule, proposal.why, *(value for _, value in proposal.qualifiers)]
    own += [mention.words for mention in proposal.mentions if mention.unnamed]
    own += [mention.key for mention in proposal.mentions] + [link.relation for link in proposal.told_by]
    if isinstance(proposal.object, str):
        own.append(proposal.object)
    if wrong := next((words for words in own if for_terminal(words) != words), None):
        raise _RejectedError(Reason.OUTSIDE, f"{wrong[:80]!r} holds characters that cannot be seen")


def told(rejected: Mapping[Reason, int]) -> str:
    """Give in a few words how many items were rejected, and why; nothing if none was."""
    if not any(rejected.values()):
        return ""
    order = sorted(rejected.items(), key=lambda each: (-each[1], each[0]))
    listed = ", ".join(f"{reason} {count:,}" for reason, count in order)
    return f"rejected {sum(rejected.values()):,}: {listed}"


# ---------------------------------------------------------------- where its names stand


def _with_places(proposal: Proposal, shown: str, start: int, end: int, offset: int) -> Proposal:
    """Give the proposal with its places in the text; `start` and `end` are those of the quote in `shown`.

    Raises:
        _RejectedError: a name, or the words of its date, stand nowhere in `shown`.
    """

    def placed(mention: Mention) -> Mention:
        if mention.unnamed:
            if _is_like_a_name(mention.words):
                _require_name(shown, mention.words, start, end)
            return replace(mention, start=None, end=None)
        for other in mention.also:
            _require_name(shown, other, start, end)
        first, last = _require_name(shown, mention.words, start, end, mention.start)
        return replace(mention, start=first + offset, end=last + offset)

    if proposal.date_from and _nearest(shown, proposal.date_from, start, end) is None:
        raise _RejectedError(Reason.DATE, f"the text does not hold {proposal.date_from[:80]!r}")
    object_ = proposal.object
    return replace(
        proposal,
        subject=placed(proposal.subject),
        object=placed(object_) if isinstance(object_, Mention) else object_,
        told_by=tuple(Teller(placed(link.who), link.basis, link.relation) for link in proposal.told_by),
        start=start + offset,
        end=end + offset,
    )


def _require_name(
    shown: str, words: str, start: int, end: int, claimed: int | None = None
) -> tuple[int, int]:
    if claimed is not None:
        start = end = claimed
    found = _nearest(shown, words, start, end)
    if found is None:
        raise _RejectedError(Reason.NAME, f"the text does not hold the name {words[:80]!r}")
    if claimed is not None and found[0] != claimed:
        raise _RejectedError(Reason.ELSEWHERE, f"{words[:80]!r} does not stand at {claimed}")
    return found


def _is_like_a_name(description: str) -> bool:
    words = description.split()
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _nearest(shown: str, words: str, start: int, end: int) -> tuple[int, int] | None:
    """Give where a name stands nearest to a span; a line may end where it has a space."""
    parts = words.split()
    if not parts or len(words) > LONGEST_SPAN:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, parts)))
    low, high = max(0, start - _NEAR), min(len(shown), max(end, 0) + _NEAR)
    places = list(quotes.mentions(shown, pattern, low, high)) or list(
        islice(quotes.mentions(shown, pattern, 0, len(shown)), 1)
    )
    return min(places, key=lambda at: (max(at[0] - end, start - at[1], 0), at), default=None)


# ---------------------------------------------------------------- what a model wrote


def items(content: str) -> list[object]:
    """Give the items of an answer in JSON, alone or within prose or a fenced block.

    Raises:
        ValueError: there is no JSON of this form in it.
    """
    content = _THOUGHT.sub("", content)
    for candidate in _candidates(content):
        try:
            found = loads(candidate)
        except ValueError:
            continue
        if isinstance(found, list):
            return found
        if isinstance(found, dict) and isinstance(found.get("proposals"), list):
            # What stands beside the proposals is counted as an item of its own, which is none.
            beside: list[object] = [key for key in found if key != "proposals"]
            return [*found["proposals"], *beside]
    raise ValueError("the answer holds no JSON with proposals")


def _candidates(content: str) -> Iterator[str]:
    yield content
    yield from (block[1] for block in _FENCE.finditer(content))
    decoder = json.JSONDecoder()
    for beginning in islice(_BEGINNING.finditer(content), _MOST_BEGINNINGS):
        try:
            _, end = decoder.raw_decode(content, beginning.start())
        except (ValueError, RecursionError):
            continue
        yield content[beginning.start() : end]


def loads(text: str) -> object:
    """Read strict JSON: no key twice, and no numbers that JSON does not know.

    Raises:
        ValueError: it is no such JSON, or nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


# ---------------------------------------------------------------- across windows


def without_doubles(found: Iterable[Sequence[Proposal]]) -> list[Proposal]:
    """Give the proposals of all windows in the order of the text, each once.

    Where two windows overlap, both may propose the same in other words: of two that say the same of the same,
    at spans that overlap, that of the first window stays, which knows more of what was said before. Within
    one window only what is equal is the same.
    """
    said: set[Proposal] = set()
    kept: dict[tuple[str, str], list[tuple[int, Proposal]]] = {}
    for window, proposals in enumerate(found):
        for proposal in proposals:
            bare = replace(proposal, score=0, rule="")
            others = kept.setdefault((proposal.predicate, proposal.polarity), [])
            if bare not in said and not any(
                of != window and _same(proposal, other) for of, other in _recent(others, window)
            ):
                others.append((window, proposal))
            said.add(bare)
    ordered = [(each.start, each.end, window, each) for rest in kept.values() for window, each in rest]
    return [each for *_, each in sorted(ordered, key=lambda row: row[:3])]


def _recent(others: Sequence[tuple[int, Proposal]], window: int) -> Iterator[tuple[int, Proposal]]:
    """Give what windows not far before proposed; no window overlaps one further away."""
    return takewhile(lambda found: found[0] >= window - 3, reversed(others))


def _same(one: Proposal, other: Proposal) -> bool:
    overlap = one.start < other.end and other.start < one.end
    return overlap and _alike(one.subject, other.subject) and _alike(one.object, other.object)


def _alike(one: object, other: object) -> bool:
    if isinstance(one, Mention) and isinstance(other, Mention):
        if one.unnamed and other.unnamed:
            return one.class_key == other.class_key and one.key == other.key
        return _contains(one.words, other.words)
    if isinstance(one, str) and isinstance(other, str):
        return _contains(one, other)
    return one == other


def _contains(one: str, other: str) -> bool:
    first, second = (f" {' '.join(words.casefold().split())} " for words in (one, other))
    return first in second or second in first
