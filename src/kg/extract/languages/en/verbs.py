"""Verb groups: "has since been held", "was reportedly sentenced", with what their small words tell."""

from __future__ import annotations

from dataclasses import dataclass

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import Form, lexicon, listed

_FORM_WORDS = listed("verbs", "form_words")
_FORM_WORDS_2 = listed("verbs", "form_words_2")
_IS_VERB_HERE_WORDS = listed("verbs", "is_verb_here_words")
_IS_VERB_HERE_WORDS_2 = listed("verbs", "is_verb_here_words_2")
_IS_VERB_HERE_WORDS_3 = listed("verbs", "is_verb_here_words_3")
_IS_VERB_HERE_WORDS_4 = listed("verbs", "is_verb_here_words_4")
_IS_VERB_HERE_WORDS_5 = listed("verbs", "is_verb_here_words_5")
_GROUP_WORDS = listed("verbs", "group_words")

_BE = listed("verbs", "be")
_GET = frozenset(["get", "gets", "got", "getting"])
_HAVE = listed("verbs", "have")
_DO = listed("verbs", "do")
_MOST_LEFT = 7


@dataclass(slots=True, eq=False)
class Verb:
    """One verb group."""

    lemma: str
    at: int
    """The token of the verb itself."""
    form: Form
    passive: bool = False
    bare: bool = False
    """A form such as *arrested* that stands alone: past tense or participle, which its company tells."""
    ing: bool = False
    infinitive: bool = False
    negated: bool = False
    modal: str = ""
    perfect: bool = False
    present: bool = False
    continuous: bool = False
    hedged: bool = False
    relative: bool = False
    copula: bool = False
    date: Chunk | None = None
    """A date among the small words: "has recently been"."""

    @property
    def finite(self) -> bool:
        """Whether it can carry a clause of its own."""
        return not (self.ing or self.infinitive)

    def opens(self, frame: str) -> bool:
        """Whether the verb is of a frame, particles left aside."""
        return any(name == frame for name, _ in lexicon().frames.get(self.lemma, ()))


def mark(line: Line) -> None:
    """Find the verb groups of a sentence."""
    at = 0
    while at < len(line):
        if line.owner[at] is None:
            form = _form(line, at)
            if form is not None:
                _group(line, at, form)
        at += 1


def _form(line: Line, at: int) -> Form | None:
    """Give the form of the verb at a token, if it is one."""
    word = line.low[at]
    lex = lexicon()
    form = lex.verbs.get(word)
    before, after = line.word(at - 1), line.word(at + 1)
    if word in lex.words["auxiliaries"] or word in ("'s", "'re", "'ve"):
        if word in _GET and form is not None and _is_copula(line, at):
            return form
        return (
            Form("be" if word in _BE else "have" if word in _HAVE else word, frozenset(("aux",)))
            if _is_copula(line, at)
            else None
        )
    if word in lex.words["modals"]:
        return None
    if form is None:
        return _unknown(line, at)
    if (
        line.tokens[at].is_capital
        and at
        and before not in ('"', "“", "'", "‘", ",", ":", "—", "-", "–")
        and line.tokens[at - 1].is_word
    ):
        return None
    noun_like = form.parts & {"base", "s"} and not form.parts & {"past", "participle", "ing"}
    if noun_like and not _is_verb_here(line, at, form):
        return None
    if "ing" in form.parts and ((before in _FORM_WORDS_2 and after == "of") or before in ("the", "a")):
        return None
    if word in _FORM_WORDS and before in lex.words["determiners"] | lex.words["possessives"]:
        return None
    if (
        "participle" in form.parts
        and before in {"the", "an", "a"} | lex.words["possessives"]
        and after not in ("by", "in", "for", "on", "and", "at", ",", ".")
    ):
        return None
    if word == "left" and (after in ("wing", "hand") or before == "the"):
        return None
    return form


