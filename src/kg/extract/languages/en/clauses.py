"""Who does what to whom: for each verb its subject, object, agent, and the dates and places beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.verbs import Verb

_REGION_END_WORDS = listed("clauses", "region_end_words")
_VOICE_WORDS = listed("clauses", "voice_words")
_IS_TRANSITIVE_WORDS = listed("clauses", "is_transitive_words")
_GOVERNED_WORDS = listed("clauses", "governed_words")
_SUBJECT_WORDS = listed("clauses", "subject_words")
_SUBJECT_WORDS_2 = listed("clauses", "subject_words_2")
_SUBJECT_WORDS_3 = listed("clauses", "subject_words_3")
_SUBJECT_WORDS_4 = listed("clauses", "subject_words_4")
_RIGHT_WORDS = listed("clauses", "right_words")

_PEOPLE = ("person", "pronoun", "agency", "org", "court")
_STOPS = listed("clauses", "stops")
_MARKS = frozenset("\"“”‘’'")


@dataclass(slots=True, eq=False)
class Clause:
    """One verb with what belongs to it."""

    line: Line
    verb: Verb
    chunk: Chunk
    at: int
    """Its place among the chunks of the sentence."""
    subject: Chunk | None = None
    object: Chunk | None = None
    agents: list[Chunk] = field(default_factory=list)
    dates: list[Chunk] = field(default_factory=list)
    initial_dates: list[Chunk] = field(default_factory=list)
    places: list[tuple[str, Chunk]] = field(default_factory=list)
    terms: list[Chunk] = field(default_factory=list)
    governor: Clause | None = None
    joined: Clause | None = None
    """The verb before "and", whose subject it shares."""
    passive: bool = False
    hypothetical: bool = False
    end: int = 0
    """Where its own part of the sentence ends: an index of chunks, excluded."""
    subject_denied: bool = False

    def word_after(self, count: int = 6) -> list[str]:
        """Give the words after the verb."""
        return self.line.low[self.verb.at + 1 : self.verb.at + 1 + count]


def read(line: Line) -> list[Clause]:
    """Give the clauses of a sentence in order."""
    chunks = line.chunks()
    clauses: list[Clause] = []
    by_place: dict[int, Clause] = {}
    for at, chunk in enumerate(chunks):
        if chunk.kind == "verb":
            clause = Clause(line, chunk.data, chunk, at)
            clauses.append(clause)
            by_place[at] = clause
    for number, clause in enumerate(clauses):
        earlier = clauses[:number]
        following = clauses[number + 1].at if number + 1 < len(clauses) else len(chunks)
        clause.end = _region_end(chunks, clause.at, following)
        _voice(clause, chunks, earlier)
        _subject(clause, chunks, by_place)
        _right(clause, chunks)
    for number, clause in enumerate(clauses):
        _late_subject(clause, clauses[number + 1 :])
        _left(clause, chunks, clauses[:number])
        _governor(clause, chunks, clauses[:number])
        clause.hypothetical = _is_hypothetical(clause, chunks)
    return clauses


def _region_end(chunks: list[Chunk], at: int, following: int) -> int:
    """Give where what belongs to the verb at `at` ends: before the next verb and its subject."""
    end = at + 1
    while end < following:
        chunk = chunks[end]
        if chunk.kind == "word":
            if chunk.text in _REGION_END_WORDS and not (chunk.text == "that" and end == at + 1):
                return end
            if chunk.text in ("after", "before", "as") and following < len(chunks) and following - end < 5:
                return end
        end += 1
    if following < len(chunks):
        # The subject of the next verb is no part of this one.
        verb: Verb = chunks[following].data
        step = following
        if verb.finite and not verb.relative:
            while step > at + 1 and not (
                chunks[step - 1].kind == "word"
                and chunks[step - 1].text
                in (",", "and", "that", "but", "as", "after", "before", "since", "—", "--", "–", '"', "”")
            ):
                step -= 1
            if step > at + 1 and not _only_details(chunks, at, step, following):
                return step
    return following


def _only_details(chunks: list[Chunk], at: int, i: int, j: int) -> bool:
    """Whether nothing but times and places lie before the next verb: "who was arrested in Osh last Thursday died"."""
    verb: Verb = chunks[at].data
    return (
        (verb.relative or verb.bare)
        and i < j
        and all(chunk.kind in ("date", "place") or chunk.text == "," for chunk in chunks[i:j])
    )


def _next(chunks: list[Chunk], at: int) -> Chunk | None:
    """Give the chunk after `at`, adverbs and articles passed over."""
    words = lexicon().words
    step = at + 1
    while (
        step < len(chunks)
        and chunks[step].kind == "word"
        and (
            chunks[step].text in words["adverbs"]
            or chunks[step].text.endswith("ly")
            or chunks[step].text in ("the", "a", "an", '"', "“")
        )
    ):
        step += 1
    return chunks[step] if step < len(chunks) else None


def _voice(clause: Clause, chunks: list[Chunk], earlier: list[Clause]) -> None:
    """Decide whether a bare form such as *arrested* is passive."""
    verb = clause.verb
    clause.passive = verb.passive
    if not verb.bare or "participle" not in verb.form.parts:
        return
    following = _next(chunks, clause.at)
    place = clause.at - 1
    while place > 0 and chunks[place].kind == "word" and chunks[place].text in _LATER - {"then"}:
        place -= 1
    previous = chunks[place] if clause.at else None
    has_object = following is not None and following.kind in ("person", "pronoun", "agency", "org", "place")
    by = following is not None and following.kind == "word" and following.text == "by"
    if (
        previous is not None
        and previous.kind == "word"
        and previous.text in ("and", ",", "or", "then")
        and earlier
    ):
        last = next((each for each in reversed(earlier) if each.verb.finite), earlier[-1])
        if last.passive and not has_object and not _subject_between(chunks, last.at, clause.at):
            clause.passive = True
            return
    if (
        by
        or (
            previous is not None
            and previous.kind == "word"
            and previous.text == ","
            and not has_object
            and _is_transitive(verb)
        )
        or (previous is not None and previous.kind == "person" and not has_object and _is_transitive(verb))
        or (
            previous is not None
            and previous.kind == "pronoun"
            and previous.data in ("both", "all", "two", "three", "four", "five")
            and not has_object
            and _is_transitive(verb)
        )
        or (
            previous is not None
            and previous.kind == "word"
            and previous.text in _VOICE_WORDS
            and not has_object
        )
    ):
        clause.passive = True


def _is_transitive(verb: Verb) -> bool:
    return (
        any(verb.opens(frame) for frame in ("detain", "hold", "charge", "sentence", "release", "die"))
        and verb.lemma not in _IS_TRANSITIVE_WORDS
    )


def _subject_between(chunks: list[Chunk], i: int, j: int) -> bool:
    return any(chunk.kind in ("person", "pronoun") for chunk in chunks[j - 1 : j])


def _governed(chunks: list[Chunk], at: int) -> str:
    """Give the preposition before a chunk, passing over articles and a few modifiers, or nothing."""
    words = lexicon().words
    step = at - 1
    passed = 0
    while step >= 0 and chunks[step].kind == "word" and passed < 4:
        text = chunks[step].text
        if text in words["prepositions"]:
            return text
        article = text in ("the", "a", "an", "both", "all", "even", "then")
        if not article and not _is_modifier(text):
            return ""
        passed += 1
        step -= 1
    return ""


def _is_modifier(text: str) -> bool:
    """Whether a word can stand between a preposition and a name: "of presidential hopeful Ali Tolek"."""
    words = lexicon().words
    small = ("coordinators", "subordinators", "relatives", "adverbs", "pronouns", "negations", "auxiliaries")
    return text.isalpha() and text not in lexicon().verbs and not any(text in words[name] for name in small)


def _subject(clause: Clause, chunks: list[Chunk], by_place: dict[int, Clause]) -> None:
    """Find the subject to the left of a verb; see the module's text for what is passed over."""
    words = lexicon().words
    own = clause.verb
    if own.relative:
        clause.subject = _last_of(clause, _antecedent(chunks, clause.at - 1))
        return
    if own.finite and _coordinated(clause, chunks, by_place):
        return
    at = _before_relative(chunks, clause.at) if own.finite else clause.at - 1
    noun = False
    while at >= 0:
        chunk = chunks[at]
        if chunk.kind in _PEOPLE:
            preposition = _governed(chunks, at)
            adjacent = at == clause.at - 1
            conjunction = preposition in _SUBJECT_WORDS or (preposition == "for" and False)
            if (
                preposition == "of"
                and at > 1
                and chunks[at - 2].kind == "word"
                and chunks[at - 2].text in _SUBJECT_WORDS_3
            ) or (preposition == "of" and at > 1 and chunks[at - 2].kind == "pronoun"):
                if chunks[at - 2].text == "none":
                    clause.subject_denied = True
                clause.subject = chunk
                return
            if adjacent and own.ing and not own.finite and chunk.kind == "person" and preposition == "of":
                clause.subject = chunk  # "the detention of two activists facing charges"
                return
            if preposition and not (conjunction and adjacent):
                if preposition in ("after", "before", "since", "until", "as") and not noun:
                    clause.subject = chunk
                    return
                noun = False
                at -= 1
                while at >= 0 and chunks[at].kind == "word" and chunks[at].text != preposition:
                    at -= 1
                at -= 1
                continue
            if noun:
                return
            if own.finite and _suffers(chunks, at, by_place):
                at -= 2  # "Officers accused of beating Ali were released"
                continue
            if (
                chunk.kind in ("person", "agency")
                and at + 1 < clause.at
                and chunks[at + 1].kind == "word"
                and chunks[at + 1].text in ("'s", "'", "’")
            ):
                return
            clause.subject = chunk
            return
        if chunk.kind == "verb":
            other = by_place[at]
            if other.verb.relative:
                at -= 2
                noun = False
                continue
            if noun and clause.verb.finite:
                return
            if (
                other.verb.bare
                and other.passive
                and other.subject is None
                and clause.verb.finite
                and not _joined(chunks, at, clause.at)
            ):
                at -= 1
                continue
            joined = _joined(chunks, at, clause.at)
            if (
                joined
                and clause.verb.finite
                and other.verb.ing
                and not other.verb.finite
                and other.subject is None
            ):
                at -= 1
                continue
            clause.subject = other.subject
            if (
                not clause.verb.finite
                and not joined
                and other.object is not None
                and other.object.kind in ("person", "pronoun")
                and (other.verb.opens("want") or other.verb.lemma in _SUBJECT_WORDS_4)
            ):
                clause.subject = other.object
            elif joined:
                clause.joined = other
            return
        if chunk.kind == "word":
            text = chunk.text
            if text in (")", "]"):
                while at >= 0 and not (chunks[at].kind == "word" and chunks[at].text in ("(", "[")):
                    at -= 1
                at -= 1
                continue
            if text in ("nobody", "none", "no"):
                clause.subject_denied = True
                return
            if (
                text in _STOPS
                and (own.finite or text not in ("while", "when", "as"))
                and not (text == "as" and at == clause.at - 1)
            ):
                return
            if (
                text in _SUBJECT_WORDS_2
                and not noun
                and not (text in ("two", "three", "four", "five") and at and chunks[at - 1].text == "of")
            ):
                before = chunks[at - 2] if at > 1 and chunks[at - 1].text == "of" else None
                clause.subject = (
                    before
                    if before is not None and before.kind == "pronoun"
                    else clause.line.put(Chunk("pronoun", chunk.i, chunk.j, text, data=text))
                )
                return
            if text in words["prepositions"] or text in ("to",):
                noun = False
            elif text in words["relatives"]:
                return
            elif text in words["determiners"] or text in words["possessives"] or text in ("'s", "’", "'"):
                if noun and own.finite:
                    if at and chunks[at - 1].kind == "word" and chunks[at - 1].text in words["prepositions"]:
                        at -= 2
                        noun = False
                        continue
                    return
            elif text in (",", "and", "or", "–", "—", "--", "-"):
                if noun and clause.verb.finite:
                    return
            elif (
                chunk.i < len(clause.line.tokens)
                and clause.line.tokens[chunk.i].is_word
                and text not in words["adverbs"]
                and not text.endswith("ly")
            ):
                noun = True
        elif chunk.kind == "thing" and not _governed(chunks, at):
            noun = True
        at -= 1


