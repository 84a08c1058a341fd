"""Regulatory elements of the pieces, one BED per biosample, out of REMO's modules and their cell types."""

import gzip
import io
import json
import pathlib
from collections.abc import Iterable, Mapping

import pandas as pd
from packages import REMOPY, read
from pieces import Piece

ELEMENTS = "remopy/data/REMOv1_GRCh38.bed.gz"
TERMS = "remopy/data/terms.json"
GENOME = "hg38"

CELL_TYPES: Mapping[str, tuple[str, ...]] = {
    "liver": ("hepatocyte",),
    "brain": (
        "astrocyte",
        "oligodendrocyte",
        "oligodendrocyte precursor cell",
        "microglial cell",
        "glutamatergic neuron",
        "L2/3-6 intratelencephalic projecting glutamatergic neuron",
        "pvalb GABAergic interneuron",
        "VIP GABAergic interneuron",
    ),
    "heart": ("cardiac muscle cell", "regular atrial cardiac myocyte", "cardiac endothelial cell"),
    "heart left ventricle": ("regular ventricular cardiac myocyte", "cardiac muscle cell"),
    "lung": (
        "pulmonary alveolar type 1 cell",
        "pulmonary alveolar type 2 cell",
        "alveolar macrophage",
        "fibroblast of lung",
        "ciliated epithelial cell",
        "club cell",
    ),
    "venous blood": (
        "classical monocyte",
        "non-classical monocyte",
        "mononuclear leukocyte",
        "lymphocyte",
        "natural killer cell",
        "T cell",
        "B cell",
    ),
    "gastrocnemius": ("type I muscle cell", "type II muscle cell", "skeletal muscle satellite cell"),
    "T-cell": (
        "T cell",
        "naive T cell",
        "CD4-positive, alpha-beta T cell",
        "CD8-positive, alpha-beta T cell",
    ),
    "CD14-positive monocyte": ("monocyte", "classical monocyte"),
    # Of cell lines there are no modules: the nearest cells stand for them.
    "K562": ("myeloid cell", "mononuclear leukocyte"),
    "HepG2": ("hepatocyte",),
    "GM12878": ("B cell", "naive B cell", "memory B cell", "transitional stage B cell"),
}
"""REMO's cell types that stand for each biosample."""


def write_regulatory_elements(packages: pathlib.Path, pieces: Iterable[Piece], out: pathlib.Path) -> None:
    """Write BIOSAMPLE.bed for each biosample, and all.bed with every element.

    Raises:
        ValueError: REMO has no cell type of one of the names.
    """
    elements = elements_on(_elements(packages), [piece for piece in pieces if piece.genome == GENOME])
    modules = json.loads(read(packages, REMOPY, TERMS))
    out.mkdir(parents=True, exist_ok=True)
    _write(elements, out / "all.bed")
    for biosample, cell_types in CELL_TYPES.items():
        is_open = elements["module"].isin(modules_of(modules, cell_types))
        _write(elements[is_open], out / f"{file_name(biosample)}.bed")


def modules_of(modules: Mapping[str, list[str]], cell_types: Iterable[str]) -> set[str]:
    """Return the modules of any of some cell types.

    Raises:
        ValueError: There is no such cell type.
    """
    found: set[str] = set()
    for cell_type in cell_types:
        if cell_type not in modules:
            raise ValueError(f"REMO has no cell type {cell_type!r}")
        found.update(modules[cell_type])
    return found


def elements_on(elements: pd.DataFrame, pieces: Iterable[Piece]) -> pd.DataFrame:
    """Return the elements (0-based, half-open) that overlap a piece."""
    is_here = pd.Series(False, index=elements.index)
    for piece in pieces:
        on_contig = elements["contig"] == piece.contig
        is_here |= on_contig & (elements["start"] < piece.end) & (elements["end"] > piece.start)
    return elements[is_here]


def file_name(biosample: str) -> str:
    """Return a biosample's name as a file can have it."""
    return biosample.replace(" ", "_")


def _elements(packages: pathlib.Path) -> pd.DataFrame:
    text = gzip.decompress(read(packages, REMOPY, ELEMENTS))
    return pd.read_csv(io.BytesIO(text), sep="\t", header=None, names=["contig", "start", "end", "module"])


def _write(elements: pd.DataFrame, path: pathlib.Path) -> None:
    elements.to_csv(path, sep="\t", header=False, index=False, lineterminator="\n")
