"""Penalties in English text: "five years in prison", "a 13-year sentence", "life", "death"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kg.extract.languages.en.lexicon import _table, _tagged

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_UNIT = {"year": "Y", "month": "M", "week": "W", "day": "D"}


_SMALL = r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty"
_LIMIT_BEFORE = re.compile(
    r"(?:\bup to|\bmaximum (?:of|sentence of|penalty of)|\bbetween \w+ and|\bto \w+ (?:to|and)|\bor"
    rf"|(?<!the )\b(?:{_SMALL}) to)\s$"
)


@dataclass(frozen=True, slots=True)
class Penalty:
    """A length of time, life or death; `start` and `end` are code points, the end excluded."""

    start: int
    end: int
    duration: str
    """As in ISO 8601 (``P6Y3M``), or ``life`` or ``death``."""
    custody: bool
    """Whether the words themselves say that it is to be spent in custody."""
    limited: bool
    """Whether it is a limit or a range: "up to ten years"."""


@cache
def _pattern() -> re.Pattern[str]:
    numbers = "|".join(
        sorted(
            (word for word in _tagged(_table("times")["numbers"]) if word not in ("one",)),
            key=len,
            reverse=True,
        )
    )
    ones = "one|two|three|four|five|six|seven|eight|nine"
    number = rf"(?:(?:{_TENS})-(?:{ones})|{numbers}|one|[0-9]{{1,3}}(?:[.][05])?)"
    unit = "(?:year|month|week|day)"
    return re.compile(
        rf"""
      (?P<life>\blife(?:[ ](?:imprisonment|in[ ]prison|in[ ]jail|sentences?|terms?|behind[ ]bars
        |without[ ]parole)|-long[ ]sentence))
    | (?P<tolife>(?<=sentenced[ ]to[ ])life\b|(?<=jailed[ ]for[ ])life\b|(?<=imprisoned[ ]for[ ])life\b
        |(?<=to[ ])life(?=[ .,;]|$))
    | (?P<death>\b(?:death[ ]penalty|death[ ]sentences?|death[ ]by[ ](?:hanging|stoning)
        |(?<=sentenced[ ]to[ ])death|(?<=condemned[ ]to[ ])death|(?<=to[ ])death)\b)
    | (?P<length>
        (?P<limit>\b(?:up[ ]to|at[ ]most|a[ ]maximum[ ]of|between|no[ ]more[ ]than|a[ ]minimum[ ]of
        |at[ ]least|maximum[ ](?:sentence|penalty|term)[ ]of|from)[ ])?
        \b(?P<n1>{number})(?P<half1>[ ]and[ ]a[ ]half)?(?P<dash>-
        |[ ])(?P<u1>{unit})(?P<plural>s?)(?P<poss>['’]?)
        (?:(?:,?[ ]and[ ]|,[ ]|[ ])(?P<n2>{number})[ -](?P<u2>{unit})s?['’]?)?
        (?P<half2>[ ]and[ ]a[ ]half)?
        (?P<custody>[ ](?:of[ ])?(?:in[ ](?:a[ ])?(?-i:[a-z-]+[ ]){{0,3}}(?:prison|jail|custody
        |detention|colony|camp)|imprisonment|behind[ ]bars|prison|jail|hard[ ]labou?r|incarceration
        |detention|(?:prison[ ]|jail[ ])?(?:sentence|term)s?)(?![ ](?-i:[A-Z])[a-z]))?
      )
    """,
        re.VERBOSE | re.IGNORECASE,
    )


def penalties(text: str, offset: int) -> list[Penalty]:
    """Give the lengths of time, life and death sentences in `text`, which begins at `offset`.

    >>> [penalty.duration for penalty in penalties("jailed for six years and three months, then to life", 0)]
    ['P6Y3M', 'life']
    >>> penalties("up to 10 years in prison", 0)[0].limited
    True
    """
    found = []
    for match in _pattern().finditer(text):
        if match["length"] is None:
            duration = "death" if match["death"] else "life"
            found.append(Penalty(offset + match.start(), offset + match.end(), duration, True, False))
            continue
        after = text[match.end() : match.end() + 12]
        if (
            after.startswith("-old")
            or re.match(r"[ ]?(?:ago|later|earlier|old|before|after)\b", after)
            or re.match(r"-(?:and|year)", after)
        ):
            continue
        before = text[max(0, match.start() - 24) : match.start()]
        limited = (
            bool(match["limit"])
            or _LIMIT_BEFORE.search(before) is not None
            or re.match(r"\s(?:or|to) (?:\w+ )?years?", after) is not None
        )
        duration = _duration(match)
        if duration:
            found.append(
                Penalty(
                    offset + match.start() + len(match["limit"] or ""),
                    offset + match.end(),
                    duration,
                    bool(match["custody"]),
                    limited,
                )
            )
    return found


def _duration(match: re.Match[str]) -> str:
    counts: dict[str, float] = {}
    for number, unit, half in (
        (match["n1"], match["u1"], match["half1"] or (match["half2"] and not match["n2"])),
        (match["n2"], match["u2"], match["half2"]),
    ):
        if number is None:
            continue
        value = _value(number.lower()) + (0.5 if half else 0)
        counts[_UNIT[unit.lower()]] = value
    if counts.get("Y", 0) % 1:
        counts["M"] = counts.get("M", 0) + 6
        counts["Y"] = int(counts["Y"])
    return (
        "P" + "".join(f"{int(counts[unit])}{unit}" for unit in "YMWD" if counts.get(unit))
        if any(counts.values())
        else ""
    )


def _value(number: str) -> float:
    numbers = {word: int(tag) for word, tag in _tagged(_table_numbers()).items()}
    if number in numbers:
        return numbers[number]
    if "-" in number:
        return sum(numbers[part] for part in number.split("-"))
    return float(number)


@cache
def _table_numbers() -> str:
    return str(_table("times")["numbers"])
