"""What somebody is charged with or accused of: the words after "charged with", "on charges of", "for"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.extract.languages.en.chunks import Line
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at

_BEGIN_WORDS = listed("charges", "begin_words")
_BEGIN_WORDS_2 = listed("charges", "begin_words_2")
_PHRASE_WORDS = listed("charges", "phrase_words")
_END_WORDS_2 = listed("charges", "end_words_2")
_END_WORDS_3 = listed("charges", "end_words_3")
_LIST_GOES_ON_WORDS = listed("charges", "list_goes_on_words")

_MOST = 45  # tokens of a charge
_END_WORDS = listed("charges", "end_words")
_NO_CHARGE = listed("charges", "no_charge")
_CHARGES = listed("charges", "charges")
_MARKS = frozenset("\"“”‘’'«»")


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge: tokens `i` to `j` (excluded)."""

    i: int
    j: int
    alleged: bool


def after_verb(line: Line, at: int, end: int, lemma: str) -> list[Charge]:
    """Give the charges that the words after a verb name; `at` is the token after the verb."""
    for step in range(at, min(end, len(line))):
        word = line.low[step]
        if step > at and line.kind(step) == "verb" and not _passed_over(line, step):
            break
        if word in (";", "?"):
            break
        begin = _begin(line, step, lemma)
        if begin is not None:
            return phrase(line, *begin)
    return []


_ACTS = frozenset(("act", "law", "ordinance", "decree"))


def under_act(line: Line, at: int) -> list[Charge]:
    """Give the law of "booked under the Public Safety Act", where no charge is named."""
    for step in range(at, min(len(line) - 2, at + 6)):
        if line.low[step] == "under":
            begin = step + 1 + (line.low[step + 1] in ("the", "a", "an"))
            end = begin
            while end < len(line) and end - begin < 8 and line.tokens[end].is_capital:
                end += 1
            return [Charge(begin, end, False)] if end > begin and line.low[end - 1] in _ACTS else []
        if line.kind(step) == "verb":
            break
    return []


def _passed_over(line: Line, at: int) -> bool:
    return False


def _begin(line: Line, at: int, lemma: str) -> tuple[int, bool] | None:
    """Give where a charge begins that the word at a token opens, and whether it is only alleged."""
    word, following = line.low[at], line.word(at + 1)
    if word == "with" and lemma in ("charge", "slap", "indict", "hit") and following not in ("the", "other"):
        return at + 1, False
    if word == "with" and lemma in ("charge", "indict"):
        return at + 1, False
    if word == "of" and lemma in ("accuse", "suspect"):
        return at + 1, True
    if word == "of" and lemma in ("convict", "guilty", "acquit"):
        return at + 1, False
    if word in _BEGIN_WORDS or (word == "of" and line.word(at - 1) in _CHARGES):
        opened = _of_charges(line, at)
        if opened is not None:
            return opened
    if word in ("for", "over") and lemma in _BEGIN_WORDS_2:
        if word == "over" and lemma in ("arrest", "detain", "hold"):
            return None
        if (
            word == "for"
            and lemma in ("sentence", "jail", "imprison", "convict", "condemn")
            and following in ("a", "an", "his", "her", "their")
            and line.word(at + 2).isalpha()
            and line.owner[at + 1] is None
            and (at + 2 >= len(line) or line.owner[at + 2] is None)
            and not line.word(at + 2).startswith(
                ("year", "month", "week", "day", "total", "term", "second", "third", "further")
            )
        ):
            return at + 1, False
        return _reason(line, at + 1)
    return None


def _of_charges(line: Line, at: int) -> tuple[int, bool] | None:
    """Read "on charges of …", "on suspicion of …", "for the alleged offense of …"."""
    step = at
    if line.low[at] == "of":
        return at + 1, line.word(at - 1) in (
            "suspicion",
            "accusations",
            "allegations",
            "accusation",
            "allegation",
        )
    alleged = False
    count = 0
    step = at + 1
    while step < len(line) and count < 6:
        word = line.low[step]
        if word in _CHARGES:
            after = line.word(step + 1)
            alleged = alleged or word in (
                "suspicion",
                "accusations",
                "allegations",
                "accusation",
                "allegation",
            )
            if after in ("of", "including", "related", "relating", "that"):
                begin = step + 2
                if after == "including" or after == "of":
                    return begin, alleged
                return None
            if word in ("charges", "charge", "counts", "grounds", "offences", "offenses") and count:
                return at + 1, alleged  # "on terrorism-related charges"
            return None
        if word in ("alleged", "trumped-up", "fabricated"):
            alleged = alleged or word == "alleged"
        elif not line.tokens[step].is_word or word in lexicon().words["prepositions"]:
            return None
        step += 1
        count += 1
    return None


