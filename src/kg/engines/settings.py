"""How engines are set: by the table ``[extract]`` of kg.toml, the environment, and options, which win."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from kg.engines import windows
from kg.files import read_bytes_limited
from kg.problems import KgError, nearest
from kg.project import CONFIG, CONFIG_LIMIT

URL_VARIABLE, MODEL_VARIABLE = "KG_LLM_URL", "KG_LLM_MODEL"
TABLE = "extract"
"""The table of kg.toml that holds them."""
KEY_VARIABLE = "KG_LLM_KEY"
"""The variable of the environment that holds the key, unless another is named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in ``[extract]``, with hyphens for underscores; every one may be left out."""

    url: str = ""
    """The base URL of a chat endpoint, such as http://127.0.0.1:8080/v1; there is none unless named."""
    model: str = ""
    key_variable: str = KEY_VARIABLE
    proxy: str = ""
    """``http://host:port``, or ``environment`` for what HTTPS_PROXY says; none unless named."""
    timeout: float = 300.0
    """Seconds that one answer, or one run of a command, may take."""
    temperature: float = 0.0
    answer_tokens: int = 0
    """The longest answer to ask for; 0 leaves it to the server."""
    max_requests: int = 200
    max_tokens: int = 2_000_000
    max_seconds: float = 3_600.0
    """All three of one run; what is in the cache counts for nothing."""
    price_in: float = 0.0
    price_out: float = 0.0
    """Of a million tokens read and written."""
    currency: str = "USD"
    window: int = windows.SIZE
    overlap: int = windows.OVERLAP
    memory: int = 4_096
    """Megabytes that a command may take, on Linux."""


_LEAST = {"timeout": 0.1, "window": 200, "memory": 16}
_FOREIGN_KEY = re.compile(r"KG_[A-Z0-9_]+|[A-Z][A-Z0-9_]*_API_KEY")


def settings(
    table: Mapping[str, object],
    where: str,
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, object] | None = None,
) -> Settings:
    """Give the settings of a table, of which KG_LLM_URL and KG_LLM_MODEL and then `options` change some.

    `where` the table stands begins the messages. `options` have the names of `Settings`; None sets nothing. A
    file cannot name any variable it likes as the key, since a project from a stranger could then have any
    secret sent to any host: ``…_API_KEY`` and ``KG_…`` only.

    Raises:
        KgError: a key or a value means nothing.
    """
    found = Settings()
    for key, value in table.items():
        found = _set(found, key.replace("-", "_"), value, f"{where}: ", key)
    if not _FOREIGN_KEY.fullmatch(found.key_variable):
        raise KgError(
            f"{where}: key-variable names a variable like OPENAI_API_KEY or {KEY_VARIABLE}; any other "
            "is named by option only"
        )
    for variable, name in ((URL_VARIABLE, "url"), (MODEL_VARIABLE, "model")):
        if (environ or {}).get(variable):
            found = _set(found, name, (environ or {})[variable], "", variable)
    for name, value in (options or {}).items():
        if value is not None:
            found = _set(found, name, value, "", name.replace("_", "-"))
    if found.overlap * 3 > found.window:
        raise KgError(f"{where}: windows of {found.window} characters overlap by a third of it at most")
    return found


def _set(found: Settings, name: str, value: object, where: str, shown: str) -> Settings:
    known = {field.name: getattr(found, field.name) for field in fields(found)}
    if name not in known:
        names = [each.replace("_", "-") for each in known]
        near = nearest(shown[:100], names)
        right = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(names))}"
        raise KgError(f"{where}unknown key {shown[:60]!r} in [extract]; {right}")
    return replace(found, **{name: _value(known[name], value, name, f"{where}{shown}")})


def _value(default: object, value: object, name: str, what: str) -> Any:
    if isinstance(default, str):
        if not isinstance(value, str) or not value.isprintable() or len(value) > 2_000:
            raise KgError(f"{what} is a line of text in quotes")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KgError(f"{what} is a number")
    if isinstance(default, int) and not isinstance(value, int):
        raise KgError(f"{what} is a whole number")
    least = _LEAST.get(name, 0)
    if not math.isfinite(value) or not least <= value <= 10**12:
        raise KgError(f"{what} is a number from {least} up, not {value}")
    return float(value) if isinstance(default, float) else value


def of_project(
    root: Path, environ: Mapping[str, str] | None = None, options: Mapping[str, object] | None = None
) -> Settings:
    """Give the settings of the project in a folder; the rest of its file is not looked at.

    Raises:
        KgError: its kg.toml cannot be read, or ``[extract]`` holds what means nothing.
    """
    path = root / CONFIG
    table: object = {}
    if os.path.lexists(path):
        try:
            data = read_bytes_limited(path, CONFIG_LIMIT, "the settings")
            table = tomllib.loads(data.decode("utf-8-sig")).get(TABLE, {})
        except (ValueError, RecursionError) as error:
            raise KgError(f"{path}: not TOML: {error}") from error
    if not isinstance(table, dict):
        raise KgError(f"{path}: {TABLE} is a table of settings: write [{TABLE}] in a line of its own")
    return settings(table, str(path), environ, options)
