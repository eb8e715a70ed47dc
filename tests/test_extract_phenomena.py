"""What an examiner's unseen reports taught the rules, each in a sentence of its own."""

import pytest

from kg.extract import rows, rules

PUBLISHED = "2021-06-16"  # a Wednesday


def told(report):
    found = rows.facts(rules.extract(report, published=PUBLISHED), "x")
    return {(row["subject"], row["predicate"], row["object"], row["certainty"]) for row in found}


def A(subject, predicate, told_object, certainty="asserted"):  # noqa: N802 - a row is written most often
    return (subject, predicate, told_object, certainty)


CASES = [
    # appositions
    ("Ali Tolek, a Baluch physics lecturer and resident of Zahedan, was arrested by police.", [A("Ali Tolek", "resident-of", "Zahedan"), A("Ali Tolek", "detained-by", "police")]),
    ("Ann Sen, a Syrian midwife and mother of three who was studying in Osh, was arrested on 4 May 2020.", [A("Ann Sen", "detained-on", "2020-05-04"), A("Ann Sen", "citizen-of", "Syria")]),
    ("Ann Sen, 34, a dental hygienist, was freed on Monday.", [A("Ann Sen", "occupation", "dental hygienist")]),
    ("Ann Sen, a singer better known by her pen name Red River, was freed on Monday.", [A("Ann Sen", "released-on", "2021-06-14")]),
    ("Ali Tolek, in his 40s, a former chant master at Shar Monastery, was freed on Monday.", [A("Ali Tolek", "occupation", "former chant master at Shar Monastery")]),
    ("Ali Tolek, a baker and one of the founders of the Free League, was freed on Monday.", [A("Ali Tolek", "occupation", "founder of the Free League"), A("Ali Tolek", "released-on", "2021-06-14")]),
    ("Ali Tolek, a dual British-Saudi national, was freed on Monday.", [A("Ali Tolek", "citizen-of", "United Kingdom"), A("Ali Tolek", "citizen-of", "Saudi Arabia")]),
    ("The family of Ali Tolek, a 19-year-old student, said he was picked up by soldiers.", [A("Ali Tolek", "age", "19"), A("Ali Tolek", "detained-by", "soldiers")]),
    # lists
    ("Police arrested three of its staff: reporter Ali Tolek, sound engineer Ann Sen and driver Bo Ural.", [A("Ann Sen", "detained-by", "police"), A("Ann Sen", "occupation", "sound engineer")]),
    ("Police arrested Ali Tolek, Bo Ural and Omar Dar, all residents of Pulwama.", [A("Bo Ural", "resident-of", "Pulwama")]),
    ("Ali Tolek and Bo Ural, both aged 20, are accused of theft.", [A("Ali Tolek", "age", "20"), A("Bo Ural", "charged-with", "theft", "alleged")]),
    ("Police arrested Ali Tolek and his two sons, Omar and Bilal.", [A("Omar", "detained-by", "police"), A("Bilal", "relative-of", "Ali Tolek")]),
    ("On Monday a court jailed four activists for ten years. The four are Ali Tolek, a farmer; Bo Ural; Ann Sen, 29; and Cem Ural, a nurse.", [A("Ann Sen", "sentenced-to", "P10Y")]),
    ("His sons, Ali Tolek and Bo Tolek, received ten and fifteen years.", [A("Ali Tolek", "sentenced-to", "P10Y"), A("Bo Tolek", "sentenced-to", "P15Y")]),
    # sentences by other words
    ("The UN condemned the sentencing of Ann Sen to 12 years in prison.", [A("Ann Sen", "sentenced-to", "P12Y")]),
    ("The group condemned the nine-year prison sentence given to Ali Tolek.", [A("Ali Tolek", "sentenced-to", "P9Y")]),
    ("Ann Sen was jailed for two years. In May the Supreme Court raised the term to six years.", [A("Ann Sen", "sentenced-to", "P6Y"), A("Ann Sen", "sentenced-by", "Supreme Court")]),
    ("Ali Tolek was sentenced to six years and Ann Sen, who runs a bookshop, to four.", [A("Ann Sen", "sentenced-to", "P4Y")]),
    ("Ali Tolek was sentenced to three years for fraud and to a further eight months for treason.", [A("Ali Tolek", "charged-with", "fraud"), A("Ali Tolek", "sentenced-to", "P8M")]),
    ("Ali Tolek walked free on Sunday after completing a three-month sentence for sedition.", [A("Ali Tolek", "sentenced-to", "P3M"), A("Ali Tolek", "charged-with", "sedition")]),
    ("The court found Ali Tolek guilty of treason and sentenced him to two years.", [A("Ali Tolek", "charged-with", "treason")]),
    # custody
    ("Ali Tolek has been under house arrest since June 5.", [A("Ali Tolek", "detained-on", "2021-06-05")]),
    ("Ali Tolek is entering his third month in solitary confinement at Kara Prison.", [A("Ali Tolek", "held-at", "Kara Prison")]),
    ("Ali Tolek is held in Kara Maximum Security Prison III.", [A("Ali Tolek", "held-at", "Kara Maximum Security Prison III")]),
    ("Ali Tolek was held in Yangon’s Insein Prison.", [A("Ali Tolek", "held-at", "Insein Prison"), A("Insein Prison", "located-in", "Yangon")]),
    ("Ali Tolek was moved to La Corba, a prison outside Lima.", [A("Ali Tolek", "held-at", "La Corba")]),
    ("Ali Tolek was first held at Kara Prison and later transferred to Insel Prison.", [A("Ali Tolek", "held-at", "Insel Prison")]),
    ("Ali Tolek was taken away when some soldiers raided his house.", [A("Ali Tolek", "detained-by", "soldiers")]),
    # disappearances, denials
    ("Ali Tolek has not been heard from since 4 May, when he was summoned to a police station.", [A("Ali Tolek", "detained-on", "2021-05-04", "alleged")]),
    ("The Government said that Ali Tolek was not detained in any of its prisons.", [A("Ali Tolek", "detained-by", "Government", "denied")]),
    ("Police said Ali Tolek is not in their custody.", [A("Ali Tolek", "detained-by", "Police", "denied")]),
    ("Ann Sen was acquitted of espionage last year.", [A("Ann Sen", "charged-with", "espionage", "denied")]),
    ("Ann Sen was charged with espionage on Monday. She denies the charge.", [A("Ann Sen", "charged-with", "espionage", "denied")]),
    ("Ann Sen is under investigation for “treason”.", [A("Ann Sen", "charged-with", "treason", "alleged")]),
    # dates
    ("Police arrested Ali Tolek between July 4 and July 7, 2020.", [A("Ali Tolek", "detained-on", "2020-07-04/2020-07-07")]),
    ("Police arrested Ali Tolek between October 13 and 15, 2020.", [A("Ali Tolek", "detained-on", "2020-10-13/2020-10-15")]),
    # who is meant
    ("Ali Tolek was arrested in May. Police said the 44-year-old was ill.", [A("Ali Tolek", "age", "44")]),
    ('Ann Sen was arrested in May. "She told our mother that she was accused of treason," her brother Bo Sen said.', [A("Ann Sen", "charged-with", "treason", "alleged")]),
    # homes
    ("Ali Tolek hails from Tral in Pulwama district.", [A("Ali Tolek", "resident-of", "Tral")]),
    ("Ann Sen, who lives in the Havana suburb of Regla, was freed on Monday.", [A("Ann Sen", "resident-of", "Regla")]),
]  # fmt: skip