_LATER = frozenset(("later", "then", "subsequently", "eventually", "finally", "soon", "immediately"))


def _suffers(chunks: list[Chunk], at: int, by_place: dict[int, Clause]) -> bool:
    """Whether a person is the object of the "beating" directly before, behind a preposition."""
    if at < 2 or chunks[at - 1].kind != "verb" or chunks[at - 2].kind != "word":
        return False
    verb = by_place[at - 1].verb
    return (
        verb.ing
        and not verb.finite
        and chunks[at - 2].text in ("of", "for", "over", "by", "with")
        and not (verb.opens("say") or verb.opens("allege") or verb.opens("deny"))
    )


def _coordinated(clause: Clause, chunks: list[Chunk], by_place: dict[int, Clause]) -> bool:
    """Give "and has since been held" the subject of the verb before "and"."""
    place = clause.at - 1
    while place > 0 and chunks[place].kind == "word" and chunks[place].text in _LATER:
        place -= 1
    before = chunks[place] if clause.at else None
    if before is None or before.kind != "word" or before.text not in ("and", "but", "or", "then"):
        return False
    for at in range(place - 1, -1, -1):
        if chunks[at].kind == "word" and chunks[at].text in (";", ":"):
            return False
        if chunks[at].kind == "verb":
            other = by_place[at]
            if (
                other.verb.infinitive
                or other.verb.ing
                or other.subject is None
                or (other.verb.relative and before.text != "and")
            ):
                continue
            if (
                other.verb.relative
                and at + 1 < clause.at
                and any(chunk.text == "," for chunk in chunks[at + 1 : clause.at] if chunk.kind == "word")
            ):
                continue
            clause.subject, clause.joined = other.subject, other
            return True
    return False


