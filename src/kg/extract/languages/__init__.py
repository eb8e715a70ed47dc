"""The languages that the engine reads: one package each, and nothing outside it names its words.

A language is a module with ``habits`` and ``analyse(document, context) -> list[Fact]``. To add one, add a
package beside `en` and a line to `_MODULES`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

from kg.extract.text import Document, Habits
from kg.extract.values import Context, Fact

_MODULES = {"en": "kg.extract.languages.en"}


class Language(Protocol):
    """What the package of a language offers."""

    habits: Habits
    """What dividing a text into sentences needs to know."""

    def analyse(self, document: Document, context: Context) -> Sequence[Fact]:
        """Give what the document says."""
        ...


def supported() -> tuple[str, ...]:
    """Give the tags of the languages that can be read."""
    return tuple(sorted(_MODULES))


def load(tag: str) -> Language:
    """Give the language of a tag such as ``en`` or ``en-GB``.

    Raises:
        KeyError: there are no rules for it.
    """
    return cast(Language, importlib.import_module(_MODULES[tag.split("-")[0].lower()]))
