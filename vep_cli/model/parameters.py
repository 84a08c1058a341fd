"""Parameters: made, counted, narrowed to the chosen tracks, written and read.

A weights file holds one safetensors array per leaf, named by its path joined with dots. Track
means are not in it: they come from the track table, through `with_track_means`.
"""

import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Array, Float, PRNGKeyArray

from vep_cli.errors import WeightsError
from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.leaves import check_leaves, safetensors_leaves
from vep_cli.model.output_type import OutputType
from vep_cli.model.shapes import Path, flatten, parameter_shapes, unflatten

TRACK_MEANS = "track_means"
"""The leaf of a genome-track head that is not stored."""

_CONSTANT = {
    "bias": 0.0,
    "offset": 0.0,
    "learnt_scale": 0.0,
    "scale": 1.0,
    "variance": 1.0,
    "residual_scale": 1.0,
}

_RESIDUAL_SCALE: Mapping[Path, float] = {("convolution", "scale"): 0.5, ("output_norm", "scale"): 0.25}


def initialise(config: ModelConfig, key: PRNGKeyArray) -> dict[str, Any]:
    """Return random parameters, as training starts from.

    Maps are normal with variance 1 / inputs; biases are zero. What is added to the residual stream is
    scaled down, because batch norm does not hold it back before training has measured its variances.
    """
    sizes = flatten(parameter_shapes(config))
    # One draw for all leaves: a draw for each shape would compile a program for each.
    ends = np.cumsum([math.prod(shape) for shape in sizes.values()])
    draws = np.split(np.asarray(jax.random.normal(key, (int(ends[-1]),))), ends[:-1])
    leaves = zip(sizes.items(), draws, strict=True)
    return unflatten({path: _initial_leaf(path, draw.reshape(shape)) for (path, shape), draw in leaves})


def shapes(config: ModelConfig) -> dict[str, Any]:
    """Return `initialise`'s tree with a `jax.ShapeDtypeStruct` for each array; no memory is taken."""
    sizes = flatten(parameter_shapes(config))
    leaves = jax.eval_shape(lambda: {path: jnp.zeros(shape) for path, shape in sizes.items()})
    return unflatten(leaves)


def count(params: Parameters) -> int:
    """Return the number of stored values, running variances included."""
    return sum(math.prod(leaf.shape) for leaf in _stored(params).values())


def save(path: pathlib.Path, params: Parameters) -> None:
    """Write the stored leaves of `params`."""
    leaves = {leaf_name(keys): np.asarray(leaf, order="C") for keys, leaf in _stored(params).items()}
    safetensors.numpy.save_file(leaves, path)


def load(path: pathlib.Path, config: ModelConfig) -> dict[str, Any]:
    """Read a weights file; arrays are float32 also where the file has them in bfloat16.

    Raises:
        WeightsError: It cannot be read whole, or a leaf is missing, unknown, or of another shape or
            type than `config` asks for; the message names the leaves.
    """
    check_file(path, config)
    with safetensors.safe_open(path, framework="numpy") as found:
        return unflatten(
            {
                keys: jnp.asarray(found.get_tensor(leaf_name(keys)), jnp.float32)
                for keys in flatten(parameter_shapes(config))
            }
        )


def check_file(path: pathlib.Path, config: ModelConfig) -> None:
    """Check a weights file against a configuration without reading its arrays.

    Raises:
        WeightsError: As `load` does.
    """
    expected = {leaf_name(keys): shape for keys, shape in flatten(parameter_shapes(config)).items()}
    check_leaves(safetensors_leaves(path), expected, path, remedy="use weights and config.json of one folder")


def leaf_name(path: Path) -> str:
    """Return the name under which a weights file has a leaf."""
    return ".".join(path)


def with_track_means(
    params: Parameters, means: Mapping[OutputType, Float[np.ndarray, "organisms columns"]]
) -> dict[str, Any]:
    """Return `params` with each genome-track head's means of its tracks' non-zero values.

    Args:
        params: Parameters with the columns that `means` has.
        means: Per head; heads that `params` lacks are passed over.
    """
    heads = dict(params["heads"])
    for output in means.keys() & heads.keys():
        heads[output.value] = {**heads[output], TRACK_MEANS: jnp.asarray(means[output], jnp.float32)}
    return {**params, "heads": heads}


def select_columns(params: Parameters, columns: Mapping[OutputType, Sequence[int]]) -> dict[str, Any]:
    """Return `params` whose heads predict only these columns, in this order.

    Args:
        params: Parameters of all columns.
        columns: Columns of each head to keep; heads not named are dropped. Splice junctions go by
            tissue. The classes of splice sites are kept whole, because they share one softmax;
            splice junctions need that head too, to find the sites.

    Raises:
        WeightsError: A head is not there.
    """
    absent = sorted(columns.keys() - params["heads"].keys())
    if absent:
        raise WeightsError(f"the model does not predict {', '.join(absent)}")
    wanted = set(columns)
    if OutputType.SPLICE_JUNCTIONS in wanted:
        wanted.add(OutputType.SPLICE_SITES)
    heads = {
        output.value: _narrow(output, params["heads"][output], columns.get(output, ()))
        for output in sorted(wanted)
    }
    return {**params, "heads": heads}


def _narrow(output: OutputType, head: Parameters, columns: Sequence[int]) -> Parameters:
    chosen = np.asarray(columns, np.int32)
    if output is OutputType.SPLICE_SITES:
        return head
    if output is OutputType.SPLICE_JUNCTIONS:
        sites = {
            name: _of_columns(leaf, (slice(None), slice(None), chosen))
            for name, leaf in head["sites"].items()
        }
        return {**head, "sites": sites}
    narrowed: Parameters = jax.tree.map(lambda leaf: _of_columns(leaf, (..., chosen)), head)
    return narrowed


def _of_columns(leaf: Float[Array, "..."], place: Any) -> Float[Array, "..."]:  # noqa: ANN401 - an index
    # By numpy: jax would compile a program for each shape that a leaf has.
    return jnp.asarray(np.asarray(leaf)[place])


def _initial_leaf(path: Path, normal: Float[np.ndarray, "..."]) -> Float[Array, "..."]:
    if path[-1] in _CONSTANT:
        constant = _RESIDUAL_SCALE.get(path[-2:], _CONSTANT[path[-1]])
        return jnp.full(normal.shape, constant, jnp.float32)
    inputs = math.prod(normal.shape[:-1]) if path[-1] == "kernel" else normal.shape[-2]
    return jnp.asarray(normal / np.float32(math.sqrt(inputs)))


def _stored(params: Parameters) -> dict[Path, Array]:
    return {path: leaf for path, leaf in flatten(params).items() if path[-1] != TRACK_MEANS}
