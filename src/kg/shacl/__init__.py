"""SHACL, compiled: the results of pyshacl at a fraction of its time."""

from __future__ import annotations

from kg.shacl.data import Data, Memory
from kg.shacl.disk import SortedFile
from kg.shacl.evaluate import Finding
from kg.shacl.plan import Plan, Progress, Targets, Validation, compile
from kg.shacl.running import Options, validate_file

__all__ = [
    "Data",
    "Finding",
    "Memory",
    "Options",
    "Plan",
    "Progress",
    "SortedFile",
    "Targets",
    "Validation",
    "compile",
    "validate_file",
]
