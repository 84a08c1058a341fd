"""What one training step reads."""

from collections.abc import Mapping
from typing import NamedTuple

from jaxtyping import Array, Float, Int

from vep_cli.model.output_type import OutputType


class JunctionTargets(NamedTuple):
    """Reads across introns.

    Attributes:
        sites: Positions of donors on '+', acceptors on '+', donors on '-', acceptors on '-'; -1 beyond the
            last.
        counts: Reads, [batch, donor, acceptor, column]; the columns of '+' first. NaN where nobody counted.
    """

    sites: Int[Array, "B 4 K"]
    counts: Float[Array, "B K K T"]


class Batch(NamedTuple):
    """Windows of sequence, and what their predictions ought to be.

    Attributes:
        sequence: One-hot bases A, C, G, T; zeros for N.
        organism_index: 0 human, 1 mouse.
        targets: By output, one column per column of the head, NaN where nothing is known:
            genome tracks [B, S / r, T], counts summed over bins of the head's finest r bp;
            SPLICE_SITES [B, S, 5], probabilities; SPLICE_SITE_USAGE [B, S, T], fractions;
            CONTACT_MAPS [B, P, P, T], log-fold changes over what the distance explains.
            An output that is absent is not trained on in this step.
        junctions: Targets of SPLICE_JUNCTIONS, or None.
    """

    sequence: Float[Array, "B S 4"]
    organism_index: Int[Array, " B"]
    targets: Mapping[OutputType, Float[Array, "B *positions"]]  # noqa: F821 - an axis
    junctions: JunctionTargets | None = None
