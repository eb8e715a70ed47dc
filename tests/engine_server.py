"""A chat endpoint on loopback that answers as a test wants, byte by byte."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any


@dataclass
class Request:
    """What arrived, and whether it can be read as JSON is for the test to find out."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


Reply = bytes | Callable[[IO[bytes]], None]


@dataclass
class Script:
    """Replies in order, the last one for ever; `seen` is what was asked."""

    replies: list[Reply] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        line = self.rfile.readline().decode().strip()
        if not line:
            return
        headers: dict[str, str] = {}
        while (header := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        script: Script = self.server.script  # type: ignore[attr-defined]
        script.seen.append(Request(line, headers, body))
        reply = script.replies[min(len(script.seen), len(script.replies)) - 1]
        try:
            if callable(reply):
                reply(self.wfile)
            else:
                self.wfile.write(reply)
        except OSError:
            pass  # the client has heard enough


class Server(socketserver.ThreadingTCPServer):
    """Serves a script until it is left."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = Script()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def reply(status: int, body: bytes, **headers: str) -> bytes:
    """Give a whole response; underscores in names of headers are hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def completion(content: object, *, ended: str = "stop", usage: tuple[int, int] | None = (100, 20)) -> bytes:
    """Give the response of a model that answers with `content`; what is no text is written as JSON."""
    words = content if isinstance(content, str | None) else json.dumps(content)
    body: dict[str, Any] = {
        "choices": [{"message": {"role": "assistant", "content": words}, "finish_reason": ended}]
    }
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return reply(200, json.dumps(body).encode(), Content_Type="application/json")


def error(status: int, words: str, **headers: str) -> bytes:
    """Give an error as such servers word it."""
    return reply(status, json.dumps({"error": {"message": words}}).encode(), **headers)
