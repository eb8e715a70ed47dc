"""What is known of all assertions together before the first is written, and what is known after the last is read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Watched:
    """Assertions that others hang on, by the digests that they have before anything is withheld."""

    silent: frozenset[bytes] = frozenset()
    """Withdrawn for a reason that is to leave no trace."""
    corrected: frozenset[bytes] = frozenset()
    """Replaced by others."""


@dataclass(slots=True)
class Reached:
    """The IRIs of what published assertions speak of."""

    entities: set[bytes] = field(default_factory=set)
    reports: set[bytes] = field(default_factory=set)
    sources: set[bytes] = field(default_factory=set)
    episodes: set[bytes] = field(default_factory=set)

    def add(self, other: Reached) -> None:
        """Note what another process has reached."""
        self.entities |= other.entities
        self.reports |= other.reports
        self.sources |= other.sources
        self.episodes |= other.episodes
