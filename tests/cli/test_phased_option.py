"""`vep score --phased`: what a haplotype's own genome gives, scored by the plain command."""

import json
import pathlib
import random
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pysam
import pytest
from toy_inputs import (
    COLUMN_LINE,
    CONTIGS,
    GENES,
    HEADER,
    Run,
    ToyGenome,
    assert_refused,
)

from vep_cli.genome.genotype import Copy
from vep_cli.writers.tidy import HAPLOTYPE_COLUMNS
from vep_cli.writers.vcf_info import HAPLOTYPE_KEYS

BASES = CONTIGS["chr1"]
PHASED_COLUMNS = list(HAPLOTYPE_COLUMNS)
SAMPLES = COLUMN_LINE.rstrip("\n") + "\tFORMAT\tMUM\tDAD\n"


def record(position: int, before: str | int, after: str, genotype: str, keys: str = "GT") -> str:
    """Return a line of which MUM has the genotype; `before` may be how many bases REF has."""
    if isinstance(before, int):
        before = BASES[position - 1 : position - 1 + before]
    columns = ("chr1", str(position), ".", before, after, ".", ".", ".", keys, genotype, "0|1")
    return "\t".join(columns) + "\n"


def other(position: int, place: int = 0) -> str:
    return "ACGT".replace(BASES[position - 1], "")[place]


def snv(position: int, genotype: str, keys: str = "GT") -> str:
    return record(position, 1, other(position), genotype, keys)


def write(path: pathlib.Path, *records: str) -> pathlib.Path:
    path.write_text(HEADER + SAMPLES + "".join(records))
    return path


def fields(text: str) -> list[dict[str, str]]:
    """Return INFO of each record."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [dict(field.partition("=")[::2] for field in line.split("\t")[7].split(";")) for line in lines]


def without_haplotype(one: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in one.items() if key not in ("VE_HAP", "VE_BG", "VE_BG_OUT")}


# ---- a genome of the haplotype's own, made independently of the package ----


def own_genome(folder: pathlib.Path, edits: list[tuple[int, int, str]]) -> tuple[ToyGenome, list[int]]:
    """Write the genome with changes (start, end, bases), sorted, and its genes.

    Returns:
        The files; and for each base of chr1, and its end, where it went.
    """
    folder.mkdir()
    bases, where, place = "", [], 0
    for start, end, new in [*edits, (len(BASES), len(BASES), "")]:
        where += range(len(bases), len(bases) + start - place)
        bases += BASES[place:start]
        # A base that is gone is where those behind it are.
        kept = end - start == len(new)
        where += [len(bases) + (number if kept else len(new)) for number in range(end - start)]
        bases += new
        place = end
    where.append(len(bases))
    fasta = folder / "own.fa"
    fasta.write_text(f">chr1\n{bases}\n>chr2\n{CONTIGS['chr2']}\n")
    pysam.faidx(str(fasta))
    lines = []
    for gene, name, strand, kind, exons in GENES:
        words = f'gene_id "{gene}"; gene_name "{name}"; gene_type "{kind}"; transcript_id "{gene}T";'
        moved = [(where[start - 1] + 1, where[end - 1] + 1) for start, end in exons]
        body = (moved[0][0], moved[-1][1])
        for feature, (start, end) in (("gene", body), ("transcript", body), *(("exon", e) for e in moved)):
            lines.append(f"chr1\ttoy\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{words}\n")
    gtf = folder / "own.gtf"
    gtf.write_text("".join(lines))
    return ToyGenome(fasta=fasta, gtf=gtf), where


def write_sites(path: pathlib.Path, where: Sequence[int]) -> pathlib.Path:
    """Write a table of polyadenylation sites at the ends of the genes' exons."""
    rows = [
        f"{where[end - 1 if strand == '+' else start - 1]}\t{strand}\t{gene.partition('.')[0]}\n"
        for gene, _, strand, _, exons in GENES
        for start, end in exons
    ]
    path.write_text("Start\tpas_strand\tgene_id\n" + "".join(rows))
    return path


def edit(position: int, before: int, after: str) -> tuple[int, int, str]:
    """Return what an anchored record changes, given that only its anchor is shared."""
    if before == len(after) == 1:
        return position - 1, position, after
    return position, position - 1 + before, after[1:]


