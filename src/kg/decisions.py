"""What reviewers decided: logs that only grow, one JSON object a line, and what follows from them.

A log names proposals by their digest and holds facts and positions of what was accepted, but no quote, and of
what was rejected nothing but the digest, the predicate and the reason. `kg.decision_logs` keeps them.

A reviewer's last word on a proposal counts, and an undo takes it back. What one accepts and another rejects,
or accepts in another form, is disputed and stands nowhere until they agree.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from kg.problems import KgError
from kg.project import RESTRICTED_FOLDER

LONGEST_REASON: Final = 500
LONGEST_KEY: Final = 200
"""Bytes of a report's key."""

_REVIEWER: Final = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_ID: Final = re.compile("[0-9a-f]{32}")


class Kind(StrEnum):
    """What a line of a log says."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDO = "undo"
    """Takes back this reviewer's last accept or reject of the proposal."""
    TEXT = "text"
    """From here on the report has another text."""
    MOVE = "move"
    """The words of what was accepted were found, exactly, at another place of another text."""
    REPORT = "report"
    """Describes the report, which the project did not know."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a log; what a kind of line does not need is empty."""

    decision: Kind
    time: str
    """UTC, with microseconds: later than every earlier line of the same reviewer."""
    reviewer: str
    report: str
    proposal: str = ""
    restricted: bool = False
    reason: str = ""
    engine: str = ""
    version: str = ""
    rule: str = ""
    score: float | None = None
    predicate: str = ""
    proposed: Mapping[str, Any] = field(default_factory=dict)
    """What the machine had proposed, without its quote."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """What was accepted: a record of a seed; of a report, its description; of a move, the new positions."""
    declares: tuple[Mapping[str, Any], ...] = ()
    """Records of what it speaks of, where the project does not know it otherwise."""
    links: tuple[tuple[str, str, str, str], ...] = ()
    """Which entity a mention was taken for: class, words and key of the mention, then the entity's key."""
    new: tuple[str, ...] = ()
    """Keys of the entities that this decision was the first to describe, by `declared_name`."""
    text: str = ""
    """The digest of the whole text that was before the reviewer."""
    length: int = 0
    """Characters of that text."""

    def line(self) -> bytes:
        """Give the line, its end included."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        kept = {key: value for key, value in said.items() if value not in ("", {}, (), None, False, 0)}
        if self.score is not None:
            kept["score"] = self.score
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def reviewer_fault(name: str) -> str | None:
    """Say why a text cannot be a reviewer's name, by which a file is called; None where it can."""
    if _REVIEWER.fullmatch(name) and len(name.encode()) <= 100 and name != RESTRICTED_FOLDER:
        return None
    return f"{name[:60]!r} cannot be a reviewer's name; use letters, digits, hyphens and points, such as ab"


