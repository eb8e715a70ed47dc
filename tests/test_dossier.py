"""A dossier says all that is said, who says so and what is not known; nothing of it breaks what it is shown in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from conftest import ROOT
from kg import build, nt, wording
from kg.build import Vocabulary
from kg.conflicts import Conflict
from kg.corroboration import Corroboration
from kg.dossier import (
    Claim,
    Dossier,
    Section,
    Topic,
    dossier,
    find,
    kind_of,
    near_names,
    told,
)
from kg.dossier_html import STYLE, html
from kg.dossier_text import (
    as_json,
    columns,
    few,
    for_markdown,
    gap_words,
    markdown,
    number_of_origins,
    text,
    wrap,
)
from kg.index import Index
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, EDTF, KG_NAMESPACE, XSD_BOOLEAN, XSD_STRING
from kg.ontology import local_name
from kg.problems import KgError
from kg.project import find as find_project
from kg.rdf import assertion_iri
from kg.terms import KG

POST, TRIBUNE = "report_valley-post-1", "report_tribune-1"


def full(key: str) -> str:
    return DEFAULT_BASE + key


def entity(key: str, label: str, kind: str = "Person", **more: object) -> Entity:
    return replace(Entity(full(key), KG_NAMESPACE + kind, label), **more)  # type: ignore[arg-type]


def unnamed(key: str, label: str, kind: str = "Person") -> Entity:
    return entity(key, label, kind, unnamed=True)


def source(key: str, speaker: str | None, label: str = "", **more: object) -> Source:
    made = Source(
        full(f"source_valley-post-1_{key}"), label or f"what {key} told", full(speaker) if speaker else None
    )
    inward = {"learned_from": full(f"source_valley-post-1_{more.pop('from_')}")} if "from_" in more else {}
    return replace(made, **more, **inward)  # type: ignore[arg-type]


def to(key: str) -> str:
    return f"<{full(key)}>"


def words(value: str, language: str | None = None) -> str:
    return nt.literal(value, language=language)


def said(
    subject: str,
    predicate: str,
    object_: str,
    by: str = "friend",
    *,
    at: int = 10,
    report: str = POST,
    date: str | None = None,
    case: str | Sequence[str] = (),
    **more: str,
) -> Assertion:
    """Give an assertion; `more` are its own fields or, of other names, qualifiers."""
    own = {
        key: more.pop(key) for key in ("polarity", "certainty", "withdrawn", "note", "method") if key in more
    }
    qualifiers = {KG.date: nt.literal(date, EDTF)} if date else {}
    for key, value in more.items():
        datatype = XSD_BOOLEAN if value == "true" else XSD_STRING
        qualifiers[KG_NAMESPACE + key] = nt.literal(value, datatype)
    return Assertion(
        full(subject),
        KG_NAMESPACE + predicate,
        object_,
        full(report),
        full(f"source_valley-post-1_{by}"),
        Evidence(full(report), at, at + 20, hashlib.sha256(str(at).encode()).hexdigest()),
        qualifiers=tuple(sorted(qualifiers.items())),
        episodes=tuple(full(f"episode_{each}") for each in ([case] if isinstance(case, str) else case)),
        **own,  # type: ignore[arg-type]
    )


NONE_GIVEN, REFUSED = f"<{KG.noneGiven}>", f"<{KG.refused}>"
ENTITIES = (
    entity(
        "aman-tolek", "Aman Tolek", also=("A. Tolek",), names=(("kk", "Аман Төлек"), ("ar", "أمان توليك"))
    ),
    entity("amina-tolek", "Amina Tolek"),
    entity("zhang-wei", "张伟", names=(("en", "Zhang Wei"),)),
    entity("jose-penya", "José Peña O'Hara"),
    unnamed("valley-post-1_friend", "a friend of Aman Tolek"),
    unnamed("valley-post-1_resident", "a local resident"),
    unnamed("valley-post-1_relatives", "the relatives of Aman Tolek", "Group"),
    unnamed("valley-post-1_home", "the home of Aman Tolek", "Facility"),
    unnamed("valley-post-1_unknown-heldAt-aman-tolek-00", "unknown (Aman Tolek, held at)", "Place"),
    entity("valley-post", "Valley Post", "Organization"),
    entity("tribune", "The Tribune", "Organization"),
    entity("valley-police", "Valley police", "Organization"),
    entity("valley-court", "Valley District Court", "Court"),
    entity("upper-valley", "Upper Valley", "Place"),
    entity("norland", "Norland", "Country"),
)
REPORTS = (
    Report(
        full(POST),
        "Herder taken",
        "article",
        "2021-03-04",
        full("valley-post"),
        "en",
        "https://post.example/1",
    ),
    Report(full(TRIBUNE), "Herder sentenced", "article", "2021-05-01", full("tribune"), "en"),
)
SOURCES = (
    source("friend", "valley-post-1_friend", basis="first-hand", relation="friend"),
    source("relatives", "valley-post-1_relatives", basis="document", relation="relatives"),
    source("resident", "valley-post-1_resident", basis="family", from_="relatives"),
    source("court", "valley-court", basis="official-statement"),
    source("post", "valley-post"),
    source("tribune", "tribune"),
)
EPISODES = (
    Episode(full("episode_herder-case"), "arrest of the herder"),
    Episode(full("episode_second-case"), "second arrest of the herder"),
    Episode(full("episode_campaign"), "campaign in the valley"),
)


def index(*assertions: Assertion, **more: Sequence[object]) -> Index:
    """Give an index of what the tests have in common, and of `assertions`; `more` comes in addition."""
    return Index(
        Corpus(
            (*ENTITIES, *more.get("entities", ())),  # type: ignore[arg-type]
            (*REPORTS, *more.get("reports", ())),  # type: ignore[arg-type]
            (*SOURCES, *more.get("sources", ())),  # type: ignore[arg-type]
            (*EPISODES, *more.get("episodes", ())),  # type: ignore[arg-type]
            assertions,
        )
    )


def aman(*assertions: Assertion, **more: Sequence[object]) -> Dossier:
    found = index(*assertions, **more)
    return dossier(found, full("aman-tolek"), corroboration=Corroboration(found))


def section(of: Dossier, title: str) -> Section:
    (found,) = [section for section in of.sections if section.title == title]
    return found


def topic(of: Dossier, title: str) -> Topic:
    (found,) = [topic for section in of.sections for topic in section.topics if topic.title == title]
    return found


def values(claims: Sequence[Claim]) -> list[str]:
    return [claim.value for claim in claims]


def gaps(of: Dossier) -> list[str]:
    return [gap_words(gap) for gap in of.gaps]


# ---------------------------------------------------------------- find


HERE = said("aman-tolek", "name", words("Amantolek Tolekov"))
DIGITS = HERE.digest()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (full("aman-tolek"), "aman-tolek"),
        (f"<{full('aman-tolek')}>", "aman-tolek"),
        ("id:aman-tolek", "aman-tolek"),
        ("aman-tolek", "aman-tolek"),
        ("valley-post-1_friend", "valley-post-1_friend"),
        ("id:report_valley-post-1", "report_valley-post-1"),
        ("valley-post-1", "report_valley-post-1"),
        ("herder-case", "episode_herder-case"),
        ("source_valley-post-1_friend", "source_valley-post-1_friend"),
        (DIGITS, f"assertion_{DIGITS}"),
        (f"assertion_{DIGITS}", f"assertion_{DIGITS}"),
        (f"id:assertion_{DIGITS}", f"assertion_{DIGITS}"),
        (assertion_iri(HERE, DEFAULT_BASE), f"assertion_{DIGITS}"),
        (DIGITS[:6], f"assertion_{DIGITS}"),
        ("Aman Tolek", "aman-tolek"),
        ("A. Tolek", "aman-tolek"),
        ("Аман Төлек", "aman-tolek"),
        ("Amantolek Tolekov", "aman-tolek"),
        ("  aman  TOLEK ", "aman-tolek"),
        ("AmanTolek", "aman-tolek"),
        ("jose pena ohara", "jose-penya"),
        ("أمان توليك", "aman-tolek"),
        ("امان توليك", "aman-tolek"),
        ("张伟", "zhang-wei"),
        ("伟", "zhang-wei"),
        ("wei zhang", "zhang-wei"),
        ("court district", "valley-court"),
        ("Distr", "valley-court"),
        ("Herder taken", "report_valley-post-1"),
        ("campaign", "episode_campaign"),
        ("friend aman", "valley-post-1_friend"),
    ],
)
def test_one_thing_is_found_by_its_identifier_or_a_name(wanted: str, found: str) -> None:
    assert [local_name(iri) for iri in find(index(HERE), wanted)] == [found]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Tolek", ["aman-tolek", "amina-tolek"]),
        ("tolek am", ["aman-tolek", "amina-tolek"]),
        ("valley", ["upper-valley", "valley-court", "valley-police", "valley-post"]),
        ("nobody at all", []),
        ("", []),
        ("  ", []),
        ("...", []),
        ("\x1b", []),
    ],
)
def test_all_that_fit_are_given_so_that_whoever_asks_can_choose(wanted: str, found: list[str]) -> None:
    assert [local_name(iri) for iri in find(index(), wanted)] == found


def test_a_name_goes_before_a_description_that_holds_it() -> None:
    # "the relatives of Aman Tolek" hold both words too, but that is not what they are called.
    assert find(index(), "aman") == (full("aman-tolek"),)
    assert find(index(), "relatives") == (full("valley-post-1_relatives"),)


def test_the_last_part_of_the_key_of_somebody_unnamed_is_enough() -> None:
    assert find(index(), "resident") == (full("valley-post-1_resident"),)


def test_digits_that_begin_two_assertions_give_both() -> None:
    many = [said("aman-tolek", "occupation", words(f"trade {number}")) for number in range(7000)]
    digests = sorted(a.digest() for a in many)
    same = next((one, two) for one, two in pairwise(digests) if one[:6] == two[:6])
    found = index(*many)
    assert find(found, same[0][:6]) == tuple(full(f"assertion_{digest}") for digest in same)
    assert find(found, same[0][:5]) == ()  # too few to mean an assertion


def test_what_is_only_spoken_of_in_a_foreign_graph_is_found_by_its_iri() -> None:
    foreign = replace(HERE, subject="https://example.org/x", object="<https://example.org/y>")
    assert find(Index(Corpus(assertions=(foreign,))), "https://example.org/y") == ("https://example.org/y",)
    assert find(Index(Corpus(assertions=(foreign,))), "x") == ("https://example.org/x",)


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [("Aman Tolec", "Aman Tolek"), ("aman talek", "Aman Tolek"), ("Norlund", "Norland")],
)
def test_names_near_to_one_that_was_not_found_are_offered(wanted: str, nearest: str) -> None:
    assert near_names(index(), wanted)[0] == nearest


def test_in_an_empty_corpus_nothing_is_found_and_nothing_is_near() -> None:
    assert find(Index(Corpus()), "Aman Tolek") == ()
    assert near_names(Index(Corpus()), "Aman Tolek") == ()
    with pytest.raises(KgError, match=r"nothing in this graph is called 'https://example\.org/x'"):
        dossier(Index(Corpus()), "https://example.org/x")
    with pytest.raises(KgError, match="nothing in this graph"):
        dossier(Index(Corpus()), full("assertion_" + "0" * 32))


def test_what_kind_of_thing_it_is_has_a_word() -> None:
    found = index()
    kinds = {
        key: kind_of(found, full(key))
        for key in ("aman-tolek", "valley-court", POST, "source_valley-post-1_friend")
    }
    assert list(kinds.values()) == ["person", "court", "report", "source"]
    assert kind_of(found, full("episode_campaign")) == "episode"
    assert kind_of(found, full(f"assertion_{DIGITS}")) == "assertion"
    assert kind_of(found, full("x")) == "thing"
    assert kind_of(found, full("aman-tolek"), {KG_NAMESPACE + "Person": "human being"}) == "human being"


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2017", "2017"),
        ("2017-05", "May 2017"),
        ("2017-05-04", "4 May 2017"),
        ("2017-05~", "about May 2017"),
        ("2017?", "perhaps 2017"),
        ("2017-05-14%", "perhaps about 14 May 2017"),
        ("201X", "the 2010s"),
        ("20XX", "a year from 2000 to 2099"),
        ("2017-XX", "a month of 2017"),
        ("2017-XX-XX", "a day in 2017"),
        ("2017-05-XX", "a day in May 2017"),
        ("2017-23", "autumn 2017"),
        ("2017-05/2017-07-01", "from May 2017 to 1 July 2017"),
        ("2017-05/", "from May 2017 to no known end"),
        ("2017-05/..", "from May 2017 to no known end"),
        ("../2017-05", "from no known start to May 2017"),
        ("[2017-05..2017-07]", "on a day from May 2017 to July 2017"),
        ("[2017-05..]", "on a day from May 2017 on"),
        ("[..2017-05]", "on a day up to May 2017"),
        ("2017-05-14T10:30:00Z", "14 May 2017, 10:30:00Z"),
        ("last <b>month</b>", "last <b>month</b>"),
    ],
)
def test_a_date_is_written_as_people_write_it_and_says_no_more_than_was_reported(
    date: str, shown: str
) -> None:
    assert wording.date(date) == shown


def told_by(by: str, **more: Sequence[object]) -> str:
    (claim,) = topic(aman(said("aman-tolek", "occupation", words("herder"), by), **more), "occupation").claims
    (telling,) = claim.tellings
    return told(telling)


def test_who_told_whom_reads_from_the_one_who_knew_to_the_publisher() -> None:
    assert told_by("resident") == (
        "the relatives of Aman Tolek (from a document), who told a local resident (from the family), "
        "who told Valley Post"
    )
    assert told_by("friend") == "a friend of Aman Tolek (first-hand), who told Valley Post"
    assert told_by("court") == "Valley District Court (official statement), who told Valley Post"


def test_a_publisher_that_speaks_itself_told_nobody() -> None:
    assert told_by("post") == "Valley Post itself"
    assert told_by("tribune") == "The Tribune, who told Valley Post"


def test_a_relation_is_named_where_the_name_does_not_say_it() -> None:
    brother = source("brother", "jose-penya", basis="hearsay", relation="brother")
    assert told_by("brother", sources=[brother]) == (
        "José Peña O'Hara (brother, from hearsay), who told Valley Post"
    )


def test_a_chain_that_is_cut_withheld_lost_or_goes_in_a_circle_says_so() -> None:
    withheld = source("withheld", None, "source withheld")
    assert told_by("withheld", sources=[withheld]) == "source withheld, who told Valley Post"
    cut = source("cut", "jose-penya", from_="gone")
    assert told_by("cut", sources=[cut]) == (
        "somebody of whom nothing more is known here, who told José Peña O'Hara, who told Valley Post"
    )
    assert told_by("gone") == "somebody unknown, who told Valley Post"
    circle = [source("one", "jose-penya", from_="two"), source("two", "zhang-wei", from_="one")]
    assert told_by("one", sources=circle) == (
        "tellers who name each other in a circle, who told 张伟, who told José Peña O'Hara, who told Valley Post"
    )
    own = source("own", "zhang-wei", from_="own")
    assert told_by("own", sources=[own]) == (
        "tellers who name each other in a circle, who told 张伟, who told Valley Post"
    )


def test_a_chain_is_told_up_to_a_length() -> None:
    chain = [source(f"s{n}", "zhang-wei", from_=f"s{n + 1}") for n in range(40)]
    assert told_by("s0", sources=chain).startswith("more than 12 tellers, who told 张伟, who told 张伟")
    assert told_by("s0", sources=chain).count("张伟") == 12


def test_a_report_without_a_publisher_was_published_by_somebody() -> None:
    report = Report(full("report_x"), "", "article")
    made = aman(said("aman-tolek", "occupation", words("herder"), report="report_x"), reports=[report])
    (claim,) = topic(made, "occupation").claims
    assert told(claim.tellings[0]) == "a friend of Aman Tolek (first-hand), who told whoever published it"
    assert made.reports[0].title == "report_x"


def test_few_of_many_are_listed() -> None:
    assert [few(tuple("abc"[:number])) for number in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert few(tuple("abcdefgh")) == "a, b, c, d, e, f and 2 more"


# ---------------------------------------------------------------- of a person

FIVE_A = said(
    "aman-tolek", "sentencedTo", words("5 years"), "friend", at=30, case="herder-case", secretTrial="true"
)
FIVE_B = said("aman-tolek", "sentencedTo", words("5 years"), "resident", at=60, case="herder-case")
SEVEN = said(
    "aman-tolek",
    "sentencedTo",
    words("7 years"),
    "court",
    at=5,
    report=TRIBUNE,
    date="2021-04~",
    case="herder-case",
)


def test_those_who_say_the_same_stand_side_by_side_and_who_says_otherwise_beside_them() -> None:
    made = aman(SEVEN, FIVE_B, FIVE_A)
    five, seven = topic(made, "sentenced to").claims
    assert (five.value, [told(t, how=False).partition(",")[0] for t in five.tellings]) == (
        "5 years",
        ["a friend of Aman Tolek", "the relatives of Aman Tolek"],
    )
    assert five.origins is not None
    assert (five.origins.least, five.origins.most) == (2, 2)
    (telling,) = seven.tellings
    assert (seven.value, telling.when, telling.date, telling.report) == (
        "7 years",
        "about April 2021",
        "2021-04~",
        2,
    )
    assert (five.tellings[0].start, five.tellings[0].end, five.tellings[0].when) == (
        30,
        50,
        "no date reported",
    )
    assert five.tellings[0].details == (("secret-trial", "true", "secret trial"),)
    assert [(cited.number, cited.title) for cited in made.reports] == [
        (1, "Herder taken"),
        (2, "Herder sentenced"),
    ]


def test_who_denies_stands_after_who_says_and_who_alleges() -> None:
    made = aman(
        said("aman-tolek", "detainedBy", to("valley-police"), "court", polarity="denied"),
        said("aman-tolek", "detainedBy", to("valley-police"), "resident", certainty="alleged"),
        said("aman-tolek", "detainedBy", to("valley-police"), "friend", date="2021-02-14", inferred="true"),
        said("aman-tolek", "detainedBy", to("valley-police"), "post", polarity="denied", certainty="alleged"),
    )
    (claim,) = topic(made, "detained by").claims
    assert [telling.sure for telling in claim.tellings] == [
        "stated",
        "alleged",
        "denied",
        "denied, as alleged",
    ]
    assert claim.tellings[0].inferred
    assert claim.origins is not None
    assert claim.denials is not None
    assert (claim.origins.least, claim.denials.least) == (
        1,
        2,
    )  # of those who state it, not of who alleges it


def test_several_arrests_are_told_apart_and_a_campaign_belongs_to_its_only_arrest() -> None:
    others = said("amina-tolek", "detainedAt", to("upper-valley"), case="campaign")
    first = said("aman-tolek", "detainedAt", to("upper-valley"), case=("campaign", "herder-case"), at=1)
    same = said("aman-tolek", "detainedAt", to("upper-valley"), "resident", case="campaign", at=2)
    second = said("aman-tolek", "detainedAt", to("upper-valley"), case="second-case", at=3)
    claims = topic(aman(others, first, same, second), "detained at").claims
    assert [(claim.case, len(claim.tellings)) for claim in claims] == [
        ("arrest of the herder", 2),
        ("second arrest of the herder", 1),
    ]
    (claim,) = topic(aman(others, first, same), "detained at").claims
    assert claim.case == ""  # there is only one


def test_names_say_where_they_come_from() -> None:
    made = aman(HERE, said("aman-tolek", "name", words("Aman Tolek"), "post", at=40, report=TRIBUNE))
    names = {name.text: (name.language, name.listed, len(name.tellings)) for name in made.names}
    assert names == {
        "Aman Tolek": (None, True, 1),
        "A. Tolek": (None, True, 0),
        "Аман Төлек": ("kk", True, 0),
        "أمان توليك": ("ar", True, 0),
        "Amantolek Tolekov": (None, False, 1),
    }


def test_what_nobody_reports_is_said() -> None:
    made = aman(said("aman-tolek", "detainedAt", to("valley-post-1_home")))
    assert gaps(made) == [
        "When the detention began is not reported.",
        "Who carried out the detention is not reported.",
        "The place of custody is not reported.",
        "No accusation or charge is reported.",
        "No sentence is reported.",
        "Where the home of Aman Tolek lies is not reported.",
        "No release is reported; the newest report here is of 4 March 2021.",
    ]


def test_what_is_reported_is_no_gap() -> None:
    made = aman(
        said("aman-tolek", "detainedAt", to("upper-valley"), date="2021"),
        said("aman-tolek", "detainedBy", to("valley-police")),
        said("aman-tolek", "chargedWith", words("theft")),
        said("aman-tolek", "sentencedBy", to("valley-court"), date="2021"),
        said("aman-tolek", "sentencedTo", words("5 years")),
        said("aman-tolek", "releasedFrom", to("upper-valley")),
    )
    assert gaps(made) == []


def test_a_sentence_leaves_its_own_questions() -> None:
    assert "Which court passed the sentence is not reported." in gaps(aman(FIVE_A))
    assert "When the sentence was passed is not reported." in gaps(aman(FIVE_A))
    bare = aman(said("aman-tolek", "sentencedBy", to("valley-court"), date="2021"))
    assert "The term of the sentence is not reported." in gaps(bare)
    assert "No accusation or charge is reported." in gaps(bare)
    accused = aman(said("aman-tolek", "accusedOf", words("theft")), FIVE_A)
    assert "No formal charge is reported." in gaps(accused)


def test_none_given_and_refused_are_no_denial_and_say_why() -> None:
    made = aman(
        said("aman-tolek", "accusedOf", NONE_GIVEN, circumstance="no word at the arrest"),
        said("aman-tolek", "chargedWith", REFUSED, "court", circumstance="sent the wife away"),
        said("aman-tolek", "orderedTo", REFUSED, "court"),
    )
    assert values(topic(made, "accused of").claims) == ["none given"]
    assert values(topic(made, "charged with").claims) == ["asked for, and refused"]
    assert "No reason was given (no word at the arrest)." in gaps(made)
    assert "The charge was asked for and refused (sent the wife away)." in gaps(made)
    assert 'The answer to "ordered to" was asked for and refused.' in gaps(made)
    assert not any(
        t.sure == "denied" for s in made.sections for o in s.topics for c in o.claims for t in c.tellings
    )


def test_an_unknown_place_is_called_unknown_and_stays_a_gap() -> None:
    made = aman(
        said("aman-tolek", "heldAt", to("valley-post-1_unknown-heldAt-aman-tolek-00"), date="2021-02")
    )
    assert values(topic(made, "held at").claims) == ["unknown"]
    assert "The place of custody is not reported." in gaps(made)


def test_somebody_of_whom_nothing_befell_has_no_gaps_but_a_name() -> None:
    found = index(said("valley-post-1_friend", "occupation", words("herder")))
    assert gaps(dossier(found, full("valley-post-1_friend"))) == ["No name is reported."]
    assert gaps(dossier(found, full("valley-post-1_relatives"))) == [
        "No name is reported.",
        "How many they are is not reported.",
    ]


def test_what_is_withdrawn_is_shown_as_withdrawn_and_counts_for_nothing() -> None:
    gone = said("aman-tolek", "sentencedTo", words("9 years"), withdrawn=Withdrawal("2026-01-02"))
    made = aman(FIVE_A, gone)
    assert values(topic(made, "sentenced to").claims) == ["5 years"]
    (withdrawn,) = made.withdrawn
    assert [(claim.label, claim.value) for claim in withdrawn.claims] == [("sentenced to", "9 years")]
    assert "withdrawn on 2 January 2026" in text(made)
    alone = dossier(index(gone), assertion_iri(gone, DEFAULT_BASE))
    assert (alone.sections, len(alone.withdrawn)) == ((), 1)


def test_relatives_stand_together_from_either_side() -> None:
    made = aman(
        said("amina-tolek", "relativeOf", to("aman-tolek"), role="sister"),
        said("aman-tolek", "relativeOf", to("jose-penya"), role="cousin"),
    )
    forward, backward = section(made, "Family and friends").topics
    assert (values(forward.claims), values(backward.claims)) == (["José Peña O'Hara"], ["Amina Tolek"])
    assert backward.claims[0].tellings[0].details == (("role", "sister", "role: sister"),)


def test_a_predicate_of_a_project_has_its_place_and_its_words() -> None:
    made = aman(said("aman-tolek", "seenBy", to("jose-penya")))
    assert [topic.title for topic in section(made, "Also said").topics] == ["seen by"]
    found = index(said("aman-tolek", "seenBy", to("jose-penya")))
    labelled = dossier(found, full("aman-tolek"), labels={KG_NAMESPACE + "seenBy": "was seen by"})
    assert labelled.sections[0].topics[0].title == "was seen by"
    back = dossier(found, full("jose-penya"))
    assert [(t.title, values(t.claims)) for t in section(back, "What is said of others").topics] == [
        ("seen by: this one", ["Aman Tolek"])
    ]


def test_entities_tied_by_same_as_are_taken_together() -> None:
    other = entity("aman-t", "Aman T.", same_as=("http://www.wikidata.org/entity/Q1",))
    first = replace(ENTITIES[0], same_as=("http://www.wikidata.org/entity/Q1",))
    corpus = replace(index().corpus, entities=(first, *ENTITIES[1:], other))
    found = Index(
        replace(corpus, assertions=(FIVE_A, said("aman-t", "sentencedTo", words("5 years"), "court")))
    )
    tied = dossier(found, full("aman-tolek"), corroboration=Corroboration(found))
    (claim,) = topic(tied, "sentenced to").claims
    assert len(claim.tellings) == 2
    assert [(fact.label, fact.text) for fact in tied.facts] == [("also entered as", "Aman T.")]
    assert "Aman T." in [name.text for name in tied.names]
    (apart,) = topic(dossier(found, full("aman-tolek")), "sentenced to").claims
    assert len(apart.tellings) == 1


def test_the_same_assertion_in_two_seeds_is_told_once() -> None:
    (claim,) = topic(aman(FIVE_A, replace(FIVE_A, note="again")), "sentenced to").claims
    assert len(claim.tellings) == 1


def test_what_is_marked_restricted_is_marked_in_the_dossier() -> None:
    made = aman(replace(FIVE_A, access=Access.RESTRICTED))
    assert "stated; no date reported; secret trial; restricted; [1] characters 30-50" in text(made)
    hidden = Index(replace(index().corpus, entities=(replace(ENTITIES[0], access=Access.RESTRICTED),)))
    assert text(dossier(hidden, full("aman-tolek"))).splitlines()[2] == "Person; restricted; id:aman-tolek"


# ---------------------------------------------------------------- of places, courts and what is no entity


def test_a_place_says_where_it_lies_who_was_taken_there_and_in_places_within_it() -> None:
    found = index(
        said("upper-valley", "locatedIn", to("norland"), "post"),
        said("valley-post-1_home", "locatedIn", to("upper-valley"), "post"),
        said("aman-tolek", "detainedAt", to("valley-post-1_home"), date="2021-02"),
        said("amina-tolek", "heldAt", to("upper-valley")),
    )
    valley = dossier(found, full("upper-valley"))
    assert values(topic(valley, "located in").claims) == ["Norland"]
    assert values(topic(valley, "held here").claims) == ["Amina Tolek"]
    assert values(topic(valley, "places in it").claims) == ["the home of Aman Tolek"]
    (taken,) = topic(valley, "taken there").claims
    assert (taken.value, taken.beside) == ("Aman Tolek", "the home of Aman Tolek")
    norland = dossier(found, full("norland"))
    assert [t.title for t in section(norland, "In places within it").topics] == ["taken there", "held there"]
    (home,) = topic(dossier(found, full("aman-tolek")), "detained at").claims
    assert home.within == ("Upper Valley", "Norland")


def test_places_that_lie_in_each_other_end_somewhere() -> None:
    found = index(
        said("upper-valley", "locatedIn", to("norland"), "post"),
        said("norland", "locatedIn", to("upper-valley"), "post"),
        said("norland", "locatedIn", to("norland"), "post"),
        said("aman-tolek", "detainedAt", to("upper-valley")),
    )
    for key in ("upper-valley", "norland", "aman-tolek"):
        assert text(dossier(found, full(key), corroboration=Corroboration(found)))


def test_a_court_says_whom_it_sentenced_and_to_what() -> None:
    by = said("aman-tolek", "sentencedBy", to("valley-court"), "post", case="herder-case")
    other = said("aman-tolek", "sentencedTo", words("1 year"), case="second-case")
    (claim,) = topic(dossier(index(by, FIVE_A, SEVEN, other), full("valley-court")), "sentenced by it").claims
    assert (claim.value, claim.beside) == ("Aman Tolek", "5 years / 7 years")


def test_a_source_says_what_would_stand_on_nothing_without_it() -> None:
    found = index(FIVE_A, FIVE_B, said("aman-tolek", "occupation", words("herder"), at=3))
    made = dossier(found, full("source_valley-post-1_friend"), corroboration=Corroboration(found))
    assert made.kind == "source"
    assert [(fact.label, fact.text) for fact in made.facts] == [
        ("speaker", "a friend of Aman Tolek"),
        ("relation to those spoken of", "friend"),
        ("how the speaker knows", "first-hand"),
    ]
    assert made.falls is not None
    (rests,) = made.falls.alone
    assert [(claim.label, claim.value) for claim in rests.claims] == [("occupation", "herder")]
    (weaker,) = made.falls.weaker
    assert (weaker.said, weaker.before.least, weaker.left.least) == ("sentenced to: 5 years", 2, 1)
    assert "2 assertions rest on it; 1 thing that is said would stand on nothing:" in text(made)
    assert dossier(found, full("source_valley-post-1_friend")).falls is None


def test_a_source_says_what_others_told_who_learned_it_there() -> None:
    made = dossier(index(FIVE_A, FIVE_B), full("source_valley-post-1_relatives"))
    (behind,) = made.sections
    assert behind.title == "What others told who learned it from this source"
    assert values(behind.topics[0].claims) == ["5 years"]
    lost = dossier(index(FIVE_A, sources=[source("nobody", None)]), full("source_valley-post-1_nobody"))
    assert gaps(lost) == [
        "Who speaks is not known.",
        "How the speaker knows is not reported.",
        "From whom the speaker knows is not reported.",
    ]


def test_whoever_speaks_is_shown_as_a_teller() -> None:
    made = dossier(index(FIVE_A, FIVE_B), full("valley-post-1_relatives"))
    (tells,) = made.tells
    assert (tells.label, tells.listeners, tells.assertions, tells.about) == (
        "what relatives told",
        ("a local resident",),
        1,
        ("Aman Tolek",),
    )
    itself = dossier(index(said("aman-tolek", "occupation", words("herder"), "post")), full("valley-post"))
    assert "what post told (id:source_valley-post-1_post): 1 thing, said in its own voice;" in text(itself)
    assert [(fact.label, fact.text) for fact in itself.facts] == [("published", "Herder taken")]


def test_a_report_says_what_it_says_and_who_tells() -> None:
    found = index(FIVE_A, FIVE_B, said("norland", "name", words("Norland"), "post", at=0))
    made = dossier(found, full(POST), corroboration=Corroboration(found))
    assert [t.title for t in made.sections[0].topics] == ["Norland", "Aman Tolek"]
    assert [t.label for t in made.tells] == ["what friend told", "what post told", "what resident told"]
    assert gaps(made) == ["Its text is not on record, so passages cannot be checked."]
    assert made.falls is not None
    assert (made.falls.assertions, made.falls.things, made.falls.alone) == (3, 2, ())
    assert ("address", "https://post.example/1") in [(fact.label, fact.text) for fact in made.facts]


def test_a_copied_report_names_the_original() -> None:
    copy = replace(REPORTS[1], iri=full("report_copy"), copied_from=full(POST))
    made = dossier(index(reports=[copy]), full("report_copy"))
    assert ("copied from", "Herder taken") in [(fact.label, fact.text) for fact in made.facts]


def test_an_episode_gathers_what_belongs_to_it() -> None:
    made = dossier(index(FIVE_A, SEVEN, HERE), full("episode_herder-case"))
    (about,) = made.sections[0].topics
    assert (made.title, about.title, values(about.claims)) == (
        "arrest of the herder",
        "Aman Tolek",
        ["5 years", "7 years"],
    )


def test_an_assertion_shows_who_says_the_same_and_who_says_otherwise() -> None:
    denied = said(
        "aman-tolek", "sentencedTo", words("5 years"), "court", case="herder-case", polarity="denied"
    )
    elsewhere = said("aman-tolek", "sentencedTo", words("1 year"), case="second-case")
    made = dossier(index(FIVE_A, FIVE_B, SEVEN, denied, elsewhere), assertion_iri(FIVE_A, DEFAULT_BASE))
    assert made.title == "Aman Tolek: sentenced to 5 years"
    shown = {
        s.title: [(c.value, c.tellings[0].sure) for t in s.topics for c in t.claims] for s in made.sections
    }
    assert shown == {
        "What is said": [("5 years", "stated")],
        "The same, told elsewhere": [("5 years", "stated")],
        "Said differently": [("5 years", "denied"), ("7 years", "stated")],
    }
    not_so = dossier(index(denied), assertion_iri(denied, DEFAULT_BASE))
    assert not_so.title == "Aman Tolek: not sentenced to 5 years"


def test_conflicts_that_share_a_side_are_one_dispute() -> None:
    nine = said("aman-tolek", "sentencedTo", words("9 years"), "post", case="herder-case")
    found = index(FIVE_A, SEVEN, nine, HERE)
    five, seven, other = (assertion_iri(a, DEFAULT_BASE) for a in (FIVE_A, SEVEN, nine))
    conflicts = [
        Conflict("conflict-term", five, seven, "two terms"),
        Conflict("conflict-term", other, seven, "two terms"),
        Conflict(
            "conflict-term", full("assertion_" + "1" * 32), full("assertion_" + "2" * 32), "somebody else's"
        ),
        Conflict("conflict-other", five, other, "another rule"),
    ]
    made = dossier(found, full("aman-tolek"), conflicts=conflicts)
    shown = {dispute.rule: sorted(values(dispute.sides)) for dispute in made.disputes}
    assert shown == {
        "conflict-term": ["5 years", "7 years", "9 years"],
        "conflict-other": ["5 years", "9 years"],
    }
    assert [dispute.number for dispute in made.disputes] == [1, 2]
    by_value = {claim.value: claim.tellings[0].disputes for claim in topic(made, "sentenced to").claims}
    assert len(by_value["5 years"]) == 2
    assert "(2) Two terms." in text(made) or "(1) Two terms." in text(made)
    assert dossier(index(HERE), full("aman-tolek"), conflicts=conflicts).disputes == ()


# ---------------------------------------------------------------- as text


def test_a_small_dossier_reads_so() -> None:
    home = said(
        "aman-tolek",
        "detainedAt",
        to("valley-post-1_home"),
        "resident",
        date="2021-02~",
        inferred="true",
        circumstance="before dawn",
    )
    made = aman(home, said("aman-tolek", "age", words("36"), "friend", at=70))
    assert text(made) == (
        """\
