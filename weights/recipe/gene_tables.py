"""Gene annotation and splice-site usage of the pieces, out of the tables of `mmsplice`.

Tables of exons and of inclusion are 1-based with both ends included; exons are widened by an overhang
on the sides where an intron follows.
"""

import gzip
import io
import pathlib
from collections.abc import Iterable

import pandas as pd
from packages import MMSPLICE, read
from pieces import Piece

EXONS = {
    "hg38": "mmsplice/models/grch38_exons.csv.gz",
    "hg19": "mmsplice/models/grch37_exons.csv.gz",
}
INCLUSION = {
    "hg38": "mmsplice/models/gtex_psi_map_ranges.csv.gz",
    "hg19": "mmsplice/models/gtex_psi_map37_ranges.csv.gz",
}


def write_gene_tables(
    packages: pathlib.Path, pieces: Iterable[Piece], genome: str, out: pathlib.Path
) -> None:
    """Write GENOME.transcripts.gtf, GENOME.principal.gtf and GENOME.inclusion.csv.

    Args:
        packages: Folder of the downloaded packages.
        pieces: Rows of other places are left out, and genes and exons that reach beyond a piece are not.
        genome: 'hg38' or 'hg19'.
        out: Folder to write to.
    """
    here = [piece for piece in pieces if piece.genome == genome]
    exons = without_overhang(on_pieces(_table(packages, EXONS[genome]), here))
    inclusion = on_pieces(_table(packages, INCLUSION[genome]), here)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{genome}.transcripts.gtf").write_text(gtf(exons))
    (out / f"{genome}.principal.gtf").write_text(gtf(principal(exons)))
    inclusion.to_csv(out / f"{genome}.inclusion.csv", index=False, lineterminator="\n")


def on_pieces(table: pd.DataFrame, pieces: Iterable[Piece]) -> pd.DataFrame:
    """Return the rows that overlap a piece, in the order of the table."""
    is_here = pd.Series(False, index=table.index)
    for piece in pieces:
        on_contig = table["Chromosome"] == piece.contig
        is_here |= on_contig & (table["Start"] <= piece.end) & (table["End"] > piece.start)
    return table[is_here]


def without_overhang(exons: pd.DataFrame) -> pd.DataFrame:
    """Return exons with their own ends, and identifiers without the suffix of a lifted annotation."""
    return exons.assign(
        Start=exons["Start"] + exons["left_overhang"],
        End=exons["End"] - exons["right_overhang"],
        gene_id=exons["gene_id"].str.split("_").str[0],
        transcript_id=exons["transcript_id"].str.split("_").str[0],
    )


def principal(exons: pd.DataFrame) -> pd.DataFrame:
    """Return the exons of one transcript per gene: that of most exons, then of most bases, then the first."""
    sizes = (
        exons.assign(bases=exons["End"] - exons["Start"] + 1)
        .groupby(["gene_id", "transcript_id"], as_index=False)
        .agg(exons=("bases", "size"), bases=("bases", "sum"))
        .sort_values(["gene_id", "exons", "bases", "transcript_id"], ascending=[True, False, False, True])
    )
    chosen = sizes.drop_duplicates("gene_id")["transcript_id"]
    return exons[exons["transcript_id"].isin(set(chosen))]


def gtf(exons: pd.DataFrame) -> str:
    """Return an annotation as GTF: one row per gene, transcript and exon, by place."""
    lines = []
    for _, gene in sorted(exons.groupby("gene_id"), key=lambda item: _place(item[1])):
        name = f'gene_id "{gene.iloc[0].gene_id}"; gene_name "{gene.iloc[0].gene_name}";'
        lines.append(_row(gene, "gene", name))
        for transcript_id, transcript in gene.groupby("transcript_id"):
            attributes = f'{name} transcript_id "{transcript_id}";'
            lines.append(_row(transcript, "transcript", attributes))
            ordered = transcript.sort_values("Start")
            lines += [_row(ordered[i : i + 1], "exon", attributes) for i in range(len(ordered))]
    return "".join(lines)


def _place(rows: pd.DataFrame) -> tuple[str, int, str]:
    first = rows.iloc[0]
    return first.Chromosome, int(rows["Start"].min()), first.gene_id


def _row(rows: pd.DataFrame, feature: str, attributes: str) -> str:
    first = rows.iloc[0]
    columns = (first.Chromosome, "mmsplice", feature, rows["Start"].min(), rows["End"].max())
    return "\t".join(map(str, (*columns, ".", first.Strand, ".", attributes))) + "\n"


def _table(packages: pathlib.Path, member: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(gzip.decompress(read(packages, MMSPLICE, member))))
