"""Phrases about people, from the noun that heads them to the left and to the right."""

from __future__ import annotations

import re

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.complements import make_agency, take_complement, take_name, take_second_head
from kg.extract.languages.en.heads import AGE, decade_end, last_noun, number_of, role_start, role_text
from kg.extract.languages.en.lexicon import Noun, lexicon, listed, noun_at
from kg.extract.languages.en.mentions import Mention, Role
from kg.extract.text import Document

_IS_NO_NOUN_WORDS = listed("people", "is_no_noun_words")


_IS_NO_NOUN_WORDS_2 = listed("people", "is_no_noun_words_2")


_IS_NO_NOUN_WORDS_3 = listed("people", "is_no_noun_words_3")


_IS_NO_NOUN_WORDS_4 = listed("people", "is_no_noun_words_4")


_IS_NO_NOUN_WORDS_5 = listed("people", "is_no_noun_words_5")


_IS_NO_NOUN_WORDS_6 = listed("people", "is_no_noun_words_6")


_CHOOSE_WORDS = listed("people", "choose_words")


_CHOOSE_WORDS_2 = listed("people", "choose_words_2")


_LEFTWARDS_WORDS = listed("people", "leftwards_words")


_LEFT_LIMIT_WORDS = listed("people", "left_limit_words")


_TAKE_NUMBER_WORDS = listed("people", "take_number_words")


_MOST_LEFT = 9


def mark_heads(line: Line, document: Document) -> None:
    """Find the phrases that a noun heads."""
    at = 0
    while at < len(line):
        if not _can_head(line, at):
            at += 1
            continue
        found = noun_at(line.low, at)
        if not found:
            at += 1
            continue
        first, nouns, end = last_noun(line, at, found)
        if _is_no_noun(line, first, end, nouns):
            at = end
            continue
        at = max(end, _phrase(line, document, first, end, nouns, at))
    _mark_aged(line)
    for chunk in line.chunks():
        if chunk.kind == "name":
            _mark_unlisted(line, document, chunk.j)
            _mark_unlisted_before(line, document, chunk)


def _mark_aged(line: Line) -> None:
    """Make a phrase of "the 36-year-old" where no noun follows."""
    for at in range(1, len(line) - 1):
        age = AGE.fullmatch(line.low[at]) if line.owner[at] is None and line.low[at - 1] == "the" else None
        number = number_of(age[1]) if age else None
        after = line.word(at + 1)
        if number is None or not (
            after in lexicon().words["auxiliaries"] or after in lexicon().verbs or after == ","
        ):
            continue
        mention = Mention(line, at - 1, at + 1, start=at - 1, stop=at + 1, article="the")
        mention.age = (number, at, at + 1)
        mention.roles.append(Role(Noun("person", "plain", False, "-"), "", at, at + 1, at))
        line.put(Chunk("person", at - 1, at + 1, data=mention))


def _mark_unlisted_before(line: Line, document: Document, name: Chunk) -> None:
    """Take "mobiliser" in "opposition mobiliser Ali Tolek" for an occupation by its ending."""
    at = name.i - 1
    if at < 0 or name.j - name.i < 2 or line.owner[at] is not None or not _WORKING.fullmatch(line.low[at]):
        return
    words = lexicon().words
    small = (
        "modifiers",
        "prepositions",
        "adverbs",
        "subordinators",
        "coordinators",
        "determiners",
        "pronouns",
    )
    if line.tokens[at].is_capital or line.low[at] in _NO_WORKING | lexicon().verbs.keys():
        return
    if any(line.low[at] in words[each] for each in (*small, "number_limits", "qualities", "negations")):
        return
    _phrase(line, document, at, at + 1, (Noun(line.low[at], "occupation", False, "-"),))


_WORKING = re.compile(r"(?=[a-z-]{5})[a-z-]*(?:ist|[^aeiou]er|ier|or|ian|eer|smith|wright|naut)")
_NO_WORKING = listed("people", "no_working")
_UNLISTED_AFTER = frozenset(
    (",", ".", ";", "and", "who", "from", "in", "at", "with", "of", "for", "whose", "by")
)


