"""The people of a report, and which of them each phrase, short name and pronoun means."""

from __future__ import annotations

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.frames import handed_to, is_suffered
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at
from kg.extract.languages.en.mentions import Mention
from kg.extract.languages.en.person import (
    Person,
    alike,
    fits,
    inverse,
    is_patient,
    size_of,
    words_of,
)
from kg.extract.languages.en.pronouns import FAR, Pronouns
from kg.extract.languages.en.speech import Scope

_LEAD = 5  # the first sentences, where a report speaks of people before it names them
_ANYBODY = listed("persons", "anybody")
_ANOTHER = frozenset(
    ("another", "separately", "also", "meanwhile", "second", "other", "earlier", "previously", "similar")
)
_ITSELF = listed("events", "itself")
_SPEAKING = listed("persons", "speaking")
_RULERS = listed("persons", "rulers")
_MOST_ALIKE = 50  # people who share a word of their names


class People(Pronouns):
    """Finds out who is meant, sentence by sentence in the order of the text."""

    def read(self, line: Line, clauses: list[Clause], scopes: list[Scope]) -> None:
        """Decide whom the phrases and pronouns of a sentence mean."""
        by_subject = {id(clause.subject): clause for clause in clauses if clause.subject is not None}
        patients = self._patients(clauses)
        chunks = [chunk for chunk in line.chunks() if chunk.kind in ("person", "pronoun")]
        for scope in scopes:
            # Who speaks has to be known before what is said is read.
            if (
                scope.quoted
                and scope.speaker is not None
                and scope.line is line
                and scope.speaker.kind == "person"
                and scope.speaker.i >= scope.j
            ):
                self._resolve(
                    line, scope.speaker, by_subject.get(id(scope.speaker)) or _telling(clauses), scopes
                )
        self._here = []
        for chunk in chunks:
            clause = by_subject.get(id(chunk))
            self._resolve(line, chunk, clause, scopes)
            if clause is not None:
                self._here.extend(person.self() for person in self.meant(line, chunk))
            for person in self.meant(line, chunk):
                person.last, person.last_at = line.index, _place_of(chunk, person)
                person.mentions += 1
                if id(chunk) in patients:
                    person.weight += 3
        self._name_members(line, clauses)
        for scope in scopes:
            speaker = self.speaker(line, scope)
            if speaker is not None:
                self._last_speaker = speaker
        self._subject = None if clauses else self._subject
        for clause in clauses:
            if (
                clause.subject is not None
                and clause.subject.kind in ("agency", "court")
                and clause.object is not None
                and id(clause.object) in patients
            ):
                meant = self.meant(line, clause.object)
                self._subject = meant[0].self() if len(meant) == 1 else None
                break
            if (
                clause.subject is not None
                and clause.subject.kind in ("person", "pronoun")
                and not clause.verb.relative
            ):
                meant = self.meant(line, clause.subject)
                if len(meant) == 1:
                    self._subject = meant[0].self()
                    break

        if self._subject is None:
            for clause in clauses:
                if (
                    clause.verb.relative
                    and is_suffered(clause)
                    and clause.passive
                    and clause.subject is not None
                ):
                    meant = self.meant(line, clause.subject)
                    self._subject = meant[0].self() if len(meant) == 1 else None

    def _name_members(self, line: Line, clauses: list[Clause]) -> None:
        """Read "The four are A; B; C; and D" and "identified the two as A and B": who those spoken of before are."""
        for clause in clauses:
            naming = clause.verb.lemma in ("identify", "identified", "name", "named") or line.low[
                clause.verb.at
            ] in ("identified", "named")
            if not naming and not (clause.verb.copula and line.low[clause.verb.at] in ("are", "were")):
                continue
            before = clause.object if naming and not clause.passive else clause.subject
            begin = clause.verb.at + 1 if before is None or before is clause.subject else before.j
            if naming:
                begin = line.low.index("as", begin) + 1 if "as" in line.low[begin : begin + 4] else len(line)
            after = line.owner[begin] if begin < len(line) else None
            if (
                before is None
                or after is None
                or after.kind != "person"
                or before.kind not in ("person", "pronoun")
            ):
                continue
            if not after.data.listed or not all(member.name for member in after.data.members):
                continue
            named = [person.self() for person in self.meant(line, after)]
            meant = self.meant(line, before)
            if any(person.names for person in meant) or not meant:
                continue
            if len(meant) == 1 and meant[0].group and size_of(meant[0].count) in (None, len(named)):
                if meant[0] not in named:
                    meant[0].members = named
                    self._pair = named
            elif len(meant) == len(named) and not any(person.group for person in meant):
                for one, other in zip(meant, named, strict=True):
                    other.weight += one.weight
                    other.nouns |= one.nouns
                    other.kin.extend(one.kin)
                    one.same = other
                self._pair = named

    def _patients(self, clauses: list[Clause]) -> set[int]:
        """Give the chunks of those who are arrested, tried or released in a sentence, by their identity."""
        found: set[int] = set()
        for clause in clauses:
            if is_suffered(clause):
                itself = clause.passive or (clause.verb.lemma in _ITSELF and clause.object is None)
                chunk = clause.subject if itself else clause.object or handed_to(clause)
                if chunk is not None:
                    found.add(id(chunk))
                    found.update(id(each) for each in _included(clause.line, chunk))
            if (
                clause.verb.copula
                and clause.subject is not None
                and {"missing", "custody", "detention", "prison", "jail"} & set(clause.word_after(4))
            ):
                found.add(id(clause.subject))
        return found

    def _resolve(self, line: Line, chunk: Chunk, clause: Clause | None, scopes: list[Scope]) -> None:
        if chunk.kind == "pronoun":
            if (line.index, chunk.i) not in self.pronouns:
                self.pronouns[(line.index, chunk.i)] = self.pronoun(line, chunk.i, chunk.data, clause, scopes)
            return
        mention: Mention = chunk.data
        if not mention.people:
            mention.people = self._mention(line, mention, clause, scopes)

    def _mention(
        self, line: Line, mention: Mention, clause: Clause | None, scopes: list[Scope]
    ) -> list[Person]:
        if not mention.name and not mention.members and _is_predicate(line, mention):
            return []
        if mention.members:
            persons: list[Person] = []
            for member in mention.members:
                if not member.people:
                    member.people = self._mention(line, member, clause, scopes)
                persons.extend(member.people)
            if not mention.listed:
                self._merge_group(mention, persons)
            elif is_patient(clause) and all(member.name for member in mention.members):
                self._merge_size(persons, line.index)
            for person in persons:
                person.last, person.last_at = line.index, mention.i
            self._pair = persons
            if mention.is_kind("kin") and not mention.listed:
                owners = self._owner(line, mention, scopes)
                for person in persons:
                    self._relate(person.self(), mention, owners)
            return persons
        if mention.name:
            return [self._named(line, mention, clause, scopes)]
        return self._described(line, mention, clause, scopes)

    def _owner(self, line: Line, mention: Mention, scopes: list[Scope]) -> list[Person]:
        """Give whose relative or lawyer a phrase speaks of."""
        owner = mention.owner
        if owner is None:
            return []
        if isinstance(owner, str):
            if owner in ("his", "her") and line.sentence.kind == "caption":
                return self._caption_owner(line, mention)
            listed_before = self._listed_before(line, mention) if owner in ("his", "her") else None
            if listed_before is not None:
                return [listed_before]
            return self.pronoun(line, mention.i, owner, None, scopes, mention.is_kind("kin"))
        chunk = owner if owner.kind == "person" and isinstance(owner.data, Mention) else line.owner[owner.i]
        if chunk is None or chunk.kind != "person":
            return []
        # Of "Ali and Ali's wife" the owner is a member of the list that the phrase itself is in.
        of = _member_at(chunk.data, owner.i)
        if of is mention or mention in of.members:
            return []
        if not of.people:
            of.people = self._mention(line, of, None, scopes)
        return list(of.people)

    def _listed_before(self, line: Line, mention: Mention) -> Person | None:
        """Give whose son "her son" is in "Ann Sen and her son": the one before in the list."""
        chunk = line.owner[mention.i]
        members = chunk.data.members if chunk is not None and chunk.kind == "person" else []
        if mention not in members or not mention.is_kind("kin"):
            return None
        at = members.index(mention)
        before = members[at - 1].people if at else []
        gender = "m" if mention.owner == "his" else "f"
        if len(before) != 1 or before[0].gender not in ("-", gender):
            return None
        found: Person = before[0].self()
        found.gender = gender
        return found

    def _caption_owner(self, line: Line, mention: Mention) -> list[Person]:
        near = [chunk for chunk in line.chunks() if chunk.kind == "person" and chunk.j <= mention.i]
        if not near:
            return self._caption_first(line, mention)
        members = near[-1].data.members
        return list(near[-1].data.people or (members[0].people if members else []))

    def _caption_first(self, line: Line, mention: Mention) -> list[Person]:
        """Give the person who stands first in the list that the mention is in."""
        for chunk in line.chunks():
            if chunk.kind == "person" and mention in chunk.data.members:
                return list(chunk.data.members[0].people)
        return []

    def _named(self, line: Line, mention: Mention, clause: Clause | None, scopes: list[Scope]) -> Person:
        words = words_of(mention.name)
        best: Person | None = None
        for person in self._called(words):
            if not person.names or not fits(words, person):
                continue
            if "-" not in (mention.gender, person.gender) and mention.gender != person.gender:
                continue
            if best is None or (person.weight + person.mentions, -person.number) > (
                best.weight + best.mentions,
                -best.number,
            ):
                best = person
        owners = (
            self._owner(line, mention, scopes)
            if mention.is_kind("kin", "tie") or isinstance(mention.owner, str)
            else []
        )
        if best is not None and best in [owner.self() for owner in owners] and mention.is_kind("kin"):
            best = None
        if best is None and mention.is_kind("kin") and not owners:
            best = self._kin_without_name(
                {role.noun.lemma for role in mention.roles if role.noun.kind == "kin"}
            )
        if best is None:
            best = self._lead(line, mention, clause) or self._new(line, mention)
        if mention.name not in best.names:
            best.names.append(mention.name)
        for name in (mention.name, *mention.also):
            for word in words_of(name):
                known = self._by_word.setdefault(word, [])
                if best not in known[-_MOST_ALIKE:]:
                    known.append(best)
        best.also.extend(name for name in mention.also if name not in best.also)
        self._learn(best, mention)
        self._relate(best, mention, owners)
        return best

    def _called(self, words: list[str]) -> list[Person]:
        """Give who has one of the words in a name, each once; of very many the last ones."""
        found: dict[Person, None] = {}
        for word in words:
            for person in self._by_word.get(word, ())[-_MOST_ALIKE:]:
                found.setdefault(person.self())
        return list(found)

    def _kin_without_name(self, terms: set[str]) -> Person | None:
        """Give the daughter of whom the report spoke before it names "the daughter, Ziba"."""
        for person in reversed(self.near):
            if person.same is None and not person.names and any(term in terms for term, _ in person.kin):
                return person
        return None

    def _relate(self, person: Person, mention: Mention, owners: list[Person]) -> None:
        for role in mention.roles:
            if role.noun.kind in ("kin", "tie"):
                for owner in owners:
                    if owner is not person:
                        person.kin.append((role.noun.lemma, owner))

    def _learn(self, person: Person, mention: Mention) -> None:
        if mention.gender != "-":
            person.gender = mention.gender
        if mention.age:
            person.age = mention.age[0]
        person.nouns.update(role.noun.lemma for role in mention.roles if role.noun.lemma)

    def _new(self, line: Line, mention: Mention) -> Person:
        person = Person(
            len(self.all),
            group=mention.plural,
            count=mention.count,
            first=line.index,
            last=line.index,
            label=self._describe(mention),
        )
        person.indefinite = mention.article != "the"
        self.all.append(person)
        self._learn(person, mention)
        return person

    def _lead(self, line: Line, mention: Mention, clause: Clause | None) -> Person | None:
        """Give somebody of whom the first sentences spoke without the name that stands here."""
        if (mention.is_kind("kin") and mention.owner is not None) or line.sentence.kind == "caption":
            return None
        nouns = {role.noun.lemma for role in mention.roles if role.noun.kind not in ("title", "tie")}
        for person in self.near:
            if (
                person.same is not None
                or person.names
                or person.group
                or person.first > _LEAD
                or line.index - person.first > 10
                or person.first == line.index
            ):
                continue
            if person.speaker or not person.weight:
                continue
            if (
                nouns
                and any(alike(one, other) for one in nouns - _RULERS for other in person.nouns - _RULERS)
            ) or nouns & person.nouns:
                return person
            if (
                is_patient(clause)
                and person.indefinite
                and person.weight
                and line.index - person.first <= 3
                and not any(each.names and each.weight for each in self.near if each is not person)
                and "-" in (person.gender, mention.gender, "-" if person.gender == mention.gender else "")
                and not _ANOTHER & set(line.low)
            ):
                return person  # "A monk has been jailed.", "Lobsang D., a former chant master, was tried …"
            if (
                person.weight
                and not nouns
                and not any(each.names and each.weight for each in self.near if each is not person)
            ) and (
                mention.age
                or is_patient(clause)
                or mention.line.word(mention.j) in ("was", "were", "has", "had", "is")
                or _is_owner(mention)
            ):
                return person
        return None

    def _merge_group(self, mention: Mention, members: list[Person]) -> None:
        """Let "two journalists" of the lead be the two who are named here."""
        nouns = {role.noun.lemma for role in mention.roles}
        for person in self.near:
            if (
                person.same is None
                and person.group
                and not person.names
                and not person.members
                and person.first <= _LEAD
                and person.indefinite
            ) and (
                any(alike(one, other) for one in nouns for other in person.nouns)
                and size_of(person.count) in (None, len(members))
                and person.first < mention.line.index
                and size_of(person.count) is not None
            ):
                person.members = list(members)

    def _merge_size(self, members: list[Person], at: int) -> None:
        """Let "three people" of the lead be the three who are named here as arrested or tried."""
        for person in self.near:
            if (
                person.same is None
                and person.group
                and not person.names
                and not person.members
                and (person.first <= _LEAD or 0 < at - person.first <= 2)
                and person.weight
                and size_of(person.count) == len(members)
                and person not in members
            ):
                person.members = list(members)

    def _described(
        self, line: Line, mention: Mention, clause: Clause | None, scopes: list[Scope]
    ) -> list[Person]:
        owners = self._owner(line, mention, scopes)
        head = mention.head
        if head is None:
            return [self._new(line, mention)]
        if mention.is_kind("kin", "tie") and owners:
            known = self._known_relative(head.lemma, owners)
            if known is not None:
                self._learn(known, mention)
                return [known]
            if head.lemma == "client":
                protagonist = self._protagonist(line, mention.gender, owners)
                if protagonist is not None:
                    return [protagonist]
            person = self._new(line, mention)
            self._relate(person, mention, owners)
            return [person]
        if (
            mention.article == "the"
            and not mention.plural
            and clause is not None
            and clause.verb.opens("say")
            and any(token.quote >= 0 for token in line.tokens)
        ):
            teller = self._last_speaker
            if (
                teller is not None
                and line.index - teller.last <= 3
                and not mention.is_kind("source", "plain")
            ):
                return [teller]
        if any(" of " in f" {role.text} " for role in mention.roles):
            person = self._new(line, mention)
            self._relate(person, mention, owners)
            return [person]
        if mention.article == "the" and mention.age and not mention.plural and not mention.homes:
            aged = self._aged(line, mention)
            if aged is not None:
                return [aged]
        if mention.article == "the" or (
            mention.article == "" and mention.i == 0 and not mention.plural and not mention.nations
        ):
            meant = self._known_as(line, mention)
            if meant:
                return meant
        person = self._new(line, mention)
        self._relate(person, mention, owners)
        return [person]

    def _aged(self, line: Line, mention: Mention) -> Person | None:
        """Give whom "the 36-year-old" means: the one of whom the sentences before told most."""
        found = [
            person.self()
            for person in self.near
            if person.same is None
            and person.names
            and not person.group
            and 0 <= line.index - person.last <= 2
            and (person.weight or not (person.kin or person.nouns & _SPEAKING))
            and mention.age
            and person.age in (0, mention.age[0])
            and "-" in (mention.gender, person.gender, "-" if mention.gender == person.gender else "")
        ]
        return max(found, key=lambda person: (person.last, person.last_at), default=None)

    def _known_relative(self, lemma: str, owners: list[Person]) -> Person | None:
        for owner in owners:
            for person in self.near:
                if any(term == lemma and whose.self() is owner.self() for term, whose in person.kin):
                    return person.self()
            for term, whose in owner.self().kin:
                if inverse(term, lemma):
                    return whose.self()
        return None

    def _known_as(self, line: Line, mention: Mention) -> list[Person]:
        """Give whom "the journalist" means."""
        nouns = {role.noun.lemma for role in mention.roles}
        if mention.plural or nouns & lexicon().words["pairs"]:
            size = size_of(mention.count) or (2 if nouns & lexicon().words["pairs"] else None)
            if (
                self._pair
                and size in (None, len(self._pair))
                and (
                    size
                    or any(
                        alike(one, other) for one in nouns for person in self._pair for other in person.nouns
                    )
                    or nouns & _ANYBODY
                )
            ):
                return list(self._pair)
            for person in reversed(self.near):
                person = person.self()
                if (
                    person.group
                    and not person.names
                    and any(alike(one, other) for one in nouns for other in person.nouns)
                    and line.index - person.last < FAR
                    and (size is None or size_of(person.count) in (None, size))
                ):
                    return [person]
            if size and mention.article == "the" and nouns & _ANYBODY:
                several = self.several(line, size)  # the two men
                return several if len(several) == size else []
            return []
        best: Person | None = None
        for person in self.near:
            person = person.self()
            if person.group or line.index - person.last > FAR:
                continue
            if mention.gender != "-" and person.gender not in ("-", mention.gender):
                continue
            later = best is None or (person.last, person.last_at) > (best.last, best.last_at)
            if later and any(alike(one, other) for one in nouns for other in person.nouns):
                best = person
        if best is not None:
            return [best]
        if nouns & _ANYBODY and not mention.is_kind("office", "source"):
            protagonist = self._protagonist(line, mention.gender, [])
            return [protagonist] if protagonist is not None else []
        return []

    def _protagonist(self, line: Line, gender: str, excluded: list[Person]) -> Person | None:
        found = [
            person
            for person in self.near
            if person.same is None
            and person.weight
            and not person.group
            and person not in excluded
            and (gender == "-" or person.gender in ("-", gender))
            and line.index - person.last <= FAR
        ]
        return max(
            found,
            key=lambda person: (person.weight - 0.5 * (line.index - person.last), -person.number),
            default=None,
        )