def _before_relative(chunks: list[Chunk], at: int) -> int:
    """Give where to look for the subject: before a relative clause that ends at the verb."""
    if not at or (chunks[at - 1].kind == "word" and chunks[at - 1].text in ("and", "but", "or")):
        return at - 1
    comma = chunks[at - 1].kind == "word" and chunks[at - 1].text in (",", "—", "--", "–")
    verbs = commas = 0
    for step in range(at - 1, 0, -1):
        chunk = chunks[step]
        if chunk.kind == "verb":
            verbs += 1
        elif chunk.kind == "pronoun":
            if not comma:
                return at - 1
        elif (
            chunk.kind == "word"
            and chunk.text in ("when", "while", "after", "because")
            and comma
            and not commas
        ):
            continue  # "who had been held after a rally, was released"
        elif chunk.kind == "word" and chunk.text in (";", "that", "because", "when", "while", "after"):
            return at - 1
        elif chunk.kind == "word" and chunk.text == "," and step < at - 1:
            commas += 1
        elif chunk.kind == "word" and chunk.text in ("who", "which", "whose", "whom", "where"):
            opened = chunks[step - 1].kind == "word" and chunks[step - 1].text in (",", "—", "--", "–")
            if verbs and opened == comma:
                return step - 1 - opened
            person = chunks[step - 1]
            named = verbs and comma and person.kind == "person" and person.data.name_at is not None
            if named and person.data.name_at[1] < person.j and chunk.text == "who":
                return step - 1  # "Ali, a baker who lived in Osh, left"
            return at - 1
        elif comma and step == at - 1:
            continue
    return at - 1


