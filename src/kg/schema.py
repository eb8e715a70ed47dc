"""The JSON Schema of seed files, for completion and hover text in editors.

An editor takes the values of YAML 1.2: numbers and truth values are none, dates are texts. The
reader takes every value as typed, so a text may be a number here. Nothing is said with ``anyOf``
where a list of types does, since editors then name the one thing that is wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import cast

from kg import nt
from kg.dates import EDTF_PATTERN
from kg.namespaces import (
    EDTF,
    PREFIXES,
    XSD_ANY_URI,
    XSD_BOOLEAN,
    XSD_DATE,
    XSD_DECIMAL,
    XSD_INTEGER,
    XSD_NON_NEGATIVE,
)
from kg.ontology import Ontology, Property
from kg.terms import KG

Schema = dict[str, object]

_SCALAR = ("string", "number", "boolean")
_DIGEST: Schema = {"type": ["string", "number"], "pattern": "^[0-9a-f]{64}$"}
_IRI: Schema = {"type": "string", "format": "uri"}
_ADDRESS: Schema = {**_IRI, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
_ACCESS: Schema = {
    "enum": ["public", "restricted"],
    "description": "who may see it; the default stands in kg.toml",
}
_VALUES: Mapping[str, Schema] = {
    XSD_BOOLEAN: {"type": ["boolean", "string"], "pattern": "^(yes|Yes|YES|no|No|NO|true|false)$"},
    XSD_INTEGER: {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"},
    XSD_NON_NEGATIVE: {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"},
    XSD_DECIMAL: {"type": ["number", "string"], "pattern": "^[+-]?[0-9]+([.][0-9]+)?$"},
    XSD_DATE: {"type": ["string"], "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    XSD_ANY_URI: {"type": ["string"], "format": "uri"},
    EDTF: {"type": ["string", "number"], "pattern": EDTF_PATTERN},
}
"""What a datatype takes; any other one takes every scalar."""


def schema(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> bytes:
    """Give a JSON Schema (draft-07, the newest that YAML editors read) made from the ontology.

    `choices` are the closed vocabularies, by property IRI (`kg.ontology.closed_values`).
    """
    properties: Schema = {
        "access": _ACCESS,
        "report": _report(),
        "sources": _sources(ontology, choices),
        "episodes": _table(
            "arrests and cases that assertions can be tied to",
            _object({"label": _text("a few words on what happened"), "access": _ACCESS}, ["label"], _SCALAR),
        ),
        "assertions": {
            "type": "array",
            "description": "blocks, each of what one source says at one place in the report",
            "items": _block(ontology, choices),
        },
    }
    for key, class_ in ontology.classes.items():
        properties[key] = _table(class_.definition, _reference("entity"))
    definitions: Schema = {"entity": _entity()}
    for key, qualifier in ontology.qualifiers.items():
        definitions[f"qualifier-{key}"] = {**_value(qualifier, ontology), "description": qualifier.definition}
    for predicate in ontology.predicates.values():
        definitions.setdefault(_said_name(predicate), _said(predicate, ontology))
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Seed of reported facts",
        "description": "One report and what it says, or entities that several reports share.",
        **_object(properties),
        "dependencies": {"assertions": ["report"], "sources": ["report"]},
        "definitions": definitions,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def line_schema(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> bytes:
    """Give a JSON Schema (draft-07) of one record, as a line of a ``.jsonl`` seed holds it.

    An object with ``class`` describes something, one with ``predicate`` says something.
    """
    definitions: Schema = {
        f"qualifier-{key}": {**_value(qualifier, ontology), "description": qualifier.definition}
        for key, qualifier in ontology.qualifiers.items()
    }
    key = _text("the short name by which others call it")
    report = _text("the key of the report that it belongs to")
    described: dict[str, Schema] = {
        "report": _report(),
        "source": _of(_table_item(_sources(ontology, choices)), {"key": key, "report": report}, ["report"]),
        "episode": _object({"key": key, "label": _text("a few words on what happened"), "access": _ACCESS}),
    }
    entity = _of(_entity(), {"key": key, "report": report}, [])
    for name, found in (*described.items(), *((name, entity) for name in ontology.classes)):
        definitions[name] = _of({**found, "type": "object"}, {"class": {"const": name}}, ["class", "key"])
    definitions["assertion"] = _said_in_line(ontology, choices)
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Record of reported facts",
        "description": "One line of a seed: something that is described, or something that is said.",
        "type": "object",
        "if": {"required": ["class"]},
        "then": {"oneOf": [_reference(name) for name in (*described, *ontology.classes)]},
        "else": _reference("assertion"),
        "definitions": definitions,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _said_in_line(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    block = _properties(_block(ontology, choices))
    evidence = _properties(cast("Schema", block["evidence"]))
    shared = {name: found for name, found in block.items() if name not in (*ontology.predicates, "about")}
    own = {
        "subject": _texts("the key of who or what it speaks of"),
        "predicate": {"enum": list(ontology.predicates), "description": "what is said"},
        "object": {
            "description": "a key, a value, unknown, none-given or refused; {text: …} is none of these words"
        },
        "report": _text("the key of the report that says it"),
    }
    return _object({**own, **evidence, **shared}, ["subject", "predicate", "object", "report"])


def _properties(of: Schema) -> Schema:
    return cast("Schema", of["properties"])


def _table_item(table: Schema) -> Schema:
    return cast("Schema", table["additionalProperties"])


def _of(found: Schema, more: Schema, required: Iterable[str]) -> Schema:
    """Give a schema of objects with more properties, some of them required."""
    known = cast("list[str]", found.get("required", []))
    return {
        **found,
        "properties": {**more, **_properties(found)},
        "required": list(dict.fromkeys((*required, *known))),
    }


# ---------------------------------------------------------------- parts of a schema


def _object(
    properties: Mapping[str, object], required: Iterable[str] = (), or_: Iterable[str] = ()
) -> Schema:
    """Give an object of these properties and no others; `or_` are types that may stand in its place."""
    found: Schema = {"type": [*or_, "object"] if or_ else "object", "properties": dict(properties)}
    found["additionalProperties"] = False
    return {**found, "required": list(required)} if required else found


def _table(description: str, of: Schema) -> Schema:
    return {"type": ["object", "null"], "description": description, "additionalProperties": of}


def _text(description: str) -> Schema:
    return {"type": list(_SCALAR), "description": description}


def _texts(description: str) -> Schema:
    return {"type": [*_SCALAR, "array"], "items": {"type": list(_SCALAR)}, "description": description}


def _date(description: str, datatype: str = EDTF) -> Schema:
    return {**_VALUES[datatype], "description": description}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


# ---------------------------------------------------------------- sections of a seed


def _report() -> Schema:
    return _object(
        {
            "key": _text("the short name by which IRIs and commands call this report"),
            "title": _text("the title as published"),
            "type": _text("article (default), list, verdict, gazetteer, encyclopedia …"),
            "publisher": _text("the key of the organization or person that published it"),
            "published": _date("the day of publication, EDTF"),
            "language": _text("language tag, such as en"),
            "url": {**_ADDRESS, "description": "where it is published"},
            "archive-url": {**_ADDRESS, "description": "where an archive keeps it"},
            "retrieved": _date("the day on which the text was fetched"),
            "copied-from": _text("the key of the report that this one repeats"),
            "text": _object(
                {
                    "length": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "characters of the whole text",
                    },
                    "digest": {**_DIGEST, "description": "SHA-256 of the whole text in UTF-8"},
                },
                ["length", "digest"],
            ),
            "access": _ACCESS,
            "note": _text("published as it stands; a private remark is a YAML comment"),
        },
        ["key", "title", "published"],
    )


def _sources(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    link = _object(
        {
            "label": _text("the name to show; without it, that of the speaker"),
            "speaker": _text("the key of the person, group or organization that speaks"),
            "basis": _choice(KG.basis, ontology, choices),
            "relation": _text("what the speaker is to the one spoken of, such as friend"),
            "learned-from": _text("the key of the next link inward"),
            "access": {
                "enum": ["public", "restricted", "withheld"],
                "description": "withheld: what it told is published, and who it was is not",
            },
        }
    )
    table = _table(
        "links of chains of telling, each under a key of its own", {**link, "required": ["speaker"]}
    )
    # The publisher's own voice is there by itself, and its speaker is the publisher.
    return {**table, "properties": {"publisher": link}}


def _entity() -> Schema:
    full = _object(
        {
            "label": _text("the name to show"),
            "unnamed": _text("instead of a label: a description, where the report gives no name"),
            "also": _texts("other names"),
            "names": {
                "type": "object",
                "additionalProperties": _texts("names in this language"),
                "description": "names by language tag",
            },
            "same-as": _texts("verified outside identifiers, such as wd:Q148"),
            "note": _text("published as it stands; a private remark is a YAML comment"),
            "access": _ACCESS,
        },
        or_=_SCALAR,
    )
    one_of_two = {
        "anyOf": [{"required": ["label"]}, {"required": ["unnamed"]}],
        "not": {"type": "object", "required": ["label", "unnamed"]},
    }
    return {**full, **one_of_two}


def _block(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    position: Schema = {"type": "integer", "minimum": 0}
    evidence = _object(
        {
            "start": {**position, "description": "the first character of the span, counted from 0"},
            "end": {**position, "description": "the first character after the span"},
            "digest": {**_DIGEST, "description": "SHA-256 of the span in UTF-8"},
            "record": {**_IRI, "description": "instead of a span: the IRI of a record"},
            "file": _text("instead of a span: the name of a table's file, with row and digest"),
            "sheet": _text("the sheet of a workbook"),
            "row": {
                "type": "integer",
                "minimum": 1,
                "description": "as spreadsheets count, headers included",
            },
            "column": _text("the letters of one column, such as D"),
        }
    )
    shared: Schema = {
        "about": _texts("the key of who or what this block speaks of, or several"),
        "told-by": _text("the key of a source; without it, the publisher's own voice"),
        "evidence": {
            **evidence,
            "anyOf": [
                {"required": ["start", "end", "digest"]},
                {"required": ["record"]},
                {"required": ["file", "row", "digest"]},
            ],
            "description": "where it is said, as kg cite prints it",
        },
        "episode": _texts("the key of the arrest or case it belongs to, or several"),
        "polarity": _choice(KG.polarity, ontology, choices),
        "certainty": _choice(KG.certainty, ontology, choices),
        "method": _choice(KG.method, ontology, choices),
        "engine": _text(ontology.definitions[KG.engine]),
        "reviewer": _text(ontology.definitions[KG.reviewer]),
        "withdrawn": _withdrawal(ontology, choices),
        "corrects": {
            "type": "string",
            "pattern": "^[0-9a-f]{32}$",
            "description": "the digits that end the IRI of the assertion in whose place this one stands",
        },
        "access": _ACCESS,
        "note": _text("published as it stands; a private remark is a YAML comment"),
    }
    said: Schema = {
        key: {"description": predicate.definition, "allOf": [_reference(_said_name(predicate))]}
        for key, predicate in ontology.predicates.items()
    }
    return _object({**shared, **said, **_qualifiers(ontology)}, ["about", "evidence"])


def _withdrawal(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    day = _date("the day since which it no longer counts", XSD_DATE)
    full = _object(
        {
            "date": day,
            "reason": _choice(KG.withdrawalReason, ontology, choices),
            "by": _text(ontology.definitions[KG.withdrawnBy]),
        },
        ["date"],
    )
    return {**day, **full, "type": ["string", "object"]}


def _qualifiers(ontology: Ontology) -> Schema:
    return {key: _reference(f"qualifier-{key}") for key in ontology.qualifiers}


def _choice(property_: str, ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> Schema:
    return {"enum": list(choices.get(property_, ())), "description": ontology.definitions.get(property_, "")}


def _said_name(predicate: Property) -> str:
    """Give the name of the definition that all predicates of one range share."""
    if predicate.takes_entity:
        return "said-with-key"
    range_ = nt.iri(predicate.range)
    name = nt.Curies(PREFIXES)[range_]
    if name == range_:
        name = hashlib.sha256(range_.encode()).hexdigest()[:16]
    return f"said-with-{name.replace(':', '-')}"


def _said(predicate: Property, ontology: Ontology) -> Schema:
    """Give what stands behind a predicate: a value, a mapping that narrows one, or a list of these."""
    value = _value(predicate, ontology, special=True)
    types = value["type"]
    assert isinstance(types, list)  # noqa: S101  (for mypy: a Schema is of objects)
    narrowed = _object({"value": value, **_qualifiers(ontology)}, ["value"], types)
    one = {**value, **narrowed}
    return {**one, "type": [*types, "object", "array"], "items": one}


def _value(property_: Property, ontology: Ontology, *, special: bool = False) -> Schema:
    found: Schema = {"type": list(_SCALAR)}
    examples = list(ontology.examples.get(property_.range, ()))
    if property_.takes_entity:
        examples = ["unknown"]
    else:
        found |= _VALUES.get(property_.range, {})
    if special:
        examples += ["none-given", "refused"]
        if "pattern" in found:
            found["pattern"] = f"{found['pattern']}|^(none-given|refused)$"
    return {**found, "examples": examples} if examples else found
