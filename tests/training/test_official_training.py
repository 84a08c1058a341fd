"""A step at the official sizes, by shapes alone: it takes no memory, and no accelerator."""

import functools
import pathlib
import shutil

import jax
import jax.numpy as jnp

from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.training.batches import Batch, JunctionTargets
from vep_cli.training.parameter_roles import for_training
from vep_cli.training.settings import read_settings
from vep_cli.training.step import begin_stage, train_step
from vep_cli.training.trainer import check_settings, track_means

ROOT = pathlib.Path(__file__).parents[2]


def test_the_official_sizes_can_be_trained(tmp_path: pathlib.Path) -> None:
    shutil.copy(ROOT / "examples" / "training" / "alphagenome.toml", tmp_path)
    shutil.copy(ROOT / "weights" / "tracks.tsv", tmp_path)
    settings = read_settings(tmp_path / "alphagenome.toml")
    config, stage = settings.model.config, settings.stages[0]
    assert config == ModelConfig.alphagenome()
    check_settings(settings, 8)
    batch, window, sites = stage.batch, stage.window, 256
    widths = {head.output: head.width for head in config.heads}
    shapes = {
        output: (batch, *[window // output.resolution] * (1 + (output is OutputType.CONTACT_MAPS)), width)
        for output, width in widths.items()
        if output is not OutputType.SPLICE_JUNCTIONS
    }
    empty = jax.ShapeDtypeStruct
    example = Batch(
        sequence=empty((batch, window, 4), jnp.float32),
        organism_index=empty((batch,), jnp.int32),
        targets={output: empty(shape, jnp.float16) for output, shape in shapes.items()},
        junctions=JunctionTargets(
            sites=empty((batch, 4, sites), jnp.int32), counts=empty((batch, sites, sites, 734), jnp.float16)
        ),
    )
    step = functools.partial(
        train_step,
        config=config,
        stage=stage,
        track_means=track_means(settings.model),
        average_decay=settings.run.ema,
    )
    params = for_training(parameters.shapes(config))
    state = jax.eval_shape(lambda tree: begin_stage(tree, tree, stage, 0), params)
    after, measures = jax.eval_shape(step, state, example)
    assert jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), after) == jax.tree.map(
        lambda leaf: (leaf.shape, leaf.dtype), state
    )
    assert measures.losses.keys() == set(OutputType)
    assert measures.total.shape == ()
