"""Packages with a few rows of what the real ones have, as wheels."""

import gzip
import json
import pathlib
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping

import numpy as np
from gene_tables import EXONS, INCLUSION
from motifs import DATABASE, PROFILES
from packages import CISPLICEAI, MMSPLICE, PYJASPAR, REMOPY, Package
from regulatory_elements import CELL_TYPES, ELEMENTS, TERMS
from splice_teacher import FOLDS, GRAPH, GROUPS, NORM_PARTS, SCOPE
from toy_graph import graph_of

CHANNELS = 32

EXON_TABLE = """\
Chromosome,Start,End,Strand,exon_id,gene_id,gene_name,transcript_id,left_overhang,right_overhang
chr1,1011,1300,+,E1,G1.1_2,ONE,T1.1_2,0,100
chr1,1401,1800,+,E2,G1.1_2,ONE,T1.1_2,100,0
chr1,1011,1600,+,E3,G1.1_2,ONE,T2.1_2,0,0
chr1,9001,9100,-,E4,G2.1,TWO,T3.1,0,0
chr2,1011,1300,+,E5,G3.1,THREE,T4.1,0,0
"""
"""One gene with a transcript of two exons and one of one exon, one gene elsewhere, one on another contig."""

INCLUSION_TABLE = """Chromosome,Start,End,Strand,gene_id,gene_name,Liver
chr1,1011,1200,+,G1.1,ONE,0.5
chr1,9001,9100,-,G2.1,TWO,1.0
"""

ELEMENT_TABLE = "chr1\t1050\t1100\tM1\nchr1\t1500\t1600\tM2\nchr1\t9050\t9060\tM1\n"


def write_packages(folder: pathlib.Path) -> None:
    """Write the wheels of all packages."""
    modules = {name: ["M2"] for types in CELL_TYPES.values() for name in types} | {"hepatocyte": ["M1"]}
    _wheel(folder, CISPLICEAI, {GRAPH: graph_of(toy_constants())})
    tables = {member: gzip.compress(EXON_TABLE.encode()) for member in EXONS.values()}
    tables |= {member: gzip.compress(INCLUSION_TABLE.encode()) for member in INCLUSION.values()}
    _wheel(folder, MMSPLICE, tables)
    elements = {ELEMENTS: gzip.compress(ELEMENT_TABLE.encode()), TERMS: json.dumps(modules).encode()}
    _wheel(folder, REMOPY, elements)
    _wheel(folder, PYJASPAR, {DATABASE: _jaspar()})


def toy_constants() -> dict[str, np.ndarray]:
    """Return constants named and shaped as in the real graph; those of a fold are its number."""
    layers = [(1, 1, 4, CHANNELS), (1, 1, CHANNELS, CHANNELS)]
    for group in GROUPS:
        layers += [(group.taps, group.dilation, CHANNELS, CHANNELS)] * (2 * group.units)
        layers.append((1, 1, CHANNELS, CHANNELS))
    layers.append((1, 1, CHANNELS, 3))
    constants: dict[str, np.ndarray] = {}
    for fold in range(FOLDS):
        suffix = f"_{fold}" if fold else ""
        for index, (taps, dilation, inputs, outputs) in enumerate(layers, 1):
            layer = f"{SCOPE}/conv1d_{index}"
            kernel = np.full((taps, inputs, outputs), fold, np.float32)
            constants[f"{layer}/conv1d{suffix}/ExpandDims_1/ReadVariableOp/resource"] = kernel
            constants[f"{layer}/BiasAdd{suffix}/ReadVariableOp/resource"] = kernel[0, 0]
            if dilation > 1:
                constants[f"{layer}/conv1d{suffix}/dilation_rate"] = np.array([dilation], np.int32)
        for index in range(1, 2 * sum(group.units for group in GROUPS) + 1):
            for part, node in NORM_PARTS.items():
                name = f"{SCOPE}/batch_normalization_{index}/batchnorm{suffix}/{node}/resource"
                constants[name] = np.full(CHANNELS, len(part), np.float32)
    return constants


def _jaspar() -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        with sqlite3.connect(file.name) as database:
            database.execute("CREATE TABLE MATRIX (ID, COLLECTION, BASE_ID, VERSION)")
            database.execute("CREATE TABLE MATRIX_DATA (ID, row, col, val)")
            for number, profile in enumerate(PROFILES.values()):
                identifier, version = profile.split(".")
                row = (number, "CORE", identifier, int(version))
                database.execute("INSERT INTO MATRIX VALUES (?, ?, ?, ?)", row)
                # The columns in the wrong order: what is written has to be sorted.
                counts = [(number, base, column, column + 1.5) for base in "TGCA" for column in (2, 1)]
                database.executemany("INSERT INTO MATRIX_DATA VALUES (?, ?, ?, ?)", counts)
        database.close()
        return pathlib.Path(file.name).read_bytes()


def _wheel(folder: pathlib.Path, package: Package, members: Mapping[str, bytes]) -> None:
    path = folder / f"{package.name}-{package.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