def random_changes(draw: random.Random, *, with_indels: bool) -> list[tuple[int, int, str, str]]:
    """Return (position, REF's length, ALT, genotype) round the genes, apart and not at an exon's edge."""
    edges = [edge for gene in GENES for exon in gene[4] for edge in exon]
    changes, position = [], 4500
    while position < 7300:
        kind = draw.choice(["snv", "deletion", "insertion"]) if with_indels else "snv"
        near = any(abs(position - edge) < 25 for edge in edges)
        if near:
            position += 10
            continue
        if kind == "snv":
            change = (1, other(position, draw.randrange(3)))
        elif kind == "deletion":
            change = (draw.randint(2, 9), BASES[position - 1])
        else:
            change = (1, BASES[position - 1] + "".join(draw.choices("ACGT", k=draw.randint(1, 9))))
        changes.append((position, *change, draw.choice(["0|1", "1|0", "1|1"])))
        position += draw.randint(60, 400)
    return changes


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns in which a haplotype's own genome has the same."""
    names = ["gene_id", "output_type", "variant_scorer", "track_name", "track_strand"]
    return table[[*names, "raw_score", "ref_value", "alt_value", "status"]].reset_index(drop=True)


def assert_as_on_own_genome(
    score: Run,
    run_on: Run,
    tmp_path: pathlib.Path,
    changes: list[tuple[int, int, str, str]],
    numbers: list[int],
) -> pd.DataFrame:
    """Compare alleles with what the plain command says of them on the genome of their haplotype."""
    path = write(tmp_path / "in.vcf", *(record(*change) for change in changes))
    out = tmp_path / "phased.tsv"
    sites = write_sites(tmp_path / "sites.tsv", range(len(BASES)))
    assert score(path, "--phased", "MUM", "--polya", sites, "-o", out).status == 0
    table = pd.read_csv(out, sep="\t")
    for number in numbers:
        position, length, after, genotype = changes[number]
        copy = genotype.index("1") // 2
        beside = [
            one
            for place, one in enumerate(changes)
            if place != number and (one[3] == "1|1" or (genotype != "1|1" and one[3][2 * copy] == "1"))
        ]
        folder = tmp_path / f"own{number}"
        own, where = own_genome(folder, [edit(*one[:3]) for one in beside])
        before = BASES[position - 1 : position - 1 + length]
        moved = where[position - 1] + 1
        plain = write(folder / "in.vcf", record(moved, before, after, genotype))
        alone = folder / "out.tsv"
        sites = write_sites(folder / "sites.tsv", where)
        assert run_on(own, plain, "--polya", sites, "-o", alone).status == 0
        found = table[table.variant_id == f"chr1:{position}:{before}>{after}"]
        expected = pd.read_csv(alone, sep="\t")
        pd.testing.assert_frame_equal(comparable(found), comparable(expected), check_exact=True)
        in_window = [one for one in beside if abs(one[0] - position) < 1900]
        assert (found.background_variants >= len(in_window)).all()
        assert (found.haplotype == ("both" if genotype == "1|1" else str(copy + 1))).all()
    return table


@pytest.fixture
def score_on(run: Run, toy_weights: object) -> Run:
    """Call `vep score` on another genome with the toy model."""

    def call(genome: ToyGenome, *arguments: object) -> object:
        files = ("--fasta", genome.fasta, "--gtf", genome.gtf)
        return run("score", *files, "--weights", toy_weights.path, "--window", 4096, *arguments)  # type: ignore[attr-defined]

    return call  # type: ignore[return-value]


@pytest.mark.parametrize(("with_indels", "seed"), [(False, 1), (True, 2), (True, 3), (True, 4)])
@pytest.mark.usefixtures("counting_network")
def test_scores_are_those_on_the_haplotypes_own_genome(
    score_toy: Run, score_on: Run, tmp_path: pathlib.Path, with_indels: bool, seed: int
) -> None:
    changes = random_changes(random.Random(seed), with_indels=with_indels)
    touching = [number for number, change in enumerate(changes) if 5250 < change[0] < 6750]
    some = random.Random(seed).sample(touching, 4)
    table = assert_as_on_own_genome(score_toy, score_on, tmp_path, changes, some)
    assert "PolyadenylationScorer()" in set(table.variant_scorer)


