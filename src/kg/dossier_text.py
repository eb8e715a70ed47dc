"""A dossier in plain words for a terminal, as Markdown, and as JSON for programs."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from kg import dates, wording
from kg.corroboration import Origins
from kg.dossier import (
    Claim,
    Dossier,
    Falls,
    Gap,
    Name,
    Section,
    Telling,
    Told,
    Topic,
    Weaker,
    key_of,
    told,
)
from kg.escape import for_terminal

NOT_TRUE = "This says what was said, by whom and where: not what is true."
COUNTING = "Characters are counted from 0; the second number is the first one after the passage."


# ---------------------------------------------------------------- sentences that several forms share


def how_sure(telling: Telling) -> str:
    """Give how sure it is, with the date: ``alleged; about May 2017 (worked out by the curator)``."""
    inferred = " (worked out by the curator)" if telling.inferred else ""
    return f"{telling.sure}; {telling.when}{inferred}" if telling.when else telling.sure


def where_said(telling: Telling) -> str:
    """Give where in the report it is said: ``characters 3698-3852``."""
    if telling.end:
        return f"characters {telling.start}-{telling.end}"
    if telling.row:
        return telling.row
    return "as a record" if telling.record else "place not recorded"


def marks(telling: Telling) -> tuple[str, ...]:
    """Give what else a reader has to know of a telling: withdrawn, restricted, disputed."""
    disputes = ", ".join(f"({number})" for number in telling.disputes)
    return (
        *((f"withdrawn {wording.withdrawal(telling.withdrawn)}",) if telling.withdrawn else ()),
        *(("restricted",) if telling.restricted else ()),
        *((f"corrects: {telling.corrects}",) if telling.corrects else ()),
        *((f"corrected by: {telling.corrected_by}",) if telling.corrected_by else ()),
        *((telling.by_whom or telling.method,) if telling.method != "curated" else ()),
        *((f"at odds with others: {disputes}",) if disputes else ()),
    )


def number_of_origins(counted: Origins) -> str:
    """Give a number of origins in words: ``2 origins``, ``at least 1 origin, at most 3``."""
    least = f"{counted.least:,} distinct origin{'' if counted.least == 1 else 's'}"
    return least if counted.least == counted.most else f"at least {least}, at most {counted.most:,}"


def origins(claim: Claim, quote: Callable[[str], str] = str) -> str:
    """Give on how many distinct origins a claim rests, with the reasons.

    Empty where that was not counted, and where one telling is the only origin.
    """
    parts = []
    if (counted := claim.origins) and (len(claim.tellings) > 1 or (counted.least, counted.most) != (1, 1)):
        parts.append("from " + _because(counted, quote))
    deniers = [telling for telling in claim.tellings if telling.sure.startswith("denied")]
    if claim.denials and (len(deniers) > 1 or (claim.denials.least, claim.denials.most) != (1, 1)):
        parts.append("denied by " + _because(claim.denials, quote))
    return "; ".join(parts)


def _because(counted: Origins, quote: Callable[[str], str]) -> str:
    reasons = "; ".join(map(quote, counted.reasons))
    return number_of_origins(counted) + (f" ({reasons})" if reasons else "")


def weaker_words(each: Weaker, quote: Callable[[str], str] = str) -> str:
    """Give what would stand on fewer origins, and on how many."""
    before, left = number_of_origins(each.before), number_of_origins(each.left)
    return f"{quote(each.subject)}: {quote(each.said)}; {left} instead of {before}"


def falls_words(falls: Falls) -> str:
    """Give how much rests on a source."""
    rest = f"{falls.assertions:,} assertion{' rests' if falls.assertions == 1 else 's rest'} on it"
    if falls.undenied:
        denials = "1 denial" if falls.undenied == 1 else f"{falls.undenied:,} denials"
        rest = f"{rest}; {denials} would have nobody left who makes them"
    if not falls.things:
        return f"{rest}." if falls.undenied else f"{rest}; all of that is said by others too."
    things = "1 thing that is said" if falls.things == 1 else f"{falls.things:,} things that are said"
    return f"{rest}; {things} would stand on nothing{':' if falls.alone else '.'}"


def told_to(each: Told, who: Callable[[str], str] = str) -> str:
    """Give how much a source told, and to whom: ``3 things, told to Radio Free Asia``."""
    number = f"{each.assertions:,} thing{'' if each.assertions == 1 else 's'}"
    if not each.listeners:
        return f"{number}, said in its own voice"
    return f"{number}, told to {few(each.listeners, who)}"


def few(labels: tuple[str, ...], who: Callable[[str], str] = str, most: int = 6) -> str:
    """Give the first labels, and how many more there are."""
    shown = [who(label) for label in labels[:most]]
    if len(labels) > most:
        shown.append(f"{len(labels) - most} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def sentence(text: str) -> str:
    """Give words of our own with a capital at their start and a full stop at their end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ":")) else ".")