def _mark_unlisted(line: Line, document: Document, at: int) -> None:
    """Take ", a dental hygienist" beside a name for an occupation by its ending, if no list has it."""
    if re.fullmatch(r"1?\d\d?", line.word(at + 1)) and line.word(at) in (",", "("):
        at += 2 + (line.word(at + 2) == ")")
    at = decade_end(line, at)
    if line.word(at) != "," or line.word(at + 1) not in ("a", "an"):
        return
    words = lexicon().words
    for step in range(at + 2, min(at + 6, len(line))):
        owner = line.owner[step]
        if owner is not None and owner.kind not in ("nation", "based", "thing"):
            return
        word = line.low[step]
        if owner is None and (
            not line.tokens[step].is_word or word in words["prepositions"] or word in words["coordinators"]
        ):
            return
        if owner is None and line.word(step + 1) in _UNLISTED_AFTER:
            if _WORKING.fullmatch(word) and word not in words["modifiers"] | _NO_WORKING:
                _phrase(line, document, step, step + 1, (Noun(word, "occupation", False, "-"),))
            return


def mark_nationals(line: Line, document: Document) -> None:
    """Make a phrase of a nation that stands for people: "a Nigerian", "dozens of ethnic Kazakhs"."""
    lex = lexicon()
    for chunk in line.chunks():
        if chunk.kind != "nation" or line.owner[chunk.i] is not chunk:
            continue
        key = chunk.data
        many = key.endswith("s") and not key.endswith(("ese", "ss", "is", "us")) and key not in ("laos",)
        after = line.owner[chunk.j] if chunk.j < len(line) else None
        if (
            after is not None
            and after.kind not in ("date", "verb", "place")
            and not (many and after.kind == "name")
        ) or line.tokens[chunk.i].text.isupper():
            continue
        following = line.word(chunk.j)
        if (
            after is None
            and following
            and following[0].isalpha()
            and not many
            and following not in lex.words["prepositions"]
            and following not in lex.words["auxiliaries"]
            and following not in lex.verbs
            and following not in ("who", "and", "or", "that")
        ):
            continue
        mention = Mention(line, chunk.i, chunk.j, start=chunk.i, stop=chunk.j)
        left = _leftwards(line, mention, chunk.i)
        if not (
            many
            or mention.age
            or mention.article == "a"
            or mention.count
            or (mention.ethnic and left < chunk.i)
        ):
            continue
        mention.nations.append((key, chunk.i, chunk.j))
        mention.plural = many or bool(mention.count)
        mention.roles.append(
            Role(Noun("national", "plain", mention.plural, "-"), "", chunk.i, chunk.j, chunk.i)
        )
        stop = take_complement(line, document, mention, chunk.j)
        mention.i, mention.j, mention.start, mention.stop = left, stop, left, stop
        line.put(Chunk("person", left, stop, data=mention))


def _can_head(line: Line, at: int) -> bool:
    owner = line.owner[at]
    return owner is None


def _is_no_noun(line: Line, first: int, end: int, nouns: tuple[Noun, ...]) -> bool:
    """Whether the word is a verb or something else here: "they guard", "to lead", "party" …"""
    word = line.low[first]
    before = line.word(first - 1)
    after = line.word(end)
    if word in _IS_NO_NOUN_WORDS and end - first == 1:
        if before in _IS_NO_NOUN_WORDS_2:
            return True
        if word in ("head", "heads") and (
            after in ("the", "a", "to", "into", "for")
            or (before in ("his", "her", "their", "the") and after not in ("of",))
        ):
            return True
        if word == "model" and after not in (",", ".", "and") and before in ("the", "a"):
            return True
        if word in ("force", "unit", "field", "service", "case") and before not in (
            "security",
            "police",
            "military",
            "special",
            "the",
        ):
            return True
    if (
        word in _IS_NO_NOUN_WORDS_3
        and before in lexicon().words["prepositions"] | {"national", "state", "food", "public", "social"}
        and not line.tokens[first].is_capital
        and end - first == 1
    ):
        return True
    if word in _IS_NO_NOUN_WORDS_4 and end - first == 1:
        following = line.owner[end] if end < len(line) else None
        noun_after = line.word(end)
        if word in _IS_NO_NOUN_WORDS_5:
            if (
                noun_after
                and noun_after[0].isalpha()
                and noun_after not in lexicon().words["prepositions"]
                and noun_after not in lexicon().verbs
                and noun_after not in lexicon().words["auxiliaries"]
                and noun_after not in ("and", "or", "who", "that")
                and (following is None or following.kind not in ("name",))
            ):
                return True
            if word in _IS_NO_NOUN_WORDS_6 and (
                before not in lexicon().words["determiners"] | lexicon().words["possessives"]
            ):
                return True
        if word == "accused" and before not in ("the", "co", "other", "two", "three"):
            return True
    if word == "advocate" and line.tokens[first].is_capital and first + 1 < len(line):
        return line.kind(end) == "name"  # a title there
    return bool(word in ("others",) and before == "among")


