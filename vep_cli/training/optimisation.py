"""How gradients become changes of parameters: AdamW, a warm-up and a cosine."""

import optax

from vep_cli.model.shapes import Path
from vep_cli.training.parameter_roles import decays
from vep_cli.training.settings import StageSettings


def learning_rates(stage: StageSettings) -> optax.Schedule:
    """Return the learning rate by step: up in a line, down in half a cosine."""
    return optax.warmup_cosine_decay_schedule(
        init_value=0.0 if stage.warmup else stage.learning_rate,
        peak_value=stage.learning_rate,
        warmup_steps=stage.warmup,
        decay_steps=max(stage.steps, stage.warmup + 1),
        end_value=stage.learning_rate * stage.final_fraction,
    )


def optimiser(stage: StageSettings) -> optax.GradientTransformation:
    """Return the optimiser of a stage, whose parameters are a flat dict by path."""
    return optax.chain(
        optax.clip_by_global_norm(stage.clip_norm),
        optax.adamw(learning_rates(stage), weight_decay=stage.weight_decay, mask=_decay_mask),
    )


def _decay_mask(leaves: dict[Path, object]) -> dict[Path, bool]:
    return {path: decays(path) for path in leaves}
