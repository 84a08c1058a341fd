"""`vep scorers`: what variants can be scored by."""

import click

from vep_cli.cli import options
from vep_cli.genome.registry import default_organism

_COLUMNS = ("scorer", "output_type", "kind", "needs", "measures", "formula", "official_name")


@click.command()
@options.organism
def scorers(organism: str | None) -> None:
    """List the scorers, as tab-separated text, for vep score --scorer NAME.

    All but SPLICE_SITES_LOG, which is ours, are the official recommended ones, which vep score uses unless
    told otherwise.

    Of a kind: signed (positive is more in ALT than in REF), the magnitude of a change, or the level in
    the allele that has more.

    \b
    --scorer also takes centre masks of your own, OUTPUT:WIDTH:AGGREGATION or in words
    OUTPUT:width=WIDTH:aggregation=AGGREGATION, of
      OUTPUT       an output_type other than CONTACT_MAPS and SPLICE_JUNCTIONS
      WIDTH        501 2001 10001 100001 200001 none (the whole window), in base pairs round the variant
      AGGREGATION  DIFF_MEAN DIFF_SUM DIFF_SUM_LOG2 DIFF_LOG2_SUM L2_DIFF L2_DIFF_LOG1P
                   ACTIVE_MEAN ACTIVE_SUM
    and the spelling of official tables, quoted.

    \b
    Examples:
      vep scorers | column -t -s $'\\t' | less -S
      vep score input.vcf --scorer RNA_SEQ --scorer ATAC:2001:DIFF_MEAN -o scores.tsv
    """
    # Imported here because it imports jax, which `--help` must not wait for.
    from vep_cli.genome.polyadenylation import PolyadenylationSites
    from vep_cli.scoring.catalogue import OWN, recommended
    from vep_cli.scoring.descriptions import kind, measured, needs

    no_sites = PolyadenylationSites(start={})
    click.echo("\t".join(_COLUMNS))
    for one in (*recommended(organism or default_organism(), polyadenylation_sites=no_sites), *OWN):
        cells = (one.name, one.output_type, kind(one), needs(one), measured(one), one.formula)
        click.echo("\t".join((*cells, one.official_name)))
