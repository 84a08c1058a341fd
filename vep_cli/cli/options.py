"""Each option once: the same flag means the same thing, in the same words, in every command."""

import pathlib
from collections.abc import Callable
from typing import Any, TypeVar

import click

from vep_cli.cli import completed_names
from vep_cli.settings import DEFAULT_WINDOW

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

_PATH = click.Path(path_type=pathlib.Path)

output = click.option(
    "-o",
    "--output",
    default="-",
    show_default="standard output, VCF",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Where to write: .vcf, .vcf.gz (bgzip, with an index), .tsv, .tsv.gz or .parquet says the format.",
)
table_output = click.option(
    "-o",
    "--output",
    default="-",
    show_default="standard output",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Where to write the table: .tsv or .tsv.gz.",
)
tissue = click.option(
    "--tissue",
    "tissues",
    multiple=True,
    metavar="NAME",
    shell_complete=completed_names.tissues,
    help="Only tracks of this tissue, cell type or cell line; may be repeated. A name, a synonym, a GTEx "
    "tissue or an ontology identifier.  [default: all]",
)
modality = click.option(
    "--modality",
    "modalities",
    multiple=True,
    metavar="NAME",
    shell_complete=completed_names.modalities,
    help="Only this kind of track, for instance RNA_SEQ or ATAC; may be repeated.  [default: all]",
)
scorer = click.option(
    "--scorer",
    "scorers",
    multiple=True,
    metavar="NAME",
    help="Only this scorer; may be repeated. A name of vep scorers, or a centre mask of your own such as "
    "ATAC:2001:DIFF_MEAN (docs/scores.md).  [default: all that the data allow]",
)
_ontology = click.option(
    "--ontology",
    "ontologies",
    multiple=True,
    metavar="CURIE",
    help="Only tracks of exactly this ontology identifier, for instance UBERON:0002107, without its parts "
    "and kinds; may be repeated. Splice sites, which are of no tissue, stay, as with --tissue.",
)
_track_name = click.option(
    "--track",
    "track_names",
    multiple=True,
    metavar="NAME",
    help="Only tracks of this name, as vep tracks lists it; * and ? stand for any letters and for one; may "
    "be repeated.",
)
_strand = click.option(
    "--strand",
    "strands",
    multiple=True,
    type=click.Choice(["+", "-", "."]),
    help="Only tracks of this strand; '.' is unstranded; may be repeated. Splice junctions, whose tracks "
    "stand for both strands, stay.",
)


def track_selection(command: Command) -> Command:
    """Give a command the options that choose tracks; those of several kinds have to hold at once."""
    for option in (_strand, _track_name, _ontology, modality, tissue):
        command = option(command)
    return command


