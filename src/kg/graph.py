"""The graph for scripts and notebooks: ``kg.load("exports")``."""

from __future__ import annotations

import datetime
import gc
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kg.escape import for_terminal
from kg.namespaces import DEFAULT_BASE, expand, prefixes
from kg.problems import Exit, KgError
from kg.terms import KG

if TYPE_CHECKING:
    import networkx
    import pyoxigraph
    import rdflib

    from kg.chronology import Timeline
    from kg.conflicts import Conflict
    from kg.corroboration import Corroboration
    from kg.dossier import Dossier
    from kg.index import Index
    from kg.nt import Quad, Triple
    from kg.people import PersonRow
    from kg.query import Value
    from kg.store import Scope

DATASET = "kg.nq"
"""The file of an export that holds everything."""


class AmbiguousNameError(KgError):
    """A name fits several things: it ran, and found too much."""

    exit_code = Exit.FOUND


class KnowledgeGraph:
    """Quads of an export, and the forms in which people use them; it does not change.

    What an export holds is cut up when it is first asked for: a graph for NetworkX alone needs a part of it.
    """

    def __init__(self, quads: Iterable[Quad], base: str | None = None) -> None:
        """Take quads, sorted; without `base`, the one in which their assertions are named, if there is one."""
        self._lines: tuple[bytes, ...] | None = None
        self._base = base
        self.__dict__["quads"] = tuple(quads)

    @classmethod
    def of_lines(cls, pieces: Iterable[bytes], base: str | None = None) -> Self:
        """Take what `kg.store.lines` gives of an export."""
        made = cls((), base)
        del made.__dict__["quads"]
        made._lines = tuple(pieces)
        return made

    def __eq__(self, other: object) -> bool:
        """Compare quads and base."""
        if not isinstance(other, KnowledgeGraph):
            return NotImplemented
        return (self.quads, self.base) == (other.quads, other.base)

    def __hash__(self) -> int:
        """Go by what equal ones have in common."""
        return hash((self.quads, self.base))

    @cached_property
    def quads(self) -> tuple[Quad, ...]:
        """All that was read, sorted, each quad once."""
        from kg import store

        with _no_collecting():
            return tuple(store.unique(store.cut(self._lines or ())))

    @cached_property
    def base(self) -> str:
        """The namespace in which queries look for keys."""
        if self._base:
            return self._base
        bases = _bases(self.quads) if self._lines is None else _bases_of_lines(self._lines)
        return bases.pop() if len(bases) == 1 else DEFAULT_BASE

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """The union of all graphs but the alleged one, each triple once, sorted."""
        from kg import store

        with _no_collecting():
            return tuple(store.unique([quad[:3] for quad in self._not_alleged()]))

    def _not_alleged(self) -> list[Quad]:
        # Of every base: exports of several projects can be loaded together.
        alleged = _graph("alleged")
        graphs = {graph for _, _, _, graph in self.quads if not graph.endswith(alleged)}
        return [quad for quad in self.quads if quad[3] in graphs]

    @cached_property
    def index(self) -> Index:
        """The same as values, with look-ups: what dossiers, corroboration and timelines read."""
        from kg import decode
        from kg.index import Index

        with _no_collecting():
            return Index(decode.corpus(self.triples))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels of the ontology's terms, by IRI."""
        from kg import nt

        label, end = nt.iri(expand("rdfs:label")), _graph("ontology")
        return {
            s[1:-1]: nt.parse_term(o).value
            for s, p, o, graph in self.quads
            if p == label and graph.endswith(end)
        }

    @cached_property
    def corroboration(self) -> Corroboration:
        """Who supports what: `supports()`, `support_of(assertion)`, `stands_on(iri)`."""
        from kg.corroboration import Corroboration, supers

        return Corroboration(self.index, supers(self.triples))

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Assertions that cannot both hold, by the rules that come with kg."""
        from kg.conflicts import conflicts, is_conflicts_file
        from kg.resources import files

        return conflicts(self.triples, [file for file in files("shapes", ".ttl") if is_conflicts_file(file)])

    def find(self, name: str) -> str:
        """Give the IRI of what `name` (an IRI, a key, a name, the digits of an assertion) means.

        Raises:
            KgError: nothing is called so, or several things are; the message lists them.
        """
        from kg import dossier

        found = dossier.find(self.index, name, base=self.base)
        if len(found) == 1:
            return found[0]
        if found:
            labels = [for_terminal(self.index.label(iri)) for iri in found[:20]]
            keys = [dossier.key_of(iri, self.base) for iri in found[:20]]
            lines = [f"  {key}  {label}" for key, label in zip(keys, labels, strict=True)]
            more = f"\n  and {len(found) - 20} more" if len(found) > 20 else ""
            raise AmbiguousNameError(
                "\n".join([f"{name!r} fits several; give the key of one:", *lines]) + more
            )
        near = ", ".join(map(repr, dossier.near_names(self.index, name)))
        raise KgError(f"nothing is called {name!r}" + (f"; did you mean {near}?" if near else ""))

    def dossier(self, name: str, conflicts: Iterable[Conflict] | None = None) -> Dossier:
        """Give what is said of one person, place, court, source, report, episode or assertion."""
        from kg.dossier import dossier

        return dossier(
            self.index,
            self.find(name),
            base=self.base,
            labels=self.labels,
            corroboration=self.corroboration,
            conflicts=self.conflicts if conflicts is None else conflicts,
        )

    def timeline(self, name: str, until: datetime.date | None = None) -> Timeline:
        """Give what is dated of one person, group, place or episode, and what follows from it."""
        from kg.chronology import timeline

        return timeline(self.index, self.find(name), until)

    def people(self, *, groups: bool = False, everyone: bool = False) -> tuple[PersonRow, ...]:
        """Give a row for each person of whom a case is told (`kg.people.people`)."""
        from kg.people import people

        return people(
            self.index,
            base=self.base,
            corroboration=self.corroboration,
            groups=groups,
            everyone=everyone,
            labels=self.labels,
        )

    def frame(self, text: str, **values: str) -> Any:
        """Give the rows of a SELECT as a data frame: of polars, or else of pandas.

        Raises:
            KgError: neither is installed, or as `query`.
        """
        rows = self.query(text, **values)
        for library in ("polars", "pandas"):
            if importlib.util.find_spec(library):
                return importlib.import_module(library).DataFrame(rows)
        raise KgError("data frames need polars or pandas; install one of them")

    def _repr_html_(self) -> str:
        """Show what is in it, in a notebook."""
        corpus = self.index.corpus
        rows = {
            "reports": len(corpus.reports),
            "entities": len(corpus.entities),
            "sources": len(corpus.sources),
            "assertions": len(corpus.assertions),
        }
        cells = "".join(
            f"<tr><th scope='row'>{name}</th><td>{number:,}</td></tr>" for name, number in rows.items()
        )
        return f"<table><caption>Reported facts</caption>{cells}</table>"

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
        from kg import network

        with _no_collecting():
            if self._lines is not None and "quads" not in self.__dict__:
                alleged = _graph("alleged")
                return network.of_lines(self._lines, but=alleged, denied=denied, withdrawn=withdrawn)
            return network.to_networkx(self._not_alleged(), denied=denied, withdrawn=withdrawn)

    def to_rdflib(self) -> rdflib.Graph:
        """Give assertions, view and axioms as one rdflib graph: what `kg.ttl` holds."""
        from kg import rdf

        graph = rdf.to_rdflib(self.triples)
        for prefix, namespace in prefixes(self.base).items():
            graph.bind(prefix, namespace)
        return graph

    def query(self, text: str, **values: str) -> list[dict[str, Value]]:
        """Give the rows of a SELECT as dictionaries of typed values (`kg.query.rows`).

        `text` is SPARQL or the name of a shipped query; `values` are bound to its variables,
        written as for ``kg query -p``.

        Raises:
            KgError: the query cannot be parsed, is no SELECT, or wants the network.
        """
        from kg import query as queries

        return queries.rows_of(
            lambda graphs: self._with_graphs if graphs else self._without_graphs,
            text,
            values,
            base=self.base,
        )

    @cached_property
    def _with_graphs(self) -> tuple[pyoxigraph.Store, Scope]:
        from kg import query as queries

        return queries.in_memory(self.quads, graphs=True)

    @cached_property
    def _without_graphs(self) -> tuple[pyoxigraph.Store, Scope]:
        from kg import query as queries

        return queries.in_memory(self.quads, graphs=False)


def load(path: str | Path | Sequence[str | Path] = "exports", *, base: str | None = None) -> KnowledgeGraph:
    """Read an export (its folder, or any RDF file of one), or several, from disk.

    `base` is the namespace in which queries look for keys; without it, the one in which the
    assertions are named, and the default one if there are several.

    Raises:
        KgError: it is not there, cannot be parsed, or holds no assertion.
    """
    from kg import store

    paths = [path] if isinstance(path, str | Path) else list(path)
    files = [file / DATASET if (file := Path(each)).is_dir() else file for each in paths]
    with _no_collecting():
        if len(files) == 1 and (pieces := store.lines(files[0])) and any(_assertions_of_lines(pieces)):
            return KnowledgeGraph.of_lines(pieces, base)
        found = [store.quads(file) for file in files]
        quads = found[0] if len(found) == 1 else store.unique(list(chain.from_iterable(found)))
    if not _bases(quads) and not any(quad[3].endswith(_graph("ontology")) for quad in quads):
        raise KgError(f"{', '.join(map(str, files))}: no assertion in it; kg.load reads what kg build writes")
    return KnowledgeGraph(quads, base)


_match_assertion = re.compile("<(.*)assertion_[0-9a-f]{32}>").fullmatch


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep Python from looking for rubbish among millions of new values that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _graph(name: str) -> str:
    """Give how the term of a named graph ends, whatever the base is."""
    from kg.rdf import graph_iri

    return graph_iri(name, "") + ">"


def _bases(quads: Iterable[Quad]) -> set[str]:
    type_, assertion = f"<{expand('rdf:type')}>", f"<{KG.Assertion}>"
    return {_base_of(s) for s, p, o, _ in quads if o == assertion and p == type_}


def _bases_of_lines(pieces: Iterable[bytes]) -> set[str]:
    return {_base_of(subject.decode()) for subject in _assertions_of_lines(pieces)}


def _base_of(assertion: str) -> str:
    match = _match_assertion(assertion)
    return match[1] if match else DEFAULT_BASE


def _assertions_of_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the subjects that are assertions."""
    said = f" <{expand('rdf:type')}> <{KG.Assertion}> ".encode()
    for piece in pieces:
        at = piece.find(said)
        while at >= 0:
            subject = piece[piece.rfind(b"\n", 0, at) + 1 : at]
            if b" " not in subject:  # else it stands in a text
                yield subject
            at = piece.find(said, at + len(said))
