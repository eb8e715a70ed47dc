"""What four more reports say, asked of the graph of our seeds: two pairs, each on one case.

The two on Belarus share people and a trial. Of the two on Eswatini one takes over the other, so
that what both say has one origin.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from seed_facts import ID, SEEDS, Fact, ask, corpus, dated, rows, runs, shortened, text_of

REPORTERS, RIVAL = "belarus-2021-02-09", "belarus-2021-02-17"
RAIDS, COPY = "reuters-2019-12-20", "eswatini-2019-12-20"
TEXTS = {
    REPORTERS: "by-bakhvalova-chultsova.txt",
    RIVAL: "by-babaryko.txt",
    RAIDS: "sz-dludlu-a.txt",
    COPY: "sz-dludlu-b.txt",
}

ORGANISING = "organising and preparing protests in gross violation of public order"
NAMELESS = "?place kg:unnamed true"
NOWHERE = f"kg:polarity ?said . {NAMELESS}"


def of_two(report: str, said: str, triple: str, *narrowed: str, **how: str) -> tuple[Fact, Fact]:
    """Give one fact for each of the two journalists; SHE and HER stand for her key and her source."""
    first, second = (
        Fact(
            report,
            said.replace("SHE", name),
            triple.replace("SHE", f"id:{key}"),
            " ; ".join(narrowed).replace("HER", f"source:{key.partition('-')[2]}"),
            **how,
        )
        for name, key in (("Bakhvalova", "katerina-bakhvalova"), ("Chultsova", "daria-chultsova"))
    )
    return first, second


# What a second reader noted, in that reader's order. Of the other two reports there is no such list.
SECOND_READER = {
    REPORTERS: (
        Fact(REPORTERS, "Bakhvalova is 27", "id:katerina-bakhvalova age 27"),
        Fact(REPORTERS, "Chultsova is 23", "id:daria-chultsova age 23"),
        *of_two(
            REPORTERS,
            "SHE was detained on 15 November 2020",
            "SHE detainedAt ?place",
            f"{dated('2020-11-15')} . {NAMELESS}",
        ),
        *of_two(
            REPORTERS, "SHE is a journalist for Belsat", 'SHE occupation "journalist"', "kg:circumstance ?for"
        ),
        *of_two(REPORTERS, "SHE is a citizen of Belarus", "SHE citizenOf id:belarus"),
        *of_two(
            REPORTERS,
            "SHE was first charged with taking part",
            'SHE chargedWith "participating in an unauthorised demonstration"',
            dated("2020-11"),
        ),
        *of_two(REPORTERS, "SHE was then charged with organising", f'SHE chargedWith "{ORGANISING}"'),
        *of_two(
            REPORTERS,
            "SHE denies organising protests",
            'SHE chargedWith "organising protests"',
            dated("2021-02-09"),
            "kg:toldBy HER",
            polarity="denied",
        ),
        Fact(
            REPORTERS,
            "Tikhanovskaya leads the opposition",
            'id:svetlana-tikhanovskaya occupation "opposition leader"',
            'kg:circumstance "in exile"',
        ),
        Fact(REPORTERS, "four or more protesters died", "here:dead-protesters diedAt ?there", dated("2020")),
    ),
    RAIDS: (
        Fact(
            RAIDS,
            "Dludlu was arrested on 20 December 2019",
            "id:wandile-dludlu detainedBy id:eswatini-police",
            f"{dated('2019-12-20')} ; kg:toldBy source:makhanya",
        ),
        Fact(
            RAIDS,
            "Dludlu is a secretary general",
            'id:wandile-dludlu occupation "secretary general of PUDEMO"',
        ),
        Fact(
            RAIDS,
            "the parties say that the head of one was arrested",
            "here:party-head detainedBy id:eswatini-police",
            f"{dated('2019-12-20')} ; kg:toldBy source:parties . here:party-head kg:unnamed true",
        ),
        Fact(
            RAIDS,
            "the commissioner denies that they were detained",
            "here:raided-people detainedBy id:eswatini-police",
            "kg:toldBy source:dlamini",
            polarity="denied",
        ),
        Fact(
            RAIDS,
            "Fakudze was detained on 20 December 2019",
            "id:dumisani-fakudze detainedBy id:eswatini-police",
            f"{dated('2019-12-20')} ; kg:toldBy/kg:speaker id:communist-party-of-swaziland",
        ),
        Fact(
            RAIDS,
            "Fakudze chairs a party",
            'id:dumisani-fakudze occupation "national chairperson of the Communist Party of Swaziland"',
        ),
        Fact(
            RAIDS,
            "Sithole was released about then",
            "id:jan-sithole releasedFrom ?place",
            f"{dated('2019-12-20~')} ; kg:toldBy source:sithole . {NAMELESS}",
        ),
        Fact(RAIDS, "Sithole is a trade unionist", 'id:jan-sithole occupation "trade unionist"'),
        Fact(RAIDS, "Makhanya is a president", 'id:mlungisi-makhanya occupation "president of PUDEMO"'),
        Fact(RAIDS, "Dlamini leads the police", 'id:william-dlamini occupation "police commissioner"'),
        Fact(RAIDS, "Mswati is king", 'id:mswati-iii occupation "king"'),
        Fact(
            RAIDS,
            "Siphelele Mashwama is the king's spouse",
            "id:siphelele-mashwama relativeOf id:mswati-iii",
            'kg:role "spouse"',
        ),
        Fact(
            RAIDS,
            "Simelane speaks for government and king",
            'id:percy-simelane occupation "spokesman for the government and the king"',
        ),
    ),
}

MORE = (
    # the trial of the two journalists
    Fact(REPORTERS, "at least four died", 'here:dead-protesters size "at least four"^^kg:Quantity', "schema:minValue 4"),
    Fact(
        REPORTERS,
        "hundreds say they were tortured",
        "here:tortured-protesters heldAt ?place",
        "kg:toldBy/kg:speaker here:tortured-protesters",
        certainty="alleged",
    ),
    Fact(REPORTERS, "thousands were jailed", 'here:jailed-protesters size "thousands"^^kg:Quantity'),
    *of_two(REPORTERS, "SHE spent seven days in custody", "SHE heldAt ?place", dated("2020-11-15/2020-11-22~")),
    *of_two(REPORTERS, "SHE sat in a cage in Minsk", "SHE heldAt id:minsk", "kg:placeDetail ?cage"),
    *of_two(REPORTERS, "SHE may get three years", f'SHE chargedWith "{ORGANISING}"', "kg:circumstance ?up_to"),
    *of_two(
        REPORTERS,
        "SHE pleads not guilty",
        f'SHE chargedWith "{ORGANISING}"',
        "kg:toldBy HER",
        'kg:toldBy/kg:basis "first-hand"',
        polarity="denied",
    ),
    *of_two(
        REPORTERS,
        "the prosecutor accuses SHE of drawing people",
        'SHE accusedOf "attracting people to a mass event by their broadcast"',
        "kg:toldBy source:prosecutor",
    ),
    *of_two(REPORTERS, "SHE was not released", "SHE releasedFrom ?place", dated("2021-02-09"), polarity="denied"),
    *of_two(
        REPORTERS, "SHE was not told to stay", 'SHE orderedTo "stay in the country"', polarity="denied"
    ),
    *of_two(REPORTERS, "SHE is heard again on 16 February", "SHE chargedWith ?what", dated("2021-02-16")),
    *of_two(
        REPORTERS,
        "an embassy wants SHE free",
        f'SHE chargedWith "{ORGANISING}"',
        f"{dated('2021-02-08')} ; kg:toldBy/kg:speaker id:us-embassy-in-belarus",
    ),
    *of_two(
        REPORTERS,
        "Tikhanovskaya sees another reason against SHE",
        "SHE accusedOf ?weakness",
        "kg:toldBy/kg:speaker id:svetlana-tikhanovskaya",
    ),
    Fact(
        REPORTERS,
        "an association counts 477 detentions",
        "here:media-workers detainedAt id:belarus",
        f'kg:count "477"^^kg:Quantity ; {dated("2020", inferred=False)} ; kg:toldBy source:association-of-journalists',
    ),
    Fact(
        REPORTERS,
        "the killed protester died before the rally",
        "here:killed-protester diedAt ?place",
        dated("[..2020-11-15]"),
    ),
    # the trial of Viktor Babaryko, and what else that report tells
    Fact(
        RIVAL,
        "Babaryko was arrested in June 2020",
        "id:viktor-babaryko detainedAt here:babaryko-arrest-place",
        f"{dated('2020-06')} ; kg:episode episode:babaryko-case",
    ),
    Fact(
        RIVAL,
        "the KGB says that he took bribes",
        'id:viktor-babaryko chargedWith "receiving bribes"',
        "kg:toldBy/kg:speaker id:belarus-kgb",
    ),
    Fact(
        RIVAL,
        "the KGB says that he laundered money",
        'id:viktor-babaryko chargedWith "laundering funds obtained by criminal means"',
        'kg:toldBy/kg:basis "official-statement"',
    ),
    Fact(
        RIVAL,
        "his trial opened on 17 February",
        "id:viktor-babaryko chargedWith ?offences",
        f'{dated("2021-02-17")} ; kg:circumstance "his trial opened"',
    ),
    Fact(
        RIVAL, "his trial goes on the next day", "id:viktor-babaryko chargedWith ?offences", dated("2021-02-18")
    ),
    Fact(
        RIVAL,
        "he is in custody before the verdict",
        "id:viktor-babaryko heldAt ?place",
        f'kg:circumstance "in pre-trial custody" . {NAMELESS}',
    ),
    Fact(RIVAL, "he sat in a cage", "id:viktor-babaryko heldAt here:babaryko-courthouse", 'kg:role "defendant"'),
    Fact(RIVAL, "the courthouse is in Minsk", "here:babaryko-courthouse locatedIn id:minsk"),
    Fact(RIVAL, "Minsk is in Belarus", "id:minsk locatedIn id:belarus"),
    Fact(RIVAL, "Babaryko is 57", "id:viktor-babaryko age 57"),
    Fact(
        RIVAL, "he was a banker", 'id:viktor-babaryko occupation "banker"', 'kg:circumstance "former"'
    ),
    Fact(RIVAL, "he headed a bank", 'id:viktor-babaryko occupation "head of Belgazprombank"'),
    Fact(
        RIVAL,
        "the others admitted their guilt",
        "here:executives chargedWith ?offences",
        'kg:toldBy source:kgb ; kg:circumstance "admitted their guilt"',
    ),
    Fact(RIVAL, "other executives are tried", "here:executives occupation ?executive", 'kg:role "defendant"'),
    Fact(
        RIVAL,
        "police say that they searched homes",
        'here:searched-people occupation "rights activist"',
        f"{dated('2021-02-16~')} ; kg:toldBy/kg:speaker id:belarus-police",
    ),
    Fact(
        RIVAL,
        "investigators suspect financing",
        'here:searched-people accusedOf "financing protests of the opposition"',
        "kg:toldBy source:investigators",
        certainty="alleged",
    ),
    *of_two(
        RIVAL,
        "prosecutors ask for two years for SHE",
        'SHE chargedWith "organising protests"',
        f"{dated('2021-02-17')} ; kg:toldBy source:prosecutors",
    ),
    *of_two(RIVAL, "SHE expects a verdict the next day", "SHE chargedWith ?what", dated("2021-02-18")),
    *of_two(RIVAL, "SHE was detained in November", "SHE detainedAt ?place", f"{dated('2020-11')} . {NAMELESS}"),
    *of_two(RIVAL, "SHE is a journalist", 'SHE occupation "journalist"'),
    Fact(
        RIVAL,
        "police detained journalists 477 times",
        "here:detained-journalists detainedBy id:belarus-police",
        f'kg:count "477"^^kg:Quantity ; {dated("2020")}',
    ),
    Fact(
        RIVAL,
        "Tikhanovskaya is a wife",
        "id:svetlana-tikhanovskaya relativeOf here:tikhanovskaya-husband",
        'kg:role "wife"',
    ),
    Fact(RIVAL, "her husband is in prison", "here:tikhanovskaya-husband heldAt ?place", NOWHERE),
    Fact(RIVAL, "she went into exile", "id:svetlana-tikhanovskaya travelledTo id:lithuania", dated("2020-08~")),
    Fact(RIVAL, "she lives in Lithuania", "id:svetlana-tikhanovskaya residentIn id:lithuania"),
    Fact(RIVAL, "the EU sanctions Lukashenko", "id:alexander-lukashenko orderedBy id:european-union"),
    Fact(RIVAL, "Belarus has ten million people", "here:belarusians size ?count", "schema:minValue 10000000"),
    # the raids in Eswatini
    Fact(RAIDS, "Eswatini lies in southern Africa", "id:eswatini locatedIn id:southern-africa"),
    Fact(
        RAIDS,
        "other politicians were arrested at home",
        "here:raided-people detainedAt here:raided-homes",
        "kg:toldBy source:parties",
    ),
    Fact(
        RAIDS,
        "demonstrators reproach the king with his spending",
        'id:mswati-iii accusedOf "spending public money on a life of luxury"',
        "kg:toldBy source:demonstrators",
    ),
    Fact(
        RAIDS,
        "the king went to Indonesia",
        "id:mswati-iii travelledTo id:indonesia",
        dated("2019-10-20", inferred=False),
    ),
    Fact(RAIDS, "the king has 1.5 million subjects", "here:royal-subjects size ?count", "schema:maxValue 1500000"),
    Fact(
        RAIDS,
        "a lawmaker was targeted, not detained",
        'here:lawmaker occupation "lawmaker"',
        'kg:circumstance "targeted in the raids"',
    ),
    Fact(
        RAIDS, "the police kept what was Sithole's", "id:jan-sithole releasedFrom ?place", "kg:circumstance ?kept"
    ),
    Fact(COPY, "a legislator was targeted", 'here:lawmaker occupation "legislator"'),
    Fact(
        COPY,
        "the party says that its secretary general was arrested",
        "id:wandile-dludlu detainedBy id:eswatini-police",
        "kg:toldBy/kg:learnedFrom/kg:speaker id:pudemo",
    ),
    Fact(
        COPY,
        "the commissioner denies it in the copy too",
        "here:party-head detainedBy id:eswatini-police",
        "kg:toldBy/kg:learnedFrom/kg:speaker id:william-dlamini",
        polarity="denied",
    ),
)  # fmt: skip

NAMES = {
    REPORTERS: {
        "id:belarus": ("Belarus",),
        "id:belarus-association-of-journalists": ("Belarus Association of Journalists",),
        "id:us-embassy-in-belarus": ("US embassy in Belarus",),
        "id:katerina-bakhvalova": ("Katerina Bakhvalova",),
        "id:daria-chultsova": ("Daria Chultsova",),
    },
    RIVAL: {
        "id:european-union": ("EU", "European Union"),
        "id:oksana-manchuk": ("Oksana MANCHUK",),
        "id:belarus-kgb": ("KGB",),
        "id:viktor-babaryko": ("Viktor Babaryko",),
    },
    RAIDS: {
        "id:eswatini": ("Swaziland", "eSwatini"),
        "id:pudemo": ("PUDEMO", "People’s United Democratic Movement"),
        "id:mbabane": ("MBABANE",),
    },
    COPY: {"id:eswatini": ("Eswatini", "Swaziland"), "id:reuters": ("Reuters", "Reuters News Agency")},
}

SHARED_PEOPLE = {
    "alexander-lukashenko": (REPORTERS, RIVAL),
    "daria-chultsova": (REPORTERS, RIVAL),
    "katerina-bakhvalova": (REPORTERS, RIVAL),
    "svetlana-tikhanovskaya": (REPORTERS, RIVAL),
    "dumisani-fakudze": (COPY, RAIDS),
    "jan-sithole": (COPY, RAIDS),
    "mlungisi-makhanya": (COPY, RAIDS),
    "mswati-iii": (COPY, RAIDS),
    "percy-simelane": (COPY, RAIDS),
    "wandile-dludlu": (COPY, RAIDS),
    "william-dlamini": (COPY, RAIDS),
}

SHARED_EPISODES = {
    "belsat-journalists-case": (REPORTERS, RIVAL),
    "belarus-protests": (REPORTERS, RIVAL),
    "belarus-protester-killing": (REPORTERS, RIVAL),
    "belarus-journalists-detentions": (REPORTERS, RIVAL),
    "tikhanovskaya-exile": (REPORTERS, RIVAL),
    "eswatini-raids": (COPY, RAIDS),
    "eswatini-protests": (COPY, RAIDS),
    "dludlu-case": (COPY, RAIDS),
    "fakudze-case": (COPY, RAIDS),
    "sithole-case": (COPY, RAIDS),
}

# What both reports on Eswatini say of somebody who has a name, and whose word it is in the end.
ONE_ORIGIN = (
    ("id:wandile-dludlu", "detainedBy", "id:eswatini-police", "id:mlungisi-makhanya"),
    ("id:wandile-dludlu", "occupation", '"secretary general of PUDEMO"', "id:mlungisi-makhanya"),
    ("id:dumisani-fakudze", "detainedBy", "id:eswatini-police", "id:communist-party-of-swaziland"),
    (
        "id:dumisani-fakudze",
        "occupation",
        '"national chairperson of the Communist Party of Swaziland"',
        "id:communist-party-of-swaziland",
    ),
    ("id:mswati-iii", "accusedOf", '"spending public money on a life of luxury"', "id:eswatini-demonstrators"),
    ("id:mswati-iii", "occupation", '"king"', "id:reuters"),
    ("id:mlungisi-makhanya", "occupation", '"president of PUDEMO"', "id:reuters"),
    ("id:percy-simelane", "occupation", '"spokesman for the government and the king"', "id:reuters"),
    ("id:jan-sithole", "occupation", '"trade unionist"', "id:reuters"),
    ("id:william-dlamini", "occupation", '"police commissioner"', "id:reuters"),
    ("id:eswatini", "locatedIn", "id:southern-africa", "id:reuters"),
    ("id:eswatini-demonstrators", "relatedToCountry", "id:eswatini", "id:reuters"),
)  # fmt: skip

# What both reports on Belarus say, each in a voice of its own.
SEVERAL_ORIGINS = (
    ("id:katerina-bakhvalova", "age", "27", {"reporters", "rival"}),
    ("id:daria-chultsova", "age", "23", {"reporters", "rival"}),
    ("id:daria-chultsova", "occupation", '"journalist"', {"reporters", "rival", "id:svetlana-tikhanovskaya"}),
    ("id:alexander-lukashenko", "occupation", '"leader of Belarus"', {"reporters", "rival"}),
    ("id:katerina-bakhvalova", "chargedWith", '"organising protests"', {"reporters", "prosecutors", "rival"}),
)
VOICES = {
    "reporters": f"id:{REPORTERS}_outlet",
    "rival": f"id:{RIVAL}_outlet",
    "prosecutors": f"id:{RIVAL}_prosecutors",
}

NOT_SAID = (
    ("three years is the most there can be, no sentence", "id:katerina-bakhvalova kg:sentencedTo ?term"),
    ("two years is what is asked for, no sentence", "id:daria-chultsova kg:sentencedTo ?term"),
    ("the judge would not release them", "id:katerina-bakhvalova kg:releasedFrom ?place"),
    ("the judge did not order them to stay", "id:katerina-bakhvalova kg:orderedTo ?what"),
    ("who speaks to the press was not arrested", "id:mlungisi-makhanya kg:detainedBy ?police"),
    ("who is targeted is not thereby arrested", f"<{ID}{RAIDS}_lawmaker> kg:detainedBy ?police"),
    ("no leader of the assembly is said to be detained", f"<{ID}{RAIDS}_assembly-leaders> kg:detainedBy ?police"),
    ("who is said to be invited is not said to be detained", f"<{ID}{COPY}_invited-people> kg:detainedBy ?police"),
    ("torture is only told", f"<{ID}{REPORTERS}_tortured-protesters> kg:heldAt ?place"),
    ("what is investigated is no reproach yet", f"<{ID}{RIVAL}_searched-people> kg:accusedOf ?what"),
    ("exile does not make her a citizen", "id:svetlana-tikhanovskaya kg:citizenOf id:lithuania"),
)  # fmt: skip

ORIGINS = """
    ?a rdf:subject {0} ; rdf:predicate kg:{1} ; rdf:object {2} ; kg:polarity "affirmed" ;
        prov:wasDerivedFrom ?report ; kg:toldBy/kg:learnedFrom* ?link .
    ?link kg:speaker ?origin . FILTER NOT EXISTS {{ ?link kg:learnedFrom ?deeper }}
