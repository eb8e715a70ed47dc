"""The ontology's terms that code names. Written by `python -m kg._codegen`: do not edit."""

from typing import Final


class KG:
    """Terms of <https://w3id.org/reportedly/ontology#>."""

    Assertion: Final = "https://w3id.org/reportedly/ontology#Assertion"
    """One act of stating, alleging or denying one thing at one place in one report. Its subject,
    predicate and object are those of RDF reification."""

    Entity: Final = "https://w3id.org/reportedly/ontology#Entity"
    """Something that reports speak of: a person, a group of persons, a place, an organization."""

    Group: Final = "https://w3id.org/reportedly/ontology#Group"
    """Several persons of whom a report speaks together; how many they are is an assertion with the
    predicate size."""

    PersonOrGroup: Final = "https://w3id.org/reportedly/ontology#PersonOrGroup"
    """One person, or several persons whom a report does not tell apart."""

    Quantity: Final = "https://w3id.org/reportedly/ontology#Quantity"
    """A number as reported: 30, more than 30, at least 30, fewer than 30, at most 30, about 30, 30-40,
    dozens. Its bounds stand beside it as schema:minValue and schema:maxValue."""

    Report: Final = "https://w3id.org/reportedly/ontology#Report"
    """A document in which something is said: an article, a list, a verdict, a gazetteer."""

    Source: Final = "https://w3id.org/reportedly/ontology#Source"
    """One link of one chain of telling: a speaker, on what basis the speaker knows, and from which link
    the speaker learned it."""

    Term: Final = "https://w3id.org/reportedly/ontology#Term"
    """A penalty as reported: a length such as 5 years, 13 years 4 months, 5-10 years; or life; or
    death."""

    basis: Final = "https://w3id.org/reportedly/ontology#basis"
    """How the speaker knows: first-hand, from the family, from hearsay, from a document, as an official
    statement, or unknown."""

    certainty: Final = "https://w3id.org/reportedly/ontology#certainty"
    """Whether the report states it, or only carries it as alleged."""

    count: Final = "https://w3id.org/reportedly/ontology#count"
    """How many persons or times this assertion speaks of, as reported."""

    date: Final = "https://w3id.org/reportedly/ontology#date"
    """When it happened or held, in EDTF level 1, or [a..b] for one day within; its bounds stand beside
    it as sem:hasEarliestBeginTimeStamp and sem:hasLatestEndTimeStamp."""

    engine: Final = "https://w3id.org/reportedly/ontology#engine"
    """The program that proposed an extracted assertion, with its version."""

    episode: Final = "https://w3id.org/reportedly/ontology#episode"
    """The arrest or case that the assertion belongs to, in the curator's judgment; no part of what
    makes it this assertion."""

    evidence: Final = "https://w3id.org/reportedly/ontology#evidence"
    """Where it is said: a span of a report's text, by positions and digest, never by its words. Of a
    report: the whole text."""

    learnedFrom: Final = "https://w3id.org/reportedly/ontology#learnedFrom"
    """The next link inward: who told this speaker."""

    maxMonths: Final = "https://w3id.org/reportedly/ontology#maxMonths"
    """Computed from a term: the greatest number of whole months it can mean."""

    method: Final = "https://w3id.org/reportedly/ontology#method"
    """How the assertion came into the graph: typed by a person, proposed by a program and accepted by a
    person, or imported from a table."""

    minMonths: Final = "https://w3id.org/reportedly/ontology#minMonths"
    """Computed from a term: the least number of whole months it can mean."""

    noneGiven: Final = "https://w3id.org/reportedly/ontology#noneGiven"
    """The object of an assertion whose teller says that none was given. Not a denial: it says nothing
    about whether there is one."""

    polarity: Final = "https://w3id.org/reportedly/ontology#polarity"
    """Whether the teller affirms or denies what the assertion says."""

    refused: Final = "https://w3id.org/reportedly/ontology#refused"
    """The object of an assertion whose teller says that it was asked for and refused. Not a denial."""

    reviewer: Final = "https://w3id.org/reportedly/ontology#reviewer"
    """Who accepted what a program proposed: initials or a name that may be published."""

    speaker: Final = "https://w3id.org/reportedly/ontology#speaker"
    """Who speaks in this link: a named or unnamed person, group or organization."""

    toldBy: Final = "https://w3id.org/reportedly/ontology#toldBy"
    """The outermost link of the chain: whoever told the publisher, or the publisher itself."""

    unnamed: Final = "https://w3id.org/reportedly/ontology#unnamed"
    """True where the report gives no name; the label is then a description in the curator's words."""

    withdrawalReason: Final = "https://w3id.org/reportedly/ontology#withdrawalReason"
    """Why an assertion no longer counts: the curator's error, the source corrected or withdrew it,
    safety, or law. Safety and law leave no trace in what is published."""

    withdrawnBy: Final = "https://w3id.org/reportedly/ontology#withdrawnBy"
    """Who decided that an assertion no longer counts: initials or a name that may be published."""
