"""Helpers for asking the graph of our own seeds what a report says."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import build, project
from kg.model import Corpus
from kg.project import Project

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
TEXTS = Path(os.environ.get("KG_REPORTS_DIR", ROOT.parent / "shared" / "extraction" / "reports"))

ID = "https://w3id.org/reportedly/id/"
LONGEST_RUN = 7
"""Words in a row that a seed may share with an article; any eight are a piece of a sentence."""


def prefixes(report: str = "") -> str:
    """Give the prefixes of a query; `here:` and `source:` are those of one report."""
    return f"""
        PREFIX kg: <https://w3id.org/reportedly/ontology#>
        PREFIX id: <{ID}>
        PREFIX here: <{ID}{report}_>
        PREFIX source: <{ID}source_{report}_>
        PREFIX episode: <{ID}episode_>
        PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX oa: <http://www.w3.org/ns/oa#>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX schema: <https://schema.org/>
        PREFIX sem: <http://semanticweb.cs.vu.nl/2009/11/sem/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    """


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a report says: in our words, as subject, predicate and object, and what narrows it."""

    report: str
    said: str
    triple: str
    narrowed: str = ""
    certainty: str = "stated"
    polarity: str = "affirmed"

    def __str__(self) -> str:
        return self.said

    @property
    def pattern(self) -> str:
        subject, predicate, object_ = self.triple.split(" ", 2)
        narrowed = f"; {self.narrowed}" if self.narrowed else ""
        return f"""?a rdf:subject {subject} ; rdf:predicate kg:{predicate} ; rdf:object {object_} ;
            prov:wasDerivedFrom id:report_{self.report} ;
            kg:polarity "{self.polarity}" ; kg:certainty "{self.certainty}" {narrowed}"""


def dated(date: str, *, inferred: bool = True) -> str:
    """Give the pattern of a date as it stands in the seed."""
    mark = " ; kg:inferred true" if inferred else ""
    return f'kg:date "{date}"^^edtf:EDTF{mark}'


@cache
def _ours() -> tuple[Project, build.Vocabulary]:
    ours = project.find(ROOT)
    return ours, build.Vocabulary.of(ours)


@cache
def corpus() -> Corpus:
    """Give all that our seeds say."""
    ours, vocabulary = _ours()
    reading = build.read(ours, vocabulary, build.seed_files(ours, (SEEDS,), ROOT))
    assert reading.problems == ()
    return reading.corpus


@cache
def graph() -> ox.Store:
    """Give the graph of all our seeds."""
    lines = "".join(f"{' '.join(quad)} .\n" for quad in build.encode(*_ours(), corpus()))
    loaded = ox.Store()
    loaded.load(lines.encode(), ox.RdfFormat.N_QUADS)
    return loaded


def ask(pattern: str, report: str = "") -> bool:
    """Say whether the union of all graphs holds the pattern."""
    return bool(graph().query(f"{prefixes(report)} ASK {{ {pattern} }}", use_default_graph_as_union=True))


def rows(query: str, report: str = "") -> list[tuple[str, ...]]:
    """Give the answers to a SELECT as texts; what is not bound is empty."""
    found = graph().query(prefixes(report) + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in found]


def shortened(iri: str, report: str = "") -> str:
    """Give an IRI of the data with `here:` or `id:`."""
    return iri.replace(f"{ID}{report}_", "here:").replace(ID, "id:")


def text_of(name: str) -> str:
    """Give the text of a report, or skip the test where there is no copy of it."""
    path = TEXTS / name
    if not path.is_file():
        pytest.skip(
            f"no copy of {name}: articles are no part of the project; KG_REPORTS_DIR says where they are"
        )
    with path.open(encoding="utf-8", newline="") as file:
        return file.read().replace("\r\n", "\n")


def runs(text: str) -> set[tuple[str, ...]]:
    """Give every run of words that is one longer than a seed may share."""
    words, length = re.findall(r"\w+", text.lower()), LONGEST_RUN + 1
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
