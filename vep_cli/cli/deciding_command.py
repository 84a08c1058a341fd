"""The command line as an output's header has it: what decides the output, and nothing else.

So a run on several devices, a run that was killed and resumed, and shards that were merged give the
same bytes as a run that was none of that.
"""

import collections
import shlex
from collections.abc import Iterator

import click

_DECIDE_NOTHING = frozenset(
    ("output", "resume", "shard", "stats", "device_count", "devices", "strict", "quiet", "debug")
)
"""Parameters of commands that decide no byte of an output, or, as its name, only where the bytes are."""


def deciding_command(command: str, context: click.Context) -> str:
    """Return a command line without the options that decide nothing.

    Args:
        command: As it was given, in the shell's spelling.
        context: That of the command, which knows its options.
    """
    program, *words = shlex.split(command)
    return shlex.join([program, *_deciding(words, context)])


def _deciding(words: list[str], context: click.Context) -> Iterator[str]:
    options = {
        name: parameter
        for level in (context.parent, context)
        if level is not None
        for parameter in level.command.get_params(level)
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    left = collections.deque(words)
    while left:
        word = left.popleft()
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        option = options.get(name)
        if option is None:
            yield word
            continue
        own = [word]
        if not option.is_flag and word == name and left:
            own.append(left.popleft())
        elif option.is_flag and word != name:  # -qo FILE is -q -o FILE
            own = [name]
            left.appendleft(f"-{word[len(name) :]}")
        if option.name not in _DECIDE_NOTHING:
            yield from own
