import dataclasses

import anndata
import numpy as np
import pandas as pd
from alphagenome.models import variant_scoring_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.genome.annotation import Gene
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.scorer import RowLabel
from vep_cli.service.stranded_tracks import merge

NAMES = ("liver", "brain", "heart")


def track(name: str, strand: str) -> Track:
    return Track(organism="human", output_type=OutputType.RNA_SEQ, index=0, name=name, strand=strand)


def row(strand: str) -> RowLabel:
    gene = Gene(gene_id="ENSG1", name="", gene_type="", chromosome="chr1", start=0, end=10, strand=strand)
    return RowLabel(gene=gene)


def test_on_paper() -> None:
    tracks = [track("liver", "+"), track("liver", "-"), track("brain", ".")]
    values = np.array([[[1, 2, 3], [4, 5, 6]]], np.float32)
    merged, kept = merge(values, [row("+"), row("-")], tracks)
    # The gene on '+' is read from the '+' track, the other one from the '-' track.
    np.testing.assert_array_equal(merged, [[[1, 3], [5, 6]]])
    assert [(one.name, one.strand) for one in kept] == [("liver", "."), ("brain", ".")]


def test_a_track_of_one_strand_says_nothing_of_the_others_genes() -> None:
    merged, kept = merge(np.ones((1, 2, 1), np.float32), [row("+"), row("-")], [track("liver", "-")])
    np.testing.assert_array_equal(merged, [[[np.nan], [1]]])
    assert [one.name for one in kept] == ["liver"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Track], list[RowLabel]]:
    stranded = draw(st.lists(st.sampled_from(NAMES), unique=True))
    unstranded = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=0 if stranded else 1))
    own = [[track(name, strand) for name in stranded] for strand in "+-"]
    orders = [
        [*own[0], *own[1], *(track(name, ".") for name in unstranded)],
        [
            *(track(name, ".") for name in unstranded),
            *(one for pair in zip(*own, strict=True) for one in pair),
        ],
    ]
    rows = draw(st.lists(st.sampled_from("+-."), min_size=1, max_size=4))
    return draw(st.sampled_from(orders)), [row(strand) for strand in rows]


@settings(deadline=None, max_examples=40)
@given(table=tables(), seed=st.integers(0, 9))
def test_as_the_client_merges(table: tuple[list[Track], list[RowLabel]], seed: int) -> None:
    tracks, rows = table
    values = np.random.default_rng(seed).random((2, len(rows), len(tracks)), np.float32)
    described = pd.DataFrame([dataclasses.asdict(one) for one in tracks], columns=["name", "strand"])
    scores = anndata.AnnData(
        values[0],
        obs=pd.DataFrame(
            [{"gene_id": "ENSG1", "strand": one.gene.strand} for one in rows if one.gene],
            index=list(map(str, range(len(rows)))),
        ),
        var=described.set_index(described.index.map(str)),
        layers={"quantiles": values[1]},
    )
    expected = variant_scoring_utils.merge_stranded_gene_tracks(scores)
    merged, kept = merge(values, rows, tracks)
    np.testing.assert_array_equal(merged, [expected.X, expected.layers["quantiles"]])
    assert [one.name for one in kept] == list(expected.var["name"])
