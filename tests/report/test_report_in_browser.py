"""The page in a real browser, where one is installed: sorting, filtering, keys, phones, hostile text."""

import pathlib
from collections.abc import Iterator

import pytest
from headless_browser import Browser, browser_path
from scored_files import entry, header_of, page_of, record, scored_vcf, ve

from vep_cli.genome.vcf_record import parse_record
from vep_cli.report.scored_vcf import read_records
from vep_cli.report.summary import summarised

PATH = browser_path()
pytestmark = pytest.mark.skipif(PATH is None, reason="no Chromium or Chrome is installed here")

HOSTILE = "</script><img src=x onerror=alert(1)><svg onload=alert(1)>"
ROWS = 30


def hostile_records() -> Iterator[str]:
    """Yield records with scores -15 to 14 for ATAC, 1 to 10 for RNA_SEQ, and a hostile name in each."""
    for number in range(ROWS):
        entries = [
            entry("C", "ATAC", number - 15, Biosample="liver" if number % 3 else "brain", Track=HOSTILE)
        ]
        if number < 10:
            entries.append(entry("C", "RNA_SEQ", number + 1, Gene=f"GENE{number}{HOSTILE}"))
        yield record(f"chr{number % 2 + 1}:{1000 + number}:A:C", ve(*entries), "VE_STATUS=PASS")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PATH is not None
    with Browser(PATH, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, tmp_path: pathlib.Path) -> Browser:
    """Open the page of the hostile records, afresh."""
    records = (parse_record(line, 1) for line in hostile_records())
    summary = summarised(read_records(records, header_of(scored_vcf())), top=200)
    path = tmp_path / "report.html"
    path.write_text(page_of(summary, provenance=[("warning", HOSTILE)], name=HOSTILE), encoding="utf-8")
    browser.resize(1280)
    browser.open(path)
    return browser


def column(page: Browser, number: int, section: int = 1) -> list[str]:
    """Return what is seen in a column of a table."""
    rows = f"#scorer-{section} table.scores tbody tr:not([hidden])"
    seen = page.evaluate(
        f"[...document.querySelectorAll('{rows}')].map(row => row.cells[{number}].innerText)"
    )
    assert isinstance(seen, list)
    return seen


def click(page: Browser, selector: str) -> None:
    page.evaluate(f"document.querySelector('{selector}').click()")


def test_nothing_is_loaded_and_nothing_of_the_file_runs(page: Browser) -> None:
    assert page.messages() == []
    assert len(page.requested()) == 1  # the page itself
    assert page.evaluate("document.querySelectorAll('img, svg[onload]').length") == 0
    assert page.evaluate("document.querySelector('.lead').innerText") == HOSTILE
    # Nor would it, if it came to be in the page: the policy forbids it, and says so.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.bad = 1\">')")
    page.evaluate("new Promise(done => setTimeout(done, 200))")
    assert page.evaluate("window.bad === undefined")
    assert any("Content Security Policy" in message for message in page.messages())


def test_a_long_table_shows_its_beginning_first(page: Browser) -> None:
    # The strongest first; of -14 and 14 the one that came first.
    assert column(page, 1)[:4] == ["-15.0000", "-14.0000", "+14.0000", "-13.0000"]
    assert len(column(page, 1)) == 20
    assert page.evaluate("document.querySelector('#scorer-1 button.more').innerText") == "Show all 30"
    click(page, "#scorer-1 button.more")
    assert len(column(page, 1)) == ROWS
    assert page.evaluate("document.querySelector('#scorer-2 button.more').hidden")


