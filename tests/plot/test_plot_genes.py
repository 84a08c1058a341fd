import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.plot.genes import MAX_ROWS, exon_union, gene_models, gene_name

SHOWN = Interval(chromosome="chr1", start=1000, end=2000)


def gene(name: str, start: int, end: int, strand: str = "+", gene_type: str = "protein_coding") -> Gene:
    return Gene(
        gene_id=f"id {name}",
        name=name,
        gene_type=gene_type,
        chromosome="chr1",
        start=start,
        end=end,
        strand=strand,
    )


def annotation(*genes: Gene, exons: dict[int, list[tuple[int, int]]] | None = None) -> Annotation:
    """Two transcripts a gene; the exons of gene i are shared out among its two."""
    rows = [
        (2 * index + place % 2, *exon)
        for index, its in (exons or {}).items()
        for place, exon in enumerate(its)
    ]
    rows.sort(key=lambda row: row[0])
    return Annotation(
        genes=genes,
        transcript_gene=np.repeat(np.arange(len(genes)), 2),
        transcript_start_site=np.repeat(np.array([one.start for one in genes], np.int64), 2),
        exon_transcript=np.array([row[0] for row in rows], np.int64),
        exon_start=np.array([row[1] for row in rows], np.int64),
        exon_end=np.array([row[2] for row in rows], np.int64),
    )


def test_exons_of_all_transcripts_together() -> None:
    genes = annotation(
        gene("A", 1100, 1500), gene("B", 1600, 1700), exons={0: [(1100, 1150), (1140, 1200), (1300, 1500)]}
    )
    (first, second), left_out = gene_models(genes, SHOWN, ())
    assert left_out == 0
    assert (first.name, first.exons) == ("A", ((1100, 1200), (1300, 1500)))
    assert (second.name, second.exons, second.row) == ("B", (), 0)


def test_only_genes_of_what_is_shown() -> None:
    genes = annotation(gene("left", 900, 1000), gene("A", 900, 1001), gene("right", 2000, 2100))
    assert [model.name for model in gene_models(genes, SHOWN, ())[0]] == ["A"]


def test_genes_that_overlap_have_lines_of_their_own() -> None:
    genes = annotation(gene("A", 1000, 1500), gene("B", 1400, 1900), gene("C", 1700, 1950))
    assert [model.row for model in gene_models(genes, SHOWN, ())[0]] == [0, 1, 0]


def test_names_need_room_too() -> None:
    # Ten bases each and far apart, but the names would stand in one another.
    genes = annotation(gene("LONGNAME1", 1400, 1410), gene("LONGNAME2", 1420, 1430))
    assert [model.row for model in gene_models(genes, SHOWN, ())[0]] == [0, 1]


def test_touched_genes_come_first_and_then_those_that_code() -> None:
    here = [gene(f"N{number}", 1000, 2000, gene_type="lncRNA") for number in range(MAX_ROWS)]
    coding, touched = gene("P", 1000, 2000), gene("T", 1000, 2000, gene_type="lncRNA")
    models, left_out = gene_models(annotation(*here, coding, touched), SHOWN, [touched])
    assert [model.name for model in models] == ["T", "P", "N0", "N1"]
    assert [model.is_touched for model in models] == [True, False, False, False]
    assert left_out == 2


def test_what_a_gene_is_called() -> None:
    assert gene_name(gene("CYP21A2", 0, 1)) == "CYP21A2"
    assert gene_name(gene("", 0, 1)) == "id "
    assert gene_name(gene("a\nb\x00c", 0, 1)) == "a?b?c"
    assert gene_name(gene("$\\frac{1}$<b>&", 0, 1)) == "$\\frac{1}$<b>&"
    assert gene_name(gene("x" * 99, 0, 1)) == "x" * 23 + "…"


spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(st.lists(spans, max_size=12))
def test_union_covers_what_exons_cover(exons: list[tuple[int, int]]) -> None:
    union = exon_union(exons)
    covered = {base for start, end in exons for base in range(start, end)}
    assert {base for start, end in union for base in range(start, end)} == covered
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(union))


@settings(deadline=None)
@given(st.lists(spans, max_size=15))
def test_no_gene_hides_another(places: list[tuple[int, int]]) -> None:
    genes = [
        gene(str(place), 1000 + 10 * start, 1000 + 10 * end) for place, (start, end) in enumerate(places)
    ]
    models, left_out = gene_models(annotation(*genes), SHOWN, ())
    assert len(models) + left_out == len(genes)
    for row in range(MAX_ROWS):
        own = sorted((model.start, model.end) for model in models if model.row == row)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(own))
