"""`vep completion`: what a shell needs to complete our commands."""

import pathlib
import sys

import click
from click.shell_completion import get_completion_class

PROGRAMS = ("vep", "vep-cli")
VARIABLE = "_VEP_COMPLETE"
"""By this, the script asks the program what to offer: click derives it from the name that `main` gives."""


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and names with the Tab key.

    SHELL is bash (4.4 or later), zsh or fish. Completed are also the values of --tissue, with _ between the
    words of a name, --modality and --genome, of options with few choices, and files. Called as vep-cli, it
    is the script for vep-cli. The folder for zsh has to be in fpath before compinit is called.

    \b
    Examples:
      vep completion bash > ~/.local/share/bash-completion/completions/vep
      vep completion zsh > ~/.zfunc/_vep
      vep completion fish > ~/.config/fish/completions/vep.fish
    """
    called = pathlib.Path(sys.argv[0]).name
    script = get_completion_class(shell)
    if script is None:
        raise ValueError(f"click knows no shell {shell!r}")
    program = called if called in PROGRAMS else PROGRAMS[0]
    click.echo(script(context.find_root().command, {}, program, VARIABLE).source(), nl=False)