def _place_of(chunk: Chunk, person: Person) -> int:
    """Give where in a list a person stands."""
    if chunk.kind == "person" and chunk.data.listed:
        for member in chunk.data.members:
            if any(each.self() is person.self() for each in member.people):
                return int(member.i)
    return chunk.i


def _telling(clauses: list[Clause]) -> Clause | None:
    """Give the clause that tells: "…, said the lawyer"."""
    return next((clause for clause in clauses if clause.verb.opens("say")), None)


def _included(line: Line, chunk: Chunk) -> list[Chunk]:
    """Give those of "three people, including a pastor"."""
    if line.word(chunk.j + 1) != "including" or chunk.j + 2 >= len(line):
        return []
    owner = line.owner[chunk.j + 2]
    return [owner] if owner is not None and owner.kind == "person" else []


def _is_predicate(line: Line, mention: Mention) -> bool:
    """Whether the phrase says what somebody is rather than whom: "served as the editor", "is a lawyer"."""
    if mention.is_kind("kin"):
        return False
    before = line.owner[mention.i - 1] if mention.i else None
    if line.word(mention.i - 1) == "as" and not mention.plural:
        return True
    return (
        before is not None
        and before.kind == "verb"
        and before.data.copula
        and before.data.lemma == "be"
        and not mention.plural
    )


def _member_at(mention: Mention, at: int) -> Mention:
    """Give the member of a list that holds a token, or the phrase itself."""
    for member in mention.members:
        if member.i <= at < member.j:
            return _member_at(member, at)
    return mention


def _is_owner(mention: Mention) -> bool:
    """Whether a relative stands beside the name: "Ali's wife", "the daughter of Ali"."""
    line = mention.line
    after = (
        noun_at(line.low, mention.j + 1)
        if line.word(mention.j) in ("'s", "'", "’") and mention.j + 1 < len(line)
        else None
    )
    before = noun_at(line.low, mention.i - 2) if line.word(mention.i - 1) == "of" and mention.i > 1 else None
    return any(found is not None and found[1][0].kind == "kin" for found in (before, after))
