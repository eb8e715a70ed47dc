"""The engine `rules`: from a report's text to proposals, offline, without a model, always the same."""

from __future__ import annotations

from collections.abc import Sequence

from kg.extract import languages, text
from kg.extract.gazetteer import Gazetteer
from kg.extract.values import Context, Fact
from kg.problems import KgError

ENGINE = "rules"
"""The engine's name in proposals."""


class UnknownLanguageError(KgError, ValueError):
    """There are no rules for the language."""


def read(report: str, language: str = "en") -> text.Document:
    """Divide a text into sentences and tokens, by the abbreviations of its language.

    Raises:
        UnknownLanguageError: there are no rules for the language.
    """
    return text.read(report, _language(language).habits)


def extract(
    report: str, *, published: str | None = None, language: str = "en", gazetteer: Gazetteer | None = None
) -> list[Fact]:
    """Give what a report says, in the order of the text.

    `report` is the text as `kg.evidence.decode` gives it; spans count its code points. `published` is the day
    of publication in EDTF; without it a header line ``# published: …`` is taken, and without that only full
    dates are worked out. `gazetteer` holds the names that the graph knows.

    >>> fact = extract("Police arrested Ali Tolek on 5 May 2019.")[0]
    >>> fact.subject.name, fact.predicate, fact.object, fact.date.edtf, fact.quote
    ('Ali Tolek', 'detained-by', 'police', '2019-05-05', 'Police arrested Ali Tolek')

    Raises:
        UnknownLanguageError: there are no rules for the language.
    """
    found = _language(language)
    document = text.read(report, found.habits)
    return list(found.analyse(document, Context(published, gazetteer or Gazetteer())))


def _language(tag: str) -> languages.Language:
    try:
        return languages.load(tag)
    except KeyError:
        known: Sequence[str] = languages.supported()
        raise UnknownLanguageError(
            f"there are no rules for the language {tag!r}; there are for {', '.join(known)}"
        ) from None
