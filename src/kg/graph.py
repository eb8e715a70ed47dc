"""The graph for scripts and notebooks: ``kg.load("exports")``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import decode, network, nt, rdf
from kg.index import Index
from kg.namespaces import DEFAULT_BASE, expand, prefixes
from kg.nt import Quad, Triple
from kg.problems import KgError
from kg.terms import KG

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kg.conflicts import Conflict

DATASET = "kg.nq"
"""The file of an export that holds everything."""


@dataclass(frozen=True)
class KnowledgeGraph:
    """Quads of an export, and the forms in which people use them."""

    quads: tuple[Quad, ...]
    base: str = DEFAULT_BASE

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The union of all graphs but the alleged one, each triple once, sorted."""
        # Of every base: exports of several projects can be loaded together.
        alleged = rdf.graph_iri("alleged", "") + ">"
        return tuple(sorted({quad[:3] for quad in self.quads if not quad[3].endswith(alleged)}))

    @cached_property
    def index(self) -> Index:
        """The same as values, with look-ups: what dossiers, corroboration and timelines read."""
        return Index(decode.corpus(self.triples))

    def sides(self, conflict: Conflict) -> dict[str, Any]:
        """Give both sides of a conflict in words, with who told them and where."""
        sides = []
        for iri in (conflict.one, conflict.other):
            assertion = self.index.by_digest[iri.rpartition("_")[2]]
            said, told = self.index.words(assertion), self.index.whereabouts(assertion)
            sides.append({"assertion": iri, "said": said, "told": told})
        return {"rule": conflict.rule, "message": conflict.message, "sides": sides}

    def to_networkx(self, *, denied: bool = False, withdrawn: bool = False) -> networkx.MultiDiGraph[str]:
        """Give the multigraph of entities (`kg.network.to_networkx`)."""
        return network.to_networkx(self.triples, denied=denied, withdrawn=withdrawn)

    def to_rdflib(self) -> rdflib.Graph:
        """Give assertions, view and axioms as one rdflib graph: what `kg.ttl` holds."""
        graph = rdf.to_rdflib(self.triples)
        for prefix, namespace in prefixes(self.base).items():
            graph.bind(prefix, namespace)
        return graph

    def query(self, text: str, **values: str) -> list[dict[str, str]]:
        """Give the rows of a SELECT as dictionaries of plain texts; an unbound variable is left out.

        `text` is SPARQL or the name of a shipped query; `values` are bound to its variables,
        written as for ``kg query -p``.

        Raises:
            KgError: the query cannot be parsed, is no SELECT, or wants the network.
        """
        from kg import query as queries

        return queries.rows(self.quads, text, values, base=self.base)


def load(path: str | Path | Sequence[str | Path] = "exports", *, base: str | None = None) -> KnowledgeGraph:
    """Read an export (its folder, or any RDF file of one), or several, from disk.

    `base` is the namespace in which queries look for keys; without it, the one in which the
    assertions are named, and the default one if there are several.

    Raises:
        KgError: it is not there, cannot be parsed, or holds no assertion.
    """
    from kg.store import parse

    paths = [path] if isinstance(path, str | Path) else list(path)
    files = [file / DATASET if (file := Path(each)).is_dir() else file for each in paths]
    quads = tuple(sorted({quad for file in files for quad in parse(file)}))
    bases = _bases(quads)
    if not bases:
        raise KgError(f"{', '.join(map(str, files))}: no assertion in it; kg.load reads what kg build writes")
    return KnowledgeGraph(quads, base or (bases.pop() if len(bases) == 1 else DEFAULT_BASE))


_match_assertion = re.compile("<(.*)assertion_[0-9a-f]{32}>").fullmatch


def _bases(quads: Iterable[Quad]) -> set[str]:
    type_, assertion = nt.iri(expand("rdf:type")), nt.iri(KG.Assertion)
    named = [_match_assertion(s) for s, p, o, _ in quads if p == type_ and o == assertion]
    return {match[1] if match else DEFAULT_BASE for match in named}
