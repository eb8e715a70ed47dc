"""What an engine proposes: assertions with the span that says them, and nothing that is decided yet.

An engine knows a text, so it speaks of people and places by the words of that text (a `Mention`); which
entity of the project is meant is found by `kg.linking` and decided by a person. Positions count code points
of the text as `kg.evidence` does; the end is excluded.

As JSON, which ``--engine command:…`` and the files of proposals use, one line is::

    {"subject": {"name": "Aman Tolek", "class": "person"}, "predicate": "detained-at",
     "object": {"unnamed": "the herders' home", "class": "facility"}, "start": 69, "end": 148,
     "qualifiers": {"date": "2021-02~", "inferred": "true"}, "date-from": "last month",
     "told-by": [{"unnamed": "a friend of Aman Tolek", "class": "person", "relation": "friend"}],
     "certainty": "stated", "polarity": "affirmed", "rule": "passive-detention", "score": 0.83}

An object that is a value is ``{"text": "5 years"}``; one that the text does not give is ``"unknown"``,
``"none-given"`` or ``"refused"``.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from kg import evidence, values
from kg.fields import SPECIAL
from kg.model import Corpus
from kg.namespaces import expand
from kg.ontology import Ontology, Property
from kg.problems import nearest
from kg.terms import KG

POLARITIES = ("affirmed", "denied")
CERTAINTIES = ("stated", "alleged")
LONGEST_SPAN = 2_000
"""Code points of the longest span: who quotes more has not said where it is said."""
LONGEST_WORDS = 500
"""Characters of the longest name, description or value."""
MOST_TELLERS = 10
"""Links of the longest chain."""
_AGENT = expand("prov:Agent")


class Absent(Enum):
    """An object that the text does not give, in the words of a seed."""

    UNKNOWN = "unknown"
    """There is one, and nobody says which: an unnamed entity of its own."""
    NONE_GIVEN = "none-given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Mention:
    """Who or what a text speaks of: by a name, or, `unnamed`, by a description.

    Mentions of the same words and class are one entity of the text; `key` tells apart two whom the text
    calls the same, such as two students. A pronoun is never a mention: give whom it stands for.
    """

    words: str
    class_key: str
    """A class of the ontology as files write it: person, group, facility, court …"""
    unnamed: bool = False
    key: str = ""
    also: tuple[str, ...] = field(default=(), compare=False)
    """Other forms in which the text gives the name: a short one, another spelling."""
    start: int | None = field(default=None, compare=False)
    """Where it stands in the text, for a person to look at; no part of what tells it apart."""
    end: int | None = field(default=None, compare=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it apart from other mentions of the same text."""
        return (self.class_key, self.words, self.key)


@dataclass(frozen=True, slots=True)
class Teller:
    """One link of a chain of telling."""

    who: Mention
    basis: str = "unknown"
    """first-hand, family, hearsay, document, official-statement or unknown."""
    relation: str = ""
    """What the speaker is to whom it speaks of: friend, wife; empty where the text does not say."""


Object: TypeAlias = Mention | Absent | str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One assertion that a program found in a text.

    `told_by` is the chain, whoever told the publisher first and the innermost source last; empty where the
    publisher speaks. `qualifiers` are keys of the ontology and texts, sorted. A denial is the affirmed
    assertion with polarity denied.
    """

    subject: Mention
    predicate: str
    object: Object
    start: int
    end: int
    """Excluded."""
    qualifiers: tuple[tuple[str, str], ...] = ()
    told_by: tuple[Teller, ...] = ()
    certainty: str = "stated"
    polarity: str = "affirmed"
    event: str = ""
    """What happened, in a few words: proposals of a text with the same words speak of one arrest or case."""
    date_from: str = ""
    """The words that a resolved date was worked out from: last month, on Thursday."""
    rule: str = ""
    """What in the engine proposed it: the name of a rule, or a model."""
    score: float = 1.0
    """How sure the engine is, from 0 to 1."""
    why: str = ""
    """Anything else that a reviewer should know, in one line."""

    def qualifier(self, key: str) -> str:
        """Give the text of a qualifier, empty where it has none."""
        return dict(self.qualifiers).get(key, "")

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Everybody and everything it speaks of, its tellers included."""
        objects = (self.object,) if isinstance(self.object, Mention) else ()
        return (self.subject, *objects, *(link.who for link in self.told_by))


