"""Which device runs the network, and what it says when it is too small."""

import contextlib
from collections.abc import Iterator

import jax

from vep_cli.errors import DeviceError

DEVICES = ("auto", "cpu", "gpu", "tpu")
_EXTRAS = ("gpu", "tpu")


def choose_device(name: str) -> jax.Device:
    """Return the device of that name; 'auto' is the best that jax finds.

    Args:
        name: One of `DEVICES`.

    Raises:
        DeviceError: There is no such device, or jax was installed without support for it.
    """
    try:
        return jax.local_devices(backend=None if name == "auto" else name)[0]
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
            remedy="choose a smaller --batch-size or --window, or fewer tracks (--tissue, --modality)",
        ) from error
