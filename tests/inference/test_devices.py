from unittest.mock import Mock

import jax
import pytest

from vep_cli.errors import DeviceError, UsageError
from vep_cli.inference.devices import choose_device, choose_devices, explained_memory_errors


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


def four_devices(platform: str) -> list[Mock]:
    return [Mock(spec=jax.Device, platform=platform, id=number) for number in range(4)]


@pytest.mark.parametrize(
    ("platform", "number", "count"),
    [("gpu", "auto", 4), ("cpu", "auto", 1), ("cpu", "all", 4), ("gpu", "3", 3), ("gpu", "1", 1)],
)
def test_as_many_devices_as_asked_for(
    monkeypatch: pytest.MonkeyPatch, platform: str, number: str, count: int
) -> None:
    there = four_devices(platform)
    monkeypatch.setattr(jax, "local_devices", lambda backend: there)
    assert list(choose_devices(platform, number)) == there[:count]


def test_more_devices_than_there_are_is_an_error_with_the_number() -> None:
    there = len(jax.local_devices(backend="cpu"))
    with pytest.raises(DeviceError, match=f"--devices {there + 1} ") as caught:
        choose_devices("cpu", str(there + 1))
    assert f"--devices {there} " in str(caught.value.remedy)


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
def test_what_is_no_number_of_devices_is_refused(number: str) -> None:
    with pytest.raises(UsageError, match="no number of devices"):
        choose_devices("cpu", number)
