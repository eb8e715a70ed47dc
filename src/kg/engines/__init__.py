"""Engines that ask somebody else: a model behind a chat endpoint, or any program.

Both take a `kg.proposals.Setting` and what follows the colon of ``--engine``; both check every answer by
`answers`, word by word. The engine ``rules``, which asks nobody, is `kg.extract`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.engines.settings import Settings
    from kg.proposals import Engine, Setting


def factories(
    settings: Settings,
    announce: Callable[[str, str, int], None],
    *,
    fresh: bool = False,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Callable[[Setting, str], Engine]]:
    """Give what makes the engines ``llm`` and ``command``, by name; see `llm.engine` for the arguments."""

    def llm(setting: Setting, argument: str) -> Engine:
        from kg.engines import llm

        return llm.engine(
            setting, argument, settings=settings, announce=announce, environ=environ, fresh=fresh
        )

    def command(setting: Setting, argument: str) -> Engine:
        from kg.engines import command

        return command.engine(setting, argument, settings=settings)

    return {"llm": llm, "command": command}