def test_scores_of_a_network_are_those_on_the_haplotypes_own_genome(
    score_toy: Run, score_on: Run, tmp_path: pathlib.Path
) -> None:
    changes = [
        (5150, 4, BASES[5149], "0|1"),
        (5300, 1, BASES[5299] + "GGATTC", "0|1"),
        (5500, 1, other(5500), "0|1"),
        (5800, 1, other(5800), "1|0"),
        (6150, 1, BASES[6149] + "CA", "1|1"),
        (6400, 1, other(6400), "0|1"),
    ]
    table = assert_as_on_own_genome(score_toy, score_on, tmp_path, changes, [2])
    introns = table[(table.output_type == "SPLICE_JUNCTIONS") & table.variant_id.str.startswith("chr1:5500:")]
    own = pd.read_csv(tmp_path / "own2" / "out.tsv", sep="\t")
    own = own[own.output_type == "SPLICE_JUNCTIONS"]
    # On its own genome all is 3 bases further right or left: introns are said of the reference, by the
    # bases of the exons that they adjoin.
    beside = [edit(*change[:3]) for number, change in enumerate(changes) if number not in (2, 3)]
    _, where = own_genome(tmp_path / "again", beside)
    base_at = {place: base for base, place in reversed(list(enumerate(where)))}
    for ours, theirs in zip(introns.itertuples(), own.itertuples(), strict=True):
        assert ours.junction_Start == base_at[theirs.junction_Start - 1] + 1
        assert ours.junction_End == base_at[theirs.junction_End]
    assert len(introns) > 1
    assert (introns.junction_Start.to_numpy() != own.junction_Start.to_numpy()).any()


# ---- what is said of haplotypes ----


RECORDS = (
    snv(5000, "0|1"),
    snv(5100, "1|0"),
    snv(5200, "1/1"),
    snv(5300, "0/1"),
    record(5400, 1, f"{other(5400)},{other(5400, 1)}", "1|2"),
    snv(5500, "0|1:7", "GT:PS"),
    snv(5600, "0|0"),
    record(5700, 1, "<DEL>", "0|1"),
    snv(9900, "0|1"),
)


@pytest.mark.usefixtures("counting_network")
def test_each_allele_says_its_haplotype_and_its_background(score_toy: Run, tmp_path: pathlib.Path) -> None:
    done = score_toy(write(tmp_path / "in.vcf", *RECORDS), "--phased", "MUM", "--modality", "ATAC")
    assert done.status == 0
    said = [tuple(one.get(key) for key in ("VE_HAP", "VE_BG", "VE_BG_OUT")) for one in fields(done.stdout)]
    # Applied to the first: 5200, and the second ALT of 5400; of unknown copy or bases: 5300, 5500, 5700.
    assert said == [
        ("2", "2", "3"),
        ("1", "2", "2"),
        ("both", "0", "7"),
        ("unphased", "1", "6"),
        ("1,2", "2,2", "2,3"),
        ("2", "1", "6"),
        (None, None, None),
        (None, None, None),
        ("2", "0", "0"),
    ]
    assert "##vep_cli_phased=alleles that sample MUM carries are scored on its haplotypes" in done.stdout
    for key in ("VE_HAP", "VE_BG", "VE_BG_OUT"):
        assert done.stdout.count(f"##INFO=<ID={key},Number=A") == 1
    assert (
        "MUM carries 9 alleles: 6 phased, in 2 sets, 1 on every copy, 1 unphased, 1 SYMBOLIC" in done.stderr
    )
    assert (
        "haplotypes: 2 on 1, 4 on 2, 1 on both, 1 unphased, 1 not carried, scored on the reference, "
        "7 with alleles in the window that may be on that copy, left out"
    ) in done.stderr


@pytest.mark.usefixtures("counting_network")
def test_alleles_without_a_background_score_as_ever(score_toy: Run, tmp_path: pathlib.Path) -> None:
    # Too far apart for one window, on two copies, or carried by DAD alone.
    records = (snv(3000, "0|1"), snv(5600, "1|0"), record(6000, 3, BASES[5999], "0|1"), snv(6010, "0|0"))
    path = write(tmp_path / "in.vcf", *records)
    plain, phased = score_toy(path), score_toy(path, "--phased", "MUM")
    assert list(map(without_haplotype, fields(phased.stdout))) == fields(plain.stdout)
    assert [one.get("VE_BG") for one in fields(phased.stdout)] == ["0", "0", "0", None]
    assert "VE_HAP" not in plain.stdout
    # DAD is 0|1 everywhere.
    dad = score_toy(path, "--phased", "DAD")
    assert [one["VE_BG"] for one in fields(dad.stdout)] == ["0", "2", "2", "2"]
    assert fields(dad.stdout)[3]["VE"] != fields(plain.stdout)[3]["VE"]