def _joined(chunks: list[Chunk], i: int, j: int) -> bool:
    return any(
        chunk.kind == "word" and chunk.text in ("and", "or", ",", "but", "then")
        for chunk in chunks[i + 1 : j]
    )


def _antecedent(chunks: list[Chunk], at: int) -> Chunk | None:
    """Give whom "who" means: the people before it, what stands between commas passed over."""
    step = at - 1
    skipped = 0
    while step >= 0 and skipped < 14:
        chunk = chunks[step]
        if chunk.kind in ("person", "agency", "org") and not (skipped and chunk.kind == "org"):
            preposition = _governed(chunks, step)
            if preposition in ("with", "at", "for", "of", "from") and chunk.kind == "org":
                step -= 1
                skipped += 1
                continue
            return chunk
        if chunk.kind == "pronoun":
            return chunk
        if chunk.kind == "verb":
            return None
        if chunk.kind == "word" and chunk.text in ("those", "people"):
            return Chunk("pronoun", chunk.i, chunk.j, chunk.text, data=chunk.text)
        step -= 1
        skipped += 1
    return None


def _last_of(clause: Clause, found: Chunk | None) -> Chunk | None:
    """Give the last of a list where the verb after "who" is singular: "Ali and Bo, who was arrested in May"."""
    if found is None or found.kind != "person" or not found.data.listed:
        return found
    small = set(clause.line.low[clause.chunk.i : clause.chunk.j])
    if not small & {"is", "was", "has"} and clause.verb.form.parts != {"s"}:
        return found
    last = found.data.members[-1]
    return Chunk("person", last.i, last.j, data=last)


