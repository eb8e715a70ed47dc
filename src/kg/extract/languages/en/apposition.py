"""What stands beside a name, "Ali Tolek, 34, a lawyer from Osh", and lists of people."""

from __future__ import annotations

import re

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.complements import take_alias
from kg.extract.languages.en.heads import decade_end
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.mentions import Mention, Role
from kg.extract.text import Document

_BESIDE_WORDS = listed("people", "beside_words")


_BESIDE_WORDS_2 = listed("people", "beside_words_2")


_BESIDE_WORDS_3 = listed("people", "beside_words_3")


_BESIDE_WORDS_4 = listed("people", "beside_words_4")


def mark_apposition(line: Line, document: Document) -> None:
    """Join what stands beside a name: an age, "a Kazakh imam from Osh", and a name beside a description."""
    for chunk in reversed(line.chunks()):
        if chunk.kind == "person" and line.owner[chunk.i] is chunk:
            mention: Mention = chunk.data
            stop = mention.j
            for _ in range(4):
                before = stop
                stop = _age(line, mention, stop)
                stop = take_alias(line, document, mention, stop)
                stop = _beside(line, document, mention, stop)
                stop = _of_body(line, document, mention, stop)
                stop = _named_behind(line, document, mention, stop)
                stop = _one_of(line, mention, stop)
                if stop == before:
                    break
            mention.j = stop
            chunk.j = stop
            line.put(chunk)


def _age(line: Line, mention: Mention, at: int) -> int:
    """Take ", 27," and "(27)" and ", aged 27"."""
    if mention.age or (mention.plural and not mention.name):
        return at
    step = at
    if (decade := decade_end(line, at)) > at:
        return decade
    bracket = line.word(step) == "("
    if line.word(step) in (",", "("):
        step += 1
    if line.word(step) in ("aged", "age"):
        step += 1
    elif step == at:
        return at
    if re.fullmatch(r"1?\d\d?", line.word(step)) and line.word(step + 1) in (
        ",",
        ")",
        ".",
        ";",
        "-",
        "--",
        "—",
        "–",
        "and",
        "who",
        "was",
        "is",
        "has",
        "from",
        "",
    ):
        mention.age = (int(line.low[step]), at, step + 1)
        end = step + 1
        return end + (bracket and line.word(end) == ")")
    return at


_AFTER_APPOSITION = frozenset(
    (",", ".", ";", ":", "--", "—", "–", "-", ")", "and", "or", "who", "", "!", "?", "”", '"', "’", "'", "…")
)


def _beside(line: Line, document: Document, mention: Mention, at: int) -> int:
    """Take ", a lawyer from Minsk," beside a name, or ", Ali Tolek," beside "the spokesman"."""
    mark = line.word(at)
    if mark not in (",", "--", "—", "–", "-", "(", ":"):
        return _names_of_group(line, document, mention, at)
    step = at + 1
    if mark == "," and not mention.name and not mention.plural:
        while line.word(step) in _BESIDE_WORDS:
            step += 1
    other = line.owner[step] if step < len(line) else None
    if other is None or other.kind != "person" or other.i != step:
        return _names_of_group(line, document, mention, at)
    beside: Mention = other.data
    if mention.plural and not mention.name:
        return _names_of_group(line, document, mention, at)
    after = line.word(_skip_age(line, other.j))
    if (
        not mention.name
        and mention.is_kind("kin")
        and not beside.name
        and beside.article == "a"
        and not beside.plural
        and after in (",", ".", ";", "—", "--")
    ):
        _absorb(mention, beside)
        return other.j
    if mention.name and not beside.name and not beside.plural and beside.roles:
        if beside.article == "" and after == "," and _name_follows(line, other.j + 1):
            return at
        participle = (
            beside.article in ("the", "a")
            and after in lexicon().verbs
            and "participle" in lexicon().verbs[after].parts
            and line.word(other.j + 1) in _BESIDE_WORDS_2
        )
        if beside.is_kind("source") or (
            after not in _AFTER_APPOSITION
            and after not in _BESIDE_WORDS_3
            and not participle
            and not (mark == "," and beside.article == "a" and _closes(line, other.j))
        ):
            return at
        if (
            mark == ":"
            or (beside.article == "" and beside.roles[0].noun.kind not in ("occupation", "office"))
            or after in ("said", "told")
            or (after in ("was", "is", "has", "had") and not _opens_clause(line, mention.i))
        ):
            return at
        if after in ("and", "or") and mark == "," and _list_goes_on(line, other.j):
            pass
        _absorb(mention, beside)
        end = other.j
        return (
            end
            + (line.word(end) == mark and mark in ("--", "—", "–"))
            + (line.word(end) == ")" and mark == "(")
        )
    if (
        (
            not mention.name
            and beside.name
            and not mention.plural
            and (
                not beside.roles
                or (beside.name_at is not None and beside.name_at[0] == beside.start)
                or (mention.is_kind("kin") and beside.article in ("the", ""))
                or (mention.article == "his" and beside.article == "" and mention.roles)
                or (beside.article == "" and {role.noun.kind for role in beside.roles} <= {"office", "title"})
            )
            and (mention.article or mention.nations or mention.roles)
            and mark != "("
        )
        and after in _AFTER_APPOSITION | _BESIDE_WORDS_4
        and not (after == "and" and mark == ",")
    ):
        _absorb(mention, beside)
        mention.name, mention.name_at = beside.name, beside.name_at
        return max(other.j, beside.j)
    return at


