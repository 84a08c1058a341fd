"""Edits whose effect anyone would expect, made in a stretch of genome, and whether the model agrees."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Sequence

import click
import jax
import numpy as np
from jaxtyping import Float
from skill_genes import Gene, read_genes
from skill_metrics import pearson
from skill_report import as_json, markdown

from vep_cli.genome.bed import parse_region
from vep_cli.genome.fasta_index import build_index, has_current_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.window import reverse_complement
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.model.tracks import Track
from vep_cli.model.weights_folder import open_weights
from vep_cli.training.pieces import encoded
from vep_cli.training.sources.motif_files import Motif, read_motifs
from vep_cli.training.sources.occupancy import scan

DONOR = "CAGGTAAGT"
"""The consensus; its third base is the exon's last."""

TATA = "TATAAAAG"
TATA_START = -31
"""Bases from the start of transcription to the first base of the box."""

BINDING_REACH = 256
START_REACH = 64
"""Bases to either side whose values are summed."""

_NEXT = str.maketrans("ACGT", "CGTA")
_OUTPUTS = (OutputType.CHIP_TF, OutputType.CONTACT_MAPS, OutputType.CAGE, OutputType.SPLICE_SITES)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Expectation:
    """What edits of one kind did.

    Attributes:
        edit: What was done.
        measure: What was looked at.
        edits: How many.
        as_expected: Part of them whose effect has the expected sign.
        before: Median of the measure without the edit.
        after: Median of it with the edit.
    """

    edit: str
    measure: str
    edits: int
    as_expected: float
    before: float
    after: float


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """What edits are made in.

    Attributes:
        predictor: The network, with the tracks of `_OUTPUTS`.
        tracks: Of those outputs.
        reference: The sequence.
        piece: What of it is known.
        window: Base pairs that the network reads at once.
    """

    predictor: Predictor
    tracks: dict[OutputType, tuple[Track, ...]]
    reference: Reference
    piece: Interval
    window: int

    def interval(self, place: int) -> Interval:
        """Return the window whose middle is at a place, or as near to it as the piece allows."""
        last = self.piece.end - self.window
        start = min(max(place - self.window // 2, self.piece.start), last)
        return Interval(chromosome=self.piece.chromosome, start=start, end=start + self.window)

    def predict(self, bases: str) -> dict[OutputType, np.ndarray]:
        """Return the predictions of a window."""
        (predictions,) = self.predictor.predict([bases])
        return {output: np.asarray(predictions[output]) for output in _OUTPUTS}

    def both(
        self, place: int, edit: str
    ) -> tuple[dict[OutputType, np.ndarray], dict[OutputType, np.ndarray]]:
        """Return the predictions with the reference's bases and with others from a place on."""
        interval = self.interval(place)
        bases = self.reference.fetch(interval)
        first = place - interval.start
        return self.predict(bases), self.predict(bases[:first] + edit + bases[first + len(edit) :])


@click.command()
@click.option("--weights", type=click.Path(exists=True, path_type=pathlib.Path), required=True)
@click.option("--sequence", type=click.Path(exists=True, path_type=pathlib.Path), required=True)
@click.option("--junctions", type=click.Path(exists=True, path_type=pathlib.Path), required=True)
@click.option("--motif", type=click.Path(exists=True, path_type=pathlib.Path), required=True, help="Of CTCF.")
@click.option("--piece", default="chr17:42425000-43600000", show_default=True, help="What of the genome.")
@click.option("--window", default=65_536, show_default=True, help="Base pairs that the model reads at once.")
@click.option("--edits", default=20, show_default=True, help="How many of each kind.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON in place of Markdown.")
def main(
    weights: pathlib.Path,
    sequence: pathlib.Path,
    junctions: pathlib.Path,
    motif: pathlib.Path,
    piece: str,
    window: int,
    edits: int,
    is_json: bool,
) -> None:
    """Make edits whose effect anyone would expect, and count how often the model agrees."""
    interval = parse_region(piece)
    if interval is None:
        raise click.UsageError(f"{piece!r} is not a region such as chr17:42425000-43600000")
    if not has_current_index(sequence):
        build_index(sequence)
    genes = read_genes(junctions, interval)
    (ctcf,) = read_motifs(motif)
    with Reference(sequence) as reference:
        stretch = open_stretch(weights, reference, interval, window)
        rows = [
            *destroyed_sites(stretch, ctcf, edits),
            made_donors(stretch, genes, edits),
            made_promoters(stretch, genes, edits),
            turned_round(stretch, edits),
        ]
    click.echo(as_json({"sanity": rows}) if is_json else markdown("Expected effects", rows), nl=False)


def open_stretch(weights: pathlib.Path, reference: Reference, piece: Interval, window: int) -> Stretch:
    """Load the model for some outputs."""
    folder = open_weights(weights)
    tracks = folder.tracks.where(lambda track: track.output_type in _OUTPUTS and track.organism == "human")
    predictor = Predictor(folder, tracks, organism="human", device=jax.local_devices()[0])
    return Stretch(
        predictor=predictor, tracks=tracks.by_output, reference=reference, piece=piece, window=window
    )


def destroyed_sites(stretch: Stretch, motif: Motif, edits: int) -> Iterator[Expectation]:
    """Yield what becomes of binding and of contacts where the best sites of CTCF are destroyed."""
    width = len(motif.log_odds())
    columns = [
        number
        for number, track in enumerate(stretch.tracks[OutputType.CHIP_TF])
        if track.transcription_factor == "CTCF"
    ]
    binding, contacts = [], []
    for place in best_sites(stretch, motif, edits):
        site = Interval(chromosome=stretch.piece.chromosome, start=place, end=place + width)
        pair = stretch.both(place, stretch.reference.fetch(site).translate(_NEXT))
        middle = place + width // 2 - stretch.interval(place).start
        binding.append(
            [_near(one[OutputType.CHIP_TF][:, columns], middle, 128, BINDING_REACH) for one in pair]
        )
        contacts.append([_looping(one[OutputType.CONTACT_MAPS], middle) for one in pair])
    yield expectation("CTCF core destroyed", "CTCF, 512 bp", binding, _falls)
    yield expectation("CTCF core destroyed", "strongest contacts of its bin", contacts, _falls)


def best_sites(stretch: Stretch, motif: Motif, edits: int) -> list[int]:
    """Return where the sites of the highest odds on either strand begin, each well apart from the others."""
    bases = encoded(stretch.reference.fetch(stretch.piece))
    log_odds = motif.log_odds()
    odds = np.maximum(scan(bases, log_odds), scan(bases, log_odds[::-1, ::-1]))
    found: list[int] = []
    for place in np.argsort(-odds, kind="stable"):
        if len(found) == edits:
            break
        if all(abs(int(place) - other) > stretch.window // 8 for other in found):
            found.append(int(place))
    # The odds of a site are written at its middle.
    return [stretch.piece.start + place - len(log_odds) // 2 for place in found]


def made_donors(stretch: Stretch, genes: Sequence[Gene], edits: int) -> Expectation:
    """Return what becomes of the probability of a donor where its consensus is put into introns."""
    values = []
    for gene, place in _amid_introns(genes, edits):
        is_forward = gene.interval.strand == "+"
        edit = DONOR if is_forward else reverse_complement(DONOR)
        site = place + 2 if is_forward else place + len(DONOR) - 3
        column = 0 if is_forward else 2
        pair = stretch.both(place, edit)
        at = site - stretch.interval(place).start
        values.append([float(one[OutputType.SPLICE_SITES][at, column]) for one in pair])
    return expectation("consensus of a donor put into an intron", "probability of a donor", values, _rises)


def made_promoters(stretch: Stretch, genes: Sequence[Gene], edits: int) -> Expectation:
    """Return what becomes of CAGE on a gene's strand where a TATA box is put before its start."""
    values = []
    for gene in genes[:edits]:
        is_forward = gene.interval.strand == "+"
        start = gene.interval.start if is_forward else gene.interval.end - 1
        place = start + TATA_START if is_forward else start - TATA_START - len(TATA) + 1
        columns = [
            number
            for number, track in enumerate(stretch.tracks[OutputType.CAGE])
            if track.strand == gene.interval.strand
        ]
        pair = stretch.both(place, TATA if is_forward else reverse_complement(TATA))
        at = start - stretch.interval(place).start
        values.append([_near(one[OutputType.CAGE][:, columns], at, 1, START_REACH) for one in pair])
    return expectation("TATA box put before a gene", "CAGE, 128 bp", values, _rises)


def turned_round(stretch: Stretch, edits: int) -> Expectation:
    """Return how alike splice sites of a sequence and of its reverse complement are, as correlations."""
    values = []
    for place in np.linspace(stretch.piece.start, stretch.piece.end, edits).astype(int):
        bases = stretch.reference.fetch(stretch.interval(int(place)))
        forward = stretch.predict(bases)[OutputType.SPLICE_SITES]
        backward = stretch.predict(reverse_complement(bases))[OutputType.SPLICE_SITES]
        turned = backward[::-1, [OPPOSITE_CLASSES[column] for column in range(4)]]
        values.append([1.0, pearson(forward[:, :4].ravel(), turned.ravel())])
    return expectation("reverse complement", "correlation of splice sites", values, _stays)


def expectation(
    edit: str,
    measure: str,
    values: Sequence[Sequence[float]],
    holds: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Expectation:
    """Return the summary of edits, from the measure before and after each."""
    before, after = np.array(values, float).T
    return Expectation(
        edit=edit,
        measure=measure,
        edits=len(values),
        as_expected=float(holds(before, after).mean()),
        before=float(np.median(before)),
        after=float(np.median(after)),
    )


def _falls(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return after < before


def _rises(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return after > before


def _stays(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.abs(after - before) < 0.1


def _near(values: Float[np.ndarray, "bins columns"], place: int, bin_size: int, reach: int) -> float:
    """Return the sum over the bins within `reach` bases of a place, the mean of columns."""
    low, high = max(place - reach, 0) // bin_size, (place + reach) // bin_size + 1
    return float(values[low:high].sum(axis=0).mean())


def _looping(contacts: Float[np.ndarray, "bins bins columns"], place: int) -> float:
    """Return the mean of the highest quarter of the contacts of the bin of a place."""
    row = np.sort(contacts[place // 2048].mean(axis=-1))
    return float(row[-max(len(row) // 4, 1) :].mean())


def _amid_introns(genes: Sequence[Gene], edits: int) -> Iterator[tuple[Gene, int]]:
    """Yield places in the middle of introns of 2 kb or more, from genes in turn."""
    found = 0
    for gene in genes:
        sites = np.sort(np.concatenate([gene.acceptors, gene.donors]))
        gaps = np.diff(sites)
        if found < edits and gaps.max(initial=0) >= 2000:
            longest = int(gaps.argmax())
            found += 1
            yield gene, int(sites[longest] + gaps[longest] // 2)


if __name__ == "__main__":
    main()
