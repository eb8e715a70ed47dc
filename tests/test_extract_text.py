"""Sentences, tokens and quotations, each with its place in the text."""

import pytest

from kg.extract import rules, text


def sentences(report: str) -> list[str]:
    document = rules.read(report)
    return [document[sentence.start, sentence.end] for sentence in document.sentences]


@pytest.mark.parametrize(
    ("report", "parts"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Mr. Ito met Dr. Sen on Jan. 5. They talked.", ["Mr. Ito met Dr. Sen on Jan. 5.", "They talked."]),
        (
            "J. K. Adeyemi spoke at 5 p.m. Monday. Nobody came.",
            ["J. K. Adeyemi spoke at 5 p.m. Monday.", "Nobody came."],
        ),
        (
            "The U.S. embassy called. It lies in the U.S. The consul left.",
            ["The U.S. embassy called.", "It lies in the U.S.", "The consul left."],
        ),
        (
            '"I saw it. It was dark," he said. Then he left.',
            ['"I saw it.', 'It was dark," he said.', "Then he left."],
        ),
        ("It cost 1.5 million. Who paid?", ["It cost 1.5 million.", "Who paid?"]),
        ("他被捕了。她没有。", ["他被捕了。", "她没有。"]),
        ("उसे गिरफ्तार किया गया। वह चली गई।", ["उसे गिरफ्तार किया गया।", "वह चली गई।"]),
        ("هل رحل؟ نعم. عاد.", ["هل رحل؟", "نعم.", "عاد."]),
    ],
)
def test_a_text_is_divided_into_sentences(report, parts):
    assert sentences(report) == parts


def test_every_token_stands_where_it_says():
    report = "# title: A\n\nAli’s 120-B file—“so”, al-Ha'ir; N'Djamena 10:30 (“x”)…\nСерік Өтеген. 😀 e\u0301t\u0301."
    document = rules.read(report)
    for sentence in document.sentences:
        for token in sentence.tokens:
            assert report[token.start : token.end] == token.text
    assert document.header == (("title", "A"),)


def test_a_possessive_is_a_token_of_its_own():
    (sentence,) = rules.read("Ali’s friend took Bo's bag.").sentences
    assert [token.text for token in sentence.tokens] == [
        "Ali",
        "’s",
        "friend",
        "took",
        "Bo",
        "'s",
        "bag",
        ".",
    ]


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ("FILE PHOTO: A guard stands before a camp in Osh, May 3, 2018. REUTERS/Somebody", "caption"),
        ("Photo courtesy of a listener", "caption"),
        ("Protests spread to the south", "heading"),
        ("Reported by Ann Bo for the Service.", "notice"),
        ("Related stories:", "notice"),
        ("A court in Osh freed three men.", "body"),
    ],
)
def test_captions_headings_and_notices_are_told_from_the_text(report, kind):
    assert [sentence.kind for sentence in rules.read(report).sentences] == [kind] * len(
        rules.read(report).sentences
    )


def test_a_line_broken_in_a_sentence_goes_on():
    report = "The court in the northern town sentenced the young man to five\nyears in prison for posts that he had written in the summer of\nlast year.\n\nHe appealed."
    assert len(rules.read(report).sentences) == 2


def test_quotations_are_numbered_and_an_apostrophe_is_none():
    report = "“They came at night,” she said. The workers’ union didn’t answer. 'He left,' said Ann's aunt."
    document = rules.read(report)
    assert [report[quote.start : quote.end] for quote in document.quotations] == [
        "“They came at night,”",
        "'He left,'",
    ]


def test_an_open_quotation_ends_with_its_paragraph():
    document = rules.read("“We waited for days.\n\n“Nobody told us anything,” she said.")
    assert [quote.closed for quote in document.quotations] == [False, True]


def test_a_text_of_nothing_has_no_sentences():
    assert text.read("").sentences == text.read(" \n\t\u2028 ").sentences == ()
