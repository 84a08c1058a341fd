import jax
import pytest

from vep_cli.errors import DeviceError
from vep_cli.inference.devices import choose_device, explained_memory_errors


def test_cpu_is_always_there() -> None:
    assert choose_device("cpu").platform == "cpu"
    assert choose_device("auto") == jax.local_devices()[0]


def test_absent_device_is_an_error_with_both_remedies() -> None:
    with pytest.raises(DeviceError, match="--device tpu") as caught:
        choose_device("tpu")
    assert "vep-cli[tpu]" in str(caught.value.remedy)
    assert "--device cpu" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 3 GiB"),
        jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 1 bytes.\nmore"),
    ],
)
def test_memory_errors_name_the_options_that_help(error: Exception) -> None:
    with pytest.raises(DeviceError, match=r"^out of memory: ") as caught, explained_memory_errors():
        raise error
    assert "--window" in str(caught.value.remedy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [jax.errors.JaxRuntimeError("INTERNAL: other"), ValueError("RESOURCE_EXHAUSTED")]
)
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)), explained_memory_errors():
        raise error
