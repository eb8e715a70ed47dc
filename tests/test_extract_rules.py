"""What the engine reads, phenomenon by phenomenon, with the trap that stands next to it."""

import hashlib

import pytest

from kg.extract import rows, rules
from kg.extract.gazetteer import Gazetteer

PUBLISHED = "2021-02-09"  # a Tuesday


def told(report: str, predicate: str = "", published: str = PUBLISHED) -> set[tuple[str, str, str, str]]:
    """Give what comes out as (subject, predicate, object, certainty)."""
    found = rows.facts(rules.extract(report, published=published), "x")
    return {
        (row["subject"], row["predicate"], row["object"], row["certainty"])
        for row in found
        if not predicate or row["predicate"] in predicate.split()
    }


def facts(report: str, predicate: str) -> set[tuple[str, str]]:
    """Give what comes out as (subject, object), if asserted."""
    return {
        (subject, told_object)
        for subject, _, told_object, certainty in told(report, predicate)
        if certainty == "asserted"
    }


# ---------------------------------------------------------------- arrests


@pytest.mark.parametrize(
    "report",
    [
        "Police arrested Ali Tolek on 5 May 2019.",
        "Ali Tolek was arrested by police on 5 May 2019.",
        "On 5 May 2019, police detained Ali Tolek.",
        "Police picked up Ali Tolek on 5 May 2019.",
        "Ali Tolek was taken into custody by police on 5 May 2019.",
        "Ali Tolek, arrested by police on 5 May 2019, is a farmer.",
        "Police raided the house on 5 May 2019 and arrested Ali Tolek.",
        "Ali Tolek's arrest by police on 5 May 2019 shocked the town.",
        "Ali Tolek, who was seized by police on 5 May 2019, is a farmer.",
    ],
)
def test_an_arrest_is_read_in_active_and_passive_and_as_a_noun(report):
    assert ("Ali Tolek", "police") in facts(report, "detained-by") or "raided" in report
    if "raided" not in report:
        assert facts(report, "detained-on") == {("Ali Tolek", "2019-05-05")}


@pytest.mark.parametrize(
    "report",
    [
        "Police must not arrest Ali Tolek.",
        "If police arrest Ali Tolek, he will appeal.",
        "Ali Tolek could be arrested on 5 May 2021.",
        "Ali Tolek fears being arrested by police.",
        "Police plan to arrest Ali Tolek.",
        "Ali Tolek will be arrested on Thursday.",
        "Was Ali Tolek arrested by police?",
        "Police issued a warrant for the arrest of Ali Tolek.",
        "The articles about Ali Tolek angered the police.",
        "Police called Ali Tolek about the arrest.",
    ],
)
def test_what_has_not_happened_does_not_come_out_as_an_arrest(report):
    assert not told(report, "detained-by detained-on detained-at held-at")


def test_several_people_are_arrested_in_one_sentence():
    report = "Police arrested Ali Tolek, 34, a lawyer, Bo Sen and Cem Ural (27) on 5 May 2019, and his brother Dan Ural fled."
    assert facts(report, "detained-on") == {
        (name, "2019-05-05") for name in ("Ali Tolek", "Bo Sen", "Cem Ural")
    }
    assert facts(report, "age") == {("Ali Tolek", "34"), ("Cem Ural", "27")}


def test_single_names_in_a_list_are_people_too():
    report = "Police arrested five men who were identified as Ali Tolek, Idris, Bilal, Aman and Omar Sen."
    assert {subject for subject, _ in facts(report, "detained-by")} >= {
        "Ali Tolek",
        "Idris",
        "Bilal",
        "Aman",
        "Omar Sen",
    }


def test_those_who_stand_behind_of_are_not_the_ones_arrested():
    report = "At least 30 supporters of presidential hopeful Ali Tolek were arrested in Osh when police stormed his office on Thursday."
    assert {subject for subject, _, _, _ in told(report, "detained-at detained-on")} == {
        "[at least 30 supporters of presidential hopeful Ali Tolek]"
    } or not any(subject == "Ali Tolek" for subject, _, _, _ in told(report, "detained-at detained-on"))
    assert {day for _, day in facts(report, "detained-on")} == {"2021-02-04"}


