"""The official scorers' answers on small random tracks, computed once with the official code."""

import dataclasses
import pathlib
from typing import Any

import numpy as np

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track

DATA = pathlib.Path(__file__).parent / "data"


def parse_variant(text: str) -> Variant:
    chromosome, position, alleles = text.split(":")
    reference, alternate = alleles.split(">")
    return Variant(
        chromosome=chromosome,
        position=int(position),
        reference_bases=reference,
        alternate_bases=alternate,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Golden:
    arrays: dict[str, np.ndarray]
    cases: list[dict[str, Any]]
    interval: Interval
    annotation: Annotation
    track_strands: list[str]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [case for case in self.cases if case["kind"] == kind]

    def tracks(self, output_type: OutputType) -> tuple[Track, ...]:
        return tuple(
            Track(
                organism="human", output_type=output_type, index=index, name=f"track {index}", strand=strand
            )
            for index, strand in enumerate(self.track_strands)
        )
