"""Writes `terms.py` from the ontology: ``python -m kg._codegen``."""

from __future__ import annotations

import textwrap
from pathlib import Path

from kg.namespaces import KG_NAMESPACE
from kg.ontology import Ontology, load
from kg.resources import files

STRUCTURAL = [
    "Assertion",
    "Entity",
    "Group",
    "PersonOrGroup",
    "Quantity",
    "Report",
    "Source",
    "Term",
    "basis",
    "certainty",
    "count",
    "date",
    "engine",
    "episode",
    "evidence",
    "learnedFrom",
    "maxMonths",
    "method",
    "minMonths",
    "noneGiven",
    "polarity",
    "refused",
    "reviewer",
    "speaker",
    "toldBy",
    "unnamed",
    "withdrawalReason",
    "withdrawnBy",
]
"""The terms that code has to name; every other term is known from the ontology alone."""


def render(ontology: Ontology) -> str:
    """Give the text of `terms.py`; the same ontology gives the same text."""
    lines = [
        '"""The ontology\'s terms that code names. Written by `python -m kg._codegen`: do not edit."""',
        "",
        "from typing import Final",
        "",
        "",
        "class KG:",
        f'    """Terms of <{KG_NAMESPACE}>."""',
    ]
    for name in STRUCTURAL:
        definition = ontology.definitions[KG_NAMESPACE + name]
        body = textwrap.fill(f'"""{definition}"""', 104, initial_indent="    ", subsequent_indent="    ")
        lines += ["", f'    {name}: Final = "{KG_NAMESPACE}{name}"', body]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("terms.py").write_text(render(load(files("ontology", ".ttl"))), encoding="utf-8")
