"""What a source of targets is.

There are four sorts. Those that know places of a reference (measurements, annotation) give profiles of
intervals, which the copies of a piece read through their reference positions. Those that read bases (a
model, a motif) give profiles of a copy's own sequence, and so know what an edit does. Either makes targets
of the head's columns from profiles, which are few and worth keeping on the disk. Introns and teachers
that read a whole batch are sorts of their own.
"""

import abc
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType


class ColumnTargets(NamedTuple):
    """Targets of some columns of a head.

    Attributes:
        columns: Columns of the head.
        values: Of each position and column; NaN where nothing is known.
    """

    columns: Int64[np.ndarray, " columns"]
    values: Float32[np.ndarray, "*positions columns"]


class ReferenceSource(abc.ABC):
    """Knows places of a reference genome.

    Attributes:
        output: The head that it has targets of.
        key: Hash of what its profiles depend on, but the interval.
        genome: Name of the assembly that it knows; '' for any.
        partners: The profile of the other strand, for each profile.
        margin: Bases from an edit within which a copy's targets are unknown.
        is_kept: Whether profiles are worth keeping on the disk.
    """

    output: OutputType
    key: str
    genome: str
    partners: Int64[np.ndarray, " profiles"]
    margin: int
    is_kept: bool

    @abc.abstractmethod
    def profiles(self, interval: Interval) -> Float32[np.ndarray, "bases profiles"]:
        """Return the profiles of each base of an interval; NaN where nothing is known."""

    @abc.abstractmethod
    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""


class SequenceSource(abc.ABC):
    """Reads bases.

    Attributes:
        output: The head that it has targets of.
        key: Hash of what its profiles depend on, but the sequence.
    """

    output: OutputType
    key: str

    @abc.abstractmethod
    def profiles(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases profiles"]:
        """Return the profiles of each base of a sequence, given as codes 0 to 3, 4 for N."""

    @abc.abstractmethod
    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""


class Intron(NamedTuple):
    """One known intron.

    Attributes:
        donor: 0-based base of the exon beside its beginning, in the direction of the strand.
        acceptor: 0-based base of the exon beside its end.
        is_forward: Whether it is on '+'.
        counts: Reads across it, of each column of either strand's half of the head; NaN if unknown.
    """

    donor: int
    acceptor: int
    is_forward: bool
    counts: Float32[np.ndarray, " tissues"]


class IntronSource(abc.ABC):
    """Knows introns, and how many reads cross them.

    Attributes:
        genome: Name of the assembly that it knows.
        margin: Bases from an edit within which the sites of a copy are unknown.
        max_sites: Sites of each kind that a window has targets of.
    """

    genome: str
    margin: int
    max_sites: int

    @abc.abstractmethod
    def introns(self, interval: Interval, organism: str) -> list[Intron]:
        """Return the introns that lie in an interval."""


class Teacher(abc.ABC):
    """Reads whole windows, as the model that is trained does.

    Attributes:
        outputs: The heads that it has targets of.
    """

    outputs: frozenset[OutputType]

    @abc.abstractmethod
    def targets(
        self, sequence: Float32[np.ndarray, "B S 4"], organism: str
    ) -> Mapping[OutputType, ColumnTargets]:
        """Return its predictions of some windows of one organism."""


Source = ReferenceSource | SequenceSource | IntronSource | Teacher
