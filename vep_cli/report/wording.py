"""Numbers as files have them, and numbers and names as people read them."""

_LARGEST = 3.5e38
"""Beyond what a 32-bit number holds, which all of ours are."""

_LONGEST_TEXT = 60


def number(text: str) -> float | None:
    """Return a number, or None for what is none: empty, '.', infinite, none that a run of ours writes."""
    try:
        value = float(text)
    except ValueError:
        return None
    # Written so that NaN is none either.
    return value if abs(value) < _LARGEST else None


def counted(count: int, what: str) -> str:
    """Return `1 record` or `1,000 records`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def shown(value: float) -> str:
    """Return a prediction in four significant digits, `1,453` or `0.01723`."""
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def shown_score(value: float, *, is_signed: bool = True) -> str:
    """Return a score with four decimals; a small one in powers of ten.

    Args:
        value: The score.
        is_signed: Whether a positive one gets its sign, as what can be negative does.
    """
    if value == 0:
        return "0"
    sign = "+" if is_signed else ""
    return f"{value:{sign}.4f}" if 0.001 <= abs(value) < 1e6 else f"{value:{sign}.1e}"


def share(part: int, whole: int) -> str:
    """Return `12.5 %`; what is not nothing is never `0.0 %`."""
    if not part or not whole:
        return "0 %"
    percent = 100 * part / whole
    return "< 0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def clipped(text: str) -> str:
    """Return a text, or the beginning of a long one, as of an allele of a million bases."""
    if len(text) <= _LONGEST_TEXT:
        return text
    return f"{text[: _LONGEST_TEXT // 2]}… ({len(text):,} letters)"
