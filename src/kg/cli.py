"""The command `kg`: options in, text and an exit code out."""

from __future__ import annotations

import importlib
import os
import sys

import click

from kg.problems import Exit, KgError, nearest

GROUPS: dict[str, dict[str, str]] = {
    "Curate": {
        "init": "table", "check": "curate", "cite": "curate", "verify": "curate", "schema": "curate",
        "import": "importing", "extract": "extract", "review": "review",
    },
    "Build": {"build": "build", "validate": "build"},
    "Ask": {
        "query": "ask", "show": "show", "conflicts": "show", "stats": "show", "path": "show",
        "diff": "compare",
    },
    "Share": {"export": "share"},
}  # fmt: skip
"""Commands by what people do, each with the module of `kg.commands` that holds it."""
_FUNCTIONS = {"import": "import_command"}
"""Where a command's function cannot have the command's name."""


class _Commands(dict[str, click.Command]):
    """The commands by name, each imported when it is asked for."""

    def __missing__(self, name: str) -> click.Command:
        modules = {name: module for commands in GROUPS.values() for name, module in commands.items()}
        module = importlib.import_module(f"kg.commands.{modules[name]}")
        command: click.Command = getattr(module, _FUNCTIONS.get(name, name))
        self[name] = command
        return command


class _Grouped(click.Group):
    """Lists commands by what people do, and imports the one that is called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.commands[cmd_name] if cmd_name in self.list_commands(ctx) else None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for commands in GROUPS.values() for name in commands]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = nearest(args[0], self.list_commands(ctx))
            if near is None or "Did you mean" in error.message:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near!r}?", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            rows = [(name, self.commands[name].get_short_help_str(70)) for name in commands]
            with formatter.section(title):
                formatter.write_dl(rows)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib import metadata

        try:
            version = metadata.version("reportedly")
        except metadata.PackageNotFoundError:
            version = "(not installed)"
        click.echo(f"reportedly {version}")
        ctx.exit()


@click.group(
    cls=_Grouped,
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Build and ask a knowledge graph of reported facts.

    Exit codes: 0 fine, 1 it ran and found something, 2 it could not run, 3 a limit stopped it,
    4 refused by policy.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """Run `kg`, with every foreseeable failure as one line on stderr and the right exit code."""
    try:
        # Not standalone, click gives back the code of an Exit; a command itself gives None.
        sys.exit(cli.main(prog_name="kg", standalone_mode=False) or Exit.OK)
    except click.UsageError as error:
        error.show()
        sys.exit(Exit.CANNOT)
    except click.ClickException as error:
        _fail(error.format_message(), Exit.CANNOT)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except KgError as error:
        _fail(str(error), error.exit_code)
    except SystemExit as end:
        # The reader of a pipe went away, which click calls an error; there is nothing more to say.
        sys.exit(Exit.OK if type(sys.stdout).__name__ == "PacifyFlushWrapper" else end.code)
    except OSError as error:
        _fail(error.strerror or str(error), Exit.CANNOT)
    except MemoryError:
        _fail("out of memory", Exit.LIMIT)


def _fail(message: str, code: int) -> None:
    from kg.escape import encoding_of, for_terminal

    # A message of several lines is a list; what comes from outside was quoted when it was made.
    lines = [for_terminal(line, encoding_of(sys.stderr)) for line in message.split("\n")]
    click.echo("kg: " + "\n".join(lines), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
