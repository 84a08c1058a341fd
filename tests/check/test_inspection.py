"""What is said of an input against what a run does with it."""

import dataclasses
import pathlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_inputs import COLUMN_LINE, CONTIGS, HEADER, WINDOW, ToyGenome, vcf

from vep_cli import pipeline
from vep_cli.check.inspection import Findings, inspect
from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.pipeline import Preparation
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics

CHR1 = CONTIGS["chr1"]

FindingsOf = Callable[..., Findings]
"""Takes the text of an input and settings; see the fixture."""


def base(position: int, length: int = 1) -> str:
    return CHR1[position - 1 : position - 1 + length]


def other(position: int) -> str:
    return "ACGT".replace(base(position), "")[0]


def snv(position: int, contig: str = "chr1") -> str:
    return f"{contig} {position} . {base(position)} {other(position)}"


VARIED = (
    vcf(
        snv(40),
        snv(5300, contig="1"),
        snv(5800),
        snv(6400),
        # In front of the gene that starts at 5201, behind the one on '-' that starts at 6800, far from both.
        snv(3400),
        snv(8600),
        snv(11_000),
        f"chr1 6010 multi {base(6010)} {other(6010)},<DEL>,{base(6010)}GATTACA,*,{base(6010)},N,.",
        f"chr1 6100 deletion {base(6100, 9)} {base(6100)}",
        f"chr1 6100 long {base(6100, 400)} {base(6100)}",
        f"chr1 6000 longer {base(6000, 3000)} {base(6000)}",
        f"chr1 6001 breakend {base(6001)} {base(6001)}[chr2:5[",
        f"chr1 5292 padded {base(5292, 10)} {base(5292, 9)}",
        "chr2 100 mismatch A C",
        "chr2 3000 duplication C CC",
        "chr2 5999 edge CC C",
        "chr2 5999 past CCC C",
        "chr3 5 elsewhere A C",
        "chr2 not_a_number . C A",
        "chr2 0 before C A",
    )
    + "\n"
)


def prepared(
    genome: ToyGenome, weights: WeightsFolder, source: pathlib.Path, **changes: object
) -> Preparation:
    described = Genome(name="", fasta=genome.fasta, gtf=genome.gtf, organism="human", source="test")
    fields: dict[str, object] = {
        "source": str(source),
        "output": str(source.with_name("out.vcf")),
        "genome": described,
        "weights": (weights.path,),
        "window": WINDOW,
    }
    return pipeline.prepare(ScoreSettings(**{**fields, **changes}))  # type: ignore[arg-type]


def found(prepared: Preparation) -> Findings:
    return inspect(prepared, after_record=lambda statistics: None)


