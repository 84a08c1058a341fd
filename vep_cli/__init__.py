"""Variant-effect scoring from DNA sequence with an AlphaGenome-class model.

From Python: `vep_cli.score`, `vep_cli.VariantScorer`, `vep_cli.to_anndata` (docs/python_api.md).
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vep_cli.api.annotated_data import to_anndata
    from vep_cli.api.variant_scorer import VariantScorer, VepWarning, score
    from vep_cli.errors import VepError

__all__ = ["VariantScorer", "VepError", "VepWarning", "__version__", "score", "to_anndata"]

__version__ = "0.1.0"

_MODULES = {
    "VariantScorer": "vep_cli.api.variant_scorer",
    "VepError": "vep_cli.errors",
    "VepWarning": "vep_cli.api.variant_scorer",
    "score": "vep_cli.api.variant_scorer",
    "to_anndata": "vep_cli.api.annotated_data",
}
"""Where the public names are. Imported when asked for: the command line must not wait for jax and pandas."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - of whatever type it is
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
