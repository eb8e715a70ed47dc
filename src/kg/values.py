"""Text as typed, checked against the datatype that the ontology gives, as an N-Triples literal."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from kg import dates, nt, quantities
from kg.namespaces import (
    EDTF,
    XSD_ANY_URI,
    XSD_BOOLEAN,
    XSD_DATE,
    XSD_DECIMAL,
    XSD_INTEGER,
    XSD_NON_NEGATIVE,
)
from kg.terms import KG

_TRUE, _FALSE = ("true", "yes"), ("false", "no")


def literal(text: str, datatype: str) -> str:
    """Give the literal for `text`, its letters kept except where the datatype has one way to write it.

    A datatype that is not known here is taken as typed.

    Raises:
        ValueError: the text is no value of the datatype; the message says what would be.
    """
    check = _CHECKS.get(datatype)
    return nt.literal(check(text) if check else text, datatype)


def _boolean(text: str) -> str:
    if text.lower() in _TRUE:
        return "true"
    if text.lower() in _FALSE:
        return "false"
    raise ValueError(f"{text!r} is neither yes nor no; write true or false")


def _integer(text: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        raise ValueError(f"{text!r} is not a whole number; write digits only, such as 36")
    if re.fullmatch(r"[+-]?0[0-9]+", text) or text.startswith("+"):
        raise ValueError(f"{text!r} is not written as numbers are; write {int(text)}")
    return text


def _non_negative(text: str) -> str:
    if _integer(text).startswith("-"):
        raise ValueError(f"{text!r} is below zero; write a number from 0 up")
    return text


def _decimal(text: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", text):
        raise ValueError(f"{text!r} is not a number; write it with a point, such as 1.5")
    return text


def _date(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{text!r} is not a day; write it as 2017-05-14")
    try:
        datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day of the calendar") from error
    return text


def _edtf(text: str) -> str:
    return dates.parse(text).text


def _quantity(text: str) -> str:
    return quantities.parse_quantity(text).text


def _term(text: str) -> str:
    return quantities.parse_term(text).text


def web_address(text: str) -> str:
    """Give the text of an address that a reader can open in a browser.

    Raises:
        ValueError: it is no absolute IRI, or of another kind than http and https.
    """
    nt.iri(text)
    if not text.lower().startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no web address; write one that begins with https:// or http://")
    return text


def _iri(text: str) -> str:
    nt.iri(text)
    return text


_CHECKS: dict[str, Callable[[str], str]] = {
    XSD_BOOLEAN: _boolean,
    XSD_INTEGER: _integer,
    XSD_NON_NEGATIVE: _non_negative,
    XSD_DECIMAL: _decimal,
    XSD_DATE: _date,
    XSD_ANY_URI: _iri,
    EDTF: _edtf,
    KG.Quantity: _quantity,
    KG.Term: _term,
}
