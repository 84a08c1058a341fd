"""Put the outputs of shards together to what one run over the whole input writes, byte for byte."""

import logging
from collections.abc import Sequence

from vep_cli.errors import UsageError
from vep_cli.identities import first_difference
from vep_cli.shard_files import ShardFile, merged_bytes, read_shard
from vep_cli.sharding import Block
from vep_cli.writers.formats import output_format
from vep_cli.writers.output_file import OutputFile
from vep_cli.writers.vcf_index import index_output

logger = logging.getLogger(__name__)

_DEVICE = "device"


def merge(paths: Sequence[str], output: str) -> int:
    """Merge the outputs of all shards, given in any order.

    Args:
        paths: The outputs.
        output: The file to write, of the same format, or '-'.

    Returns:
        The records of the whole.

    Raises:
        UsageError: The shards are not those of one run, one is missing, or one is there twice.
        ShardError: One is damaged, not finished, or the output of no shard.
        OutputError: The output cannot be written.
    """
    of_format = output_format(output)
    for path in paths:
        if output_format(path) != of_format:
            raise UsageError(
                f"{output} is of another format than the shard {path}",
                remedy="name an output that ends as the shards do",
            )
    shards = [read_shard(path) for path in paths]
    _check_same_run(shards)
    in_order = _in_order(shards)
    with OutputFile(output) as file:
        for data in merged_bytes(in_order, of_format):
            file.write(data)
    index_output(output, in_order[0].described.longest_contig)
    return _block(in_order[0]).total


def _check_same_run(shards: Sequence[ShardFile]) -> None:
    first = shards[0]
    for shard in shards[1:]:
        pair = first.described.identity, shard.described.identity
        difference = first_difference(*pair, but=[_DEVICE]) or _input_difference(first, shard)
        if difference is not None:
            name, value, other = difference
            raise UsageError(
                f"shards of different runs: {name} is {value} in {first.path}, and {other} in {shard.path}",
                remedy="score one of them again, as the others were",
            )
        device = first_difference(*pair)
        if device is not None:
            logger.warning(
                "scores may differ in their last digits: %s was made on %s, %s on %s",
                first.path,
                device[1],
                shard.path,
                device[2],
            )


def _input_difference(first: ShardFile, shard: ShardFile) -> tuple[str, str, str] | None:
    one, other = _block(first), _block(shard)
    for name, value, others in (
        ("the number of shards", one.shard.of, other.shard.of),
        ("the number of the input's records", one.total, other.total),
        ("the input's digest", one.digest, other.digest),
    ):
        if value != others:
            return name, str(value), str(others)
    return None


def _in_order(shards: Sequence[ShardFile]) -> list[ShardFile]:
    """Return the shards in the order of the input, each once."""
    by_number: dict[int, ShardFile] = {}
    for shard in shards:
        twin = by_number.setdefault(_block(shard).shard.number, shard)
        if twin is not shard:
            raise UsageError(
                f"shard {_block(shard).shard} is there twice: {twin.path} and {shard.path}",
                remedy="name each shard once",
            )
    count = _block(shards[0]).shard.of
    missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in by_number]
    if missing:
        few = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
        raise UsageError(f"{len(missing)} of {count} shards missing: {few}", remedy="name their outputs too")
    return [by_number[number] for number in sorted(by_number)]


def _block(shard: ShardFile) -> Block:
    if shard.described.block is None:
        raise UsageError("this is the output of no shard", path=shard.path)
    return shard.described.block
