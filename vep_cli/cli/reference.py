"""The command reference, made of the commands: `python -m vep_cli.cli.reference > docs/commands.md`."""

import inspect
from collections.abc import Iterator

import click

from vep_cli.cli import vep

_PREFORMATTED = "\b\n"
"""What click has before a paragraph that is not to be filled."""

_HEAD = """\
# Commands

What `vep COMMAND --help` says (also `-h`, and `vep help COMMAND`), made of the program by
`python -m vep_cli.cli.reference > docs/commands.md`. With `--debug`, anywhere, an error shows its traceback.

> Research use only; not for diagnosis.

{index}
"""


def reference() -> str:
    """Return the reference: for each command its synopsis, description, examples and options."""
    # With its settings: a command keeps what it has once made of them.
    commands = list(_commands(click.Context(vep, info_name="vep", **vep.context_settings)))
    index = [f"- [`{one.command_path}`](#{_anchor(one.command_path)}): {_summary(one)}" for one in commands]
    sections = ["\n".join(_section(one)) for one in commands]
    return "\n".join([_HEAD.format(index="\n".join(index)), *sections])


def _commands(group: click.Context) -> Iterator[click.Context]:
    """Yield every command below a group, groups included, in the order of work."""
    assert isinstance(group.command, click.Group)
    for name in group.command.list_commands(group):
        command = group.command.get_command(group, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=group)
        yield context
        if isinstance(command, click.Group):
            yield from _commands(context)


def _section(context: click.Context) -> Iterator[str]:
    pieces = " ".join(context.command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n"
    yield f"    {context.command_path} {pieces}\n"
    for paragraph in inspect.cleandoc(context.command.help or "").split("\n\n"):
        yield _paragraph(paragraph) + "\n"
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    shown = [record for record in (one.get_help_record(context) for one in options) if record is not None]
    if shown:
        yield "| option | meaning |\n|---|---|"
        yield "\n".join(f"| `{_cell(option)}` | {_text(_cell(text))} |" for option, text in shown) + "\n"


def _paragraph(text: str) -> str:
    if not text.startswith(_PREFORMATTED):
        return _text(text)
    first, _, rest = text.removeprefix(_PREFORMATTED).partition("\n")
    if first.startswith("Example"):
        return f"{first}\n\n```sh\n{inspect.cleandoc(rest)}\n```"
    return f"```text\n{first}\n{rest}\n```"


def _summary(context: click.Context) -> str:
    return _text(context.command.get_short_help_str(limit=1000))


def _anchor(path: str) -> str:
    return path.replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _text(text: str) -> str:
    """Return a text in which Markdown sees nothing but code, which is between '`'."""
    parts = text.split("`")
    return "`".join(
        part if n % 2 else part.replace("*", r"\*").replace("<", "&lt;") for n, part in enumerate(parts)
    )


if __name__ == "__main__":
    click.echo(reference(), nl=False)
