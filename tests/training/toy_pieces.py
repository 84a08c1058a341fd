"""A small genome with one gene on either strand, and the configuration that trains on it."""

import dataclasses
import pathlib

import numpy as np

from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.training.data_settings import data_settings
from vep_cli.training.dataset import PieceDataset, open_dataset

LENGTH = 12_288
"""Bases of the toy chromosome, six units of 2,048."""

MODEL = ModelConfig.toy()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToyStage:
    """What sampling reads of a stage."""

    name: str = "pretrain"
    window: int = 4096
    batch: int = 2
    copies: int = 0
    near_sites: float = 0.0
    shift: bool = True
    reverse_complement: bool = True


def toy_tracks() -> TrackTable:
    """Every head has tracks of '+' and '-' in columns 0 and 1, and one of '.' in 2 where strands may be."""
    rows = []
    for output in OutputType:
        if output is OutputType.SPLICE_SITES:
            continue
        strands = "+-" if output is OutputType.SPLICE_JUNCTIONS else "+-."
        for index, strand in enumerate(strands):
            # The junction head's '-' half begins at its width.
            column = 4 * index if output is OutputType.SPLICE_JUNCTIONS else index
            rows.append(
                Track(
                    organism="human",
                    output_type=output,
                    index=column,
                    name=f"{output} liver",
                    strand=strand,
                    biosample_name="liver",
                    gtex_tissue="Liver",
                )
            )
    return TrackTable(tuple(rows))


def toy_letters(seed: int = 7, length: int = LENGTH) -> str:
    return "".join(np.array(list("ACGT"))[np.random.default_rng(seed).integers(0, 4, length)])


GTF_ROWS = """\
c\tt\tgene\t2001\t6000\t.\t+\t.\tgene_id "F"; gene_type "protein_coding";
c\tt\ttranscript\t2001\t6000\t.\t+\t.\tgene_id "F"; transcript_id "F1";
c\tt\texon\t2001\t2200\t.\t+\t.\tgene_id "F"; transcript_id "F1";
c\tt\texon\t4001\t6000\t.\t+\t.\tgene_id "F"; transcript_id "F1";
c\tt\tgene\t8001\t10000\t.\t-\t.\tgene_id "R"; gene_type "lncRNA";
c\tt\ttranscript\t8001\t10000\t.\t-\t.\tgene_id "R"; transcript_id "R1";
c\tt\texon\t8001\t8500\t.\t-\t.\tgene_id "R"; transcript_id "R1";
c\tt\texon\t9501\t10000\t.\t-\t.\tgene_id "R"; transcript_id "R1";
"""
"""Introns, 0-based half open: [2200, 4000) of '+' and [8500, 9500) of '-'."""


def write_genome(folder: pathlib.Path) -> None:
    folder.joinpath("c.fa").write_text(f">c toy\n{toy_letters()}\n")
    folder.joinpath("c.gtf").write_text(GTF_ROWS)


def piece_table(**changes: object) -> dict[str, object]:
    return {
        "name": "c",
        "fasta": "c.fa",
        "contig": "c",
        "start": 0,
        "end": LENGTH,
        "genome": "toy",
        "split": "train",
        **changes,
    }


def exon_source(**changes: object) -> dict[str, object]:
    values = {
        "kind": "annotation",
        "gtf": "c.gtf",
        "genome": "toy",
        "output": "RNA_SEQ",
        "feature": "exons",
    }
    return {**values, **changes}


SITE_SOURCE = exon_source(output="SPLICE_SITES", feature="splice_sites")


def toy_dataset(
    folder: pathlib.Path, *sources: dict[str, object], seed: int = 3, **parts: object
) -> PieceDataset:
    """Open the toy chromosome with these sources; `parts` are other keys of `[data]`."""
    if not folder.joinpath("c.fa").exists():
        write_genome(folder)
    table = {"piece": [piece_table()], "source": list(sources), **parts}
    settings = data_settings(table, folder)
    return open_dataset(settings, MODEL, toy_tracks(), seed, folder, lambda line: None)