Aman Tolek
==========
Person; id:aman-tolek

Names
-----
- Aman Tolek: listed by the project; no report here gives it
- A. Tolek: listed by the project; no report here gives it
- Аман Төлек (kk): listed by the project; no report here gives it
- أمان توليك (ar): listed by the project; no report here gives it

Taken and held
--------------
Detained at: the home of Aman Tolek
  told by the relatives of Aman Tolek (from a document), who told a local
      resident (from the family), who told Valley Post
    stated; about February 2021 (worked out by the curator); before dawn; [1]
        characters 10-30

Who
---
Age: 36
  told by a friend of Aman Tolek (first-hand), who told Valley Post
    stated; [1] characters 70-90

What is not known
-----------------
- Who carried out the detention is not reported.
- The place of custody is not reported.
- No accusation or charge is reported.
- No sentence is reported.
- Where the home of Aman Tolek lies is not reported.
- No release is reported; the newest report here is of 4 March 2021.

Reports
-------
- [1] Herder taken. Valley Post, 4 March 2021. https://post.example/1
This says what was said, by whom and where: not what is true. Characters are
    counted from 0; the second number is the first one after the passage.
"""
    )


def test_lines_keep_to_the_width_whatever_the_script() -> None:
    long = "温泉县" * 40
    arabic = "ناھىيىسى " * 30
    made = aman(
        said("aman-tolek", "occupation", words(long)),
        said("aman-tolek", "occupation", words(arabic)),
        said("aman-tolek", "occupation", words("x" * 300)),
        said("aman-tolek", "occupation", words("e\u0301" * 100)),
    )
    for width in (40, 80, 100):
        shown = text(made, width=width)
        assert max(map(columns, shown.splitlines())) <= width
        assert shown.replace("\n", "").replace(" ", "").count("温泉县") == 40
        assert "\n\u0301" not in shown


def test_columns_count_what_a_terminal_shows() -> None:
    assert [columns(shown) for shown in ("abc", "温泉", "e\u0301", "نا", "\u200b")] == [3, 4, 1, 2, 0]
    assert wrap("aa bb cc", 5, "- ", "  ") == ["- aa", "  bb", "  cc"]
    assert wrap("", 5) == [""]
    assert wrap("温泉县", 2) == ["温", "泉", "县"]
    assert wrap("温泉", 1) == ["温", "泉"]  # wider than there is room: still one by one


def test_a_terminal_that_holds_little_gets_escapes() -> None:
    shown = text(aman(HERE), encoding="ascii")
    assert shown.isascii()
    assert r"\u0410\u043c\u0430\u043d" in shown


HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b[2J\x1b]0;owned\x07",
    '=HYPERLINK("https://evil.example","x")',
    "\u202egnp.exe",
    "](https://evil.example) [x",
    "`|</td></table><img src=x onerror=alert(1)>\n# heading\n- item",
    "javascript:alert(1)",
    "\ud800",
    "' onmouseover='x",
    "https://evil.example www.evil.example a@evil.example",
)


def hostile(*given: str) -> Dossier:
    """Give a dossier with hostile words, all or those given, wherever words from outside can stand."""
    bads = given or HOSTILE
    entities, sources, reports, assertions = [], [], [], []
    for number, bad in enumerate(bads):
        # No literal holds half a character; a label that Python made may.
        text_ = bad.replace("\ud800", "half")
        entities += [
            entity(f"bad-{number}", bad, also=(f"{bad}!",), names=((bad, f"{bad}?"),), note=bad),
            unnamed(f"bad-speaker-{number}", bad),
            entity(f"bad-publisher-{number}", bad, "Organization"),
            entity(f"bad-place-{number}", bad, "Place"),
        ]
        sources.append(source(f"bad-{number}", f"bad-speaker-{number}", bad, basis=bad, relation=f"{bad}."))
        report = Report(
            full(f"report_bad-{number}"), bad, bad, bad, full(f"bad-publisher-{number}"), bad, bad, bad
        )
        reports.append(report)
        where = {"report": f"report_bad-{number}", "by": f"bad-{number}"}
        more = {"circumstance": text_, "role": text_, "placeDetail": text_, "note": bad, "date": text_}
        assertions += [
            said("aman-tolek", "occupation", words(text_), **where, **more),
            said("aman-tolek", "detainedAt", to(f"bad-place-{number}"), **where, **more, method=bad),
            said("aman-tolek", "chargedWith", NONE_GIVEN, **where, **more),
            said("aman-tolek", "name", words(text_), **where, **more),
            said("aman-tolek", "relativeOf", to(f"bad-{number}"), **where, withdrawn=Withdrawal(bad)),
        ]
    first = replace(ENTITIES[0], same_as=bads, note=" ".join(bads), label=bads[0])
    corpus = index(*assertions, entities=entities, sources=sources, reports=reports).corpus
    found = Index(replace(corpus, entities=(first, *corpus.entities[1:])))
    conflicts = [
        Conflict(bad, *(assertion_iri(a, DEFAULT_BASE) for a in assertions[:2]), bad) for bad in HOSTILE
    ]
    return dossier(found, full("aman-tolek"), corroboration=Corroboration(found), conflicts=conflicts)


@pytest.mark.parametrize("bad", [(), *((each,) for each in HOSTILE)])
def test_no_label_commands_a_terminal_or_starts_a_line_of_its_own(bad: tuple[str, ...]) -> None:
    shown = text(hostile(*bad))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert bad or r"\x1b[2J" in shown
    assert not re.search("^(# heading|- item)", shown, re.MULTILINE)
    assert max(map(columns, shown.splitlines())) <= 80


# ---------------------------------------------------------------- as Markdown


@pytest.mark.parametrize(
    ("given", "escaped"),
    [
        ("plain words", "plain words"),
        ("*a* _b_ `c` [d](e) <f> #g |h", r"\*a\* \_b\_ \`c\` \[d\](e) \<f\> \#g \|h"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("2017. a", r"2017\. a"),
        ("+ a", r"\+ a"),
        ("a\nb", r"a\\nb"),
        ("&lt;", r"\&lt;"),
        ("https://x.example www.x.example a@x.example", r"https\://x.example www\.x.example a\@x.example"),
        ("2017-05", "2017-05"),
    ],
)
def test_markdown_shows_the_words_and_marks_nothing_up(given: str, escaped: str) -> None:
    assert for_markdown(given) == escaped


@pytest.mark.parametrize("bad", [(), *((each,) for each in HOSTILE)])
def test_markdown_parses_to_headings_and_lists_of_our_own_only(bad: tuple[str, ...]) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    rendered = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(markdown(hostile(*bad)))
    tags = set(re.findall("<([a-z0-9]+)", rendered))
    assert tags == {"h1", "h2", "ul", "li", "p"} or tags == {"h1", "h2", "ul", "li"}
    assert bad or "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered


def test_markdown_nests_who_says_so_below_what_is_said() -> None:
    assert (
        "- Sentenced to: 5 years\n"
        "  - told by a friend of Aman Tolek (first-hand), who told Valley Post\n"
        "    - stated; no date reported; secret trial; [1] characters 30-50\n"
    ) in markdown(aman(FIVE_A))


# ---------------------------------------------------------------- as HTML


class Page(HTMLParser):
    """What a page is made of; refuses tags that are not closed in order."""

    VOID = ("meta", "br", "hr", "img")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.style = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


@pytest.mark.parametrize("bad", [(), *((each,) for each in HOSTILE)])
def test_a_page_is_whole_and_carries_no_script_and_no_request(bad: tuple[str, ...]) -> None:
    page = Page(html(hostile(*bad)))
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "footer"),
        *("h1", "h2", "p", "dl", "dt", "dd", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
        *("a", "bdi", "strong", "span", "cite"),
    }
    allowed = {
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "id",
        "class",
        "scope",
        "rowspan",
        "href",
        "rel",
    }
    allowed |= {"aria-label", "aria-labelledby", "value"}
    assert {name for _, attributes in page.tags for name in attributes} <= allowed
    links = [str(attributes["href"]) for attributes in page.all("a")]
    assert all(link.startswith(("#", "https://")) for link in links)
    assert bad or "<script>alert(1)</script>" in page.words
    assert not any("javascript:" in link for link in links)


def test_the_policy_of_a_page_allows_its_own_style_and_nothing_else() -> None:
    page = Page(html(aman(FIVE_A)))
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.style == STYLE
    assert not re.search("@import|url[(]", STYLE)
    assert "@media print" in STYLE


def test_a_page_can_be_listened_to() -> None:
    made = aman(FIVE_A, FIVE_B, HERE)
    page = Page(html(made))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    heads = page.all("th")
    assert {head["scope"] for head in heads} == {"col", "rowgroup"}
    assert [head["rowspan"] for head in heads if head["scope"] == "rowgroup"] == ["2"]
    assert [bdi["lang"] for bdi in page.all("bdi") if "lang" in bdi][:2] == ["kk", "ar"]
    identifiers = {str(attributes["id"]) for _, attributes in page.tags if attributes.get("id")}
    assert {str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")} <= identifiers
    assert all(str(s["aria-labelledby"]) in identifiers for s in page.all("section"))


def test_a_page_says_what_the_text_says() -> None:
    made = aman(FIVE_A, FIVE_B, SEVEN)
    shown = " ".join(" ".join(Page(html(made)).words).split())
    for expected in (
        "a friend of Aman Tolek ( first-hand ), who told Valley Post",
        "When the detention began is not reported.",
        "from 2 distinct origins (",
        "https://post.example/1",
        "about April 2021",
    ):
        assert expected in shown


# ---------------------------------------------------------------- as JSON


def test_json_is_flat_and_holds_each_assertion_once() -> None:
    gone = said("aman-tolek", "age", words("40"), withdrawn=Withdrawal("2026-01-02"))
    content = json.loads(as_json(aman(FIVE_A, FIVE_B, SEVEN, HERE, gone)))
    assert [(a["section"], a["predicate"], a["value"]) for a in content["assertions"]] == [
        ("Names", "name", "Amantolek Tolekov"),
        ("Accusation, charge and sentence", "sentenced-to", "5 years"),
        ("Accusation, charge and sentence", "sentenced-to", "5 years"),
        ("Accusation, charge and sentence", "sentenced-to", "7 years"),
        ("Withdrawn", "age", "40"),
    ]
    seven = content["assertions"][3]
    assert (seven["date"], seven["earliest"], seven["latest"]) == ("2021-04~", "2021-04-01", "2021-04-30")
    assert (seven["report"], seven["start"], seven["end"], seven["sure"]) == (2, 5, 25, "stated")
    assert content["assertions"][2]["told"].startswith(
        "the relatives of Aman Tolek (from a document), who told"
    )
    assert content["assertions"][1]["qualifiers"] == {"secret-trial": "true"}
    assert [report["title"] for report in content["reports"]] == ["Herder taken", "Herder sentenced"]
    assert len({frozenset(a) for a in content["assertions"]}) == 1  # all have the same keys


def test_json_holds_hostile_words_as_they_are() -> None:
    content = json.loads(as_json(hostile()))
    assert {a["value"] for a in content["assertions"]} >= {*HOSTILE} - {"\ud800"}
    assert content["note"] == " ".join(HOSTILE)


# ---------------------------------------------------------------- whatever comes


def test_an_entity_without_a_label_and_one_of_which_nothing_is_said() -> None:
    found = index(
        said("aman-tolek", "detainedBy", to("nameless")), entities=[entity("nameless", "", "Organization")]
    )
    made = dossier(found, full("nameless"))
    assert (made.title, made.names) == ("nameless", ())
    empty = dossier(index(), full("norland"))
    for shown in (text(empty), markdown(empty), html(empty)):
        assert "Norland" in shown
    bare = dossier(index(entities=[entity("bare", "")]), full("bare"))
    assert "Nothing is said of it here" in text(bare)
    assert "Nothing is said of it here" in html(bare)


def test_a_foreign_graph_may_lack_reports_sources_and_passages() -> None:
    odd = Assertion(
        full("x"), "https://example.org/p", "<https://example.org/y>", "r", "s", Evidence("r", record="z")
    )
    found = Index(Corpus(assertions=(odd, replace(odd, evidence=Evidence("r")))))
    made = dossier(found, full("x"), corroboration=Corroboration(found))
    assert "stated; [1] as a record" in text(made)
    assert "stated; [1] place not recorded" in text(made)
    assert json.loads(as_json(made))["assertions"][0]["record"] in ("z", None)
    assert html(made)


def test_the_same_dossier_has_the_same_bytes_in_any_order() -> None:
    given = [FIVE_A, FIVE_B, SEVEN, HERE, said("amina-tolek", "relativeOf", to("aman-tolek"))]
    one, other = aman(*given), aman(*reversed(given))
    for write in (text, markdown, html, as_json):
        assert write(one) == write(other)


def test_origins_are_counted_in_words() -> None:
    from kg.corroboration import Origins

    assert number_of_origins(Origins(1, 1)) == "1 distinct origin"
    assert number_of_origins(Origins(1, 3)) == "at least 1 distinct origin, at most 3"
    assert number_of_origins(Origins(2, 2)) == "2 distinct origins"


@pytest.mark.parametrize("write", [text, markdown, html, as_json], ids=lambda write: write.__name__)
def test_ten_thousand_assertions_about_one_person_take_seconds(write: Callable[[Dossier], object]) -> None:
    many = [
        said(
            "aman-tolek",
            ("occupation", "detainedAt", "accusedOf")[number % 3],
            to("upper-valley") if number % 3 == 1 else words(f"value {number % 500}"),
            f"s{number % 50}",
            at=number,
            date="2021-02" if number % 2 else None,
            case="herder-case" if number % 5 else (),
            polarity="denied" if number % 11 == 0 else "affirmed",
        )
        for number in range(10_000)
    ]
    circle = [source(f"s{n}", "zhang-wei", from_=f"s{(n + 1) % 50}") for n in range(50)]
    found = index(*many, sources=circle)
    started = time.perf_counter()
    assert write(dossier(found, full("aman-tolek"), corroboration=Corroboration(found)))
    assert time.perf_counter() - started < 120


# ---------------------------------------------------------------- the shipped seeds


def test_the_shipped_seeds_tell_what_befell_serek_yelsik(vocabulary: Vocabulary) -> None:
    project = find_project(ROOT)
    files = build.seed_files(project, [], ROOT)
    found = Index(build.read(project, vocabulary, files).corpus)
    (iri,) = find(found, "serek yelsik")
    made = dossier(found, iri, base=project.base, corroboration=Corroboration(found))
    (five,) = topic(made, "sentenced to").claims
    assert (five.value, [told(t, how=False) for t in five.tellings]) == (
        "5 years",
        [
            "a friend of Serek Yelsik, who told Radio Free Asia",
            "the relatives of Serek Yelsik, who told a second local resident who speaks of Serek Yelsik's case, "
            "who told Radio Free Asia",
        ],
    )
    assert five.origins is not None
    assert (five.origins.least, five.origins.most) == (2, 2)
    assert values(topic(made, "accused of").claims) == ["being a political prisoner", "none given"]
    assert "The place of custody is not reported." in gaps(made)
    assert "When the detention began is not reported." in gaps(made)
    for key in [*found.entities, *found.reports, *found.sources, *found.episodes][::7]:
        shown = dossier(found, key, corroboration=Corroboration(found))
        assert Page(html(shown)).all("h1")
        assert max(map(columns, text(shown).splitlines())) <= 80
