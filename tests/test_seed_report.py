"""What the report of 1 August 2017 says, asked of the graph that is built from our seeds."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import build, project
from seed_facts import ID, LONGEST_RUN, prefixes

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
REPORT = "rfa-2017-08-01"
TEXT = Path(os.environ.get("KG_SEED_TEXT", ROOT.parent / "shared" / "extraction" / "reports" / "seed.txt"))

PREFIXES = prefixes(REPORT)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the report says: in our words, as subject, predicate and object, and what narrows it."""

    said: str
    triple: str
    narrowed: str = ""
    certainty: str = "stated"

    def __str__(self) -> str:
        return self.said

    @property
    def pattern(self) -> str:
        subject, predicate, object_ = self.triple.split(" ", 2)
        narrowed = f"; {self.narrowed}" if self.narrowed else ""
        return f"""?a rdf:subject {subject} ; rdf:predicate kg:{predicate} ; rdf:object {object_} ;
            prov:wasDerivedFrom id:report_{REPORT} ;
            kg:polarity "affirmed" ; kg:certainty "{self.certainty}" {narrowed}"""


def dated(date: str, *, inferred: bool = True) -> str:
    """Give the pattern of a date as it stands in the seed."""
    mark = " ; kg:inferred true" if inferred else ""
    return f'kg:date "{date}"^^edtf:EDTF{mark}'


