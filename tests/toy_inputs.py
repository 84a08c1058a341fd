"""A genome, genes, a model and a network that counts bases: small enough to score on paper."""

import dataclasses
import pathlib
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import numpy as np
import pysam

from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable, write_tracks
from vep_cli.model.weights_folder import CARD, CONFIG, PARAMETERS, TRACKS, WeightsFolder, write_manifest
from vep_cli.scoring.splice_junctions import JunctionPredictions

WINDOW = 4096
HEADER = (
    "##fileformat=VCFv4.2\n"
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    "##contig=<ID=chr1,length=12000>\n"
    "##contig=<ID=chr2,length=6000>\n"
)
COLUMN_LINE = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

CONTIGS = {
    # chr2 is all C, so that what a base-counting track says of it is plain arithmetic.
    "chr1": "".join(random.Random(1).choices("ACGT", k=12_000)),
    "chr2": "C" * 6000,
}

GENES = (
    # gene, strand, type, exons (1-based, closed); a gene of either strand with its TSS near chr1:6000
    ("ENSG01.7", "PLUS", "+", "protein_coding", ((5201, 5400), (6001, 6300))),
    ("ENSG02.3", "MINUS", "-", "lncRNA", ((5701, 5900), (6501, 6800))),
)


def write_genome(folder: pathlib.Path) -> pathlib.Path:
    """Write and index `toy.fa` with the contigs above, and return its path."""
    path = folder / "toy.fa"
    path.write_text("".join(f">{name}\n{bases}\n" for name, bases in CONTIGS.items()))
    pysam.faidx(str(path))
    return path


def write_genes(folder: pathlib.Path, contig: str = "chr1") -> pathlib.Path:
    """Write `toy.gtf` with the genes above, each of one transcript, and return its path."""
    lines = []
    for gene, name, strand, kind, exons in GENES:
        words = f'gene_id "{gene}"; gene_name "{name}"; gene_type "{kind}"; transcript_id "{gene}T";'
        body = (exons[0][0], exons[-1][1])
        for feature, (start, end) in (("gene", body), ("transcript", body), *(("exon", e) for e in exons)):
            lines.append(f"{contig}\ttoy\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{words}\n")
    path = folder / "toy.gtf"
    path.write_text("".join(lines))
    return path


def _track(organism: str, output: OutputType, index: int, strand: str, tissue: tuple[str, str]) -> Track:
    curie, name = tissue
    return Track(
        organism=organism,
        output_type=output,
        index=index,
        name=f"{curie} {output}".strip(),
        strand=strand,
        ontology_curie=curie,
        biosample_name=name,
        biosample_type="tissue" if curie else "",
        assay_title=str(output),
        nonzero_mean=1.5 if output in (OutputType.ATAC, OutputType.RNA_SEQ) else float("nan"),
        supervision="none",
    )


LIVER, BRAIN, NOTHING = ("UBERON:0002107", "liver"), ("UBERON:0000955", "brain"), ("", "")


def toy_tracks() -> list[Track]:
    """Return a few tracks of most outputs: liver and brain in human, liver alone in mouse."""
    tracks = [
        _track("human", OutputType.ATAC, 0, ".", LIVER),
        _track("human", OutputType.ATAC, 1, ".", BRAIN),
    ]
    for output in (OutputType.RNA_SEQ, OutputType.CAGE):
        tracks += [_track("human", output, index, strand, LIVER) for index, strand in enumerate("+-")]
    for output in (OutputType.DNASE, OutputType.CHIP_HISTONE, OutputType.CHIP_TF, OutputType.CONTACT_MAPS):
        tracks.append(_track("human", output, 1, ".", LIVER))
    sites = ("donor", "+"), ("acceptor", "+"), ("donor", "-"), ("acceptor", "-")
    tracks += [
        Track(organism="human", output_type=OutputType.SPLICE_SITES, index=index, name=name, strand=strand)
        for index, (name, strand) in enumerate(sites)
    ]
    usage = OutputType.SPLICE_SITE_USAGE
    tracks += [_track("human", usage, index, strand, LIVER) for index, strand in enumerate("+-")]
    # The head has 4 tissues, of which 2 are used; those on '-' come behind all four.
    junctions = OutputType.SPLICE_JUNCTIONS
    tracks += [
        _track("human", junctions, half + index, strand, tissue)
        for half, strand in ((0, "+"), (4, "-"))
        for index, tissue in ((0, LIVER), (2, BRAIN))
    ]
    return [*tracks, _track("mouse", OutputType.ATAC, 0, ".", LIVER)]


