"""Builds of any size: records, one on a line, to sorted N-Quads, in memory that does not grow with them."""

from kg.bulk.building import MEMORY, Build, Summary, Vocabulary
from kg.bulk.writing import Counts

__all__ = ["MEMORY", "Build", "Counts", "Summary", "Vocabulary"]
