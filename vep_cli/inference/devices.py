"""Which device runs the network."""

import jax

from vep_cli.errors import DeviceError

DEVICES = ("auto", "cpu", "gpu", "tpu")


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
        raise DeviceError(
            f"no {name} was found: {str(error).splitlines()[0]}",
            remedy=f"install jax for it (pip install 'vep-cli[{name}]'), or choose --device cpu",
        ) from error
