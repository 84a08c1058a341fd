import jax.numpy as jnp
import numpy as np
import official_operations as official

from vep_cli.model import embedders


def test_token_embedding_matches_official() -> None:
    params = official.params("output_embedder", "alphagenome/", "embedders.token")
    x, organism = official.value("output_embedder", "in0"), official.value("output_embedder", "in1")
    found = embedders.embed_tokens(params, x, organism)
    official.assert_close(found, official.value("output_embedder", "out"))


def test_base_embedding_matches_official() -> None:
    case = "output_embedder_skip"
    # Recorded as the first embedder of its own network; in the whole network it is the second.
    leaves = {
        official.PATHS[module.replace("output_embedder", "alphagenome/output_embedder_1"), name]: leaf
        for (module, name), leaf in official.leaves(case).items()
    }
    params = official.unflatten({path[2:]: leaf for path, leaf in leaves.items()})
    decoded, organism, tokens = (official.value(case, name) for name in ("in0", "in1", "in2"))
    found = embedders.embed_bases(params, decoded, tokens, organism)
    official.assert_close(found, official.value(case, "out"))


def test_pair_embedding_matches_official() -> None:
    params = official.params("output_pair", "alphagenome/", "embedders.pair")
    pair, organism = official.value("output_pair", "in0"), official.value("output_pair", "in1")
    official.assert_close(embedders.embed_pairs(params, pair, organism), official.value("output_pair", "out"))


def test_pair_embedding_is_symmetric() -> None:
    params = official.params("output_pair", "alphagenome/", "embedders.pair")
    pair = jnp.asarray(np.random.default_rng(0).normal(size=(1, 5, 5, 128)), jnp.float32)
    found = embedders.embed_pairs(params, pair, jnp.zeros(1, int))
    np.testing.assert_array_equal(found, found.swapaxes(1, 2))
