"""The unnamed entity that the word "unknown" stands for in a seed."""

from __future__ import annotations

import hashlib

from kg.model import Access, Entity, Evidence
from kg.ontology import Ontology, Property
from kg.terms import KG


def unknown_entity(
    subject: Entity,
    predicate: Property,
    report: str,
    evidence: Evidence,
    access: Access,
    base: str,
    ontology: Ontology,
) -> Entity:
    """Give what "unknown" stands for as the object of `predicate`: another one for each subject and place.

    `report` is the key of the report, `access` the mark of the assertion.
    """
    who = subject.iri.removeprefix(base).removeprefix(f"{report}_").replace("_", "-")
    place = evidence.digest or hashlib.sha256(evidence.record.encode()).hexdigest()
    is_class = any(class_.iri == predicate.range for class_ in ontology.classes.values())
    return Entity(
        f"{base}{report}_unknown-{predicate.key}-{who}-{place[:8]}",
        predicate.range if is_class else KG.Entity,
        f"unknown ({subject.label}, {predicate.label})",
        True,
        access=min(access, subject.access),
    )