# What a second reader noted, in that reader's order.
FACTS = (
    Fact(
        "dozens of Kazakhs were detained in Xinjiang",
        "here:detained-kazakhs detainedAt id:xinjiang",
        dated("2017-07~"),
    ),
    Fact(
        "the Chinese authorities detained them",
        "here:detained-kazakhs detainedBy here:chinese-authorities",
        dated("2017-07~"),
    ),
    Fact("those dozens are Kazakhs", 'here:detained-kazakhs ethnicity "Kazakh"'),
    Fact(
        "a student was detained at the border",
        "here:student detainedAt id:xinjiang-kazakhstan-border",
        "kg:toldBy source:publisher",
    ),
    Fact("border guards detained the student", "here:student detainedBy here:border-guards"),
    Fact("the student is Kazakh", 'here:student ethnicity "Kazakh"'),
    Fact("the student is a student", 'here:student occupation "student"'),
    Fact(
        "the student was detained on 28 July",
        "here:student detainedAt id:xinjiang-kazakhstan-border",
        f"{dated('2017-07-28')} ; kg:toldBy source:altay-source",
    ),
    Fact(
        "over 30 people were detained in the year so far",
        "here:wechat-thirty detainedAt id:xinjiang",
        dated("2017-01-01/2017-08-01"),
    ),
    Fact("Altay lies in Ili", "id:altay locatedIn id:ili"),
    Fact("Ili lies in Xinjiang", "id:ili locatedIn id:xinjiang"),
    Fact("Arishan lies in Bortala", "id:arishan locatedIn id:bortala"),
    Fact("Bortala lies in Xinjiang", "id:bortala locatedIn id:xinjiang"),
    Fact("Xinjiang lies in China", "id:xinjiang locatedIn id:china"),
    Fact("Jeminay lies in Xinjiang", "id:jeminay locatedIn id:xinjiang"),
    Fact(
        "the police of Arishan detained local people",
        "here:arishan-people detainedBy here:arishan-police",
        "kg:toldBy source:arishan-source",
    ),
    Fact("there were farmers among them", 'here:arishan-people occupation "farmer"'),
    Fact(
        "WeChat group members are said to have discussed emigration",
        'here:wechat-members chargedWith "discussing in group chats how to emigrate to Kazakhstan"',
        "kg:toldBy source:arishan-source",
        certainty="alleged",
    ),
    Fact(
        "WeChat group members have relatives in Kazakhstan",
        "here:wechat-members hasRelativesIn id:kazakhstan",
    ),
    Fact("Nurdalit was detained on 14 May", "id:nurdalit-ebrey detainedBy ?who", dated("2017-05-14")),
    Fact("police detained Nurdalit", "id:nurdalit-ebrey detainedBy here:arishan-police"),
    Fact(
        "nobody knows where Nurdalit is held",
        "id:nurdalit-ebrey heldAt ?place",
        f"{dated('2017-05-14')} . ?place kg:unnamed true",
    ),
    Fact("Nurdalit is an official", 'id:nurdalit-ebrey occupation "official"'),
    Fact("Nurdalit is from the county town", "id:nurdalit-ebrey residentIn here:arishan-county-town"),
    Fact(
        "Taiersezi was detained in mid-May",
        "id:taiersezi-dawutihan detainedAt ?place",
        f"{dated('2017-05~')} . ?place kg:unnamed true",
    ),
    Fact(
        "Taiersezi is a student",
        'id:taiersezi-dawutihan occupation "student"',
        "kg:toldBy source:taiersezi-friend",
    ),
    Fact("Taiersezi visited Kazakhstan", "id:taiersezi-dawutihan travelledTo id:kazakhstan"),
    Fact(
        "the wife of a source's friend was detained",
        "here:wife detainedAt here:wife-detention-place",
        dated("2017-07~"),
    ),
    Fact("that wife is a citizen of China", "here:wife citizenOf id:china"),
    Fact("she is the wife of the source's friend", "here:wife relativeOf here:husband", 'kg:role "wife"'),
    Fact("she often went to Kazakhstan", "here:wife travelledTo id:kazakhstan", "kg:circumstance ?often"),
    Fact("Sanat was detained in July", "id:sanat-arun-haj detainedAt ?home", dated("2017-07")),
    Fact(
        "Sanat was detained at home",
        "id:sanat-arun-haj detainedAt here:sanat-home",
        "kg:toldBy source:sanat-sources",
    ),
    Fact("Sanat lives in Arishan", "id:sanat-arun-haj residentIn id:arishan"),
    Fact("Sanat is 36", "id:sanat-arun-haj age 36"),
    Fact("Sanat is Kazakh", 'id:sanat-arun-haj ethnicity "Kazakh"'),
    Fact("Sanat is a herder", 'id:sanat-arun-haj occupation "herder"'),
    Fact(
        "Sanat was accused over WeChat posts",
        'id:sanat-arun-haj accusedOf "WeChat posts called \\"forbidden comments\\""',
        "kg:toldBy source:sanat-sources",
        certainty="alleged",
    ),
    Fact(
        "Sanat is said to have contacts in Kazakhstan",
        "id:sanat-arun-haj relatedToCountry id:kazakhstan",
        certainty="alleged",
    ),
    Fact(
        "a friend says that Serek got five years in secret",
        'id:serek-yelsik sentencedTo "5 years"^^kg:Term',
        "kg:toldBy source:serek-friend ; kg:secretTrial true",
    ),
    Fact(
        "a resident says that Serek got five years",
        'id:serek-yelsik sentencedTo "5 years"^^kg:Term',
        "kg:toldBy/kg:learnedFrom/kg:speaker here:serek-relatives",
    ),
    Fact("the county court sentenced Serek", "id:serek-yelsik sentencedBy id:qorghas-county-peoples-court"),
    Fact(
        "Serek was sentenced for trying to emigrate",
        'id:serek-yelsik chargedWith "attempting to emigrate to Kazakhstan"',
        "kg:toldBy source:serek-friend",
    ),
    Fact("Serek is Kazakh", 'id:serek-yelsik ethnicity "Kazakh"'),
    Fact("Serek is an imam", 'id:serek-yelsik occupation "imam"'),
    Fact("Serek is from Qorghas", "id:serek-yelsik residentIn id:qorghas"),
    Fact("Qorghas lies in Ili", "id:qorghas locatedIn id:ili"),
    Fact(
        "police detained Serek",
        "id:serek-yelsik detainedBy here:serek-police",
        "kg:toldBy source:serek-friend",
    ),
    Fact("Serek was detained at home", "id:serek-yelsik detainedAt here:serek-home"),
    Fact(
        "the police gave no reason for taking Serek",
        "id:serek-yelsik accusedOf kg:noneGiven",
        "kg:toldBy source:serek-friend",
    ),
    Fact("Serek has a wife", "here:serek-wife relativeOf id:serek-yelsik", 'kg:role "wife"'),
)

