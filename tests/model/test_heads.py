import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest

from vep_cli.model import heads
from vep_cli.model.config import ModelConfig
from vep_cli.model.embedders import Embeddings
from vep_cli.model.output_type import OutputType

NO_EMBEDDINGS = Embeddings(base=None, token=None, pair=None)


@pytest.mark.parametrize("output", [OutputType.ATAC, OutputType.RNA_SEQ])
@pytest.mark.parametrize("resolution", [1, 128])
def test_genome_tracks_match_official(output: OutputType, resolution: int) -> None:
    case = f"head_{output.lower()}"
    params = official.params(case, "", f"heads.{output}")[f"resolution_{resolution}"]
    embedding, organism = official.value(case, f"embeddings_{resolution}bp"), official.value(case, "in0")
    scaled = heads.genome_tracks(params, embedding, organism)
    official.assert_close(scaled, official.value(case, f"scaled_predictions_{resolution}bp"))
    # The recorded heads' tracks have means 0.2, 1.133, 2.067, 3.0, evenly spaced.
    means = jnp.broadcast_to(jnp.linspace(0.2, 3.0, 4), (2, 4))
    found = heads.unscale(scaled, means, resolution, output is OutputType.RNA_SEQ)
    official.assert_close(found, official.value(case, f"predictions_{resolution}bp"))


@pytest.mark.parametrize("is_rna_seq", [False, True])
@pytest.mark.parametrize("resolution", [1, 128])
def test_unscaling_matches_official(is_rna_seq: bool, resolution: int) -> None:
    case = f"unscale_squash{int(is_rna_seq)}_res{resolution}"
    means = jnp.asarray(official.value(case, "track_means"), jnp.float32)
    found = heads.unscale(official.value(case, "x"), means, resolution, is_rna_seq)
    np.testing.assert_allclose(found, official.value(case, "out"), rtol=2e-6)


def test_unscaling_by_hand() -> None:
    means = jnp.array([[2.0]])
    # 3 x 2 x 128 = 768; at 30, above the clip, (30 + 10)^2 / 40 = 40, and 40 x 2 x 128 = 10240.
    found = heads.unscale(jnp.array([[[3.0], [30.0]]]), means, 128, is_rna_seq=False)
    assert found.ravel().tolist() == [768.0, 10240.0]
    # RNA-seq: 8^(4/3) = 16, and 16 x 2 = 32.
    assert float(heads.unscale(jnp.array([[[8.0]]]), means, 1, is_rna_seq=True)[0, 0, 0]) == pytest.approx(32)


def test_contact_maps_match_official() -> None:
    case = "head_contact_maps"
    embedding = official.value(case, "embeddings_pair")
    params = official.params(case, "", "heads.CONTACT_MAPS")
    found = heads.contact_maps(params, embedding, official.value(case, "in0"))
    official.assert_close(found, official.value(case, "predictions"))


def test_splice_site_probabilities_match_official() -> None:
    case = "head_splice_sites_classification"
    params = official.params(case, "", "heads.SPLICE_SITES")
    embedding = official.value(case, "embeddings_1bp")
    found = heads.splice_site_probabilities(params, embedding, official.value(case, "in0"))
    official.assert_close(found, official.value(case, "predictions"))
    np.testing.assert_allclose(found.sum(-1), np.ones(found.shape[:-1]), rtol=1e-6)


def test_splice_site_usage_matches_official() -> None:
    case = "head_splice_sites_usage"
    params = official.params(case, "", "heads.SPLICE_SITE_USAGE")
    embedding = official.value(case, "embeddings_1bp")
    found = heads.splice_site_usage(params, embedding, official.value(case, "in0"))
    # Float16 below 1 has steps of 2^-11 at most; a value near a step's middle may round either way.
    np.testing.assert_allclose(found, official.value(case, "predictions").astype(jnp.float32), atol=2**-11)
    np.testing.assert_array_equal(found, found.astype(jnp.float16).astype(jnp.float32))


@pytest.mark.parametrize("output", [OutputType.ATAC, OutputType.CHIP_TF, OutputType.CONTACT_MAPS])
def test_a_head_without_its_embedding_says_so(output: OutputType) -> None:
    params = {output.value: {f"resolution_{output.resolution}": {}, "track_means": jnp.ones((2, 1))}}
    with pytest.raises(ValueError, match="embedding"):
        heads.predict_head(output, params, NO_EMBEDDINGS, jnp.zeros(1, int), ModelConfig.toy())
