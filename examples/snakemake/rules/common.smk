import json
import math

from snakemake.utils import validate

validate(config, "../schemas/config.schema.yaml")

SUFFIX = config["suffix"]
DEVICE = "gpu" if config["gpu"] else "cpu"
# Of the estimate, which is rough: variants amid many genes take longer than others.
ROOM_IN_TIME = 2
ROOM_IN_MEMORY = 1.5


def checked(path):
    """Return what vep check says of an input."""
    with open(path) as report:
        return json.load(report)


def minutes(wildcards, input, attempt):
    """Return the minutes that a shard asks for; a shard that ran out of them goes on in its next attempt."""
    found = checked(input.check)
    measured = found["estimate"]
    once = measured["loading_seconds"] if measured else 0
    whole = measured["total_seconds"] if measured else found["scored"] * config["seconds_per_allele"]
    shards = int(wildcards.scatteritem.partition("-of-")[2])
    seconds = once + (whole - once) / shards
    return attempt * max(config["least_minutes"], math.ceil(ROOM_IN_TIME * seconds / 60))


def megabytes(wildcards, input, attempt):
    """Return the memory that a shard asks for; more where an earlier attempt was killed."""
    measured = checked(input.check)["estimate"]
    if not measured:
        return attempt * config["mem_mb"]
    return attempt * math.ceil(ROOM_IN_MEMORY * measured["memory_bytes"] / 2**20)
