"""The fields of one mapping of a seed, each checked, every fault a problem at its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from kg import values
from kg.namespaces import XSD_NON_NEGATIVE
from kg.nodes import List, Map, Node, Scalar, describe
from kg.problems import Location, Problem, nearest

T = TypeVar("T")

MAX_PROBLEMS = 1_000
"""The most problems of one file that are told; one more, `too-many-problems`, says that others follow."""

NO_LABELS = ("true", "false", "yes", "no", "null", "none", "unnamed", "unknown")
"""Unquoted words that nobody means as a name."""
SPECIAL = ("unknown", "none-given", "refused")
"""Unquoted values that stand for an unnamed entity of its own, and for the two kinds of nothing."""

_LONGEST_MESSAGE = 1_000
_LONGEST_NAME = 100
"""Characters of the longest text that is compared with names."""
_COMPARISONS = 50_000
"""How often a text is compared with a name, some 10 to 100 µs each, before no more names are suggested."""
_KEY = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_INVISIBLE = ("Cc", "Cf")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Fields:
    """Takes fields out of mappings, and keeps the `problems` that it meets on the way."""

    def __init__(self) -> None:
        """Begin without problems."""
        self.problems: list[Problem] = []
        self._told: dict[str, int] = {}
        self._comparisons = _COMPARISONS

    def problem(self, node: Node, code: str, message: str) -> None:
        """Note a problem at a node."""
        self.problem_at(node.location, code, message)

    def problem_at(self, location: Location, code: str, message: str) -> None:
        """Note a problem at a place; a message that quotes a very long text is cut in the middle."""
        told = self._told.get(location.path, 0)
        self._told[location.path] = told + 1
        if told == MAX_PROBLEMS:
            code, message = "too-many-problems", "more problems follow; mend some of these first"
        if told <= MAX_PROBLEMS:
            if len(message) > _LONGEST_MESSAGE:
                message = f"{message[:300]} … {message[-200:]}"
            self.problems.append(Problem(location, code, message))

    def nearest(self, text: str, names: Collection[str]) -> str | None:
        """Give what `kg.problems.nearest` gives, as long as that takes no more than seconds in all."""
        if len(text) > _LONGEST_NAME or self._comparisons < len(names):
            return None
        self._comparisons -= len(names)
        return nearest(text, names)

    def known_keys(self, node: Map, names: Iterable[str], what: str) -> None:
        """Report each key of a mapping that is none of `names`, with the nearest that is."""
        names = tuple(names)
        for key, _ in node.entries:
            if key.text not in names:
                near = self.nearest(key.text, names)
                right = (
                    f"did you mean {near!r}?"
                    if near
                    else f"there are {', '.join(names[:24])}{' …' if len(names) > 24 else ''}"
                )
                code = "unknown-predicate" if "predicate" in what else "unknown-key"
                self.problem(key, code, f"no {what} is called {key.text!r}; {right}")

    def entries(self, node: Node | None, what: str) -> Iterator[tuple[Scalar, Node]]:
        """Give the entries of what should be a mapping; nothing and an empty value have none."""
        if isinstance(node, Map):
            yield from node.entries
        elif node is not None and not (isinstance(node, Scalar) and not node.text and not node.quoted):
            self.problem(node, "wrong-kind", f"found {describe(node)}; write {what}")

    def scalar(self, node: Node | None, what: str) -> Scalar | None:
        """Give a node that should be one text."""
        if isinstance(node, Scalar):
            return node
        if node is not None:
            self.problem(node, "wrong-kind", f"found {describe(node)}; {what} is one text")
        return None

    def text(self, node: Map, key: str, needed: str = "") -> Scalar | None:
        """Give the text under `key`; a missing one is a problem if `needed` says what it would be."""
        found = node.get(key)
        if found is None:
            if needed:
                self.problem(node, "missing-key", f"{key} is missing; write {key}: and {needed}")
            return None
        scalar = self.scalar(found, key)
        return None if scalar is None or self.is_empty(scalar, key) else scalar

    def words(self, node: Map, key: str) -> str | None:
        """Give the text under `key` as a plain string."""
        scalar = self.text(node, key)
        return scalar.text if scalar else None

    def texts(
        self, node: Node | None, owner: Map | None = None, key: str = "", needed: str = ""
    ) -> list[Scalar]:
        """Give the texts of a list, or the one text that stands in its place."""
        if node is None:
            if owner is not None:
                self.problem(owner, "missing-key", f"{key} is missing; write {key}: and {needed}")
            return []
        items = node.items if isinstance(node, List) else (node,)
        found = [scalar for item in items if (scalar := self.scalar(item, key or "each item")) is not None]
        return [scalar for scalar in found if not self.is_empty(scalar, key or "an item")]

    def is_empty(self, scalar: Scalar, what: str) -> bool:
        """Report a text that says nothing: only spaces and characters that cannot be seen."""
        if any(not c.isspace() and unicodedata.category(c) not in _INVISIBLE for c in scalar.text):
            return False
        self.problem(scalar, "empty", f"{what} is empty; give a value, or take the line out")
        return True

    def is_key(self, scalar: Scalar) -> bool:
        """Report a text that cannot be a key: letters and digits of any script, joined by single hyphens."""
        text = scalar.text
        composed = unicodedata.normalize("NFC", text)
        bare = "".join(c for c in composed if unicodedata.category(c) not in ("Mn", "Mc"))
        if composed == text and _KEY.fullmatch(bare) and text not in SPECIAL:
            return True
        if text in SPECIAL:
            right = f"{text} has a meaning of its own"
        elif composed != text:
            right = f"its accents are typed apart from their letters; write {composed!r} (Unicode NFC)"
        else:
            suggestion = "-".join(re.findall(r"[^\W_]+", composed)).lower()
            example = f", such as {suggestion!r}" if suggestion else ""
            right = f"a key is made of letters and digits joined by single hyphens{example}"
        self.problem(scalar, "bad-key", f"{text!r} cannot be a key; {right}")
        return False

    def checked(self, scalar: Scalar | None, code: str, check: Callable[[str], object]) -> str | None:
        """Give the text if `check` raises no ValueError for it."""
        if scalar is None:
            return None
        try:
            check(scalar.text)
        except ValueError as error:
            self.problem(scalar, code, str(error))
            return None
        return scalar.text

    def number(self, scalar: Scalar | None) -> int | None:
        """Give a whole number from 0 up."""
        text = self.checked(scalar, "bad-number", lambda text: values.literal(text, XSD_NON_NEGATIVE))
        return None if text is None else int(text)

    def digest(self, scalar: Scalar | None) -> str | None:
        """Give a SHA-256 in hexadecimal digits."""
        if scalar is None or _DIGEST.fullmatch(scalar.text):
            return scalar.text if scalar else None
        message = f"{scalar.text[:70]!r} is no digest; kg cite prints one: 64 hexadecimal digits, lower case"
        self.problem(scalar, "bad-digest", message)
        return None

    def lookup(self, scalar: Scalar, table: Mapping[str, T], code: str, what: str) -> T | None:
        """Give what a key stands for in `table`; an unknown key is reported with the nearest known one."""
        if scalar.text in table:
            return table[scalar.text]
        if (composed := unicodedata.normalize("NFC", scalar.text)) in table:
            right = f"its accents are typed apart from their letters; write {composed!r} (Unicode NFC)"
        elif near := self.nearest(scalar.text, table):
            right = f"did you mean {near!r}?"
        else:
            right = "declare it first, in this file or a shared one"
        self.problem(scalar, code, f"no {what} has the key {scalar.text!r}; {right}")
        return None