@pytest.mark.parametrize(("report", "expected"), CASES, ids=[report[:60] for report, _ in CASES])
def test_it_is_read(report, expected):
    assert set(expected) <= told(report)


@pytest.mark.parametrize(
    ("report", "predicates"),
    [
        ("Ann Sen was jailed for 30 days in 2019 and released without charge.", "sentenced-to"),
        ("More than 50 activists were jailed ahead of the November 7 elections.", "detained-on"),
        ("The minister said not a single journalist was in prison in Turkey.", "held-at detained-on"),
        ("Guards beat Ali Tolek in his cell.", "detained-by"),
        ("Journalists Unbound called for his release.", "occupation"),
        ("The group said the state should release all reporters jailed for their work.", "charged-with"),
        ("Journalists accused of an offense under the media law may not be held.", "charged-with held-at"),
        ("Police arrested Ali Tolek. He and Bo Ural face the same charge.", "charged-with"),
        ("Three officers accused of beating Ali Tolek were released in June.", "released-on"),
        ("Activists were arrested during a banned march last year.", "detained-at"),
        ("The prison of Guanajay, west of Havana, is full.", "located-in"),
    ],
)
def test_it_does_not_come_out(report, predicates):
    assert not {row for row in told(report) if row[1] in predicates.split()}


def test_an_age_that_contradicts_does_not_tell_who_is_meant():
    report = (
        "Police arrested Ali Tolek, 61. The parents of Bo Ural wept. The 24-year-old baker died on May 4."
    )
    assert A("Bo Ural", "died-on", "2021-05-04") in told(report)
    assert not {row for row in told(report) if row[0] == "Ali Tolek" and row[1] in ("died-on", "occupation")}


def test_march_in_lower_case_is_no_month():
    assert A("Ali Tolek", "detained-on", "2020-03") not in told(
        "Ali Tolek was arrested during a march last year."
    )
