"""The page as a whole: what it says, and what no text of a scored file can make of it."""

import base64
import hashlib
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_files import PageReader, entry, header_of, page_of, record, scored_vcf, tables, ve

from vep_cli.genome.alleles import AlleleFlag
from vep_cli.genome.vcf_record import parse_record
from vep_cli.report.overview import FLAG_MEANINGS
from vep_cli.report.scored_vcf import read_records
from vep_cli.report.summary import Summary, summarised

RECORDS = (
    record(
        "chr1:100:A:C,<DEL>",
        ve(
            entry("C", "ATAC", 0.25, Consequence="accessibility_gain", Biosample="liver", REF="1", ALT="2"),
            entry("C", "RNA_SEQ", -0.5, Consequence="expression_loss", Gene="TNF", Gene_ID="ENSG01"),
        ),
        "VE_STATUS=PASS,SYMBOLIC",
        "VE_FLAG=MANY_N,.",
        identifier="rs1",
    ),
    record(
        "chr1:200:G:T",
        ve(entry("T", "ATAC", -1.5, Consequence="accessibility_loss", Biosample="liver")),
        "VE_STATUS=PASS",
    ),
    record("chr1:300:G:T", "VE_STATUS=REF_MISMATCH"),
    record("chr1:400:G:T", "VE_STATUS=NEW_STATUS"),
    record("chr1:500:G:T"),
)


def summary_of(*records: str, top: int = 200) -> Summary:
    header = header_of(scored_vcf())
    return summarised(read_records((parse_record(line, 1) for line in records), header), top=top)


def test_statuses_add_up() -> None:
    status_table = tables(page_of(summary_of(*RECORDS)))[0]
    assert [row[:3] for row in status_table] == [
        ["Status", "Alleles", "Share"],
        ["PASS", "2", "33.3 %"],
        ["REF_MISMATCH", "1", "16.7 %"],
        ["SYMBOLIC", "1", "16.7 %"],
        ["(none)", "1", "16.7 %"],
        ["NEW_STATUS", "1", "16.7 %"],
        ["all", "6", ""],
    ]


def test_tables_by_hand() -> None:
    _, flags, scorers, atac_words, atac, rna_words, rna = tables(page_of(summary_of(*RECORDS)))
    assert flags[1][:3] == ["MANY_N", "1", "16.7 %"]
    assert scorers == [
        ["Scorer", "Alleles", "Lowest", "Highest"],
        ["ATAC", "2", "-1.5000", "+0.2500"],
        ["RNA_SEQ", "1", "-0.5000", "-0.5000"],
    ]
    assert [row[:3] for row in atac_words[1:]] == [
        ["accessibility_gain", "1", "50.0 %"],
        ["accessibility_loss", "1", "50.0 %"],
    ]
    # The strongest first; columns that nothing is in are not there.
    assert atac == [
        ["Variant", "Score", "Consequence", "REF", "ALT", "Biosample", "ID", "Flags"],
        ["chr1:200 G>T", "-1.5000", "accessibility_loss", "", "", "liver", "", ""],
        ["chr1:100 A>C", "+0.2500", "accessibility_gain", "1", "2", "liver", "rs1", "MANY_N"],
    ]
    assert [row[0] for row in rna_words] == ["Consequence", "expression_loss"]
    assert rna[1] == ["chr1:100 A>C", "TNF", "-0.5000", "expression_loss", "rs1", "MANY_N"]


def test_top_limits_rows_and_nothing_else() -> None:
    page = page_of(summary_of(*RECORDS, top=1))
    _, _, scorers, words, atac, *_ = tables(page)
    assert len(atac) == 2
    assert atac[1][0] == "chr1:200 G>T"
    assert scorers[1][:2] == ["ATAC", "2"]
    assert len(words) == 3
    assert "The 1 strongest of 2 alleles" in page


def test_warnings_come_first() -> None:
    provenance = (
        ("version", "1.2.3"),
        ("supervision", "ATAC experiment, RNA_SEQ mechanistic"),
        ("warning", "the weights 'toy' are RANDOM NUMBERS"),
    )
    page = PageReader(page_of(summary_of(*RECORDS), provenance=provenance))
    (box,) = page.named("div", class_="warnings")
    assert box.text.startswith("Research use only; not for diagnosis.the weights 'toy' are RANDOM NUMBERS")
    assert "mechanistic: rules that someone wrote down" in box.text
    assert page.elements.index(box) < page.elements.index(page.named("main")[0])


def test_a_run_that_warned_of_mechanistic_tracks_is_not_warned_of_twice() -> None:
    provenance = (("supervision", "RNA_SEQ mechanistic"), ("warning", "some tracks are mechanistic"))
    (box,) = PageReader(page_of(summary_of(*RECORDS), provenance=provenance)).named("div", class_="warnings")
    assert box.text.count("mechanistic") == 1


def test_provenance() -> None:
    provenance = (
        ("version", "1"),
        ("weights", "a 1 sha256:00"),
        ("weights", "b 2 sha256:ff"),
        ("window_mode", "x"),
    )
    page = PageReader(page_of(summary_of(*RECORDS), provenance=provenance))
    (listed,) = page.named("dl", class_="provenance")
    assert listed.text == "version1weightsa 1 sha256:00weightsb 2 sha256:ffwindow modex"