def _is_verb_here(line: Line, at: int, form: Form) -> bool:
    """Whether *charge* or *arrests* is a verb here and no noun."""
    lex = lexicon()
    step = at - 1
    while (
        step >= 0
        and line.owner[step] is None
        and (line.low[step] in lex.words["adverbs"] or line.low[step].endswith("ly"))
    ):
        step -= 1
    before = line.word(step)
    if (
        before == "to"
        or before in lex.words["modals"]
        or before in _DO
        or (before in ("not", "who", "which", "that") and "s" not in form.parts)
        or before in ("who", "which")
    ):
        return before != "to" or line.word(step - 1) not in ("according", "due", "prior", "related")
    owner = line.owner[step] if step >= 0 else None
    if owner is not None and owner.kind in ("person", "pronoun", "agency", "org", "court", "place"):
        if owner.kind in ("place", "org", "court") and "base" in form.parts:
            return False
        after = line.word(at + 1)
        return after not in _IS_VERB_HERE_WORDS_5 and not (
            owner.kind in ("agency", "org", "place")
            and after in ("by", "for", "in", "on")
            and "s" in form.parts
            and form.lemma in ("arrest", "charge", "report", "detain", "raid")
        )
    if before in ("and", ",") and step > 0 and "s" in form.parts:
        return form.lemma in _IS_VERB_HERE_WORDS_3
    if form.lemma in _IS_VERB_HERE_WORDS:
        return True
    if before in _IS_VERB_HERE_WORDS_2:
        return True
    return (
        step >= 0
        and line.tokens[step].is_word
        and line.low[step] not in lex.words["determiners"]
        and line.low[step] not in lex.words["prepositions"]
        and line.low[step] not in lex.words["possessives"]
        and form.lemma in _IS_VERB_HERE_WORDS_4
    )


def _is_copula(line: Line, at: int) -> bool:
    """Whether "is" or "has" is the main verb: no participle follows."""
    word = line.low[at]
    if word == "'s":
        here = line.word(at + 1) in ("in", "at", "under", "behind")
        return here and line.word(at - 1) in ("he", "she")
    if word in _DO | _GET and word not in ("got", "gets"):
        return False
    lex = lexicon()
    step = at + 1
    if line.word(step) in ("on", "in") and step + 1 < len(line) and line.kind(step + 1) == "date":
        step = line.stop(step + 1)
    while (
        step < len(line)
        and (line.owner[step] is None or line.low[step] in ("recently", "lately"))
        and (
            line.low[step] in lex.words["adverbs"]
            or line.low[step] in lex.words["negations"]
            or line.low[step].endswith("ly")
            or line.low[step] in lex.words["auxiliaries"]
        )
    ):
        if line.low[step] in lex.words["auxiliaries"]:
            return False
        step += 1
    if step >= len(line):
        return word in _BE | {"has", "have", "had"}
    following = line.low[step]
    if line.owner[step] is None:
        form = lex.verbs.get(following)
        if (form and (form.parts & {"participle", "past", "ing"})) or _regular(line, step):
            return False
    return True


def _regular(line: Line, at: int) -> bool:
    word = line.low[at]
    return (
        word.endswith("ed")
        and len(word) > 4
        and word.isalpha()
        and word not in lexicon().words["no_verbs"]
        and not line.tokens[at].is_capital
    )


def _unknown(line: Line, at: int) -> Form | None:
    """Take regular forms of verbs that stand in no list."""
    word = line.low[at]
    before = line.word(at - 1)
    words = lexicon().words
    if _regular(line, at):
        adjective = before in words["determiners"] | words["possessives"] | words[
            "prepositions"
        ] and before not in ("that", "who")
        return None if adjective else Form(word, frozenset(("past", "participle")))
    if (
        word.endswith("ing")
        and len(word) > 5
        and word.isalpha()
        and not line.tokens[at].is_capital
        and word not in words["prepositions"]
    ):
        person = at and line.kind(at - 1) in ("person", "agency")
        if word in words["modifiers"] or word in ("neighboring", "neighbouring", "according"):
            return None
        if (
            person
            or before in words["auxiliaries"]
            or (
                before
                in (
                    "after",
                    "before",
                    "while",
                    "when",
                    "by",
                    "without",
                    "for",
                    "of",
                    "from",
                    ",",
                    "in",
                    "on",
                    "with",
                    "and",
                )
                and line.word(at + 1) not in ("of", ",", ".", "and")
            )
            or before in words["negations"]
        ):
            return Form(word, frozenset(("ing",)))
    return None


