"""The official track metadata, as rows of our track table.

One text-format protobuf per organism lists, for every head, one entry per column, padding included
(MODEL_SPEC sections 3 and 4). They come with the official Python package, not with the checkpoint.
"""

import gzip
import importlib.util
import math
import pathlib
import zlib
from collections.abc import Iterator, Sequence

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.config import HeadConfig, ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.text_protobuf import Message, parse_text
from vep_cli.model.tracks import Track, TrackTable

PACKAGE = "alphagenome_research"
"""The official package, which has the files in `model/metadata`."""

SUPERVISION = "experiment"
"""The official tracks were learnt from measurements."""

_ORGANISMS = {"HOMO_SAPIENS": "human", "MUS_MUSCULUS": "mouse"}

_STRANDS = {"STRAND_POSITIVE": "+", "STRAND_NEGATIVE": "-", "STRAND_UNSTRANDED": "."}

_REMEDY = (
    "give the files OutputMetadataResponse_ORGANISM_*.textproto of the official package with --metadata, "
    f"or install the package {PACKAGE}"
)


def installed_metadata() -> tuple[pathlib.Path, ...]:
    """Return the metadata files of the official package where it is installed, else none."""
    specification = importlib.util.find_spec(PACKAGE)
    places = specification.submodule_search_locations if specification else None
    folders = [pathlib.Path(place) / "model" / "metadata" for place in places or ()]
    return tuple(sorted(path for folder in folders for path in folder.glob("*.textproto")))


def read_metadata(paths: Sequence[pathlib.Path], config: ModelConfig) -> TrackTable:
    """Return the tracks that metadata files name.

    Args:
        paths: One file per organism, plain or gzipped; the file's name says the organism. None for
            those of the installed official package.
        config: The network whose heads the files describe.

    Raises:
        UsageError: There is no file, its name does not say the organism, or two are of one organism.
        WeightsError: A file cannot be read, or does not have one entry per column of each head.
    """
    chosen = tuple(paths) or installed_metadata()
    if not chosen:
        raise UsageError("no track metadata was given", remedy=_REMEDY)
    files: dict[str, pathlib.Path] = {}
    for path in chosen:
        first = files.setdefault(_organism(path), path)
        if first != path:
            raise UsageError(f"{first} and {path} are metadata of the same organism", remedy="give one")
    ordered = [organism for organism in _ORGANISMS.values() if organism in files]
    return TrackTable(
        tuple(track for organism in ordered for track in _read_file(files[organism], organism, config))
    )


def _organism(path: pathlib.Path) -> str:
    found = [organism for name, organism in _ORGANISMS.items() if name in path.name.upper()]
    if len(found) != 1:
        raise UsageError(
            f"the name of the metadata file does not say the organism: {path.name}",
            path=path,
            remedy=f"keep the official name, which contains {' or '.join(_ORGANISMS)}",
        )
    return found[0]


def _read_file(path: pathlib.Path, organism: str, config: ModelConfig) -> list[Track]:
    try:
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        return list(_tracks(parse_text(text.decode("utf-8")), organism, config))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise WeightsError(
            f"the track metadata cannot be used: {error}", path=path, remedy=_REMEDY
        ) from error


def _tracks(document: Message, organism: str, config: ModelConfig) -> Iterator[Track]:
    """Yield the tracks of one organism in the order of the heads.

    Raises:
        ValueError: The file does not describe the network.
    """
    entries = {_output(group): _columns(group) for group in _messages(document, "output_metadata")}
    for output in entries.keys() - config.outputs:
        raise ValueError(f"it describes {output}, which the network does not predict")
    for head in config.heads:
        columns = entries.get(head.output, [])
        if len(columns) != head.width:
            raise ValueError(
                f"{organism} {head.output} has {len(columns)} entries, expected {head.width}: "
                "one per column of the head, padding included"
            )
        yield from _head_tracks(columns, organism, head)


def _head_tracks(columns: Sequence[Message], organism: str, head: HeadConfig) -> Iterator[Track]:
    # A junction's tissue has two columns: all '+' come first (MODEL_SPEC section 3).
    strands = ("+", "-") if head.output is OutputType.SPLICE_JUNCTIONS else (None,)
    for half, strand in enumerate(strands):
        for column, entry in enumerate(columns):
            if _text(entry, "name").lower() != "padding":
                yield _track(entry, organism, head.output, half * head.width + column, strand)


def _track(entry: Message, organism: str, output: OutputType, index: int, strand: str | None) -> Track:
    biosample = _message(entry, "biosample")
    return Track(
        organism=organism,
        output_type=output,
        index=index,
        name=_text(entry, "name"),
        strand=strand or _strand(entry),
        ontology_curie=_curie(_message(entry, "ontology_term")),
        biosample_name=_text(biosample, "name"),
        biosample_type=_enum(biosample, "type", "BIOSAMPLE_TYPE_"),
        biosample_life_stage=_text(biosample, "stage"),
        assay_title=_text(entry, "assay"),
        gtex_tissue=_text(entry, "gtex_tissue"),
        transcription_factor=_text(entry, "transcription_factor_code"),
        histone_mark=_text(entry, "histone_mark_code"),
        data_source=_text(entry, "data_source"),
        endedness=_enum(entry, "endedness", "ENDEDNESS_"),
        genetically_modified=_text(entry, "genetically_modified").capitalize(),
        nonzero_mean=_mean(entry),
        supervision=SUPERVISION,
    )


def _strand(entry: Message) -> str:
    name = _text(entry, "strand")
    if name not in _STRANDS:
        raise ValueError(
            f"{_text(entry, 'name')!r} has the strand {name!r}, not one of {', '.join(_STRANDS)}"
        )
    return _STRANDS[name]


def _mean(entry: Message) -> float:
    mean = float(_text(entry, "nonzero_mean") or math.nan)
    if mean <= 0 or math.isinf(mean):
        raise ValueError(f"{_text(entry, 'name')!r} has the nonzero_mean {mean}, not positive and finite")
    return mean


def _output(group: Message) -> OutputType:
    return OutputType(_enum(group, "output_type", "OUTPUT_TYPE_").upper())


def _columns(group: Message) -> list[Message]:
    lists = (*_messages(group, "tracks"), *_messages(group, "junctions"))
    return [entry for listed in lists for entry in _messages(listed, "metadata")]


def _curie(term: Message) -> str:
    identifier = _text(term, "id")
    return f"{_enum(term, 'ontology_type', 'ONTOLOGY_TYPE_').upper()}:{int(identifier):07d}" if term else ""


def _enum(message: Message, field: str, prefix: str) -> str:
    return _text(message, field).removeprefix(prefix).lower()


def _text(message: Message, field: str) -> str:
    """Return a field's value, the last where it has several, as protobuf does; '' where it has none."""
    value = message.get(field, [""])[-1]
    if not isinstance(value, str):
        raise ValueError(f"{field} is a message, not a value")
    return value


def _message(message: Message, field: str) -> Message:
    found = _messages(message, field)
    return found[-1] if found else {}


def _messages(message: Message, field: str) -> list[Message]:
    messages = [value for value in message.get(field, []) if isinstance(value, dict)]
    if len(messages) != len(message.get(field, [])):
        raise ValueError(f"{field} is a value, not a message")
    return messages
