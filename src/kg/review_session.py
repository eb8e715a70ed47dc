"""A review at a terminal: one proposal at a time, a typed line for each answer, all of it kept at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kg import editing
from kg.decisions import LONGEST_REASON, Kind
from kg.drafts import NEW, Draft, Question, Resolution
from kg.editing import EditError
from kg.evidence import Finding
from kg.problems import KgError
from kg.review import Desk, Stale
from kg.review_text import Look, screen, stale_lines, who_lines

KEYS = "[a]ccept [e]dit [r]eject [s]kip [u]ndo [w]ho [q]uit [?]"
STALE_KEYS = "[1-9] which place, [c]ite other words, [r]eject, [s]kip, [q]uit"
REASONS = ("the text does not say so", "another person or place is meant", "the span is wrong", "said twice")
"""Reasons to choose from by number; any other can be typed."""
HELP = """\
  a  accept: it becomes part of the graph, as extracted and checked by you
  e  edit a part of it first (subject, predicate, object, date, told-by, quote ...)
  r  reject, with a reason: it is not asked again
  s  skip: it is asked again another time
  u  undo your last decision, in this sitting or before
  w  who: say which known person, place ... a name means, or that it is a new one
  o  go back to what was proposed, without your changes
  v  view it once more
  q  quit: what you decided is kept, and the next review goes on from here"""


class Quit(Exception):  # noqa: N818 - no error
    """The reviewer wants to stop."""


@dataclass(slots=True)
class Tally:
    """What came of a sitting."""

    accepted: int = 0
    rejected: int = 0
    undone: int = 0
    skipped: int = 0
    left: int = 0
    """How many still wait."""


@dataclass(slots=True)
class Session:
    """Asks and is told; `ask` shows a prompt and gives a line, and raises EOFError where no more comes."""

    desk: Desk
    ask: Callable[[str], str]
    say: Callable[[str], None]
    look: Look
    independent: bool = False
    tally: Tally = field(default_factory=Tally)

    def run(self, questions: Iterable[Question], stale: Iterable[Stale] = ()) -> Tally:
        """Ask one after the other until all are decided or the reviewer quits."""
        waiting = list(questions)
        try:
            for each in stale:
                self._settle(each)
            self._ask_all(waiting)
        except (Quit, EOFError, KeyboardInterrupt):
            self.say("")
        self.tally.left = len(waiting) + self.tally.skipped
        return self.tally

    def _ask_all(self, waiting: list[Question]) -> None:
        done = 0
        while waiting:
            again = self._decide(Draft.of(waiting[0]), done + 1, done + len(waiting))
            if again is None:
                waiting.pop(0)
                done += 1
            else:
                # What was taken back is asked at once, and then the one that was on the table.
                waiting[:] = [again, *(each for each in waiting if each.id != again.id)]
                done = max(0, done - 1)

    def _say_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)

    # ------------------------------------------------------------ one proposal

    def _decide(self, draft: Draft, number: int, total: int) -> Question | None:
        """Ask until it is decided or skipped; gives an earlier question if that is to be asked again."""
        self._show(draft, number, total)
        while True:
            typed = self.ask(f"{KEYS} > ").strip()
            key, _, rest = typed.partition(" ")
            rest = rest.strip()
            match key.lower():
                case "a" | "accept":
                    if self._accept(draft):
                        return None
                case "r" | "reject":
                    if self._reject(draft, rest):
                        return None
                case "s" | "skip":
                    self.tally.skipped += 1
                    return None
                case "e" | "edit":
                    self._edit(draft, rest)
                    self._show(draft, number, total)
                case "w" | "who":
                    if self._who(draft):
                        self._show(draft, number, total)
                case "u" | "undo":
                    if (again := self._undo()) is not None:
                        return again
                case "o":
                    draft.proposal, draft.episode, draft.access = draft.question.best.proposal, None, ""
                    draft.chosen.clear()
                    self._show(draft, number, total)
                case "v" | "":
                    self._show(draft, number, total)
                case "q" | "quit":
                    raise Quit
                case "?" | "h" | "help":
                    self.say(HELP)
                case _:
                    self._tell(f"nothing is done by {key!r}; ? says what is")

    def _show(self, draft: Draft, number: int, total: int) -> None:
        self._say_all(
            screen(draft, self.desk.composer, self.look, number, total, independent=self.independent)
        )
        self.say("")

    def _tell(self, text: str) -> None:
        self.say(self.look.warning(f"  {self.look.safe(text)}"))

    def _accept(self, draft: Draft) -> bool:
        for resolution in self.desk.composer.resolve(draft):
            if resolution.asks and not self._choose(draft, resolution):
                return False
        if self.desk.needs_description(draft.question.report) and not self._describe(draft.question):
            return False
        try:
            self.desk.accept(draft)
        except KgError as error:
            self._tell(str(error))
            return False
        self.tally.accepted += 1
        self.say("  accepted")
        return True

    def _reject(self, draft: Draft, typed: str) -> bool:
        reason = self._reason(typed)
        if not reason:
            return False
        self.desk.reject(draft.question, reason)
        self.tally.rejected += 1
        self.say("  rejected")
        return True

    def _reason(self, typed: str) -> str:
        if not typed:
            self._say_all(f"  {number} {reason}" for number, reason in enumerate(REASONS, 1))
            typed = self.ask("  why (a number, or in your words; empty goes back) > ").strip()
        if typed.isdecimal() and 1 <= int(typed) <= len(REASONS):
            return REASONS[int(typed) - 1]
        if len(typed) > LONGEST_REASON:
            self._tell(f"a reason has at most {LONGEST_REASON} characters")
            return ""
        return typed

    def _undo(self) -> Question | None:
        last = self.desk.undo()
        if last is None:
            self._tell("there is nothing to undo")
            return None
        self.tally.undone += 1
        if last.decision is Kind.ACCEPT:
            self.tally.accepted = max(0, self.tally.accepted - 1)
        else:
            self.tally.rejected = max(0, self.tally.rejected - 1)
        self.say(f"  taken back: {last.decision.value} {last.proposal[:12]}")
        try:
            return self.desk.question(last.proposal)
        except KgError:
            self._tell("it is no more on file, so it is not asked again")
            return None

    # ------------------------------------------------------------ changes

    def _edit(self, draft: Draft, typed: str) -> None:
        composer = self.desk.composer
        part, _, value = typed.partition(" ")
        while True:
            if not part:
                self.say(f"  parts: {', '.join(editing.parts(composer))}")
                part = self.ask("  change which (empty goes back) > ").strip()
                if not part:
                    return
            try:
                if not value and part in editing.parts(composer):
                    value = self._value(draft, part)
                if value or part not in editing.parts(composer):
                    editing.change(draft, composer, part, value)
            except EditError as error:
                self._tell(str(error))
            else:
                if problem := composer.fault(draft):
                    self._tell(f"not yet as it should be: {problem}")
                return
            part = value = ""

    def _value(self, draft: Draft, part: str) -> str:
        old = " ".join(editing.shown(draft, part).split())
        shown = f"now: {old}" if old else "now empty"
        self.say(f"  {self.look.safe(shown)}")
        return self.ask(f"  {part} (empty keeps it, {editing.NOTHING} empties it) > ").strip()

    def _who(self, draft: Draft) -> bool:
        resolutions = self.desk.composer.resolve(draft)
        which = resolutions[0]
        if len(resolutions) > 1:
            for number, each in enumerate(resolutions, 1):
                self.say(f"  {number} {self.look.safe(each.mention.words)}")
            typed = self.ask(f"  which of them (1-{len(resolutions)}; empty goes back) > ").strip()
            if not (typed.isdecimal() and 1 <= int(typed) <= len(resolutions)):
                return False
            which = resolutions[int(typed) - 1]
        return self._choose(draft, which)

    def _choose(self, draft: Draft, resolution: Resolution) -> bool:
        """Ask which entity a mention means; False where the reviewer goes back."""
        mention, candidates = resolution.mention, resolution.candidates
        self.say(f"  Who or what is {self.look.safe(repr(mention.words))}?")
        self._say_all(who_lines(resolution, self.look))
        while True:
            typed = self.ask("  a number, n, or a key (empty goes back) > ").strip()
            if not typed:
                return False
            if typed.isdecimal() and 1 <= int(typed) <= len(candidates):
                draft.chosen[mention.identity] = candidates[int(typed) - 1].key
                return True
            if typed.lower() in ("n", NEW):
                draft.chosen[mention.identity] = NEW
                return True
            if self.desk.composer.entity(typed, draft.question.report) is not None:
                draft.chosen[mention.identity] = typed
                return True
            self._tell(f"nobody has the key {typed!r}")

    def _describe(self, question: Question) -> bool:
        """Ask for what the project does not know of a report."""
        about = question.reported.about
        self.say(f"  The project does not know the report {self.look.safe(repr(question.report))} yet.")
        while True:
            title = self._given("title, as published", about.title)
            publisher = self._given("publisher: the key or the name of an organization", about.publisher)
            published = self._given("day of publication, such as 2021-03-04", about.published)
            if not (title and publisher and published):
                self._tell("a report needs all three; it is not accepted yet")
                return False
            try:
                self.desk.describe(question.report, title, publisher, published)
            except KgError as error:
                self._tell(str(error))
            else:
                return True

    def _given(self, what: str, known: str) -> str:
        shown = f" [{self.look.safe(known)}]" if known else ""
        return self.ask(f"  {what}{shown} > ").strip() or known

    # ------------------------------------------------------------ another text

    def _settle(self, stale: Stale) -> None:
        self._say_all(stale_lines(stale, self.look))
        self.say("")
        while True:
            typed = self.ask(f"{STALE_KEYS} > ").strip()
            key, _, rest = typed.partition(" ")
            if key.isdecimal() and 1 <= int(key) <= len(stale.places):
                self.desk.move(stale, stale.places[int(key) - 1])
                return
            match key.lower():
                case "c" | "cite":
                    if self._cite(stale, rest):
                        return
                case "r" | "reject":
                    if reason := self._reason(rest):
                        self.desk.drop(stale, reason)
                        self.tally.rejected += 1
                        return
                case "s" | "skip":
                    return
                case "q" | "quit":
                    raise Quit
                case _:
                    self._tell(f"type one of these: {STALE_KEYS}")

    def _cite(self, stale: Stale, typed: str) -> bool:
        words = typed or self.ask("  the words that say it now > ").strip()
        try:
            if words:
                self.desk.cite_anew(stale, words)
                self.tally.accepted += 1
        except KgError as error:
            self._tell(str(error))
            return False
        return bool(words)


def recheck_lines(report: str, findings: Iterable[Finding]) -> list[str]:
    """Give what re-checking the acceptances of a changed text found, in a line for each that is not exact."""
    told = list(findings)
    exact = sum(finding.status == "exact" for finding in told)
    lines = [
        f"the text of {report} is another one than before: of {len(told)} accepted assertions, "
        f"{exact} stand where they stood"
    ]
    for finding in told:
        if finding.status != "exact":
            lines.append(f"  {finding.name[:12]}: {str(finding).partition(': ')[2]}")
    return lines
