"""One chat endpoint over HTTP: asked, asked again where that helps, and never followed elsewhere.

Nothing but the named host is spoken to: no redirect is followed, and no proxy of the environment is used
unless that was asked for. Whatever is read is bounded in bytes and in seconds.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import io
import ipaddress
import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kg.escape import for_terminal
from kg.problems import KgError, LimitError, RefusedError

ANSWER_LIMIT = 4_000_000
"""Bytes of one answer."""
DELAYS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt; the same on every run."""
LONGEST_WAIT = 120.0
"""Seconds that a server may ask to be waited for."""
ENVIRONMENT = "environment"
"""The proxy that stands for those which the environment names."""

_PATH = "/chat/completions"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_TOO_LONG = re.compile("context|too (?:long|large|many tokens)|maximum.{0,40}tokens", re.IGNORECASE)
_WORDS_SHOWN = 300


class TooLongError(KgError):
    """The server cannot read that many words at once."""


class RejectedError(KgError):
    """The server does not understand the request; `words` is what it says of that."""

    def __init__(self, message: str, words: str) -> None:
        """Hold the message, and the server's own words."""
        super().__init__(message)
        self.words = words


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, so that tests need not wait."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that answers chats, checked; made by `endpoint`."""

    secure: bool
    name: str
    port: int
    path: str
    seconds: float
    """How long one answer may take."""
    key: str | None = field(default=None, repr=False)
    proxy: tuple[str, int] | None = None

    @property
    def host(self) -> str:
        """Name and port as people write them, the port left out where it is the usual one."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


def endpoint(
    url: str,
    *,
    key: str | None = None,
    seconds: float = 300.0,
    proxy: str = "",
    environ: Mapping[str, str] | None = None,
) -> Endpoint:
    """Give the endpoint of a base URL such as ``http://127.0.0.1:8080/v1``.

    `proxy` is an address, or ``environment`` for what HTTPS_PROXY and NO_PROXY in `environ` say.

    Raises:
        KgError: the URL is none, or holds a user name, a query or a fragment.
        RefusedError: the host is not this machine, and the connection would not be encrypted.
    """
    parts = _split(url, "the address of the endpoint", "https://host/v1")
    if parts.query or parts.fragment or re.search("[^\x21-\x7e]", parts.path):
        raise KgError(
            "the address of the endpoint holds more than scheme, host and path; write https://host/v1"
        )
    name, secure = _ascii(parts.hostname or ""), parts.scheme == "https"
    if not secure and not is_loopback(name):
        raise RefusedError(
            f"{for_terminal(name)} is not this machine, and http would be read on the way; use https"
        )
    path = parts.path.rstrip("/")
    return Endpoint(
        secure,
        name,
        parts.port or (443 if secure else 80),
        path if path.endswith(_PATH) else path + _PATH,
        seconds,
        _checked_key(key),
        _proxy(proxy, name, environ or {}) if secure else None,
    )


def _split(url: str, what: str, right: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        # Not quoted: whoever confuses two settings may have put a key here.
        raise KgError(f"{what} is not one; write {right}")
    if parts.username is not None or parts.password is not None:
        raise KgError(f"{what} holds a user name or password; a key belongs into an environment variable")
    return parts


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError as error:
        raise KgError(f"{for_terminal(name)!r} cannot be the name of a host") from error


def is_loopback(name: str) -> bool:
    """Tell whether a name or an address is that of this machine."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"


def _not_this_machine(host: str) -> RefusedError:
    return RefusedError(f"{host} is not this machine, and plain http can be read on the way; use https")


def _checked_key(key: str | None) -> str | None:
    key = (key or "").strip()
    if not re.fullmatch("[\x21-\x7e]{0,4096}", key):
        raise KgError("the key in the environment holds characters that no key has; set it anew")
    return key or None


def _proxy(proxy: str, name: str, environ: Mapping[str, str]) -> tuple[str, int] | None:
    if proxy == ENVIRONMENT:
        import urllib.request

        variables = {key.lower(): value for key, value in environ.items()}
        skipped = {"no": variables.get("no_proxy", "")}
        if urllib.request.proxy_bypass_environment(name, skipped):  # type: ignore[attr-defined]
            return None
        proxy = variables.get("https_proxy", "")
    if not proxy:
        return None
    parts = _split(proxy if "//" in proxy else f"http://{proxy}", "the proxy", "http://host:port")
    if parts.scheme != "http":
        raise KgError(
            "the proxy is spoken to in plain http, the answers stay encrypted; write http://host:port"
        )
    return _ascii(parts.hostname or ""), parts.port or 80


