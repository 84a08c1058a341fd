import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from jaxtyping import Array

from vep_cli.model.layers import Parameters
from vep_cli.model.splice_sites import SITE_LISTS, select_splice_sites, splice_junctions

CASE = "head_splice_sites_junction"


def junction_params() -> Parameters:
    leaves = official.leaves(CASE)
    module = "alphagenome/head/splice_sites_junction"
    sites = {}
    for name in SITE_LISTS:
        official_list = name.replace("positive", "pos").replace("negative", "neg")
        # Flat as (scale, offset) x 3 tissues x 768 channels.
        sites[name] = leaves[f"{module}/{official_list}_logits", "embeddings"].reshape(2, 2, 3, 768)
    linear = {
        "weight": leaves[f"{module}/multi_organism_linear", "w"],
        "bias": leaves[f"{module}/multi_organism_linear", "b"],
    }
    return {"linear": linear, "sites": sites}


def junctions(params: Parameters, positions: Array) -> Array:
    embedding, organism = official.value(CASE, "embeddings_1bp"), official.value(CASE, "in0")
    return splice_junctions(params, embedding, positions, organism, 2**20)


@pytest.mark.parametrize(("sites", "threshold"), [(8, 0.1), (8, 0.0)])
def test_selection_matches_official(sites: int, threshold: float) -> None:
    case = f"splice_topk_k{sites}_pad{sites}_th{threshold}"
    found = select_splice_sites(official.value(case, "probs"), sites, threshold)
    np.testing.assert_array_equal(found, official.value(case, "out"))


def test_selection_of_more_sites_than_bases_matches_official() -> None:
    case = "splice_topk_k50_pad64_th0.1"
    found = select_splice_sites(official.value(case, "probs"), 64, 0.1)
    np.testing.assert_array_equal(found, official.value(case, "out"))


def test_selection_by_hand() -> None:
    probabilities = np.zeros((1, 6, 5), np.float32)
    probabilities[0, :, 0] = [0.3, 0.05, 0.9, 0.2, 0.0, 0.5]
    found = select_splice_sites(jnp.asarray(probabilities), 3, 0.1)
    # The three largest are 0.9, 0.5 and 0.3, at 2, 5 and 0; the other classes have none above 0.1.
    assert found[0].tolist() == [[0, 2, 5], [-1, -1, -1], [-1, -1, -1], [-1, -1, -1]]


def test_junctions_match_official() -> None:
    found = junctions(junction_params(), official.value(CASE, "in1"))
    official.assert_close(found, official.value(CASE, "predictions"), tolerance=1e-4)


def test_junctions_without_a_site_are_zero() -> None:
    positions = official.value(CASE, "in1").at[:, 0, 0].set(-1)
    whole = junctions(junction_params(), official.value(CASE, "in1"))
    assert whole[:, 0, :, :3].any()
    found = junctions(junction_params(), positions)
    np.testing.assert_array_equal(found, whole.at[:, 0, :, :3].set(0))


def test_fewer_tissues_are_columns_of_all() -> None:
    params, positions = junction_params(), official.value(CASE, "in1")
    chosen = np.array([2, 0])
    narrow = {**params, "sites": {name: leaf[:, :, chosen] for name, leaf in params["sites"].items()}}
    whole = junctions(params, positions)
    np.testing.assert_allclose(junctions(narrow, positions), whole[..., [2, 0, 5, 3]], rtol=1e-6)
