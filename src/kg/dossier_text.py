"""A dossier in plain words for a terminal, as Markdown, and as JSON for programs."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from kg import dates
from kg.dossier import Claim, Dossier, Name, Section, Support, Telling, Topic, date_in_words, told
from kg.escape import for_terminal

COUNTING = (
    "Characters of a report's text are counted from 0; the second number is the first character after the passage."
)


# ---------------------------------------------------------------- sentences that several forms share


def how_sure(telling: Telling) -> str:
    """Give how sure it is, with the date: ``alleged; about May 2017 (worked out by the curator)``."""
    inferred = " (worked out by the curator)" if telling.inferred else ""
    return f"{telling.sure}; {telling.when}{inferred}" if telling.when else telling.sure


def where_said(telling: Telling) -> str:
    """Give where in the report it is said: ``characters 3698-3852``."""
    if telling.end:
        return f"characters {telling.start}-{telling.end}"
    return "as a record" if telling.record else "place not recorded"


def marks(telling: Telling) -> tuple[str, ...]:
    """Give what else a reader has to know of a telling: withdrawn, restricted, disputed."""
    return (
        *((f"withdrawn on {date_in_words(telling.withdrawn)}",) if telling.withdrawn else ()),
        *(("restricted",) if telling.restricted else ()),
        *((f"{telling.method}",) if telling.method != "curated" else ()),
        *(f"at odds with others: ({number})" for number in telling.disputes),
    )


def origins(support: Support) -> str:
    """Give a number of origins in words: ``2 distinct origins``, ``at least 1, at most 3 distinct origins``."""
    least, most = support.at_least, support.at_most
    if least == most:
        return f"{least} distinct origin{'' if least == 1 else 's'}"
    return f"at least {least}, at most {most} distinct origin{'' if most == 1 else 's'}"


def support_of(claim: Claim) -> Support | None:
    """Give the support of a claim: that of the first telling that has any."""
    return next((telling.support for telling in claim.tellings if telling.support), None)


def told_through(listeners: tuple[str, ...], who: Callable[[str], str] = str) -> str:
    """Give whom a source told: ``told Radio Free Asia and a neighbour``."""
    names = [who(name) for name in listeners]
    if not names:
        return "told somebody who is not named"
    return "told " + (" and ".join((", ".join(names[:-1]), names[-1])) if names[1:] else names[0])


def few(labels: tuple[str, ...], who: Callable[[str], str] = str, most: int = 6) -> str:
    """Give the first labels, and how many more there are."""
    shown = ", ".join(who(label) for label in labels[:most])
    return f"{shown} and {len(labels) - most} more" if len(labels) > most else shown


def things(number: int) -> str:
    """Give a number of assertions as people count them."""
    return f"{number:,} thing" + ("" if number == 1 else "s")


def sentence(text: str) -> str:
    """Give words of our own with a capital at their start and a full stop at their end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ":")) else ".")


def summary(dossier: Dossier) -> str:
    """Give what kind of thing it is, and its key."""
    parts = (dossier.kind, "no name reported" if dossier.unnamed else "", "restricted" if dossier.restricted else "")
    return "; ".join((*filter(None, parts), dossier.key))


# ---------------------------------------------------------------- what each form lays out in its own way


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: `level` is 0 for a title, 1 for a heading, and more for what lies below it."""

    level: int
    text: str
    """Escaped for the form that it is written for."""
    item: bool = False
    """True for one of several things of the same kind."""


def lines(dossier: Dossier, quote: Callable[[str], str]) -> Iterator[Line]:
    """Give a dossier as paragraphs; `quote` escapes what comes from outside."""
    yield Line(0, quote(dossier.title))
    yield Line(2, sentence(quote(summary(dossier))).removesuffix("."))
    if dossier.same_as:
        yield Line(2, f"Elsewhere: {', '.join(map(quote, dossier.same_as))}")
    if dossier.note:
        yield Line(2, f"Note: {quote(dossier.note)}")
    for fact in dossier.facts:
        key = f" ({quote(fact.iri)})" if fact.iri and fact.iri != fact.text else ""
        yield Line(2, f"{sentence(fact.label)[:-1]}: {quote(fact.text)}{key}")
    if dossier.names:
        yield Line(1, "Names")
        for name in dossier.names:
            yield Line(2, f"{quote(name.text)}{name_language(name, quote)}: {name_origin(name)}", True)
    for section in dossier.sections:
        yield from _section(section, quote)
    if not (dossier.sections or dossier.names or dossier.facts or dossier.tells or dossier.withdrawn):
        yield Line(1, "Nothing is said of it here")
    if dossier.disputes:
        yield Line(1, "At odds with each other")
        for dispute in dossier.disputes:
            yield Line(2, f"({dispute.number}) {sentence(quote(dispute.message))}")
            for claim in dispute.sides:
                yield from _claim(claim, quote, 3, item=True)
    if dossier.gaps:
        yield Line(1, "What is not known")
        for gap in dossier.gaps:
            quoted = f" ({quote(gap.quoted)})" if gap.quoted else ""
            yield Line(2, sentence(gap.text + quoted), True)
    if dossier.tells:
        yield Line(1, "Who tells" if dossier.kind == "report" else "As a teller")
        for each in dossier.tells:
            said = f"{told_through(each.listeners, quote)} {things(each.assertions)}"
            about = f", about {few(each.about, quote)}" if each.about else ""
            yield Line(2, f"{quote(each.label)} {said}{about} ({quote(each.source)})", True)
    if dossier.falls is not None:
        yield from _falls(dossier.falls, quote)
    if dossier.withdrawn:
        yield Line(1, "Withdrawn: it no longer counts")
        for topic in dossier.withdrawn:
            yield from _topic(topic, quote)
    if dossier.reports:
        yield Line(1, "Reports")
        for report in dossier.reports:
            published = date_in_words(report.published) if report.published else "no date of publication"
            where = ", ".join(filter(None, (report.publisher, published)))
            links = " ".join(filter(None, (report.url, report.archive_url)))
            yield Line(2, f"[{report.number}] {quote(report.title)}. {quote(where)}. {quote(links)}".rstrip(), True)
        yield Line(2, COUNTING)


def name_language(name: Name, quote: Callable[[str], str] = str) -> str:
    """Give the language tag of a name in brackets, if it has one."""
    return f" ({quote(name.language)})" if name.language else ""


def name_origin(name: Name) -> str:
    """Give where a name comes from: the project's own lists, or reports."""
    given = [
        " ".join(filter(None, (f"[{t.report}]", where_said(t), "" if t.sure == "stated" else f"({t.sure})")))
        for t in name.tellings
    ]
    if not given:
        return "listed by the project; no report here gives it"
    return f"{'listed by the project; ' if name.listed else ''}given in {', '.join(given)}"