"""


def origins(subject: str, predicate: str, object_: str) -> set[tuple[str, str]]:
    query = f"SELECT DISTINCT ?report ?origin WHERE {{ {ORIGINS.format(subject, predicate, object_)} }}"
    return {(report.removeprefix(f"{ID}report_"), shortened(origin)) for report, origin in rows(query)}


ALL = [fact for facts in (*SECOND_READER.values(), MORE) for fact in facts]


def test_each_fact_of_the_second_reader_is_listed_once():
    assert {report: len(facts) for report, facts in SECOND_READER.items()} == {REPORTERS: 16, RAIDS: 13}
    assert len({(fact.report, fact.said) for fact in ALL}) == len(ALL)


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: f"{fact.report}: {fact}")
def test_the_graph_says_that(fact: Fact):
    assert ask(fact.pattern, fact.report)


@pytest.mark.parametrize(
    ("report", "entity"), [(report, entity) for report, names in NAMES.items() for entity in names]
)
def test_each_name_stands_as_reported(report: str, entity: str):
    query = f"""SELECT ?name WHERE {{
        ?a rdf:subject {entity} ; rdf:predicate kg:name ; rdf:object ?name ;
            prov:wasDerivedFrom id:report_{report} }} ORDER BY ?name"""
    assert tuple(name for (name,) in rows(query)) == NAMES[report][entity]


# ---------------------------------------------------------------- what two reports share


@pytest.mark.parametrize("person", SHARED_PEOPLE)
def test_a_person_of_two_reports_is_one_entity(person: str):
    named = f"""SELECT DISTINCT ?report WHERE {{
        ?a rdf:subject id:{person} ; rdf:predicate kg:name ; prov:wasDerivedFrom ?report }} ORDER BY ?report"""
    twins = f"""SELECT DISTINCT ?one WHERE {{ id:{person} rdfs:label|skos:altLabel ?name .
        ?one a kg:Person ; rdfs:label|skos:altLabel ?same . FILTER(STR(?name) = STR(?same)) }}"""
    reports = tuple(report.removeprefix(f"{ID}report_") for (report,) in rows(named))
    assert reports == SHARED_PEOPLE[person]
    assert rows(twins) == [(f"{ID}{person}",)]


def test_no_other_person_is_in_two_of_the_reports():
    query = """SELECT ?one WHERE { ?one a kg:Person . ?a rdf:subject ?one ; prov:wasDerivedFrom ?report }
        GROUP BY ?one HAVING(COUNT(DISTINCT ?report) > 1)"""
    assert {one.removeprefix(ID) for (one,) in rows(query)} == set(SHARED_PEOPLE)


@pytest.mark.parametrize("episode", SHARED_EPISODES)
def test_an_episode_of_two_reports_is_one_episode(episode: str):
    query = f"""SELECT DISTINCT ?report WHERE {{
        ?a kg:episode episode:{episode} ; prov:wasDerivedFrom ?report }} ORDER BY ?report"""
    reports = tuple(report.removeprefix(f"{ID}report_") for (report,) in rows(query))
    assert reports == SHARED_EPISODES[episode]


@pytest.mark.parametrize(
    ("subject", "predicate", "object_", "origin"), ONE_ORIGIN, ids=[f"{s} {p}" for s, p, *_ in ONE_ORIGIN]
)
def test_two_outlets_of_one_dispatch_lead_to_one_speaker(
    subject: str, predicate: str, object_: str, origin: str
):
    assert origins(subject, predicate, object_) == {(RAIDS, origin), (COPY, origin)}


@pytest.mark.parametrize(
    ("subject", "predicate", "object_", "speakers"),
    SEVERAL_ORIGINS,
    ids=[f"{s} {p}" for s, p, *_ in SEVERAL_ORIGINS],
)
def test_two_outlets_of_their_own_are_two_origins(
    subject: str, predicate: str, object_: str, speakers: set[str]
):
    found = {origin for _, origin in origins(subject, predicate, object_)}
    assert found == {VOICES.get(speaker, speaker) for speaker in speakers}


def test_the_copy_leads_to_the_dispatch_in_all_but_names():
    assert ask(f"id:report_{COPY} prov:wasDerivedFrom id:report_{RAIDS}")
    query = f"""SELECT DISTINCT ?predicate WHERE {{ ?a prov:wasDerivedFrom id:report_{COPY} ;
        rdf:predicate ?predicate ; kg:toldBy/kg:speaker ?teller FILTER(?teller != id:reuters) }}"""
    assert rows(query) == [("https://w3id.org/reportedly/ontology#name",)]


def test_every_speaker_of_the_copy_speaks_in_the_dispatch():
    ends = """SELECT DISTINCT ?origin WHERE {{ ?a prov:wasDerivedFrom id:report_{} ; kg:toldBy ?teller ;
        rdf:predicate ?said . FILTER(?said != kg:name) ?teller kg:learnedFrom* ?link . ?link kg:speaker ?origin
        FILTER NOT EXISTS {{ ?link kg:learnedFrom ?deeper }} }}"""
    assert set(rows(ends.format(COPY))) == set(rows(ends.format(RAIDS)))
    assert len(rows(ends.format(COPY))) == 7


def test_a_party_and_its_president_are_not_counted_twice():
    links = "source:pudemo kg:speaker id:pudemo ; kg:learnedFrom/kg:speaker id:mlungisi-makhanya"
    assert ask(links, COPY)


@pytest.mark.parametrize("report", [RAIDS, COPY])
@pytest.mark.parametrize("who", ["party-head", "raided-people"])
def test_the_denial_meets_what_it_denies(report: str, who: str):
    said = f"""?{{0}} rdf:subject here:{who} ; rdf:predicate kg:detainedBy ; rdf:object id:eswatini-police ;
        kg:date ?day ; kg:polarity "{{0}}" ; kg:toldBy/kg:learnedFrom*/kg:speaker {{1}} ."""
    parties = said.format("affirmed", "id:eswatini-arrested-leaders-parties")
    assert ask(parties + said.format("denied", "id:william-dlamini"), report)


# ---------------------------------------------------------------- what is not said


@pytest.mark.parametrize(("why", "pattern"), NOT_SAID, ids=[why for why, _ in NOT_SAID])
def test_the_view_does_not_say_that(why: str, pattern: str):
    assert not ask(f"GRAPH id:graph_view {{ {pattern} }}"), why


def test_nobody_was_detained_after_the_report():
    query = f"""SELECT ?a WHERE {{ ?a rdf:predicate kg:detainedAt ; kg:date ?day ;
        prov:wasDerivedFrom id:report_{REPORTERS} FILTER(STRSTARTS(STR(?day), "2021")) }}"""
    assert rows(query) == []


@pytest.mark.parametrize(
    ("report", "given"), [(REPORTERS, {"2020"}), (RIVAL, set()), (RAIDS, {"2019-10-20"}), (COPY, set())]
)
def test_every_date_without_a_year_in_the_text_is_inferred(report: str, given: set[str]):
    query = f"""SELECT DISTINCT ?date WHERE {{ ?a kg:date ?date ; prov:wasDerivedFrom id:report_{report}
        FILTER NOT EXISTS {{ ?a kg:inferred true }} }}"""
    assert {date for (date,) in rows(query)} == given


def test_nothing_is_described_that_is_not_used():
    said = corpus()
    used = {assertion.subject for assertion in said.assertions}
    used |= {assertion.object[1:-1] for assertion in said.assertions}
    used |= {assertion.source for assertion in said.assertions}
    used |= {episode for assertion in said.assertions for episode in assertion.episodes}
    used |= {source.learned_from for source in said.sources} | {source.speaker for source in said.sources}
    described = [*said.entities, *said.episodes, *said.sources]
    ours = [one for one in described if Path(one.where.path).stem in {*TEXTS, "people"}]
    assert len(ours) > 100
    assert {one.iri for one in ours if not one.iri.endswith("_publisher")} - used == set()


# ---------------------------------------------------------------- the texts


@pytest.mark.parametrize("report", TEXTS)
def test_every_span_is_in_the_article(report: str):
    article = text_of(TEXTS[report])
    query = f"""SELECT DISTINCT ?start ?end ?digest WHERE {{ ?place oa:hasSource id:report_{report} ;
        schema:sha256 ?digest ; oa:hasSelector ?span . ?span oa:start ?start ; oa:end ?end }}"""
    spans = rows(query)
    assert ("0", str(len(article)), hashlib.sha256(article.encode()).hexdigest()) in spans
    assert len(spans) > 40
    for start, end, digest in spans:
        assert hashlib.sha256(article[int(start) : int(end)].encode()).hexdigest() == digest


@pytest.mark.parametrize("report", TEXTS)
def test_no_sentence_of_an_article_is_in_a_seed(report: str):
    article = text_of(TEXTS[report])
    own = "\n".join(line for line in article.split("\n") if not line.startswith("# "))
    ((title,),) = rows(f"SELECT ?title WHERE {{ id:report_{report} dcterms:title ?title }}")
    assert f"# title: {title}\n" in article
    assert len(runs(own)) > 300
    for seed in sorted(SEEDS.glob("*.yaml")):
        assert not (runs(seed.read_text(encoding="utf-8")) & runs(own)) - runs(title), seed.name
