"""A knowledge graph of reported facts: what was said, by whom, where, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["load"]


def load(path: str | Path | Sequence[str | Path] = "exports") -> KnowledgeGraph:
    """Read an export for use in a script: see `kg.graph.load`."""
    # Imported here, so that the command starts without reading what it may not need.
    from kg.graph import load as load_graph

    return load_graph(path)