def test_those_named_among_the_arrested_are_arrested_on_the_day_of_the_lead():
    report = (
        "Police arrested dozens of protesters on Thursday. Among those detained were Ali Tolek and Bo Sen."
    )
    assert facts(report, "detained-on") >= {("Ali Tolek", "2021-02-04"), ("Bo Sen", "2021-02-04")}


def test_places_of_arrest_and_of_custody_are_told_apart():
    report = "Ali Tolek was arrested at his home in Osh on 5 May 2019 and taken to Kara Prison. He is being held in Insel Prison."
    assert facts(report, "detained-at") == {("Ali Tolek", "home in Osh")}
    assert facts(report, "held-at") == {("Ali Tolek", "Kara Prison"), ("Ali Tolek", "Insel Prison")}
    assert facts(report, "resident-of") == {("Ali Tolek", "Osh")}


def test_an_unknown_place_is_no_place_of_that_name():
    report = "Ali Tolek was detained on May 14, 2020 and taken to an unknown location by police."
    assert told(report, "detained-at held-at") == {("Ali Tolek", "held-at", "[unknown]", "asserted")}


def test_a_group_without_a_name_is_described():
    report = "Authorities have detained more than 30 people in Osh since the start of the year."
    assert told(report, "detained-on") == {
        ("[more than 30 people in Osh]", "detained-on", "2021-01-01/2021-02-09", "asserted")
    }
    assert not told(
        "Citizens are often detained for weeks without trial.", "detained-on detained-at detained-by"
    )


def test_custody_since_a_day_began_on_it():
    assert facts("Ali Tolek has been in prison since last Thursday.", "detained-on") == {
        ("Ali Tolek", "2021-02-04")
    }
    assert not facts("Ali Tolek has been in politics since last Thursday.", "detained-on")


# ---------------------------------------------------------------- charges, sentences, releases, deaths


def test_charges_are_read_one_by_one():
    report = 'Ali Tolek was charged with "spreading false news" and "insulting a judge" under the penal code.'
    assert facts(report, "charged-with") == {
        ("Ali Tolek", "spreading false news"),
        ("Ali Tolek", "insulting a judge"),
    }
    report = "Ali Tolek was charged with joining a banned group, spreading false news and insulting a judge, his lawyer said."
    assert {charge for _, charge in facts(report, "charged-with")} == {
        "joining a banned group",
        "spreading false news",
        "insulting a judge",
    }


@pytest.mark.parametrize(
    ("report", "certainty"),
    [
        ("Ali Tolek was charged with theft.", "asserted"),
        ("Ali Tolek was convicted of theft.", "asserted"),
        ("Ali Tolek was found guilty by a court of theft.", "asserted"),
        ("Ali Tolek is accused of theft.", "alleged"),
        ("Ali Tolek was detained on suspicion of theft.", "alleged"),
        ("Ali Tolek was jailed for alleged theft.", "alleged"),
        ("Ali Tolek was reportedly charged with theft.", "alleged"),
        ("Ali Tolek pleaded not guilty to theft.", "denied"),
    ],
)
def test_a_charge_is_as_sure_as_its_words(report, certainty):
    assert ("Ali Tolek", "charged-with", "theft", certainty) in told(report)


def test_no_charge_is_told_as_a_denial():
    for report in (
        "Ali Tolek was released without charge.",
        "Ali Tolek has not been charged.",
        "Police detained Ali Tolek without giving any reason.",
    ):
        assert ("Ali Tolek", "charged-with", "[any charge]", "denied") in told(report), report


def test_sections_of_a_law_are_charges_and_no_terms():
    report = "A case was registered against Ali Tolek under sections 506 (intimidation) and 124 (sedition) of the Penal Code."
    assert {charge for _, charge in facts(report, "charged-with")} == {
        "section 506 (intimidation)",
        "section 124 (sedition)",
    }
    assert not told(report, "sentenced-to")


@pytest.mark.parametrize(
    ("report", "term"),
    [
        ("A court in Osh sentenced Ali Tolek to five years in prison.", "P5Y"),
        ("Ali Tolek was sentenced to 13 years and four months in a penal colony.", "P13Y4M"),
        ("Ali Tolek was jailed for six months.", "P6M"),
        ("Ali Tolek got life imprisonment.", "life"),
        ("Ali Tolek was sentenced to death.", "death"),
        ("Ali Tolek is serving a ten-year sentence.", "P10Y"),
        ("Ali Tolek, 40, received a two-year prison term.", "P2Y"),
        ("A court handed down a nine-year jail term to Ali Tolek.", "P9Y"),
        ("A court upheld a six-year sentence against Ali Tolek.", "P6Y"),
    ],
)
def test_a_sentence_is_read(report, term):
    assert facts(report, "sentenced-to") == {("Ali Tolek", term)}