def _group(line: Line, at: int, form: Form) -> None:
    """Make the group around the verb at a token."""
    words = lexicon().words
    verb = Verb(form.lemma, at, form, copula="aux" in form.parts)
    left = at
    helpers: list[str] = []
    if (passed := _date_between(line, at)) is not None:
        left = passed
    while (
        left > 0
        and at - left < _MOST_LEFT
        and (
            line.owner[left - 1] is None
            or (line.kind(left - 1) == "date" and line.low[left - 1] == "recently")
        )
    ):
        word = line.low[left - 1]
        if (
            word in words["auxiliaries"]
            or word in words["modals"]
            or word in words["negations"]
            or word in words["hedges"]
            or word in ("'ve", "'d", "'re")
        ):
            helpers.insert(0, word)
        elif word == "to":
            helpers.insert(0, word)
            left -= 1
            break
        elif not (word in words["adverbs"] or (word.endswith("ly") and len(word) > 4)):
            break
        left -= 1
    if helpers and "to" in helpers and helpers[0] != "to":
        helpers = helpers[helpers.index("to") :]
    while left < at and line.low[left] in _GROUP_WORDS and line.low[left] not in helpers[:1]:
        left += 1
    _read_helpers(line, verb, helpers, form)
    verb.hedged = any(line.low[k] in words["hedges"] for k in range(left, at))
    following = line.word(at + 1)
    if verb.copula and (
        following in ("not", "n't", "never") or line.low[at + 1 : at + 3] == ["no", "longer"]
    ):
        verb.negated = True  # "is not in their custody"
    if verb.copula and line.low[at].endswith("n't"):
        verb.negated = True
    verb.hedged = verb.hedged or following in ("allegedly", "reportedly", "apparently")
    first = left
    while first > 0 and line.owner[first - 1] is None and line.low[first - 1] in words["adverbs"]:
        first -= 1
    before = line.word(first - 1)
    verb.relative = before in ("who", "which", "whom") or (
        before == "that" and first > 1 and line.kind(first - 2) in ("person", "agency", "org", "facility")
    )
    for owner in line.owner[left:at]:
        if owner is not None and owner.kind == "date":
            verb.date = owner
    if passed is not None and verb.date is None:
        verb.date = line.owner[at - 1]
    line.put(Chunk("verb", left, at + 1, line.low[at], data=verb))


def _date_between(line: Line, at: int) -> int | None:
    """Give where "on Tuesday" starts in "were on Tuesday arraigned", if an auxiliary stands before it."""
    owner = line.owner[at - 1] if at else None
    if owner is None or owner.kind != "date":
        return None
    begin = owner.i - (line.word(owner.i - 1) in ("on", "in"))
    return begin if begin > 0 and line.low[begin - 1] in _BE | _HAVE else None


def _read_helpers(line: Line, verb: Verb, helpers: list[str], form: Form) -> None:
    words = lexicon().words
    auxiliaries = [word for word in helpers if word in _BE | _GET | _HAVE | _DO]
    last = auxiliaries[-1] if auxiliaries else ""
    verb.negated = any(word in words["negations"] for word in helpers) and "no" not in helpers
    verb.modal = next((word for word in helpers if word in words["modals"]), "")
    verb.infinitive = "to" in helpers
    verb.perfect = any(word in _HAVE for word in helpers)
    participle = bool(form.parts & {"participle"}) or "past" in form.parts
    verb.passive = participle and (last in _BE or last in _GET)
    verb.ing = helpers[:1] in (["being"], ["having"]) or ("ing" in form.parts and last not in _BE)
    verb.continuous = "being" in auxiliaries or ("ing" in form.parts and last in _BE)
    verb.present = (
        bool(set(auxiliaries) & {"is", "are", "am"})
        or form.parts == {"s"}
        or (not auxiliaries and form.parts == {"base"})
    )
    verb.bare = not auxiliaries and participle and not verb.modal and not verb.infinitive
    if auxiliaries[:1] == ["be"] and not verb.modal and not verb.infinitive:
        verb.modal = "be"  # they demand that she be released
