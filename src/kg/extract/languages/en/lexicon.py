"""The word lists of English, read from the TOML files beside this module into sets and tables.

The lists are the rules' data: a word that is missing is added there, not in the code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "person": "people",
    "child": "children",
    "wife": "wives",
    "chief": "chiefs",
}


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.replace("\n", ",").split(",")) if word]


def _tagged(text: str) -> dict[str, str]:
    return {word: tag for word, _, tag in (entry.rpartition(" ") for entry in _words(text))}


def plural(noun: str) -> str:
    """Give the plural of a noun.

    >>> plural("deputy"), plural("human rights lawyer"), plural("schoolboy"), plural("policeman")
    ('deputies', 'human rights lawyers', 'schoolboys', 'policemen')
    """
    for singular, form in _IRREGULAR.items():
        if noun.endswith(singular) and not noun.endswith("woman" if singular == "man" else " "):
            return noun[: -len(singular)] + form
    if noun.endswith("in-law"):
        return noun.replace("-in-law", "s-in-law")
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


@dataclass(frozen=True, slots=True)
class Noun:
    """The head of a phrase about people."""

    lemma: str
    kind: str
    """`occupation`, `office`, `kin`, `tie`, `plain`, `source` or `agency`."""
    plural: bool
    gender: str
    """`m`, `f` or `-`."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one verb: its lemma and which forms it can be."""

    lemma: str
    parts: frozenset[str]
    """Of `base`, `s`, `past`, `participle`, `ing`."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words, by what they are good for."""

    nouns: Mapping[tuple[str, ...], tuple[Noun, ...]]
    longest_noun: Mapping[str, int]
    titles: frozenset[str]
    particles: frozenset[str]
    words: Mapping[str, frozenset[str]]
    openers: frozenset[str]
    verbs: Mapping[str, Form]
    frames: Mapping[str, tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]]
    """By lemma: the frames it can open, each with the particles of which one has to follow."""
    countries: Mapping[str, str]
    """By name in lower case: the country's usual name."""
    demonyms: Mapping[str, str]
    """By word for what is of it, in lower case: the country's usual name."""
    peoples: Mapping[str, str]
    capitals: frozenset[str]


def _nouns(people: dict[str, Any]) -> dict[tuple[str, ...], tuple[Noun, ...]]:
    feminine, masculine = set(_words(people["feminine"])), set(_words(people["masculine"]))
    found: dict[tuple[str, ...], list[Noun]] = {}

    def add(lemma: str, kind: str, gender: str) -> None:
        for number, form in ((False, lemma), (True, plural(lemma))):
            key = tuple(form.lower().split())
            nouns = found.setdefault(key, [])
            if not any(noun.kind == kind for noun in nouns):
                nouns.append(Noun(lemma, kind, number, gender))

    for kind, entry in (("kin", "kin"), ("plain", "plain")):
        for lemma, gender in _tagged(people[entry]).items():
            add(lemma, kind, gender)
    for kind, entry in (
        ("occupation", "occupations"),
        ("office", "offices"),
        ("tie", "ties"),
        ("source", "sources"),
        ("agency", "agencies"),
    ):
        for lemma in _words(people[entry]):
            add(lemma, kind, "f" if lemma in feminine else "m" if lemma in masculine else "-")
    for form, lemma in people["plurals"].items():
        for noun in found.get(tuple(lemma.split()), []):
            nouns = found.setdefault((form,), [])
            if not any(each.kind == noun.kind for each in nouns):
                nouns.append(Noun(lemma, noun.kind, True, noun.gender))
    return {key: tuple(nouns) for key, nouns in found.items()}


def _conjugated(entry: str) -> tuple[str, list[tuple[str, str]], tuple[tuple[str, ...], ...]]:
    """Read ``pick, picked, picked, picking + up``: lemma, forms with their parts, particles."""
    forms_text, _, particle_text = entry.partition("+")
    particles = tuple(tuple(part.split()) for part in _words(particle_text))
    given = _words(forms_text)
    lemma = given[0]
    if len(given) == 4:
        _, past, participle, ing = given
    else:
        stem = lemma[:-1] if lemma.endswith("e") else lemma
        past = participle = _past(lemma)
        ing = stem + "ing"
    forms = [(lemma, "base"), (plural(lemma), "s"), (past, "past"), (participle, "participle"), (ing, "ing")]
    return lemma, forms, particles


def _past(lemma: str) -> str:
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and lemma[-2:-1] not in "aeiou":
        return lemma[:-1] + "ied"
    return lemma + "ed"


_FRAMES = (
    "detain",
    "hold",
    "charge",
    "sentence",
    "release",
    "die",
    "say",
    "allege",
    "deny",
    "want",
    "seemingly",
    "actually",
)


