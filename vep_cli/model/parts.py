"""What of a sequence one device holds, and how it gets at the rest.

The network's functions take a `Part`. By default it is the whole sequence, and every method hands back
what it was given; a `Shard` is one of the equal parts that the devices of a mesh hold, in order.

Arrays have a batch axis, and positions along axis 1. "Own" positions are those of the part.
"""

import abc
import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from vep_cli.model.tiles import HALO


class Part(abc.ABC):
    """The interface; `count` parts of equal size make up the sequence."""

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """How many parts there are."""

    @abc.abstractmethod
    def start(self, own: int) -> Int[Array, ""] | int:
        """Return the first own position of `own` ones."""

    @abc.abstractmethod
    def gathered(self, x: Float[Array, "B own *channels"]) -> Float[Array, "B all *channels"]:
        """Return the values of all positions."""

    @abc.abstractmethod
    def transposed(self, pair: Float[Array, "B own P F"]) -> Float[Array, "B own P F"]:
        """Return the own rows of the transpose of what the parts hold by rows."""

    @abc.abstractmethod
    def widened(self, x: Float[Array, "B own C"], bin_size: int) -> Float[Array, "B wide C"]:
        """Return what convolutions have to see for their results at the own positions to be exact.

        Args:
            x: Values, one per `bin_size` base pairs.
            bin_size: A divisor of `HALO`.
        """

    @abc.abstractmethod
    def narrowed(self, x: Float[Array, "B wide C"], bin_size: int) -> Float[Array, "B own C"]:
        """Return the own positions of what was computed from widened values."""

    @abc.abstractmethod
    def taken(
        self, x: Float[Array, "B own C"], positions: Int[Array, "B lists K"]
    ) -> Float[Array, "B lists K C"]:
        """Return the values at some positions of the sequence, whichever part they lie in.

        Args:
            x: The own values.
            positions: Of the sequence; the values at -1 mean nothing.
        """


@dataclasses.dataclass(frozen=True)
class Whole(Part):
    """All of the sequence."""

    @property
    def count(self) -> int:
        """One."""
        return 1

    def start(self, own: int) -> Int[Array, ""] | int:
        """Return zero."""
        del own
        return 0

    def gathered(self, x: Float[Array, "B own *channels"]) -> Float[Array, "B all *channels"]:
        """Return `x`."""
        return x

    def transposed(self, pair: Float[Array, "B own P F"]) -> Float[Array, "B own P F"]:
        """Return the transpose of each matrix of the batch."""
        return pair.swapaxes(1, 2)

    def widened(self, x: Float[Array, "B own C"], bin_size: int) -> Float[Array, "B wide C"]:
        """Return `x`."""
        del bin_size
        return x

    def narrowed(self, x: Float[Array, "B wide C"], bin_size: int) -> Float[Array, "B own C"]:
        """Return `x`."""
        del bin_size
        return x

    def taken(
        self, x: Float[Array, "B own C"], positions: Int[Array, "B lists K"]
    ) -> Float[Array, "B lists K C"]:
        """Return the values at `positions`."""
        return jnp.take_along_axis(x[:, None], jnp.maximum(positions, 0)[..., None], axis=2)


WHOLE = Whole()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shard(Part):
    """One of several parts of at least 2 `HALO` bp, each on a device; only for code under `shard_map`.

    Attributes:
        axis: Name of the mesh's axis.
        shards: Devices along it; at least 2.
    """

    axis: str
    shards: int

    @property
    def count(self) -> int:
        """The number of devices."""
        return self.shards

    def start(self, own: int) -> Int[Array, ""] | int:
        """Return the first own position of `own` ones."""
        first: Array = jax.lax.axis_index(self.axis) * own
        return first

    def gathered(self, x: Float[Array, "B own *channels"]) -> Float[Array, "B all *channels"]:
        """Return the values of all positions, which every device then holds."""
        every: Array = jax.lax.all_gather(x, self.axis, axis=1, tiled=True)
        return every

    def transposed(self, pair: Float[Array, "B own P F"]) -> Float[Array, "B own P F"]:
        """Return the own rows of the transpose: the own columns of all rows."""
        columns: Array = jax.lax.all_to_all(pair, self.axis, split_axis=2, concat_axis=1, tiled=True)  # type: ignore[no-untyped-call]
        return columns.swapaxes(1, 2)

    def widened(self, x: Float[Array, "B own C"], bin_size: int) -> Float[Array, "B wide C"]:
        """Return the own values and a halo on both sides, or twice the halo on one side at an end.

        A window that is moved inwards has the end of the sequence for its own end, where every layer
        pads with zeros as it does on the whole; activations of zeros beyond the end would not be zero.
        """
        halo = HALO // bin_size
        onwards = [(index, index + 1) for index in range(self.shards - 1)]
        backwards = [(index, before) for before, index in onwards]
        before = jax.lax.ppermute(x[:, -2 * halo :], self.axis, onwards)  # type: ignore[no-untyped-call]
        behind = jax.lax.ppermute(x[:, : 2 * halo], self.axis, backwards)  # type: ignore[no-untyped-call]
        around = jnp.concatenate([before, x, behind], axis=1)
        first = 2 * halo - self._own_start(halo)
        wide: Array = jax.lax.dynamic_slice_in_dim(around, first, x.shape[1] + 2 * halo, axis=1)
        return wide

    def narrowed(self, x: Float[Array, "B wide C"], bin_size: int) -> Float[Array, "B own C"]:
        """Return the own positions of a window that `widened` made."""
        halo = HALO // bin_size
        own: Array = jax.lax.dynamic_slice_in_dim(x, self._own_start(halo), x.shape[1] - 2 * halo, axis=1)
        return own

    def taken(
        self, x: Float[Array, "B own C"], positions: Int[Array, "B lists K"]
    ) -> Float[Array, "B lists K C"]:
        """Return the values at `positions`: each device's own, zero elsewhere, added up."""
        own = positions - self.start(x.shape[1])
        values = WHOLE.taken(x, jnp.minimum(own, x.shape[1] - 1))
        is_own = (own >= 0) & (own < x.shape[1])
        found: Array = jax.lax.psum(jnp.where(is_own[..., None], values, 0), self.axis)  # type: ignore[no-untyped-call]
        return found

    def _own_start(self, halo: int) -> Int[Array, ""]:
        """Return where the own positions begin in a widened window."""
        index = jax.lax.axis_index(self.axis)
        return jnp.where(index == 0, 0, jnp.where(index == self.shards - 1, 2 * halo, halo))