def summary(dossier: Dossier) -> str:
    """Give what kind of thing it is, and its key."""
    named = "no name reported" if dossier.unnamed else ""
    parts = (
        dossier.kind,
        named,
        "restricted" if dossier.restricted else "",
        key_of(dossier.iri, dossier.base),
    )
    return sentence("; ".join(filter(None, parts)))[:-1]


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
    yield Line(2, quote(summary(dossier)))
    if dossier.same_as:
        yield Line(2, f"Elsewhere: {', '.join(map(quote, dossier.same_as))}")
    if dossier.note:
        yield Line(2, f"Note: {quote(dossier.note)}")
    for fact in dossier.facts:
        key = f" ({quote(key_of(fact.iri, dossier.base))})" if fact.iri and fact.iri != fact.text else ""
        yield Line(2, f"{sentence(fact.label)[:-1]}: {quote(fact.text)}{key}")
    if dossier.names:
        yield Line(1, "Names")
        for name in dossier.names:
            yield Line(2, f"{quote(name.text)}{name_language(name, quote)}: {name_origin(name)}", True)
    for section in dossier.sections:
        yield from _section(section, quote, dossier.iri)
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
            yield Line(2, gap_words(gap, quote), True)
    if dossier.tells:
        yield Line(1, "Who tells" if dossier.kind == "report" else "As a teller")
        for each in dossier.tells:
            key = quote(key_of(each.source, dossier.base))
            yield Line(
                2,
                f"{quote(each.label)} ({key}): {told_to(each, quote)}; about {few(each.about, quote)}",
                True,
            )
    if dossier.falls is not None:
        yield from _falls(dossier.falls, quote)
    if dossier.withdrawn:
        yield Line(1, "Withdrawn: it no longer counts")
        for topic in dossier.withdrawn:
            yield from _topic(topic, quote)
    if dossier.reports:
        yield Line(1, "Reports")
        for report in dossier.reports:
            published = wording.date(report.published) if report.published else "no date of publication"
            where = ", ".join(filter(None, (report.publisher, published)))
            links = " ".join(filter(None, (report.url, report.archive_url)))
            yield Line(
                2, f"[{report.number}] {quote(report.title)}. {quote(where)}. {quote(links)}".rstrip(), True
            )
        yield Line(2, f"{NOT_TRUE} {COUNTING}")


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


def gap_words(gap: Gap, quote: Callable[[str], str] = str) -> str:
    """Give what is not known as a sentence."""
    words = gap.text.format(quote(gap.named))
    return sentence(f"{words} ({quote(gap.quoted)})" if gap.quoted else words)


def value_words(claim: Claim, quote: Callable[[str], str] = str) -> str:
    """Give what a claim says, with the places around a place and what belongs beside it."""
    words = quote(claim.value)
    if claim.beside:
        words += f" ({quote(claim.beside)})"
    if claim.within:
        words += f", in {', '.join(map(quote, claim.within))}"
    return words + (f" [{quote(claim.case)}]" if claim.case else "")


def _section(section: Section, quote: Callable[[str], str], teller: str) -> Iterator[Line]:
    yield Line(1, section.title)
    for topic in section.topics:
        yield from _topic(topic, quote, teller)


def _topic(topic: Topic, quote: Callable[[str], str], teller: str = "") -> Iterator[Line]:
    title = quote(topic.title)
    title = title if topic.iri else sentence(title)[:-1]
    if len(topic.claims) == 1:
        yield from _claim(topic.claims[0], quote, 2, teller, before=f"{title}: ")
        return
    yield Line(2, f"{title}:")
    for claim in topic.claims:
        yield from _claim(claim, quote, 3, teller, item=True)


def _claim(
    claim: Claim,
    quote: Callable[[str], str],
    level: int,
    teller: str = "",
    *,
    before: str = "",
    item: bool = False,
) -> Iterator[Line]:
    """Give a claim and who says it, unless that is `teller`, whom the whole dossier is about."""
    label = f"{quote(claim.label)}: " if claim.label else ""
    yield Line(level, before + label + value_words(claim, quote), item)
    for telling in claim.tellings:
        obvious = bool(telling.chain) and telling.chain[0].source == teller
        if not obvious:
            yield Line(level + 1, f"told by {told(telling, quote)}")
        details = (
            how_sure(telling),
            *(text for *_, text in telling.details),
            telling.note or "",
            *marks(telling),
        )
        place = f"[{telling.report}] {where_said(telling)}"
        yield Line(level + 2 - obvious, "; ".join((*map(quote, filter(None, details)), place)))
    if counted := origins(claim, quote):
        yield Line(level + 1, counted)