@pytest.mark.parametrize(
    "report",
    [
        "Ali Tolek faces up to five years in prison.",
        "The charges carry a maximum penalty of five years in prison. Ali Tolek denies them.",
        "Prosecutors asked the court to sentence Ali Tolek to five years in prison.",
        "Prosecutors requested that Ali Tolek be jailed for five years.",
        "If convicted, Ali Tolek could be sentenced to five years.",
        "Ali Tolek was held for five months without trial.",
        "Ali Tolek was sentenced to three years' probation.",
        "Ali Tolek was not sentenced to five years.",
    ],
)
def test_what_could_be_is_no_sentence(report):
    assert not {row for row in told(report, "sentenced-to") if row[3] != "denied"}


def test_the_court_stands_with_the_sentence_or_after_it():
    report = (
        "Ali Tolek was sentenced to five years in prison. The sentence was handed down by the Osh City Court."
    )
    assert facts(report, "sentenced-by") == {("Ali Tolek", "Osh City Court")}
    assert facts(
        "Branch 15 of the Revolutionary Court sentenced Ali Tolek to two years.", "sentenced-by"
    ) == {("Ali Tolek", "Branch 15 of the Revolutionary Court")}


@pytest.mark.parametrize(
    "report",
    [
        "Ali Tolek was released on bail on 5 May 2019.",
        "On 5 May 2019 a judge freed Ali Tolek.",
        "Ali Tolek walked free on 5 May 2019.",
    ],
)
def test_a_release_is_read(report):
    assert facts(report, "released-on") == {("Ali Tolek", "2019-05-05")}


@pytest.mark.parametrize(
    "report",
    [
        "On 5 May 2019 the union demanded that Ali Tolek be released.",
        "The union called for the release of Ali Tolek on 5 May 2019.",
        "A lawyer asked the judge on 5 May 2019 to release Ali Tolek, a request that the judge refused.",
        "Ali Tolek must be released by 5 May 2019.",
        "Ali Tolek was not released on 5 May 2019.",
    ],
)
def test_a_demand_is_no_release(report):
    assert not told(report, "released-on")


def test_a_death_in_custody_is_read():
    report = "Ali Tolek died in custody on 5 May 2019 at Kara Prison, his wife Ann Sen said."
    assert facts(report, "died-on") == {("Ali Tolek", "2019-05-05")}
    assert facts(report, "held-at") == {("Ali Tolek", "Kara Prison")}


# ---------------------------------------------------------------- who somebody is


@pytest.mark.parametrize(
    ("report", "work"),
    [
        ("The freelance reporter Ali Tolek left.", "freelance reporter"),
        ("Ali Tolek, a human rights lawyer, left.", "human rights lawyer"),
        ("Ali Tolek, the head of the Farmers' League, left.", "head of the Farmers' League"),
        ("Her lawyer, Ali Tolek, left.", "lawyer"),
        ("Police spokesman Ali Tolek left.", "police spokesman"),
        ("Ali Tolek, 30, editor of the weekly Ordo, left.", "editor of the weekly Ordo"),
        ("Ali Tolek worked as a teacher until 2019.", "teacher"),
        ("Ali Tolek is a former miner.", "former miner"),
        (
            "A strike began, said Ali Tolek, deputy Asia director at Rights Desk.",
            "deputy Asia director at Rights Desk",
        ),
    ],
)
def test_an_occupation_is_read(report, work):
    assert facts(report, "occupation") == {("Ali Tolek", work)}


def test_the_teller_is_not_what_is_told_of():
    report = "Ali Tolek was arrested on 5 May 2019, a friend said."
    assert not told(report, "occupation")
    assert rules.extract(report)[0].attribution == ("a friend",)


