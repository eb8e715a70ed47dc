"""Changing one part of a draft, from what somebody types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from kg import evidence
from kg.drafts import NEW, PUBLISHER, Composer, Draft
from kg.evidence import AmbiguousError, NotFoundError, Span
from kg.fields import SPECIAL
from kg.ontology import Property
from kg.problems import KgError, nearest
from kg.proposals import CERTAINTIES, POLARITIES, Absent, Mention, Object, Teller, value_fault, words_fault
from kg.terms import KG

PARTS: Final = (
    "subject", "predicate", "object", "told-by", "certainty", "polarity", "episode", "quote", "access",
)  # fmt: skip
"""What can be changed beside the qualifiers of the ontology."""
NOTHING: Final = "-"
"""What to type to leave a part empty."""
UNNAMED: Final = "unnamed"
ACCESS: Final = ("public", "restricted")


class EditError(KgError):
    """What was typed cannot stand there."""


def parts(composer: Composer) -> tuple[str, ...]:
    """Give every part that can be changed."""
    return (*PARTS, *composer.ontology.qualifiers)


def shown(draft: Draft, part: str) -> str:
    """Give a part as it would be typed; empty where there is nothing."""
    proposal = draft.proposal
    simple: Mapping[str, Callable[[], str]] = {
        "subject": lambda: mention_words(proposal.subject),
        "predicate": lambda: proposal.predicate,
        "object": lambda: object_words(proposal.object),
        "told-by": lambda: " < ".join(mention_words(link.who) for link in proposal.told_by) or PUBLISHER,
        "certainty": lambda: proposal.certainty,
        "polarity": lambda: proposal.polarity,
        "episode": lambda: proposal.event if draft.episode is None else draft.episode,
        "access": lambda: draft.access,
        "quote": lambda: draft.question.reported.text[proposal.start : proposal.end],
    }
    return simple[part]() if part in simple else proposal.qualifier(part)


def mention_words(mention: Mention) -> str:
    """Give a mention as it would be typed: its words, the class before them where it has no name."""
    return f"{UNNAMED} {mention.class_key}: {mention.words}" if mention.unnamed else mention.words


def object_words(object_: Object) -> str:
    """Give an object as it would be typed."""
    if isinstance(object_, Mention):
        return mention_words(object_)
    return object_.value if isinstance(object_, Absent) else object_


def change(draft: Draft, composer: Composer, part: str, typed: str) -> None:
    """Put what was typed into one part of a draft; nothing is changed if it cannot stand there.

    A subject, an object and a teller are typed as a key, as a name, or as ``unnamed person: a neighbour``;
    ``court: Valley Court`` gives a name and its class. Tellers of a chain stand apart by ``<``, whoever told
    the publisher first.

    Raises:
        EditError: there is no such part, or what was typed cannot be read; the message says what would be.
    """
    if part not in parts(composer):
        near = nearest(part, parts(composer))
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(parts(composer))}"
        raise EditError(f"nothing is called {part!r}; {right}")
    typed = typed.strip()
    changes: Mapping[str, Callable[[Draft, Composer, str], None]] = {
        "subject": _subject,
        "predicate": _predicate,
        "object": _change_object,
        "told-by": _told_by,
        "certainty": _choice("certainty", CERTAINTIES),
        "polarity": _choice("polarity", POLARITIES),
        "episode": _episode,
        "quote": _quote,
        "access": _access,
    }
    trial = Draft(draft.question, draft.proposal, dict(draft.chosen), draft.episode, draft.access)
    if part in changes:
        changes[part](trial, composer, typed)
    else:
        _qualifier(trial, composer.ontology.qualifiers[part], typed)
    draft.proposal, draft.chosen = trial.proposal, trial.chosen
    draft.episode, draft.access = trial.episode, trial.access


# ---------------------------------------------------------------- who


def _subject(draft: Draft, composer: Composer, typed: str) -> None:
    mention = _mention(draft, composer, typed, draft.proposal.subject.class_key)
    draft.proposal = replace(draft.proposal, subject=mention)


def _mention(draft: Draft, composer: Composer, typed: str, class_key: str) -> Mention:
    """Read who is meant, and remember the choice where a key says it."""
    known = composer.entity(typed, draft.question.report)
    if known is not None:
        keys = {class_.iri: class_.key for class_ in composer.ontology.classes.values()}
        mention = Mention(known.label, keys.get(known.class_iri, class_key), known.unnamed)
        draft.chosen[mention.identity] = typed
        return mention
    before, colon, words = typed.partition(":")
    head = before.split()
    unnamed = bool(colon) and head[:1] == [UNNAMED]
    kind = " ".join(head[1:] if unnamed else head)
    classes = composer.ontology.classes
    if not colon or (kind not in classes and not unnamed):
        words, kind, unnamed = typed, class_key, False
    elif unnamed and not kind:
        kind = class_key
    if kind not in classes:
        raise EditError(f"no class is called {kind!r}; there are {', '.join(classes)}")
    words = words.strip()
    if problem := words_fault(words, "the name"):
        raise EditError(problem)
    mention = Mention(words, kind, unnamed)
    if draft.chosen.get(mention.identity) == NEW:
        del draft.chosen[mention.identity]
    return mention


def _told_by(draft: Draft, composer: Composer, typed: str) -> None:
    if typed in ("", NOTHING, PUBLISHER):
        draft.proposal = replace(draft.proposal, told_by=())
        return
    old = {mention_words(link.who): link for link in draft.proposal.told_by}
    chain = []
    for each in typed.split("<"):
        words = each.strip()
        chain.append(old.get(words) or Teller(_mention(draft, composer, words, "person")))
    draft.proposal = replace(draft.proposal, told_by=tuple(chain))


# ---------------------------------------------------------------- what


def _predicate(draft: Draft, composer: Composer, typed: str) -> None:
    predicates = composer.ontology.predicates
    key = typed.replace(" ", "-")
    if key not in predicates:
        near = nearest(key, predicates)
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(predicates)}"
        raise EditError(f"no predicate is called {typed!r}; {right}")
    draft.proposal = replace(draft.proposal, predicate=key)
    object_ = draft.proposal.object
    if predicates[key].takes_entity == isinstance(object_, str):
        # What the old object was in words is a beginning; what it lacks, `fault` says.
        if isinstance(object_, Mention):
            draft.proposal = replace(draft.proposal, object=object_.words)
        elif isinstance(object_, str):
            mention = Mention(object_, _class_for(predicates[key], composer))
            draft.proposal = replace(draft.proposal, object=mention)


def _class_for(property_: Property, composer: Composer) -> str:
    keys = {class_.iri: class_.key for class_ in composer.ontology.classes.values()}
    key = keys.get(property_.range, "entity")
    return "person" if property_.range == KG.PersonOrGroup else key


def _change_object(draft: Draft, composer: Composer, typed: str) -> None:
    predicate = composer.ontology.predicates[draft.proposal.predicate]
    if typed in SPECIAL:
        object_: Object = Absent(typed)
    elif predicate.takes_entity:
        old = draft.proposal.object
        kind = old.class_key if isinstance(old, Mention) else _class_for(predicate, composer)
        object_ = _mention(draft, composer, typed, kind)
    else:
        object_ = typed
        if problem := value_fault(typed, predicate):
            raise EditError(problem)
    draft.proposal = replace(draft.proposal, object=object_)


def _choice(part: str, allowed: tuple[str, ...]) -> Callable[[Draft, Composer, str], None]:
    def choose(draft: Draft, _: Composer, typed: str) -> None:
        found = [choice for choice in allowed if choice.startswith(typed)] if typed else []
        if len(found) != 1:
            raise EditError(f"{part} is {' or '.join(allowed)}, not {typed!r}")
        changed = {part: found[0]}
        draft.proposal = replace(draft.proposal, **changed)  # type: ignore[arg-type]

    return choose


def _episode(draft: Draft, composer: Composer, typed: str) -> None:
    if typed in ("", NOTHING):
        draft.episode = ""
        return
    known = composer.episodes()
    if typed not in known:
        near = nearest(typed, known)
        right = f"did you mean {near!r}?" if near else "declare it first, in a seed"
        raise EditError(f"no episode has the key {typed!r}; {right}")
    draft.episode = typed


def _access(draft: Draft, _: Composer, typed: str) -> None:
    if typed not in ("", NOTHING, *ACCESS):
        raise EditError(f"access is {' or '.join(ACCESS)}, not {typed!r}")
    draft.access = "" if typed == NOTHING else typed


def _qualifier(draft: Draft, qualifier: Property, typed: str) -> None:
    kept = {key: text for key, text in draft.proposal.qualifiers if key != qualifier.key}
    if typed not in ("", NOTHING):
        if problem := value_fault(typed, qualifier):
            raise EditError(problem)
        kept[qualifier.key] = typed
    draft.proposal = replace(draft.proposal, qualifiers=tuple(sorted(kept.items())))


def _quote(draft: Draft, _: Composer, typed: str) -> None:
    text, old = draft.question.reported.text, draft.proposal
    try:
        span = evidence.cite(text, typed)
    except AmbiguousError as error:
        start = min(error.starts, key=lambda start: abs(start - old.start))
        span = Span.of(text, start, start + len(typed))
    except NotFoundError as error:
        if len(error.near) != 1:
            raise EditError(str(error)) from None
        span = Span.of(text, *error.near[0])  # a line break cannot be typed
    except KgError as error:
        raise EditError(str(error)) from None
    draft.proposal = replace(old, start=span.start, end=span.end)
