"""One sentence on its way through the rules: its tokens, and the chunks that have been found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.extract.languages.en.times import Date
from kg.extract.text import Document, Sentence, Token


@dataclass(slots=True, eq=False)
class Chunk:
    """Tokens `i` to `j` (excluded) that belong together.

    Kinds: `date`, `term`, `court`, `facility`, `place`, `org`, `thing`, `name` (not yet known of what),
    `nation` (a word such as Belgian), `person`, `agency`, `pronoun`, `verb`.
    """

    kind: str
    i: int
    j: int
    text: str = ""
    data: Any = None


@dataclass(slots=True, eq=False)
class Line:
    """A sentence, its words in lower case, and which chunk each token belongs to."""

    sentence: Sentence
    index: int
    tokens: tuple[Token, ...]
    low: list[str]
    owner: list[Chunk | None] = field(default_factory=list)
    dates: list[Date] = field(default_factory=list)
    _chunks: list[Chunk] | None = None

    @classmethod
    def of(cls, sentence: Sentence, index: int) -> Line:
        """Make one with nothing found in it."""
        tokens = sentence.tokens
        return cls(sentence, index, tokens, [token.low for token in tokens], [None] * len(tokens))

    def __len__(self) -> int:
        """Give the number of tokens."""
        return len(self.tokens)

    def put(self, chunk: Chunk) -> Chunk:
        """Claim the chunk's tokens, taking them from any chunk that had them."""
        for at in range(chunk.i, chunk.j):
            self.owner[at] = chunk
        self._chunks = None
        return chunk

    def free(self, i: int, j: int) -> bool:
        """Whether nothing has claimed the tokens `i` to `j`."""
        return all(owner is None for owner in self.owner[i:j])

    def chunks(self) -> list[Chunk]:
        """Give the chunks in order, each once, and a chunk of kind `word` for each token outside.

        The list is the same until the next `put`, and not to be changed.
        """
        if self._chunks is not None:
            return self._chunks
        found: list[Chunk] = []
        at = 0
        while at < len(self.tokens):
            owner = self.owner[at]
            if owner is None:
                found.append(Chunk("word", at, at + 1, self.low[at]))
                at += 1
            else:
                found.append(owner)
                at += 1
                while at < len(self.tokens) and self.owner[at] is owner:
                    at += 1
        self._chunks = found
        return found

    def span(self, i: int, j: int) -> tuple[int, int]:
        """Give the positions in the text of the tokens `i` to `j` (excluded)."""
        return self.tokens[i].start, self.tokens[j - 1].end

    def text(self, document: Document, i: int, j: int) -> str:
        """Give the words of the tokens `i` to `j` (excluded), as they stand in the text."""
        return document.text[self.tokens[i].start : self.tokens[j - 1].end] if j > i else ""

    def kind(self, at: int) -> str:
        """Give the kind of the chunk that has a token, or nothing if none has it."""
        owner = self.owner[at]
        return owner.kind if owner is not None else ""

    def stop(self, at: int) -> int:
        """Give where the chunk that has a token ends, or the next token if none has it."""
        owner = self.owner[at]
        return owner.j if owner is not None else at + 1

    def word(self, at: int) -> str:
        """Give a word in lower case, or nothing outside the sentence."""
        return self.low[at] if 0 <= at < len(self.low) else ""
