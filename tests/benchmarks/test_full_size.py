import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from full_size import forward, random_bases, random_weights

from vep_cli.model import network
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tiles import tiles_of


def test_the_pass_in_tiles_predicts_what_the_network_does(capsys: pytest.CaptureFixture[str]) -> None:
    config = ModelConfig.toy()
    params, sequence = random_weights(config), random_bases(8192)
    found = forward(params, config, sequence, tiles_of(8192, 2048))
    predict = functools.partial(network.predict, config=config, outputs=frozenset(OutputType))
    expected = jax.jit(predict)(params, jnp.asarray(sequence), jnp.array([0]))
    assert found.keys() == expected.keys()
    for output, values in expected.items():
        sums = np.asarray(values, np.float64).reshape(-1, values.shape[-1]).sum(0)
        assert sums.any()
        np.testing.assert_allclose(found[output], sums, rtol=1e-4, err_msg=output)
    stages = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert stages == ["encoder", "transformer", "128 bp outputs", "1 bp outputs"]