@pytest.mark.usefixtures("counting_network")
def test_scores_do_not_depend_on_what_else_is_scored(score_toy: Run, tmp_path: pathlib.Path) -> None:
    records = [record(*one) for one in random_changes(random.Random(9), with_indels=True)]
    genotypes = write(tmp_path / "phased.vcf", *records)
    whole = score_toy(genotypes, "--phased", "MUM", "--modality", "RNA_SEQ")
    of_whole = {
        line.split("\t")[1]: one for line, one in zip(body(whole.stdout), fields(whole.stdout), strict=True)
    }
    # A part in another order, without the sample, from a pipe; and the rest of the file only for genotypes.
    some = [line.rsplit("\t", 3)[0] + "\n" for line in records[::-3]]
    text = HEADER + COLUMN_LINE + "".join(some)
    part = score_toy(
        *("-", "--phased", "MUM", "--phased-from", genotypes, "--modality", "RNA_SEQ"), stdin=text.encode()
    )
    assert part.status == 0
    found = {
        line.split("\t")[1]: one for line, one in zip(body(part.stdout), fields(part.stdout), strict=True)
    }
    assert found == {position: of_whole[position] for position in found}
    assert len(found) == len(some) > 2


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.usefixtures("counting_network")
def test_shards_and_regions_see_the_same_haplotypes(score_toy: Run, run: Run, tmp_path: pathlib.Path) -> None:
    records = [record(*one) for one in random_changes(random.Random(9), with_indels=True)]
    path = pysam.tabix_index(str(write(tmp_path / "in.vcf", *records)), preset="vcf", force=True)
    choice = ("--phased", "MUM", "--modality", "ATAC")
    whole = score_toy(path, *choice, "-o", tmp_path / "whole.vcf")
    assert whole.status == 0
    parts = [tmp_path / f"{number}.vcf" for number in (1, 2)]
    for number, part in enumerate(parts, start=1):
        assert score_toy(path, *choice, "--shard", f"{number}/2", "-o", part).status == 0
    assert run("merge", *parts, "-o", tmp_path / "merged.vcf").status == 0
    expected = (tmp_path / "whole.vcf").read_text()
    assert (tmp_path / "merged.vcf").read_text() == expected
    region = score_toy(path, *choice, "--regions", "chr1:5000-5600")
    inside = [line for line in body(expected) if 5000 <= int(line.split("\t")[1]) <= 5600]
    assert body(region.stdout) == inside
    assert len(inside) > 1


@pytest.mark.usefixtures("counting_network")
def test_tables_have_columns_of_haplotypes_only_with_them(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "in.vcf", *RECORDS)
    tables = {}
    for name in ("plain.tsv", "phased.tsv", "phased.parquet"):
        options = ("--phased", "MUM") if "phased" in name else ()
        done = score_toy(path, "--modality", "ATAC", "-o", tmp_path / name, *options)
        assert done.status == 0
        is_text = name.endswith("tsv")
        tables[name] = pd.read_csv(tmp_path / name, sep="\t") if is_text else pd.read_parquet(tmp_path / name)
    phased = tables["phased.tsv"]
    assert list(phased) == [*tables["plain.tsv"], *PHASED_COLUMNS]
    first = phased.groupby("variant_id", sort=False)[PHASED_COLUMNS].first()
    assert first.iloc[0].tolist() == ["2", 2, 3]
    assert first.iloc[-1].tolist() == ["2", 0, 0]
    assert first.loc[first.index.str.contains(":5600:")].isna().all(axis=None)
    typed = tables["phased.parquet"]
    assert list(typed) == list(phased)
    assert typed["background_variants"].dropna().tolist() == phased["background_variants"].dropna().tolist()


@pytest.mark.usefixtures("counting_network")
def test_summary_has_the_haplotypes(score_toy: Run, run: Run, tmp_path: pathlib.Path) -> None:
    path, stats = write(tmp_path / "in.vcf", *RECORDS), tmp_path / "stats.json"
    assert score_toy(path, "--phased", "MUM", "-o", tmp_path / "out.vcf", "--stats", stats).status == 0
    summary = json.loads(stats.read_text())
    assert summary["haplotypes"] == {"2": 4, "1": 2, "both": 1, "unphased": 1}
    assert summary["incomplete_backgrounds"] == 7
    added = json.loads(run("stats", stats, stats).stdout)
    assert added["haplotypes"] == {"2": 8, "1": 4, "both": 2, "unphased": 2}
    assert added["incomplete_backgrounds"] == 14
    assert score_toy(path, "-o", tmp_path / "out.vcf", "--stats", stats).status == 0
    assert "haplotypes" not in json.loads(stats.read_text())


