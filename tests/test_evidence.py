"""Spans of a text: decoding, checking by digest, and citing."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kg import evidence
from kg.evidence import (
    AmbiguousError,
    CiteError,
    NotFoundError,
    NotTextError,
    Span,
    SpanError,
    Status,
    check,
    cite,
    cuts,
    decode,
    digest,
    locator,
    verify,
)
from kg.problems import Exit, KgError

TEXT = "The guard read the list.\nNobody read it twice; the guard’s dog slept — as ever …\n"
# Few different characters, so that words often stand several times.
FEW = st.text(st.sampled_from("ab é😀\n"), min_size=1, max_size=60)


def windows(text: str, length: int, wanted: str) -> list[int]:
    """Where spans of that length and digest start, found the plain way."""
    return [
        at
        for at in range(len(text) - length + 1)
        if hashlib.sha256(text[at : at + length].encode()).hexdigest() == wanted
    ]


# decode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfone\r\ntwo\r\n", "one\ntwo\n"),
        (b"one\rtwo\r\r\n", "one\rtwo\r\n"),
        ("\ufeff\ufeffx".encode(), "\ufeffx"),
        ("e\u0301 é\u00a0\u2028x \t".encode(), "e\u0301 é\u00a0\u2028x \t"),
        (b"one\0 stray", "one\0 stray"),
        (b"a\0\0\0b\0", "a\0\0\0b\0"),
    ],
)
def test_decoding_drops_the_mark_and_the_cr_of_cr_lf_and_nothing_else(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"one\r\ntwo\xe9\n", "the text is not UTF-8: byte 0xe9 at offset 8, in line 2; save it as UTF-8"),
        (b"\xef\xbb\xbfone\xff", "the text is not UTF-8: byte 0xff at offset 6, in line 1; save it as UTF-8"),
        (b"\xed\xa0\x80", "the text is not UTF-8: byte 0xed at offset 0, in line 1; save it as UTF-8"),
        ("one".encode("utf-16"), "the text is UTF-16, not UTF-8; save it as UTF-8"),
        ("\ufeffone".encode("utf-16-be"), "the text is UTF-16, not UTF-8; save it as UTF-8"),
        ("one".encode("utf-32"), "the text is UTF-32, not UTF-8; save it as UTF-8"),
        (
            "one word".encode("utf-16-be"),
            "the text looks like UTF-16, not UTF-8 (it is full of NUL bytes); save it as UTF-8",
        ),
        (
            "два слова и ещё одно".encode("utf-16-le"),
            "the text looks like UTF-16, not UTF-8 (it is full of NUL bytes); save it as UTF-8",
        ),
    ],
)
def test_what_is_not_utf8_is_refused_in_plain_words(data: bytes, message: str) -> None:
    with pytest.raises(NotTextError) as caught:
        decode(data)
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, KgError)
    assert caught.value.exit_code is Exit.CANNOT


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.booleans())
def test_decoding_gives_back_what_an_editor_saved(text: str, mark: bool) -> None:
    assume(not text.startswith("\ufeff"))
    saved = text.encode("utf-8-sig" if mark else "utf-8")
    assert decode(saved) == text.replace("\r\n", "\n")
    assert "\r\n" in decode(saved) or decode(decode(saved).encode()) == decode(saved)


# Span


def test_a_digest_is_of_the_utf8_bytes() -> None:
    # From another implementation: printf 'Élan' | sha256sum
    assert digest("Élan") == "0dce8e03808c422516eb8e7a13b39fdbe0647922d7e36058def9e954480c9fe0"
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_lone_surrogate_has_no_digest() -> None:
    with pytest.raises(NotTextError, match=r"lone surrogate, U\+D800, at 2, which UTF-8 cannot hold"):
        digest("ab\ud800")
    with pytest.raises(NotTextError):
        check(Span.of("abc", 0, 1), "ab\ud800")


def test_positions_count_code_points() -> None:
    span = Span.of("😀é list", 1, 2)
    assert (span.start, span.end, len(span)) == (1, 2, 1)
    assert span.digest == digest("é")
    assert dataclasses.replace(span) == span
    assert hash(dataclasses.replace(span)) == hash(span)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0, 4, "no span from 0 to 4 in a text of 3 characters"),
        (-1, 2, "no span from -1 to 2 in a text of 3 characters"),
        (2, 2, "no span from 2 to 2 in a text of 3 characters"),
        (2, 1, "no span from 2 to 1 in a text of 3 characters"),
    ],
)
def test_a_span_lies_in_its_text(start: int, end: int, message: str) -> None:
    with pytest.raises(SpanError) as caught:
        Span.of("abc", start, end)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("start", "end", "value", "message"),
    [
        (-3, 2, "0" * 64, "a span cannot start at -3; positions count from 0"),
        (2, 2, "0" * 64, "a span from 2 to 2 is empty; `end` comes after the last character"),
        (9, 2, "0" * 64, "a span from 9 to 2 is empty; `end` comes after the last character"),
        (0, 1, "abc", "bad digest 'abc'; must be 64 hex digits, letters in lower case"),
        (0, 1, "A" * 64, f"bad digest '{'A' * 64}'; must be 64 hex digits, letters in lower case"),
        (0, 1, "0" * 64 + "\n", f"bad digest '{'0' * 64}\\n'; must be 64 hex digits, letters in lower case"),
        (0, 1, "٠" * 64, f"bad digest '{'٠' * 64}'; must be 64 hex digits, letters in lower case"),
    ],
)
def test_what_cannot_be_a_span_is_refused(start: int, end: int, value: str, message: str) -> None:
    with pytest.raises(SpanError) as caught:
        Span(start, end, value)
    assert str(caught.value) == message


def test_the_locator_is_the_line_of_a_seed() -> None:
    span = Span.of(TEXT, 4, 9)
    assert locator(span) == f"evidence: {{start: 4, end: 9, digest: {digest('guard')}}}"


# check


def test_words_at_their_place_are_exact() -> None:
    span = Span.of(TEXT, 4, 14)
    finding = check(span, TEXT)
    assert (finding.status, finding.places, finding.moved_to) == (Status.EXACT, (span,), None)
    assert str(finding) == "exact, at 4 to 14"


def test_words_at_their_place_are_exact_even_if_they_stand_elsewhere_too() -> None:
    assert check(Span.of("read it, read it", 9, 16), "read it, read it").status is Status.EXACT


def test_moved_words_are_moved_and_say_where_to() -> None:
    span = Span.of(TEXT, 25, 45)
    finding = check(span, "Newly headed. " + TEXT)
    assert finding.status is Status.MOVED
    assert finding.moved_to == Span(39, 59, span.digest)
    assert finding.places == (Span(39, 59, span.digest),)
    assert str(finding) == "moved: stands at 39 to 59, not at 25 to 45"


def test_words_moved_far_away_are_found() -> None:
    span = Span.of(TEXT, 25, 45)
    for before in ("x" * 5000, "é" * 5000):
        assert check(span, before + TEXT + before).moved_to == Span(5025, 5045, span.digest)
    back = Span.of("é" * 5000 + TEXT, 5025, 5045)
    assert check(back, TEXT).moved_to == span


def test_words_that_moved_to_several_places_are_ambiguous() -> None:
    span = Span.of("read", 0, 4)
    finding = check(span, "I read, you read, all read")
    assert finding.status is Status.AMBIGUOUS
    assert [place.start for place in finding.places] == [2, 12, 22]
    assert finding.moved_to is None
    assert str(finding) == "ambiguous: not at 0 to 4, but stands 3 times (at 2, 12, 22)"


def test_overlapping_words_are_ambiguous() -> None:
    finding = check(Span.of("abab", 0, 3), "xababab")
    assert [place.start for place in finding.places] == [1, 3]


def test_a_list_of_places_has_an_end() -> None:
    finding = check(Span.of("a", 0, 1), "b" + "a" * 100_000)
    assert (finding.status, len(finding.places)) == (Status.AMBIGUOUS, 100)
    assert str(finding) == "ambiguous: not at 0 to 1, but stands 100 times or more (at 1, 2, 3, 4, 5, …)"


@pytest.mark.parametrize(
    "text", ["", "T", TEXT.replace("guard", "Guard"), unicodedata.normalize("NFD", "é") * 9]
)
def test_words_that_differ_in_anything_are_not_found(text: str) -> None:
    source = TEXT if "Guard" in text else "The é guard"
    finding = check(Span.of(source, 4, 9), text)
    assert (finding.status, finding.places) == (Status.NOT_FOUND, ())
    assert str(finding) == "not found: neither at 4 to 9 nor anywhere else in the text"


def test_a_span_that_reaches_past_the_end_is_not_exact() -> None:
    assert check(Span(0, 4, digest("abc")), "abc").status is Status.NOT_FOUND


def test_a_text_too_long_to_search_is_never_called_not_found() -> None:
    text = "x" * 3000 + TEXT
    span = Span.of(TEXT, 4, 14)
    finding = check(span, text, limit=2000)
    assert (finding.status, finding.places) == (Status.NOT_SEARCHED, ())
    assert str(finding) == ("not searched: not at 4 to 14, and the text is too long to look for it elsewhere")
    assert check(span, text, limit=5000).status is Status.MOVED
    # At its place it needs no search.
    assert check(Span.of(text, 3004, 3014), text, limit=0).status is Status.EXACT


def test_the_limit_is_for_all_spans_together_and_settles_as_many_as_it_can() -> None:
    text = "é" * 6000
    spans = {name: Span.of(name, 0, len(name)) for name in ("alone", "one of two", "two of two")}
    # Each of the three is first looked for in 1001 windows near the beginning.
    statuses = [finding.status for finding in verify(spans, text, limit=3003 + 6000).findings]
    assert statuses == [Status.NOT_SEARCHED, Status.NOT_FOUND, Status.NOT_FOUND]
    statuses = [finding.status for finding in verify(spans, text, limit=3003 + 5000).findings]
    assert statuses == [Status.NOT_SEARCHED] * 3
    statuses = [finding.status for finding in verify(spans, text, limit=3003 + 12_000).findings]
    assert statuses == [Status.NOT_FOUND] * 3


def test_long_windows_count_for_several() -> None:
    text, gone = "ab" * 3000, Span.of("c" * 4000, 0, 4000)
    assert check(gone, text, limit=10_000).status is Status.NOT_SEARCHED
    assert check(gone, text, limit=40_000).status is Status.NOT_FOUND


@given(FEW, FEW, st.data())
def test_a_finding_is_what_trying_every_window_gives(text: str, other: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(other) - 1))
    end = data.draw(st.integers(start + 1, len(other)))
    # A narrow surrounding, so that the search of the whole text has its share.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "_NEAR", data.draw(st.integers(0, 3)))
        span = Span.of(other, start, end)
        finding = check(span, text)
    places = windows(text, len(span), span.digest)
    if start in places:
        assert (finding.status, finding.places) == (Status.EXACT, (span,))
        return
    expected = [Status.NOT_FOUND, Status.MOVED, Status.AMBIGUOUS][min(len(places), 2)]
    assert (finding.status, [place.start for place in finding.places]) == (expected, places)
    assert all(check(place, text).status is Status.EXACT for place in finding.places)


# verify


def test_findings_are_named_and_in_the_order_of_the_spans() -> None:
    spans = {"second": Span.of(TEXT, 25, 45), "first": Span.of(TEXT, 0, 9), "gone": Span.of("gone", 0, 4)}
    result = verify(spans, "> " + TEXT)
    assert [str(finding) for finding in result.findings] == [
        "second: moved: stands at 27 to 47, not at 25 to 45",
        "first: moved: stands at 2 to 11, not at 0 to 9",
        "gone: not found: neither at 0 to 4 nor anywhere else in the text",
    ]
    assert not result.ok
    assert (result.same_text, result.note) == (None, None)
    assert verify({}, TEXT).ok


def test_the_whole_text_tells_another_rendering() -> None:
    whole = Span.of(TEXT, 0, len(TEXT))
    spans = {"a": Span.of(TEXT, 0, 9)}
    same = verify(spans, TEXT, whole)
    assert (same.ok, same.same_text, same.note) == (True, True, None)
    longer = verify(spans, TEXT + "Share this.", whole)
    assert (longer.ok, longer.same_text) == (True, False)
    assert longer.note == (
        f"this is another rendering of the text: it has {len(TEXT) + 11} characters "
        f"where the report's evidence says {len(TEXT)}"
    )
    changed = verify(spans, TEXT.replace("twice", "again"), whole)
    assert changed.note == (
        "this is another rendering of the text: it has as many characters "
        f"as the report's evidence says, {len(TEXT)}, but not the same ones"
    )


def test_one_span_may_be_exact_and_another_of_the_same_words_moved() -> None:
    here, there = Span.of("read it", 0, 7), dataclasses.replace(Span.of("read it", 0, 7), start=30, end=37)
    result = verify({"here": here, "there": there}, "read it")
    assert [finding.status for finding in result.findings] == [Status.EXACT, Status.MOVED]
    assert result.findings[1].moved_to == here


def test_the_order_of_the_spans_changes_no_finding() -> None:
    text = "".join(random.Random(1).choices("abcdé ", k=4000))  # noqa: S311
    spans = {str(at): Span.of(text, at, at + 5 + at % 7) for at in range(0, 3900, 130)}
    moved = text[:900] + "!" + text[1200:2000] + text[2100:]
    forwards = verify(spans, moved, limit=40_000).findings
    backwards = verify(dict(reversed(spans.items())), moved, limit=40_000).findings
    assert forwards == backwards[::-1]
    assert len({finding.status for finding in forwards}) > 2


def test_three_hundred_moved_spans_in_a_million_characters_take_two_million_hashes() -> None:
    chance = random.Random(2)  # noqa: S311
    text = "".join(chance.choices("abcdefghijklm nopqrstuvwxyzé", k=1_000_000))
    starts = [chance.randrange(999_000) for _ in range(300)]
    spans = {str(at): Span.of(text, at, at + 20 + number) for number, at in enumerate(starts)}
    # One search of the whole text finds where they went, and 2001 windows for each come before it.
    result = verify(spans, "New head. " * 300 + text, limit=2_000_000)
    assert all(f.moved_to and f.moved_to.start == f.span.start + 3000 for f in result.findings)


def test_spans_of_one_length_share_one_search() -> None:
    chance = random.Random(3)  # noqa: S311
    text = "".join(chance.choices("abcdefgh é", k=200_000))
    spans = {str(number): Span.of(f"{number:030}", 0, 30) for number in range(300)}
    result = verify(spans, text, limit=1_000_000)
    assert {finding.status for finding in result.findings} == {Status.NOT_FOUND}


# cuts


@pytest.mark.parametrize(
    ("text", "start", "end", "warnings"),
    [
        ("cafe\u0301 bar", 0, 5, []),
        ("cafe\u0301 bar", 0, 4, ["ends at 4, inside a character: before U+0301 COMBINING ACUTE ACCENT"]),
        ("cafe\u0301 bar", 4, 9, ["starts at 4, inside a character: before U+0301 COMBINING ACUTE ACCENT"]),
        ("👩\u200d🚒", 0, 1, ["ends at 1, inside a character: before U+200D ZERO WIDTH JOINER"]),
        ("👩\u200d🚒", 0, 2, ["ends at 2, inside a character: before U+1F692 FIRE ENGINE"]),
        ("👍🏽!", 0, 1, ["ends at 1, inside a character: before U+1F3FD EMOJI MODIFIER FITZPATRICK TYPE-4"]),
        ("\u1112\u1161!", 0, 1, ["ends at 1, inside a character: before U+1161 HANGUL JUNGSEONG A"]),
        ("\u0301x", 0, 2, []),
    ],
)
def test_a_span_that_cuts_a_character_is_warned_about(
    text: str, start: int, end: int, warnings: list[str]
) -> None:
    expected = tuple(f"the span {warning}" for warning in warnings)
    assert cuts(text, start, end) == expected
    assert check(Span.of(text, start, end), text).warnings == expected


def test_a_warning_is_part_of_the_line() -> None:
    finding = check(Span.of("e", 0, 1), "> e\u0301")
    assert str(finding) == (
        "moved: stands at 2 to 3, not at 0 to 1; "
        "the span ends at 3, inside a character: before U+0301 COMBINING ACUTE ACCENT"
    )


# cite


def test_words_that_stand_once_are_cited() -> None:
    assert cite(TEXT, "read the list") == Span.of(TEXT, 10, 23)
    assert cite(TEXT, "list.\r\nNobody") == Span.of(TEXT, 19, 31)


def test_words_that_stand_more_than_once_need_more_words() -> None:
    with pytest.raises(AmbiguousError) as caught:
        cite("read a read b read", "read")
    assert str(caught.value) == (
        "the words stand 3 times (at 0, 7, 14) in the text; give more words around them"
    )
    assert caught.value.starts == (0, 7, 14)
    assert caught.value.exit_code is Exit.FOUND


def test_what_stands_around_picks_the_words_out() -> None:
    text = "read a read b read"
    assert cite(text, "read", after=" b") == Span.of(text, 7, 11)
    assert cite(text, "read", before="b ") == Span.of(text, 14, 18)
    assert cite(text, "read", before="a ", after=" b") == Span.of(text, 7, 11)
    assert cite(text, "read", context="read b") == Span.of(text, 7, 11)
    assert cite("x\nread y read", "read", context="x\r\nread y") == Span.of("x\nread y read", 2, 6)


@pytest.mark.parametrize(
    ("around", "message"),
    [
        (
            {"context": "read a read"},
            "the words stand 2 times (at 0, 7) in the context; it must hold them once",
        ),
        (
            {"context": "read "},
            "the context stands 2 times (at 0, 7) in the text; give more words around them",
        ),
        ({"context": "a b"}, "cannot find the words in the context"),
        ({"context": "read z"}, "cannot find the context in the text"),
        ({"before": "z "}, "cannot find the words with what stands around them in the text"),
        (
            {"before": " "},
            "the words with what stands around them stand 2 times (at 6, 13) in the text; "
            "give more words around them",
        ),
        (
            {"context": "read", "before": "a"},
            "give either a context or what stands before and after, not both",
        ),
    ],
)
def test_a_context_that_does_not_pick_out_is_refused(around: dict[str, str], message: str) -> None:
    with pytest.raises(CiteError) as caught:
        cite("read a read b read", "read", **around)
    assert str(caught.value) == message


def test_words_that_are_not_there_at_all_are_told_before_their_surroundings() -> None:
    for around in ({"before": "x "}, {"context": "x zebra"}):
        with pytest.raises(NotFoundError, match=r"^cannot find the words in the text$"):
            cite("read a read b read", "zebra", **around)


def test_no_words_cannot_be_cited() -> None:
    with pytest.raises(CiteError, match="there are no words to cite") as caught:
        cite(TEXT, "")
    assert caught.value.exit_code is Exit.CANNOT


@pytest.mark.parametrize(
    ("words", "near", "kinds", "said"),
    [
        (
            "the guard's dog",
            (47, 62),
            [("quotation marks", 56)],
            "with other quotation marks at 56 "
            "(U+2019 RIGHT SINGLE QUOTATION MARK where U+0027 APOSTROPHE was typed)",
        ),
        (
            "slept - as",
            (63, 73),
            [("dashes", 69)],
            "with other dashes at 69 (U+2014 EM DASH where U+002D HYPHEN-MINUS was typed)",
        ),
        (
            "list. Nobody",
            (19, 31),
            [("white space", 24)],
            "with other white space at 24 (U+000A LINE FEED where U+0020 SPACE was typed)",
        ),
        (
            "nobody read",
            (25, 36),
            [("capitals", 25)],
            "with other capitals at 25 "
            "(U+004E LATIN CAPITAL LETTER N where U+006E LATIN SMALL LETTER N was typed)",
        ),
        (
            "ever ...",
            (74, 80),
            [("forms of characters", 79)],
            "with other forms of characters at 79 (U+2026 HORIZONTAL ELLIPSIS where "
            "U+002E FULL STOP, U+002E FULL STOP, U+002E FULL STOP was typed)",
        ),
        (
            "read\u200b it",
            (32, 39),
            [("invisible characters", 35)],
            "with other invisible characters at 35 (U+0064 LATIN SMALL LETTER D where "
            "U+0064 LATIN SMALL LETTER D, U+200B ZERO WIDTH SPACE was typed)",
        ),
        (" read it  ", (32, 39), [], "without the white space or invisible characters at their ends"),
    ],
)
def test_words_in_another_form_are_not_found_but_shown_the_way(
    words: str, near: tuple[int, int], kinds: list[tuple[str, int]], said: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        cite(TEXT, words)
    assert caught.value.near == (near,)
    assert [(each.kind, each.at) for each in caught.value.differences] == kinds
    start, end = near
    assert str(caught.value) == (
        f"cannot find the words as typed; the text has them at {start} to {end} {said}; "
        "copy them from the text itself"
    )
    assert caught.value.exit_code is Exit.FOUND


def test_accents_encoded_in_another_way_are_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        cite("the cafe\u0301 closed", "café")
    assert caught.value.near == ((4, 9),)
    assert [each.kind for each in caught.value.differences] == ["encoding of accents"]
    with pytest.raises(NotFoundError) as caught:
        cite("한국", unicodedata.normalize("NFD", "한국"))
    assert caught.value.near == ((0, 2),)


def test_several_differences_and_places_are_counted() -> None:
    with pytest.raises(NotFoundError) as caught:
        cite("“A” – ‘b’, then “A” – ‘b’", "\"a\" - 'b'")
    assert len(caught.value.differences) == 6
    assert caught.value.near == ((0, 9), (16, 25))
    assert "at 0 to 9 (the first of 2 places) with other quotation marks at 0 " in str(caught.value)
    assert " and 3 more; copy them" in str(caught.value)


def test_words_that_go_another_way_are_told_where() -> None:
    with pytest.raises(NotFoundError) as caught:
        cite(TEXT, "nobody read it once; the guard")
    assert caught.value.near == ()
    assert str(caught.value) == (
        "cannot find the words in the text; their first 15 characters stand at 25 to 40, but then it goes on "
        "with U+0074 LATIN SMALL LETTER T, not U+006F LATIN SMALL LETTER O"
    )
    with pytest.raises(NotFoundError, match="goes on with the end, not"):
        cite("nobody read it", "nobody read it once")


@pytest.mark.parametrize("words", ["zebra", "read the lost", "...", "\ud800", "\u200b"])
def test_words_that_are_nowhere_are_not_found(words: str) -> None:
    text = "read the other list … and" if words == "..." else "read the"
    if words == "...":
        # A full stop typed alone is no part of an ellipsis.
        with pytest.raises(NotFoundError) as caught:
            cite(text, "..")
        assert caught.value.near == ()
    else:
        with pytest.raises(NotFoundError) as caught:
            cite(text, words)
        assert caught.value.near == ()
        assert str(caught.value).encode()


@given(FEW, st.data())
@example("aa", None)
def test_what_is_cited_is_exact_and_the_only_such_place(text: str, data: st.DataObject | None) -> None:
    if data is None:
        start, end = 0, 1
    else:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    places = windows(text, len(words), digest(words))
    if places == [start]:
        assert cite(text, words) == Span.of(text, start, end)
    else:
        with pytest.raises(AmbiguousError) as caught:
            cite(text, words)
        assert list(caught.value.starts) == places
    assert cite(text, words, before=text[:start], after=text[end:]) == Span.of(text, start, end)


@given(st.text(st.sampled_from("aÀàſß ﬁf'’…. \u00ad\u0301\n")), st.text(st.sampled_from("aàsfi'. \u0301")))
def test_a_near_place_is_only_ever_a_hint(text: str, words: str) -> None:
    assume(words)
    try:
        span = cite(text, words)
    except NotFoundError as error:
        assert words not in text
        for start, end in error.near:
            # What is pointed at has the same words: folding it again gives what folding the typed ones does.
            assert evidence._fold(text[start:end]).text == evidence._fold(words.strip()).text
    except AmbiguousError:
        assert words in text
    else:
        assert text[span.start : span.end] == words