def write_weights(folder: pathlib.Path, seed: int = 3) -> pathlib.Path:
    """Write a weights folder of the toy network with random parameters, and return its path."""
    folder.mkdir()
    config = ModelConfig.toy()
    params = parameters.initialise(config, jax.random.key(seed))
    write_tracks(folder / TRACKS, toy_tracks())
    (folder / CONFIG).write_text(config.to_json())
    (folder / CARD).write_text("Random numbers, for tests.\n")
    parameters.save(folder / PARAMETERS, params)
    write_manifest(
        folder,
        name="toy",
        version="1",
        licence="Apache-2.0",
        trained=False,
        parameter_count=parameters.count(params),
    )
    return folder


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToyGenome:
    """The toy genome's files."""

    fasta: pathlib.Path
    gtf: pathlib.Path


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command did: exit status and both streams, as text."""

    status: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]
"""Calls the command line; see the fixtures `run` and `score_toy`."""


def vcf(*records: str) -> str:
    """Return a VCF of the toy genome; each record is its first five to eight columns, by spaces."""
    lines = []
    for record in records:
        columns = record.split(" ")
        lines.append("\t".join([*columns, *"..."[len(columns) - 5 :]]) + "\n")
    return HEADER + COLUMN_LINE + "".join(lines)


def assert_refused(done: Outcome, status: int, *words: str) -> None:
    """One message, with the words; a remedy; no traceback, no output."""
    assert done.status == status
    assert done.stdout == ""
    assert done.stderr.count("vep: error: ") == 1
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    for word in words:
        assert word in done.stderr


def _no_junctions(*_: object) -> Any:  # noqa: ANN401 - it never returns
    raise AssertionError("nothing here predicts junctions")


@dataclasses.dataclass(frozen=True)
class WholeNetwork:
    """A network for the engine that predicts each sequence whole, by a function.

    Attributes:
        predict: Yields the predictions of each sequence.
        junctions: Returns those of REF and ALT.
    """

    predict: Callable[[Iterable[str]], Iterable[Any]]
    junctions: Callable[..., Any] = _no_junctions

    def reference(self, bases: str) -> str:
        """Take in REF."""
        return bases

    def alternate(self, reference: str, bases: str) -> str:
        """Take in an allele."""
        assert len(reference) == len(bases)
        return bases

    def read(self, allele: str, is_read: np.ndarray) -> dict[OutputType, Any]:
        """Return all predictions."""
        del is_read
        return next(iter(self.predict([allele])))


class CountingNetwork:
    """Stands in for the predictor: a track's value in a bin is how often its letter occurs there.

    The letter is that of the track's head column: A, C, G, T, A, ... Contact maps are all zero, and
    the five classes of splice sites are the letters and "none". There are no splice junctions.

    Attributes:
        sequences: What it was asked to predict, in order.
    """

    def __init__(self, tracks: TrackTable) -> None:
        self._by_output = tracks.by_output
        self.sequences: list[str] = []

    def narrowed(self, tracks: TrackTable) -> "CountingNetwork":
        """Return the network for some tracks, which counts what it is asked to predict with this one."""
        own = CountingNetwork(tracks)
        own.sequences = self.sequences
        return own

    def predict(self, sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
        """Yield the predictions of each sequence."""
        for bases in sequences:
            yield self.read(self.reference(bases), np.ones(0, bool))

    def reference(self, bases: str) -> str:
        """Take in REF."""
        self.sequences.append(bases)
        return bases

    def alternate(self, reference: str, bases: str) -> str:
        """Take in an allele."""
        assert len(reference) == len(bases)
        return self.reference(bases)

    def read(self, allele: str, is_read: np.ndarray) -> dict[OutputType, Any]:
        """Return all predictions."""
        del is_read
        return {output: self._head(output, allele) for output in self._by_output}

    def junctions(
        self, *_: object, max_sites: int | None = None
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the junctions of two alleles."""
        del max_sites
        none = self.junctions_of_sequence()
        return none, none

    def junctions_of_sequence(self, *_: object) -> JunctionPredictions:
        """Return the junctions of one sequence."""
        columns = len(self._by_output[OutputType.SPLICE_JUNCTIONS])
        return JunctionPredictions(
            sites=np.full((4, 1), -1, np.int32), counts=np.zeros((1, 1, columns), np.float32)
        )

    def _head(self, output: OutputType, bases: str) -> np.ndarray:
        letters = np.asarray(one_hot(letters_of(bases)))
        if output is OutputType.CONTACT_MAPS:
            bins = len(bases) // output.resolution
            return np.zeros((bins, bins, len(self._by_output[output])), np.float32)
        if output is OutputType.SPLICE_SITES:
            return np.concatenate([letters, 1 - letters.sum(axis=1, keepdims=True)], axis=1)
        counts = letters.reshape(-1, output.resolution, 4).sum(axis=1)
        return counts[:, [track.index % 4 for track in self._by_output[output]]]


def counting_predictor(weights: WeightsFolder, tracks: TrackTable, **_: object) -> CountingNetwork:
    """Stand in for `Predictor` itself."""
    del weights
    return CountingNetwork(tracks)
