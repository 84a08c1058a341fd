"""HTML that is safe by construction: text becomes markup here alone, and is escaped as it does."""

import base64
import dataclasses
import hashlib
import html

_UNPRINTABLE = "�"


@dataclasses.dataclass(frozen=True, slots=True)
class Markup:
    """Text that is HTML already.

    Attributes:
        html: The HTML.
    """

    html: str


def element(name: str, /, *content: Markup | str, **attributes: str | None) -> Markup:
    """Return an element.

    Args:
        name: Its name, ours and never a file's, as the attributes' names are.
        content: What is in it: markup as it is, text escaped.
        attributes: By name, `_` for '-', one at the end left out (`class_`); text is escaped, None is no
            attribute.
    """
    opening = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{opening}>{joined(*content).html}</{name}>")


def void_element(name: str, /, **attributes: str) -> Markup:
    """Return an element that has no content and no end, as `<meta>`; arguments as those of `element`."""
    return Markup(element(name, **attributes).html.removesuffix(f"</{name}>"))


def joined(*content: Markup | str) -> Markup:
    """Return pieces behind one another: markup as it is, text escaped."""
    return Markup("".join(piece.html if isinstance(piece, Markup) else _escaped(piece) for piece in content))


def code_element(name: str, code: str) -> Markup:
    """Return a `<style>` or `<script>`, of our own code and never of anything that a file says.

    Args:
        name: 'style' or 'script'.
        code: Its content, as it is.

    Raises:
        ValueError: The code would end the element.
    """
    if "</" in code or "<!--" in code:
        raise ValueError(f"the code of a <{name}> must not look like the end of it")
    return Markup(f"<{name}>{code}</{name}>")


def code_source(code: str) -> str:
    """Return what a Content-Security-Policy calls exactly this code: its hash (CSP 3, 2.3.1)."""
    digest = hashlib.sha256(code.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _escaped(text: str) -> str:
    # Controls are no HTML, halves of UTF-16 pairs no UTF-8, and marks of writing direction can make
    # text look like another.
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else _UNPRINTABLE for letter in text)
    return html.escape(text, quote=True)