def _reason(line: Line, at: int) -> tuple[int, bool] | None:
    """Read "for posting …", "for alleged treason", 'for "insulting …"'."""
    word = line.word(at)
    alleged = word in ("allegedly", "alleged", "reportedly", "supposedly", "purportedly")
    step = at + (1 if alleged else 0)
    word = line.word(step)
    if word in _MARKS and line.tokens[step].quote >= 0:
        return at, alleged
    if word in ("the", "his", "her", "their", "its") and line.word(step + 1) in (
        "alleged",
        "crime",
        "offense",
        "offence",
    ):
        if line.word(step + 1) == "alleged":
            return step + 2, True
        return (step + 3, False) if line.word(step + 2) == "of" else None
    if step < len(line) and line.kind(step) in ("date", "term", "person", "pronoun", "place", "agency"):
        return None
    if word.endswith("ing") and len(word) > 4 and word not in ("questioning", "being", "according"):
        return step, alleged
    if alleged:
        return step, True
    if (
        word == "having"
        or not word
        or word in _NO_CHARGE
        or not line.tokens[step].is_word
        or line.tokens[step].text[0].isdigit()
    ):
        return None
    return (step, False) if word.isalpha() and line.owner[step] is None and _is_offence(line, step) else None


_OFFENCES = listed("charges", "offences")


def _is_offence(line: Line, at: int) -> bool:
    return any(line.word(at + step) in _OFFENCES for step in range(3))


def phrase(line: Line, at: int, alleged: bool = False) -> list[Charge]:
    """Give the charges that begin at a token: up to the end of the phrase, lists parted."""
    if line.word(at) in ("allegedly", "alleged", "reportedly"):
        alleged = True
        at += 1
    for step in range(at, min(len(line) - 1, at + 4)):
        if line.low[step] in _PHRASE_WORDS and "including" in line.low[step + 1 : step + 3]:
            at = line.low.index("including", step) + 1
            break
    end = _end(line, at)
    if end <= at:
        return []
    return [Charge(i, j, alleged) for i, j in _parts(line, at, end)]


def _end(line: Line, at: int) -> int:
    """Give where the phrase of a charge ends."""
    end = at
    words = lexicon().words
    while end < len(line) and end - at < _MOST:
        token = line.tokens[end]
        word = token.low
        quoted = (
            token.quote >= 0
            and end > at
            and line.tokens[end - 1].quote == token.quote
            and line.tokens[at].quote != token.quote
        ) or (token.quote >= 0 and _short_quote(line, end, at))
        if quoted:
            end += 1
            continue
        owner = line.owner[end]
        if word in _END_WORDS_2 or word == "-":
            break
        if word in ("”", '"', "’", "'") and token.quote >= 0:
            if (end + 1 < len(line) and line.low[end + 1] in (".", ",", "and")) or end == at:
                end += 1
                continue
            break
        if word in _END_WORDS and end > at:
            break
        if (
            word == "under"
            and end > at
            and (line.word(end + 1) in _END_WORDS_3 or line.tokens[min(end + 1, len(line) - 1)].is_capital)
        ):
            break
        if (
            word in ("by", "at", "on", "in", "from")
            and end > at
            and end + 1 < len(line)
            and _closes(line, end, word)
        ):
            break
        if owner is not None and owner.kind == "date" and end > at and line.word(end - 1) not in ("of",):
            if line.word(end - 1) in ("in", "on", "last", "since"):
                end -= 1
            break
        if owner is not None and owner.kind == "verb" and end > at:
            verb = owner.data
            if verb.finite and not verb.bare and not (verb.relative and line.word(owner.i - 1) == "that"):
                back = _subject_start(line, owner.i, at)
                end = back
                break
        if word == "," and end > at and not _list_goes_on(line, end, at):
            break
        if word in ("and", "or") and end > at and _new_clause(line, end):
            break
        if word == "and" and end > at and line.word(end + 1) in ("to", "that") and end + 2 < len(line):
            break
        if word in ("that",) and end == at:
            end += 1
            continue
        if word == "for" and end > at and line.word(end + 1) in ("want", "lack"):
            break
        if word in ("in",) and line.word(end + 1) in ("connection", "relation", "absentia"):
            break
        if word == "with" and end + 1 < len(line) and line.word(end + 1) in ("which",):
            break
        end += 1
    while end > at and (
        line.low[end - 1]
        in (
            ",",
            "and",
            "or",
            "in",
            "on",
            "for",
            "the",
            "a",
            "of",
            "to",
            "at",
            "by",
            "with",
            "—",
            "–",
            "-",
            "but",
            "he",
            "she",
            "they",
        )
        or line.low[end - 1] in words["subordinators"]
    ):
        end -= 1
    return end