def from_line(line: bytes, where: str) -> Decision:
    """Read one line of a log, which stands at `where`.

    Raises:
        KgError: it is no decision; the message says why.
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise KgError(f"{where}: this line is not JSON; a log is only ever added to") from None
    if not isinstance(value, dict):
        raise KgError(f"{where}: a line is one object: {{…}}")
    known = {each.name: each for each in fields(Decision)}
    for key in value:
        if key not in known:
            raise KgError(f"{where}: a decision has no key {key[:60]!r}")
    for key in ("decision", "time", "reviewer", "report"):
        if not isinstance(value.get(key), str):
            raise KgError(f"{where}: a decision has a text as its {key}")
    if fault := _fault(value):
        raise KgError(f"{where}: {fault}")
    kind = Kind(value.pop("decision"))
    links = tuple((a, b, c, d) for a, b, c, d in value.pop("links", ()))
    declares, new = tuple(value.pop("declares", ())), tuple(value.pop("new", ()))
    return Decision(kind, declares=declares, links=links, new=new, **value)


_TEXTS: Final = ("proposal", "reason", "engine", "version", "rule", "predicate", "text")


def _fault(value: Mapping[str, Any]) -> str | None:
    if value["decision"] not in tuple(Kind):
        return f"{value['decision'][:40]!r} is no decision; there are {', '.join(Kind)}"
    if not _TIME.fullmatch(value["time"]):
        return f"{value['time'][:40]!r} is no time; write 2026-01-02T03:04:05.000006Z"
    if fault := reviewer_fault(value["reviewer"]):
        return fault
    if not _is_key(value["report"]):
        return f"{value['report'][:60]!r} cannot be the key of a report"
    if any(not isinstance(value.get(key, ""), str) for key in _TEXTS):
        return f"one of {', '.join(_TEXTS)} is no text"
    needs_id = value["decision"] not in (Kind.TEXT, Kind.REPORT)
    if needs_id and not _ID.fullmatch(value.get("proposal", "")):
        return "a decision names its proposal by 32 hexadecimal digits"
    for key, kind in (("proposed", dict), ("record", dict), ("declares", list), ("links", list)):
        if not isinstance(value.get(key, kind()), kind):
            return f"{key} is no {'list' if kind is list else 'object'}"
    described = [*value.get("declares", ())]
    if not all(isinstance(each, dict) for each in described):
        return "declares is a list of objects"
    if value["decision"] == Kind.REPORT:
        described.append(value.get("record", {}))
    if value["decision"] == Kind.ACCEPT and not _is_assertion(value.get("record", {}), value["report"]):
        return "what was accepted is no record of an assertion of this report"
    if not all(isinstance(each.get("class"), str) and _is_key(each.get("key")) for each in described):
        return "what describes something has class and key"
    if not all(_is_link(each) for each in value.get("links", ())):
        return "links is a list of lists of four texts"
    if not (isinstance(value.get("new", []), list) and all(map(_is_name, value.get("new", ())))):
        return "new is a list of keys"
    number, length = value.get("score", 0.0), value.get("length", 0)
    if isinstance(number, bool) or not isinstance(number, int | float) or not isinstance(length, int):
        return "score and length are numbers"
    return None if isinstance(value.get("restricted", False), bool) else "restricted is true or false"


def _is_assertion(record: Mapping[str, Any], report: str) -> bool:
    texts = ("subject", "predicate", "report", "digest")
    start, end, object_ = record.get("start"), record.get("end"), record.get("object")
    said = object_.get("text") if isinstance(object_, Mapping) else object_
    return (
        all(isinstance(record.get(key), str) for key in texts)
        and record["report"] == report
        and isinstance(said, str)
        and isinstance(start, int)
        and isinstance(end, int)
        and 0 <= start < end
    )


def _is_key(text: object) -> bool:
    """Tell whether it is a text of letters, digits and hyphens: files are called by it."""
    if not isinstance(text, str):
        return False
    marks = ("Mn", "Mc")
    letters = all(c.isalnum() or c == "-" or unicodedata.category(c) in marks for c in text)
    return bool(text) and letters and len(text.encode("utf-8", "replace")) <= LONGEST_KEY


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 2 * LONGEST_KEY


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(isinstance(each, str) for each in value)


# ---------------------------------------------------------------- all logs together


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is accepted and undisputed: a record of a seed, by whom, and of which text."""

    proposal: str
    report: str
    restricted: bool
    record: Mapping[str, Any]
    declares: tuple[Mapping[str, Any], ...]
    engine: str
    reviewers: tuple[str, ...]
    text: str
    """The digest of the text in which its positions count."""


