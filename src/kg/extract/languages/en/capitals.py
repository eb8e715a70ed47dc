"""Runs of capitals: where a name begins and ends."""

from __future__ import annotations

from kg.extract.languages.en.chunks import Line
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at

_LONGEST = 9  # tokens of a name; longer runs are headlines or lists without commas


GROUP_GENITIVES = listed("names", "group_genitives")


def is_name_word(line: Line, at: int) -> bool:
    """Whether a token can stand in a name: it has a capital, and does not merely open the sentence."""
    token = line.tokens[at]
    if "/" in token.text:
        return False
    if not (
        token.is_capital or (token.text[0].isalpha() and not token.text[0].islower() and len(token.text) > 1)
    ):
        return (
            token.low.startswith(
                ("al-", "el-", "an-", "ar-", "as-", "ad-", "ash-", "at-", "az-", "e-", "ul-")
            )
            and token.text[token.text.index("-") + 1 :][:1].isupper()
        )
    if token.text == "I" or token.text.startswith("I'") or token.text.startswith("I’"):
        return False
    if not (opens_sentence(line, at) and (token.low in lexicon().openers or token.low in lexicon().verbs)):
        return True
    return _body_ahead(line, at)


def _body_ahead(line: Line, at: int) -> bool:
    """Whether the word that opens the sentence opens the name of a body: "Human Rights Watch"."""
    lex = lexicon()
    word = line.low[at]
    if (
        word
        in lex.words["determiners"]
        | lex.words["prepositions"]
        | lex.words["pronouns"]
        | lex.words["possessives"]
        | lex.words["subordinators"]
        | lex.words["adverbs"]
        | lex.words["qualities"]
    ):
        return False
    end = at + 1
    while (
        end < len(line)
        and end - at < 5
        and line.tokens[end].is_capital
        and line.tokens[end].start - line.tokens[end - 1].end == 1
    ):
        if line.tokens[end].text in lex.words["place_bodies"] and not noun_at(line.low, end):
            return True
        end += 1
    return end > at + 1 and many_named(line, at, end)


def many_named(line: Line, at: int, end: int) -> bool:
    """Whether a plural noun and capitals name a body: "Reporters Unbound (RU) said", not "Brothers Ali and Bo"."""
    noun = noun_at(line.low, at)
    if (
        noun is None
        or noun[0] != 1
        or not noun[1][0].plural
        or noun[1][0].kind == "agency"
        or not 2 <= end - at <= 3
    ):
        return False
    after = line.word(end)
    form = lexicon().verbs.get(after)
    return (after == "(" and line.word(end + 2) == ")" and line.tokens[end + 1].text.isupper()) or (
        form is not None and bool(form.parts & {"past", "s"}) and end - at == 2
    )


def opens_sentence(line: Line, at: int) -> bool:
    """Whether the token is the first word of its sentence, or of a quotation in it."""
    while at > 0 and not line.tokens[at - 1].is_word:
        at -= 1
        if line.tokens[at].text in ":;—–--•*" or line.tokens[at].text in "\"“‘'(":
            return True
    return at == 0


def origin_end(line: Line, at: int) -> int:
    """Give where "Phnom Penh-based" or "Costa Rican-born" ends that begins at a token, or nothing."""
    end = at
    while end < len(line) and end - at < 4 and line.tokens[end].is_capital:
        if line.low[end].endswith(("-based", "-born")):
            return end + 1
        end += 1
    return 0


def run_end(line: Line, at: int) -> int:
    """Give where a run of capitals ends; words in lower case inside a name do not end it."""
    lex = lexicon()
    end = at + 1
    while end < len(line) and end - at < _LONGEST:
        if line.kind(end) not in ("", "nation"):
            break
        token = line.tokens[end]
        gap = token.start - line.tokens[end - 1].end
        if token.low in ("no.", "nos."):
            break
        if gap == 1 and token.is_word and is_name_word(line, end) and token.text[0] != "#":
            end += 1
        elif (
            gap == 1
            and token.low in lex.particles
            and end + 1 < len(line)
            and line.tokens[end + 1].is_capital
            and line.owner[end + 1] is None
        ):
            if token.low in ("as", "an", "i", "e", "y") and not line.tokens[end - 1].is_capital:
                break
            if token.low in ("as", "an"):
                break
            end += 1
        elif (
            token.low == "'s"
            and line.low[end - 1] in GROUP_GENITIVES
            and end + 1 < len(line)
            and line.tokens[end + 1].is_capital
        ) or (
            token.text in "'’"
            and line.low[end - 1] in GROUP_GENITIVES
            and end + 1 < len(line)
            and line.tokens[end + 1].is_capital
        ):
            end += 1
        elif (
            token.text in '"“'
            and end + 2 < len(line)
            and line.tokens[end + 2].text in '"”'
            and end + 3 < len(line)
            and line.tokens[end + 3].is_capital
            and line.tokens[end + 1].is_capital
        ):
            end += 3  # Ali "Ordo" Tolek
        else:
            break
    return end
