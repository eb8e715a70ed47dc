"""Starts commands of kg, each in a process of its own that has imported all, and stops them where it is told to.

A line of standard input asks for one thing, in JSON; a line of standard output answers with one number.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from kg import diskstore, files, large, pool
from kg.bulk import declared
from kg.cli import main
from kg.commands import build

_PLACES: dict[str, ModuleType | type] = {
    "read": declared.Declared,
    "_write_files": files,
    "_swap": files,
    "_rescue_foreign": files,
    "ensure": diskstore,
    "_fill": diskstore,
}
"""Functions before which something can happen, and where they are."""


def _act(how: str, me: int) -> None:
    """Let happen what was asked for; `me` is the process of the command, this one perhaps a child of it."""
    if how == "wait":
        Path("reached").touch()
        deadline = time.monotonic() + 60  # a test that failed says nothing any more
        while not Path("go").exists():
            if time.monotonic() > deadline:
                os._exit(1)
            time.sleep(0.005)
        return
    if how == "ENOSPC":
        _full()
    if how == "SIGINT":  # a terminal gives it to everybody
        os.killpg(0, signal.SIGINT)
    else:
        os.kill(me, signal.Signals[how])
    if os.getpid() != me:
        time.sleep(60)


def _full(message: object = None) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _before(function: Callable[..., Any], act: Callable[[], None]) -> Callable[..., Any]:
    def replacement(*args: Any, **options: Any) -> Any:
        act()
        return function(*args, **options)

    return replacement


def _prepare(when: str, how: str, me: int) -> None:
    place, _, rest = when.partition(" ")
    if place == "worker":
        answer = pool._plainly

        def dying(handler: pool.Handler, message: Any) -> Any:
            if type(message).__name__ == rest:
                if how == "MemoryError":
                    raise MemoryError
                if how == "ENOSPC":
                    return answer(_full, message)
                os.kill(os.getpid(), signal.Signals[how])
            return answer(handler, message)

        pool._plainly = dying
    elif place in ("reading", "writing", "validating"):

        def progress(what: str, done: int, of: int) -> None:
            if (what, str(done)) == (place, rest):
                _act(how, me)

        build.progress_on_terminal = lambda: progress
    elif place:
        module = _PLACES[place]
        setattr(module, place, _before(getattr(module, place), lambda: _act(how, me)))


def _run(asked: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        os.setsid()
        os.chdir(asked["folder"])
        streams = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2)
        for number, (path, flags) in enumerate(zip(asked["streams"], streams, strict=True)):
            os.dup2(os.open(path, flags, 0o600), number)
        diskstore.WORTH_IT = asked["worth"]
        large.WHOLE = asked["whole"]
        files.LOCK_WAIT = asked["patience"]
        if asked["limit"] is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (asked["limit"],) * 2)
        _prepare(asked["when"], asked["how"], os.getpid())
        sys.argv = ["kg", *asked["arguments"]]
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    for name in ("kg.build", "kg.large", "kg.query", "kg.commands.ask", "kg.commands.curate"):
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        else:
            answer = os.fork()
            if not answer:
                _run(asked)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