def test_ages_names_and_other_names():
    report = "Police arrested 36-year-old herder Ali Tolek, also known as Ordo, Ayşe Ural (41) and Bo bin Sen, aged 19."
    assert facts(report, "age") == {("Ali Tolek", "36"), ("Ayşe Ural", "41"), ("Bo bin Sen", "19")}
    (fact, *_) = [fact for fact in rules.extract(report) if fact.subject.name == "Ali Tolek"]
    assert fact.subject.also == ("Ordo",)


def test_a_nation_is_citizenship_and_a_people_is_ethnicity():
    report = "Police in China's Xinjiang arrested Kazakh herder Ali Tolek and Belgian reporter Jan Peeters. Uyghur poet Ann Sen fled."
    assert facts(report, "ethnicity") == {("Ali Tolek", "Kazakh"), ("Ann Sen", "Uyghur")}
    assert facts(report, "citizen-of") == {("Jan Peeters", "Belgium")}
    assert facts("In Kazakhstan, police arrested Kazakh herder Ali Tolek.", "citizen-of ethnicity") == {
        ("Ali Tolek", "Kazakhstan")
    }


def test_a_religion_is_no_ethnicity():
    assert not told(
        "Police arrested Muslim doctor Ali Tolek and Ann Sen, a Catholic teacher.", "ethnicity citizen-of"
    )


def test_relatives_are_tied_to_whom_they_belong():
    report = "Ali Tolek was arrested in Osh. His wife, Ann Sen, told reporters so. Tolek's brother Bo Tolek is a farmer."
    assert facts(report, "relative-of") == {("Ann Sen", "Ali Tolek"), ("Bo Tolek", "Ali Tolek")}


def test_homes_and_ties_are_read():
    report = "Ali Tolek, a herder from Kara county, often travelled to Turkey. Ann Sen, who lives in Berlin, has relatives in Canada."
    assert facts(report, "resident-of") == {("Ali Tolek", "Kara county"), ("Ann Sen", "Berlin")}
    assert facts(report, "related-to-country") == {("Ali Tolek", "Turkey"), ("Ann Sen", "Canada")}


def test_places_lie_in_places():
    report = "He left the village of Tamga in Kara county. She lives in Osh, Kyrgyzstan. It is in China's Xinjiang."
    assert facts(report, "located-in") == {
        ("Tamga", "Kara county"),
        ("Osh", "Kyrgyzstan"),
        ("Xinjiang", "China"),
    }
    assert not told("They met in Osh, Bishkek and Almaty.", "located-in")


def test_names_that_the_graph_knows_are_found_as_such():
    gazetteer = Gazetteer.of([("Upper Ordo", "place"), ("the Blue House", "facility")])
    found = rows.facts(rules.extract("Police detained Ali Tolek in Upper Ordo.", gazetteer=gazetteer), "x")
    assert ("detained-at", "Upper Ordo") in {(row["predicate"], row["object"]) for row in found}


# ---------------------------------------------------------------- whom pronouns and short names mean


def test_a_short_name_and_a_pronoun_mean_the_person_before():
    report = "Police arrested Ali Tolek in Osh. Tolek is a farmer. He was charged with theft on 5 May 2019."
    assert ("Ali Tolek", "theft") in facts(report, "charged-with")
    assert ("Ali Tolek", "farmer") in facts(report, "occupation")


def test_she_is_not_the_man_before():
    report = "Ann Sen was arrested in Osh. Her husband, Ali Tolek, came. She was charged with theft."
    assert facts(report, "charged-with") == {("Ann Sen", "theft")}


def test_the_lawyer_who_tells_it_is_not_the_one_arrested():
    report = "Police arrested Ali Tolek in Osh. His lawyer, Bo Sen, said he was charged with theft."
    assert facts(report, "charged-with") == {("Ali Tolek", "theft")}


def test_the_two_are_those_named_before():
    report = "Police detained reporters Ann Sen and Bo Ural. The two were charged with theft."
    assert facts(report, "charged-with") == {("Ann Sen", "theft"), ("Bo Ural", "theft")}


def test_the_lead_speaks_of_whom_the_next_paragraph_names():
    report = "A Belgian reporter was detained in Osh, a union said.\n\nJan Peeters, a freelance reporter, was held for four hours."
    assert ("Jan Peeters", "Belgium") in facts(report, "citizen-of")
    assert ("Jan Peeters", "Osh") in facts(report, "detained-at")