def _short_quote(line: Line, at: int, begin: int) -> bool:
    """Whether a quotation lies within the phrase, as its words."""
    number = line.tokens[at].quote
    return any(token.quote != number for token in line.tokens[max(0, begin - 1) : begin]) or (
        line.tokens[begin].low in _MARKS and line.tokens[begin].quote == number
    )


def _closes(line: Line, at: int, word: str) -> bool:
    owner = line.owner[at + 1] if at + 1 < len(line) else None
    if word == "by":
        return owner is not None and owner.kind in ("agency", "court", "org", "person")
    if word in ("on", "in") and owner is not None and owner.kind == "date":
        return True
    if (
        word == "at"
        and line.word(at + 1) == "a"
        and line.word(at + 2) in ("secret", "closed", "closed-door", "brief")
    ):
        return True
    return owner is not None and owner.kind == "court"


def _subject_start(line: Line, at: int, begin: int) -> int:
    step = at
    while step > begin and line.low[step - 1] not in (",", "and", "but", '"', "”", "—"):
        step -= 1
    return step if step > begin else at


def _list_goes_on(line: Line, at: int, begin: int) -> bool:
    """Whether a comma parts the items of a list of charges."""
    step = at + 1
    if line.word(step) in ("and", "or", "as") and line.word(step) != "as":
        step += 1
    if step >= len(line):
        return False
    word = line.low[step]
    owner = line.owner[step]
    if word.endswith("ing") and word not in _LIST_GOES_ON_WORDS:
        return line.low[begin].endswith("ing") or _later_and(line, step) or line.word(at + 1) == "and"
    if word in _MARKS and line.tokens[step].quote >= 0:
        return True
    if (
        owner is not None
        or word
        in lexicon().words["determiners"]
        | lexicon().words["possessives"]
        | lexicon().words["pronouns"]
        | lexicon().words["adverbs"]
        | lexicon().words["prepositions"]
        | _END_WORDS
        or word in ("according", "said", "his", "her", "one", "including")
    ):
        return False
    if not line.tokens[step].is_word or noun_at(line.low, step):
        return False
    return line.word(at + 1) in ("and", "or") or _later_and(line, step)


def _later_and(line: Line, at: int) -> bool:
    """Whether "and" follows within a list, before anything else ends it."""
    for step in range(at, min(len(line), at + 14)):
        if line.low[step] in ("and", "or"):
            return True
        owner = line.owner[step]
        if line.low[step] in (".", ";") or (
            owner is not None and owner.kind == "verb" and owner.data.finite and not owner.data.bare
        ):
            return False
    return False


def _new_clause(line: Line, at: int) -> bool:
    """Whether "and" opens another clause: a finite verb follows, or a person with one."""
    for step in range(at + 1, min(len(line), at + 7)):
        owner = line.owner[step]
        if line.low[step] in _MARKS or line.low[step] == "and":
            return False
        if owner is not None and owner.kind == "verb":
            verb = owner.data
            return bool(verb.finite) and (
                (step == at + 1 and "past" in verb.form.parts)
                or not verb.bare
                or (step > at + 1 and line.kind(at + 1) in ("person", "pronoun"))
            )
        if line.low[step] in (",", ".", ";"):
            return False
    return False


