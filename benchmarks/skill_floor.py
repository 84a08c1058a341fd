"""Which floor of SPLICE_SITES_LOG orders variants as the teacher does, on a piece kept for validation.

The floor is what is added to probabilities before the logarithm is taken. It is a choice, and so it is made
where training was validated, not on the test piece. Variants are random substitutions beside annotated splice
sites, up to 3 bases into the exon and 8 into the intron, without the intron's first and last two; the teacher
calls those damaging by which a probability changes by more than a threshold.
"""

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

import click
import numpy as np
from jaxtyping import Float
from skill_genes import Gene, read_genes
from skill_metrics import auroc, spearman
from skill_models import Network, SiteModel, Teacher
from skill_report import as_json, markdown
from skill_variants import Probabilities, largest_difference

from vep_cli.genome.bed import parse_region
from vep_cli.genome.fasta_index import build_index, has_current_index
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant

FLOORS = (1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
DAMAGING = 0.2
EXON_BASES, INTRON_BASES, CORE_BASES = 3, 8, 2

_FILE = click.Path(exists=True, path_type=pathlib.Path)


@dataclasses.dataclass(frozen=True, kw_only=True)
class FloorSkill:
    """How well one formula of the model's probabilities orders variants.

    Attributes:
        score: The formula.
        variants: How many.
        damaging: How many of them the teacher calls so.
        auroc: Of damaging against the others.
        spearman: Rank correlation with the largest change of the teacher's probabilities.
    """

    score: str
    variants: int
    damaging: int
    auroc: float
    spearman: float


@click.command()
@click.option("--weights", type=_FILE, required=True, help="Weights folder of the model.")
@click.option("--teacher", type=_FILE, required=True, help="Folder of the splice networks that taught it.")
@click.option("--sequence", type=_FILE, required=True, help="FASTA that has the piece at its coordinates.")
@click.option("--junctions", type=_FILE, required=True, help="Table of CI-SpliceAI's genes and junctions.")
@click.option("--piece", required=True, help="A validation piece, such as chr20:42220611-42542245.")
@click.option("--variants", "number", default=300, show_default=True, help="How many.")
@click.option("--window", default=16_384, show_default=True, help="Base pairs that the model reads at once.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON in place of Markdown.")
def main(
    weights: pathlib.Path,
    teacher: pathlib.Path,
    sequence: pathlib.Path,
    junctions: pathlib.Path,
    piece: str,
    number: int,
    window: int,
    is_json: bool,
) -> None:
    """Compare floors of the logarithm by how the model orders variants."""
    interval = parse_region(piece)
    if interval is None:
        raise click.UsageError(f"{piece!r} is not a region such as chr20:42220611-42542245")
    if not has_current_index(sequence):
        build_index(sequence)
    genes = read_genes(junctions, interval)
    with Reference(sequence) as reference:
        drawn = draw(genes, reference, number)
        taught = alleles_of(Teacher(teacher, reference), drawn)
        known = alleles_of(Network(weights, reference, interval, window), drawn)
    rows = list(skill_of_floors(taught, known))
    click.echo(as_json({"floors": rows}) if is_json else markdown("Floors of the logarithm", rows), nl=False)


def draw(genes: Sequence[Gene], reference: Reference, number: int) -> list[tuple[Gene, Variant]]:
    """Return random substitutions beside splice sites, with the gene of each."""
    generator = np.random.default_rng(0)
    places = [(gene, place) for gene in genes for place in places_beside_sites(gene)]
    chosen = generator.choice(len(places), min(number, len(places)), replace=False)
    return [(places[one][0], _substitution(*places[one], reference, generator)) for one in sorted(chosen)]


def places_beside_sites(gene: Gene) -> list[int]:
    """Return the 0-based bases beside a gene's splice sites, each once, without the core of the sites."""
    inwards = 1 if gene.interval.strand == "+" else -1
    found = set()
    # From an acceptor the exon goes on along the gene, from a donor against it.
    for sites, exon in ((gene.acceptors, inwards), (gene.donors, -inwards)):
        for site in sites:
            into_exon = range(EXON_BASES)
            into_intron = range(-INTRON_BASES, -CORE_BASES)
            found |= {int(site) + exon * step for step in (*into_exon, *into_intron)}
    return sorted(place for place in found if gene.interval.start <= place < gene.interval.end)


def alleles_of(
    model: SiteModel, variants: Sequence[tuple[Gene, Variant]]
) -> list[tuple[Probabilities, Probabilities]]:
    """Return a model's probabilities of REF and of ALT near each variant."""
    return [model.of_alleles(gene, variant) for gene, variant in variants]


def skill_of_floors(
    taught: Sequence[tuple[Probabilities, Probabilities]],
    known: Sequence[tuple[Probabilities, Probabilities]],
) -> Iterator[FloorSkill]:
    """Yield a row for the plain difference, and one for each floor."""
    effect = np.array([largest_difference(*pair) for pair in taught])
    yield _row("difference", effect, np.array([largest_difference(*pair) for pair in known]))
    for floor in FLOORS:
        scores = [
            float(np.abs(np.log(after + floor) - np.log(before + floor)).max()) for before, after in known
        ]
        yield _row(f"floor {floor:g}", effect, np.array(scores))


def _row(
    name: str, effect: Float[np.ndarray, " variants"], scores: Float[np.ndarray, " variants"]
) -> FloorSkill:
    is_damaging = effect > DAMAGING
    return FloorSkill(
        score=name,
        variants=len(effect),
        damaging=int(is_damaging.sum()),
        auroc=auroc(is_damaging, scores),
        spearman=spearman(effect, scores),
    )


def _substitution(gene: Gene, place: int, reference: Reference, generator: np.random.Generator) -> Variant:
    base = reference.fetch(dataclasses.replace(gene.interval, start=place, end=place + 1, strand="."))
    return Variant(
        chromosome=gene.interval.chromosome,
        position=place + 1,
        reference_bases=base,
        alternate_bases=str(generator.choice([other for other in "ACGT" if other != base])),
    )


if __name__ == "__main__":
    main()
