"""Whether the user has accepted the official weights' terms: a file beside the list of genomes."""

import json

from vep_cli.errors import UsageError
from vep_cli.genome.registry import registry_path
from vep_cli.model.official_terms import TERMS_ADDRESS
from vep_cli.whole_file import appearing_whole

FILE = "accepted_terms.json"


def require_accepted_terms(*, accept: bool) -> None:
    """Return where the terms are or were accepted; remember it where `accept` is True.

    Raises:
        UsageError: They were not accepted, or that cannot be written down.
    """
    accepted = _accepted()
    if TERMS_ADDRESS in accepted:
        return
    if not accept:
        raise UsageError(
            f"the official weights are for non-commercial use, under terms to be accepted: {TERMS_ADDRESS}",
            remedy="read them; if you accept them, say so once: --accept-terms",
        )
    _remember([*accepted, TERMS_ADDRESS])


def _accepted() -> list[str]:
    """Return the addresses of the terms that were accepted; a file that cannot be read has none."""
    try:
        document = json.loads(registry_path().with_name(FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    accepted = document.get("accepted") if isinstance(document, dict) else None
    return [str(address) for address in accepted] if isinstance(accepted, list) else []


def _remember(accepted: list[str]) -> None:
    path = registry_path().with_name(FILE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing_whole(path) as part:
            part.write_text(json.dumps({"accepted": accepted}, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"that the terms are accepted cannot be remembered: {error.strerror}",
            path=path,
            remedy="make the folder writable, or name another one in VEP_CONFIG_DIR",
        ) from error
