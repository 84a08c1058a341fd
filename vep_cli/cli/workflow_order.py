"""Groups of commands that are learnt in an order."""

import click


class WorkflowOrder(click.Group):
    """A group whose help lists the commands in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which the commands were defined."""
        del ctx
        return list(self.commands)
