"""How `tracks.tsv` of the bundled model was made: run it to write the table anew.

The table is a choice of ours: a dozen human and four mouse biosamples that users ask for most, with
the assays that are commonly run on each. CURIEs and names are those of UBERON, CL and EFO.
"""

import dataclasses
import itertools
import pathlib
from collections.abc import Iterable, Iterator

from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.tracks import ORGANISMS, Track, write_tracks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Biosample:
    """What was assayed, and with what; see `Track` for the shared fields."""

    curie: str
    name: str
    biosample_type: str = "tissue"
    gtex_tissue: str = ""
    transcription_factors: tuple[str, ...] = ("CTCF",)
    histone_marks: tuple[str, ...] = ("H3K27ac", "H3K4me3", "H3K4me1")
    procap: bool = False
    splicing: bool = True
    contacts: bool = False


FIVE_MARKS = ("H3K27ac", "H3K4me3", "H3K4me1", "H3K36me3", "H3K27me3")


def _tissue(curie: str, name: str, gtex_tissue: str = "") -> Biosample:
    marks = FIVE_MARKS if name in ("liver", "brain") else FIVE_MARKS[:3]
    return Biosample(curie=curie, name=name, gtex_tissue=gtex_tissue, histone_marks=marks)


def _primary_cell(curie: str, name: str) -> Biosample:
    return Biosample(curie=curie, name=name, biosample_type="primary_cell", splicing=False)


def _cell_line(curie: str, name: str, *factors: str) -> Biosample:
    common = ("CTCF", "POLR2A", "EP300", "RAD21", "REST", "MYC")
    return Biosample(
        curie=curie,
        name=name,
        biosample_type="cell_line",
        transcription_factors=common + factors,
        histone_marks=FIVE_MARKS,
        procap=True,
        contacts=True,
    )


BIOSAMPLES = {
    "human": (
        _tissue("UBERON:0002107", "liver", "Liver"),
        _tissue("UBERON:0000955", "brain", "Brain_Cortex"),
        dataclasses.replace(_tissue("UBERON:0000948", "heart"), splicing=False),
        _tissue("UBERON:0002084", "heart left ventricle", "Heart_Left_Ventricle"),
        _tissue("UBERON:0002048", "lung", "Lung"),
        # GTEx draws its whole blood from a vein; 'whole blood' and 'blood' lead here through tissues.tsv.
        _tissue("UBERON:0013756", "venous blood", "Whole_Blood"),
        _tissue("UBERON:0001388", "gastrocnemius", "Muscle_Skeletal"),
        _primary_cell("CL:0000084", "T-cell"),
        _primary_cell("CL:0001054", "CD14-positive monocyte"),
        _cell_line("EFO:0002067", "K562", "GATA1"),
        _cell_line("EFO:0001187", "HepG2", "HNF4A", "CEBPB"),
        _cell_line("EFO:0002784", "GM12878", "SPI1"),
    ),
    "mouse": (
        _tissue("UBERON:0002107", "liver"),
        _tissue("UBERON:0000956", "cerebral cortex"),
        _tissue("UBERON:0000948", "heart"),
        Biosample(curie="EFO:0007075", name="ES-E14", biosample_type="cell_line", contacts=True),
    ),
}

SPLICE_TISSUES = max(sum(sample.splicing for sample in samples) for samples in BIOSAMPLES.values())
"""Tissues of the splice heads: half of their columns, for either strand; shared by the organisms."""


def plan_tracks() -> Iterator[Track]:
    """Yield every track of the table, by organism, output type and head column."""
    for organism, output in itertools.product(ORGANISMS, OutputType):
        mean = 1.0 if output in GENOME_TRACKS else float("nan")
        for index, track in _columns(output, BIOSAMPLES[organism]):
            yield dataclasses.replace(
                track, organism=organism, index=index, nonzero_mean=mean, supervision="none"
            )


