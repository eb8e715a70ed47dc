"""The engine ``llm``: a model behind a chat endpoint that the user named proposes, and can do no more.

A text is sent in windows, one after the other; each answer is kept, so that the same text costs nothing the
second time and gives the same proposals. What could not be read, for want of budget or because an answer was
none, is told and never passed over.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kg.engines import answers, llm_prompt
from kg.engines.answers import Checker, Reason
from kg.engines.llm_cache import FOLDER, Answer, Cache
from kg.engines.llm_client import (
    Client,
    Clock,
    Endpoint,
    RejectedError,
    TooLongError,
    endpoint,
    is_loopback,
    words_of,
)
from kg.engines.settings import MODEL_VARIABLE, URL_VARIABLE, Settings
from kg.engines.windows import Window, halves, windows
from kg.escape import for_terminal
from kg.problems import KgError, LimitError
from kg.proposals import Proposal, Setting

Announce = Callable[[str, str, int], None]
"""Called with host, model and characters before any of them leave the machine; raises to keep them here."""

_FORMATS = ("json_schema", "json_object", "text")
_UNSAID = 0.5  # a model that does not say how sure it is, is not sure
_CHARACTERS_PER_TOKEN = 3
"""For estimates where a server does not count; rather too many tokens than too few."""


class BudgetError(LimitError):
    """The budget of this run is used up."""


@dataclass(slots=True)
class Cost:
    """What a run has taken so far; tokens of answers from the cache are not in it."""

    requests: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    """Whether some of the tokens were estimated, since the server did not count them."""
    proposals: int = 0

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a text that no usable answer came for; `text` counts the texts of this run from 1."""

    text: int
    start: int
    end: int
    why: str


