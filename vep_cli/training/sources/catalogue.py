"""The kinds of source that a `[[data.source]]` can be."""

import pathlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from vep_cli.errors import UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.tracks import TrackTable
from vep_cli.training.sources.annotation import AnnotationSettings, AnnotationSource
from vep_cli.training.sources.bed import BedSettings, BedSource
from vep_cli.training.sources.bigwig import BigWigSettings, BigWigSource
from vep_cli.training.sources.contacts import ContactSettings, ContactSource
from vep_cli.training.sources.junctions import JunctionSettings, JunctionSource
from vep_cli.training.sources.motif import MotifSettings, MotifSource
from vep_cli.training.sources.network import NetworkSettings, NetworkTeacher
from vep_cli.training.sources.psi import PsiSettings, PsiSource
from vep_cli.training.sources.source import Source
from vep_cli.training.sources.splice_model import SpliceModelSettings, SpliceModelSource
from vep_cli.training.toml_tables import read_record


class Kind(NamedTuple):
    """One kind of source.

    Attributes:
        settings: Dataclass of its settings.
        make: Returns the source, from its settings, the tracks and the sizes of the model.
    """

    settings: type
    make: Callable[[Any, TrackTable, ModelConfig], Source]


KINDS: Mapping[str, Kind] = {
    "bigwig": Kind(BigWigSettings, lambda settings, tracks, _: BigWigSource(settings, tracks)),
    "bed": Kind(BedSettings, lambda settings, tracks, _: BedSource(settings, tracks)),
    "annotation": Kind(AnnotationSettings, lambda settings, tracks, _: AnnotationSource(settings, tracks)),
    "junctions": Kind(JunctionSettings, JunctionSource),
    "psi": Kind(PsiSettings, lambda settings, tracks, _: PsiSource(settings, tracks)),
    "splice_model": Kind(SpliceModelSettings, lambda settings, *_: SpliceModelSource(settings)),
    "motif": Kind(MotifSettings, lambda settings, tracks, _: MotifSource(settings, tracks)),
    "contacts": Kind(ContactSettings, lambda settings, tracks, _: ContactSource(settings, tracks)),
    "network": Kind(NetworkSettings, NetworkTeacher),
}


class SourceSettings(NamedTuple):
    """A `[[data.source]]`.

    Attributes:
        kind: Key of `KINDS`.
        values: An instance of the kind's settings.
    """

    kind: str
    values: Any


def source_settings(table: Mapping[str, Any], where: str, folder: pathlib.Path) -> SourceSettings:
    """Return the settings of one source.

    Args:
        table: The source's table.
        where: Name of the table, for messages.
        folder: What relative paths are relative to.

    Raises:
        UsageError: There is no such kind, or its settings do not fit.
    """
    kind = str(table.get("kind", ""))
    if kind not in KINDS:
        raise UsageError(f"{where} has the kind {kind!r}", remedy=f"the kinds are {', '.join(KINDS)}")
    rest = {key: value for key, value in table.items() if key != "kind"}
    return SourceSettings(
        kind=kind, values=read_record(KINDS[kind].settings, rest, f"{where} ({kind})", folder)
    )


def make_source(settings: SourceSettings, tracks: TrackTable, model: ModelConfig) -> Source:
    """Return a source.

    Raises:
        UsageError: It is of tracks that the model does not predict, or a file cannot be read.
    """
    return KINDS[settings.kind].make(settings.values, tracks, model)