def test_what_is_left_out_is_said() -> None:
    damaged = record(
        "chr1:1:A:C", ve(entry("C", "ATAC", "x"), entry("C", "ATAC", "y"), entry("G", "ATAC", 1))
    )
    scorers = ve(*(entry("C", "ATAC", 1, Scorer=f"ATAC:{width}:DIFF_SUM") for width in range(60)))
    page = page_of(summary_of(damaged, record("chr1:1:A:C", scorers, "VE_STATUS=PASS")))
    assert "1 score left out: of alleles that the record does not have" in page
    assert "2 scores left out: not written as vep score writes them" in page
    assert "10 scores left out: of further scorers" in page


def test_nothing_scored_has_no_tables_of_scores() -> None:
    page = page_of(summary_of(record("chr1:300:G:T", "VE_STATUS=REF_MISMATCH")))
    assert "No allele has a score." in page
    assert len(tables(page)) == 1
    assert PageReader(page).named("div", id="filter") == []
    assert len(tables(page_of(summary_of()))) == 1


def test_every_flag_is_explained() -> None:
    assert list(FLAG_MEANINGS) == [flag.value for flag in AlleleFlag]


def test_the_same_file_has_the_same_page() -> None:
    assert page_of(summary_of(*RECORDS)) == page_of(summary_of(*RECORDS))


def test_the_policy_allows_this_style_and_this_script_alone() -> None:
    text = page_of(summary_of(*RECORDS))
    page = PageReader(text)
    (policy,) = [
        one for one in page.elements if one.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.split(" ", 1) for rule in policy.attributes["content"].split("; "))
    assert rules.keys() == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    assert {rules[name] for name in ("default-src", "base-uri", "form-action")} == {"'none'"}
    for name in ("style", "script"):
        (code,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = hashlib.sha256(code.encode()).digest()
        assert rules[f"{name}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    # Before anything that it is to govern.
    first = page.elements.index(policy)
    assert all(page.elements.index(one) > first for one in page.named("style") + page.named("script"))


def test_nothing_leads_out_of_the_page() -> None:
    page = PageReader(page_of(summary_of(*RECORDS)))
    for one in page.elements:
        assert one.name not in ("link", "img", "iframe", "object", "embed", "base", "form", "image", "use")
        assert not any(name.startswith("on") for name in one.attributes)
        assert not {"src", "style", "xlink:href", "srcset", "action"} & one.attributes.keys()
        assert one.attributes.get("href", "#").startswith("#")


def test_what_is_read_aloud() -> None:
    page = PageReader(page_of(summary_of(*RECORDS)))
    assert page.elements[0].attributes == {"lang": "en"}
    identifiers = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(set(identifiers)) == len(identifiers)
    assert all(one.attributes["href"][1:] in identifiers for one in page.named("a"))
    assert all(one.attributes.get("aria-label") for one in page.named("svg", class_="plot"))
    assert all(one.attributes["scope"] in ("col", "row") for one in page.named("th"))
    levels = [int(one.name[1]) for one in page.elements if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    # Every field of the filter stands in a label of its own.
    labels = page.named("label")
    assert len(labels) == len(page.named("input") + page.named("select"))
    assert all(label.text.strip() for label in labels)


HOSTILE = st.one_of(
    st.text(st.characters(exclude_characters="\t\n\r"), min_size=1, max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</td></tr></table><img src=x onerror=alert(1)>",
            '" onmouseover="alert(1)',
            "' autofocus onfocus='alert(1)",
            "</title></style></script><svg onload=alert(1)>",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "javascript:alert(1)",
            "\u202etxt.exe",
            "\ud800",
            "%3Cscript%3E",
        ]
    ),
)


def hostile_page(identifier: str, name: str, word: str) -> PageReader:
    """Return a page of a file that has one text for its IDs, one for names, one for words of ours."""
    entries = (
        entry(
            "C",
            "ATAC",
            -0.5,
            Consequence=word,
            Gene=name,
            Gene_ID=name,
            Track=name,
            Biosample=name,
            Ontology=name,
            Junction=name,
        ),
        entry("C", "RNA_SEQ", -0.5, Consequence=word, Scorer=name, Modality="RNA_SEQ"),
    )
    # What divides the fields of a VCF, NUL, and '.', which is no ID and no status, cannot be in one.
    bare = re.sub("[;,&.\0]", "_", word)
    info = f"VE_STATUS={bare}", f"VE_FLAG={bare}"
    identifier = re.sub("[.\0]", "_", identifier)
    line = record("chr1:100:A:C", ve(*entries), *info, identifier=identifier)
    summary = summary_of(line)
    return PageReader(page_of(summary, provenance=[("command", name), ("warning", word)], name=name))


PLAIN = hostile_page("rs1", "name", "word")


@settings(max_examples=40, deadline=None)
@given(identifier=HOSTILE, name=HOSTILE, word=HOSTILE)
def test_no_text_of_a_file_becomes_markup(identifier: str, name: str, word: str) -> None:
    assert hostile_page(identifier, name, word).structure == PLAIN.structure


@pytest.mark.parametrize("text", ["<b>bold</b>", 'say "hi"', "a&b", "</script>"])
def test_text_is_shown_as_it_is(text: str) -> None:
    page = hostile_page("rs1", text, "word")
    assert page.named("p", class_="lead")[0].text == text
    cells = [one.text for one in page.named("td")]
    # Gene, Track, Biosample; the junction too.
    assert cells.count(text) >= 3
