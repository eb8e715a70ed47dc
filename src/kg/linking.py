"""Which entity of the project a name in a new text may mean, and why; nothing is ever merged here.

A name fits by its words: the same, in another order, a part, nearly the same letters (another spelling or
transliteration). What it names has to be of a kind with what the text speaks of. Because people share names,
a person is taken for a known one only where the name is the same, nobody else bears it, and the text has
something in common with what is known of that person; whatever is less certain is asked.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias

from kg import nt
from kg.fields import SPECIAL
from kg.index import Index
from kg.model import Assertion, Entity, Source
from kg.namespaces import KG_NAMESPACE
from kg.ontology import Ontology
from kg.proposals import Mention

MOST_CANDIDATES: Final = 9
"""How many entities are offered: as many as one key of a keyboard can choose from."""
NEAR: Final = 0.82
"""How much of two words' letters have to agree for one to be a spelling of the other."""
LONGEST_KEY: Final = 60
"""Characters of a key that is made of a name."""

_COMPARISONS: Final = 300
"""How many names that share a word, or initials, are looked at; equal ones are always found."""
_NAME: Final = KG_NAMESPACE + "name"
_PEOPLE: Final = frozenset((KG_NAMESPACE + "PersonOrGroup",))
_COUNTRY: Final = KG_NAMESPACE + "Country"
_APOSTROPHES: Final = re.compile("['’‘ʼʻ`´]")
_HONORIFICS: Final = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "the"))
# Transliteration by the letters that most systems share; what they disagree on is left to likeness.
_LATIN: Final = {
    letter: latin
    for pair in (
        "аa әa бb вv гg ғg дd еe ёe жzh зz иi йi кk қk лl мm нn ңn оo өo пp рr сs тt уu ўu ұu үu фf хkh",
        "һh цts чch шsh щsh ъ ыy іi їi ь эe юyu яya єe ґg ҷj ӣi ӯu ҳh",
    )
    for letter, latin in ((word[0], word[1:]) for word in pair.split(" "))
}
_SAME_SOUND: Final = (
    *(("kh", "h"), ("gh", "g"), ("zh", "j"), ("dzh", "j"), ("tch", "ch"), ("sch", "sh"), ("ts", "c")),
    *(("ck", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("ee", "i"), ("oo", "u"), ("ph", "f")),
)


_Key: TypeAlias = tuple[str, ...]


class Fit(IntEnum):
    """How a name fits, the best last."""

    NEAR = 1
    PART = 2
    ORDER = 3
    SAME = 4


_FIT_WORDS: Final = {
    Fit.NEAR: "nearly the same letters",
    Fit.PART: "one name is a part of the other",
    Fit.ORDER: "the same words in another order",
    Fit.SAME: "the same name",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a mention may mean; `why` says what speaks for it, in a few words."""

    iri: str
    key: str
    label: str
    class_key: str
    fit: Fit
    in_report: bool
    shared: tuple[str, ...]
    """Labels of what the text and the graph both tie to it."""
    name: str
    """The form of its name that fits."""

    @property
    def why(self) -> str:
        """Give the reasons in one line."""
        reasons = [_FIT_WORDS[self.fit] + (f" ({self.name})" if self.name != self.label else "")]
        if self.in_report:
            reasons.append("spoken of in this report")
        if self.shared:
            reasons.append(f"both tied to {', '.join(self.shared[:3])}")
        return "; ".join(reasons)


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention may mean: `certain` where nobody has to be asked, and whoever else fits."""

    mention: Mention
    candidates: tuple[Candidate, ...]
    certain: Candidate | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing in the project fits."""
        return not self.candidates


class Linker:
    """Finds what names mean in one project; `base` is the namespace of its keys."""

    def __init__(self, index: Index, ontology: Ontology, base: str) -> None:
        """Take what the project says now; `learn` adds to it."""
        self._ontology = ontology
        self._base = base
        self._entities: dict[str, Entity] = {}
        self._names: dict[str, dict[str, None]] = defaultdict(dict)
        """Every name, as written, with the entities that bear it."""
        self._by_key: dict[_Key, dict[str, None]] = defaultdict(dict)
        self._around: dict[str, dict[str, None]] = defaultdict(dict)
        """What an entity is tied to by any assertion."""
        self._reports_of: dict[str, set[str]] = defaultdict(set)
        self._unnamed_of: dict[str, dict[str, None]] = defaultdict(dict)
        self._class_keys = {class_.iri: class_.key for class_ in ontology.classes.values()}
        self.learn(index.corpus.entities, index.living, index.corpus.sources)

    def learn(
        self, entities: Iterable[Entity], assertions: Iterable[Assertion], sources: Iterable[Source] = ()
    ) -> None:
        """Take in what is said beside what is known already."""
        for entity in entities:
            self._entities[entity.iri] = entity
            if entity.unnamed:
                self._unnamed_of[self._report_of(entity.iri)][entity.iri] = None
            else:
                for name in (entity.label, *entity.also, *(text for _, text in entity.names)):
                    self._learn_name(name, entity.iri)
        for assertion in assertions:
            subject, object_ = assertion.subject, assertion.object
            self._reports_of[subject].add(assertion.report)
            if object_.startswith("<"):
                self._reports_of[object_[1:-1]].add(assertion.report)
                self._around[subject][object_[1:-1]] = None
                self._around[object_[1:-1]][subject] = None
            elif assertion.predicate == _NAME and assertion.polarity == "affirmed":
                self._learn_name(nt.parse_term(object_).value, subject)
        for source in sources:
            if source.speaker:
                key = self._report_of(source.iri.replace(f"{self._base}source_", self._base, 1))
                self._reports_of[source.speaker].add(f"{self._base}report_{key}")

    def _report_of(self, iri: str) -> str:
        return iri.removeprefix(self._base).partition("_")[0]

    def _learn_name(self, name: str, iri: str) -> None:
        self._names[name][iri] = None
        for key in _look_up_keys(words_of(name)):
            self._by_key[key][name] = None

    def context(self, mentions: Iterable[Mention], report: str) -> frozenset[str]:
        """Give the entities that a text speaks of beyond doubt, by IRI: each alone bears a name of it."""
        unique = {mention.identity: mention for mention in mentions}
        tops = [best for m in unique.values() if len(best := _best(self._candidates(m, report))) == 1]
        return frozenset(best[0].iri for best in tops if best[0].fit is Fit.SAME)

    def link(self, mention: Mention, report: str, context: Collection[str] = ()) -> Link:
        """Give whom a mention of a report may mean; `context` are entities that the same text speaks of."""
        rough = self._candidates(mention, report)
        others = frozenset(context) - {candidate.iri for candidate in rough}
        placed = [self._in_context(candidate, others) for candidate in rough]
        ordered = sorted(placed, key=lambda c: (-c.fit, not c.in_report, -len(c.shared), c.label, c.key))
        candidates = tuple(ordered[:MOST_CANDIDATES])
        return Link(mention, candidates, self._certain(mention, candidates))

    def _in_context(self, candidate: Candidate, context: Collection[str]) -> Candidate:
        shared = [iri for iri in self._around.get(candidate.iri, ()) if iri in context]
        # A country has millions of people: to share one is no reason to be the same.
        labels = [e.label for iri in shared if (e := self._entities.get(iri)) and e.class_iri != _COUNTRY]
        return Candidate(
            candidate.iri, candidate.key, candidate.label, candidate.class_key, candidate.fit,
            candidate.in_report, tuple(sorted(labels)), candidate.name,
        )  # fmt: skip

    def _certain(self, mention: Mention, candidates: tuple[Candidate, ...]) -> Candidate | None:
        best = _best(candidates)
        if len(best) != 1 or best[0].fit is not Fit.SAME:
            return None
        one = best[0]
        if mention.unnamed:
            return one  # of this very report, under the same description
        people = self._ontology.classes[mention.class_key].supers & _PEOPLE
        return one if not people or one.in_report or one.shared else None

    # ------------------------------------------------------------ what fits by its name

    def _candidates(self, mention: Mention, report: str) -> list[Candidate]:
        if mention.unnamed:
            return self._unnamed(mention, report)
        found: dict[str, tuple[Fit, str]] = {}
        for form in (mention.words, *mention.also):
            for iri, fit, name in self._fitting(form):
                # A short form of the text is weaker than its full one.
                weaker = fit if form == mention.words else min(fit, Fit.PART)
                if iri not in found or weaker > found[iri][0]:
                    found[iri] = (weaker, name)
        return [
            candidate
            for iri, (fit, name) in found.items()
            if (candidate := self._candidate(iri, mention, fit, name, report))
        ]

    def _unnamed(self, mention: Mention, report: str) -> list[Candidate]:
        start, wanted = f"{self._base}{report}_", fold(mention.words)
        keys = {mention.key, key_for(mention.words)} - {""}
        return [
            candidate
            for iri in self._unnamed_of.get(report, ())
            if (entity := self._entities[iri])
            and (iri.removeprefix(start) in keys or (not mention.key and fold(entity.label) == wanted))
            and (candidate := self._candidate(iri, mention, Fit.SAME, entity.label, report))
        ]  # fmt: skip

    def _candidate(self, iri: str, mention: Mention, fit: Fit, name: str, report: str) -> Candidate | None:
        entity = self._entities[iri]
        if not self._of_a_kind(entity, mention):
            return None
        key = iri.removeprefix(self._base)
        if entity.unnamed:
            key = key.removeprefix(f"{report}_")
        in_report = f"{self._base}report_{report}" in self._reports_of.get(iri, ())
        return Candidate(iri, key, entity.label, self._class_key(entity), fit, in_report, (), name)

    def _of_a_kind(self, entity: Entity, mention: Mention) -> bool:
        wanted = self._ontology.classes[mention.class_key].iri
        return wanted in self._ontology.supers_of(entity.class_iri) or entity.class_iri in (
            self._ontology.supers_of(wanted)
        )

    def _class_key(self, entity: Entity) -> str:
        return self._class_keys.get(entity.class_iri, "entity")

    def _fitting(self, name: str) -> Iterable[tuple[str, Fit, str]]:
        words = words_of(name)
        if not words:
            return
        seen: dict[str, None] = {}
        for key in _look_up_keys(words):
            seen |= dict.fromkeys(islice(self._by_key.get(key, ()), _COMPARISONS))
        for form in seen:
            fit = fit_of(words, words_of(form))
            if fit is not None:
                yield from ((iri, fit, form) for iri in self._names[form] if iri in self._entities)


def _best(candidates: Iterable[Candidate]) -> list[Candidate]:
    ordered = list(candidates)
    top = max((candidate.fit for candidate in ordered), default=None)
    return [candidate for candidate in ordered if candidate.fit is top]


# ---------------------------------------------------------------- names


def fold(text: str) -> str:
    """Give a name without capitals, accents, apostrophes and punctuation, Cyrillic letters as Latin ones.

    >>> fold("Аман Төлек"), fold("O’Neil-Şahin")
    ('aman tolek', 'oneil sahin')
    """
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)))
    composed = unicodedata.normalize("NFC", plain).casefold()
    latin = "".join(_LATIN.get(letter, letter) for letter in composed)
    bare = (c for c in unicodedata.normalize("NFKD", latin) if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join(re.sub(r"[\W_]+", " ", "".join(bare)).replace("\u0131", "i").split())


@lru_cache(maxsize=100_000)
def words_of(name: str) -> tuple[str, ...]:
    """Give the words of a name, folded; titles are none."""
    words = tuple(word for word in fold(name).split() if word not in _HONORIFICS)
    return words or tuple(fold(name).split())


@lru_cache(maxsize=100_000)
def _sound(word: str) -> str:
    """Give a word in a form that most transliterations of it share."""
    for typed, meant in _SAME_SOUND:
        word = word.replace(typed, meant)
    return re.sub(r"([^\W\d])\1+", r"\1", word)


def _look_up_keys(words: tuple[str, ...]) -> Iterator[_Key]:
    """Give under what a name is found by every name that may fit it, the best fit first."""
    sounds = [_sound(word) for word in words]
    yield "same", "".join(words)
    yield "order", *sorted(words)
    for word in words:
        yield "word", word
    yield "initials", *(sound[:1] for sound in sounds)
    yield "beginning", "".join(sounds)[:3]


def fit_of(one: tuple[str, ...], other: tuple[str, ...]) -> Fit | None:
    """Say how two names, as `words_of` gives them, fit; None where they do not.

    >>> fit_of(("aman", "tolek"), ("tolek", "aman")).name, fit_of(("tolek",), ("aman", "tolek")).name
    ('ORDER', 'PART')
    """
    if one == other or "".join(one) == "".join(other):
        return Fit.SAME
    if sorted(one) == sorted(other):
        return Fit.ORDER
    shorter, longer = sorted((one, other), key=len)
    if shorter and all(word in longer for word in shorter) and any(len(word) > 2 for word in shorter):
        return Fit.PART
    return Fit.NEAR if _near(one, other) else None


def _near(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if len(one) == len(other):
        pairs = list(zip(map(_sound, one), map(_sound, other), strict=True))
        return all(_alike(a, b) for a, b in pairs)
    return _alike("".join(map(_sound, one)), "".join(map(_sound, other)))


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if any(letter.isdigit() for letter in one + other):
        return False  # Prison No. 3 is not Prison No. 5
    shorter, longer = sorted((len(one), len(other)))
    # An initial stands for a name; two letters prove nothing.
    if shorter == 1:
        return one[:1] == other[:1]
    if longer > 60 or shorter < 4 or 2 * shorter < NEAR * (shorter + longer):
        return False
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= NEAR and matcher.ratio() >= NEAR


# ---------------------------------------------------------------- keys


def key_for(words: str, taken: Container[str] = ()) -> str:
    """Give a key that is made of words and not among `taken`; empty where they hold no letter.

    >>> key_for("a friend of Aman Tolek"), key_for("Aman Tolek", {"aman-tolek"})
    ('friend-of-aman-tolek', 'aman-tolek-2')
    """
    parts = _key_parts(words)
    while len(parts) > 1 and parts[0] in ("a", "an", "the"):
        parts = parts[1:]
    key = parts[0][:LONGEST_KEY] if parts else ""
    for part in parts[1:]:
        if len(key) + 1 + len(part) > LONGEST_KEY:
            break
        key = f"{key}-{part}"
    if not key:
        return ""
    number, found = 2, key
    while found in taken or found in SPECIAL:
        found = f"{key}-{number}"
        number += 1
    return found


def _key_parts(words: str) -> list[str]:
    # Apostrophes go, so that "People's" is one word; marks of a script stay with their letters.
    text = unicodedata.normalize("NFC", _APOSTROPHES.sub("", words).lower())
    kept = "".join(c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in text)
    return [part for part in kept.split() if part[0].isalnum()]
