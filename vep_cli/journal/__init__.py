"""What a run has done so far, kept on disk, so that a run that was killed can go on."""
