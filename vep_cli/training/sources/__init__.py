"""Sources of targets: what the tracks of a piece ought to be, measured, annotated, taught or ruled."""