@dataclass(slots=True)
class LlmEngine:
    """Proposes what a model answers, if it stands in the text; made by `engine`."""

    setting: Setting
    settings: Settings
    endpoint: Endpoint
    announce: Announce
    fresh: bool = False
    """Ask again, whatever the cache holds."""
    clock: Clock = field(default_factory=Clock)
    cost: Cost = field(default_factory=Cost)
    unread: list[Unread] = field(default_factory=list)
    exhausted: str = ""
    """Which part of the budget is used up, if one is; nothing more is sent then."""
    checker: Checker = field(init=False)
    _prompt: llm_prompt.Prompt = field(init=False)
    _cache: Cache = field(init=False)
    _client: Client = field(init=False)
    _dialect: _Dialect = field(init=False)
    _texts: int = 0
    _announced: bool = False
    _answered: set[str] = field(default_factory=set)
    _started: float | None = None

    def __post_init__(self) -> None:
        """Make what the settings describe; nothing is sent."""
        self._prompt = llm_prompt.prompt(self.setting.ontology, self.setting.choices)
        self._cache = Cache(self.setting.root / FOLDER)
        self._client = Client(self.endpoint, self.clock, self._before_request)
        self._dialect = _Dialect(self.settings, self._prompt)
        self.checker = Checker(self.setting, self.name, frozenset({"rule", "why"}), _UNSAID)

    @property
    def name(self) -> str:
        """``llm:`` and the name of the model."""
        return f"llm:{self.settings.model}"

    @property
    def version(self) -> str:
        """Changes with the instructions, the endpoint, and how texts are cut."""
        made_of = [*self._about(), self.settings.window, self.settings.overlap]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]

    @property
    def sends_to(self) -> str:
        """The host that texts are sent to."""
        return self.endpoint.host

    @property
    def leaves_machine(self) -> bool:
        """Whether what is sent there leaves this machine."""
        return not is_loopback(self.endpoint.name)

    def propose(self, text: str, published: datetime.date | None, language: str) -> Iterator[Proposal]:
        """Give what the model says of a text, without what does not stand in it.

        Raises:
            KgError: the text is none, or the endpoint cannot be asked; what it answered is in the cache.
        """
        self._texts += 1
        asked = _Text(text, published, language)
        waiting = list(windows(text, self.settings.window, self.settings.overlap))
        self._announced = False
        self._announce(sum(self._unsent(asked, window) for window in waiting))
        waiting.reverse()
        found: list[list[Proposal]] = []
        while waiting:
            window = waiting.pop()
            match self._read(asked, window):
                case list() as proposals:
                    found.append(proposals)
                case tuple() as parts:
                    waiting.extend(reversed(parts))
                case str() as why:
                    self.unread.append(Unread(self._texts, window.start, window.end, why))
        proposals = answers.without_doubles(found)
        self.cost.proposals += len(proposals)
        yield from proposals

    def notes(self) -> Sequence[str]:
        """Give what was not read, and one line on what the run cost."""
        missed = [
            f"not read: characters {each.start:,} to {each.end:,} of text {each.text}: {each.why}"
            for each in self.unread
        ]
        return [for_terminal(line) for line in (*missed, self._cost_line())]

    # ------------------------------------------------------------ one window

    def _read(self, asked: _Text, window: Window) -> list[Proposal] | tuple[Window, ...] | str:
        """Give the proposals of a window, or the parts to read in its place, or why it cannot be read."""
        parts = halves(asked.text, window)
        try:
            answer = self._answer(asked.question(window), window)
        except BudgetError as error:
            self.exhausted = str(error)
            return self.exhausted
        except TooLongError as error:
            return parts or str(error)
        if not answer.complete and parts:
            return parts
        try:
            items = answers.items(answer.content)
        except ValueError as error:
            self.checker.reject(Reason.NOT_JSON, str(error))
            return str(error) if answer.complete else "the answer was cut off"
        for _ in items[answers.MOST_ITEMS :]:
            self.checker.reject(Reason.MANY, f"an answer has at most {answers.MOST_ITEMS} items")
        checked = (self.checker.check(item, asked.text, window) for item in items[: answers.MOST_ITEMS])
        return [proposal for proposal in checked if proposal is not None]

    def _answer(self, question: str, window: Window) -> Answer:
        """Give the answer to a question, from the cache where it is there.

        Raises:
            BudgetError: asking would be more than the budget allows.
        """
        kept = self._kept(question)
        if kept is not None:
            self.cost.cached += 1
            return kept
        estimate = _tokens(self._prompt.instructions, question)
        if self.cost.tokens + estimate > self.settings.max_tokens:
            raise BudgetError(f"the budget of {self.settings.max_tokens:,} tokens is used up")
        self._require_budget(0)
        self._announce(window.end - window.start)
        answer = self._ask(question, estimate)
        self._cache.put([*self._about(), question], answer)
        if self.fresh:
            self._answered.add(question)
        return answer

    def _ask(self, question: str, estimate: int) -> Answer:
        while True:
            try:
                response = self._client.ask(self._dialect.request(question))
            except RejectedError as error:
                if not self._dialect.adapt(error.words):
                    raise
                continue
            answer, counted = _completion(response, self.endpoint.host, estimate)
            self.cost.tokens_in += answer.tokens_in
            self.cost.tokens_out += answer.tokens_out
            self.cost.estimated |= not counted
            return answer

    def _kept(self, question: str) -> Answer | None:
        if self.fresh and question not in self._answered:
            return None
        return self._cache.get([*self._about(), question])

    def _about(self) -> tuple[object, ...]:
        """Give what an answer depends on besides the question."""
        where = [self.endpoint.host, self.endpoint.path, self.settings.model]
        return (*where, self._prompt.digest, self.settings.temperature, self.settings.answer_tokens)

    # ------------------------------------------------------------ before anything is sent

    def _unsent(self, asked: _Text, window: Window) -> int:
        """Give how many characters of a window have to be sent, as far as that can be foreseen."""
        kept = self._kept(asked.question(window))
        if kept is None:
            return window.end - window.start
        return 0 if kept.complete else sum(self._unsent(asked, part) for part in halves(asked.text, window))

    def _announce(self, characters: int) -> None:
        if characters and not self._announced and not self.exhausted:
            self.announce(self.endpoint.host, self.settings.model, characters)
            self._announced = True

    def _before_request(self, wait: float) -> None:
        """Count a request, or refuse it."""
        self._require_budget(wait)
        self.cost.requests += 1

    def _require_budget(self, wait: float) -> None:
        now = self.clock.monotonic()
        if self._started is None:
            self._started = now
        most = self.settings
        if self.exhausted:
            raise BudgetError(self.exhausted)
        if self.cost.requests >= most.max_requests:
            raise BudgetError(f"the budget of {most.max_requests:,} requests is used up")
        if now + wait - self._started > most.max_seconds:
            raise BudgetError(f"the budget of {most.max_seconds:g} seconds is used up")

    def _cost_line(self) -> str:
        cost, rejected = self.cost, self.checker.rejected
        parts = [_count(cost.requests, "request"), f"{_count(cost.cached, 'answer')} from the cache"]
        tokens = f"{cost.tokens_in:,} tokens read and {cost.tokens_out:,} written"
        parts.append(tokens + (" (in part estimated)" if cost.estimated else ""))
        if self.settings.price_in or self.settings.price_out:
            paid = cost.tokens_in * self.settings.price_in + cost.tokens_out * self.settings.price_out
            parts.append(f"about {paid / 1e6:.4f} {self.settings.currency}")
        line = (
            f"{self.name} at {self.endpoint.host}: {', '.join(parts)}; {_count(cost.proposals, 'proposal')}"
        )
        return f"{line}; {told}" if (told := answers.told(rejected)) else line