MORE_FACTS = (
    # how many
    Fact("they were dozens", 'here:detained-kazakhs size "dozens"^^kg:Quantity', "schema:minValue 24"),
    Fact(
        "they were more than 30", 'here:wechat-thirty size "more than 30"^^kg:Quantity', "schema:minValue 31"
    ),
    Fact(
        "official figures give about 1.5 million Kazakhs in China",
        'here:kazakhs-of-china size "about 1500000"^^kg:Quantity',
        'kg:toldBy source:official-figures . source:official-figures kg:basis "official-statement"',
    ),
    Fact(
        "at the peak nearly 38,000 left",
        'here:emigrants size "nearly 38000"^^kg:Quantity',
        dated("2006", inferred=False),
    ),
    # orders
    Fact(
        "Kazakhs were ordered to surrender passports",
        'here:ordered-kazakhs orderedTo "surrender passports"',
        dated("2017-07~"),
    ),
    Fact(
        "they were ordered to surrender green cards",
        'here:ordered-kazakhs orderedTo "surrender green cards of Kazakhstan"',
    ),
    Fact(
        "the order came from the Chinese authorities",
        "here:ordered-kazakhs orderedBy here:chinese-authorities",
        "kg:episode episode:papers-order ; kg:placeDetail ?parts",
    ),
    Fact("those ordered are citizens of China", "here:ordered-kazakhs citizenOf id:china"),
    Fact("green cards tie them to Kazakhstan", "here:ordered-kazakhs relatedToCountry id:kazakhstan"),
    Fact(
        "some got their papers back",
        'here:paper-owners orderedTo "surrender passports"',
        "kg:toldBy source:papers-sources ; kg:circumstance ?back",
    ),
    # who told whom
    Fact(
        "the police called Serek a political prisoner",
        'id:serek-yelsik accusedOf "being a political prisoner"',
        "kg:toldBy/kg:learnedFrom/kg:speaker here:serek-police",
    ),
    Fact(
        "the court refused Serek's wife the charges",
        "id:serek-yelsik chargedWith kg:refused",
        "kg:toldBy/kg:learnedFrom/kg:learnedFrom/kg:speaker id:qorghas-county-peoples-court",
    ),
    Fact(
        "the resident has the refusal from the wife",
        "id:serek-yelsik chargedWith kg:refused",
        "kg:toldBy/kg:learnedFrom/kg:speaker here:serek-wife",
    ),
    Fact(
        "the family's enquiries brought nothing",
        "id:serek-yelsik accusedOf kg:noneGiven",
        "kg:toldBy source:second-resident",
    ),
    Fact(
        "the relatives were sent the verdict",
        'id:serek-yelsik sentencedTo "5 years"^^kg:Term',
        "kg:circumstance ?sent",
    ),
    Fact(
        "Serek has relatives who were told",
        "here:serek-relatives relativeOf id:serek-yelsik",
        'kg:role "relatives"',
    ),
    Fact(
        "a witness saw the checks",
        'here:targeted-travellers ethnicity "Uyghur"',
        'kg:toldBy source:checkpoint-witness . source:checkpoint-witness kg:basis "first-hand"',
        certainty="alleged",
    ),
    Fact(
        "a friend of her husband speaks of the wife",
        "here:wife citizenOf id:china",
        'kg:toldBy source:kazakhstan-source ; kg:toldBy/schema:roleName "friend of her husband"',
    ),
    # who they are, and what ties them to a country
    Fact("there were herders among the people of Arishan", 'here:arishan-people occupation "herder"'),
    Fact("there were students among the people of Arishan", 'here:arishan-people occupation "student"'),
    Fact(
        "there were officials among the people of Arishan",
        'here:arishan-people occupation "government official"',
    ),
    Fact("the people of Arishan live there", "here:arishan-people residentIn id:arishan"),
    Fact(
        "the members' relatives live in Kazakhstan", "here:wechat-members-relatives residentIn id:kazakhstan"
    ),
    Fact("Taiersezi has relatives in Kazakhstan", "id:taiersezi-dawutihan hasRelativesIn id:kazakhstan"),
    Fact(
        "Sanat is said to have relatives in Kazakhstan",
        "id:sanat-arun-haj hasRelativesIn id:kazakhstan",
        certainty="alleged",
    ),
    Fact(
        "Serek is said to have tried to emigrate",
        "id:serek-yelsik triedToEmigrateTo id:kazakhstan",
        certainty="alleged",
    ),
    Fact(
        "the student tried to cross the border of Kazakhstan", "here:student relatedToCountry id:kazakhstan"
    ),
    Fact("customs had the student's phone checked", "here:student orderedBy here:customs"),
    Fact(
        "travellers had their phones searched",
        "here:travellers orderedTo ?what",
        "kg:toldBy source:checkpoint-witness ; kg:placeDetail ?checkpoint",
    ),
    Fact(
        "many of the Kazakhs of China are Muslims",
        'here:kazakhs-of-china ethnicity "Kazakh"',
        'kg:circumstance "many of them Muslims"',
    ),
    Fact(
        "the Uyghurs are mostly Muslims",
        'here:uyghurs ethnicity "Uyghur"',
        'kg:circumstance "mostly Muslims"',
    ),
    Fact(
        "most Kazakhs of China live in Ili",
        "here:kazakhs-of-china residentIn id:ili",
        "kg:toldBy source:official-figures",
    ),
    Fact("emigrants go to Kazakhstan", "here:emigrants travelledTo id:kazakhstan"),
    Fact("they go there to stay", "here:emigrants triedToEmigrateTo id:kazakhstan"),
    Fact("others once moved to China", "here:kazakhs-of-kazakhstan triedToEmigrateTo id:china"),
    Fact("a source in Kazakhstan is Kazakh", 'here:kazakhstan-source ethnicity "Kazakh"'),
    Fact("a source lives in Altay", "here:altay-source residentIn id:altay"),
    # what was held against them
    Fact(
        "the student had the Quran on her phone",
        'here:student accusedOf "having the Quran on her phone"',
        "kg:toldBy source:publisher",
    ),
    Fact(
        "customs found the app",
        "here:student accusedOf ?app",
        "kg:toldBy source:altay-source ; kg:episode episode:border-phone-checks",
    ),
    Fact(
        "the campaign is about ties abroad",
        'here:kazakhs-of-china accusedOf "connections abroad"',
        "kg:episode episode:xinjiang-campaign",
    ),
    Fact(
        "the campaign is for anybody with ties abroad",
        'here:people-with-foreign-ties accusedOf "connections abroad"',
        "kg:toldBy source:sources-both-countries",
    ),
    Fact("the Uyghurs met the same campaign", 'here:uyghurs accusedOf "connections abroad"'),
    Fact("over 30 were detained for WeChat talk", 'here:wechat-thirty accusedOf "conversations on WeChat"'),
    Fact(
        "Nurdalit is said to be one of the members",
        "id:nurdalit-ebrey chargedWith ?talk",
        "kg:episode episode:arishan-wechat-case",
        certainty="alleged",
    ),
    Fact(
        "the talk is said to tie Nurdalit to Kazakhstan",
        "id:nurdalit-ebrey relatedToCountry id:kazakhstan",
        "kg:toldBy source:arishan-source",
        certainty="alleged",
    ),
    # places
    Fact("the checkpoint is at Jeminay", "id:jeminay-border-checkpoint locatedIn id:jeminay"),
    Fact("the county town is in Arishan", "here:arishan-county-town locatedIn id:arishan"),
    Fact("Sanat's home is in Arishan", "here:sanat-home locatedIn id:arishan"),
    Fact("the people of Arishan were detained there", "here:arishan-people detainedAt id:arishan"),
)

