"""What the ontology files say: the classes, predicates and qualifiers that seeds may use."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from kg.namespaces import KG_NAMESPACE, expand
from kg.problems import KgError

type_, label, definition = expand("rdf:type"), expand("rdfs:label"), expand("skos:definition")
sub_class, sub_property = expand("rdfs:subClassOf"), expand("rdfs:subPropertyOf")
domain, range_ = expand("rdfs:domain"), expand("rdfs:range")
_AXIOMS = (sub_class, sub_property, domain, range_)
_PROPERTY_TYPES = {expand("owl:ObjectProperty"), expand("owl:DatatypeProperty"), expand("rdf:Property")}
_CLASS_TYPES = {expand("owl:Class"), expand("rdfs:Class")}
_FUNCTIONAL = expand("owl:FunctionalProperty")
_ENTITY, _ASSERTION = KG_NAMESPACE + "Entity", KG_NAMESPACE + "Assertion"

_T = TypeVar("_T", "Class", "Property")

STRUCTURAL = frozenset(
    KG_NAMESPACE + name
    for name in [
        "polarity",
        "certainty",
        "method",
        "toldBy",
        "evidence",
        "episode",
        "minMonths",
        "maxMonths",
        "unnamed",
        "speaker",
        "basis",
        "learnedFrom",
        "engine",
        "reviewer",
        "withdrawalReason",
        "withdrawnBy",
    ]
)
"""Properties that the encoder writes itself; no block of a seed may use them as predicate or qualifier."""


@lru_cache(maxsize=4096)
def kebab(local_name: str) -> str:
    """Give the form in which files write a term.

    >>> kebab("detainedAt"), kebab("PersonOrGroup")
    ('detained-at', 'person-or-group')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local_name).lower()


def local_name(iri: str) -> str:
    """Give what follows the last ``#`` or ``/``."""
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]


@dataclass(frozen=True, slots=True)
class Class:
    """A class whose members seeds may describe; `supers` are all classes above it, itself included."""

    iri: str
    key: str
    label: str
    definition: str
    supers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Property:
    """A predicate or qualifier; `supers` are all properties above it, itself excluded, sorted."""

    iri: str
    key: str
    label: str
    definition: str
    domain: str
    range: str
    takes_entity: bool
    supers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ontology:
    """The vocabulary of a project: `classes`, `predicates` and `qualifiers` by the key that files write."""

    classes: Mapping[str, Class]
    predicates: Mapping[str, Property]
    qualifiers: Mapping[str, Property]
    definitions: Mapping[str, str]
    """Every term's definition, by IRI."""
    labels: Mapping[str, str]
    """Every term's label, by IRI."""
    examples: Mapping[str, tuple[str, ...]]
    """skos:example of a term, sorted, by IRI."""
    axioms: tuple[tuple[str, str, str], ...]
    """Subclass, subproperty, domain and range axioms, and which property is functional, as IRIs, sorted."""

    def supers_of(self, class_iri: str) -> frozenset[str]:
        """Give all classes above one, itself included."""
        return _closure(class_iri, self._above(sub_class))

    def _above(self, axiom: str) -> dict[str, list[str]]:
        above: dict[str, list[str]] = defaultdict(list)
        for subject, predicate, object_ in self.axioms:
            if predicate == axiom:
                above[subject].append(object_)
        return above

    def property_by_iri(self) -> dict[str, Property]:
        """Give predicates and qualifiers by IRI."""
        return {p.iri: p for p in (*self.predicates.values(), *self.qualifiers.values())}