def test_people_of_one_family_stay_apart():
    report = "Ann Sen was arrested in Osh on 5 May 2019. In 2010 a court sentenced Sen's father, the poet Bo Sen, to three years in prison."
    assert facts(report, "sentenced-to") == {("Bo Sen", "P3Y")}
    assert facts(report, "relative-of") == {("Bo Sen", "Ann Sen")}


def test_i_is_the_speaker_of_the_quotation():
    report = 'Police arrested Ali Tolek in Osh. "My husband was charged with theft," said his wife, Ann Sen.'
    assert facts(report, "charged-with") == {("Ali Tolek", "theft")}


# ---------------------------------------------------------------- who tells it, and how sure


def tellers(report: str, predicate: str) -> list[tuple[str, ...]]:
    return [
        fact.attribution for fact in rules.extract(report, published=PUBLISHED) if fact.predicate == predicate
    ]


@pytest.mark.parametrize(
    "report",
    [
        "His lawyer Bo Sen said Ali Tolek was charged with theft.",
        "Ali Tolek was charged with theft, his lawyer Bo Sen said.",
        "According to his lawyer Bo Sen, Ali Tolek was charged with theft.",
        "Ali Tolek was charged with theft, according to his lawyer Bo Sen.",
        '"Ali Tolek was charged with theft," said his lawyer Bo Sen.',
    ],
)
def test_the_teller_is_found_before_and_after(report):
    assert tellers(report, "charged-with") == [("Bo Sen",)]


def test_what_nobody_tells_is_the_publishers_own():
    assert tellers("Ali Tolek was charged with theft. Bo Sen said nothing.", "charged-with") == [()]


@pytest.mark.parametrize(
    ("report", "certainty"),
    [
        ("Ali Tolek is believed to be held at Kara Prison.", "alleged"),
        ("Ali Tolek was reportedly held at Kara Prison.", "alleged"),
        ("Neighbours believe that Ali Tolek is being held at Kara Prison.", "alleged"),
        ("Ali Tolek may have been held at Kara Prison.", "alleged"),
        ("Police denied that Ali Tolek was being held at Kara Prison.", "denied"),
        ("Ali Tolek was held at Kara Prison.", "asserted"),
        ("Police said that Ali Tolek was held at Kara Prison.", "asserted"),
    ],
)
def test_hedges_and_denials_are_kept(report, certainty):
    assert told(report, "held-at") == {("Ali Tolek", "held-at", "Kara Prison", certainty)}


def test_a_denied_arrest_names_who_denies_it():
    assert told("The KGB denied that Ali Tolek was in its custody.", "detained-by") == {
        ("Ali Tolek", "detained-by", "KGB", "denied")
    }
    assert ("Ali Tolek", "detained-by", "police", "denied") in told(
        "Ali Tolek is a farmer. The police have denied arresting Ali Tolek."
    )


def test_a_caption_tells_no_events():
    report = "FILE PHOTO: Guards detained Ali Tolek at a camp in Osh on May 4, 2018. REUTERS/Bo Sen"
    assert not told(report, "detained-on detained-at detained-by held-at")


# ---------------------------------------------------------------- the form of the result


def test_quotes_and_digests_belong_to_the_spans():
    report = "# title: A\n# published: 2021-02-09\n\nОш — “Ali Tolek” 😀.\n\nPolice arrested Ayşe O’Hara, 34, in Osh on Thursday."
    found = rules.extract(report)
    assert found
    for fact in found:
        assert report[fact.start : fact.end] == fact.quote
        assert fact.digest == hashlib.sha256(fact.quote.encode()).hexdigest()
        assert 0 < fact.score <= 1
        assert fact.rule.startswith("en/")
    assert {fact.date.how for fact in found if fact.date} == {"relative"}


def test_rows_have_the_fields_of_a_list_of_facts():
    (row, *_) = rows.facts(rules.extract("Police arrested Ali Tolek on 5 May 2019."), "doc-1")
    assert list(row)[:10] == [
        "doc",
        "subject",
        "predicate",
        "object",
        "date",
        "qualifiers",
        "attribution",
        "certainty",
        "start",
        "end",
    ]


def test_an_unknown_language_is_refused():
    with pytest.raises(rules.UnknownLanguageError, match="there are no rules for the language 'xx'"):
        rules.extract("x", language="xx")
    assert rules.extract("Police arrested Ali Tolek on 5 May 2019.", language="en-GB")