NAMES = {
    "id:nurdalit-ebrey": ("Nurdalit Ebrey",),
    "id:taiersezi-dawutihan": ("Taiersezi Dawutihan",),
    "id:sanat-arun-haj": ("Sanat Arun Haj",),
    "id:serek-yelsik": ("Serek Yelsik",),
    "id:arishan": ("Arishan", "Wenquan"),
    "id:qorghas": ("Huocheng", "Qorghas"),
    "id:jeminay": ("Jeminay", "Jimunai"),
    "id:jeminay-border-checkpoint": ("Jimunai border checkpoint",),
    "id:altay": ("Altay",),
    "id:ili": ("Ili Kazakh Autonomous Prefecture",),
    "id:bortala": ("Bortala Mongol Autonomous Prefecture",),
    "id:xinjiang": ("Xinjiang",),
    "id:china": ("China",),
    "id:kazakhstan": ("Kazakhstan",),
    "id:qorghas-county-peoples-court": ("Qorghas County People's Court",),
    "id:radio-free-asia": ("RFA",),
}

EPISODES = {
    "xinjiang-campaign": (
        "here:detained-kazakhs",
        "here:kazakhs-of-china",
        "here:people-with-foreign-ties",
        "here:uyghurs",
    ),
    "border-phone-checks": ("here:student", "here:targeted-travellers", "here:travellers"),
    "student-border-case": ("here:student",),
    "wechat-detentions": ("here:wechat-thirty",),
    "arishan-wechat-case": ("here:arishan-people", "here:wechat-members", "id:nurdalit-ebrey"),
    "nurdalit-case": ("id:nurdalit-ebrey",),
    "taiersezi-case": ("id:taiersezi-dawutihan",),
    "papers-order": ("here:ordered-kazakhs", "here:paper-owners"),
    "wife-case": ("here:wife",),
    "sanat-case": ("id:sanat-arun-haj",),
    "serek-case": ("id:serek-yelsik",),
}