_COLLECTIVE = listed("people", "collective")


def _phrase(
    line: Line, document: Document, first: int, end: int, nouns: tuple[Noun, ...], begin: int | None = None
) -> int:
    """Make the phrase around the noun at `first` to `end`; give where to look on.

    `begin` is where a compound begins whose last noun it is: "junta" in "junta troops".
    """
    mention = Mention(line, first, end, start=first, stop=end)
    left = _leftwards(line, mention, first)
    if (
        begin is not None
        and begin < left
        and not mention.article
        and not mention.count
        and nouns[0].kind == "agency"
    ):
        left = _leftwards(line, mention, begin)
    # A name may follow: "lawyer Iraj Manteghi".
    title = end
    while (
        title < len(line)
        and line.owner[title] is None
        and line.tokens[title].text in lexicon().titles
        and title - end < 2
    ):
        title += 1
    name = line.owner[title] if title < len(line) else None
    if name is None or name.kind != "name":
        title, name = end, line.owner[end] if end < len(line) else None
    named = (
        name is not None
        and name.kind == "name"
        and line.tokens[title].start - line.tokens[title - 1].end <= 1
        and not _genitive(line, name.j, nouns)
    )
    noun = _choose(nouns, named, line, mention, end)
    mention.plural = noun.plural or bool(mention.count) or noun.lemma in _COLLECTIVE
    if (
        noun.plural
        and not named
        and mention.article in ("the", "his")
        and line.low[max(0, left - 2) : left] == ["one", "of"]
    ):
        left, mention.plural, mention.article = left - 2, False, "a"  # one of the founders of …
    if named and name is not None and noun.plural and line.word(name.j) in (",", "and", "(", "&"):
        named = False  # "journalists Ann Sen and Bo Ural": the names stand beside
    if named and name is not None and noun.lemma == "group" and not noun.plural:
        line.put(Chunk("org", name.i, name.j, line.text(document, name.i, name.j)))
        return name.j  # "the rights group Free Hands"
    if noun.kind == "agency" and not named:
        return make_agency(line, document, mention, left, end)
    stop = end
    if named and name is not None:
        stop = take_name(line, document, mention, name)
    mention.roles.append(
        Role(
            noun,
            role_text(line, document, left, first, end),
            role_start(line, left, first, end),
            end,
            first,
        )
    )
    if not named:
        stop = take_second_head(line, document, mention, end)
        stop = take_complement(line, document, mention, stop)
    mention.i, mention.j = left, stop
    mention.start, mention.stop = left, stop
    if _counts(line, mention):
        line.put(Chunk("person", left, stop, data=mention))
    return stop


def _genitive(line: Line, at: int, nouns: tuple[Noun, ...]) -> bool:
    return line.word(at) == "'s" and nouns[0].plural


def _choose(nouns: tuple[Noun, ...], named: bool, line: Line, mention: Mention, end: int) -> Noun:
    """Choose what a noun is here: "officer" is an agency, "officer Li Gang" a person."""
    kinds = {noun.kind: noun for noun in nouns}
    if "agency" in kinds and len(kinds) > 1:
        other = next(noun for noun in nouns if noun.kind != "agency")
        if named and not other.plural:
            return other
        if other.kind in ("kin", "occupation") and other.lemma not in ("guard", "constable"):
            return other
        if other.kind == "plain":
            armed = set(line.low[max(0, mention.i - 4) : mention.i]) & _CHOOSE_WORDS
            armed_after = line.word(end) == "in" and set(line.low[end : end + 5]) & _CHOOSE_WORDS_2
            return kinds["agency"] if armed or armed_after else other
        if other.kind == "office":
            in_apposition = line.word(end) == "," or (mention.article == "a" and not other.plural)
            return other if in_apposition and other.lemma not in ("officer",) else kinds["agency"]
        return kinds["agency"]
    return nouns[0]


