"""What a model knows of splicing and of the rest, on a piece of genome that it never saw.

Splice sites are looked for in whole gene bodies, on the strand of the gene. Variants are those of a
saturation experiment that lie beside canonical splice sites; a variant's score is the largest change, within
50 bases, of the probability of an acceptor or donor, or of its logarithm. Baselines stand in the same
tables: the distance to the nearest site, and matrices of the consensus, made of the training pieces alone.
"""

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import click
import numpy as np
from skill_baselines import Consensus, distance_to_site, read_consensus
from skill_genes import Gene, read_genes
from skill_models import Network, SiteModel, Teacher
from skill_peers import peer_scores
from skill_report import SiteSkill, VariantSkill, as_json, markdown, site_skill, variant_skill
from skill_variants import Assayed, read_assayed, scores_of

from vep_cli.genome.bed import parse_region
from vep_cli.genome.fasta_index import build_index, has_current_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference

TEST_PIECE = "chr17:42425000-43600000"
BRCA1 = "ENSG00000012048"
CONSENSUS = "consensus of training pieces"

_FILE = click.Path(exists=True, path_type=pathlib.Path)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Examination:
    """What models are asked.

    Attributes:
        genes: Whose splice sites are looked for.
        gene: The gene of the variants.
        variants: Damaging and harmless ones; none are asked where there are none.
    """

    genes: tuple[Gene, ...]
    gene: Gene
    variants: tuple[Assayed, ...]


@click.command()
@click.option("--weights", type=_FILE, help="Weights folder of the model.")
@click.option("--sequence", type=_FILE, required=True, help="FASTA that has the piece at its coordinates.")
@click.option("--junctions", type=_FILE, required=True, help="Table of CI-SpliceAI's genes and junctions.")
@click.option("--variants", type=_FILE, help="Table of variants with consequence and class.")
@click.option("--teacher", type=_FILE, help="Folder of the splice networks that taught the model.")
@click.option("--folds", type=int, help="How many of them.  [default: all]")
@click.option(
    "--peer",
    "peers",
    type=(str, _FILE),
    multiple=True,
    metavar="NAME VCF",
    help="A VCF scored by SpliceAI or alike.",
)
@click.option("--training", type=_FILE, help="Training configuration, for the baseline of the consensus.")
@click.option("--piece", default=TEST_PIECE, show_default=True, help="What of the genome.")
@click.option("--gene", default=BRCA1, show_default=True, help="The gene of the variants.")
@click.option("--window", default=16_384, show_default=True, help="Base pairs that the model reads at once.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON in place of Markdown.")
def main(
    weights: pathlib.Path | None,
    sequence: pathlib.Path,
    junctions: pathlib.Path,
    variants: pathlib.Path | None,
    teacher: pathlib.Path | None,
    folds: int | None,
    peers: tuple[tuple[str, pathlib.Path], ...],
    training: pathlib.Path | None,
    piece: str,
    gene: str,
    window: int,
    is_json: bool,
) -> None:
    """Examine a model on a piece of genome that it never saw."""
    interval = parse_region(piece)
    if interval is None:
        raise click.UsageError(f"{piece!r} is not a region such as {TEST_PIECE}")
    if not has_current_index(sequence):
        build_index(sequence)
    with Reference(sequence) as reference:
        examination = examine(junctions, variants, interval, gene)
        models: dict[str, SiteModel] = {}
        if weights is not None:
            models["model"] = Network(weights, reference, interval, window)
        if teacher is not None:
            models["teacher"] = Teacher(teacher, reference, folds=folds)
        consensus = Consensus(read_consensus(training), reference) if training is not None else None
        others = {name: peer_scores(path, examination.variants) for name, path in peers}
        report(models, consensus, others, examination, is_json=is_json)


def examine(
    junctions: pathlib.Path, variants: pathlib.Path | None, piece: Interval, gene: str
) -> Examination:
    """Read what models are asked.

    Raises:
        click.UsageError: The gene of the variants is not on the piece.
    """
    genes = read_genes(junctions, piece)
    named = [one for one in genes if one.identifier.partition(".")[0] == gene]
    if not named:
        raise click.UsageError(f"{junctions} has no gene {gene} that lies wholly in {piece}")
    assayed = read_assayed(variants) if variants is not None else ()
    return Examination(genes=genes, gene=named[0], variants=assayed)


def report(
    models: Mapping[str, SiteModel],
    consensus: Consensus | None,
    peers: Mapping[str, np.ndarray],
    examination: Examination,
    *,
    is_json: bool,
) -> None:
    """Print what each model knows, the baselines, and how well peers score the variants."""
    sites = [row for name, model in models.items() for row in sites_of(name, model, examination.genes)]
    if consensus is not None:
        sites += sites_of(CONSENSUS, consensus, examination.genes)
    variants: list[VariantSkill] = []
    if examination.variants:
        variants = [row for name, model in models.items() for row in variants_of(name, model, examination)]
        variants += [
            variant_skill(name, "largest change", _is_damaging(examination), scores)
            for name, scores in peers.items()
        ]
        variants += baselines(consensus, examination)
    if is_json:
        click.echo(as_json({"sites": sites, "variants": variants}), nl=False)
        return
    click.echo(markdown("Splice sites in gene bodies", sites))
    click.echo(markdown("Variants beside splice sites", variants), nl=False)


def sites_of(name: str, model: SiteModel | Consensus, genes: Sequence[Gene]) -> list[SiteSkill]:
    """Return how well a model finds the splice sites of some genes, all bases of them together."""
    labels = np.concatenate([gene.labels() for gene in genes])
    scores = np.concatenate([model.of_gene(gene) for gene in genes])
    return site_skill(name, labels, scores)


def variants_of(name: str, model: SiteModel, examination: Examination) -> list[VariantSkill]:
    """Return how well each score of a model tells damaging variants from harmless ones."""
    alleles = [model.of_alleles(examination.gene, one.variant) for one in examination.variants]
    return [
        variant_skill(name, formula, _is_damaging(examination), scores)
        for formula, scores in scores_of(alleles).items()
    ]


def baselines(consensus: Consensus | None, examination: Examination) -> list[VariantSkill]:
    """Return how well variants are told apart without a model."""
    gene, variants, is_damaging = examination.gene, examination.variants, _is_damaging(examination)
    rows = []
    if consensus is not None:
        losses = np.array([consensus.loss_at_sites(gene, one.variant) for one in variants])
        rows.append(variant_skill(CONSENSUS, "loss at a known site", is_damaging, losses))
    distances = np.array([distance_to_site(gene, one.variant) for one in variants], float)
    rows.append(variant_skill("distance", "nearness to a known site", is_damaging, -distances))
    return rows


def _is_damaging(examination: Examination) -> np.ndarray:
    return np.array([one.is_damaging for one in examination.variants])


if __name__ == "__main__":
    main()
