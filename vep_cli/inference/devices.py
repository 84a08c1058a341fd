"""Which devices run the network, and what is said when they are too small."""

import contextlib
from collections.abc import Iterator, Sequence

import jax

from vep_cli.errors import DeviceError, UsageError
from vep_cli.model.precision import Precision

DEVICES = ("auto", "cpu", "gpu", "tpu")
_EXTRAS = ("gpu", "tpu")


def choose_device(name: str) -> jax.Device:
    """Return the device of that name; 'auto' is the best that jax finds.

    Args:
        name: One of `DEVICES`.

    Raises:
        DeviceError: There is no such device, or jax was installed without support for it.
    """
    return _local_devices(name)[0]


def choose_devices(name: str, number: str) -> tuple[jax.Device, ...]:
    """Return the devices of that name that a run uses, in jax's order.

    Args:
        name: One of `DEVICES`.
        number: How many; 'all'; or 'auto': all accelerators, but one CPU, which uses all its cores anyway.

    Raises:
        DeviceError: There are not as many, or none at all.
        UsageError: `number` is none.
    """
    if number not in ("auto", "all") and not (number.isdecimal() and int(number)):
        raise UsageError(f"--devices {number} is no number of devices", remedy="give 1 or more, or all")
    found = _local_devices(name)
    if not number.isdecimal():
        is_one = number == "auto" and found[0].platform == "cpu"
        return found[:1] if is_one else found
    if int(number) > len(found):
        raise DeviceError(
            f"--devices {number} is more than there are: {len(found)} of the kind {found[0].platform}",
            remedy=f"choose --devices {len(found)} or fewer, or all",
        )
    return found[: int(number)]


def check_precision(precision: Precision, devices: Sequence[jax.Device]) -> None:
    """Reject a number format that the devices do not have.

    Raises:
        UsageError: TF32 is asked of another device than a GPU, where it would be float32 under another name.
    """
    if precision is Precision.TF32 and devices[0].platform != "gpu":
        raise UsageError(
            f"--precision tf32 is a number format of NVIDIA GPUs; the device is {devices[0].platform}",
            remedy="choose --precision float32, or --device gpu",
        )


def _local_devices(name: str) -> tuple[jax.Device, ...]:
    try:
        return tuple(jax.local_devices(backend=None if name == "auto" else name))
    except RuntimeError as error:
        install = f"install jax for it (pip install 'vep-cli[{name}]'), or " if name in _EXTRAS else ""
        raise DeviceError(
            f"no device for --device {name} was found: {str(error).splitlines()[0]}",
            remedy=f"{install}choose --device cpu; where JAX_PLATFORMS is set, it has to allow it",
        ) from error


@contextlib.contextmanager
def explained_memory_errors() -> Iterator[None]:
    """Turn the many ways of running out of memory into one.

    Raises:
        DeviceError: The memory did not suffice.
    """
    try:
        yield
    except (MemoryError, jax.errors.JaxRuntimeError) as error:
        if not isinstance(error, MemoryError) and "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise DeviceError(
            f"out of memory: {(str(error) or 'on the host').splitlines()[0]}",
            remedy="choose a smaller --window, or fewer tracks (--tissue, --modality)",
        ) from error
