"""What follows the noun of a phrase: "and activist", "of the Farmers' League", a name."""

from __future__ import annotations

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.heads import last_noun, role_start, role_text
from kg.extract.languages.en.lexicon import Noun, lexicon, listed, noun_at
from kg.extract.languages.en.mentions import Mention, Role
from kg.extract.text import Document

_COMPLEMENT_WORDS = listed("people", "complement_words")


_NOUN_PHRASE_WORDS = listed("people", "noun_phrase_words")


_NOUN_PHRASE_WORDS_2 = listed("people", "noun_phrase_words_2")


_AGENCY_WORDS = listed("people", "agency_words")


_AGENCY_WORDS_2 = listed("people", "agency_words_2")


_AGENCY_WORDS_3 = listed("people", "agency_words_3")


_PARENTS = frozenset(("father", "mother", "parent", "dad", "mum", "mom", "grandfather", "grandmother"))


def parent_of(line: Line, at: int) -> int:
    """Give where "father of three" ends that begins at `at`, or `at`."""
    if line.word(at) not in _PARENTS or line.word(at + 1) != "of" or at + 2 >= len(line):
        return at
    end = at + 2
    while line.word(end) in ("a", "an", "young", "small", "minor") and end < at + 4:
        end += 1
    if line.word(end) not in lexicon().words["numbers"] and not line.word(end).isdigit():
        return at
    end += 1
    stop = end + (line.word(end) in ("young", "small", "minor", "adult"))
    return stop + 1 if line.word(stop) in ("children", "daughters", "sons", "girls", "boys") else end


def _and_parent(line: Line, at: int) -> int:
    """Pass over "and mother of two"."""
    begin = at + 1 + (line.word(at + 1) == "a")
    parent = parent_of(line, begin) if line.word(at) == "and" else begin
    return parent if parent > begin else at


def take_second_head(line: Line, document: Document, mention: Mention, end: int) -> int:
    """Take "and activist" after "poet", also with a name behind it, and "and mother of two"."""
    if (parent := _and_parent(line, end)) > end:
        return parent
    if line.word(end) not in ("and", ",", "/") or mention.is_kind("kin", "agency"):
        return end
    step = end + 1
    if line.word(end) == "," and mention.plural is False:
        return end
    while (
        step < len(line)
        and step - end < 5
        and (
            (
                line.owner[step] is None
                and (
                    line.low[step] in lexicon().words["modifiers"]
                    or line.low[step].endswith(("al", "ic", "ive", "-based"))
                )
            )
            or (line.kind(step) == "nation")
        )
    ):
        if noun_at(line.low, step) and not noun_at(line.low, step + 1 if step + 1 < len(line) else step):
            break
        step += 1
    found = noun_at(line.low, step) if step < len(line) and line.owner[step] is None else None
    if not found:
        return end
    first, nouns, stop = last_noun(line, step, found)
    noun = next((each for each in nouns if each.kind in ("occupation", "office", "plain", "tie")), None)
    if (
        noun is None
        or noun.plural != mention.roles[0].noun.plural
        or any(line.low[k] in lexicon().words["determiners"] for k in range(end + 1, stop))
    ):
        return end
    if line.word(end) == "," and line.word(stop) not in (",", "and"):
        return end
    name = line.owner[stop] if stop < len(line) else None
    mention.roles.append(
        Role(
            noun,
            role_text(line, document, end + 1, first, stop),
            role_start(line, end + 1, first, stop),
            stop,
            first,
        )
    )
    if name is not None and name.kind == "name" and not noun.plural:
        return take_name(line, document, mention, name)
    return take_second_head(line, document, mention, stop) if noun.plural else stop


def _described(line: Line, at: int) -> bool:
    """Whether what follows a name tells of one person: ", a student" or ", 34,"."""
    return line.word(at) == "," and (line.word(at + 1) in ("a", "an") or line.word(at + 1).isdigit())


_AT_BODIES = frozenset(("director", "coordinator", "president", "officer", "chair", "manager"))