class Status(StrEnum):
    """How a proposal stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPUTED = "disputed"
    STALE = "stale"
    """Accepted of an earlier text; its words were not found in the one of today, or more than once."""


class Ledger:
    """What all logs say together, whatever order their files are read in; it grows by `add`."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        """Put the lines of several logs into the order of their times; equal lines are one."""
        unique = {decision.line(): decision for decision in decisions}
        ordered = sorted(unique.items(), key=lambda pair: (pair[1].time, pair[1].reviewer, pair[0]))
        self.decisions = [decision for _, decision in ordered]

    def add(self, decision: Decision) -> None:
        """Take in a decision that was made just now."""
        before = self.of_proposal(decision.proposal).get(decision.reviewer)
        self.decisions.append(decision)
        self._stack(decision)
        if decision.decision is Kind.ACCEPT and before is None and decision.report in self.texts:
            # The usual case, and there may be thousands: nothing is worked out anew.
            self._links_of(decision)
            self.declared.update((declared_name(record), record) for record in decision.declares)
        else:
            for name in ("_moves", "texts", "reports", "_links", "declared"):
                self.__dict__.pop(name, None)

    @cached_property
    def _stacks(self) -> dict[str, dict[str, list[Decision]]]:
        """What each reviewer decided of each proposal and did not take back, the last one last."""
        self._stacks = defaultdict(lambda: defaultdict(list))
        for decision in self.decisions:
            self._stack(decision)
        return self._stacks

    def _stack(self, decision: Decision) -> None:
        stack = self._stacks[decision.proposal][decision.reviewer]
        if decision.decision in (Kind.ACCEPT, Kind.REJECT):
            stack.append(decision)
        elif decision.decision is Kind.UNDO and stack:
            stack.pop()

    @cached_property
    def _moves(self) -> Mapping[str, Decision]:
        return {d.proposal: d for d in self.decisions if d.decision is Kind.MOVE}

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, int]]:
        """The digest and the length of the text of each report as it is now.

        It is the one before the first reviewer, until a line says that there is another.
        """
        found: dict[str, tuple[str, int]] = {}
        for d in self.decisions:
            if d.text and (d.decision is Kind.TEXT or d.report not in found):
                found[d.report] = (d.text, d.length)
        return found

    @cached_property
    def reports(self) -> Mapping[str, Decision]:
        """How reports are described that the project did not know."""
        return {d.report: d for d in self.decisions if d.decision is Kind.REPORT}

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Everybody who decided something, sorted."""
        return tuple(sorted({d.reviewer for d in self.decisions if d.proposal}))

    def of_proposal(self, proposal: str) -> dict[str, Decision]:
        """Give what each reviewer has decided of a proposal, by reviewer."""
        stacks = self._stacks.get(proposal, {})
        return {reviewer: stack[-1] for reviewer, stack in sorted(stacks.items()) if stack}

    def status(self, proposal: str) -> Status:
        """Give how a proposal stands."""
        living = self.of_proposal(proposal).values()
        kinds = {decision.decision for decision in living}
        if not kinds:
            return Status.OPEN
        if kinds == {Kind.REJECT}:
            return Status.REJECTED
        forms = {json.dumps(_form(d), sort_keys=True) for d in living if d.decision is Kind.ACCEPT}
        if len(kinds) > 1 or len(forms) > 1:
            return Status.DISPUTED
        last = max(living, key=lambda d: d.time)
        current, _ = self.texts.get(last.report, ("", 0))
        return Status.ACCEPTED if self._text_of(last) == current else Status.STALE

    def _text_of(self, decision: Decision) -> str:
        """Give the text in which an acceptance stands: that of today, if it was found there."""
        move = self._moves.get(decision.proposal)
        current, _ = self.texts.get(decision.report, ("", 0))
        return current if move is not None and move.text == current else decision.text

    def _with(self, status: Status) -> list[str]:
        return [proposal for proposal in self._stacks if proposal and self.status(proposal) is status]

    @property
    def disputed(self) -> list[str]:
        """Proposals on which reviewers do not agree."""
        return sorted(self._with(Status.DISPUTED))

    @property
    def stale(self) -> list[str]:
        """What was accepted of a text that is no more, and not found again."""
        return sorted(self._with(Status.STALE))

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """What is accepted, undisputed and stands in the text of today, sorted by proposal."""
        return tuple(self.acceptance(proposal) for proposal in sorted(self._with(Status.ACCEPTED)))

    def acceptance(self, proposal: str) -> Accepted:
        """Give what was accepted, at the place where it stands now."""
        decisions = [d for d in self.of_proposal(proposal).values() if d.decision is Kind.ACCEPT]
        first, last = decisions[0], max(decisions, key=lambda d: d.time)
        record = dict(last.record)
        current, _ = self.texts.get(first.report, ("", 0))
        move = self._moves.get(proposal)
        if last.text != current and move is not None and move.text == current:
            record |= move.record
        declares = {json.dumps(each, sort_keys=True): each for d in decisions for each in d.declares}
        return Accepted(
            proposal,
            first.report,
            any(decision.restricted for decision in decisions),
            record,
            tuple(declares.values()),
            " ".join(filter(None, (first.engine, first.version))),
            tuple(decision.reviewer for decision in decisions),
            self._text_of(last),
        )

    def links(self, report: str) -> Mapping[tuple[str, str, str], str]:
        """Give which entity each mention of a report was taken for; the last living acceptance counts."""
        return self._links.get(report, {})

    @cached_property
    def _links(self) -> dict[str, dict[tuple[str, str, str], str]]:
        self._links = defaultdict(dict)
        for decision in self._living():
            self._links_of(decision)
        return self._links

    def _links_of(self, decision: Decision) -> None:
        found = self._links[decision.report]
        found.update(((class_, words, key), entity) for class_, words, key, entity in decision.links)

    def _living(self) -> Iterator[Decision]:
        """Give the decisions that nobody took back, in their order."""
        living = {id(d) for p in self._stacks for d in self.of_proposal(p).values()}
        yield from (d for d in self.decisions if id(d) in living or d.decision is Kind.REPORT)

    @cached_property
    def declared(self) -> dict[str, Mapping[str, Any]]:
        """What acceptances declare and nobody took back, by `declared_name`; what was said last counts."""
        return {declared_name(record): record for decision in self._living() for record in decision.declares}

    def last_of(self, reviewer: str) -> Decision | None:
        """Give what a reviewer decided last and did not take back."""
        living = [d for p in self._stacks if (d := self.of_proposal(p).get(reviewer))]
        return max(living, key=lambda d: d.time, default=None)