def _one_of(line: Line, mention: Mention, at: int) -> int:
    """Take "and one of the founders of the league" after "Ali Tolek, a baker"."""
    if not mention.name or line.word(at) != "and" or line.low[at + 1 : at + 3] != ["one", "of"]:
        return at
    owner = line.owner[at + 1]
    if (
        owner is None
        or owner.kind != "person"
        or owner.data.name
        or line.word(owner.j) not in _AFTER_APPOSITION
    ):
        return at
    _absorb(mention, owner.data)
    return int(owner.j)


_GOES_ON = frozenset(
    (
        "better",
        "best",
        "widely",
        "known",
        "of",
        "for",
        "on",
        "to",
        "whose",
        "accused",
        "based",
        "serving",
        "also",
    )
)


def _closes(line: Line, at: int) -> bool:
    """Whether words that no phrase takes in follow, and then a comma, before any verb that tells something."""
    words = lexicon().words
    if line.word(at) not in _GOES_ON:
        return False
    for step in range(at, min(len(line), at + 14)):
        word = line.low[step]
        if word in (",", ".", "–", "—", "--"):
            return True
        if word in words["auxiliaries"] or word in ("said", "told", "says") or line.kind(step) == "person":
            return False
    return False


def _of_body(line: Line, document: Document, mention: Mention, at: int) -> int:
    """Take ", of Living Water Church" and ", from Minsk" after a name or an age."""
    if (
        not mention.name
        or line.word(at) != ","
        or line.word(at + 1) not in ("of", "from")
        or at + 2 >= len(line)
    ):
        return at
    owner = line.owner[at + 2]
    if (
        owner is None
        or owner.kind not in ("org", "place", "facility")
        or line.word(owner.j) not in (",", ".", "and", ";")
    ):
        return at
    if owner.kind == "place":
        mention.homes.append((line.text(document, owner.i, owner.j), at + 1, owner.j))
    return owner.j


def _named_behind(line: Line, document: Document, mention: Mention, at: int) -> int:
    """Take the name in "a Chinese national working for the company, Liu Zhenhai,"."""
    if (
        mention.name
        or mention.plural
        or mention.article not in ("a", "the")
        or not (line.word(at).endswith("ing") or line.word(at) in ("who", "in", "at"))
    ):
        return at
    for step in range(at + 1, min(len(line) - 2, at + 10)):
        if line.low[step] == ",":
            owner = line.owner[step + 1]
            if (
                owner is not None
                and owner.kind == "person"
                and owner.data.name
                and owner.data.name_at[0] == owner.data.start
                and not owner.data.plural
                and line.word(owner.j) == ","
            ):
                _absorb(mention, owner.data)
                mention.name, mention.name_at = owner.data.name, owner.data.name_at
                return owner.j
            return at
        if line.kind(step) == "person":
            return at
    return at


