"""Shards: the input cut into contiguous blocks of records, each scored by a run of its own."""

import dataclasses
import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from vep_cli.errors import UsageError
from vep_cli.genome.regions import chosen_regions
from vep_cli.genome.vcf_reader import STANDARD_STREAM, record_lines
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.identities import Identity
from vep_cli.settings import ScoreSettings

_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})")
PROVENANCE = "shard"
"""What a header calls the description of a shard."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of several parts of equal size.

    Attributes:
        number: Which one, from 1.
        of: How many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        """Return it as the command line has it."""
        return f"{self.number}/{self.of}"


def parse_shard(text: str) -> Shard:
    """Return the shard that `2/5` says.

    Raises:
        UsageError: It says none.
    """
    found = _SHARD.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(
            f"--shard {text} is no shard",
            remedy="--shard 1/4 to --shard 4/4 are the four quarters",
        )
    return Shard(number=int(found[1]), of=int(found[2]))


def check_shard(settings: ScoreSettings) -> None:
    """Refuse a shard of an input whose records cannot be counted first; one that is not there passes.

    Raises:
        UsageError: It says no shard, or the input is a stream.
    """
    if settings.shard is None:
        return
    parse_shard(settings.shard)
    is_file = os.path.isfile(settings.source) or not os.path.exists(settings.source)
    if settings.source == STANDARD_STREAM or not is_file:
        raise UsageError(
            "--shard needs an input file: its records are counted before they are scored",
            path=settings.source,
            remedy="keep what the stream holds in a file first",
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The records of a shard.

    Attributes:
        shard: Which one.
        start: Its first record, from 0.
        end: Behind its last.
        total: Records of the whole input.
        digest: Of all of them.
    """

    shard: Shard
    start: int
    end: int
    total: int
    digest: str

    def of(self, records: Iterable[VcfRecord]) -> Iterator[VcfRecord]:
        """Yield those of the input's records that are in the block."""
        return itertools.islice(records, self.start, self.end)

    def __str__(self) -> str:
        """Return what decides which records are in it."""
        return f"{self.shard} of {self.total} records with digest {self.digest}"


def block_of(shard: Shard, lines: Iterable[str]) -> Block:
    """Return the records of a shard: the input is counted once, and each record is in exactly one.

    Args:
        shard: Which one.
        lines: All records of the input, as text.
    """
    digest, total = hashlib.sha256(), 0
    for line in lines:
        digest.update(line.encode("utf-8", "surrogateescape"))
        total += 1
    start, end = ((number * total) // shard.of for number in (shard.number - 1, shard.number))
    return Block(shard=shard, start=start, end=end, total=total, digest=digest.hexdigest()[:16])


def chosen_block(settings: ScoreSettings) -> Block | None:
    """Return the records that a run was asked for, None for all.

    Raises:
        VcfError: The input cannot be read to its end.
    """
    if settings.shard is None:
        return None
    regions = chosen_regions(settings.regions, settings.regions_file)
    return block_of(parse_shard(settings.shard), record_lines(settings.source, regions))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunDescription:
    """What the output of a shard says of itself, so that shards are only ever put together to a whole.

    Attributes:
        identity: What decides the bytes of the output, by name.
        longest_contig: Bases of the reference's longest contig, which an index has to have room for.
        block: Its records; None for a run that is no shard.
        rows: Lines of a table, where nothing else says that all of it is there.
    """

    identity: Identity
    longest_contig: int
    block: Block | None = None
    rows: int | None = None

    @property
    def provenance(self) -> list[tuple[str, str]]:
        """What the header of a shard says beside what that of the whole run says."""
        return [] if self.block is None else [(PROVENANCE, self.to_text())]

    @property
    def own_identity(self) -> Identity:
        """What decides the bytes of this output, which of the whole is this shard's alone."""
        return {**self.identity, "shard": "none" if self.block is None else str(self.block)}

    def to_text(self) -> str:
        """Return one line of text that `from_text` reads."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "RunDescription":
        """Return what was described.

        Raises:
            ValueError: The text describes no shard.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            block = found.pop("block")
            shard = Shard(**block.pop("shard"))
            return cls(block=Block(shard=shard, **block), **found)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no description of a shard: {error}") from error
