"""Courts, places of custody and other places, told by their form: "… County Court", "the city of …"."""

from __future__ import annotations

import re

from kg.extract.languages.en.capitals import GROUP_GENITIVES, is_name_word, opens_sentence, run_end
from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at

_COURTS_WORDS = listed("names", "courts_words")


_IN_PLACE_WORDS = listed("names", "in_place_words")


_IN_PLACE_AFTER_WORDS = listed("names", "in_place_after_words")


_FACILITIES_WORDS = listed("names", "facilities_words")


_PLACES_WORDS = listed("names", "places_words")


_PLACES_WORDS_2 = listed("names", "places_words_2")


_PLACES_WORDS_3 = listed("names", "places_words_3")


SAID = listed("names", "said")


def _left(line: Line, at: int, words: frozenset[str]) -> int:
    """Give where a form begins that ends before `at`: capitals, genitives and `words` belong to it."""
    lex = lexicon()
    start = at
    while start > 0 and at - start < 8:
        before = line.tokens[start - 1]
        owner = line.owner[start - 1]
        if owner is not None and owner.kind in ("date", "term", "person", "verb"):
            break
        if (
            before.low in words
            or before.low in ("no.", "number")
            or (
                before.is_word
                and (is_name_word(line, start - 1) or before.text[0].isdigit())
                and before.low not in lex.words["determiners"]
            )
        ):
            start -= 1
        elif before.low in ("'s", "'", "’") and start > 1 and (line.low[start - 2] in GROUP_GENITIVES):
            start -= 2
        else:
            break
    return start


def mark_courts(line: Line) -> None:
    """Find courts: "the Osh City Court", "Branch 15 of the Revolutionary Court"."""
    lex = lexicon()
    for at in range(len(line)):
        if line.low[at] not in lex.words["place_courts"] or (line.kind(at) == "facility"):
            continue
        owner = line.owner[at]
        start = _left(
            line, owner.i if owner and owner.kind == "court" else at, lex.words["place_court_words"]
        )
        if (
            line.word(start - 1) == "the"
            and line.word(start - 2) == "of"
            and re.fullmatch(r"\d+(?:st|nd|rd|th)?", line.word(start - 3))
            and line.word(start - 4) in ("branch", "chamber", "division", "section")
        ):
            start -= 4
        end = at + 1
        if line.word(end) == "of" and line.word(end + 1) in _COURTS_WORDS:
            end += 3 if line.word(end + 1) == "first" else 2
        elif line.word(end) in ("no.", "number") and end + 1 < len(line):
            end += 2
        end = _in_place(line, end)
        if end > at + 1 or start < at:
            line.put(Chunk("court", start, end))


def _in_place(line: Line, end: int) -> int:
    """Give where "in Osh" or "in Vietnam's southern province of Dong Thap" ends after a form."""
    if line.word(end) not in ("in", "inside", "of", "near", "at") or end + 1 >= len(line):
        return end
    at = end + 1
    while (
        at < len(line)
        and (line.low[at] in _IN_PLACE_WORDS and at - end < 9)
        and not line.tokens[at].is_capital
    ):
        at += 1
    if (
        at < len(line)
        and line.tokens[at].is_word
        and is_name_word(line, at)
        and (line.kind(at) in ("", "place", "name", "facility"))
    ):
        owner = line.owner[at]
        if owner and owner.kind == "name" and (line.low[owner.j - 1] in SAID or noun_at(line.low, at)):
            return end
        stop = owner.j if owner else run_end(line, at)
        if line.word(stop) == "'s" and stop + 1 < len(line):
            return _in_place_after(line, stop + 1, stop)
        if line.word(stop) in lexicon().words["place_places"]:
            stop += 1
        if line.low[stop - 1] in lexicon().words["place_places"] and line.word(stop).isdigit():
            stop += 1  # District 3
        return stop
    return end


def _in_place_after(line: Line, at: int, otherwise: int) -> int:
    while at < len(line) and line.low[at] in _IN_PLACE_AFTER_WORDS:
        at += 1
    if at < len(line) and is_name_word(line, at):
        owner = line.owner[at]
        stop = owner.j if owner else run_end(line, at)
        return stop + (line.word(stop) in lexicon().words["place_places"])
    return otherwise


_FACILITY_WORDS = listed("names", "facility_words")


_NUMERAL = re.compile(r"\d{1,4}|[A-Z]{1,3}-?\d{1,4}|[IVX]{1,4}")
_NUMBERED = re.compile(r"(?:sizo|ik|sk|tp)-\d{1,3}")