def take_complement(line: Line, document: Document, mention: Mention, end: int) -> int:
    """Take "of the Communist Party", "for the weekly Ordo", "from Kara county", "in Minsk" after the noun."""
    if mention.name:
        return end
    stop = end
    role = mention.roles[-1]
    if role.noun.kind == "kin" and (parent := parent_of(line, role.at)) > end:
        return parent
    for _ in range(3):
        word = line.word(stop)
        if word not in _COMPLEMENT_WORDS:
            break
        if (
            word == "from"
            or word == "in"
            or (word == "of" and role.noun.lemma in ("resident", "native", "citizen", "national", "villager"))
        ):
            place = _place_at(line, stop + 1)
            if place is None and word == "of":
                place = _unknown_place(line, stop + 1)
            if place is None:
                break
            if word == "from" or role.noun.lemma in ("resident", "villager"):
                mention.homes.append((line.text(document, place[0], place[1]), stop, place[1]))
            stop = place[1]
            continue
        if word == "of" and role.noun.kind in ("kin", "tie", "plain"):
            of = line.owner[stop + 1] if stop + 1 < len(line) else None
            if of is not None and of.kind == "name":
                inner = Mention(line, of.i, of.j, start=of.i, stop=of.j)
                named = take_name(line, document, inner, of)
                if (role.noun.plural or role.noun.lemma == "family") and _described(line, named):
                    inner.j = inner.stop = named
                    mention.owner = line.put(Chunk("person", of.i, named, data=inner))
                    break  # "the family of Ali Tolek, a student from Osh, said": it is Ali who is a student
                stop = named
                mention.owner = Chunk("person", of.i, of.j, data=inner)
            break
        if role.noun.kind not in ("occupation", "office", "tie") or (
            word == "at" and role.noun.kind == "office" and role.noun.lemma not in _AT_BODIES
        ):
            break
        if word == "at" and line.word(stop + 1) in ("his", "her", "their"):
            break  # told reporters at his home
        if word == "for" and line.word(stop + 1).endswith("ing"):
            break  # a journalist jailed "for spreading" something
        after = _noun_phrase(line, stop + 1, role.noun)
        if after is None or (
            word in ("to", "on")
            and role.noun.kind != "office"
            and role.noun.lemma not in ("adviser", "advisor")
        ):
            break
        role.text = line.text(document, role.i, after)
        role.j = after
        stop = after
    return _and_parent(line, stop)


_BEFORE_PLACE = listed("people", "before_place")


def _place_at(line: Line, at: int) -> tuple[int, int] | None:
    """Give where a place stands that begins at `at`, after "the northern city of" too."""
    step = at
    while step < len(line) and step - at < 6 and line.owner[step] is None and line.low[step] in _BEFORE_PLACE:
        step += 1
    owner = line.owner[step] if step < len(line) else None
    if owner is None:
        return None
    if owner.kind in ("place", "facility"):
        end = owner.j
        if line.word(end) == "'s" and end + 1 < len(line):
            inner = _place_at(line, end + 1)
            if inner:
                return inner
            if line.word(end + 1) == "county" and line.word(end + 2) == "town":
                return step, end + 3
            return None
        while (
            line.word(end) in ("in", ",")
            and end + 1 < len(line)
            and line.kind(end + 1) == "place"
            and line.word(end) == "in"
        ):
            end = line.stop(end + 1)
        return step, end
    return None


def _unknown_place(line: Line, at: int) -> tuple[int, int] | None:
    """Take a name that nothing else tells of for a place, after "resident of"."""
    owner = line.owner[at] if at < len(line) else None
    return (owner.i, owner.j) if owner is not None and owner.kind in ("thing", "name") else None


def _noun_phrase(line: Line, at: int, noun: Noun) -> int | None:
    """Give where the phrase after "head of" ends."""
    words = lexicon().words
    end = at
    solid = at
    while end < len(line) and end - at < 16:
        owner = line.owner[end]
        word = line.low[end]
        if owner is not None:
            if owner.kind in ("person", "pronoun", "date", "term", "verb"):
                break
            if owner.kind == "name":
                if end == at and noun.lemma in _NOUN_PHRASE_WORDS_2:
                    return owner.j
                behind = line.owner[owner.j + 1] if owner.j + 1 < len(line) else None
                if (
                    end == at
                    and noun.kind == "office"
                    and owner.j - owner.i == 1
                    and line.word(owner.j) == ","
                    and behind is not None
                    and behind.kind == "name"
                    and behind.j - behind.i > 1
                ):
                    return owner.j  # the commissioner of Kech, Ilyas Kibzai
                if line.tokens[end].text.isupper():
                    end = solid = owner.j
                    continue
                break
            end = solid = owner.j
            if line.word(end) == "(" and line.word(end + 2) == ")":
                end = solid = end + 3
            continue
        if word in words["determiners"] or word in _NOUN_PHRASE_WORDS:
            if word in ("and",) and (
                end + 1 >= len(line)
                or not (
                    line.low[end + 1] in ("the", "human", "rights")
                    or (line.kind(end + 1) in ("org", "place"))
                )
                or (noun_at(line.low, min(end + 1, len(line) - 1)) and line.owner[end + 1] is None)
            ):
                break
            end += 1
            continue
        if (
            not line.tokens[end].is_word
            or word in words["prepositions"]
            or word in words["subordinators"]
            or word in words["relatives"]
            or word in words["auxiliaries"]
            or word in words["modals"]
            or word in words["coordinators"]
            or word in ("that",)
        ):
            break
        form = lexicon().verbs.get(word)
        if form and "base" not in form.parts and line.low[end - 1] not in words["determiners"]:
            break
        if word in words["adverbs"]:
            break
        if end > at + 1 and word.endswith("ed") and word not in words["no_verbs"] and form is None:
            break  # a verb that no list has: "a justice of the peace fined him"
        end += 1
        solid = end
    return solid if solid > at else None


