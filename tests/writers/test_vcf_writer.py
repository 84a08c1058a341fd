from hypothesis import given
from hypothesis import strategies as st
from made_scores import ATAC, SCORERS, gene, scored_allele, scored_line, scored_record, scores

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.vcf_info import header_lines
from vep_cli.writers.vcf_writer import VcfWriter

WRITER = VcfWriter(SCORERS, [("version", "1"), ("command", "vep score <(cat x)\n -o y")])
OWN_LINES = ["##vep_cli_version=1", "##vep_cli_command=vep score ((cat x) -o y", *header_lines(SCORERS)]
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

# Anything but the letters that end a column or a line; half surrogates stand for bytes that are no UTF-8.
_LETTERS = st.characters(blacklist_characters="\t\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0")
_CELLS = st.text(_LETTERS, min_size=1, max_size=12)
_KEYS = st.text(st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=6)
_INFO_FIELDS = st.one_of(_KEYS, st.tuples(_KEYS, st.text("ab:|%,._ ", max_size=5)).map("=".join)).filter(
    lambda field: not field.startswith("VE")
)


def test_own_lines_stand_right_before_the_columns() -> None:
    header = ("##fileformat=VCFv4.2\n", "##contig=<ID=1>\n", COLUMNS + "\n")
    lines = WRITER.begin(header).splitlines()
    assert lines == ["##fileformat=VCFv4.2", "##contig=<ID=1>", *OWN_LINES, COLUMNS]


def test_line_ends_of_the_input_are_kept() -> None:
    text = WRITER.begin(("##fileformat=VCFv4.2\r\n", COLUMNS + "\r\n"))
    assert text.count("\r\n") == text.count("\n") == 2 + len(OWN_LINES)
    scored = scored_line("1\t100\t.\tA\tG\t.\t.\t.\r\n", scored_allele("G", scores(ATAC, [[1]])))
    assert WRITER.format(scored).endswith("VE_ATAC=1;VE_STATUS=PASS\r\n")


def test_header_of_an_earlier_run_is_replaced() -> None:
    once = WRITER.begin(("##fileformat=VCFv4.2\n", "##INFO=<ID=VEX,Number=1>\n", COLUMNS + "\n"))
    other = VcfWriter((ATAC,), [("version", "2")])
    again = other.begin(tuple(once.splitlines(keepends=True))).splitlines()
    own = ["##vep_cli_version=2", *header_lines((ATAC,))]
    assert again == ["##fileformat=VCFv4.2", "##INFO=<ID=VEX,Number=1>", *own, COLUMNS]


def test_limits_choose_the_entries() -> None:
    scored = scored_record(scored_allele("G", scores(ATAC, [[0.5, 2, 1]])))
    for limits, count in (
        (ALL, 1),
        (Limits(top=2), 2),
        (Limits(all_tracks=True), 3),
        (Limits(min_score=3.0), 0),
    ):
        assert VcfWriter(SCORERS, [], limits).format(scored).count("G|accessibility_gain|") == count


def test_malformed_line_is_passed_on() -> None:
    line = "chr1\tabout 5\tno record\udcff\r\n"
    assert WRITER.format(scored_line(line, scored_allele(".", status=AlleleStatus.MALFORMED))) == line


@st.composite
def _records(draw: st.DrawFn) -> tuple[list[str], str, str]:
    """Columns without INFO's place, INFO, and the line's end."""
    identifier, quality, filters = draw(_CELLS), draw(_CELLS), draw(_CELLS)
    samples = draw(st.lists(_CELLS, max_size=3))
    fields = draw(st.lists(_INFO_FIELDS, max_size=4))
    columns = ["1", "100", identifier, "A", "G,T", quality, filters, *samples]
    return columns, ";".join(fields) or ".", draw(st.sampled_from(["\n", "\r\n", ""]))


def _scored(line: str) -> ScoredRecord:
    unscored = scored_allele("T", status=AlleleStatus.REF_N)
    return scored_line(line, scored_allele("G", scores(ATAC, [[0.5]])), unscored)


@given(_records())
def test_only_info_changes_and_only_by_our_fields(made: tuple[list[str], str, str]) -> None:
    columns, info, ending = made
    line = "\t".join([*columns[:7], info, *columns[7:]]) + ending
    written = WRITER.format(_scored(line))
    assert written.endswith(ending)
    found = written.removesuffix(ending).split("\t")
    assert found[:7] + found[8:] == columns
    theirs = "" if info == "." else info + ";"
    assert found[7].startswith(theirs + "VE=G|accessibility_gain|")
    assert found[7].endswith(";VE_ATAC=0.5,.;VE_STATUS=PASS,REF_N")
    assert WRITER.format(_scored(written)) == written


def test_a_new_score_takes_the_place_of_the_old() -> None:
    first = WRITER.format(scored_record(scored_allele("G", scores(ATAC, [[0.5]])), info="DP=3"))
    second = WRITER.format(scored_line(first, scored_allele("G", status=AlleleStatus.REF_MISMATCH)))
    assert second == "1\t100\t.\tA\tG\t.\t.\tDP=3;VE_STATUS=REF_MISMATCH\n"


def test_gene_names_cannot_break_the_format() -> None:
    raw = scores(SCORERS[1], [[0.5]], genes=(gene(name="a,b;c d|e=f"),))
    info = WRITER.format(scored_record(scored_allele("G", raw))).split("\t")[7]
    (entry,) = [field for field in info.split(";") if field.startswith("VE=")]
    assert entry.count("|") == 14
    assert entry.count(",") == 0