WRONG = (
    ("contacts in Kazakhstan do not make Sanat its citizen", "id:sanat-arun-haj kg:citizenOf id:kazakhstan"),
    ("Serek did not live in Kazakhstan", "id:serek-yelsik kg:residentIn id:kazakhstan"),
    ("what Sanat was accused of stays an allegation", "id:sanat-arun-haj kg:accusedOf ?anything"),
    ("that Serek tried to emigrate stays an allegation", "id:serek-yelsik kg:triedToEmigrateTo ?anywhere"),
    ("a refusal is no charge", "id:serek-yelsik kg:chargedWith kg:refused"),
    ("no reason given is no accusation", "id:serek-yelsik kg:accusedOf kg:noneGiven"),
    ("an unknown place is no place by that name", "id:nurdalit-ebrey kg:heldAt id:unknown"),
    ("a friend who tells is no occupation", 'id:taiersezi-dawutihan kg:occupation "friend"'),
)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    ours = project.find(ROOT)
    vocabulary = build.Vocabulary.of(ours)
    reading = build.read(ours, vocabulary, build.seed_files(ours, (SEEDS,), ROOT))
    assert reading.problems == ()
    lines = "".join(f"{' '.join(quad)} .\n" for quad in build.encode(ours, vocabulary, reading.corpus))
    loaded = ox.Store()
    loaded.load(lines.encode(), ox.RdfFormat.N_QUADS)
    return loaded


@pytest.fixture(scope="module")
def article() -> str:
    if not TEXT.is_file():
        pytest.skip("the article is no part of the project; set KG_SEED_TEXT to a copy of its text")
    with TEXT.open(encoding="utf-8", newline="") as file:
        return file.read().replace("\r\n", "\n")