# ---------------------------------------------------------------- asking


@dataclass(slots=True)
class Client:
    """Asks one endpoint, and again after a while where the server is busy or broken."""

    endpoint: Endpoint
    clock: Clock = field(default_factory=Clock)
    before_each: Callable[[float], None] = lambda _: None
    """Called before each attempt with the seconds to wait; raises when no more may be sent."""

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        """Give the JSON object that the endpoint answers.

        Raises:
            TooLongError: the server says that it cannot read so much at once.
            RejectedError: the server does not understand the request (status 400, 415, 422 or 501).
            RefusedError: the server redirects, or the host is not this machine after all.
            LimitError: the answer is too large, or the server asks for too long a wait.
            KgError: there is no server, it refuses the key, or it fails again and again.
        """
        body = json.dumps(request, ensure_ascii=False).encode()
        wait, attempts, late = 0.0, 0, False
        for delay in (*DELAYS, None):
            self.before_each(wait)
            if wait:
                self.clock.sleep(wait)
            attempts += 1
            asked = None
            try:
                status, retry_after, data = _exchange(self.endpoint, body)
            except _NoAnswerError as fault:
                problem = str(fault)
                if late and isinstance(fault, _LateError):
                    break
                late = isinstance(fault, _LateError)
            else:
                if 200 <= status < 300:
                    if (answer := _object(data)) is not None:
                        return answer
                    problem = f"it answers with {_found(data)} where JSON is due"
                elif status in _AGAIN and not _is_final(data):
                    problem, asked = self._says(status, data), self._asked_wait(retry_after)
                else:
                    raise self._fault(status, data)
            wait = max(delay or 0.0, asked or 0.0)
        raise KgError(f"{self.endpoint.host} was asked {_times(attempts)}, and then: {problem}")

    def _asked_wait(self, retry_after: str | None) -> float | None:
        """Give the seconds that a server asks for (RFC 9110, 10.2.3), if it does.

        Raises:
            LimitError: they are too many.
        """
        if not retry_after:
            return None
        if re.fullmatch("[0-9]{1,9}", retry_after.strip()):
            wait = float(retry_after)
        else:
            try:
                wait = email.utils.parsedate_to_datetime(retry_after).timestamp() - self.clock.wall()
            except (ValueError, TypeError, OverflowError):
                return None
        if wait > LONGEST_WAIT:
            raise LimitError(f"{self.endpoint.host} asks to wait {wait:,.0f} s; try again after that")
        return wait

    def _says(self, status: int, data: bytes) -> str:
        words = words_of(_object(data) or {})
        return f"status {status}" + (f", {words!r}" if words else "")

    def _fault(self, status: int, data: bytes) -> KgError:
        host, said = self.endpoint.host, self._says(status, data)
        words = words_of(_object(data) or {})
        if 300 <= status < 400:
            return RefusedError(
                f"{host} redirects elsewhere ({said}), and nothing was sent there; name the address itself"
            )
        if status in (401, 403):
            given = "the key is not accepted" if self.endpoint.key else "there is no key in the environment"
            return KgError(f"{host} refuses: {given} ({said})")
        if status == 413 or (status == 400 and _TOO_LONG.search(words)):
            return TooLongError(f"{host} cannot read so much at once ({said})")
        if status in (400, 415, 422, 501):
            return RejectedError(f"{host} does not understand the request ({said})", words)
        if status == 404:
            return KgError(f"{host} knows no such address or model ({said}); is {self.endpoint.path} right?")
        return KgError(f"{host} does not answer ({said})")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def words_of(answer: Mapping[str, object]) -> str:
    """Give what a server says in an error, short and fit for a terminal."""
    error = answer.get("error", answer.get("message", answer.get("detail")))
    words = error.get("message") if isinstance(error, dict) else error
    return for_terminal(words)[:_WORDS_SHOWN] if isinstance(words, str) else ""


class _NoAnswerError(Exception):
    """There was no whole answer, and another attempt may bring one."""


