"""Tables of what was measured, for people and for programs."""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from skill_genes import KINDS
from skill_metrics import Labels, Values, auroc, average_precision, interval_of, top_k


@dataclasses.dataclass(frozen=True, kw_only=True)
class SiteSkill:
    """How well a model finds the splice sites of one kind.

    Attributes:
        model: Name.
        kind: 'acceptor' or 'donor'.
        sites: How many there are.
        top_k: Part of them among as many highest scores.
        average_precision: Area under the precision-recall curve.
    """

    model: str
    kind: str
    sites: int
    top_k: float
    average_precision: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class VariantSkill:
    """How well a score tells damaging variants from harmless ones.

    Attributes:
        model: Name.
        score: The formula.
        damaging: How many there are.
        harmless: How many there are.
        auroc: Area under the receiver operating characteristic.
        auroc_interval: Its 95 % bootstrap interval.
        average_precision: Area under the precision-recall curve.
        average_precision_interval: Its 95 % bootstrap interval.
    """

    model: str
    score: str
    damaging: int
    harmless: int
    auroc: float
    auroc_interval: tuple[float, float]
    average_precision: float
    average_precision_interval: tuple[float, float]


def site_skill(model: str, labels: np.ndarray, scores: Float[np.ndarray, "bases kinds"]) -> list[SiteSkill]:
    """Return the skill for each kind of site; `labels` are true for sites, by base and kind."""
    return [
        SiteSkill(
            model=model,
            kind=kind,
            sites=int(labels[:, column].sum()),
            top_k=top_k(labels[:, column], scores[:, column]),
            average_precision=average_precision(labels[:, column], scores[:, column]),
        )
        for column, kind in enumerate(KINDS)
    ]


def variant_skill(model: str, score: str, is_damaging: Labels, scores: Values) -> VariantSkill:
    """Return the skill of one score of the variants."""
    return VariantSkill(
        model=model,
        score=score,
        damaging=int(is_damaging.sum()),
        harmless=int((~is_damaging).sum()),
        auroc=auroc(is_damaging, scores),
        auroc_interval=interval_of(auroc, is_damaging, scores),
        average_precision=average_precision(is_damaging, scores),
        average_precision_interval=interval_of(average_precision, is_damaging, scores),
    )


def markdown(title: str, rows: Sequence[object]) -> str:
    """Return a table of dataclasses of one kind as Markdown; empty without rows."""
    if not rows:
        return ""
    records = [dataclasses.asdict(row) for row in rows]  # type: ignore[call-overload]
    head = [name.replace("_", " ") for name in records[0]]
    lines = [f"## {title}", "", _line(head), _line(["---"] * len(head))]
    lines += [_line([cell(value) for value in record.values()]) for record in records]
    return "\n".join(lines) + "\n"


def cell(value: object) -> str:
    """Return one value of a table, numbers to three places."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, tuple):
        return " to ".join(cell(one) for one in value)
    return str(value)


def as_json(parts: Mapping[str, Sequence[object]]) -> str:
    """Return tables of dataclasses as JSON, by name."""
    plain = {name: [dataclasses.asdict(row) for row in rows] for name, rows in parts.items()}  # type: ignore[call-overload]
    return json.dumps(plain, indent=2) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