def _right(clause: Clause, chunks: list[Chunk]) -> None:
    """Find the object, the agent, dates, places and terms to the right of a verb."""
    words = lexicon().words
    preposition = ""
    near = True
    at = clause.at + 1
    if clause.verb.date is not None:
        clause.dates.append(clause.verb.date)
    while at < clause.end:
        chunk = chunks[at]
        if chunk.kind == "facility" and preposition in _RIGHT_WORDS and _described(chunks, at):
            clause.places.append((preposition, chunk))  # "at El Faro, a prison outside Lima, since May"
            at += 3
            while at < clause.end and chunks[at].text not in (",", "—", "–", "--"):
                at += 1
            preposition = ""
            near = False
            continue
        if chunk.kind == "word":
            text = chunk.text
            if text in words["prepositions"] or text in ("to", "since", "until", "before", "after"):
                preposition = text
                near = False
            elif text in (",", "and", "—", "--", "–", "("):
                if text == ",":
                    preposition = ""
            elif (
                text in words["determiners"]
                or text in words["adverbs"]
                or text.endswith("ly")
                or text in _MARKS
                or text in words["possessives"]
                or text in words["modifiers"]
                or text == "'s"
            ):
                pass
            elif near and text not in ("up", "away", "down", "out", "off", "dead", "free"):
                near = False
        elif chunk.kind in ("person", "pronoun", "agency", "org", "court"):
            if (
                at + 1 < len(chunks)
                and chunks[at + 1].kind == "word"
                and chunks[at + 1].text in ("'s", "’", "'")
                and chunk.kind != "pronoun"
            ):
                at += 1
                continue
            if not preposition and near and clause.object is None:
                clause.object = chunk
            elif preposition == "by":
                clause.agents.append(chunk)
                preposition = ""
            near = False
            if chunk.kind == "org" and preposition in ("to", "at", "in"):
                clause.places.append((preposition, chunk))
            if chunk.kind == "court" and preposition in ("in", "at", "to", "before"):
                clause.places.append((preposition, chunk))
        elif chunk.kind == "date":
            clause.dates.append(chunk)
        elif chunk.kind == "term":
            clause.terms.append(chunk)
            near = False
        elif chunk.kind == "place" and _owns_facility(chunks, at):
            pass  # "in Yangon's Insein Prison"
        elif chunk.kind in ("place", "facility"):
            if preposition in _RIGHT_WORDS:
                clause.places.append((preposition, chunk))
                if chunk.kind == "place":
                    preposition = (
                        preposition
                        if at + 1 < len(chunks)
                        and chunks[at + 1].kind == "word"
                        and chunks[at + 1].text == ","
                        else ""
                    )
            elif near and clause.object is None and clause.verb.lemma not in ("be",):
                pass
            near = False
        elif chunk.kind == "thing":
            near = False
        at += 1