def mark_facilities(line: Line) -> None:
    """Find places built for a purpose: "Insein Prison in Yangon", "his home in Osh"."""
    lex = lexicon()
    at = 0
    while at < len(line):
        count = _phrase(line, at, "place_facilities")
        if not count:
            if _NUMBERED.fullmatch(line.low[at]):
                line.put(
                    Chunk("facility", at, at + 1, data={"named": True, "head": (at, at + 1), "inner": at + 1})
                )
            at += 1
            continue
        end = at + count
        while (
            end < len(line)
            and line.owner[end] is None
            and (more := _phrase(line, end, "place_facilities"))
            and not line.tokens[end].is_capital
        ):
            end += more
        owner = line.owner[at]
        if (
            owner is not None
            and owner.kind == "org"
            and owner.j == end + 1
            and _NUMERAL.fullmatch(line.tokens[end].text)
        ):
            end += 1  # Kara Maximum Security Prison II
        if (
            end < len(line)
            and line.owner[end] is None
            and noun_at(line.low, end)
            and not line.tokens[end].is_capital
        ):
            at = end
            continue
        if (owner is not None and owner.kind in ("court", "date", "term")) or (
            owner is not None and owner.kind == "org" and owner.j > end
        ):
            at = end
            continue
        start = _left(line, at, _FACILITY_WORDS)
        named = any(
            (line.tokens[k].is_capital and not opens_sentence(line, k)) or line.tokens[k].text[0].isdigit()
            for k in range(start, end)
        )
        if (
            line.word(end) in ("no.", "number", "no")
            and end + 1 < len(line)
            and line.tokens[end + 1].text[0].isdigit()
        ):
            end += 2
            named = True
        elif end < len(line) and _NUMERAL.fullmatch(line.tokens[end].text):
            end += 1
            named = True
        genitive = (
            line.word(start - 1) in ("'s", "'", "’") or line.word(start - 1) in lex.words["possessives"]
        )
        article = line.word(start - 1) in ("the", "a", "an", "another")
        stop = end
        if (named or genitive or article) and line.word(end) in ("in", "of", "near", "at"):
            stop = _in_place(line, end)
        if stop > end and line.word(stop) == "," and _follows_place(line, stop + 1):
            pass
        several = line.low[at + count - 1] in _FACILITIES_WORDS
        if several and line.word(end) == "in" and not named:
            stop = _in_place(line, end)
        if (
            named
            or (several and stop > end)
            or ((genitive or article) and (stop > end or line.low[at] in _BARE_FACILITIES or count > 1))
        ):
            line.put(
                Chunk("facility", start, stop, data={"named": named, "head": (at, at + count), "inner": end})
            )
            at = stop
        else:
            at = end


_BARE_FACILITIES = listed("names", "bare_facilities")


def _follows_place(line: Line, at: int) -> bool:
    return at < len(line) and line.kind(at) == "place"


def _phrase(line: Line, at: int, words: str) -> int:
    """Give how many tokens from `at` on are a phrase of the list, the longest first."""
    phrases = lexicon().words[words]
    for count in (4, 3, 2, 1):
        if at + count <= len(line) and " ".join(line.low[at : at + count]).replace(" 's", "'s") in phrases:
            return count
    return 0


def mark_places(line: Line) -> None:
    """Find "Arishan county", "the city of Minsk"."""
    lex = lexicon()
    heads = lex.words["place_places"]
    for at in range(len(line)):
        if line.low[at] not in heads or (line.kind(at) in ("court", "facility", "org", "date")):
            continue
        owner = line.owner[at]
        if (
            line.word(at + 1) == "of"
            and at + 2 < len(line)
            and is_name_word(line, at + 2)
            and not line.tokens[at].is_capital
            and (line.kind(at + 2) in ("", "name", "place"))
        ):
            after = line.owner[at + 2]
            end = after.j if after else run_end(line, at + 2)
            before = line.owner[at - 1] if at else None
            if (
                before is not None
                and before.kind in ("name", "place")
                and line.low[at]
                not in ("city", "town", "village", "capital", "port", "municipality", "suburb")
            ):
                line.put(Chunk("place", before.i, at + 1))  # Bağlar district of Diyarbakır
                line.put(Chunk("place", at + 2, end))
            else:
                line.put(Chunk("place", at + 2, end, data={"form": line.low[at]}))
            continue
        start = at
        while (
            start > 0
            and at - start < 6
            and line.tokens[start - 1].is_word
            and is_name_word(line, start - 1)
            and (line.kind(start - 1) in ("", "name", "place", "nation"))
        ):
            start -= 1
        if start == at and line.word(at - 1) == ")":
            step = at - 2
            while step > 1 and at - step < 9 and line.low[step] != "(":
                step -= 1
            if line.word(step) == "(" and line.tokens[step - 1].is_capital:
                start = step - 1  # Qorghas (Huocheng) county
        if start < at and not (owner is not None and owner.kind == "name" and owner.j > at + 1):
            if line.low[at] in _PLACES_WORDS and not (
                line.tokens[at].is_capital or line.low[at] in _PLACES_WORDS_3
            ):
                continue
            if line.tokens[at].text == "Department":
                continue
            if line.low[at] == "state" and line.word(at + 1) in _PLACES_WORDS_2:
                continue
            if all(line.kind(k) == "nation" for k in range(start, at)):
                continue
            line.put(Chunk("place", start, at + 1, data={"form": line.low[at]}))
