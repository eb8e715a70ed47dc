"""The JSON Schema of seed files, for completion and hover text in editors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from kg.dates import EDTF_PATTERN
from kg.namespaces import EDTF, XSD_BOOLEAN, XSD_INTEGER, XSD_NON_NEGATIVE
from kg.ontology import Class, Ontology, Property
from kg.terms import KG

Schema = dict[str, object]

# YAML knows numbers and truth values; the reader takes every value as typed.
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_KEY: Schema = {"type": "string", "description": "the key of an entity"}
_ACCESS: Schema = {
    "enum": ["public", "restricted"],
    "description": "who may see it; the default stands in kg.toml",
}
_NOTE: Schema = {
    "type": "string",
    "description": "published as it stands; a private remark is a YAML comment",
}


def schema(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> bytes:
    """Give a JSON Schema (draft-07, the newest that YAML editors read) made from the ontology."""
    properties: Schema = {
        "access": _ACCESS,
        "report": _report(),
        "sources": _table(_source(choices), "one link of one chain of telling, under a key of its own"),
        "episodes": _table(
            {"anyOf": [_SCALAR, _object({"label": _SCALAR, "access": _ACCESS}, required=["label"])]},
            "arrests and cases that assertions can be tied to",
        ),
        "assertions": {"type": "array", "items": _block(ontology, choices)},
    }
    for key, class_ in ontology.classes.items():
        properties[key] = _table(_entity(class_), class_.definition)
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Seed of reported facts",
        "description": "One report and what it says, or entities that several reports share.",
        **_object(properties),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _object(properties: Mapping[str, object], required: Iterable[str] = ()) -> Schema:
    found: Schema = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**found, "required": list(required)} if required else found


def _table(of: Schema, description: str) -> Schema:
    return {"type": ["object", "null"], "description": description, "additionalProperties": of}


def _several(of: Schema) -> Schema:
    return {"anyOf": [of, {"type": "array", "items": of}]}


def _described(of: Schema, description: str) -> Schema:
    return {**of, "description": description}


def _date(description: str) -> Schema:
    return {
        "anyOf": [{"type": "string", "pattern": EDTF_PATTERN}, {"type": "number"}],
        "description": description,
    }


def _report() -> Schema:
    return _object(
        {
            "key": _described(_SCALAR, "the short name by which IRIs and commands call this report"),
            "title": _described(_SCALAR, "the title as published"),
            "type": _described(_SCALAR, "article (default), list, verdict, gazetteer, encyclopedia …"),
            "publisher": _described(_KEY, "the key of the organization or person that published it"),
            "published": _date("the day of publication, EDTF"),
            "language": _described(_SCALAR, "language tag, such as en"),
            "url": {"type": "string", "format": "uri"},
            "archive-url": {"type": "string", "format": "uri"},
            "retrieved": _date("the day on which the text was fetched"),
            "text": _object(
                {
                    "length": {"type": "integer", "description": "characters of the whole text"},
                    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
                ["length", "digest"],
            ),
            "access": _ACCESS,
            "note": _NOTE,
        },
        ["key", "title", "published"],
    )


def _source(choices: Mapping[str, tuple[str, ...]]) -> Schema:
    return _object(
        {
            "label": _SCALAR,
            "speaker": _described(_KEY, "the key of the person, group or organization that speaks"),
            "basis": {"enum": list(choices.get(KG.basis, ())), "description": "how the speaker knows"},
            "relation": _described(_SCALAR, "what the speaker is to the one spoken of, such as friend"),
            "learned-from": {"type": "string", "description": "the key of the next link inward"},
            "access": {
                "enum": ["public", "restricted", "withheld"],
                "description": "withheld: what it told is published, and who it was is not",
            },
        }
    )


def _entity(class_: Class) -> Schema:
    full = _object(
        {
            "label": _described(_SCALAR, "the name to show"),
            "unnamed": _described(
                _SCALAR, "instead of a label: a description, where the report gives no name"
            ),
            "also": _described(_several(_SCALAR), "other names"),
            "names": {
                "type": "object",
                "additionalProperties": _several(_SCALAR),
                "description": "names by language tag",
            },
            "same-as": _described(
                _several({"type": "string"}), "verified outside identifiers, such as wd:Q148"
            ),
            "note": _NOTE,
            "access": _ACCESS,
        }
    )
    return {"anyOf": [_SCALAR, full], "description": class_.definition}


def _block(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    qualifiers = {key: _value(property_, ontology) for key, property_ in ontology.qualifiers.items()}
    said = {
        key: _said(_value(property_, ontology), qualifiers, property_.definition)
        for key, property_ in ontology.predicates.items()
    }
    position: Schema = {"type": "integer", "minimum": 0}
    shared: Schema = {
        "about": _described(_several(_KEY), "who or what this block speaks of"),
        "told-by": {
            "type": "string",
            "description": "the key of a source; without it, the publisher's own voice",
        },
        "evidence": _object(
            {
                "start": position,
                "end": position,
                "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "record": {"type": "string", "format": "uri"},
            }
        ),
        "episode": _described(_several({"type": "string"}), "the key of the arrest or case it belongs to"),
        "polarity": {"enum": list(choices.get(KG.polarity, ()))},
        "certainty": {"enum": list(choices.get(KG.certainty, ()))},
        "method": {"enum": list(choices.get(KG.method, ()))},
        "withdrawn": _date("the day since which it no longer counts"),
        "access": _ACCESS,
        "note": _NOTE,
    }
    return _object({**shared, **said, **qualifiers}, ["about", "evidence"])


def _said(value: Schema, qualifiers: Mapping[str, object], description: str) -> Schema:
    narrowed = _object({"value": value, **qualifiers}, ["value"])
    one: Schema = {"anyOf": [value, narrowed]}
    return {"anyOf": [value, narrowed, {"type": "array", "items": one}], "description": description}


def _value(property_: Property, ontology: Ontology) -> Schema:
    if property_.takes_entity:
        return _described(_KEY, property_.definition)
    found: Schema = dict(_SCALAR)
    if property_.range == XSD_BOOLEAN:
        found = {"enum": [True, False, "yes", "no"]}
    elif property_.range == EDTF:
        return _date(property_.definition)
    elif property_.range in (XSD_INTEGER, XSD_NON_NEGATIVE):
        found = {"anyOf": [{"type": "integer"}, {"enum": ["none-given", "refused"]}]}
    if examples := ontology.examples.get(property_.range):
        found["examples"] = list(examples)
    return _described(found, property_.definition)
