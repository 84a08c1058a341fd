"""The tracks of the bundled model: run it to write the table anew.

    python weights/recipe/tracks.py TABLE.tsv

The table is a choice of ours: a dozen human biosamples that users ask for most, with the assays that are
commonly run on each. CURIEs and names are those of UBERON, CL and EFO. There is no mouse sequence to learn
from, so there are no mouse tracks.
"""

import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Iterator, Mapping

from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.selection import MECHANISTIC
from vep_cli.model.tracks import Track, write_tracks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Biosample:
    """What was assayed, and with what; see `Track` for the shared fields.

    Attributes:
        inclusion: Column of the table of inclusion that teaches its splicing; '' where none does.
    """

    curie: str
    name: str
    biosample_type: str = "tissue"
    gtex_tissue: str = ""
    inclusion: str = ""
    transcription_factors: tuple[str, ...] = ("CTCF",)
    histone_marks: tuple[str, ...] = ("H3K27ac", "H3K4me3", "H3K4me1")
    procap: bool = False
    contacts: bool = False


FIVE_MARKS = ("H3K27ac", "H3K4me3", "H3K4me1", "H3K36me3", "H3K27me3")


def _tissue(curie: str, name: str, gtex_tissue: str = "", inclusion: str = "") -> Biosample:
    marks = FIVE_MARKS if name in ("liver", "brain") else FIVE_MARKS[:3]
    return Biosample(
        curie=curie, name=name, gtex_tissue=gtex_tissue, inclusion=inclusion, histone_marks=marks
    )


def _primary_cell(curie: str, name: str) -> Biosample:
    return Biosample(curie=curie, name=name, biosample_type="primary_cell")


def _cell_line(curie: str, name: str, inclusion: str, *factors: str) -> Biosample:
    common = ("CTCF", "POLR2A", "EP300", "RAD21", "REST", "MYC")
    return Biosample(
        curie=curie,
        name=name,
        biosample_type="cell_line",
        inclusion=inclusion,
        transcription_factors=common + factors,
        histone_marks=FIVE_MARKS,
        procap=True,
        contacts=True,
    )


BIOSAMPLES = (
    _tissue("UBERON:0002107", "liver", "Liver", "Liver"),
    _tissue("UBERON:0000955", "brain", "Brain_Cortex", "Brain - Cortex"),
    _tissue("UBERON:0000948", "heart"),
    _tissue("UBERON:0002084", "heart left ventricle", "Heart_Left_Ventricle", "Heart - Left Ventricle"),
    _tissue("UBERON:0002048", "lung", "Lung", "Lung"),
    # GTEx draws its whole blood from a vein; 'whole blood' and 'blood' lead here through tissues.tsv.
    _tissue("UBERON:0013756", "venous blood", "Whole_Blood", "Whole Blood"),
    _tissue("UBERON:0001388", "gastrocnemius", "Muscle_Skeletal", "Muscle - Skeletal"),
    _primary_cell("CL:0000084", "T-cell"),
    _primary_cell("CL:0001054", "CD14-positive monocyte"),
    # GTEx's leukaemia line is K562; its lymphocytes are of GM12878's kind; of HepG2, liver is the nearest.
    _cell_line("EFO:0002067", "K562", "Cells - Leukemia cell line (CML)", "GATA1"),
    _cell_line("EFO:0001187", "HepG2", "Liver", "HNF4A", "CEBPB"),
    _cell_line("EFO:0002784", "GM12878", "Cells - EBV-transformed lymphocytes", "SPI1"),
)

SUPERVISION: Mapping[OutputType, str] = {
    OutputType.SPLICE_SITES: "distilled:CI-SpliceAI",
    OutputType.SPLICE_SITE_USAGE: "labels:GTEx PSI",
    OutputType.SPLICE_JUNCTIONS: "annotation",
    OutputType.ATAC: "labels:REMO",
    OutputType.DNASE: "labels:REMO",
}
"""What the tracks of an output are learnt from, as MODEL_CARD.md explains; the others are mechanistic."""


def plan_tracks() -> Iterator[Track]:
    """Yield every track of the table, by output type and head column."""
    for output in OutputType:
        mean = 1.0 if output in GENOME_TRACKS else float("nan")
        for index, track in enumerate(_columns(output)):
            yield dataclasses.replace(
                track, index=index, nonzero_mean=mean, supervision=SUPERVISION.get(output, MECHANISTIC)
            )


def _columns(output: OutputType) -> Iterator[Track]:
    """Yield the tracks of a head, the column of each yet to be filled in."""
    match output:
        case OutputType.SPLICE_SITES:
            # The order of the classes in MODEL_SPEC section 3; the fifth, 'none', is padding.
            for strand, name in itertools.product("+-", ("donor", "acceptor")):
                yield Track(organism="human", output_type=output, index=0, name=name, strand=strand)
        case OutputType.SPLICE_SITE_USAGE | OutputType.SPLICE_JUNCTIONS:
            for strand, sample in itertools.product("+-", BIOSAMPLES):
                if sample.inclusion:
                    yield _track(output, sample, strand=strand)
        case _:
            for sample in BIOSAMPLES:
                yield from _genome_tracks(output, sample)


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
        organism="human",
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
    write_tracks(pathlib.Path(sys.argv[1]), plan_tracks())