@pytest.mark.usefixtures("counting_network")
def test_scoring_an_output_again_gives_the_same(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path, out = write(tmp_path / "in.vcf", *RECORDS), tmp_path / "out.vcf"
    assert score_toy(path, "--phased", "MUM", "-o", out).status == 0
    again = score_toy(out, "--phased", "MUM")
    assert body(again.stdout) == body(out.read_text())
    assert again.stdout.count("##INFO=<ID=VE_HAP") == 1
    plain = score_toy(out)
    assert "VE_HAP" not in plain.stdout
    assert "VE_BG" not in plain.stdout


@pytest.mark.usefixtures("counting_network")
def test_resuming_minds_the_genotypes(
    score_toy: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write(tmp_path / "in.vcf", *RECORDS), tmp_path / "out.vcf"
    phased = write(tmp_path / "phased.vcf", *RECORDS)
    choice = (path, "--phased", "MUM", "--phased-from", phased, "--modality", "ATAC", "-o", out)
    assert score_toy(*choice).status == 0
    expected = out.read_text()
    with monkeypatch.context() as patch:
        patch.setattr("vep_cli.writers.vcf_writer.VcfWriter.assemble", _fail)
        assert score_toy(*choice).status != 0
    assert out.with_name("out.vcf.journal").exists()
    write(tmp_path / "phased.vcf", snv(5000, "1|0"), *RECORDS[1:])
    refused = score_toy(*choice, "--resume")
    assert_refused(refused, 2, "the journal is of another run: haplotypes was")
    write(tmp_path / "phased.vcf", *RECORDS)
    assert score_toy(*choice, "--resume").status == 0
    assert out.read_text() == expected


def _fail(*_: object) -> object:
    raise OSError("no room")


# ---- what is refused, and told of ----


def test_what_cannot_be_phased_is_refused(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "in.vcf", *RECORDS)
    assert_refused(score_toy("-", "--phased", "MUM"), 2, "a stream is read once", "--phased-from FILE")
    assert_refused(score_toy(path, "--phased", "DAB"), 2, "no sample DAB", "it has DAD and others")
    assert_refused(score_toy(path, "--phased-from", path), 2, "of no sample", "--phased SAMPLE")
    missing = score_toy(path, "--phased", "MUM", "--phased-from", tmp_path / "none.vcf")
    assert_refused(missing, 1, "cannot be opened")
    over = score_toy(path, "--phased", "MUM", "--phased-from", tmp_path / "x.vcf", "-o", tmp_path / "x.vcf")
    assert over.status != 0


@pytest.mark.usefixtures("counting_network")
def test_genotypes_without_phase_are_told_of(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "in.vcf", snv(5000, "0/1"), snv(5100, "1/1"), snv(5200, "./."))
    done = score_toy(path, "--phased", "MUM", "--modality", "ATAC")
    assert done.status == 0
    assert (
        "has no phased genotype, such as 0|1, of MUM: only alleles on every copy are background"
        in done.stderr
    )
    assert "0 phased, in 0 sets, 1 on every copy, 1 unphased; 1 genotype not known" in done.stderr


@pytest.mark.usefixtures("counting_network")
def test_windows_on_a_grid_have_backgrounds_too(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "in.vcf", *RECORDS)
    choice = ("--phased", "MUM", "--window-mode", "snapped", "--window", "8192", "--alleles", "as-written")
    done = score_toy(path, *choice)
    assert done.status == 0
    found = fields(done.stdout)
    assert [one.get("VE_HAP") for one in found[:3]] == ["2", "1", "both"]
    assert np.all([one["VE_STATUS"].startswith("PASS") for one in found[:7]])


def test_the_document_has_every_copy_key_and_column() -> None:
    text = (pathlib.Path(__file__).parents[2] / "docs" / "haplotypes.md").read_text()
    for word in (*Copy, *HAPLOTYPE_KEYS, *HAPLOTYPE_COLUMNS):
        assert f"`{word}`" in text