def _skip_age(line: Line, at: int) -> int:
    if line.word(at) in (",", "(") and re.fullmatch(r"1?\d\d?", line.word(at + 1)):
        return at + 2 + (line.word(at + 2) == ")")
    return at


def _opens_clause(line: Line, at: int) -> bool:
    """Whether a name can be a subject here: it begins the sentence or what follows a comma or "that"."""
    return at == 0 or line.word(at - 1) in (",", "that", '"', "“", ":", "and", "but", ";", "—", "–", "-")


def _name_follows(line: Line, at: int) -> bool:
    """Whether a bare name between commas follows, which a description before it belongs to."""
    owner = line.owner[at] if at < len(line) else None
    return (
        owner is not None
        and owner.kind == "person"
        and bool(owner.data.name)
        and not owner.data.roles
        and line.word(owner.j) in (",", "and")
    )


def _list_goes_on(line: Line, at: int) -> bool:
    return at + 1 < len(line) and line.kind(at + 1) == "person"


def _absorb(mention: Mention, other: Mention) -> None:
    mention.roles.extend(other.roles)
    mention.nations.extend(other.nations)
    mention.ethnic = mention.ethnic or other.ethnic
    mention.homes.extend(other.homes)
    mention.age = mention.age or other.age
    mention.also.extend(other.also)
    if mention.owner is None:
        mention.owner = other.owner


def _names_of_group(line: Line, document: Document, mention: Mention, at: int) -> int:
    """Take the names beside "two students", after a comma, a dash, a colon or "identified as"."""
    if not mention.plural or mention.name or mention.members:
        return at
    step = at
    while (
        step < len(line)
        and step - at < 6
        and line.low[step]
        in (
            "-",
            "--",
            "—",
            "–",
            ":",
            ",",
            "who",
            "were",
            "was",
            "are",
            "identified",
            "named",
            "only",
            "as",
            "namely",
            "called",
            "for",
            "channel",
            "including",
            "(",
        )
    ) or (step < len(line) and step - at < 8 and line.kind(step) == "org" and step > at):
        step += 1
    if line.word(step - 1) == "including" or (
        step == at and not (step < len(line) and line.kind(step) == "person")
    ):
        return at
    names = []
    end = step
    while end < len(line):
        owner = line.owner[end]
        if owner is None or owner.kind != "person" or not owner.data.name:
            break
        names.append(owner.data)
        end = _skip_age_of(line, owner.data, owner.j)
        if line.word(end) in (",", "and", ";") or line.word(end) == "&":
            more = end + 1
            if line.word(more) == "and":
                more += 1
            following = line.owner[more] if more < len(line) else None
            if (
                following is not None
                and following.kind == "person"
                and following.data.name
                and not following.data.plural
            ):
                end = more
                continue
        break
    if len(names) < 2:
        return at
    for name in names:
        name.roles.extend(
            Role(role.noun, role.text, role.i, role.j, role.at)
            for role in mention.roles
            if role.noun.kind in ("occupation", "office", "plain")
        )
        name.nations.extend(mention.nations)
        name.ethnic = name.ethnic or mention.ethnic
        name.homes.extend(mention.homes)
    mention.members = names
    if line.word(end) in ("--", "—", "–", "-") and line.word(step - 1) in ("--", "—", "–", "-"):
        end += 1
    mention.j = end
    return _all_of_them(line, mention)


def _skip_age_of(line: Line, mention: Mention, at: int) -> int:
    return _age(line, mention, at)