def engine(
    setting: Setting,
    argument: str,
    *,
    settings: Settings,
    announce: Announce,
    environ: Mapping[str, str] | None = None,
    fresh: bool = False,
    clock: Clock | None = None,
) -> LlmEngine:
    """Give the engine that asks the endpoint of the settings; `argument` may name another model.

    Nothing is sent before `announce` has been told the host, the model and how many characters of a text go
    there; that happens once for each text that is not wholly in the cache. The key is read from `environ`
    (that of this process without it) and is kept nowhere else.

    Raises:
        KgError: no endpoint or no model is named, or the address cannot be one.
        RefusedError: the host is not this machine, and the connection would not be encrypted.
    """
    environ = os.environ if environ is None else environ
    named = settings if not argument else replace(settings, model=argument)
    if not named.url:
        raise KgError(
            f"no endpoint is named: set url in [extract] of kg.toml, or {URL_VARIABLE}, "
            "such as http://127.0.0.1:8080/v1"
        )
    if not named.model:
        raise KgError(f"no model is named: set model in [extract] of kg.toml, or {MODEL_VARIABLE}")
    where = endpoint(
        named.url,
        key=environ.get(named.key_variable),
        seconds=named.timeout,
        proxy=named.proxy,
        environ=environ,
    )
    return LlmEngine(setting, named, where, announce, fresh, clock or Clock())


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    published: datetime.date | None
    language: str

    def question(self, window: Window) -> str:
        """Give what is asked of a window."""
        return llm_prompt.question(self.text[window.start : window.end], self.published, self.language)


@dataclass(slots=True)
class _Dialect:
    """What this server understands: begun with all that helps, and less after each complaint."""

    settings: Settings
    prompt: llm_prompt.Prompt
    form: int = 0
    temperature: bool = True
    system: bool = True
    tokens: str = "max_tokens"

    def request(self, question: str) -> dict[str, object]:
        """Give the body of a request."""
        told = {"role": "system", "content": self.prompt.instructions}
        asked = {"role": "user", "content": question}
        if not self.system:
            asked["content"] = f"{self.prompt.instructions}\n\n{question}"
        body: dict[str, object] = {"model": self.settings.model, "stream": False}
        body["messages"] = [told, asked] if self.system else [asked]
        if self.temperature:
            body["temperature"] = self.settings.temperature
        if self.settings.answer_tokens:
            body[self.tokens] = self.settings.answer_tokens
        match _FORMATS[self.form]:
            case "json_schema":
                form = {"name": "proposals", "strict": True, "schema": self.prompt.schema}
                body["response_format"] = {"type": "json_schema", "json_schema": form}
            case "json_object":
                body["response_format"] = {"type": "json_object"}
        return body

    def adapt(self, words: str) -> bool:
        """Leave out what the server complains of, or else the form; False if nothing is left to leave out."""
        if self.temperature and "temperature" in words:
            self.temperature = False
        elif self.tokens == "max_tokens" and "max_completion_tokens" in words:
            self.tokens = "max_completion_tokens"
        elif self.system and "system" in words.lower():
            self.system = False
        elif self.form < len(_FORMATS) - 1:
            self.form += 1
        else:
            return False
        return True


def _completion(response: Mapping[str, object], host: str, estimate: int) -> tuple[Answer, bool]:
    """Give the answer in a chat completion, and whether the server counted its tokens."""
    try:
        choice: Any = response["choices"][0]  # type: ignore[index]
        content, ended = choice["message"]["content"], choice.get("finish_reason")
        if isinstance(content, list):
            content = "".join(part.get("text") or "" for part in content)
        if not isinstance(content, str | None):
            raise TypeError
    except (KeyError, IndexError, TypeError, AttributeError):
        said = f" ({words!r})" if (words := words_of(response)) else ""
        raise KgError(
            f"{host} answers, but not as a chat endpoint does{said}; is the address right?"
        ) from None
    content = content or ""
    usage = response.get("usage")
    counts = (
        [usage.get(key) for key in ("prompt_tokens", "completion_tokens")] if isinstance(usage, dict) else []
    )
    counted = [n for n in counts if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10**9]
    tokens_in, tokens_out = counted if len(counted) == 2 else (estimate, _tokens(content))
    return Answer(content, ended != "length", tokens_in, tokens_out), len(counted) == 2


def _tokens(*texts: str) -> int:
    return -(-sum(map(len, texts)) // _CHARACTERS_PER_TOKEN)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
