"""What outputs are made of."""

Piece = str | bytes
"""Text, which becomes UTF-8, or bytes as they are."""


def encoded(piece: Piece) -> bytes:
    """Return a piece as bytes; what the input had in bytes that are no UTF-8 comes out as it was."""
    return piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