def _columns(output: OutputType, samples: Iterable[Biosample]) -> Iterator[tuple[int, Track]]:
    """Yield (head column, track), organism and column of the track yet to be filled in."""
    match output:
        case OutputType.SPLICE_SITES:
            # The order of the classes in MODEL_SPEC section 3; the fifth, 'none', is padding.
            sites = itertools.product("+-", ("donor", "acceptor"))
            blank = Track(organism="", output_type=output, index=0, name="")
            yield from enumerate(
                dataclasses.replace(blank, name=name, strand=strand) for strand, name in sites
            )
        case OutputType.SPLICE_SITE_USAGE | OutputType.SPLICE_JUNCTIONS:
            # The '-' half begins at the same column in every organism: the junction head joins
            # two blocks of SPLICE_TISSUES columns, whichever organism it predicts.
            spliced = [sample for sample in samples if sample.splicing]
            for (half, strand), (column, sample) in itertools.product(enumerate("+-"), enumerate(spliced)):
                yield half * SPLICE_TISSUES + column, _track(output, sample, strand=strand)
        case _:
            yield from enumerate(
                itertools.chain.from_iterable(_genome_tracks(output, sample) for sample in samples)
            )


def _genome_tracks(output: OutputType, sample: Biosample) -> list[Track]:
    match output:
        case OutputType.CHIP_TF:
            return [_track(output, sample, factor=factor) for factor in sample.transcription_factors]
        case OutputType.CHIP_HISTONE:
            return [_track(output, sample, mark=mark) for mark in sample.histone_marks]
        case OutputType.RNA_SEQ | OutputType.CAGE:
            return [_track(output, sample, strand=strand) for strand in "+-"]
        case OutputType.PROCAP:
            return [_track(output, sample, strand=strand) for strand in "+-" if sample.procap]
        case OutputType.CONTACT_MAPS:
            return [_track(output, sample)] if sample.contacts else []
        case _:
            return [_track(output, sample)]


# Per output type: what the track's name says, and the assay that would measure it.
LABELS = {
    OutputType.ATAC: ("ATAC-seq", "ATAC-seq"),
    OutputType.CAGE: ("CAGE", "CAGE"),
    OutputType.DNASE: ("DNase-seq", "DNase-seq"),
    OutputType.RNA_SEQ: ("total RNA-seq", "total RNA-seq"),
    OutputType.CHIP_HISTONE: ("ChIP-seq", "Histone ChIP-seq"),
    OutputType.CHIP_TF: ("ChIP-seq", "TF ChIP-seq"),
    OutputType.SPLICE_SITE_USAGE: ("splice site usage", "total RNA-seq"),
    OutputType.SPLICE_JUNCTIONS: ("splice junctions", "total RNA-seq"),
    OutputType.CONTACT_MAPS: ("contact map", "Hi-C"),
    OutputType.PROCAP: ("PRO-cap", "PRO-cap"),
}

FROM_RNA = (OutputType.RNA_SEQ, OutputType.SPLICE_SITE_USAGE, OutputType.SPLICE_JUNCTIONS)
"""Output types that GTEx, an RNA-seq project, measures."""


def _track(
    output: OutputType, sample: Biosample, *, strand: str = ".", factor: str = "", mark: str = ""
) -> Track:
    label, assay = LABELS[output]
    return Track(
        organism="",
        output_type=output,
        index=0,
        name=f"{sample.curie} {label} {factor or mark}".strip(),
        strand=strand,
        ontology_curie=sample.curie,
        biosample_name=sample.name,
        biosample_type=sample.biosample_type,
        assay_title=assay,
        gtex_tissue=sample.gtex_tissue if output in FROM_RNA else "",
        transcription_factor=factor,
        histone_mark=mark,
    )


if __name__ == "__main__":
    write_tracks(pathlib.Path(__file__).with_name("tracks.tsv"), plan_tracks())