def _falls(falls: Falls, quote: Callable[[str], str]) -> Iterator[Line]:
    yield Line(1, "If this were discredited")
    yield Line(2, falls_words(falls))
    for topic in falls.alone:
        for claim in topic.claims:
            place = ", ".join(f"[{t.report}] {where_said(t)}" for t in claim.tellings)
            sure = "" if claim.tellings[0].sure == "stated" else f"{claim.tellings[0].sure}: "
            said = f"{quote(topic.title)}: {sure}{quote(claim.label)}: {value_words(claim, quote)}"
            yield Line(3, f"{said}; {place}", True)
    if falls.weaker:
        yield Line(2, "This would stand on fewer origins:")
        for each in falls.weaker:
            yield Line(3, weaker_words(each, quote), True)


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
            written += wrap(line.text, width, first, indent + ("  " if line.item else "    "))
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
    """Break a text at blanks into lines of at most `width` columns, a longer word wherever needed."""
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
            if part == word:
                break
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


# ---------------------------------------------------------------- Markdown


# Besides what marks text up: @ and :// and www. would make links of plain words in some readers.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|#~&!$^@{}]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"^(\s*)([-+=>]|\d+(?=[.)]))")


def markdown(dossier: Dossier) -> str:
    """Give a dossier in Markdown (CommonMark); nothing from outside can mark anything up."""
    written: list[str] = []
    for line in lines(dossier, for_markdown):
        if line.level < 2:
            written += [*([""] if written else []), f"{'#' * (line.level + 1)} {line.text}", ""]
        else:
            written.append(f"{'  ' * (line.level - 2)}- {line.text}")
    return "\n".join(written) + "\n"


def for_markdown(text: str) -> str:
    r"""Give text from outside as plain words in one line of Markdown.

    >>> print(for_markdown("*a* <b> [c](d) 1. e"))
    \*a\* \<b\> \[c\](d) 1. e
    """
    escaped = _MARKDOWN.sub(r"\\\g<0>", for_terminal(text))
    return _MARKDOWN_START.sub(lambda m: f"{m[1]}{m[2]}\\" if m[2].isdigit() else f"{m[1]}\\{m[2]}", escaped)


# ---------------------------------------------------------------- JSON


def as_json(dossier: Dossier) -> bytes:
    """Give a dossier as one JSON object, without anything escaped but what JSON escapes.

    ``assertions`` is flat, one object for each time something is said: ``id``, ``section`` and
    ``topic`` as in the other forms, ``subject``, ``predicate``, ``value`` with ``value_id`` (of an
    entity), ``language`` and ``within``; ``sure`` (stated, alleged, denied; or "denied, as
    alleged"); ``date`` (EDTF) with ``earliest``, ``latest``, ``inferred``; ``qualifiers``;
    ``told`` in words and ``tellers``, the outermost first, with ``told_to``, the publisher;
    ``report`` (its ``number``), ``start``, ``end``, ``digest`` or ``record``;
    ``origins_least``, ``origins_most`` and ``origins_because``, the distinct origins of just this
    with its date where they were counted; ``claim_least``, ``claim_most`` and ``claim_because``, of
    all who say the same whatever the date, and ``denied_least``, ``denied_most`` of who denies it;
    ``conflicts``, numbers of ``conflicts``. In ``facts``, ``tells``, ``falls`` and ``conflicts``
    stands what the other forms show under headings of their own.
    """
    records: dict[str, dict[str, Any]] = {}
    for name in dossier.names:
        for telling in name.tellings:
            claim = Claim("", name.text, name.language, "", (), "", "", "name", dossier.iri, ())
            said = {"section": "Names", "topic": "name", **_of_claim(claim)}
            records.setdefault(telling.assertion, _record(telling, said))
    sections = (
        *dossier.sections,
        *((Section("Rests on this alone", dossier.falls.alone),) if dossier.falls else ()),
        *((Section("Withdrawn", dossier.withdrawn),) if dossier.withdrawn else ()),
    )
    for section in sections:
        for topic in section.topics:
            for claim in topic.claims:
                for telling in claim.tellings:
                    said = {"section": section.title, "topic": topic.title}
                    records.setdefault(telling.assertion, _record(telling, {**said, **_of_claim(claim)}))
    for dispute in dossier.disputes:
        for claim in dispute.sides:
            for telling in claim.tellings:
                said = {"section": "Conflicts", "topic": dispute.rule, **_of_claim(claim)}
                records.setdefault(telling.assertion, _record(telling, said))
    content = {
        "id": dossier.iri,
        "key": key_of(dossier.iri, dossier.base),
        "kind": dossier.kind,
        "title": dossier.title,
        "unnamed": dossier.unnamed,
        "restricted": dossier.restricted,
        "note": dossier.note,
        "same_as": list(dossier.same_as),
        "names": [
            {
                "name": name.text,
                "language": name.language,
                "listed": name.listed,
                "assertions": [telling.assertion for telling in name.tellings],
            }
            for name in dossier.names
        ],
        "facts": [{"label": fact.label, "text": fact.text, "id": fact.iri or None} for fact in dossier.facts],
        "assertions": list(records.values()),
        "not_known": [gap_words(gap) for gap in dossier.gaps],
        "tells": [
            {
                "source": each.source,
                "label": each.label,
                "told_to": list(each.listeners),
                "assertions": each.assertions,
                "about": list(each.about),
            }
            for each in dossier.tells
        ],
        "conflicts": [
            {
                "number": dispute.number,
                "rule": dispute.rule,
                "message": dispute.message,
                "sides": [[telling.assertion for telling in claim.tellings] for claim in dispute.sides],
            }
            for dispute in dossier.disputes
        ],
        "falls": dossier.falls and _of_falls(dossier.falls),
        "reports": [
            {
                "number": report.number,
                "id": report.iri,
                "title": report.title,
                "language": report.language,
                "publisher": report.publisher or None,
                "published": report.published,
                "url": report.url,
                "archive_url": report.archive_url,
            }
            for report in dossier.reports
        ],
    }
    # A lone surrogate, which no UTF-8 can hold, is written as an escape.
    try:
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(content, indent=1).encode() + b"\n"