def _form(decision: Decision) -> dict[str, Any]:
    return {key: value for key, value in decision.record.items() if key not in ("start", "end")}


def declared_name(record: Mapping[str, Any]) -> str:
    """Give what a declaration is called, as IRIs are: its key, and before it the kind or the report."""
    kind = record.get("class", "")
    if kind in ("source", "episode", "report"):
        return "_".join(str(part) for part in (kind, record.get("report", ""), record.get("key", "")) if part)
    if "unnamed" in record:
        return f"{record.get('report', '')}_{record.get('key', '')}"
    return str(record.get("key", ""))


# ---------------------------------------------------------------- agreement


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two reviewers decide alike, on what both have decided."""

    one: str
    other: str
    both: int
    alike: int
    """Both accepted, or both rejected."""
    same_form: int
    """Of what both accepted, how much in the same form."""
    both_accepted: int
    kappa: float | None
    """Cohen's kappa of accepting and rejecting; None where chance alone explains everything."""

    @property
    def percent(self) -> float:
        """Give how many of a hundred they decide alike."""
        return 100 * self.alike / self.both if self.both else 0.0


def agreements(ledger: Ledger, proposals: Sequence[str] | None = None) -> tuple[Agreement, ...]:
    """Give the agreement of each two reviewers who have decided the same proposals, sorted by name."""
    named = proposals if proposals is not None else sorted({d.proposal for d in ledger.decisions})
    decided = {proposal: ledger.of_proposal(proposal) for proposal in named}
    found = []
    for at, one in enumerate(ledger.reviewers):
        for other in ledger.reviewers[at + 1 :]:
            pairs = [(d[one], d[other]) for d in decided.values() if one in d and other in d]
            if pairs:
                found.append(_agreement(one, other, pairs))
    return tuple(found)


def _agreement(one: str, other: str, pairs: Sequence[tuple[Decision, Decision]]) -> Agreement:
    votes = [(a.decision is Kind.ACCEPT, b.decision is Kind.ACCEPT) for a, b in pairs]
    number = len(votes)
    alike = sum(a == b for a, b in votes)
    accepted = [(a, b) for (a, b), vote in zip(pairs, votes, strict=True) if all(vote)]
    first, second = (sum(vote[side] for vote in votes) / number for side in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    kappa = None if chance >= 1 else (alike / number - chance) / (1 - chance)
    same_form = sum(_form(a) == _form(b) for a, b in accepted)
    return Agreement(one, other, number, alike, same_form, len(accepted), kappa)