def _described(chunks: list[Chunk], at: int) -> bool:
    """Whether ", a prison …" follows a place."""
    following = chunks[at + 1 : at + 4]
    return (
        len(following) == 3
        and following[0].text == ","
        and following[1].text in ("a", "an", "the")
        and (following[2].kind == "facility" or following[2].text in ("prison", "jail", "women", "military"))
    )


def _owns_facility(chunks: list[Chunk], at: int) -> bool:
    return (
        at + 2 < len(chunks)
        and chunks[at + 1].text in ("'s", "’s")
        and any(chunk.kind == "facility" for chunk in chunks[at + 2 : at + 4])
    )


def _late_subject(clause: Clause, later: list[Clause]) -> None:
    """Give "After being held for a week," the subject of the clause that follows."""
    if clause.subject is None and not clause.verb.finite:
        for other in later:
            if (
                other.verb.finite
                and other.subject is not None
                and not other.verb.relative
                and not (other.verb.opens("say") and other.chunk.i > clause.chunk.i + 8)
            ):
                clause.subject = other.subject
                return


def _left(clause: Clause, chunks: list[Chunk], earlier: list[Clause]) -> None:
    """Find dates and places before the subject: "On May 3, police …"."""
    words = lexicon().words
    last = earlier[-1].end if earlier else 0
    if earlier and earlier[-1].end > clause.at:
        last = earlier[-1].at + 1
    preposition = ""
    for at in range(last, clause.at):
        chunk = chunks[at]
        if chunk.kind == "word":
            if chunk.text in words["prepositions"]:
                preposition = chunk.text
            elif chunk.text == ",":
                preposition = ""
        elif chunk.kind == "date":
            (clause.initial_dates if not clause.dates else []).append(chunk)
        elif (
            chunk.kind in ("place", "facility")
            and preposition in ("in", "at", "near", "outside")
            and not clause.places
        ) and (clause.subject is None or chunk.i < clause.subject.i or chunk.i >= clause.subject.j):
            clause.places.append((preposition, chunk))
    if clause.joined is not None and not clause.dates and not clause.initial_dates:
        clause.initial_dates = list(clause.joined.initial_dates)


def _governor(clause: Clause, chunks: list[Chunk], earlier: list[Clause]) -> None:
    """Find the verb that this clause is told, denied or wanted by."""
    for other in reversed(earlier):
        if other.verb.relative and clause.at >= other.end + 3 and not clause.verb.infinitive:
            continue
        if clause.joined is other:
            clause.governor = other.governor
            return
        if clause.joined is not None and other.at > clause.joined.at:
            continue
        between = [chunk.text for chunk in chunks[other.at + 1 : clause.at] if chunk.kind == "word"]
        if (
            clause.verb.finite
            and clause.subject is not None
            and clause.subject is other.subject
            and "that" not in between
            and "and" in between
        ):
            clause.governor = other.governor
            return
        if ";" in between or (clause.verb.relative and "that" not in between):
            return
        if clause.verb.finite and not any(
            other.verb.opens(frame) for frame in ("say", "allege", "deny", "want", "seemingly")
        ):
            if any(word in ("that",) for word in between):
                return
            if other.governor is not None and _same_complement(between):
                clause.governor = other.governor
                return
            if clause.subject is not None and "," in between:
                continue
            return
        if (
            clause.verb.finite
            and "," in between
            and "that" not in between
            and not (between and between[0] == ",")
        ):
            comma = between.index(",")
            if not (between[comma + 1 : comma + 2] in (["a"], ["the"]) or "and" in between[comma:]):
                return
        clause.governor = other
        return


def _same_complement(between: list[str]) -> bool:
    return (
        "and" in between
        or "after" in between
        or "when" in between
        or "while" in between
        or "before" in between
        or "as" in between
    )


def _is_hypothetical(clause: Clause, chunks: list[Chunk]) -> bool:
    """Whether "if" or "whether" stands before the clause."""
    step = clause.at - 1
    count = 0
    while step >= 0 and count < 8:
        chunk = chunks[step]
        if chunk.kind == "verb":
            return False
        if chunk.kind == "word":
            if chunk.text in lexicon().words["hypothetical"]:
                return True
            if chunk.text in (",", ";", "that"):
                return False
        step -= 1
        count += 1
    return False