def _counts(line: Line, mention: Mention) -> bool:
    """Whether the phrase speaks of people: it has an article, a number, a plural or a name."""
    if mention.name or mention.article or mention.plural or mention.owner or mention.age:
        return True
    return mention.i == 0 or line.word(mention.i - 1) in (
        ",",
        "—",
        "--",
        "-",
        "–",
        "(",
        "as",
        "and",
        ":",
        "“",
        '"',
        "is",
        "was",
        "by",
        "with",
        "or",
        "for",
        "of",
        "become",
    )


def _leftwards(line: Line, mention: Mention, first: int) -> int:
    """Take modifiers to the left, and note what they tell; give where the phrase begins."""
    lex = lexicon()
    words = lex.words
    at = _left_limit(line, first)
    left = first
    while left > at:
        token = line.tokens[left - 1]
        owner = line.owner[left - 1]
        word = token.low
        if owner is not None and owner.kind == "nation":
            mention.nations.insert(0, (owner.data, owner.i, owner.j))
            left = owner.i
        elif "-" in word and all(part in lex.demonyms or part in lex.peoples for part in word.split("-")):
            mention.nations[:0] = [(part, left - 1, left) for part in word.split("-")]
            left -= 1
        elif owner is not None and owner.kind in ("org", "place", "name", "thing", "court", "based"):
            if line.tokens[left].low in ("'s", "'", "’"):
                break
            left = owner.i
        elif age := AGE.fullmatch(word):
            number = number_of(age[1])
            if number is not None:
                mention.age = (number, left - 1, left)
            left -= 1
        elif word == "ethnic":
            mention.ethnic = True
            left -= 1
        elif word in words["numbers"] or (token.text[0].isdigit() and re.fullmatch(r"\d[\d,.]*", token.text)):
            left = _take_number(line, mention, left)
            break
        elif word in words["possessives"]:
            mention.article, mention.owner = "his", word
            left -= 1
            break
        elif word in words["determiners"] and word not in ("that", "such"):
            mention.article = "a" if word in ("a", "an", "another") else "the"
            mention.plural = mention.plural or word in ("these", "those")
            left -= 1
            break
        else:
            left -= 1
    if left > 0 and line.word(left - 1) in ("'s", "'", "’") and left > 1 and line.owner[left - 2] is not None:
        mention.article = "his"
        mention.owner = line.owner[left - 2]
        if mention.owner is not None and mention.owner.kind in ("org", "place", "court"):
            left = mention.owner.i
            left -= line.word(left - 1) in ("the", "a")
    elif left > 1 and line.word(left - 1) in ("'s", "'", "’"):
        mention.article = mention.article or "his"
        mention.owner = Chunk("word", left - 2, left - 1, line.word(left - 2))
        if line.tokens[left - 2].is_word and line.word(left - 3) in ("the", "a", "this"):
            left -= 3
    elif (
        not mention.count
        and not mention.article
        and left > 0
        and line.word(left - 1) == "of"
        and line.word(left - 2) in _LEFTWARDS_WORDS
    ):
        left = _take_number(line, mention, left - 1)
    elif (
        mention.article in ("his", "the")
        and not mention.count
        and line.word(left - 1) == "of"
        and line.word(left - 2) in words["numbers"]
    ):
        left = _take_number(line, mention, left - 1)  # three of its reporters
    return left


