"""Which place lies in which: "Marvdasht in Fars Province", "China's Xinjiang", "Sa Dec, a town in …"."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.story import Draft
from kg.extract.text import Document

_COMMA_WORDS = listed("where", "comma_words")
_COMMA_WORDS_2 = listed("where", "comma_words_2")


@dataclass(slots=True, eq=False)
class _Places:
    """The drafts of one sentence."""

    document: Document
    drafts: list[Draft] = field(default_factory=list)

    def text(self, line: Line, i: int, j: int) -> str:
        """Give the words of tokens `i` to `j` (excluded), on one line."""
        return " ".join(line.text(self.document, i, j).split())


_SIDES = listed("where", "sides")


def read(document: Document, line: Line) -> list[Draft]:
    """Give where the places of a sentence lie; to be read before phrases about people take them in."""
    story = _Places(document)
    chunks = line.chunks()
    for at, chunk in enumerate(chunks):
        if chunk.kind == "place":
            _genitive(story, line, chunks, at)
            _in(story, line, chunks, at)
            _comma(story, line, chunks, at)
        elif chunk.kind in ("facility", "court"):
            _within(story, line, chunk)
            _prison_of(story, line, chunks, at)
            _inner(story, line, chunk)
            _last(story, line, chunks, at)
            if (
                chunk.kind == "facility"
                and chunk.data
                and chunk.data["named"]
                and line.tokens[chunk.i].is_capital
            ):
                _in(story, line, chunks, at)
                _comma(story, line, chunks, at)
        elif (
            chunk.kind == "org"
            and line.low[chunk.j - 1]
            in (
                "university",
                "polytechnic",
                "college",
                "institute",
                "academy",
            )
        ) or (chunk.kind == "org" and line.low[chunk.i] in ("university", "college", "institute")):
            _in(story, line, chunks, at)
    return story.drafts


def _prison_of(story: _Places, line: Line, chunks: list[Chunk], at: int) -> None:
    """Read "Yangon's Insein Prison", and "La Modelo, a prison in Tipitapa" from the description."""
    chunk = chunks[at]
    if (
        at > 1
        and chunks[at - 1].text in ("'s", "’s")
        and chunks[at - 2].kind == "place"
        and line.tokens[chunk.i].is_capital
    ):
        end = chunk.data["inner"] if isinstance(chunk.data, dict) else chunk.j
        outer = chunks[at - 2]
        _add(
            story,
            line,
            (story.text(line, chunk.i, end), chunk.kind),
            _name(story, line, outer.i, outer.j),
            (outer.i, end),
            "facility-genitive",
            0.8,
        )
    if not isinstance(chunk.data, dict) or chunk.data["named"]:
        return
    name = (
        chunks[at - 3]
        if at > 2 and chunks[at - 1].text in ("a", "the") and chunks[at - 2].text == ","
        else None
    )
    begin = chunk.data["inner"] + 1
    while begin < chunk.j and not line.tokens[begin].is_capital:
        begin += 1
    if name is not None and name.kind in ("place", "thing", "facility", "name") and begin < chunk.j:
        _add(
            story,
            line,
            (story.text(line, name.i, name.j), "facility"),
            _name(story, line, begin, chunk.j),
            (name.i, chunk.j),
            "facility-comma",
            0.75,
        )


def _last(story: _Places, line: Line, chunks: list[Chunk], at: int) -> None:
    """Read on after the place that a form ends with: "his office in the Bağlar district of Diyarbakır"."""
    chunk = chunks[at]
    begin = chunk.j
    while begin > chunk.i and (
        line.tokens[begin - 1].is_capital or line.low[begin - 1] in lexicon().words["place_places"]
    ):
        begin -= 1
    if (
        chunk.i < begin < chunk.j
        and line.tokens[begin].is_capital
        and line.word(begin - 1) in ("in", "of", "the", "near", "at")
    ):
        inner = Chunk("place", begin, chunk.j)
        rest = [*chunks[:at], inner, *chunks[at + 1 :]]
        _in(story, line, rest, at)
        _comma(story, line, rest, at)


def _inner(story: _Places, line: Line, chunk: Chunk) -> None:
    """Read "Vietnam's southern province of Dong Thap" inside the form of a court."""
    for at in range(chunk.i + 2, chunk.j - 1):
        if line.low[at] != "'s" or (
            line.text(story.document, at - 1, at).lower() not in lexicon().countries
            and not line.tokens[at - 1].is_capital
        ):
            continue
        begin = at + 1
        while begin < chunk.j and line.low[begin] in _SIDES:
            begin += 1
        if begin < chunk.j and begin > at + 1 and line.tokens[begin].is_capital:
            _add(
                story,
                line,
                _name(story, line, begin, chunk.j),
                _name(story, line, at - 1, at),
                (at - 1, chunk.j),
                "place-genitive",
                0.8,
            )
        return


def _add(
    story: _Places,
    line: Line,
    inner: tuple[str, str],
    outer: tuple[str, str],
    tokens: tuple[int, int],
    rule: str,
    score: float,
) -> None:
    if inner[0].lower() == outer[0].lower() or not inner[0] or not outer[0]:
        return
    draft = Draft([], "located-in", outer[0], outer[1], line, tokens, rule, score)
    draft.subject_name, draft.subject_kind = inner
    story.drafts.append(draft)


def _name(story: _Places, line: Line, i: int, j: int) -> tuple[str, str]:
    text = story.text(line, i, j)
    country = lexicon().countries.get(text.lower())
    return (country or text, "country" if country else "place")


def _genitive(story: _Places, line: Line, chunks: list[Chunk], at: int) -> None:
    """Read "China's Xinjiang", "Vietnam's southern province of Dong Thap"."""
    if (
        at + 3 < len(chunks)
        and chunks[at + 1].text in ("city", "town", "village", "capital", "port", "suburb")
        and chunks[at + 2].text == "of"
        and chunks[at + 3].kind == "place"
    ):
        inner = chunks[at + 3]
        _add(
            story,
            line,
            _name(story, line, inner.i, inner.j),
            _name(story, line, chunks[at].i, chunks[at].j),
            (chunks[at].i, inner.j),
            "place-city-of",
            0.8,
        )
        return
    if at + 2 >= len(chunks) or chunks[at + 1].text not in ("'s", "’s"):
        return
    step = at + 2
    while (
        step < len(chunks) and chunks[step].kind == "word" and chunks[step].text in _SIDES and step - at < 8
    ):
        step += 1
    if step < len(chunks) and chunks[step].kind == "place":
        inner = chunks[step]
        if line.text(story.document, inner.i, inner.j).lower() not in lexicon().countries:
            _add(
                story,
                line,
                _name(story, line, inner.i, inner.j),
                _name(story, line, chunks[at].i, chunks[at].j),
                (chunks[at].i, inner.j),
                "place-genitive",
                0.85,
            )


def _in(story: _Places, line: Line, chunks: list[Chunk], at: int) -> None:
    """Read "Marvdasht in Fars Province", "the Bole neighborhood of Addis Ababa"."""
    if (
        at + 2 >= len(chunks)
        or chunks[at + 1].kind != "word"
        or chunks[at + 1].text not in ("in", "of", "located", "near")
    ):
        return
    step = at + 2 + (chunks[at + 1].text == "located")
    while (
        step < len(chunks)
        and (
            (chunks[step].kind == "word" and (chunks[step].text in _SIDES or chunks[step].text == "'s"))
            or chunks[step].kind == "nation"
        )
        and step - at < 8
    ):
        step += 1
    if step >= len(chunks) or chunks[step].kind != "place":
        return
    inner, outer = chunks[at], chunks[step]
    if line.word(outer.j) == "'s" and step + 2 < len(chunks):
        # "Sopore in north Kashmir's Baramulla district": the district is the next larger one.
        more = step + 2
        while more < len(chunks) and chunks[more].kind == "word" and chunks[more].text in _SIDES:
            more += 1
        if more < len(chunks) and chunks[more].kind == "place":
            outer = chunks[more]
    if _name(story, line, inner.i, inner.j)[1] == "country" or line.word(inner.i - 1) in ("between",):
        return
    _add(
        story,
        line,
        _name(story, line, inner.i, inner.j),
        _name(story, line, outer.i, outer.j),
        (inner.i, outer.j),
        "place-in",
        0.8,
    )


def _comma(story: _Places, line: Line, chunks: list[Chunk], at: int) -> None:
    """Read "Peshawar, Pakistan", "Kyauk Hmaw village, Yinmabin Township", "Sa Dec, a town in Dong Thap"."""
    if at + 2 >= len(chunks) or chunks[at + 1].text != ",":
        return
    step = at + 2
    inner = chunks[at]
    described = False
    while (
        step < len(chunks)
        and chunks[step].kind == "word"
        and (chunks[step].text in _SIDES or chunks[step].text in _COMMA_WORDS)
        and step - at < 10
    ):
        described = True
        step += 1
    if step >= len(chunks) or chunks[step].kind != "place":
        return
    if chunks[step - 1].text == "of" and chunks[step - 2].text in ("north", "south", "east", "west"):
        return  # "Guanajay, west of Havana" lies beside it
    outer = chunks[step]
    if _name(story, line, inner.i, inner.j)[1] == "country":
        return
    following = line.word(outer.j)
    if not described:
        form = outer.data.get("form") if isinstance(outer.data, dict) else ""
        larger = (
            _name(story, line, outer.i, outer.j)[1] == "country"
            or form in _COMMA_WORDS_2
            or story.text(line, outer.i, outer.j) in lexicon().words["known"]
        )
        if not larger or following in ("and", "or") or line.word(inner.i - 1) in (",", "and"):
            return
    _add(
        story,
        line,
        _name(story, line, inner.i, inner.j),
        _name(story, line, outer.i, outer.j),
        (inner.i, outer.j),
        "place-comma",
        0.8,
    )


def _within(story: _Places, line: Line, chunk: Chunk) -> None:
    """Read "Insein Prison in Yangon", where the form holds both."""
    if (
        chunk.kind == "court"
        and "in" in line.low[chunk.i + 2 : chunk.j - 1]
        and line.tokens[chunk.i].is_capital
    ):
        end = line.low.index("in", chunk.i + 2)
        if line.tokens[end + 1].is_capital:
            _add(
                story,
                line,
                (story.text(line, chunk.i, end), "court"),
                _name(story, line, end + 1, chunk.j),
                (chunk.i, chunk.j),
                "court-in",
                0.8,
            )
        return
    if chunk.kind != "facility" or not chunk.data or not chunk.data["named"]:
        return
    end = chunk.data["inner"]
    if end >= chunk.j or line.word(end) not in ("in", "near", "at"):
        return
    begin = end + 1
    while begin < chunk.j and not line.tokens[begin].is_capital:
        begin += 1
    if begin < chunk.j and line.tokens[chunk.i].is_capital:
        _add(
            story,
            line,
            (story.text(line, chunk.i, end), "facility"),
            _name(story, line, begin, chunk.j),
            (chunk.i, chunk.j),
            "facility-in",
            0.8,
        )