def _parts(line: Line, at: int, end: int) -> list[tuple[int, int]]:
    """Part a list of charges: quotations, gerunds, and lists with commas."""
    quotes = _quotations(line, at, end)
    if quotes:
        return quotes
    cuts = [at]
    gerund = line.low[at].endswith("ing")
    commas = [step for step in range(at, end) if line.low[step] == ","]
    if gerund:
        for step in range(at + 1, end - 1):
            if (
                line.low[step] in (",", "and")
                and line.word(step + 1) in _MARKS
                and line.word(step + 2).endswith("ing")
                and step - cuts[-1] > 1
            ):
                cuts.append(step + 2)
            elif (
                line.low[step] in (",", "and")
                and line.low[step + 1].endswith("ing")
                and step - cuts[-1] > 1
                and line.low[step + 1] not in ("planning",)
            ):
                cuts.append(step + 1)
            elif (
                line.low[step] == ","
                and line.low[step + 1] == "and"
                and line.word(step + 2).endswith("ing")
                and step - cuts[-1] > 1
            ):
                cuts.append(step + 2)
    elif commas:
        for step in commas:
            cuts.append(step + 1 + (line.word(step + 1) == "and"))
        for step in range(commas[-1] + 2, end - 1):
            if line.low[step] == "and":
                cuts.append(step + 1)
                break
    elif re.search(r" and ", " ".join(line.low[at:end])) and end - at <= 9:
        for step in range(at + 1, end - 1):
            if line.low[step] == "and" and _two_offences(line, at, step, end):
                cuts.append(step + 1)
    found = []
    for i, j in zip(cuts, [*cuts[1:], end], strict=True):
        while j > i and line.low[j - 1] in (",", "and", "or"):
            j -= 1
        while i < j and line.low[i] in ("and", "or", ",", "the", "a", "including"):
            i += 1
        if j > i:
            found.append((i, j))
    return found


def _two_offences(line: Line, at: int, middle: int, end: int) -> bool:
    return line.low[middle - 1] in _OFFENCES and any(word in _OFFENCES for word in line.low[middle + 1 : end])


def _quotations(line: Line, at: int, end: int) -> list[tuple[int, int]]:
    """Give the quotations of a phrase that is nothing but quotations joined by "and"."""
    numbers: list[int] = []
    for step in range(at, end):
        number = line.tokens[step].quote
        if number >= 0 and number not in numbers:
            numbers.append(number)
    if not numbers or line.tokens[at].quote < 0:
        return []
    if len(numbers) == 1:
        inside = [step for step in range(at, end) if line.tokens[step].quote == numbers[0]]
        rest = end - (inside[-1] + 1)
        if 0 < rest <= 8 and line.low[inside[-1] + 1] not in (",", "and", "."):
            return [(at, end)]
    found = []
    for number in numbers:
        inside = [
            step
            for step in range(at, end)
            if line.tokens[step].quote == number and line.low[step] not in _MARKS
        ]
        while inside and line.low[inside[-1]] in (".", ","):
            inside.pop()
        if inside:
            found.append((inside[0], inside[-1] + 1))
    return found


_SECTION = re.compile(r"\d+[\w-]*")


def sections(line: Line) -> list[Charge]:
    """Give the sections of a law that a case is registered under: "sections 506 (…), 124 (sedition)"."""
    found: list[Charge] = []
    at = 0
    while at < len(line):
        if line.low[at] in ("section", "sections", "article", "articles") and _SECTION.fullmatch(
            line.word(at + 1)
        ):
            step = at + 1
            while step < len(line) and _SECTION.fullmatch(line.low[step]):
                begin = at if not found or line.low[at] in ("section", "article") else step
                end = step + 1
                if line.word(end) == "(":
                    while end < len(line) and line.low[end] != ")":
                        end += 1
                    end += 1
                    found.append(Charge(begin if step == at + 1 else step, min(end, len(line)), False))
                else:
                    stop = end
                    while (
                        stop < len(line)
                        and stop - end < 7
                        and (line.low[stop] in ("of", "the", "a") or line.tokens[stop].is_capital)
                    ):
                        stop += 1
                    while stop > end and line.low[stop - 1] in ("of", "the", "a"):
                        stop -= 1
                    found.append(Charge(begin if step == at + 1 else step, stop, False))
                    end = stop
                step = end
                while line.word(step) in (",", "and", "&", "section"):
                    step += 1
            at = max(step, at + 1)
        else:
            at += 1
    return found