def _closure(start: str, above: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        for higher in above.get(waiting.pop(), ()):
            if higher not in found:
                found.add(higher)
                waiting.append(higher)
    return frozenset(found)


def load(paths: Iterable[Path]) -> Ontology:
    """Read ontology files in Turtle; later files add to earlier ones.

    A term without a label or definition is read with its name in their place; a property
    without a domain or range has that of the property above it.

    Raises:
        KgError: a file cannot be read or parsed, two terms share a key, or a property that
            seeds could use has no range or several.
    """
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for subject, predicate, object_ in _triples(path):
            if object_ not in facts[subject][predicate]:
                facts[subject][predicate].append(object_)
    return _ontology(facts)


def _triples(path: Path) -> Iterator[tuple[str, str, str]]:
    for triple in _parse(path, "the ontology"):
        if not isinstance(triple.subject, ox.NamedNode) or isinstance(triple.object, ox.BlankNode):
            raise KgError(
                f"{path}: an ontology holds no blank nodes, since its axioms travel in every export; "
                f"give {triple.subject} an IRI"
            )
        yield triple.subject.value, triple.predicate.value, getattr(triple.object, "value", "")


def _ontology(facts: Mapping[str, Mapping[str, list[str]]]) -> Ontology:
    axioms = {(s, p, o) for s, found in facts.items() for p in _AXIOMS for o in found.get(p, ())}
    axioms |= {(s, type_, _FUNCTIONAL) for s, found in facts.items() if _FUNCTIONAL in found.get(type_, ())}
    classes_above = {s: f.get(sub_class, []) for s, f in facts.items()}
    properties_above = {s: f.get(sub_property, []) for s, f in facts.items()}
    classes: dict[str, Class] = {}
    predicates: dict[str, Property] = {}
    qualifiers: dict[str, Property] = {}
    for iri in sorted(facts):
        found = facts[iri]
        types = set(found.get(type_, ()))
        if types & _CLASS_TYPES and iri != _ENTITY and _ENTITY in _closure(iri, classes_above):
            _add(classes, Class(*_words(iri, found), _closure(iri, classes_above)))
        elif types & _PROPERTY_TYPES and iri not in STRUCTURAL:
            subjects = _domain(iri, found, properties_above, facts)
            kind = qualifiers if subjects == _ASSERTION else predicates
            if subjects == _ASSERTION or (subjects and _ENTITY in _closure(subjects, classes_above)):
                objects = _range(iri, found, properties_above, facts)
                _add(
                    kind,
                    Property(
                        *_words(iri, found),
                        subjects,
                        objects,
                        _ENTITY in _closure(objects, classes_above),
                        tuple(sorted(_closure(iri, properties_above) - {iri})),
                    ),
                )
    # An inherited domain or range is written out, so that shapes need no walk to find it.
    for term in (*predicates.values(), *qualifiers.values()):
        axioms |= {(term.iri, domain, term.domain), (term.iri, range_, term.range)}
    return Ontology(
        classes,
        predicates,
        qualifiers,
        {iri: f[definition][0] for iri, f in facts.items() if definition in f},
        {iri: f[label][0] for iri, f in facts.items() if label in f},
        {
            iri: tuple(sorted(f[expand("skos:example")]))
            for iri, f in facts.items()
            if expand("skos:example") in f
        },
        tuple(sorted(axioms)),
    )


def closed_values(paths: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Give the values that shapes files allow by ``sh:in``, by property IRI, in the shapes' order.

    Only property shapes whose path is a plain IRI count (SHACL 2.3.1.1 and 4.8.3). Where several
    speak of one property, a value has to be in all of them, as SHACL has it.

    Raises:
        KgError: a file cannot be read or parsed.
    """
    closed: dict[str, tuple[str, ...]] = {}
    for path in paths:
        for of, values in _closed(path):
            closed[of] = tuple(value for value in closed.get(of, values) if value in values)
    return closed


def _closed(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for triple in _parse(path, "the shapes"):
        object_ = triple.object
        text = object_.value if isinstance(object_, ox.NamedNode | ox.Literal) else str(object_)
        facts[str(triple.subject)][triple.predicate.value] = text
    first, rest = expand("rdf:first"), expand("rdf:rest")
    for found in list(facts.values()):
        if (cell := found.get(expand("sh:in"))) and (of := found.get(expand("sh:path"))):
            values: dict[str, str] = {}
            while cell not in values and first in facts.get(cell, {}):
                values[cell] = facts[cell][first]
                cell = facts[cell].get(rest, "")
            yield of, tuple(values.values())


def _parse(path: Path, what: str) -> Iterator[ox.Triple]:
    try:
        yield from ox.parse(path.read_bytes().removeprefix(codecs.BOM_UTF8), ox.RdfFormat.TURTLE)
    except SyntaxError as error:
        raise KgError(f"{path}:{error.lineno}:{error.offset}: not Turtle: {error.msg}") from error
    except OSError as error:
        raise KgError(f"cannot read {what} {path}: {error.strerror}") from error


def _words(iri: str, found: Mapping[str, list[str]]) -> tuple[str, str, str, str]:
    key = kebab(local_name(iri))
    name = found.get(label, [key.replace("-", " ")])[0]
    meaning = (found.get(definition) or found.get(expand("rdfs:comment")) or [name])[0]
    return iri, key, name, meaning


def _domain(
    iri: str,
    found: Mapping[str, list[str]],
    above: Mapping[str, list[str]],
    facts: Mapping[str, Mapping[str, list[str]]],
) -> str:
    return _one(iri, domain, found, above, facts) or ""


def _range(
    iri: str,
    found: Mapping[str, list[str]],
    above: Mapping[str, list[str]],
    facts: Mapping[str, Mapping[str, list[str]]],
) -> str:
    objects = _one(iri, range_, found, above, facts)
    if objects is None:
        raise KgError(f"ontology: <{iri}> has no range; give it an rdfs:range, a class or a datatype")
    return objects


def _one(
    iri: str,
    axiom: str,
    found: Mapping[str, list[str]],
    above: Mapping[str, list[str]],
    facts: Mapping[str, Mapping[str, list[str]]],
) -> str | None:
    """Give the property's own domain or range, or that of the nearest property above it."""
    values = found.get(axiom, [])
    if len(values) > 1:
        raise KgError(f"ontology: <{iri}> has several values of <{axiom}>; a class above them says it in one")
    if values:
        return values[0]
    for higher in sorted(_closure(iri, above) - {iri}):
        if inherited := facts.get(higher, {}).get(axiom):
            return inherited[0]
    return None


def _add(table: dict[str, _T], term: _T) -> None:
    if term.key in table:
        raise KgError(
            f"ontology: <{term.iri}> and <{table[term.key].iri}> would both be written {term.key!r}"
        )
    table[term.key] = term