weights = click.option(
    "--weights", type=_PATH, metavar="DIR", help="Weights folder.  [default: the bundled model]"
)
ensemble = click.option(
    "--weights",
    type=_PATH,
    multiple=True,
    metavar="DIR",
    help="Weights folder; scores are averaged over several, and their spread is reported.  "
    "[default: the bundled model]",
)
alleles = click.option(
    "--alleles",
    type=click.Choice(["normalized", "as-written"]),
    default="normalized",
    show_default=True,
    help="Trim and left-align alleles before they are scored, so that one haplotype has one score however "
    "it is written; or score them as the official code does. Records are written back as they were.",
)
precision = click.option(
    "--precision",
    type=click.Choice(["float32", "tf32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="Number format of the network; tf32 (NVIDIA GPUs) and bfloat16 (accelerators) are faster and change "
    "scores (docs/precision.md).",
)
genome = click.option(
    "--genome",
    "genome_name",
    metavar="NAME",
    shell_complete=completed_names.genomes,
    help="A registered genome (see vep genome list).  [default: your default genome]",
)
fasta = click.option(
    "--fasta",
    type=_PATH,
    metavar="FILE",
    help="Reference FASTA, plain or bgzipped, with its index; takes the place of --genome.",
)
gtf = click.option(
    "--gtf", type=_PATH, metavar="FILE", help="Gene annotation; takes the place of the genome's own."
)
polyadenylation = click.option(
    "--polya",
    "polyadenylation",
    type=_PATH,
    metavar="FILE",
    help="Table of polyadenylation sites of human genes, for the scorer POLYADENYLATION (docs/output.md).",
)
splice_sites = click.option(
    "--splice-sites",
    type=_PATH,
    multiple=True,
    metavar="FILE",
    help="Table of introns whose edges SPLICE_JUNCTIONS takes for splice sites, whatever the network makes "
    "of them; may be repeated (docs/output.md).  [default: the introns of the gene annotation]",
)
organism = click.option(
    "--organism",
    type=click.Choice(["human", "mouse"]),
    help="Whose tracks to predict.  [default: the genome's]",
)
window = click.option(
    "--window",
    type=click.IntRange(min=1),
    default=DEFAULT_WINDOW,
    show_default=True,
    metavar="BP",
    help="Base pairs the network sees round each variant or interval; a multiple of 2048.",
)
window_mode = click.option(
    "--window-mode",
    type=click.Choice(["centered", "snapped"]),
    default="centered",
    show_default=True,
    help="Centre each window on its variant, as the official code does; or let it start on a grid of a 16th "
    "of its width, so that neighbours share it and REF is computed once for them, which changes scores "
    "(docs/engine.md).",
)
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu", "tpu"]),
    default="auto",
    show_default=True,
    help="Where the network runs.",
)
devices = click.option(
    "--devices",
    default="auto",
    show_default="all accelerators; 1 CPU",
    metavar="N|all",
    help="How many of this machine's devices score variants at once; no score depends on it.",
)
top = click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    help="Write the N strongest scores of each allele, scorer and gene.  [default: 1 in VE of a VCF, all in "
    "tables]",
)
all_tracks = click.option("--all-tracks", is_flag=True, help="Write every score, in VE of a VCF too.")
min_score = click.option(
    "--min-score",
    type=click.FloatRange(min=0),
    metavar="X",
    help="Leave out scores between -X and X; alleles keep their status, and in a VCF their strongest scores.",
)
calibration = click.option(
    "--calibration",
    type=_PATH,
    metavar="FILE",
    help="Take quantiles from this file, made by vep calibrate -o.  [default: the weights' own calibration]",
)
calibration_output = click.option(
    "-o",
    "--output",
    "calibration_output",
    type=_PATH,
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Where to write the calibration.  [default: into the weights folder]",
)
strict = click.option(
    "--strict",
    is_flag=True,
    help="Exit with status 1, the output complete, if bad data kept an allele from being scored.",
)
stats = click.option(
    "--stats",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Write what became of every allele, and what the run was, as JSON (docs/output.md).",
)
sum_output = click.option(
    "-o",
    "--output",
    default="-",
    show_default="standard output",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Where to write the sum, as JSON.",
)
multiqc = click.option(
    "--multiqc",
    "prefix",
    metavar="PREFIX",
    help="Write PREFIX.alleles_mqc.json and PREFIX.general_mqc.json too, which MultiQC finds; the name at "
    "the end of PREFIX is the sample's.",
)
_regions = click.option(
    "--regions",
    multiple=True,
    metavar="REGION",
    help="Score only the records of an indexed INPUT that overlap chr1, chr1:1001-2000, ...; several with "
    "commas between them, or repeated.",
)
_regions_file = click.option(
    "--regions-file",
    type=_PATH,
    metavar="BED",
    help="Score only the records of an indexed INPUT that overlap a line of this BED file.",
)
resume = click.option(
    "--resume",
    is_flag=True,
    help="Go on with what a run of the same command that was interrupted has left in FILE.journal; begin "
    "at the beginning where it has left nothing (docs/resuming.md).",
)
shard = click.option(
    "--shard",
    metavar="I/N",
    help="Score only the I-th of N parts of INPUT's records; vep merge puts the parts together.",
)
_phased = click.option(
    "--phased",
    metavar="SAMPLE",
    help="Score each allele that this sample of INPUT carries on its haplotype: REF and ALT have its "
    "other alleles on the same copy of the chromosome, as phased genotypes tell (docs/haplotypes.md).",
)
_phased_from = click.option(
    "--phased-from",
    type=_PATH,
    metavar="FILE",
    help="Take the sample's genotypes from this VCF or BCF, so that INPUT may have a part of its variants.  "
    "[default: INPUT]",
)
page_output = click.option(
    "-o",
    "--output",
    default="-",
    show_default="standard output",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Where to write the page, for instance report.html.",
)
report_top = click.option(
    "--top",
    type=click.IntRange(min=1, max=10_000),
    default=200,
    show_default=True,
    metavar="N",
    help="Show the N strongest scores of each scorer; counts and distributions are of all.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but warnings and errors.")
run_folder = click.option(
    "-o",
    "--output",
    "run_folder",
    type=_PATH,
    required=True,
    metavar="DIR",
    help="Folder of the run: checkpoints, metrics and, in the end, DIR/weights.",
)


def regions(command: Command) -> Command:
    """Give a command the options that choose records of its input by place."""
    return _regions(_regions_file(command))


def haplotypes(command: Command) -> Command:
    """Give a command the options that put alleles on the haplotypes of a sample."""
    return _phased(_phased_from(command))


def part_of_input(command: Command) -> Command:
    """Give a command the options that choose records of its input."""
    return regions(shard(command))


def scoring_inputs(command: Command) -> Command:
    """Give a command the options that say which scorers there are, and which files they read."""
    for option in (organism, splice_sites, polyadenylation, gtf, fasta, genome, scorer):
        command = option(command)
    return command


mutated = click.option(
    "--mutated",
    type=click.IntRange(min=1),
    default=101,
    show_default=True,
    metavar="BP",
    help="Change so many bases round the middle of a variant's REF.",
)
folder_output = click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    required=True,
    metavar="DIR",
    help="Folder for the files; made where it is not there, files of the same names are replaced.",
)
with_variant = click.option(
    "--variant",
    metavar="VARIANT",
    help="Predict REF and ALT of this variant, CHROM:POS:REF:ALT.",
)
