"""What a reviewer sees: one proposal in its context, in lines for any terminal, ASCII but for the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kg.decisions import Agreement
from kg.dossier_text import wrap
from kg.drafts import Composer, Draft, Question, Resolution
from kg.escape import for_terminal
from kg.model import Assertion
from kg.problems import Location
from kg.proposals import Absent, Mention, Proposal
from kg.review import Stale
from kg.standing import Standing

AROUND: Final = 240
"""Characters of the text that are shown on each side of the quote."""
LONGEST_QUOTE: Final = 1_200
MOST_LINES: Final = 4
"""How many assertions of one kind are shown of what the graph says."""
_LABEL: Final = 14
_INDENT: Final = "  "

Paint = Callable[[str], str]


def _plain(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Look:
    """How wide the terminal is, what its encoding holds, and how it shows what matters."""

    width: int = 80
    encoding: str = "utf-8"
    strong: Paint = field(default=_plain)
    faint: Paint = field(default=_plain)
    warning: Paint = field(default=_plain)

    def safe(self, text: str) -> str:
        """Give text from outside as it can be shown."""
        return for_terminal(text, self.encoding)


def sentence(proposal: Proposal) -> str:
    """Give what a proposal says in one line, how sure included."""
    said = f"{proposal.subject.words} {proposal.predicate.replace('-', ' ')} {_object(proposal)}"
    marks = [proposal.polarity if proposal.polarity == "denied" else proposal.certainty]
    marks += [
        key.replace("-", " ") if text == "true" else f"{key.replace('-', ' ')} {text}"
        for key, text in proposal.qualifiers
        if text != "false"
    ]
    return f"{said} ({'; '.join(marks)})"


def _object(proposal: Proposal) -> str:
    if isinstance(proposal.object, Absent):
        return proposal.object.value.replace("-", " ")
    return proposal.object.words if isinstance(proposal.object, Mention) else proposal.object


# ---------------------------------------------------------------- one proposal


def screen(
    draft: Draft, composer: Composer, look: Look, number: int, total: int, *, independent: bool = False
) -> list[str]:
    """Give the lines that show a draft: the quote in its text, what it says, who is meant, what is known.

    An `independent` reviewer is not told that somebody else has accepted it.
    """
    question, proposal = draft.question, draft.proposal
    head = f"{number} of {total}   {question.report}   {question.id[:12]}"
    lines = ["", look.faint("-" * (look.width - 1)), look.faint(look.safe(head)), ""]
    lines += context(question.reported.text, proposal.start, proposal.end, look)
    lines.append("")
    lines += [look.strong(line) for line in _wrapped(look, f"{_negated(proposal)}{_said(proposal)}", _INDENT)]
    lines.append("")
    lines += _details(draft, look)
    lines.append("")
    for resolution in composer.resolve(draft):
        lines += _who(resolution, look)
    lines.append("")
    lines += _graph(composer, draft, look, independent)
    return lines


def _said(proposal: Proposal) -> str:
    return f"{proposal.subject.words}: {proposal.predicate.replace('-', ' ')}: {_object(proposal)}"


def _negated(proposal: Proposal) -> str:
    if proposal.polarity == "denied":
        return "DENIED: "
    return "ALLEGED: " if proposal.certainty == "alleged" else ""


def context(text: str, start: int, end: int, look: Look) -> list[str]:
    """Give the quote in what stands around it, between brackets that do not stand there themselves."""
    before, quote, after = _pieces(text, start, end)
    opening, closing = "[[", "]]"
    if any(mark in piece for mark in (opening, closing) for piece in (before, quote, after)):
        opening, closing = ">>>", "<<<"
    whole = f"{before}{opening}{quote}{closing}{after}"
    inside = False
    painted = []
    for paragraph in whole.split("\n"):
        for line in wrap(look.safe(paragraph), look.width - 2, _INDENT, _INDENT):
            done, inside = _painted(line, opening, closing, inside, look.strong)
            painted.append(done)
    return painted


def _painted(line: str, opening: str, closing: str, inside: bool, paint: Paint) -> tuple[str, bool]:
    """Paint what of a line lies in the quote, its indent left out."""
    rest = line.lstrip(" ")
    done = line[: len(line) - len(rest)]
    while rest:
        skip = 0
        if not inside:
            at = rest.find(opening)
            if at < 0:
                return done + rest, False
            done, rest, skip = done + rest[:at], rest[at:], len(opening)
        end = rest.find(closing, skip)
        if end < 0:
            return done + paint(rest), True
        done, rest = done + paint(rest[: end + len(closing)]), rest[end + len(closing) :]
        inside = False
    return done, inside


def _pieces(text: str, start: int, end: int) -> tuple[str, str, str]:
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    before, after = text[first:start], text[end:last]
    if first:
        at = before.find(" ")
        before = f"... {before[at + 1 :] if 0 <= at < 60 else before}"
    if last < len(text):
        at = after.rfind(" ")
        after = f"{after[:at] if at >= len(after) - 60 and at >= 0 else after} ..."
    quote = text[start:end]
    if len(quote) > LONGEST_QUOTE:
        half = LONGEST_QUOTE // 2
        quote = f"{quote[:half]} ... {quote[-half:]}"
    return _in_lines(before).lstrip("\n"), _in_lines(quote), _in_lines(after).rstrip()


def _in_lines(text: str) -> str:
    """Give one line for each paragraph, and one blank for any other white space."""
    return re.sub(r"\s+", lambda space: "\n" if space[0].count("\n") > 1 else " ", text)


def _details(draft: Draft, look: Look) -> Iterator[str]:
    proposal, best = draft.proposal, draft.question.best
    for key, text in proposal.qualifiers:
        if key == "inferred" and proposal.date_from:
            continue
        more = f', worked out from "{proposal.date_from}"' if key == "date" and proposal.date_from else ""
        yield from _row(look, key.replace("-", " "), text + more)
    tellers = ", who had it from ".join(
        link.who.words + (f" ({link.relation})" if link.relation else "") for link in proposal.told_by
    )
    yield from _row(look, "told by", tellers or "the publisher")
    sure = f"{proposal.certainty}, and denied" if proposal.polarity == "denied" else proposal.certainty
    yield from _row(look, "certainty", sure)
    episode = proposal.event if draft.episode is None else draft.episode
    if episode:
        yield from _row(look, "episode", episode)
    if draft.access:
        yield from _row(look, "access", draft.access)
    engines = "; ".join(
        f"{each.engine} {each.version}".strip()
        + (f" ({each.proposal.rule})" if each.proposal.rule else "")
        + f", score {each.proposal.score:.2f}"
        for each in draft.question.filed
    )
    yield from _row(look, "proposed by", engines or best.engine)
    if proposal.why:
        yield from _row(look, "why", proposal.why)
    if draft.changed:
        yield from _row(look, "", "changed by you")


def _row(look: Look, label: str, text: str) -> list[str]:
    first = f"{_INDENT}{look.safe(label):<{_LABEL}}"
    return wrap(look.safe(text), look.width - 1, first, _INDENT + " " * _LABEL)


def _wrapped(look: Look, text: str, indent: str = "") -> list[str]:
    return wrap(look.safe(text), look.width - 1, indent, indent + _INDENT)


# ---------------------------------------------------------------- who is meant


def _who(resolution: Resolution, look: Look) -> Iterator[str]:
    mention = resolution.mention
    if resolution.asks:
        yield look.warning(_wrapped(look, f"{mention.words}: who is it? (w)", _INDENT)[0])
        yield from who_lines(resolution, look)
        return
    yield from _wrapped(look, f"{mention.words}: {_meaning(resolution)}", _INDENT)


def _meaning(resolution: Resolution) -> str:
    mention = resolution.mention
    if resolution.new is None:
        return f"is {resolution.key} ({resolution.why})"
    kind = f"an unnamed {mention.class_key}" if mention.unnamed else _one(mention.class_key)
    others = f"; not {', '.join(c.key for c in resolution.candidates)}" if resolution.candidates else ""
    return f"new, {kind}: {resolution.new['key']}{others}"


def _one(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def who_lines(resolution: Resolution, look: Look) -> Iterator[str]:
    """Give the entities to choose from, numbered."""
    for number, candidate in enumerate(resolution.candidates, 1):
        named = f"{candidate.label}, {candidate.class_key} {candidate.key}"
        yield from wrap(
            look.safe(f"{named}: {candidate.why}"), look.width - 1, f"{_INDENT * 2}{number} ", _INDENT * 4
        )
    yield f"{_INDENT * 2}n somebody or something new"


# ---------------------------------------------------------------- what the graph says


def _graph(composer: Composer, draft: Draft, look: Look, independent: bool) -> Iterator[str]:
    found = composer.standing(draft)
    if found is not None and independent:
        found = replace(found, twins=tuple(each for each in found.twins if each.method == "curated"))
    name = draft.proposal.subject.words
    if found is None:
        yield from _row(look, "the graph", "says what of whom, it can tell when it is clear who is meant")
        return
    if found.is_new:
        yield from _row(look, "the graph", f"says nothing of {name} yet")
        return
    yield from _kind(composer, look, "has it", found.twins, strong=True)
    yield from _kind(composer, look, "agrees", found.agreeing)
    yield from _kind(composer, look, "contradicts", found.contradicting, strong=True)
    yield from _kind(composer, look, "says also", found.others)
    yield from _rest(found, look, name)


def _rest(found: Standing, look: Look, name: str) -> Iterator[str]:
    told = found.twins or found.agreeing or found.contradicting or found.others
    things = "1 other thing" if found.rest == 1 else f"{found.rest:,} other things"
    if not told:
        yield from _row(look, "the graph", f"says {things} of {name}, nothing of this kind")
    elif found.rest:
        yield from _row(look, "", f"and {things} of {name}")


def _kind(
    composer: Composer, look: Look, label: str, said: Sequence[Assertion], *, strong: bool = False
) -> Iterator[str]:
    for number, assertion in enumerate(said[:MOST_LINES]):
        words, told = composer.words(assertion)
        by = "curated by hand" if assertion.method == "curated" else assertion.method
        lines = _row(look, label if not number else "", f"{words}; {told}; {by}{_at(assertion.where)}")
        yield from map(look.warning, lines) if strong else lines
    if len(said) > MOST_LINES:
        yield from _row(look, "", f"and {len(said) - MOST_LINES} more")


def _at(where: Location) -> str:
    return f" at {where}" if where.path else ""


# ---------------------------------------------------------------- other screens


def stale_lines(stale: Stale, look: Look) -> list[str]:
    """Give what is to be said of an acceptance whose words do not stand in the text of today."""
    record = stale.accepted.record
    object_ = record["object"]
    words = object_.get("text") if isinstance(object_, dict) else object_
    said = f"{record['subject']}: {str(record['predicate']).replace('-', ' ')}: {words}"
    if stale.places:
        where = ", ".join(map(str, stale.places[:9]))
        found = f"its words stand more than once now, beginning at {where}"
    else:
        found = "its words stand nowhere in the text of today"
    lines = ["", look.faint("-" * (look.width - 1)), look.faint(look.safe(stale.accepted.report)), ""]
    lines += [look.strong(line) for line in _wrapped(look, said, _INDENT)]
    by = ", ".join(stale.accepted.reviewers)
    told = f"accepted by {by}, of an earlier text; {found}. It is not in the graph until you decide."
    lines += ["", *map(look.warning, _wrapped(look, told, _INDENT))]
    for number, start in enumerate(stale.places[:9], 1):
        length = record["end"] - record["start"]
        lines += ["", f"{_INDENT}{number}", *context(stale.reported.text, start, start + length, look)]
    return lines


def list_line(question: Question, look: Look) -> str:
    """Give a proposal as one line of a list."""
    best = question.best
    return look.safe(
        f"{question.id[:12]}  {question.status:<8}  {best.proposal.score:.2f}  {best.engine}  "
        f"{question.report}  {sentence(best.proposal)}"
    )


def agreement_lines(found: Iterable[Agreement], look: Look) -> Iterator[str]:
    """Give the agreement of each two reviewers, in words."""
    for each in found:
        kappa = "not defined, as chance explains all" if each.kappa is None else f"{each.kappa:.2f}"
        yield look.safe(
            f"{each.one} and {each.other}: {each.both} decided by both, {each.alike} alike "
            f"({each.percent:.0f} %), Cohen's kappa {kappa}; of {each.both_accepted} that both accepted, "
            f"{each.same_form} in the same form"
        )