class _LateError(_NoAnswerError):
    """Its time was up; whoever is late twice is too slow."""


def _is_final(data: bytes) -> bool:
    """Tell whether waiting is of no use: an account is used up."""
    return b"insufficient_quota" in data[:10_000]


def _object(data: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _found(data: bytes) -> str:
    if not data.strip():
        return "nothing"
    try:
        start = data.decode("utf-8-sig").lstrip()[:100].lower()
    except UnicodeDecodeError:
        return "bytes that are not UTF-8"
    return "a page in HTML" if start.startswith(("<!doctype html", "<html")) else "something else"


# ---------------------------------------------------------------- one exchange


def _exchange(endpoint: Endpoint, body: bytes) -> tuple[int, str | None, bytes]:
    """Give status, ``Retry-After`` and content of one answer."""
    deadline = time.monotonic() + endpoint.seconds
    connection = _connection(endpoint)
    try:
        with _plainly(endpoint):
            connection.connect()
            _require_loopback(endpoint, connection.sock)
            connection.sock.settimeout(_left(deadline))
            connection.request("POST", endpoint.path, body, _headers(endpoint))
            response = _Response(connection.sock, method="POST", deadline=deadline)
            with contextlib.closing(response):
                response.begin()
                data = b"" if 300 <= response.status < 400 else _read(response, endpoint)
                if endpoint.key:  # a server that repeats it must not bring it into a message or the cache
                    data = data.replace(endpoint.key.encode(), b"***")
                return response.status, response.getheader("Retry-After"), data
    finally:
        connection.close()


def _connection(endpoint: Endpoint) -> http.client.HTTPConnection:
    if not endpoint.secure:
        return http.client.HTTPConnection(endpoint.name, endpoint.port, timeout=endpoint.seconds)
    import ssl

    name, port = endpoint.proxy or (endpoint.name, endpoint.port)
    connection = http.client.HTTPSConnection(
        name, port, timeout=endpoint.seconds, context=ssl.create_default_context()
    )
    if endpoint.proxy:
        connection.set_tunnel(endpoint.name, endpoint.port)
    return connection


def _headers(endpoint: Endpoint) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "reportedly-kg",
    }
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    return headers


def _require_loopback(endpoint: Endpoint, connected: socket.socket) -> None:
    """Refuse a plain connection that a table of hosts leads out of this machine."""
    if not endpoint.secure and not ipaddress.ip_address(connected.getpeername()[0]).is_loopback:
        raise RefusedError(
            f"{endpoint.host} is not this machine, and http would be read on the way; use https"
        )


def _read(response: http.client.HTTPResponse, endpoint: Endpoint) -> bytes:
    pieces: list[bytes] = []
    left = ANSWER_LIMIT
    while piece := response.read1(1 << 16):
        left -= len(piece)
        if left < 0:
            raise LimitError(f"{endpoint.host} answers with more than {ANSWER_LIMIT:,} bytes")
        pieces.append(piece)
    if response.length:  # read1 does not tell that the server hung up early
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)


class _Response(http.client.HTTPResponse):
    """A response of which all bytes together come before a deadline, however slowly each."""

    def __init__(self, sock: socket.socket, method: str, deadline: float) -> None:
        super().__init__(sock, method=method)
        self._plain = self.fp  # holds the socket open
        self.fp = io.BufferedReader(_Timed(sock, deadline))

    def close(self) -> None:
        super().close()
        self._plain.close()


class _Timed(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextlib.contextmanager
def _plainly(endpoint: Endpoint) -> Iterator[None]:
    """Turn errors of the network into those of this module."""
    host = endpoint.host
    try:
        yield
    except ConnectionRefusedError as error:
        raise KgError(f"nothing listens at {host}; start the server, or name another") from error
    except socket.gaierror as error:
        raise KgError(f"there is no host {host}, or no network") from error
    except TimeoutError as error:
        raise _LateError(f"no whole answer within {endpoint.seconds:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        if type(error).__name__ == "SSLCertVerificationError":  # ssl is imported for https only
            raise KgError(f"{host} does not prove that it is {endpoint.name}; nothing was sent") from error
        words = for_terminal(str(error))[:_WORDS_SHOWN] or type(error).__name__
        raise _NoAnswerError(f"the connection broke: {words}") from error
