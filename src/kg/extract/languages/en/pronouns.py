"""Whom pronouns mean, and who speaks."""

from __future__ import annotations

from collections.abc import Callable

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.frames import is_suffered
from kg.extract.languages.en.lexicon import listed
from kg.extract.languages.en.mentions import Mention
from kg.extract.languages.en.person import (
    Person,
    is_patient,
    size_of,
)
from kg.extract.languages.en.speech import Scope

_PRONOUN_WORDS = listed("persons", "pronoun_words")
_PRONOUN_WORDS_2 = listed("persons", "pronoun_words_2")
_COUNTS = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
FAR = 12  # sentences over which a description still means the same person
_FAR_PRONOUN = 4
_MOST_NEAR = 150  # people at either end of a report among whom pronouns look
_SOURCES = frozenset(("source", "witness", "eyewitness", "insider"))
_PUBLIC = listed("persons", "public")


class Pronouns:
    """Finds out whom pronouns mean, among the people that were met so far."""

    def __init__(self, describe: Callable[[Mention], str]) -> None:
        """Start with nobody; `describe` gives the words for somebody without a name."""
        self.all: list[Person] = []
        self._describe = describe
        self._subject: Person | None = None
        self._pair: list[Person] = []
        self._here: list[Person] = []
        self.pronouns: dict[tuple[int, int], list[Person]] = {}
        self._last_speaker: Person | None = None
        self._by_word: dict[str, list[Person]] = {}

    def meant(self, line: Line, chunk: Chunk | None) -> list[Person]:
        """Give whom a chunk means, groups with known members as their members."""
        if chunk is None:
            return []
        if chunk.kind == "person":
            persons = chunk.data.people
        else:
            persons = self.pronouns.get((line.index, chunk.i), [])
        found: list[Person] = []
        for person in persons:
            found.extend(self.expand(person))
        return list(dict.fromkeys(found))

    def expand(self, person: Person) -> list[Person]:
        """Give the members of a group where the report names them, otherwise the person alone."""
        person = person.self()
        if person.members:
            return [member for each in person.members for member in self.expand(each)]
        return [person]

    def speaker(self, line: Line, scope: Scope) -> Person | None:
        """Give the person who speaks in a scope."""
        if scope.speaker is None:
            return None
        meant = self.meant(scope.line, scope.speaker)
        return meant[0] if len(meant) == 1 else None

    def quoted_by(self, line: Line, at: int, scopes: list[Scope]) -> Person | None:
        """Give who speaks at a token that stands in a quotation."""
        for scope in scopes:
            if scope.quoted and scope.covers(at):
                return self.speaker(line, scope)
        return None

    def possessor(self, line: Line, at: int, word: str, scopes: list[Scope]) -> list[Person]:
        """Give whom *his* or *her* at a token means: the one found before, nearest in the sentence first."""
        near = [chunk for chunk in line.chunks() if chunk.kind in ("person", "pronoun") and chunk.j <= at]
        speaker = self.quoted_by(line, at, scopes)
        gender = "m" if word == "his" else "f"
        for chunk in reversed(near):
            for person in self.meant(line, chunk):
                if (
                    not person.group
                    and person.gender in ("-", gender)
                    and person is not speaker
                    and (person.weight or person.names)
                ):
                    return [person]
        best = self.best(line, at, gender, [speaker] if speaker is not None else [])
        return [best] if best is not None else []

    @property
    def near(self) -> list[Person]:
        """Those among whom a pronoun looks: the first people of the report and the last ones."""
        if len(self.all) <= 2 * _MOST_NEAR:
            return self.all
        return self.all[:_MOST_NEAR] + self.all[-_MOST_NEAR:]

    def pronoun(
        self, line: Line, at: int, word: str, clause: Clause | None, scopes: list[Scope], kin: bool = False
    ) -> list[Person]:
        """Give whom a pronoun means."""
        if word in _PRONOUN_WORDS:
            speaker = self.quoted_by(line, at, scopes)
            return [speaker] if speaker is not None else []
        if word in ("it", "its", "you", "your"):
            return []
        speaker = self.quoted_by(line, at, scopes)
        excluded = [speaker.self()] if speaker is not None else []
        excluded += self._tellers_excluded(line, at, clause, scopes)
        if word in ("they", "them", "their", "themselves"):
            return self.plural(line, at)
        if word == "both" or word == "pair" or (word in _COUNTS and size_of(word)):
            return self.several(line, size_of(word))
        if word in _PRONOUN_WORDS_2:
            return [self._vague(line, word)]
        if clause is not None and clause.verb.opens("say") and not clause.passive:
            teller = self._goes_on(line, "m" if word == "he" else "f")
            if teller is not None:
                return [teller]
        above = clause.governor if clause is not None and not kin else None
        if (
            above is not None
            and above.verb.lemma in ("tell", "inform", "write")
            and above.subject is not None
            and above.subject.kind == "pronoun"
            and above.subject.data == word
            and above.object is not None
        ):
            told = self.meant(line, above.subject)
            if len(told) == 1:
                return told  # "She told our mother that she was accused"
        gender = "m" if word in ("he", "him", "his", "himself") else "f"
        best = self.best(line, at, gender, excluded, kin or is_patient(clause))
        if best is None:
            return []
        if best.gender == "-":
            best.gender = gender
        return [best]

    def _goes_on(self, line: Line, gender: str) -> Person | None:
        """Give who goes on speaking in '…," he said': the last one who was quoted."""
        teller = self._last_speaker
        if teller is None or teller.group or teller.gender not in ("-", gender):
            return None
        quoted = any(token.quote >= 0 for token in line.tokens)
        return teller if quoted and line.index - teller.last <= 2 else None

    def several(self, line: Line, size: int | None) -> list[Person]:
        """Give "the two": a list of two, or the last two people who were arrested or tried."""
        if self._pair and size in (None, len(self._pair)):
            return list(self._pair)
        recent = [
            person
            for person in self.near
            if person.same is None
            and person.names
            and (person.weight or person.nouns & {"suspect", "defendant"})
            and line.index - person.last <= 7
        ]
        recent.sort(key=lambda person: (-(person.weight > 0), -person.last, person.number))
        if size and len(recent) >= size:
            return sorted(recent[:size], key=lambda person: person.number)
        groups = [
            person
            for person in self.near
            if person.same is None
            and person.group
            and size_of(person.count) == size
            and line.index - person.last <= FAR
        ]
        return groups[-1:]

    def _vague(self, line: Line, word: str) -> Person:
        person = Person(
            len(self.all),
            group=True,
            count=word if word in ("dozens", "hundreds", "thousands") else "",
            first=line.index,
            last=line.index,
            label=word,
        )
        self.all.append(person)
        return person

    def _tellers_excluded(
        self, line: Line, at: int, clause: Clause | None, scopes: list[Scope]
    ) -> list[Person]:
        """Give tellers whom *he* in what they tell of an arrest hardly means: lawyers, relatives …"""
        if clause is None or not is_suffered(clause):
            return []
        found: list[Person] = []
        for scope in scopes:
            if (
                not scope.quoted
                and scope.covers(at)
                and scope.speaker is not None
                and scope.speaker.kind == "person"
            ):
                mention: Mention = scope.speaker.data
                if mention.is_kind("kin", "tie", "source", "office") or any(
                    role.noun.lemma in ("lawyer", "attorney", "judge", "official") for role in mention.roles
                ):
                    found.extend(person.self() for person in mention.people)
        return found

    def plural(self, line: Line, at: int) -> list[Person]:
        """Give whom *they* means."""
        if self._pair and max(person.last for person in self._pair) >= line.index - 3:
            return list(self._pair)
        groups = [
            person
            for person in self.near
            if person.same is None
            and person.group
            and (person.last, person.last_at) < (line.index, at)
            and line.index - person.last <= 2
            and person.mentions
            and not person.speaker
        ]
        best = max(groups, key=lambda person: (person.last, person.weight, person.last_at), default=None)
        return [best] if best is not None else []

    def best(
        self, line: Line, at: int, gender: str, excluded: list[Person], patient: bool = False
    ) -> Person | None:
        """Give the person whom *he* or *she* most likely means."""
        best: tuple[float, int] | None = None
        chosen: Person | None = None
        for person in self.near:
            if (
                person.same is not None
                or person.group
                or person in excluded
                or (not person.mentions and person.first != line.index)
            ):
                continue
            if person.gender not in ("-", gender):
                continue
            distance = line.index - person.last
            if distance > _FAR_PRONOUN and not (person.weight >= 6 and distance < FAR):
                continue
            if distance == 0 and person.last_at >= at:
                continue
            score = -1.5 * distance + min(person.weight, 6) * 0.25 + (1.6 if person is self._subject else 0)
            score += 0.6 if person.gender == gender else 0
            score += 1.5 if patient and person.weight else 0
            score += 2.5 if distance == 0 and person in self._here else 0
            score -= 1.2 if not person.weight and person.nouns & _PUBLIC else 0
            score += 0.3 if person.names else 0
            score -= 2.0 if patient and not person.names and person.nouns & _SOURCES else 0
            rank = (score, person.last_at if distance == 0 else 0)
            if best is None or rank > best:
                best, chosen = rank, person
        return chosen
