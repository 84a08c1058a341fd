"""A server of the toy model in this process, and the official client that calls it."""

import contextlib
import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import grpc
import jax
import numpy as np
import pandas as pd
import pytest
from alphagenome.data import genome
from alphagenome.models import dna_client
from toy_inputs import ToyGenome

from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.model.tracks import TrackTable
from vep_cli.pipeline import Preparation, prepare
from vep_cli.service import preparation
from vep_cli.service.device_model import Narrowable
from vep_cli.service.listening import Listening
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.preparation import _network, load, served
from vep_cli.service.server import serving
from vep_cli.settings import ScoreSettings

LENGTH = 16_384
"""Base pairs: the shortest that the client sends."""

LOCAL = Listening(host="127.0.0.1", port=0)

COLUMNS = (
    "variant_id",
    "scored_interval",
    "gene_id",
    "gene_name",
    "gene_type",
    "gene_strand",
    "junction_Start",
    "junction_End",
    "output_type",
    "variant_scorer",
    "track_name",
    "track_strand",
    "Assay title",
    "ontology_curie",
    "biosample_name",
    "biosample_type",
)
"""What the client's table and ours both say of a score, for the toy model's tracks."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Serving:
    """A running server."""

    address: str
    model: LoadedModel
    network: Any

    @contextlib.contextmanager
    def client(self, *headers: tuple[str, str]) -> Iterator[dna_client.DnaClient]:
        """Make the official client, over a channel without encryption."""
        with grpc.insecure_channel(self.address) as channel:
            yield dna_client.DnaClient(channel=channel, metadata=headers)


def settings(toy: ToyGenome, weights: pathlib.Path, **choices: object) -> ScoreSettings:
    """Return the settings of a server of the toy genome."""
    own = Genome(name="", fasta=toy.fasta, gtf=choices.pop("gtf", toy.gtf), organism="human", source="test")
    return ScoreSettings(
        source="", output="-", genome=own, weights=(weights,), window=32_768, device="cpu", **choices
    )


@contextlib.contextmanager
def toy_serving(chosen: ScoreSettings, listening: Listening = LOCAL) -> Iterator[Serving]:
    """Serve until the block is left."""
    with Reference(chosen.genome.fasta) as reference:
        networks: list[Narrowable] = []

        def kept(prepared: Preparation, device: jax.Device, tracks: TrackTable) -> Narrowable:
            networks.append(_network(prepared, device, tracks))
            return networks[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(preparation, "_network", kept)
            model = load(served(prepare(chosen)), reference, listening)
        with serving(model, listening) as address:
            yield Serving(address=address, model=model, network=networks[0])


def window_of(variant: genome.Variant) -> genome.Interval:
    """Return what the network sees of a variant, as the client's own examples make it."""
    return variant.reference_interval.resize(LENGTH)


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Return what both tables say, sorted, with one way of saying that there is nothing."""
    columns = list(COLUMNS)
    text = table[columns].astype(object).where(table[columns].notna(), "").astype(str)
    for name in ("junction_Start", "junction_End"):
        text[name] = text[name].str.removesuffix(".0")
    for name in ("raw_score", "quantile_score"):
        if name in table.columns and table[name].notna().any():
            text[name] = table[name].to_numpy(np.float32)
    has_score = np.isfinite(text["raw_score"].to_numpy())
    return text[has_score].sort_values(columns, kind="stable").reset_index(drop=True)