def test_sorting(page: Browser) -> None:
    head = "#scorer-1-table thead th:nth-child(2)"
    click(page, f"{head} button")
    assert column(page, 1)[:3] == ["+14.0000", "+13.0000", "+12.0000"]
    assert page.evaluate(f"document.querySelector('{head}').ariaSort") == "descending"
    click(page, f"{head} button")
    assert column(page, 1)[:3] == ["-15.0000", "-14.0000", "-13.0000"]
    click(page, f"{head} button")
    assert column(page, 1)[:3] == ["-15.0000", "-14.0000", "+14.0000"]
    # By place: contigs as they come in the file, then positions as numbers.
    click(page, "#scorer-1-table thead th:nth-child(1) button")
    places = column(page, 0)
    assert (places[0], places[14], places[15]) == ("chr1:1,000 A>C", "chr1:1,028 A>C", "chr2:1,001 A>C")
    sorted_heads = "[...document.querySelectorAll('#scorer-1-table thead th')].map(head => head.ariaSort)"
    assert page.evaluate(sorted_heads)[:2] == ["ascending", "none"]


def test_filtering(page: Browser) -> None:
    page.evaluate("document.getElementById('filter-text').focus()")
    page.type("brain chr1")
    # Every third is of the brain, every other on chr1: 0, 6, 12, 18 and 24 of the 30.
    assert len(column(page, 0)) == 5
    assert page.evaluate("document.getElementById('filter-found').innerText") == "5 of 40 rows"
    assert page.evaluate("document.getElementById('scorer-2').hidden")
    page.evaluate("const text = document.getElementById('filter-text'); text.select()")
    page.type("gene7")
    assert column(page, 0, section=2) == ["chr2:1,007 A>C"]
    # A link to what is hidden shows it again.
    click(page, 'a[href="#scorer-1"]')
    assert len(column(page, 0)) == 20
    assert page.evaluate("document.getElementById('filter-found').innerText") == "40 rows"


def test_filtering_by_strength_and_scorer(page: Browser) -> None:
    page.evaluate("document.getElementById('filter-strength').focus()")
    page.type("9.5")
    # ATAC: -15 to -10 and 10 to 14; RNA_SEQ: 10.
    assert (len(column(page, 0)), len(column(page, 0, section=2))) == (11, 1)
    page.evaluate(
        "const chosen = document.getElementById('filter-scorer'); chosen.value = 'scorer-2'; "
        "chosen.dispatchEvent(new Event('input'))"
    )
    assert page.evaluate("document.getElementById('scorer-1').hidden")
    assert page.evaluate("document.getElementById('filter-found').innerText") == "1 of 10 rows"


def test_keys_alone_will_do(page: Browser) -> None:
    reached = []
    for _ in range(40):
        page.press("Tab", 9)
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()"))
        if reached[-1] == "Score":
            break
    # The link past the overview comes first, then fields and heads of the tables.
    assert reached[0] == "Skip to the scores"
    assert {"filter-text", "filter-scorer", "filter-strength", "Variant", "Score"} <= set(reached)
    page.press("Enter", 13, "\r")
    assert column(page, 1)[:2] == ["+14.0000", "+13.0000"]


@pytest.mark.parametrize("width", [360, 800])
def test_the_page_is_as_wide_as_the_screen(page: Browser, width: int) -> None:
    page.resize(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_printed(page: Browser, browser: Browser) -> None:
    def ink() -> str:
        colours = "const style = getComputedStyle(document.body); [style.color, style.backgroundColor].join()"
        return str(page.evaluate(f"(() => {{ {colours.replace('; [', '; return [')} }})()"))

    seen = {"light": ink()}
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    seen["dark"] = ink()
    browser.call("Emulation.setEmulatedMedia", media="print")
    seen["print"] = ink()
    shown = page.evaluate("getComputedStyle(document.getElementById('filter')).display")
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    assert seen == {
        "light": "rgb(29, 33, 37),rgb(255, 255, 255)",
        "dark": "rgb(228, 231, 234),rgb(21, 24, 27)",
        "print": "rgb(0, 0, 0),rgb(255, 255, 255)",
    }
    assert shown == "none"


def test_without_script_everything_is_there(page: Browser, browser: Browser, tmp_path: pathlib.Path) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(tmp_path / "report.html")
        assert len(column(page, 0)) == ROWS
        assert page.evaluate("document.getElementById('filter').hidden")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
