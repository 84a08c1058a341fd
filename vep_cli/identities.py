"""What decides the bytes of an output, by name: two runs of equal identities give equal scores."""

from collections.abc import Collection, Mapping

Identity = Mapping[str, str]


def first_difference(
    one: Identity, other: Identity, but: Collection[str] = ()
) -> tuple[str, str, str] | None:
    """Return the name of what differs first and its two values, or None.

    Args:
        one: An identity.
        other: Another.
        but: Names that are not looked at.
    """
    for name in dict.fromkeys((*one, *other)):
        values = one.get(name, "nothing"), other.get(name, "nothing")
        if values[0] != values[1] and name not in but:
            return (name, *values)
    return None
