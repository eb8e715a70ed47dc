"""Answers of a model, kept so that the same question need not be asked and paid for twice.

They hold words of reports: the folder is one that git ignores, and nobody else on the machine may read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.files import read_bytes_limited, write_atomically
from kg.problems import KgError

FOLDER = ".kg-answers"
"""The folder of a project that holds them; deleting it costs nothing but asking again."""

_LIMIT = 20_000_000
_FORM = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered: its text, whether it came to an end, and how many tokens it took."""

    content: str
    complete: bool
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Cache:
    """Answers in a folder, one file each, named by the digest of what was asked."""

    folder: Path

    def get(self, question: Iterable[object]) -> Answer | None:
        """Give the answer to a question, if it is there and whole."""
        path = self._path(question)
        try:
            found = json.loads(read_bytes_limited(path, _LIMIT, "the answer"))
        except (KgError, ValueError, RecursionError):
            return None  # asked anew, and then replaced
        if not isinstance(found, dict) or found.get("form") != _FORM:
            return None
        content, complete = found.get("content"), found.get("complete")
        tokens = found.get("tokens-in"), found.get("tokens-out")
        if not isinstance(content, str) or not isinstance(complete, bool):
            return None
        if not (isinstance(tokens[0], int) and isinstance(tokens[1], int)):
            return None
        return Answer(content, complete, tokens[0], tokens[1])

    def put(self, question: Iterable[object], answer: Answer) -> None:
        """Keep an answer.

        Raises:
            KgError: it cannot be written.
        """
        self._make_folder()
        entry = {
            "form": _FORM,
            "content": answer.content,
            "complete": answer.complete,
            "tokens-in": answer.tokens_in,
            "tokens-out": answer.tokens_out,
        }
        # Half characters, which JSON can name and UTF-8 cannot hold, stay escaped.
        data = json.dumps(entry, sort_keys=True).encode()
        write_atomically(self._path(question), data, mode=0o600)

    def _path(self, question: Iterable[object]) -> Path:
        canonical = json.dumps(list(question), sort_keys=True, separators=(",", ":"))
        return self.folder / f"{hashlib.sha256(canonical.encode()).hexdigest()}.json"

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KgError(f"cannot make the folder {self.folder}: {error.strerror}") from error
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n", mode=0o600)
