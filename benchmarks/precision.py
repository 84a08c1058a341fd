"""What bfloat16 costs: our network in bfloat16 against the official float32 numbers.

An oracle keeps, beside the official float32 tensors, how far the official bfloat16 policy was from them
(`forward/precision_<length>.tsv`). bfloat16 results depend on the machine, so that what is compared is
the size of the error, not the numbers.
"""

import csv
import dataclasses
import pathlib
from collections.abc import Iterator, Mapping

import click
import jax.numpy as jnp
import numpy as np
import precision_scores
from parity_forward import record, sample
from parity_oracle import Oracle, open_oracle

from vep_cli.model.precision import Precision

_OFFICIAL = "b vs c"
"""The rows of float32 against the official default."""

_LARGEST_RATIO = 2.0
"""Our root mean square error over the official one that still passes."""

_HEAD = """# Precision

The network computes in float32 unless told otherwise. bfloat16, the official software's default, is meant for
accelerators: parameters and activations are bfloat16; the statistics of layer norms, the sums, soft cap and
softmax of attention, and everything from a head's linear map on are float32; what the network returns is
rounded to bfloat16. With TF32, of NVIDIA GPUs from Ampere on, everything is float32 but the operands of
products, which the GPU rounds to 10 bits of mantissa, three more than bfloat16 has; other devices refuse it.

Generated below this line; do not edit. Made with

    python benchmarks/precision.py --golden DIR --markdown docs/precision.md

Errors are against the official float32 numbers, as shares of each tensor's standard deviation: ours, and the
official software's own when it computes in bfloat16. They come from made-up weights of the official size; a
ratio near 1 says that bfloat16 costs here what it costs there.
"""


_SCORES = """## Scores

The recommended scorers at 16,384 bp, all tracks and genes of a variant: the largest difference between the
score in TF32 or bfloat16 and in float32, beside the spread of the float32 scores. bfloat16 rounds the levels
that a score is a difference of, so that small effects suffer most, and with made-up weights effects are
small. TF32 is imitated: the operands of every product are rounded as it does."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """What bfloat16 costs one tensor, as shares of its standard deviation.

    Attributes:
        tensor: Name.
        ours: Our root mean square error.
        official: The official one.
        our_largest: Our largest error.
        official_largest: The official one.
    """

    tensor: str
    ours: float
    official: float
    our_largest: float
    official_largest: float

    @property
    def ratio(self) -> float:
        """Our root mean square error over the official one."""
        return self.ours / self.official


@click.command()
@click.option("--golden", required=True, type=click.Path(exists=True, path_type=pathlib.Path), help="Oracle.")
@click.option("--length", "lengths", multiple=True, type=int, help="Base pairs; default all recorded.")
@click.option("--markdown", type=click.Path(path_type=pathlib.Path), help="Also write a Markdown report.")
def main(golden: pathlib.Path, lengths: tuple[int, ...], markdown: pathlib.Path | None) -> None:
    """Measure the error of bfloat16; exit 1 if it is twice the official one anywhere."""
    oracle = dataclasses.replace(open_oracle(golden), precision=Precision.BFLOAT16)
    files = sorted((golden / "forward").glob("precision_*.tsv"), key=lambda path: int(path.stem[10:]))
    chosen = [path for path in files if not lengths or int(path.stem[10:]) in lengths]
    lines = _HEAD.splitlines()
    worst = 0.0
    for path in chosen:
        costs = list(costs_of(oracle, int(path.stem[10:]), read_official(path)))
        worst = max(worst, *(cost.ratio for cost in costs))
        lines += ["", f"## {int(path.stem[10:]):,} bp", "", *table(costs)]
    if scores := list(precision_scores.score_costs(dataclasses.replace(oracle, precision=Precision.FLOAT32))):
        lines += ["", _SCORES, "", *precision_scores.table(scores)]
    click.echo("\n".join(lines))
    if markdown is not None:
        markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if worst > _LARGEST_RATIO:
        raise click.ClickException(f"a tensor's error is {worst:.1f} times the official one")


def read_official(path: pathlib.Path) -> dict[str, tuple[float, float]]:
    """Return the official root mean square and largest error of each tensor that has an error."""
    with path.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["modes"] == _OFFICIAL]
    return {
        row["tensor"]: (float(row["rms/std"]), float(row["max_abs/std"])) for row in rows if row["rms/std"]
    }


def costs_of(oracle: Oracle, length: int, official: Mapping[str, tuple[float, float]]) -> Iterator[Cost]:
    """Yield what bfloat16 costs each sampled tensor."""
    recorded = dict(np.load(oracle.path / "forward" / f"forward_{length}.npz"))
    for name, values in record(oracle, length, jnp.asarray(recorded["organism_index"])):
        if official.get(name, (0.0, 0.0))[0] == 0.0:
            continue
        whole = np.asarray(values.astype(jnp.float32))
        expected = recorded[name]
        found = sample(whole, expected.shape, recorded.get(f"{name}__index"))
        # Padding columns are NaN; the official file counts them as columns without an error.
        errors = np.nan_to_num(found - expected)
        spread = float(np.nanstd(expected))
        yield Cost(
            tensor=name,
            ours=float(np.sqrt(np.square(errors).mean())) / spread,
            official=official[name][0],
            our_largest=float(np.abs(errors).max()) / spread,
            official_largest=official[name][1],
        )


def table(costs: list[Cost]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| tensor | rms error | official rms error | ratio | largest error | official largest error |"
    yield "|---|---|---|---|---|---|"
    for cost in costs:
        yield (
            f"| {cost.tensor} | {cost.ours:.4f} | {cost.official:.4f} | {cost.ratio:.2f} "
            f"| {cost.our_largest:.3f} | {cost.official_largest:.3f} |"
        )


if __name__ == "__main__":
    main()
