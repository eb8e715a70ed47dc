"""Names in capitals, and what they name: told by their form, by lists, or by the company they keep.

First every sentence is read by itself: courts, facilities, places and bodies have forms of their own
("… County", "Ministry of …"). What is left are runs of capitals, which are sorted for the whole document:
a run after "in" is a place, one before ", 27," or after "lawyer" is a person, and so on.
"""

from __future__ import annotations

from kg.extract.gazetteer import Gazetteer
from kg.extract.languages.en.capitals import is_name_word, many_named, opens_sentence, origin_end, run_end
from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.forms import mark_courts, mark_facilities, mark_places
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at
from kg.extract.text import Document

_BODY_LINKS = listed("names", "body_links")


def mark(line: Line, document: Document, gazetteer: Gazetteer) -> None:
    """Claim what tells itself by form or by lists; leave runs of capitals as chunks of kind `name`."""
    _nations(line)
    _listed(line, gazetteer)
    _runs(line, document)
    mark_courts(line)
    mark_facilities(line)
    mark_places(line)
    _called_prisons(line)
    for chunk in line.chunks():
        if chunk.kind not in ("word", "date", "term"):
            chunk.text = chunk.text or line.text(document, chunk.i, chunk.j)


_JAILS = frozenset(("prison", "jail", "gaol", "penitentiary"))


def _called_prisons(line: Line) -> None:
    """Take a name for a prison that is called one: "El Faro, a prison in Lima", "the jail known as El Faro"."""
    for chunk in line.chunks():
        if chunk.kind not in ("name", "place"):
            continue
        at = chunk.j + 1
        told = line.word(chunk.j) in (",", "(") and line.word(at) in ("a", "the", "an")
        told = told and bool(_JAILS & set(line.low[at + 1 : at + 4])) and "," not in line.low[at : at + 3]
        known = line.low[max(0, chunk.i - 3) : chunk.i]
        if told or (
            len(known) == 3 and known[0] in _JAILS and known[1:] in (["known", "as"], ["called", "the"])
        ):
            data = {"named": True, "head": (chunk.i, chunk.j), "inner": chunk.j, "custody": True}
            line.put(Chunk("facility", chunk.i, chunk.j, data=data))


def _nations(line: Line) -> None:
    lex = lexicon()
    at = 0
    while at < len(line):
        two = f"{line.low[at]} {line.word(at + 1)}"
        count = 2 if two in lex.demonyms or two in lex.peoples else 1
        key = two if count == 2 else line.low[at]
        if (
            line.tokens[at].text[0].isupper()
            and (key in lex.demonyms or key in lex.peoples)
            and line.free(at, at + count)
        ):
            line.put(Chunk("nation", at, at + count, data=key))
            at += count
        else:
            at += 1


def _listed(line: Line, gazetteer: Gazetteer) -> None:
    """Find countries, capitals, well known places and what the graph knows."""
    own = _own_places()
    at = 0
    while at < len(line):
        count = 0
        if (line.kind(at) in ("", "nation")) and "/" not in line.low[at]:
            for names in (gazetteer, own):
                found = names.longest(line.low, at)
                if found and found[0] > count and _is_written_so(line, at, found[0], found[1].text):
                    count, name = found
                    kind = {
                        "country": "place",
                        "organization": "org",
                        "place": "place",
                        "facility": "facility",
                        "court": "court",
                    }.get(name.kind, "name")
            if count and kind != "org" and _embedded(line, at, at + count, kind):
                count = 0
            if count:
                line.put(Chunk(kind, at, at + count, data=name))
        at += count or 1


def _is_written_so(line: Line, at: int, count: int, name: str) -> bool:
    if any(owner is not None and owner.kind != "nation" for owner in line.owner[at : at + count]):
        return False
    text = line.tokens[at].text
    return text[0] == name[0] or not name[0].isupper() or not text.islower()


def _embedded(line: Line, i: int, j: int, kind: str) -> bool:
    """Whether a listed name is part of a longer one: "Iran Watch", "Minsk Street", "Jordan Smith"."""
    if kind == "name":
        return False
    if (
        j + 1 < len(line)
        and line.low[j] in ("de", "del", "do", "da", "dos")
        and line.tokens[j + 1].is_capital
    ):
        return True
    if j < len(line) and line.tokens[j].is_capital and line.tokens[j].start - line.tokens[j - 1].end == 1:
        after = line.tokens[j].text
        if (
            after in lexicon().words["place_bodies"]
            or line.low[j] in lexicon().words["place_places"]
            or line.low[j] in lexicon().words["place_courts"] | lexicon().words["place_facilities"]
        ):
            return True
        return (
            noun_at(line.low, j) is None
            and line.low[j] not in lexicon().words["place_court_words"]
            and line.low[j] not in lexicon().openers
            and line.owner[j] is None
            and line.word(j) not in lexicon().countries
        )
    return (
        i > 0
        and line.tokens[i - 1].is_capital
        and not opens_sentence(line, i - 1)
        and line.owner[i - 1] is None
        and line.tokens[i].start - line.tokens[i - 1].end == 1
        and noun_at(line.low, i - 1) is None
    )


_OWN: list[Gazetteer] = []