_OFFICES = frozenset(
    ("bureau", "directorate", "department", "office", "command", "agency", "service", "division")
)


def make_agency(line: Line, document: Document, mention: Mention, left: int, end: int) -> int:
    """Make a chunk of those who arrest: "plainclothes agents of the Intelligence Ministry"."""
    stop = end
    for _ in range(2):
        if (
            line.word(stop) == "in"
            and line.word(left - 1) == "by"
            and not set(line.low[stop + 1 : stop + 3]) & _AGENCY_WORDS_2
        ):
            break
        if line.word(stop) in ("of", "from", "with", "in", "belonging") and stop + 1 < len(line):
            if line.word(stop) == "in" and set(line.low[stop + 1 : stop + 3]) & _AGENCY_WORDS_2:
                stop += 2
                while stop < len(line) and line.low[stop] in (
                    "clothes",
                    "clothing",
                    "uniform",
                    "uniforms",
                    "dress",
                    "masks",
                ):
                    stop += 1
                continue
            step = stop + 1
            while (
                step < len(line)
                and step - stop < 7
                and line.owner[step] is None
                and (
                    line.low[step] in _AGENCY_WORDS_3
                    or line.low[step] in lexicon().words["modifiers"]
                    or line.low[step].endswith(("th", "al"))
                )
            ):
                step += 1
            owner = line.owner[step] if step < len(line) else None
            found = noun_at(line.low, step) if step < len(line) and owner is None else None
            if (
                owner is not None
                and owner.kind in ("org", "place", "facility", "nation")
                and not (
                    line.word(stop) in ("of", "with")
                    and owner.kind == "facility"
                    and not (line.tokens[owner.i].is_capital and line.low[owner.j - 1] in _OFFICES)
                )
            ):
                more = owner.j
                if (
                    line.word(more) == "'s"
                    and more + 1 < len(line)
                    and line.kind(more + 1) in ("org", "place")
                ):
                    more = line.stop(more + 1)
                if line.word(more) == "(" and line.word(more + 2) == ")":
                    more += 3
                if line.word(more) in ("police", "forces", "army") and line.owner[more] is None:
                    more += 1
                if line.word(stop) == "in" and owner.kind == "place":
                    mention.homes.append((line.text(document, owner.i, owner.j), owner.i, owner.j))
                stop = more
                continue
            if found and found[1][0].kind == "agency" and line.word(stop) in ("of", "from", "with"):
                stop = step + found[0]
                continue
        break
    start = left
    words = lexicon().words
    while start < end - 1 and (
        line.low[start] in words["determiners"]
        or line.low[start] in _AGENCY_WORDS
        or line.low[start] in words["possessives"]
    ):
        start += 1
    text = line.text(document, start, stop)
    if (
        line.tokens[start].is_capital
        and (start == 0 or not line.tokens[start - 1].is_word)
        and line.owner[start] is None
        and line.low[start] in lexicon().openers
    ):
        text = text[:1].lower() + text[1:]
    line.put(Chunk("agency", left, stop, text, data=mention))
    return stop


def take_name(line: Line, document: Document, mention: Mention, name: Chunk) -> int:
    """Give the phrase the name that follows; give where the name and other names end."""
    mention.name = line.text(document, name.i, name.j)
    mention.name_at = (name.i, name.j)
    return take_alias(line, document, mention, name.j)


def _past_label(line: Line, at: int) -> int:
    """Pass over "her pen name" in "known by her pen name Red River"."""
    step = at + (line.word(at) in ("his", "her", "their", "the"))
    step += line.word(step) in ("pen", "stage", "online", "family", "popular")
    found = line.word(step) in ("name", "nickname", "pseudonym", "alias", "handle", "moniker", "initials")
    return step + 1 if step > at and found else at


def take_alias(line: Line, document: Document, mention: Mention, at: int) -> int:
    """Take "aka Ordo", "(also known as …)" after a name."""
    step = at
    while line.word(step) in (",", "(", "also", "better", "or", "commonly", "popularly", "widely"):
        step += 1
    if line.word(step) in ("aka", "a.k.a.", "alias", "nicknamed", "nee", "née") or (
        line.word(step) == "known" and line.word(step + 1) in ("as", "by")
    ):
        step += 2 if line.word(step) == "known" else 1
        step = _past_label(line, step)
        quoted = line.word(step) in ('"', "“", "'", "‘")
        step += quoted
        if line.word(step) in ("the", "his", "her"):
            return at
        end = step
        while (
            end < len(line)
            and (line.tokens[end].is_capital or (quoted and line.tokens[end].is_word))
            and end - step < 5
        ):
            end += 1
        if end == step + 1 and line.word(end + 1) in (",", ")") and line.tokens[end].is_word:
            end += 1
        if end > step:
            mention.also.append(line.text(document, step, end))
            return end + (quoted and line.word(end) in ('"', "”", "'", "’")) + (line.word(end) == ")")
    return at
