"""The command `kg`: options in, text and an exit code out."""

from __future__ import annotations

import os
import sys

import click

from kg.commands import ask, build, compare, curate, share, show
from kg.escape import encoding_of, for_terminal
from kg.problems import Exit, KgError

GROUPS: dict[str, tuple[click.Command, ...]] = {
    "Curate": (curate.check, curate.cite, curate.verify, curate.schema),
    "Build": (build.build, build.validate),
    "Ask": (ask.query, show.show, show.conflicts, show.stats, show.path, compare.diff),
    "Share": (share.export,),
}


class _Grouped(click.Group):
    """Lists commands by what people do."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            rows = [(command.name or "", command.get_short_help_str(70)) for command in commands]
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


@click.group(cls=_Grouped, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    # A message of several lines is a list; what comes from outside was quoted when it was made.
    lines = [for_terminal(line, encoding_of(sys.stderr)) for line in message.split("\n")]
    click.echo("kg: " + "\n".join(lines), err=True)
    sys.exit(code)


for _commands in GROUPS.values():
    for _command in _commands:
        cli.add_command(_command)

if __name__ == "__main__":
    main()