def _own_places() -> Gazetteer:
    if not _OWN:
        lex = lexicon()
        bodies = [(name, "organization") for name in lex.words["place_organizations"]]
        names = [
            (name, "country")
            for name in lex.countries
            if name not in ("us", "america", "chad", "jordan", "georgia", "wales")
        ]
        shown = [(name if name.isupper() else _title(name), "country") for name, _ in names]
        for short in ("US", "U.S.", "UK", "U.K.", "UAE", "USA", "DRC", "PRC"):
            shown.append((short, "country"))
        shown += [(name, "country") for name in ("America", "Chad", "Jordan", "Georgia", "Wales", "eSwatini")]
        shown += [(name, "place") for name in (*lex.capitals, *lex.words["known"])]
        _OWN.append(Gazetteer.of(sorted({*shown, *bodies})))
    return _OWN[0]


def _title(name: str) -> str:
    return " ".join(
        word if word in ("of", "the", "and") else word[:1].upper() + word[1:] for word in name.split()
    )


def _runs(line: Line, document: Document) -> None:
    at = 0
    while at < len(line):
        if line.owner[at] is not None or not is_name_word(line, at):
            at += 1
            continue
        if end := origin_end(line, at):
            line.put(Chunk("based", at, end))
            at = end
            continue
        end = run_end(line, at)
        for chunk in _sorted_run(line, at, end):
            line.put(chunk)
            end = max(end, chunk.j)
        at = end


def _sorted_run(line: Line, i: int, j: int) -> list[Chunk]:
    """Cut a run where it holds a title or an office, and say what its form tells of the rest."""
    lex = lexicon()
    bodies = lex.words["place_bodies"]
    texts = [token.text for token in line.tokens[i:j]]
    if any(text.lower() in lex.words["place_courts"] for text in texts):
        return [Chunk("court", i, j)]
    heads = [at for at in range(i, j) if line.tokens[at].text in bodies]
    if heads:
        if (
            heads[0] == i
            and (noun := noun_at(line.low, i))
            and noun[1][0].kind != "agency"
            and i + 1 < j
            and not any(at > i for at in heads)
            and line.word(i) not in ("ministry", "department", "embassy", "army", "navy", "prosecution")
        ):
            pass  # "Police Commissioner …" and the like
        elif not _names_person(line, i, j, heads):
            return [Chunk("org", i, _body_end(line, j))]
    if opens_sentence(line, i) and many_named(line, i, j):
        return [Chunk("org", i, j)]  # Reporters Unbound said
    start = i
    while start < j - 1:
        found = noun_at(line.low, start)
        if line.tokens[start].text in lex.titles:
            start += 1
        elif (found and found[1][0].kind != "agency" and start + found[0] < j) or (
            found and start + found[0] < j and noun_at(line.low, start + found[0])
        ):
            start += found[0]
        elif (
            start == i
            and line.low[start] in lex.words["modifiers"]
            and start + 1 < j
            and (noun_at(line.low, start + 1) or opens_sentence(line, i))
        ):
            start += 1
        else:
            break
    for at in range(start + 1, min(start + 4, j - 2)):
        found = noun_at(line.low, at)
        if (
            found
            and found[1][0].kind == "office"
            and at + found[0] <= j - 2
            and line.tokens[at].text
            not in lexicon().titles
            - {"Judge", "Justice", "Minister", "Inspector", "General", "Commissioner", "Superintendent"}
        ):
            start = at + found[0]  # Grade One Magistrate Stella Achan
            break
    if (
        j - start > 1
        and noun_at(line.low, j - 1)
        and len(line.tokens[start].text) > 1
        and line.tokens[start].text.isupper()
    ):
        j -= 1  # "UPL Leader"
    rest = texts[start - i : j - i]
    if all(text in lex.words["place_things"] for text in rest[:1]):
        return [Chunk("thing", start, j)]
    if (
        start == j - 1
        and start > i
        and noun_at(line.low, start)
        and line.tokens[start].text not in lex.titles
    ):
        return []
    if start == i and j - i == 1 and noun_at(line.low, i):
        return []
    return [Chunk("name", start, j)]


def _names_person(line: Line, i: int, j: int, heads: list[int]) -> bool:
    """Whether a run that holds the word of a body names a person: "Foreign Minister Ali Star"."""
    if heads[-1] == j - 1:
        return False
    return any(
        (noun := noun_at(line.low, at)) is not None and at not in heads and noun[1][0].kind == "office"
        for at in range(i, j - 1)
    )


def _body_end(line: Line, end: int) -> int:
    """Give where the name of a body ends: "Department of State Services"."""
    while end + 1 < len(line) and line.low[end] in _BODY_LINKS:
        at = end + 1
        if line.low[at] == "the" and at + 1 < len(line):
            at += 1
        if not line.tokens[at].is_capital or (line.kind(at) not in ("", "nation", "place")):
            break
        if line.low[end] in ("and", "&", "on", "to", "against") and (
            line.owner[at] is not None
            or noun_at(line.low, at)
            or (at + 1 < len(line) and line.low[end] == "and" and not _body_goes_on(line, at))
        ):
            break
        end = run_end(line, at) if line.owner[at] is None else line.stop(at)
    return end


def _body_goes_on(line: Line, at: int) -> bool:
    """Whether what follows "and" is a field of work rather than a second name: "Justice and Human Rights"."""
    fields = (
        "justice",
        "human",
        "rights",
        "freedom",
        "security",
        "culture",
        "information",
        "sports",
        "financial",
        "labor",
        "labour",
        "education",
        "technology",
        "tourism",
        "national",
        "communication",
        "communications",
        "law",
        "order",
        "defence",
        "defense",
        "democracy",
        "conduct",
        "development",
        "peace",
        "reconciliation",
    )
    return line.low[at] in fields