def _left_limit(line: Line, first: int) -> int:
    """Give how far to the left modifiers can reach: to a determiner, else as far as they are known ones."""
    words = lexicon().words
    at = first
    surely = first
    while at > 0 and first - at < _MOST_LEFT:
        token = line.tokens[at - 1]
        word = token.low
        owner = line.owner[at - 1]
        if owner is not None and owner.kind in _LEFT_LIMIT_WORDS:
            if owner.kind == "name" and not token.text.isupper() and line.word(at) not in ("'s",):
                return surely  # a person's name does not modify
            if owner.kind == "place" and at < first and line.word(at) in ("'s",):
                return surely
            if line.word(owner.i - 1) in words["prepositions"] and owner.kind in ("place", "org", "thing"):
                return surely
            at = owner.i
            surely = at
            continue
        if owner is not None:
            return surely
        if word in ("that", "such"):
            return surely
        if (
            word in words["possessives"]
            or word in words["determiners"]
            or word in ("'s",)
            or (word in "'’" and line.word(at - 2).endswith("s"))
        ):
            return at - 1 if word in words["possessives"] | words["determiners"] else at
        if not token.is_word:
            return at if token.text in (",", ":") and _before_name(line, at, first) else surely
        if word == "and" and _before_name(line, at, first):
            return at
        known = (
            word in words["modifiers"]
            or word in words["numbers"]
            or AGE.fullmatch(word)
            or re.fullmatch(r"\d[\d,.]*", word)
        )
        if AGE.fullmatch(word):
            surely = at = at - 1
            continue
        if known and _is_verb_among(line, at - 1):
            return surely
        if known:
            if surely == at and not (word in lexicon().verbs and "past" in lexicon().verbs[word].parts):
                surely = at - 1
            at -= 1
            continue
        if (
            word in words["prepositions"]
            or word in words["auxiliaries"]
            or word in words["modals"]
            or word in words["subordinators"]
            or word in words["coordinators"]
            or word in words["pronouns"]
            or word in lexicon().verbs
            or word in words["relatives"]
        ):
            return surely
        likely = (
            (token.is_capital and at != 1)
            or "-" in word
            or (
                word.endswith(("al", "ic", "ive", "ous", "ary", "less", "ish", "ese", "ern", "ist"))
                and len(word) > 4
            )
        )
        if (likely and surely == at) or (
            at == 1 and token.is_capital and word.endswith(("al", "ic", "ive", "ous", "ary", "ist"))
        ):
            surely = at - 1
        at -= 1
    return surely


def _before_name(line: Line, at: int, first: int) -> bool:
    """Whether one or two unlisted words stand before a noun and a name in a list: ", camera operator Ann Sen"."""
    if not 0 < first - at <= 2 or any(
        line.tokens[k].is_capital or not line.low[k].isalpha() or line.low[k] in lexicon().words["adverbs"]
        for k in range(at, first)
    ):
        return False
    step = first + 1
    while step < len(line) and step < first + 3 and line.owner[step] is None and line.tokens[step].is_word:
        step += 1
    return step < len(line) and line.kind(step) == "name" and step - first <= 2


def _is_verb_among(line: Line, at: int) -> bool:
    """Whether "jailed" is no modifier: what stands before it is no article, number or praise."""
    form = lexicon().verbs.get(line.low[at])
    if form is None or "past" not in form.parts or at == 0:
        return False
    words = lexicon().words
    before = line.low[at - 1]
    modified = (words["determiners"], words["possessives"], words["numbers"], words["qualities"])
    return line.tokens[at - 1].is_word and not any(before in each for each in modified)


def _take_number(line: Line, mention: Mention, left: int) -> int:
    """Take "more than 30" and "dozens of" before `left`; give where it begins."""
    words = lexicon().words
    at = left
    while at > 0 and left - at < 6:
        word = line.low[at - 1]
        if (
            word in words["numbers"]
            or re.fullmatch(r"\d[\d,.]*", word)
            or (
                (word in words["number_limits"] and at < left)
                or (word == "of" and line.word(at - 2) in words["numbers"])
            )
        ):
            at -= 1
        else:
            break
    while at < left and line.low[at] in _TAKE_NUMBER_WORDS:
        if line.low[at] in ("the", "these", "those"):
            mention.article = "the"
        if line.low[at] in ("his", "her", "their", "its"):
            mention.article, mention.owner = "his", line.low[at]
        at += 1
    if line.low[at] == "of":
        at += 1
    if at < left:
        mention.count = " ".join(line.low[at:left])
        if line.word(at - 1) in ("the", "these", "those", "all"):
            mention.article = "the"
    return at