def ask(store: ox.Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}", use_default_graph_as_union=True))


def rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(term.value for term in row) for row in found]


def shortened(iri: str) -> str:
    return iri.replace(f"{ID}{REPORT}_", "here:").replace(ID, "id:")


def test_each_fact_of_the_second_reader_is_listed_once():
    assert len(FACTS) == 51
    assert len({fact.said for fact in (*FACTS, *MORE_FACTS)}) == len(FACTS) + len(MORE_FACTS)


@pytest.mark.parametrize("fact", [*FACTS, *MORE_FACTS], ids=str)
def test_the_graph_says_that(store: ox.Store, fact: Fact):
    assert ask(store, fact.pattern)


@pytest.mark.parametrize("entity", NAMES)
def test_each_name_stands_as_reported(store: ox.Store, entity: str):
    query = f"""SELECT ?name WHERE {{
        ?a rdf:subject {entity} ; rdf:predicate kg:name ; rdf:object ?name ;
            prov:wasDerivedFrom id:report_{REPORT} }} ORDER BY ?name"""
    assert tuple(name for (name,) in rows(store, query)) == NAMES[entity]


@pytest.mark.parametrize("episode", EPISODES)
def test_an_episode_joins_what_belongs_together(store: ox.Store, episode: str):
    query = f"SELECT DISTINCT ?who WHERE {{ ?a kg:episode episode:{episode} ; rdf:subject ?who }}"
    assert tuple(sorted(shortened(who) for (who,) in rows(store, query))) == EPISODES[episode]


@pytest.mark.parametrize(("why", "pattern"), WRONG, ids=[why for why, _ in WRONG])
def test_the_view_does_not_say_that(store: ox.Store, why: str, pattern: str):
    assert not ask(store, f"GRAPH id:graph_view {{ {pattern} }}"), why


def test_the_view_and_the_alleged_graph_hold_what_was_said(store: ox.Store):
    assert ask(store, "GRAPH id:graph_view { id:serek-yelsik kg:residentIn id:qorghas }")
    assert ask(store, "GRAPH id:graph_alleged { id:serek-yelsik kg:triedToEmigrateTo id:kazakhstan }")
    assert ask(store, "GRAPH id:graph_view { id:taiersezi-dawutihan kg:relatedToCountry id:kazakhstan }")


def test_two_tellers_of_one_sentence_are_two_assertions(store: ox.Store):
    query = """SELECT DISTINCT ?teller ?months WHERE {
        ?a rdf:subject id:serek-yelsik ; rdf:predicate kg:sentencedTo ;
            kg:minMonths ?months ; kg:maxMonths ?months ; kg:toldBy/kg:speaker ?teller }"""
    assert sorted((shortened(teller), months) for teller, months in rows(store, query)) == [
        ("here:second-resident", "60"),
        ("here:serek-friend", "60"),
    ]


def test_an_unknown_place_is_never_shared(store: ox.Store):
    query = """SELECT ?place (COUNT(DISTINCT ?who) AS ?n) WHERE {
        ?who kg:detainedAt|kg:heldAt ?place . ?place kg:unnamed true } GROUP BY ?place"""
    assert {count for _, count in rows(store, query)} == {"1"}


@pytest.mark.parametrize(("date", "earliest", "latest"), [
    ("2017-07-28", "2017-07-28", "2017-07-28"),
    ("2017-07", "2017-07-01", "2017-07-31"),
    ("2017-05~", "2017-05-01", "2017-05-31"),
    ("2017-01-01/2017-08-01", "2017-01-01", "2017-08-01"),
    ("2006", "2006-01-01", "2006-12-31"),
])  # fmt: skip
def test_dates_have_bounds(store: ox.Store, date: str, earliest: str, latest: str):
    query = f"""SELECT DISTINCT ?earliest ?latest WHERE {{ ?a kg:date "{date}"^^edtf:EDTF ;
        prov:wasDerivedFrom id:report_{REPORT} ;
        sem:hasEarliestBeginTimeStamp ?earliest ; sem:hasLatestEndTimeStamp ?latest }}"""
    assert rows(store, query) == [(earliest, latest)]