class Engine(Protocol):
    """A program that proposes assertions: it reads one text at a time and keeps nothing between them.

    The same text, date and language give the same proposals, in the order of the text where it can.
    """

    @property
    def name(self) -> str:
        """What the graph and the log call it: rules, or the name of a model."""

    @property
    def version(self) -> str:
        """What changes whenever its proposals may change."""

    @property
    def sends_to(self) -> str:
        """The host that texts are sent to; empty for one that works offline."""

    def propose(self, text: str, published: datetime.date | None, language: str) -> Iterator[Proposal]:
        """Give what the text says; `language` is a language tag, empty where nobody knows it.

        Raises:
            KgError: it cannot work, or has no rules for this language.
        """

    def notes(self) -> Sequence[str]:
        """Give what the user should be told when all texts are done: what it cost, what was thrown away."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an engine is made with: the vocabulary it may use, and what the project knows already.

    A factory, which `kg extract` finds by the engine's name, is a function of a setting and of what follows
    the colon in ``--engine command:…`` (empty without one).
    """

    root: Path
    """The folder of the project, with its kg.toml."""
    ontology: Ontology
    choices: Mapping[str, tuple[str, ...]]
    """The closed vocabularies, by property IRI."""
    corpus: Corpus
    """Everything that the project says already; nothing where there is no project yet."""


# ---------------------------------------------------------------- whether it can be used


def fault(proposal: Proposal, text: str, setting: Setting) -> str | None:
    """Say why a proposal cannot be used with this text and vocabulary; None where it can."""
    start, end = proposal.start, proposal.end
    if not 0 <= start < end <= len(text):
        return f"no span from {start} to {end} in a text of {len(text)} characters"
    if end - start > LONGEST_SPAN:
        return f"a span of {end - start} characters; at most {LONGEST_SPAN} say where something is said"
    if not text[start:end].strip():
        return f"the span from {start} to {end} holds nothing that can be seen"
    ontology = setting.ontology
    predicate = ontology.predicates.get(proposal.predicate)
    if predicate is None:
        return (
            f"no predicate is called {proposal.predicate!r}{_meant(proposal.predicate, ontology.predicates)}"
        )
    return (
        _choice_fault(proposal, setting)
        or _mention_fault(proposal, ontology)
        or _fit_fault(proposal.subject, predicate.domain, predicate.key, ontology)
        or _object_fault(proposal.object, predicate, ontology)
        or _qualifier_fault(proposal, ontology)
    )


def _meant(found: str, names: Mapping[str, object]) -> str:
    near = nearest(found[:100], names)
    return f"; did you mean {near!r}?" if near else ""


def _choice_fault(proposal: Proposal, setting: Setting) -> str | None:
    bases = setting.choices.get(KG.basis, ())
    chosen: list[tuple[str, tuple[str, ...]]] = [(proposal.polarity, POLARITIES)]
    chosen.append((proposal.certainty, CERTAINTIES))
    chosen += [(link.basis, bases) for link in proposal.told_by]
    for value, allowed in chosen:
        if value not in allowed:
            return f"{value!r} is none of {', '.join(allowed)}"
    if not (math.isfinite(proposal.score) and 0 <= proposal.score <= 1):
        return f"a score is from 0 to 1, not {proposal.score}"
    if len(proposal.told_by) > MOST_TELLERS:
        return f"a chain of {len(proposal.told_by)} tellers; at most {MOST_TELLERS} can be checked"
    return None


def _mention_fault(proposal: Proposal, ontology: Ontology) -> str | None:
    for mention in proposal.mentions:
        if mention.class_key not in ontology.classes:
            return f"no class is called {mention.class_key!r}{_meant(mention.class_key, ontology.classes)}"
        if problem := words_fault(mention.words, f"the name of a {mention.class_key}"):
            return problem
    for link in proposal.told_by:
        if not fits(ontology.classes[link.who.class_key].iri, _AGENT, ontology):
            return f"a {link.who.class_key} tells nothing; a teller is a person, a group or an organization"
    others = (proposal.event, proposal.date_from, proposal.rule, proposal.why)
    relations = (link.relation for link in proposal.told_by)
    texts = (*others, *relations, *(word for m in proposal.mentions for word in (m.key, *m.also)))
    return next((f for text in texts if text and (f := words_fault(text, "a text"))), None)


def words_fault(words: str, what: str) -> str | None:
    """Say why words cannot be used, whatever they are; None where they can."""
    if not any(character.isalnum() for character in words):
        return f"{what} is {words[:40]!r}, which says nothing"
    if len(words) > LONGEST_WORDS:
        return f"{what} has {len(words)} characters; at most {LONGEST_WORDS} are taken"
    try:
        words.encode()
    except UnicodeEncodeError:
        return f"{what} holds half a character (a lone surrogate), which UTF-8 cannot hold"
    return None


