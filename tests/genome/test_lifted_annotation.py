"""Genes on a haplotype, against the same genes of a genome that has its bases."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.edits import Edit, Edits
from vep_cli.genome.haplotype import Coordinates
from vep_cli.genome.interval import Interval
from vep_cli.genome.lifted_annotation import lifted
from vep_cli.genome.variant import Variant

LENGTH = 100
ALLELE = Edit(start=50, end=51, bases="T")


def annotation(*genes: tuple[str, tuple[tuple[int, int], ...]], contig: str = "c") -> Annotation:
    """Return genes of one transcript each, of a strand and exons."""
    exons = [(number, start, end) for number, (_, own) in enumerate(genes) for start, end in own]
    columns = np.array(exons, np.int64).reshape(-1, 3).T
    bodies = [(own[0][0], own[-1][1]) for _, own in genes]
    return Annotation(
        genes=tuple(
            Gene(
                gene_id=f"g{number}",
                name="",
                gene_type="protein_coding",
                chromosome=contig,
                start=start,
                end=end,
                strand=strand,
            )
            for number, ((strand, _), (start, end)) in enumerate(zip(genes, bodies, strict=True))
        ),
        transcript_gene=np.arange(len(genes)),
        transcript_start_site=np.array(
            [
                end if strand == "-" else start
                for (strand, _), (start, end) in zip(genes, bodies, strict=True)
            ],
            np.int64,
        ),
        exon_transcript=columns[0],
        exon_start=columns[1],
        exon_end=columns[2],
    )


def coordinates_of(*edits: Edit) -> Coordinates:
    gained = [len(one.bases) - (one.end - one.start) for one in edits]
    columns = Edits.of(
        np.array([one.start for one in edits], np.int64),
        np.array([one.end for one in edits], np.int64),
        np.array(gained, np.int64),
        lambda number: edits[number].bases,
    )
    return Coordinates.round(ALLELE, columns)


def window(start: int = 0, end: int = LENGTH) -> Interval:
    return Interval(chromosome="c", start=start, end=end)


def spans(found: Annotation, interval: Interval) -> dict[str, list[tuple[int, int]]]:
    chosen = found.genes_with_tss_in(interval)
    result: dict[str, list[tuple[int, int]]] = {gene.gene_id: [] for gene in chosen.genes}
    for number, start, end in zip(chosen.gene_of_span, chosen.start, chosen.end, strict=True):
        result[chosen.genes[number].gene_id].append((int(start), int(end)))
    return result


GENES = annotation(
    ("+", ((20, 30), (40, 45), (60, 70))),
    ("-", ((55, 58), (75, 80), (84, 90))),
)


def test_exons_sites_and_starts_move_with_their_bases() -> None:
    # Left of the allele two bases are gained at 25; at its right, base 65 to 67 go and one comes at 82.
    coordinates = coordinates_of(
        Edit(start=25, end=25, bases="GG"),
        Edit(start=65, end=68, bases=""),
        Edit(start=82, end=82, bases="A"),
    )
    found = lifted(GENES, coordinates, window())
    assert spans(found, window()) == {
        # What is gained in the first exon is of it; what is left of it goes two bases to the left.
        "g0": [(18, 30), (40, 45), (60, 67)],
        "g1": [(55, 58), (72, 77), (82, 88)],
    }
    assert [(gene.start, gene.end) for gene in found.genes] == [(18, 67), (55, 88)]
    assert found.transcript_start_site.tolist() == [18, 88]
    plus_donor, plus_acceptor, minus_donor, minus_acceptor = found.splice_sites.within(window())
    assert plus_donor.tolist() == [29, 44]
    assert plus_acceptor.tolist() == [40, 60]
    assert minus_donor.tolist() == [72, 82]
    assert minus_acceptor.tolist() == [57, 76]
    # A gene is known by the haplotype's bases: that of base 68 is base 65 now.
    touched = Variant(chromosome="c", position=67, reference_bases="A", alternate_bases="C")
    assert [gene.gene_id for gene in found.genes_overlapping(touched)] == ["g0", "g1"]
    beyond = Variant(chromosome="c", position=68, reference_bases="A", alternate_bases="C")
    assert [gene.gene_id for gene in found.genes_overlapping(beyond)] == ["g1"]


def test_what_a_haplotype_lacks_is_gone() -> None:
    # The second exon of the first gene and the site at its edges; and a whole gene.
    genes = annotation(("+", ((20, 30), (40, 45), (60, 70))), ("+", ((41, 44),)))
    found = lifted(genes, coordinates_of(Edit(start=39, end=46, bases="")), window())
    assert spans(found, window()) == {"g0": [(27, 37), (60, 70)], "g1": []}
    assert [len(kind) for kind in found.splice_sites.within(window())] == [1, 1, 0, 0]
    assert found.placed(np.array([38, 39, 45, 46])).tolist() == [45, 46]


def test_only_genes_of_the_window_are_there() -> None:
    genes = annotation(("+", ((5, 8),)), ("+", ((20, 30),)), ("-", ((40, 60),)), ("+", ((90, 95),)))
    near = genes.near(window(29, 90))
    assert [gene.gene_id for gene in near.genes] == ["g1", "g2"]
    assert near.transcript_gene.tolist() == [0, 1]
    assert near.exon_transcript.tolist() == [0, 1]
    assert near.exon_start.tolist() == [20, 40]
    assert genes.near(window(8, 20)).genes == ()
    assert genes.near(Interval(chromosome="d", start=0, end=100)).genes == ()
    # Four bases gained at base 10 draw the first gene out of a window from base 4 on.
    drawn = lifted(genes, coordinates_of(Edit(start=10, end=10, bases="GGGG")), window(4, 61))
    assert spans(drawn, window(4, 61)) == {"g1": [(20, 30)], "g2": [(40, 60)]}
    assert list(spans(genes, window(4, 61))) == ["g0", "g1", "g2"]


exon_ends = st.lists(st.integers(1, LENGTH - 1), min_size=2, max_size=8, unique=True).map(sorted)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("+-"), exon_ends), max_size=3), st.integers(0, 60), st.integers(20, 60)
)
def test_without_insertions_and_deletions_nothing_moves(
    given_genes: list[tuple[str, list[int]]], start: int, width: int
) -> None:
    genes = annotation(
        *(
            (strand, tuple(zip(ends[0 : len(ends) // 2 * 2 : 2], ends[1::2], strict=True)))
            for strand, ends in given_genes
        )
    )
    here = window(start, start + width)
    found = lifted(genes, coordinates_of(Edit(start=10, end=12, bases="TT")), here)
    assert spans(found, here) == spans(genes, here)
    for own, other in zip(found.splice_sites.within(here), genes.splice_sites.within(here), strict=True):
        assert own.tolist() == other.tolist()
