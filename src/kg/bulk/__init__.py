"""Builds of any size: records, one on a line, to sorted N-Quads, in memory that does not grow with them."""

from kg.bulk.building import MEMORY, Build, Summary, Vocabulary
from kg.bulk.form import Chunk
from kg.bulk.writing import Counts

__all__ = ["MEMORY", "Build", "Chunk", "Counts", "Summary", "Vocabulary"]
