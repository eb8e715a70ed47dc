"""What a text of a foreign table is, by the kind of value that is wanted: a date, a term, a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kg import dates, nt, quantities, values
from kg.cells import Kind
from kg.fields import NO_LABELS
from kg.importing.dateforms import EDTF as EDTF_FORM
from kg.importing.dateforms import Form, near_date, read_date
from kg.importing.texts import fold, slug
from kg.namespaces import EDTF, PREFIXES, XSD_STRING
from kg.ontology import Property
from kg.terms import KG

MAX_WORDS: Final = 2_000
"""Characters of the longest text that is taken as a value: longer ones are prose, which no value holds."""
MAX_NAME: Final = 300
"""Characters of the longest name."""
UNITS: Final = ("years", "months", "weeks", "days")


def _no_proposal(text: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Reader:
    """How a text is read: `of_cell` takes what stands in a cell, `of_map` what the map writes in its place.

    Both give the text of a record, and raise ValueError with what would be right. `is_open` tells that every
    text will do, so that a list of values beside it is to be complete. `propose` gives what a text that
    cannot be read was probably meant to be.
    """

    of_cell: Callable[[str, Kind], str]
    of_map: Callable[[str], str]
    code: str = "bad-value"
    is_open: bool = False
    propose: Callable[[str], str | None] = _no_proposal


def words() -> Reader:
    """Give the reader of a few words."""
    return Reader(lambda text, _: _short_enough(text, MAX_WORDS), lambda text: text, is_open=True)


def names() -> Reader:
    """Give the reader of the names of persons, places and other entities."""
    return Reader(lambda text, _: _name(text), _name, "no-name", is_open=True)


def literals(datatype: str) -> Reader:
    """Give the reader of values of a datatype."""

    def check(text: str) -> str:
        values.literal(text, datatype)
        return text

    return Reader(lambda text, _: check(text), check, propose=_whole_number)


def choices(allowed: Sequence[str]) -> Reader:
    """Give the reader of one of several words, whatever their case."""
    by_fold = {fold(choice): choice for choice in allowed}

    def check(text: str) -> str:
        if (choice := by_fold.get(fold(text))) is None:
            raise ValueError(f"{text!r} is none of the choices {', '.join(allowed)}")
        return choice

    return Reader(lambda text, _: check(text), check, "bad-choice")


def terms(unit: str | None = None) -> Reader:
    """Give the reader of terms of imprisonment; a number alone is one of `unit`: 2.5 years are 30 months."""

    def of_cell(text: str, _: Kind) -> str:
        if unit == "years" and (half := re.fullmatch("([0-9]+)[.,]50*", text)):
            return quantities.parse_term(f"{12 * int(half[1]) + 6} months").text
        if unit and re.fullmatch("[0-9]+([.,][0-9]+)?", text):
            number = text.replace(",", ".")
            text = f"{number} {unit[:-1] if number == '1' else unit}"
        return quantities.parse_term(text).text

    return Reader(of_cell, lambda text: quantities.parse_term(text).text, "bad-term", propose=_near_term)


def days(
    forms: Sequence[Form] = (),
    century: range | None = None,
    lasting: Sequence[str] = (),
    within: Sequence[str] = (),
) -> Reader:
    """Give the reader of dates in any of `forms`; without forms, of dates in EDTF.

    Where one of `lasting` stands between two dates it lasted from the one to the other, with `within` it was
    on one day between them. What a spreadsheet holds as a date is taken as it is.
    """
    known = tuple(forms) or (Form.of(EDTF_FORM),)

    def of_cell(text: str, kind: Kind) -> str:
        if kind is Kind.DATE:
            return dates.parse(re.sub("T00:00(:00)?$", "", text)).text
        return _date(text, known, century, lasting, within)

    return Reader(of_cell, lambda text: dates.parse(text).text, "bad-date", propose=near_date)


def of_property(
    property_: Property, allowed: Sequence[str] | None, dated: Reader, unit: str | None
) -> Reader:
    """Give the reader of what a predicate or a qualifier takes, if that is no entity.

    `allowed` are its choices, if it has a closed list; `dated` reads its dates.
    """
    if allowed:
        return choices(allowed)
    if property_.range == EDTF:
        return dated
    if property_.range == KG.Term:
        return terms(unit)
    return words() if property_.range == XSD_STRING else literals(property_.range)


def outside_names() -> Reader:
    """Give the reader of what else an entity is: an IRI, or one such as ``wd:Q42``."""

    def check(text: str) -> str:
        prefix, _, local = text.partition(":")
        if prefix in PREFIXES and local and not local.startswith("//"):
            nt.iri(PREFIXES[prefix] + local)
        elif local.startswith("//") or prefix == "urn":
            nt.iri(text)
        else:
            raise ValueError(f"{text!r} names nothing; write an IRI in full, or one such as wd:Q42")
        return text

    return Reader(lambda text, _: check(text), check, "bad-iri")


def languages() -> Reader:
    """Give the reader of language tags."""

    def check(text: str) -> str:
        nt.literal("", language=text)
        return text

    return Reader(lambda text, _: check(text), check, "bad-language")


def addresses() -> Reader:
    """Give the reader of addresses of pages."""

    def check(text: str) -> str:
        return values.web_address(text)

    return Reader(lambda text, _: check(text), check, "bad-iri")


# ---------------------------------------------------------------- how


def _short_enough(text: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(f"this text has {len(text):,} characters; at most {most:,} make a value")
    return text


def _name(text: str) -> str:
    if fold(text) in NO_LABELS:
        raise ValueError(f"{text!r} is no name")
    if not slug(text):
        raise ValueError(f"{text!r} is no name: it has neither letters nor digits")
    if slug(text) in NO_LABELS:
        raise ValueError(f"{text!r} is no name")
    return _short_enough(text, MAX_NAME)


def _date(
    text: str, forms: Sequence[Form], century: range | None, lasting: Sequence[str], within: Sequence[str]
) -> str:
    try:
        return read_date(text, forms, century)
    except ValueError:
        found = {
            date
            for joints, shape in ((lasting, "{}/{}"), (within, "[{}..{}]"))
            for joint in joints
            for date in _ranges(text, joint, shape, forms, century)
        }
        if len(found) > 1:
            raise ValueError(f"{text!r} can be {' or '.join(sorted(found))}") from None
        if not found:
            raise
        return found.pop()


def _ranges(text: str, joint: str, shape: str, forms: Sequence[Form], century: range | None) -> list[str]:
    """Give every reading of `text` as two dates with `joint` between them."""
    found = []
    place = text.find(joint)
    while joint and place >= 0 and len(text) <= quantities.MAX_LENGTH:
        try:
            sides = [
                read_date(side.strip(), forms, century) for side in (text[:place], text[place + len(joint) :])
            ]
            found.append(dates.parse(shape.format(*sides)).text)
        except ValueError:
            pass
        place = text.find(joint, place + 1)
    return found


def _near_term(text: str) -> str | None:
    """Give the one term that the message about a wrong one proposes."""
    try:
        quantities.parse_term(text)
    except ValueError as error:
        proposed = re.search("; write '([^']*)'$", str(error))
        return proposed[1] if proposed else None
    return None


def _whole_number(text: str) -> str | None:
    found = re.fullmatch("0*([0-9]{1,9})(?:[.,]0+)?", text.replace(" ", ""))
    return str(int(found[1])) if found else None
