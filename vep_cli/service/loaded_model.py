"""What every call of the service needs: the model, the genome, and the devices' queue."""

import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Mapping

from vep_cli.genome.alleles import Spelling
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.genome.reference import Reference
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.service.device_model import DeviceModel
from vep_cli.service.device_queue import DeviceQueue
from vep_cli.service.tensors import Compression


class SharedReference:
    """A reference sequence that many threads read, one after the other.

    Attributes:
        lengths: Bases of each contig, by name.
    """

    def __init__(self, reference: Reference) -> None:
        """Share an open reference."""
        self.lengths: Mapping[str, int] = reference.lengths
        self._reference = reference
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reference]:
        """Give the reference to this thread alone, until the block is left."""
        with self._lock:
            yield self._reference


@dataclasses.dataclass(frozen=True, kw_only=True)
class RequestLimits:
    """What a request may ask for.

    Attributes:
        longest: Base pairs of an interval or a sequence.
        scorers: Scorers of a request; the official client sends no more.
        terms: Ontology terms of a request.
        mutated: Bases of a stretch whose every change is scored; the official client sends 10.
    """

    longest: int
    scorers: int = 20
    terms: int = 1000
    mutated: int = 100


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """What every call needs.

    Attributes:
        weights: The model, without its parameters.
        organism: 'human' or 'mouse'; the only one that is served.
        tracks: What is served, all of `organism`.
        reference: The reference sequence.
        annotation: Genes, and the known splice sites; None leaves gene scorers without genes.
        polyadenylation_sites: None leaves POLYADENYLATION out.
        spelling: Rewrites variants that agree with the reference.
        is_reference_checked: Whether a variant whose REF is not the reference's is refused.
        limits: What a request may ask for.
        compression: Of the numbers in replies.
        queue: The devices. Work is a function of a `DeviceModel`, done in the device's own thread.
    """

    weights: WeightsFolder
    organism: str
    tracks: TrackTable
    reference: SharedReference
    annotation: Annotation | None
    polyadenylation_sites: PolyadenylationSites | None
    spelling: Spelling
    is_reference_checked: bool
    limits: RequestLimits
    compression: Compression
    queue: DeviceQueue[DeviceModel]
