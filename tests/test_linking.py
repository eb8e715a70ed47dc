"""Names across documents: who may be meant, why, and when somebody has to be asked."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from conftest import DIGEST, HEAD
from kg.build import Vocabulary
from kg.index import Index
from kg.linking import Fit, Link, Linker, fit_of, fold, key_for, words_of
from kg.model import Corpus, Entity
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.proposals import Mention
from kg.seeds import Reading

PEOPLE = """\
person:
  gul-sari:
    label: Gul Sari
    also: [Gül Sarı]
    names: {kk: Гүл Сары}
  li-wei: Li Wei
  li-wei-2: Li Wei
"""
SEED = f"""{HEAD.replace("person:", PEOPLE.rstrip())}facility:
  valley-prison: Valley Prison
assertions:
  - about: aman-tolek
    evidence: {{start: 1, end: 9, digest: {DIGEST}}}
    told-by: friend
    detained-at: upper-valley
    name: Tölek Aman
  - about: li-wei
    evidence: {{start: 1, end: 9, digest: {DIGEST}}}
    held-at: valley-prison
    citizen-of: norland
"""
REPORT = "valley-post-1"


@pytest.fixture
def linker(read: Callable[..., Reading], vocabulary: Vocabulary) -> Linker:
    reading = read(SEED)
    assert reading.problems == ()
    return Linker(Index(reading.corpus), vocabulary.ontology, DEFAULT_BASE)


def link(
    linker: Linker, words: str, class_key: str = "person", *others: Mention, report: str = "new"
) -> Link:
    mention = Mention(words, class_key)
    return linker.link(mention, report, linker.context([mention, *others], report))


def fits(found: Link) -> list[tuple[str, Fit]]:
    return [(candidate.key, candidate.fit) for candidate in found.candidates]


# ---------------------------------------------------------------- by the name


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("Aman Tolek", "AMAN  TÖLEK", Fit.SAME),
        ("Aman Tolek", "Mr. Aman Tolek", Fit.SAME),
        ("Aman Tolek", "Tolek Aman", Fit.ORDER),
        ("Aman Tolek", "Tolek", Fit.PART),
        ("Aman Tolek", "Tolek, Aman Serik", Fit.PART),
        ("Aman Tolek", "Аман Төлек", Fit.SAME),
        ("Taiersezi Dawutihan", "Tayirsezi Davutikhan", Fit.NEAR),
        ("Jean-Luc Petit", "Jean Luc Petit", Fit.SAME),
        ("Jeanluc Petit", "Jean-Luc Petit", Fit.SAME),
        ("O’Neil", "O'Neil", Fit.SAME),
        ("ﬁona Ｗei", "Fiona Wei", Fit.SAME),
        ("A. Tolek", "Aman Tolek", Fit.NEAR),
        ("李伟", "李偉", None),
        ("Aman Tolek", "Aman Serik", None),
        ("Li Wei", "Li Wen", None),
        ("Prison No. 3", "Prison No. 5", None),
        ("Li", "Li Wei", None),
        ("", "Li Wei", None),
    ],
)
def test_names_fit_by_their_words(one: str, other: str, fit: Fit | None) -> None:
    assert fit_of(words_of(one), words_of(other)) is fit
    assert fit_of(words_of(other), words_of(one)) is fit


def test_folding_keeps_letters_of_every_script_apart() -> None:
    assert fold("محمد علي") == "محمد علي"
    assert fold("北京") == "北京"
    assert fold("İstanbul Iğdır ışık") == "istanbul igdir isik"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Gül Sarı", "gül-sarı"),
        ("the People’s Court of Upper Valley", "peoples-court-of-upper-valley"),
        ("a", "a"),
        ("unknown", "unknown-2"),
        ("北京", "北京"),
        ("देवनागरी नाम", "देवनागरी-नाम"),
        ("../../etc/passwd", "etc-passwd"),
        ("...", ""),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("İpek", "i̇pek"),
    ],
)
def test_a_key_is_made_of_a_name(words: str, key: str) -> None:
    assert key_for(words) == key


def test_a_key_that_is_made_is_one_that_seeds_take(read: Callable[..., Reading]) -> None:
    names = ["Gül Sarı", "देवनागरी नाम", "İpek Öz", "O’Neil", "北京 人民", "Ÿ²", "ŉa", "ǅ ﷺ"]
    text = "person:\n" + "".join(f"  {key_for(name)}: name {number}\n" for number, name in enumerate(names))
    assert read(text).problems == ()


# ---------------------------------------------------------------- in the project


def test_one_place_of_that_name_is_meant(linker: Linker) -> None:
    found = link(linker, "Upper Valley", "place")
    assert found.certain is not None
    assert (found.certain.key, found.certain.why) == ("upper-valley", "the same name")


def test_a_person_of_the_same_name_is_asked_for_unless_something_else_fits(linker: Linker) -> None:
    alone = link(linker, "Aman Tolek")
    assert (fits(alone), alone.certain) == ([("aman-tolek", Fit.SAME)], None)
    placed = link(linker, "Aman Tolek", "person", Mention("Upper Valley", "place"))
    assert placed.certain is not None
    assert placed.certain.why == "the same name; both tied to Upper Valley"
    same = link(linker, "Aman Tolek", report=REPORT)
    assert same.certain is not None
    assert same.certain.why == "the same name; spoken of in this report"


def test_a_country_in_common_says_nothing(linker: Linker) -> None:
    assert link(linker, "Li Wei", "person", Mention("Norland", "country")).certain is None


def test_namesakes_are_asked_for_and_never_merged(linker: Linker) -> None:
    found = link(linker, "Li Wei", "person", Mention("Valley Prison", "facility"))
    assert found.certain is None
    assert fits(found) == [("li-wei", Fit.SAME), ("li-wei-2", Fit.SAME)]
    assert found.candidates[0].shared == ("Valley Prison",)


def test_other_names_count(linker: Linker) -> None:
    assert fits(link(linker, "Гүл Сары")) == [("gul-sari", Fit.SAME)]
    assert link(linker, "Tolek Aman").candidates[0].why == "the same name (Tölek Aman)"
    assert fits(link(linker, "Sari")) == [("gul-sari", Fit.PART)]


def test_a_short_form_of_the_text_is_weaker_than_the_name(linker: Linker) -> None:
    mention = Mention("Aman Serik", "person", also=("Tolek Aman",))
    assert fits(linker.link(mention, "new")) == [("aman-tolek", Fit.PART)]


def test_another_kind_of_thing_is_not_meant(linker: Linker) -> None:
    assert link(linker, "Aman Tolek", "organization").is_new
    assert link(linker, "Valley Prison", "place").certain is not None, "a facility is a place"
    assert link(linker, "Upper Valley", "facility").certain is not None, "a place may be a facility"


def test_the_unnamed_belong_to_their_report(linker: Linker) -> None:
    friend = Mention("a friend of Aman Tolek", "person", unnamed=True)
    here = linker.link(friend, REPORT)
    assert here.certain is not None
    assert here.certain.key == "friend"
    assert linker.link(friend, "new").is_new
    second = Mention("a friend of Aman Tolek", "person", unnamed=True, key="second")
    assert linker.link(second, REPORT).is_new


def test_what_is_learned_later_fits_too(linker: Linker) -> None:
    assert link(linker, "Serik Bolat").is_new
    linker.learn([Entity(f"{DEFAULT_BASE}serik-bolat", f"{KG_NAMESPACE}Person", "Serik Bolat")], ())
    assert fits(link(linker, "Serik Bolat")) == [("serik-bolat", Fit.SAME)]


def test_a_long_list_of_names_is_linked_in_time(vocabulary: Vocabulary) -> None:
    people = [
        Entity(f"{DEFAULT_BASE}p{n}", f"{KG_NAMESPACE}Person", f"Name{n % 701} Other{n % 997} Third{n}")
        for n in range(5000)
    ]
    linker = Linker(Index(Corpus(tuple(people))), vocabulary.ontology, DEFAULT_BASE)
    mentions = [Mention(f"Name{n % 701} Other{n % 997} Third{n}", "person") for n in range(0, 5000, 25)]
    began = time.monotonic()
    assert len(linker.context(mentions, "new")) == len(mentions)
    found = [linker.link(mention, "new") for mention in mentions]
    assert all(each.candidates[0].fit is Fit.SAME for each in found)
    assert time.monotonic() - began < 10


def test_a_name_of_a_thousand_letters_is_compared_in_time(linker: Linker) -> None:
    began = time.monotonic()
    assert link(linker, "Aman" * 125 + " " + "x" * 500).is_new
    assert time.monotonic() - began < 1
