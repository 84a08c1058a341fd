"""Scores as an AnnData, which scanpy and the other tools of scverse take."""

import functools
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vep_cli.api.variant_scorer import ATTRIBUTE
from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.scoring.spelling import parse_scorer
from vep_cli.writers.tidy import NUMBER_COLUMNS, TRACK_COLUMNS, WHOLE_NUMBER_COLUMNS

if TYPE_CHECKING:
    from anndata import AnnData

SCORE = "raw_score"
LAYERS = tuple(name for name in NUMBER_COLUMNS if name != SCORE)
TRACK = ("output_type", "variant_scorer", *TRACK_COLUMNS)
"""Columns of `var`: two columns of the matrix differ in one of them."""

ALLELE = ("variant_id", "scored_interval", "status", "allele_flags")
GENE = ("gene_id", "gene_name", "gene_type", "gene_strand", *WHOLE_NUMBER_COLUMNS)
_GENE_KEY = ("gene_id", *WHOLE_NUMBER_COLUMNS)


def to_anndata(frame: pd.DataFrame, *, by_gene: bool = False) -> "AnnData":
    """Return the scores as a matrix of alleles by tracks.

    `X` is `raw_score`, float32, NaN where there is none. Each of `quantile_score`, `ref_value`, `alt_value`
    and `raw_score_sd` that has any number is a layer. `obs` has what the frame says of the allele, alleles
    without a score included, in order; `var` the track and the scorer, whose name on the command line is
    `scorer`; `uns['vep_cli']` how the scores were made. An allele that is in the frame more than once is one
    row, of the same scores.

    Args:
        frame: What `score` returned, or the table of `vep score -o scores.tsv` or `.parquet`, read by pandas.
        by_gene: A row for each gene and splice junction of an allele, beside one for what goes by neither;
            else one for each allele, of its strongest score among genes and junctions.

    Raises:
        UsageError: anndata is not installed, or the frame is no such table.
    """
    _check(frame)
    table = frame.reset_index(drop=True)
    described = (*ALLELE, *GENE) if by_gene else ALLELE
    row, obs = _numbered(table, ("variant_id", *_GENE_KEY) if by_gene else ("variant_id",), described)
    is_score = table["variant_scorer"].notna().to_numpy()
    strongest = _strongest(table[is_score].assign(row=row[is_score]))
    column, var = _numbered(strongest, TRACK, TRACK)
    place = (strongest["row"].to_numpy(), column)
    matrices = {name: _matrix(strongest[name], place, (len(obs), len(var))) for name in NUMBER_COLUMNS}
    obs.index = _row_names(obs)
    var.insert(0, "scorer", var["variant_scorer"].map(_scorer_name).astype(object))
    var.index = _unique(var["scorer"] + " " + var["track_name"] + " " + var["track_strand"])
    made: AnnData = importlib.import_module("anndata").AnnData(
        X=matrices[SCORE],
        obs=obs,
        var=var,
        layers={name: matrices[name] for name in LAYERS if not np.isnan(matrices[name]).all()},
        uns={ATTRIBUTE: dict(frame.attrs.get(ATTRIBUTE, {}))},
    )
    return made


def _check(frame: pd.DataFrame) -> None:
    if importlib.util.find_spec("anndata") is None:
        raise UsageError(
            "an AnnData takes the package anndata, which is not installed",
            remedy="pip install 'vep-cli[anndata]'",
        )
    needed = (*ALLELE, *GENE, *TRACK, *NUMBER_COLUMNS)
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise UsageError(
            f"this is no table of scores: it has no column {', '.join(missing)}",
            remedy="give what vep_cli.score returned",
        )


def _strongest(scores: pd.DataFrame) -> pd.DataFrame:
    """Return of each row and track the score of the largest magnitude, the first of equal ones."""
    magnitude = scores[SCORE].abs()
    # Sorted by missing scores last, and stably, so that the first of equal ones comes first.
    order = magnitude.fillna(-1).sort_values(ascending=False, kind="stable").index
    first = scores.loc[order].drop_duplicates(["row", *TRACK]).index
    return scores.loc[first.sort_values()]


def _numbered(
    table: pd.DataFrame, key: tuple[str, ...], described: tuple[str, ...]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return which thing each row of a table is about, and the things, in order of appearance.

    Args:
        table: The rows.
        key: Columns that tell one thing from another.
        described: Columns to keep of each.
    """
    number = table.groupby(list(key), sort=False, dropna=False).ngroup().to_numpy()
    things = table.loc[~table.duplicated(list(key)), list(described)].reset_index(drop=True)
    return number, pd.DataFrame({name: _storable(things[name]) for name in described}, index=things.index)


def _storable(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as an HDF5 file can have it: no missing text, and numbers that may be missing."""
    if column.name in WHOLE_NUMBER_COLUMNS:
        return column.astype("float64")
    return column.astype(object).where(column.notna(), "").astype(str)


def _matrix(
    values: "pd.Series[Any]", place: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    matrix = np.full(shape, np.nan, np.float32)
    matrix[place] = values.to_numpy(np.float32)
    return matrix


def _row_names(obs: pd.DataFrame) -> pd.Index:
    """Return the variant, and behind it the gene and the intron where the row has them."""
    names = [obs["variant_id"]]
    if "gene_id" in obs:
        start, end = (obs[name].astype("Int64").astype(str) for name in WHOLE_NUMBER_COLUMNS)
        names += [obs["gene_id"], (start + "-" + end).where(obs["junction_Start"].notna(), "")]
    return _unique(
        pd.Series([" ".join(filter(None, parts)) for parts in zip(*names, strict=True)], dtype=str)
    )


@functools.cache
def _scorer_name(official: str) -> str:
    """Return what `vep scorers` calls a scorer of the column `variant_scorer`."""
    return parse_scorer(official, polyadenylation_sites=PolyadenylationSites(start={})).name


def _unique(names: "pd.Series[str]") -> pd.Index:
    """Return names as an index; a name that comes again has its number behind it."""
    number = names.groupby(names).cumcount()
    return pd.Index(names.where(number == 0, names + "-" + number.astype(str)).to_list(), dtype=object)