def _of_falls(falls: Falls) -> dict[str, Any]:
    alone = [t.assertion for topic in falls.alone for claim in topic.claims for t in claim.tellings]
    weaker = [
        {
            "about": each.subject,
            "said": each.said,
            "least": each.before.least,
            "most": each.before.most,
            "least_left": each.left.least,
            "most_left": each.left.most,
        }
        for each in falls.weaker
    ]
    return {"assertions": falls.assertions, "things": falls.things, "alone": alone, "weaker": weaker}


def _of_claim(claim: Claim) -> dict[str, Any]:
    return {
        "subject": claim.subject,
        "predicate": claim.predicate,
        "value": claim.value,
        "value_id": claim.iri or None,
        "language": claim.language,
        "within": list(claim.within),
        "beside": claim.beside or None,
        "claim_least": claim.origins and claim.origins.least,
        "claim_most": claim.origins and claim.origins.most,
        "claim_because": list(claim.origins.reasons) if claim.origins else [],
        "denied_least": claim.denials and claim.denials.least,
        "denied_most": claim.denials and claim.denials.most,
    }


def _record(telling: Telling, said: dict[str, Any]) -> dict[str, Any]:
    earliest, latest = _bounds(telling.date)
    counted = telling.origins
    return {
        "id": telling.assertion,
        **said,
        "sure": telling.sure,
        "date": telling.date,
        "earliest": earliest,
        "latest": latest,
        "inferred": telling.inferred,
        "qualifiers": {key: value for key, value, _ in telling.details},
        "told": told(telling),
        "tellers": [
            {"source": link.source, "who": link.who, "how": link.how or None} for link in telling.chain
        ],
        "told_to": telling.told_to or None,
        "report": telling.report,
        "start": telling.start if telling.end else None,
        "end": telling.end or None,
        "digest": telling.digest or None,
        "record": telling.record or None,
        "row": telling.row or None,
        "method": telling.method,
        "by_whom": telling.by_whom or None,
        "episodes": list(telling.episodes),
        "note": telling.note,
        "withdrawn": telling.withdrawn.date if telling.withdrawn else None,
        "withdrawal_reason": telling.withdrawn.reason or None if telling.withdrawn else None,
        "withdrawn_by": telling.withdrawn.by or None if telling.withdrawn else None,
        "corrects": telling.corrects or None,
        "corrected_by": telling.corrected_by or None,
        "restricted": telling.restricted,
        "origins_least": counted and counted.least,
        "origins_most": counted and counted.most,
        "origins_because": list(counted.reasons) if counted else [],
        "conflicts": list(telling.disputes),
    }


def _bounds(date: str | None) -> tuple[str | None, str | None]:
    try:
        found = dates.parse(date) if date else None
    except ValueError:  # a foreign graph may hold anything
        return None, None
    if found is None:
        return None, None
    days = [day.isoformat() if day else None for day in (found.earliest, found.latest)]
    return days[0], days[1]