def mark_lists(line: Line) -> None:
    """Join "A, B and C" into one phrase."""
    chunks = line.chunks()
    at = 0
    while at < len(chunks):
        if chunks[at].kind != "person":
            at += 1
            continue
        members = [chunks[at]]
        end = at + 1
        while True:
            step = end
            while (
                step < len(chunks)
                and chunks[step].kind == "word"
                and chunks[step].text in (",", "and", "&", ";", "or")
                and step - end < 2
            ):
                step += 1
            if (
                end < step < len(chunks) - 1
                and chunks[step].text in ("his", "her", "their")
                and chunks[step + 1].kind == "person"
                and chunks[step + 1].data.owner == chunks[step].text
            ):
                end, step = step + 1, step + 1  # "Ali and his two daughters"
                joined = "and" if chunks[step - 2].text == "and" else ","
                members.append(chunks[step])
                end = step + 1
                if joined == "and":
                    break
                continue
            joined = "".join(chunk.text for chunk in chunks[end:step])
            if joined == "," and step < len(chunks) and chunks[step].text == "who":
                step, joined = _past_relative(chunks, step)
            if step == end or step >= len(chunks) or chunks[step].kind != "person":
                break
            if ";" in joined and not (chunks[step].data.name and _semicolons(line, chunks[step])):
                break
            members.append(chunks[step])
            end = step + 1
            if "and" in joined or joined == "or":
                break
        at_last = chunks.index(members[-1])
        last = "".join(chunk.text for chunk in chunks[max(0, at_last - 2) : at_last] if chunk.kind == "word")
        if (
            len(members) > 1
            and ("and" in last or "&" in last or "or" in last)
            and not _separate(line, members)
        ):
            whole = Mention(
                line,
                members[0].i,
                members[-1].j,
                members=[member.data for member in members],
                plural=True,
                listed=True,
            )
            whole.start, whole.stop = whole.i, whole.j
            whole.j = _all_of_them(line, whole)
            line.put(Chunk("person", whole.i, whole.j, data=whole))
        at = max(end, at + 1)


def _all_of_them(line: Line, whole: Mention) -> int:
    """Give every member of a list what ", all residents of Osh," or ", both aged 20," tells; give its end."""
    at = whole.j
    if line.word(at) not in (",", "--", "—", "–") or line.word(at + 1) not in ("all", "both"):
        return at
    if line.word(at + 2) in ("aged", "age") and re.fullmatch(r"1?\d\d?", line.word(at + 3)):
        for member in whole.members:
            member.age = member.age or (int(line.low[at + 3]), at + 1, at + 4)
        return at + 4
    owner = line.owner[at + 1] or line.owner[min(at + 2, len(line) - 1)]
    if (
        owner is None
        or owner.kind != "person"
        or owner.data.name
        or owner.data.members
        or not owner.data.plural
        or line.word(owner.j) not in _AFTER_APPOSITION
    ):
        return at
    told: Mention = owner.data
    for member in whole.members:
        member.roles.extend(
            role for role in told.roles if role.noun.kind in ("occupation", "office", "plain")
        )
        member.nations.extend(told.nations)
        member.ethnic = member.ethnic or told.ethnic
        member.homes.extend(told.homes)
    return owner.j


def _semicolons(line: Line, chunk: Chunk) -> bool:
    """Whether semicolons part the people of a list, "A; B, a baker; and C", rather than clauses."""
    marks = [at for at, word in enumerate(line.low) if word == ";"]
    last = max(marks, default=-1)
    return len(marks) > 1 and (line.word(last + 1) == "and" or chunk.i > last)


def _past_relative(chunks: list[Chunk], at: int) -> tuple[int, str]:
    """Pass over "who teaches at …," inside a list; give the next chunk and what joins it."""
    for step in range(at + 1, min(len(chunks) - 2, at + 14)):
        if chunks[step].kind == "word" and chunks[step].text == ",":
            if chunks[step + 1].text == "and" and chunks[step + 2].kind == "person":
                return step + 2, ",and"
            return (
                (step + 1, ",")
                if chunks[step + 1].kind == "person" and chunks[step + 1].data.name
                else (len(chunks), "")
            )
    return len(chunks), ""


def _separate(line: Line, members: list[Chunk]) -> bool:
    """Whether a comma before "and" opens a new clause: "… arrested Ali, and his brother fled"."""
    between = [line.low[k] for k in range(members[-2].j, members[-1].i)]
    if between != [",", "and"] or len(members) > 2:
        return False
    after = line.word(members[-1].j)
    before = line.word(members[0].i - 1)
    verbs = lexicon().verbs
    return (after in verbs or after in lexicon().words["auxiliaries"]) and (
        before in verbs or before in lexicon().words["prepositions"]
    )