def _verbs(
    table: dict[str, Any], plain: list[str], irregular: frozenset[str]
) -> tuple[dict[str, Form], dict[str, tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]]]:
    forms: dict[str, tuple[str, set[str]]] = {}
    frames: dict[str, list[tuple[str, tuple[tuple[str, ...], ...]]]] = {}
    for frame in _FRAMES:
        for entry in (part.strip() for part in table[frame].replace("\n", "").split(";")):
            if not entry:
                continue
            lemma, conjugated, particles = _conjugated(entry)
            opened = frames.setdefault(lemma, [])
            if (frame, particles) not in opened:
                opened.append((frame, particles))
            for form, part in conjugated:
                forms.setdefault(form, (lemma, set()))[1].add(part)
    for form in plain:
        part = (
            "ing"
            if form.endswith("ing")
            else "s"
            if form.endswith("s")
            else "past"
            if form.endswith("ed") or form in irregular
            else "base"
        )
        forms.setdefault(form, (form, set()))[1].add(part)
    read = {form: Form(lemma, frozenset(parts)) for form, (lemma, parts) in forms.items()}
    return read, {lemma: tuple(opened) for lemma, opened in frames.items()}


def _countries(text: str) -> Iterator[tuple[str, list[str], list[str], str]]:
    for line in text.strip().splitlines():
        names, demonyms, capital = (part.strip() for part in line.split("|"))
        name, _, others = names.partition("=")
        yield name.strip(), _words(others), _words(demonyms), capital


@cache
def _lists() -> dict[str, dict[str, frozenset[str]]]:
    return {
        module: {name: frozenset(_words(text)) for name, text in entries.items()}
        for module, entries in _table("lists").items()
    }


@cache
def alike_groups() -> tuple[frozenset[str], ...]:
    """Give groups of words of which two may mean the same person."""
    text: str = _table("people")["alike"]
    return tuple(frozenset(_words(line)) for line in text.strip().splitlines())


def listed(module: str, name: str) -> frozenset[str]:
    """Give a list of words that one module uses, from ``lists.toml``."""
    return _lists()[module][name]


@cache
def lexicon() -> Lexicon:
    """Give the lexicon, read once."""
    people, words, places, verbs, countries = (
        _table(name) for name in ("people", "words", "places", "verbs", "countries")
    )
    nouns = _nouns(people)
    longest: dict[str, int] = {}
    for key in nouns:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    sets = {name: frozenset(_words(text)) for name, text in words.items()}
    sets |= {f"place_{name}": frozenset(_words(text)) for name, text in places.items()}
    sets |= {name: frozenset(_words(verbs[name])) for name in ("hedges", "hypothetical")}
    sets |= {name: frozenset(_words(people[name])) for name in ("feminine", "masculine", "pairs")}
    sets["known"] = frozenset(_words(countries["known"]))
    forms, frames = _verbs(verbs, _words(words["verbs"]), sets["irregular"])
    country_names: dict[str, str] = {}
    demonyms: dict[str, str] = {}
    capitals = set()
    for name, others, words_of, capital in _countries(countries["countries"]):
        for each in (name, *others):
            country_names[each.lower()] = name
        for each in words_of:
            demonyms[each.lower()] = name
            demonyms[plural(each).lower()] = name
        capitals.add(capital)
    peoples = {}
    for each in _words(countries["peoples"]):
        peoples[each.lower()] = each
        peoples[plural(each).lower()] = each
    openers = sets["openers"] | {
        word
        for name in ("determiners", "possessives", "pronouns", "prepositions", "subordinators", "modifiers")
        for word in sets[name]
    }
    return Lexicon(
        nouns=nouns,
        longest_noun=longest,
        titles=frozenset(_words(people["titles"])),
        particles=frozenset(_words(people["particles"])),
        words=sets,
        openers=openers | {key[0] for key in nouns},
        verbs=forms,
        frames=frames,
        countries=country_names,
        demonyms=demonyms,
        peoples=peoples,
        capitals=frozenset(capitals),
    )


def noun_at(words: list[str], index: int) -> tuple[int, tuple[Noun, ...]] | None:
    """Give how many of `words` (in lower case) from `index` on are the head of a phrase about people.

    >>> noun_at(["taxi", "driver", "and"], 0)[0]
    2
    """
    table = lexicon()
    for count in range(min(table.longest_noun.get(words[index], 0), len(words) - index), 0, -1):
        found = table.nouns.get(tuple(words[index : index + count]))
        if found:
            return count, found
    for prefix in ("ex-", "then-"):
        if words[index].startswith(prefix) and (found := table.nouns.get((words[index][len(prefix) :],))):
            return 1, found
    return None