def test_every_date_but_the_one_with_a_year_is_inferred(store: ox.Store):
    query = f"""SELECT DISTINCT ?date WHERE {{ ?a kg:date ?date ; prov:wasDerivedFrom id:report_{REPORT}
        FILTER NOT EXISTS {{ ?a kg:inferred true }} }}"""
    assert rows(store, query) == [("2006",)]


def test_every_named_place_is_found_in_china(store: ox.Store):
    query = f"""SELECT DISTINCT ?place WHERE {{ ?a rdf:subject|rdf:object ?place ;
        prov:wasDerivedFrom id:report_{REPORT} . ?place a ?class
        FILTER(?class IN (kg:Place, kg:Facility))
        FILTER NOT EXISTS {{ ?place kg:unnamed true }} }}"""
    places = {shortened(place) for (place,) in rows(store, query)}
    assert {"id:jeminay-border-checkpoint", "id:qorghas", "id:xinjiang-kazakhstan-border"} <= places
    assert {place for place in places if not ask(store, f"{place} kg:locatedIn+ id:china")} == set()


def test_every_chain_of_tellers_ends(store: ox.Store):
    assert not ask(store, "?link kg:learnedFrom+ ?link")
    assert ask(store, "source:second-resident-on-court kg:learnedFrom/kg:learnedFrom source:court-answer")


def test_nothing_is_described_that_is_not_used(store: ox.Store):
    query = f"""SELECT ?entity WHERE {{ ?entity kg:unnamed true
        FILTER(STRSTARTS(STR(?entity), "{ID}{REPORT}_"))
        FILTER NOT EXISTS {{ ?a rdf:subject|rdf:object|kg:speaker ?entity }} }}"""
    assert rows(store, query) == []


def test_every_assertion_has_a_span_and_a_digest(store: ox.Store):
    query = """SELECT ?a WHERE { ?a a kg:Assertion FILTER NOT EXISTS {
        ?a kg:evidence ?place . ?place schema:sha256 ?digest ; oa:hasSelector ?span ; oa:hasSource ?report .
        ?a prov:wasDerivedFrom ?report . ?span oa:start ?start ; oa:end ?end FILTER(?start < ?end) } }"""
    counted = f"SELECT (COUNT(?a) AS ?n) WHERE {{ ?a prov:wasDerivedFrom id:report_{REPORT} }}"
    assert rows(store, query) == []
    assert int(rows(store, counted)[0][0]) >= len(FACTS) + len(MORE_FACTS)


def test_every_span_is_in_the_article(store: ox.Store, article: str):
    query = f"""SELECT DISTINCT ?start ?end ?digest WHERE {{ ?place oa:hasSource id:report_{REPORT} ;
        schema:sha256 ?digest ; oa:hasSelector ?span . ?span oa:start ?start ; oa:end ?end }}"""
    spans = rows(store, query)
    assert ("0", str(len(article)), hashlib.sha256(article.encode()).hexdigest()) in spans
    for start, end, digest in spans:
        assert hashlib.sha256(article[int(start) : int(end)].encode()).hexdigest() == digest


def runs(text: str) -> set[tuple[str, ...]]:
    """Give every run of words that is one longer than a seed may share."""
    words, length = re.findall(r"\w+", text.lower()), LONGEST_RUN + 1
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.yaml")), ids=lambda path: path.name)
def test_no_sentence_of_the_article_is_in_a_seed(store: ox.Store, article: str, seed: Path):
    ((title,),) = rows(store, f"SELECT ?title WHERE {{ id:report_{REPORT} dcterms:title ?title }}")
    assert runs(title)
    assert not (runs(seed.read_text(encoding="utf-8")) & runs(article)) - runs(title)
