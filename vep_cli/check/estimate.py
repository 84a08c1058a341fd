"""How long a run would take on this device, and how much memory, by scoring two of its variants."""

import dataclasses
import resource
import sys
import time
from collections.abc import Callable

import jax

from vep_cli.check.observers import WindowSharing
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.engine import Engine
from vep_cli.pipeline import Preparation, load_engine, run_annotation, window_placement


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KindOfVariant:
    """How long a kind of variant takes.

    Attributes:
        variant: The one that was scored.
        first_seconds: The first time, when programs were compiled or fetched.
        seconds: The second time, REF and ALT.
        shared_seconds: Of another ALT in its place, where REF was still known.
    """

    variant: str
    first_seconds: float
    seconds: float
    shared_seconds: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run over the input would take, as far as two of its variants tell.

    Attributes:
        device: The device's kind.
        device_count: How many of them share the work.
        loading_seconds: For the genes and the network's parameters.
        total_seconds: For the run.
        memory_bytes: The most that this process has had.
        device_memory_bytes: The most that was in use on the device; None where it does not tell.
        kinds: What was measured, by kind: 'substitution' and 'indel', if the input has it.
    """

    device: str
    device_count: int
    loading_seconds: float
    total_seconds: float
    memory_bytes: int
    device_memory_bytes: int | None
    kinds: dict[str, KindOfVariant]


def estimate(prepared: Preparation, sharing: WindowSharing) -> Estimate:
    """Score the first substitution and the first indel of an input, and reckon for all.

    Args:
        prepared: What `pipeline.prepare` returned.
        sharing: What was seen of the input.

    Raises:
        VepError: A file cannot be read, or memory does not suffice.
    """
    device = prepared.devices[0]
    begin = time.perf_counter()
    with Reference(prepared.settings.genome.fasta) as reference, explained_memory_errors():
        engine = load_engine(prepared, run_annotation(prepared, reference), device)
        loading = time.perf_counter() - begin
        placement = window_placement(prepared.settings)
        kinds = {
            kind: _measured(
                engine,
                *(
                    build_window(one, placement.interval(variant), reference)
                    for one in (variant, _another(variant))
                ),
            )
            for kind, variant in sharing.first.items()
        }
    work = sum(_seconds(kinds[kind], sharing.alleles[kind], sharing.windows[kind]) for kind in kinds)
    compiling = sum(max(0.0, one.first_seconds - one.seconds) for one in kinds.values())
    return Estimate(
        device=device.device_kind,
        device_count=len(prepared.devices),
        loading_seconds=loading,
        total_seconds=loading + compiling + work / len(prepared.devices),
        memory_bytes=_peak_memory(),
        device_memory_bytes=_peak_device_memory(device),
        kinds={"substitution" if kind else "indel": measured for kind, measured in kinds.items()},
    )


def _another(variant: Variant) -> Variant:
    """Return a variant of the same REF with an ALT as long that the engine has not just scored."""
    known = variant.alternate_bases[-1] + variant.reference_bases[-1]
    other = next(base for base in "ACGT" if base not in known)
    return dataclasses.replace(variant, alternate_bases=variant.alternate_bases[:-1] + other)


def _measured(engine: Engine, window: Window, another: Window) -> KindOfVariant:
    def anew() -> None:
        engine.forget()
        list(engine.score([window]))

    first, again = _timed(anew), _timed(anew)
    shared = _timed(lambda: list(engine.score([another])))
    return KindOfVariant(
        variant=str(window.variant), first_seconds=first, seconds=again, shared_seconds=shared
    )


def _seconds(kind: KindOfVariant, alleles: int, windows: int) -> float:
    return windows * kind.seconds + (alleles - windows) * kind.shared_seconds


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _peak_memory() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # getrusage(2): bytes there, else kilobytes


def _peak_device_memory(device: jax.Device) -> int | None:
    counts = device.memory_stats()
    peak = (counts or {}).get("peak_bytes_in_use")
    return None if peak is None else int(peak)