def value_words(claim: Claim, quote: Callable[[str], str] = str) -> str:
    """Give what a claim says, with the places around a place and what belongs beside it."""
    words = quote(claim.value)
    if claim.beside:
        words += f" ({quote(claim.beside)})"
    if claim.within:
        words += f", in {', '.join(map(quote, claim.within))}"
    return words + (f" [{quote(claim.case)}]" if claim.case else "")


def _section(section: Section, quote: Callable[[str], str]) -> Iterator[Line]:
    yield Line(1, section.title)
    for topic in section.topics:
        yield from _topic(topic, quote)


def _topic(topic: Topic, quote: Callable[[str], str]) -> Iterator[Line]:
    title = quote(topic.title)
    title = title if topic.iri else sentence(title)[:-1]
    if len(topic.claims) == 1:
        yield from _claim(topic.claims[0], quote, 2, before=f"{title}: ")
        return
    yield Line(2, f"{title}:")
    for claim in topic.claims:
        yield from _claim(claim, quote, 3, item=True)


def _claim(
    claim: Claim, quote: Callable[[str], str], level: int, *, before: str = "", item: bool = False
) -> Iterator[Line]:
    label = f"{quote(claim.label)}: " if claim.label else ""
    yield Line(level, before + label + value_words(claim, quote), item)
    for telling in claim.tellings:
        yield Line(level + 1, f"by {told(telling, quote)}")
        details = (how_sure(telling), *(text for _, text in telling.details), telling.note or "", *marks(telling))
        place = f"[{telling.report}] {where_said(telling)}"
        yield Line(level + 2, "; ".join((*map(quote, filter(None, details)), place)))
    if support := support_of(claim):
        reasons = f": {quote('; '.join(support.reasons))}" if support.reasons else ""
        yield Line(level + 1, f"{sentence(origins(support))[:-1]}{reasons}")


def _falls(falls: Section, quote: Callable[[str], str]) -> Iterator[Line]:
    yield Line(1, "If this source were discredited")
    if not falls.topics:
        yield Line(2, "Nothing would stand on nothing: all that it told is told by others too.")
        return
    number = sum(len(claim.tellings) for topic in falls.topics for claim in topic.claims)
    yield Line(2, f"{things(number).capitalize()} would stand on nothing:")
    for topic in falls.topics:
        for claim in topic.claims:
            place = ", ".join(f"[{t.report}] {where_said(t)}" for t in claim.tellings)
            yield Line(3, f"{quote(topic.title)}: {quote(claim.label)} {value_words(claim, quote)}; {place}", True)


# ---------------------------------------------------------------- for a terminal


def text(dossier: Dossier, *, width: int = 80, encoding: str = "utf-8") -> str:
    """Give a dossier as plain words, in lines of at most `width` columns, safe for a terminal.

    What `encoding`, that of the terminal, cannot hold shows as backslash escapes.
    """
    quote = partial(for_terminal, encoding=encoding)
    written: list[str] = []
    for line in lines(dossier, quote):
        if line.level == 0:
            written += [*wrap(line.text, width), "=" * min(width, columns(line.text))]
        elif line.level == 1:
            written += ["", line.text, "-" * columns(line.text)]
        else:
            indent = "  " * (line.level - 2)
            first = indent + ("- " if line.item else "")
            written += wrap(line.text, width, first, indent + "  ")
    return "\n".join(written) + "\n"


def columns(text: str) -> int:
    """Give how many columns of a terminal a text takes: Chinese letters two, combining marks none."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if letter < "\u0300":
        return 1
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Break a text at blanks into lines of at most `width` columns, and a longer word wherever it has to be."""
    made: list[str] = []
    line, used = first, columns(first)
    empty = True
    for word in text.split(" "):
        size = columns(word)
        if not empty and used + 1 + size > width:
            made.append(line)
            line, used, empty = rest, columns(rest), True
        if not empty:
            line, used = f"{line} ", used + 1
        while used + size > width and size > width - columns(rest):
            part = _fitting(word, max(1, width - used))
            made.append(line + part)
            word, line, used = word[len(part) :], rest, columns(rest)
            size = columns(word)
        line, used, empty = line + word, used + size, False
    return [*made, line]


def _fitting(word: str, width: int) -> str:
    """Give as many first letters as fit, at least one, with the marks that belong to the last."""
    used = 0
    for number, letter in enumerate(word):
        used += _columns(letter)
        if used > width and number:
            return word[:number]
    return word
