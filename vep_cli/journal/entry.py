"""What a journal has of one record."""

import dataclasses
import hashlib
import json
import struct
import zlib

from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.statistics import Statistics

DIGEST_SIZE = 16
_COUNTS_LENGTH = struct.Struct("<I")
_COUNTS_START = DIGEST_SIZE + _COUNTS_LENGTH.size
_FASTEST = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record that is done.

    Attributes:
        digest: Of the record as it was read, `DIGEST_SIZE` bytes.
        counts: What it adds to the statistics.
        piece: What the output's writer made of it.
    """

    digest: bytes
    counts: Statistics
    piece: bytes

    def to_payload(self) -> bytes:
        """Return the bytes that `from_payload` reads."""
        counts = json.dumps(self.counts.to_json()).encode()
        # Compressed, since a journal lies beside the output that it will become: tables shrink to a tenth.
        text = zlib.compress(self.piece, _FASTEST)
        return b"".join((self.digest, _COUNTS_LENGTH.pack(len(counts)), counts, text))

    @classmethod
    def from_payload(cls, payload: bytes) -> "Entry":
        """Return the entry that was written."""
        piece = zlib.decompress(memoryview(payload)[_counts_end(payload) :])
        return cls(digest=digest_of(payload), counts=counts_of(payload), piece=piece)


def digest_of(payload: bytes) -> bytes:
    """Return the digest of an entry, and look at nothing else of it."""
    return payload[:DIGEST_SIZE]


def counts_of(payload: bytes) -> Statistics:
    """Return the counts of an entry, and look at nothing else of it."""
    return Statistics.from_json(json.loads(payload[_COUNTS_START : _counts_end(payload)]))


def _counts_end(payload: bytes) -> int:
    length: int = _COUNTS_LENGTH.unpack_from(payload, DIGEST_SIZE)[0]
    return _COUNTS_START + length


def record_digest(record: VcfRecord) -> bytes:
    """Return what tells a record from another: its line and, since tables name bad lines, its number."""
    text = f"{record.line_number} {record.text}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=DIGEST_SIZE).digest()
