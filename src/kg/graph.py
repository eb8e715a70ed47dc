"""The graph for scripts and notebooks: ``kg.load("exports")``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg import network, nt, rdf
from kg.namespaces import DEFAULT_BASE, prefixes
from kg.nt import Quad, Triple

if TYPE_CHECKING:
    import networkx
    import rdflib

DATASET = "kg.nq"
"""The file of an export that holds everything."""


@dataclass(frozen=True)
class KnowledgeGraph:
    """Quads of an export, and the forms in which people use them."""

    quads: tuple[Quad, ...]
    base: str = DEFAULT_BASE

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The union of all graphs but the alleged one, each triple once, sorted."""
        alleged = nt.iri(rdf.graph_iri("alleged", self.base))
        return tuple(sorted({quad[:3] for quad in self.quads if quad[3] != alleged}))

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


def load(path: str | Path | Sequence[str | Path] = "exports", *, base: str = DEFAULT_BASE) -> KnowledgeGraph:
    """Read an export (its folder, or any RDF file of one) from disk.

    Raises:
        KgError: it is not there, cannot be parsed, or holds no assertion.
    """
    from kg.store import parse

    paths = [path] if isinstance(path, str | Path) else list(path)
    files = [file / DATASET if (file := Path(each)).is_dir() else file for each in paths]
    return KnowledgeGraph(tuple(sorted({quad for file in files for quad in parse(file)})), base)
