"""What the service takes besides what vep-cli always has."""

import importlib.util
from collections.abc import Sequence

from vep_cli.errors import UsageError

SERVICE = ("grpc", "alphagenome", "zstandard")
CERTIFICATES = ("cryptography",)


def check_libraries(names: Sequence[str]) -> None:
    """Reject a machine on which packages are not installed.

    Args:
        names: Of the packages, as Python imports them.

    Raises:
        UsageError: One is not there.
    """
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the service takes {' and '.join(missing)}, not installed here",
            remedy="pip install 'vep-cli[serve]'",
        )
