import numpy as np
import pytest

from vep_cli.genome.annotation import Gene
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.labels import on_gene_strand, without_opposite_strand
from vep_cli.scoring.scorer import RowLabel

TRACKS = tuple(
    Track(organism="human", output_type=OutputType.RNA_SEQ, index=index, name=strand, strand=strand)
    for index, strand in enumerate("+-.")
)


def row(strand: str) -> RowLabel:
    gene = Gene(
        gene_id="ENSG01", name="A", gene_type="lncRNA", chromosome="chr1", start=1, end=2, strand=strand
    )
    return RowLabel(gene=gene)


@pytest.mark.parametrize(
    ("label", "is_read"),
    [
        (row("+"), [True, False, True]),
        (row("-"), [False, True, True]),
        # The official code compares the letters, and '.' is neither '+' nor '-'.
        (row("."), [False, False, True]),
        (RowLabel(), [True, True, True]),
    ],
)
def test_which_tracks_read_a_gene(label: RowLabel, is_read: list[bool]) -> None:
    assert on_gene_strand((label,), TRACKS).tolist() == [is_read]
    found = without_opposite_strand(np.ones((1, 3), np.float32), (label,), TRACKS)
    assert (~np.isnan(found)).tolist() == [is_read]
    assert found.dtype == np.float32