def _fit_fault(mention: Mention, wanted: str, key: str, ontology: Ontology) -> str | None:
    class_ = ontology.classes[mention.class_key]
    if fits(class_.iri, wanted, ontology):
        return None
    names = {each.iri: each.key for each in ontology.classes.values()}
    return f"{key} takes no {mention.class_key} there; what fits is: {names.get(wanted, wanted)}"


def fits(class_iri: str, wanted: str, ontology: Ontology) -> bool:
    """Tell whether a thing of one class can stand where another class is wanted."""
    return wanted in ontology.supers_of(class_iri)


def _object_fault(object_: Object, predicate: Property, ontology: Ontology) -> str | None:
    if isinstance(object_, Absent):
        if object_ is Absent.UNKNOWN and not predicate.takes_entity:
            return f"{predicate.key} takes a value, which cannot be unknown; write none-given"
        return None
    if isinstance(object_, Mention):
        if not predicate.takes_entity:
            return f"{predicate.key} takes a value, not a {object_.class_key}"
        return _fit_fault(object_, predicate.range, predicate.key, ontology)
    if predicate.takes_entity:
        return f"{predicate.key} takes an entity, not the text {object_[:60]!r}"
    return value_fault(object_, predicate)


def value_fault(text: str, property_: Property) -> str | None:
    """Say why a text cannot be the value of a property; None where it can."""
    if problem := words_fault(text, property_.key):
        return problem
    try:
        values.literal(text, property_.range)
    except ValueError as error:
        return f"{property_.key}: {error}"
    return None


def _qualifier_fault(proposal: Proposal, ontology: Ontology) -> str | None:
    keys = [key for key, _ in proposal.qualifiers]
    if len(set(keys)) < len(keys):
        return "a qualifier stands twice"
    for key, text in proposal.qualifiers:
        if key not in ontology.qualifiers:
            return f"no qualifier is called {key!r}{_meant(key, ontology.qualifiers)}"
        if problem := value_fault(text, ontology.qualifiers[key]):
            return problem
    return None


# ---------------------------------------------------------------- its name


def identity(proposal: Proposal, report: str, digest: str) -> str:
    """Give the 32 hexadecimal digits that name what is proposed of a report.

    `digest` is that of the span's words. Hashed is what makes it this assertion; not hashed: positions, the
    engine, its score and its reasons, so that whoever proposes the same again asks nothing new.
    """
    said = [
        report,
        proposal.subject.identity,
        proposal.predicate,
        _object_identity(proposal.object),
        proposal.polarity,
        proposal.certainty,
        sorted(map(list, proposal.qualifiers)),
        [(link.who.identity, link.basis, link.relation) for link in proposal.told_by],
        digest,
    ]
    canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _object_identity(object_: Object) -> object:
    if isinstance(object_, Mention):
        return ["entity", *object_.identity]
    return [object_.value] if isinstance(object_, Absent) else ["text", object_]


# ---------------------------------------------------------------- a proposal of a report


@dataclass(frozen=True, slots=True)
class Filed:
    """A proposal that waits for a decision: of which report, by which engine, with the words of its span."""

    id: str
    report: str
    engine: str
    version: str
    proposal: Proposal
    digest: str
    """SHA-256 of the quote."""
    quote: str

    @classmethod
    def of(cls, proposal: Proposal, text: str, report: str, engine: str, version: str) -> Filed:
        """Give a proposal, in which `fault` found none, with the words of its span in `text`."""
        quote = text[proposal.start : proposal.end]
        digest = evidence.digest(quote)
        return cls(identity(proposal, report, digest), report, engine, version, proposal, digest, quote)


# ---------------------------------------------------------------- as JSON


def to_json(proposal: Proposal) -> dict[str, Any]:
    """Give a proposal as plain values, without what is empty."""
    if isinstance(proposal.object, Mention):
        object_: object = mention_to_json(proposal.object)
    elif isinstance(proposal.object, Absent):
        object_ = proposal.object.value
    else:
        object_ = {"text": proposal.object}
    written: dict[str, Any] = {
        "subject": mention_to_json(proposal.subject),
        "predicate": proposal.predicate,
        "object": object_,
        "start": proposal.start,
        "end": proposal.end,
        "qualifiers": dict(proposal.qualifiers),
        "told-by": [_teller_to_json(link) for link in proposal.told_by],
        "certainty": proposal.certainty,
        "polarity": proposal.polarity,
        "event": proposal.event,
        "date-from": proposal.date_from,
        "rule": proposal.rule,
        "score": proposal.score,
        "why": proposal.why,
    }
    return {key: value for key, value in written.items() if value not in ("", {}, [])}