@pytest.mark.usefixtures("counting_network")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"modalities": ("ATAC",)}, id="no genes needed"),
        pytest.param({"modalities": ("ATAC",), "alleles": "as-written"}, id="as written"),
        pytest.param({"modalities": ("ATAC",), "window_mode": "snapped", "window": 8192}, id="snapped"),
        pytest.param({"modalities": ("RNA_SEQ",)}, id="genes that start in the window"),
        pytest.param({"modalities": ("RNA_SEQ",), "strands": ("+",)}, id="genes of one strand"),
        pytest.param({"modalities": ("SPLICE_SITES",)}, id="genes that the variant touches"),
        pytest.param({"modalities": ("SPLICE_SITE_USAGE", "RNA_SEQ"), "strands": ("-",)}, id="either"),
    ],
)
def test_counts_are_those_that_a_run_ends_with(
    changes: dict[str, object], toy_genome: ToyGenome, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    source = tmp_path / "in.vcf"
    source.write_text(VARIED)
    asked = prepared(toy_genome, toy_weights, source, **changes)
    findings = found(asked)
    assert findings.statistics == pipeline.run(asked, after_record=lambda statistics: None)
    assert not findings.is_bound
    assert findings.statistics.blank_lines == 1


def test_the_varied_input_has_every_status_and_flag(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    source = tmp_path / "in.vcf"
    source.write_text(VARIED)
    genes = found(prepared(toy_genome, toy_weights, source, modalities=("SPLICE_SITES",))).statistics
    # What the toy reference has no N for, and what takes the network.
    assert set(AlleleStatus) - genes.statuses.keys() == {AlleleStatus.REF_N, AlleleStatus.NOT_FINITE}
    all_flags = found(prepared(toy_genome, toy_weights, source, modalities=("ATAC",))).statistics.flags
    assert set(AlleleFlag) - all_flags.keys() == {AlleleFlag.SOME_NOT_FINITE}


_ALLELE = st.one_of(
    st.text("ACGTacgtN", min_size=1, max_size=6), st.sampled_from(["*", ".", "<DEL>", "A]1:5]", "C" * 2049])
)
_RECORD = st.tuples(
    st.sampled_from(["chr1", "1", "chr2", "chr9"]),
    st.integers(0, 12_050),
    st.one_of(st.integers(1, 30), st.text("ACGTN", min_size=1, max_size=3)),
    st.lists(_ALLELE, min_size=1, max_size=3),
)


def line(record: tuple[str, int, int | str, list[str]]) -> str:
    name, position, reference, alternates = record
    if isinstance(reference, int):  # so many of the reference's own bases
        bases = CONTIGS.get("chr2" if name == "chr2" else "chr1", "")
        reference = bases[max(0, position - 1) :][:reference] or "A"
    return f"{name}\t{position}\t.\t{reference}\t{','.join(alternates)}\t.\t.\t.\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(_RECORD, max_size=6), window=st.sampled_from([2048, 4096]), written=st.booleans())
def test_any_allele_is_planned_as_in_a_run(
    records: list[tuple[str, int, int | str, list[str]]],
    window: int,
    written: bool,
    toy_genome: ToyGenome,
    toy_weights: WeightsFolder,
    tmp_path: pathlib.Path,
) -> None:
    source = tmp_path / "in.vcf"
    source.write_text(HEADER + COLUMN_LINE + "".join(map(line, records)))
    spelling = "as-written" if written else "normalized"
    asked = prepared(toy_genome, toy_weights, source, modalities=("ATAC",), window=window, alleles=spelling)
    expected = Statistics()
    with Reference(toy_genome.fasta) as reference, VcfReader(str(source)) as reader:
        alleles = [
            allele
            for planned in pipeline.plan(reader, reference, asked.settings)
            for allele in planned.alleles
        ]
    expected.records, expected.alleles = len(records), len(alleles)
    expected.statuses.update(allele.status for allele in alleles)
    expected.flags.update(flag for allele in alleles for flag in allele.flags)
    assert found(asked).statistics == expected


def text_of(*records: str, header: str = HEADER) -> str:
    return header + vcf(*records).removeprefix(HEADER)


@pytest.fixture
def findings_of(toy_genome: ToyGenome, toy_weights: WeightsFolder, tmp_path: pathlib.Path) -> FindingsOf:
    def of(text: str, **changes: object) -> Findings:
        source = tmp_path / "in.vcf"
        source.write_text(text)
        return found(prepared(toy_genome, toy_weights, source, **{"modalities": ("ATAC",), **changes}))

    return of


def test_ref_is_compared(findings_of: FindingsOf) -> None:
    # chr2 is all C: three records differ, of which two have ALT as the reference has it.
    records = ("chr2 10 . A C", "chr2 20 . GG CC", "chr2 30 . T G", "chr2 40 . C G", "chr2 50 . C <DEL>")
    agreement = findings_of(text_of(*records)).agreement
    assert (agreement.compared, agreement.mismatched, agreement.swapped) == (4, 3, 2)
    assert agreement.is_of_another_build
    assert not findings_of(text_of(*records[2:])).agreement.is_of_another_build


def test_contigs_and_builds(findings_of: FindingsOf) -> None:
    header = "##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n"
    findings = findings_of(text_of(snv(40, "1"), snv(50), "Un 5 . A C", header=header))
    assert findings.contigs.renamed == {"1": "chr1"}
    assert findings.contigs.direct == ["chr1"]
    assert findings.contigs.unknown == ["Un"]
    assert findings.stated_build is not None
    assert findings.stated_build.name == "GRCh37 (hg19)"
    assert findings.reference_build is None
    assert not findings.is_of_other_build
    assert dataclasses.replace(findings, reference_build="GRCh38 (hg38)").is_of_other_build


def test_malformed_lines_are_named(findings_of: FindingsOf) -> None:
    findings = findings_of(HEADER + COLUMN_LINE + "chr1\t5\n" + "chr1\tx\t.\tA\tC\t.\t.\t.\n")
    # The header has five lines.
    assert [number for number, _ in findings.malformed.lines] == [6, 7]
    assert findings.statistics.bad_data == 2


def test_order_repeats_and_genes(findings_of: FindingsOf) -> None:
    findings = findings_of(text_of(snv(5300), snv(5800), snv(5300), snv(11_000)))
    assert [number for number, _ in findings.order.steps_back.lines] == [8]
    assert [number for number, _ in findings.repeats.written.lines] == [8]
    # One gene from 5201 to 6300, one from 5701 to 6800.
    assert (findings.sharing.alleles_in_genes, len(findings.sharing.genes)) == (3, 2)
    assert findings.sharing.windows.total() == findings.sharing.alleles.total() == 4


def test_introns_leave_a_bound(findings_of: FindingsOf) -> None:
    findings = findings_of(text_of(snv(5300), snv(11_000)), modalities=("SPLICE_JUNCTIONS",))
    assert findings.is_bound
    assert findings.statistics.statuses == {AlleleStatus.PASS: 1, AlleleStatus.NO_SCORE: 1}
