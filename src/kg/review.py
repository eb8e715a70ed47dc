"""A reviewer's desk: what waits for a decision, and what deciding does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg import dates, evidence, proposals
from kg.decisions import LONGEST_REASON, Accepted, Decision, Kind, Ledger, Status
from kg.drafts import Composed, Composer, Draft, Question, Taken, UndecidedError
from kg.evidence import Finding
from kg.linking import Fit
from kg.problems import KgError
from kg.proposal_files import Reported
from kg.proposals import Filed, Mention, Proposal, Setting, words_fault


@dataclass(frozen=True, slots=True)
class Stale:
    """What was accepted of an earlier text; `places` are where its words stand now, if at several."""

    reported: Reported
    accepted: Accepted
    places: tuple[int, ...]


class Desk:
    """What one reviewer works with; `write` puts a decision on the disk and gives it as it stands there."""

    def __init__(
        self,
        setting: Setting,
        base: str,
        ledger: Ledger,
        reported: Sequence[Reported],
        reviewer: str,
        write: Callable[[Decision], Decision],
    ) -> None:
        """Take what the other seeds say (`setting.corpus`), what was decided, and what is proposed."""
        self.composer = Composer(setting, base, ledger)
        self.ledger = ledger
        self.reviewer = reviewer
        self.reported = {each.report: each for each in reported}
        self._base = base
        self._write = write

    # ------------------------------------------------------------ what waits

    def questions(
        self,
        *,
        report: str = "",
        engine: str = "",
        min_score: float = 0.0,
        independent: bool = False,
    ) -> list[Question]:
        """Give what waits for this reviewer, in the order of reports and texts.

        `independent` asks what others have decided, too, so that agreement can be told. What is stale waits
        apart (`stale`).
        """
        return [
            question
            for question in self.all_questions(report=report, engine=engine, min_score=min_score)
            if question.status is Status.OPEN
            or (independent and self.reviewer not in self.ledger.of_proposal(question.id))
        ]

    def all_questions(
        self, *, report: str = "", engine: str = "", min_score: float = 0.0
    ) -> Iterator[Question]:
        """Give everything that was proposed and is on file, decided or not, in the order of the texts."""
        for reported in self.reported.values():
            if report and reported.report != report:
                continue
            groups: dict[str, list[Filed]] = {}
            for each in reported.filed:
                if (not engine or each.engine == engine) and each.proposal.score >= min_score:
                    groups.setdefault(each.id, []).append(each)
            for id_, group in groups.items():
                ordered = sorted(group, key=lambda each: (-each.proposal.score, each.engine))
                yield Question(reported, tuple(ordered), self.ledger.status(id_))

    def question(self, prefix: str) -> Question:
        """Give the one whose name begins with `prefix`.

        Raises:
            KgError: there is none, or there are several.
        """
        if len(prefix) < 4:
            raise KgError(f"{prefix!r} is too short to name a proposal; give at least 4 of its digits")
        found = [question for question in self.all_questions() if question.id.startswith(prefix)]
        if not found:
            raise KgError(f"no proposal on file is called {prefix!r}; kg review --list shows what there is")
        if len(found) > 1:
            listed = ", ".join(question.id[:12] for question in found[:5])
            raise KgError(f"{prefix!r} begins several: {listed}; give more digits")
        return found[0]

    # ------------------------------------------------------------ decisions

    def accept(self, draft: Draft, composed: Composed | None = None) -> Decision:
        """Accept a draft as it stands.

        Raises:
            UndecidedError: see `Composer.compose`; or the report is not described yet.
            KgError: it cannot be used, or the decision cannot be written.
        """
        composed = composed or self.composer.compose(draft)
        best, reported = draft.question.best, draft.question.reported
        if self.needs_description(best.report):
            raise UndecidedError(f"the project has no report {best.report!r}; give its title and publisher")
        decision = self._decide(
            Decision(
                Kind.ACCEPT, "", "", best.report, best.id, draft.restricted,
                engine=best.engine, version=best.version, rule=best.proposal.rule,
                score=best.proposal.score, predicate=best.proposal.predicate,
                proposed=_without_positions(best.proposal),
                record=composed.record, declares=composed.declares, links=composed.links, new=composed.new,
                text=reported.digest, length=len(reported.text),
            )
        )  # fmt: skip
        self.composer.learn(decision)
        return decision

    def reject(self, question: Question, reason: str) -> Decision:
        """Reject a proposal, for a reason in a few words."""
        best, was_accepted = question.best, question.status is not Status.OPEN
        decision = self._decide(
            Decision(
                Kind.REJECT, "", "", best.report, best.id, question.reported.about.restricted,
                reason[:LONGEST_REASON], best.engine, best.version, best.proposal.rule,
                best.proposal.score, best.proposal.predicate,
            )
        )  # fmt: skip
        if was_accepted:
            self.composer.begin_anew()
        return decision

    def undo(self) -> Decision | None:
        """Take back the reviewer's last decision; None where there is none."""
        last = self.ledger.last_of(self.reviewer)
        if last is not None:
            self._decide(Decision(Kind.UNDO, "", "", last.report, last.proposal, last.restricted))
            self.composer.begin_anew()
        return last

    def _decide(self, decision: Decision) -> Decision:
        written = self._write(decision)
        self.ledger.add(written)
        return written

    # ------------------------------------------------------------ reports

    def needs_description(self, report: str) -> bool:
        """Tell whether the project knows nothing of a report."""
        return f"report_{report}" not in self.composer.elsewhere and report not in self.ledger.reports

    def describe(self, report: str, title: str, publisher: str, published: str) -> Decision:
        """Describe a report; `publisher` is the key or the name of an organization, or a new one's name.

        Raises:
            UndecidedError: several organizations may be meant.
            KgError: the title is empty, or the day is none.
        """
        if not title.strip():
            raise KgError("a report has a title; give it as published")
        try:
            dates.parse(published)
        except ValueError as error:
            raise KgError(f"the day of publication: {error}") from None
        key, new = self._publisher(publisher.strip())
        about = self.reported[report].about
        record = {"class": "report", "key": report, "title": title.strip(), "type": "article"}
        record |= {"publisher": key, "published": published}
        record |= {name: value for name, value in (("language", about.language), ("url", about.url)) if value}
        decision = self._decide(
            Decision(
                Kind.REPORT, "", "", report, restricted=about.restricted, record=record,
                declares=(new,) if new else (),
            )
        )  # fmt: skip
        self.composer.learn(decision)
        return decision

    def _publisher(self, name: str) -> tuple[str, dict[str, Any] | None]:
        if self.composer.entity(name, "") is not None:
            return name, self._declaration(name)
        if problem := words_fault(name, "the publisher's name"):
            raise KgError(problem)
        mention = Mention(name, "organization")
        link = self.composer.linker.link(mention, "")
        if link.certain is not None:
            return link.certain.key, self._declaration(link.certain.key)
        if any(candidate.fit is Fit.SAME for candidate in link.candidates):
            keys = ", ".join(candidate.key for candidate in link.candidates)
            raise UndecidedError(f"several may be meant by {name!r}; give the key of one: {keys}")
        new = self.composer.description(mention, "", Taken(self.composer, ""))
        return str(new["key"]), new

    def _declaration(self, key: str) -> dict[str, Any] | None:
        declared = self.ledger.declared.get(key)
        return dict(declared) if declared and key not in self.composer.elsewhere else None

    # ------------------------------------------------------------ another text

    def recheck(self, report: str) -> tuple[Finding, ...]:
        """Look for what was accepted of an earlier text in the one that is on file now.

        Every span is found exactly or not at all; what moved is noted in the log. Gives nothing where the
        text is the same.
        """
        reported = self.reported[report]
        known = self.ledger.texts.get(report)
        if known is None or known[0] == reported.digest:
            return ()
        before = {each.proposal: each for each in map(self.ledger.acceptance, self._accepted_of(report))}
        spans = {
            proposal: evidence.Span(each.record["start"], each.record["end"], each.record["digest"])
            for proposal, each in before.items()
        }
        digest, length = reported.digest, len(reported.text)
        restricted = reported.about.restricted
        self._decide(Decision(Kind.TEXT, "", "", report, restricted=restricted, text=digest, length=length))
        findings = evidence.verify(spans, reported.text).findings if spans else ()
        for finding in findings:
            if finding.status in (evidence.Status.EXACT, evidence.Status.MOVED):
                place = finding.places[0]
                self._decide(
                    Decision(
                        Kind.MOVE, "", "", report, finding.name, before[finding.name].restricted,
                        record={"start": place.start, "end": place.end}, text=digest, length=length,
                    )
                )  # fmt: skip
        self.composer.begin_anew()
        return findings

    def stale(self, report: str = "") -> list[Stale]:
        """Give what was accepted and does not stand, or not once, in the text of today."""
        found = []
        for proposal in self.ledger.stale:
            accepted = self.ledger.acceptance(proposal)
            reported = self.reported.get(accepted.report)
            if reported is None or (report and accepted.report != report):
                continue
            record = accepted.record
            span = evidence.Span(record["start"], record["end"], record["digest"])
            places = evidence.check(span, reported.text).places
            found.append(Stale(reported, accepted, tuple(place.start for place in places)))
        return found

    def move(self, stale: Stale, start: int) -> Decision:
        """Say at which of several places the words of an acceptance are meant."""
        accepted, reported = stale.accepted, stale.reported
        length = accepted.record["end"] - accepted.record["start"]
        return self._settle(
            Decision(
                Kind.MOVE, "", "", accepted.report, accepted.proposal, accepted.restricted,
                record={"start": start, "end": start + length},
                text=reported.digest, length=len(reported.text),
            )
        )  # fmt: skip

    def cite_anew(self, stale: Stale, words: str) -> Decision:
        """Accept again what was accepted, as said by other words of the text.

        Raises:
            CiteError: they do not stand there, or more than once.
        """
        accepted, reported = stale.accepted, stale.reported
        span = evidence.cite(reported.text, words)
        old = self.ledger.of_proposal(accepted.proposal)
        last = max((d for d in old.values() if d.decision is Kind.ACCEPT), key=lambda d: d.time)
        record = {**accepted.record, "start": span.start, "end": span.end, "digest": span.digest}
        anew = replace(last, record=record, text=reported.digest, length=len(reported.text))
        return self._settle(anew)

    def drop(self, stale: Stale, reason: str) -> Decision:
        """Accept no longer what the text of today does not say."""
        accepted = stale.accepted
        return self._settle(
            Decision(
                Kind.REJECT, "", "", accepted.report, accepted.proposal, accepted.restricted,
                reason[:LONGEST_REASON], predicate=str(accepted.record["predicate"]),
            )
        )  # fmt: skip

    def _settle(self, decision: Decision) -> Decision:
        written = self._decide(decision)
        self.composer.begin_anew()
        return written

    def _accepted_of(self, report: str) -> list[str]:
        wanted = (Status.ACCEPTED, Status.STALE)
        proposals_ = dict.fromkeys(
            d.proposal for d in self.ledger.decisions if d.report == report and d.decision is Kind.ACCEPT
        )
        return [proposal for proposal in proposals_ if self.ledger.status(proposal) in wanted]


def _without_positions(proposal: Proposal) -> dict[str, Any]:
    """Give what a program proposed, as the log keeps it: no words but those of the facts."""
    left_out = ("start", "end", "date-from", "why", "rule", "score")
    said = {key: value for key, value in proposals.to_json(proposal).items() if key not in left_out}
    for key in ("subject", "object"):
        if isinstance(said[key], dict):
            said[key] = {name: value for name, value in said[key].items() if name not in ("start", "end")}
    return said