def mention_to_json(mention: Mention) -> dict[str, Any]:
    """Give a mention as plain values."""
    written: dict[str, Any] = {
        "unnamed" if mention.unnamed else "name": mention.words,
        "class": mention.class_key,
    }
    if mention.key:
        written["key"] = mention.key
    if mention.also:
        written["also"] = list(mention.also)
    if mention.start is not None and mention.end is not None:
        written |= {"start": mention.start, "end": mention.end}
    return written


def _teller_to_json(link: Teller) -> dict[str, Any]:
    written = mention_to_json(link.who)
    if link.basis != "unknown":
        written["basis"] = link.basis
    if link.relation:
        written["relation"] = link.relation
    return written


_KEYS = (
    *("subject", "predicate", "object", "start", "end", "qualifiers", "told-by", "certainty", "polarity"),
    *("event", "date-from", "rule", "score", "why"),
)
_MENTION_KEYS = ("name", "unnamed", "class", "key", "also", "start", "end")
_TELLER_KEYS = (*_MENTION_KEYS, "basis", "relation")


def from_json(value: object) -> Proposal:
    """Read a proposal from plain values; whether it can be used is for `fault` to say.

    Raises:
        ValueError: it has another form; the message says where and what would be right.
    """
    fields = _mapping(value, "a proposal", _KEYS)
    for key in ("subject", "predicate", "object", "start", "end"):
        if key not in fields:
            raise ValueError(f"a proposal has no {key}")
    qualifiers = _mapping(fields.get("qualifiers", {}), "qualifiers")
    return Proposal(
        mention_from_json(fields["subject"], "subject"),
        _text(fields["predicate"], "predicate"),
        _object(fields["object"]),
        _whole(fields["start"], "start"),
        _whole(fields["end"], "end"),
        tuple(sorted((key, _text(text, key)) for key, text in qualifiers.items())),
        tuple(_teller(link) for link in _list(fields.get("told-by", []), "told-by")),
        _text(fields.get("certainty", "stated"), "certainty"),
        _text(fields.get("polarity", "affirmed"), "polarity"),
        _text(fields.get("event", ""), "event"),
        _text(fields.get("date-from", ""), "date-from"),
        _text(fields.get("rule", ""), "rule"),
        _number(fields.get("score", 1.0), "score"),
        _text(fields.get("why", ""), "why"),
    )


def mention_from_json(value: object, what: str, keys: Sequence[str] = _MENTION_KEYS) -> Mention:
    """Read a mention from plain values; `what` it is stands in messages.

    Raises:
        ValueError: it has another form.
    """
    fields = _mapping(value, what, keys)
    if ("name" in fields) == ("unnamed" in fields):
        raise ValueError(f"{what} has a name, or unnamed with a description: one of the two")
    if "class" not in fields:
        raise ValueError(f"{what} has no class, such as person")
    unnamed = "unnamed" in fields
    return Mention(
        _text(fields["unnamed" if unnamed else "name"], f"the name of the {what}"),
        _text(fields["class"], f"the class of the {what}"),
        unnamed,
        _text(fields.get("key", ""), f"the key of the {what}"),
        tuple(_text(each, f"also of the {what}") for each in _list(fields.get("also", []), "also")),
        _whole(fields["start"], "start") if fields.get("start") is not None else None,
        _whole(fields["end"], "end") if fields.get("end") is not None else None,
    )


def _object(value: object) -> Object:
    if isinstance(value, str):
        if value in SPECIAL:
            return Absent(value)
        special = ", ".join(SPECIAL)
        raise ValueError(f"the object {value[:60]!r} is none of {special}; write a value as {{'text': …}}")
    if isinstance(value, Mapping) and "text" in value:
        return _text(_mapping(value, "object", ("text",))["text"], "the object's text")
    return mention_from_json(value, "object")


def _teller(value: object) -> Teller:
    who = mention_from_json(value, "teller", _TELLER_KEYS)
    fields = _mapping(value, "teller")
    basis, relation = fields.get("basis", "unknown"), fields.get("relation", "")
    return Teller(who, _text(basis, "basis"), _text(relation, "relation"))


def _mapping(value: object, what: str, keys: Sequence[str] = ()) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is a mapping, not {_short(value)}")
    for key in value if keys else ():
        if key not in keys:
            near = nearest(str(key)[:100], keys)
            right = f"did you mean {near!r}?" if near else f"there are {', '.join(keys)}"
            raise ValueError(f"{what} has no key {str(key)[:60]!r}; {right}")
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is a list, not {_short(value)}")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is a text, not {_short(value)}")
    return value


def _whole(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{what} is a whole number, not {_short(value)}")
    return value


def _number(value: object, what: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{what} is a number, not {_short(value)}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{what} is a number from 0 to 1, not so great a one") from None


def _short(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
