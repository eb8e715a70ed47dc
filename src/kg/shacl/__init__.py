"""SHACL, compiled: the results of pyshacl at a fraction of its time.

Where pyshacl departs from the standard, so do these results: the inverse of a sequence path keeps the
order of its parts, regular expressions are Python's, and queries are solved as rdflib solves them. They
differ where pyshacl cannot be followed: what cannot be compared breaks a constraint, where pyshacl gives
up altogether if it is a blank node or not a number; a string is the same with its datatype and without;
language tags are in lower case.
"""

from __future__ import annotations

from kg.shacl.data import Data, Memory
from kg.shacl.disk import SortedFile
from kg.shacl.evaluate import Finding
from kg.shacl.plan import ByFocus, Plan, Progress, Targets, Validation, compile
from kg.shacl.query_reads import reads_of_query
from kg.shacl.reads import ANY, Changes, Reads, by_predicate
from kg.shacl.running import Options, validate_file

__all__ = [
    "ANY",
    "ByFocus",
    "Changes",
    "Data",
    "Finding",
    "Memory",
    "Options",
    "Plan",
    "Progress",
    "Reads",
    "SortedFile",
    "Targets",
    "Validation",
    "by_predicate",
    "compile",
    "reads_of_query",
    "validate_file",
]
