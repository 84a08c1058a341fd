"""Markup that no text can break out of."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_files import PageReader

from vep_cli.report.markup import Markup, code_element, code_source, element, joined, void_element


def test_elements() -> None:
    made = element("p", "a < b & ", element("b", "c"), class_="x", data_value="1", title=None)
    assert made == Markup('<p class="x" data-value="1">a &lt; b &amp; <b>c</b></p>')
    assert void_element("meta", charset="utf-8") == Markup('<meta charset="utf-8">')
    assert joined("<", Markup("<br>")) == Markup("&lt;<br>")


@settings(deadline=None)
@given(text=st.text(), attribute=st.text())
def test_text_stays_text(text: str, attribute: str) -> None:
    read = PageReader(element("p", text, title=attribute).html)
    assert read.structure == [("p", ("title",))]
    printable = ["".join(one if one.isprintable() else "�" for one in given) for given in (text, attribute)]
    assert [read.elements[0].text, read.elements[0].attributes["title"]] == printable


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\u202e", "\ud800", "\u2028", "\r"])
def test_what_is_not_printable_is_not_passed_on(letter: str) -> None:
    # A NUL is no HTML, half of a pair no UTF-8, and U+202E turns round what is read behind it.
    made = element("p", f"a{letter}b")
    assert made.html.encode("utf-8") == "<p>a�b</p>".encode()


@pytest.mark.parametrize("code", ["a</script>b", "x</STYLE", "<!--"])
def test_code_that_would_end_its_element_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="look like the end"):
        code_element("script", code)


def test_a_policy_names_code_by_its_hash() -> None:
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    assert code_source("alert(1)") == f"'sha256-{digest}'"
    assert code_element("script", "alert(1)") == Markup("<script>alert(1)</script>")
