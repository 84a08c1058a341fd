"""Make a weights folder of a checkpoint and track metadata that the user has.

Everything is checked before anything is written; arrays pass through one at a time; the folder
appears under its name only when it is whole.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
from collections.abc import Iterator

import numpy as np
from jaxtyping import Shaped

from vep_cli.errors import OutputError, UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.official_terms import LICENCE, TERMS_ADDRESS
from vep_cli.model.orbax_checkpoint import OrbaxCheckpoint
from vep_cli.model.parameters import leaf_name
from vep_cli.model.port_file import SUFFIX, PortFile
from vep_cli.model.safetensors_writer import write_safetensors
from vep_cli.model.shapes import Path, flatten, parameter_shapes
from vep_cli.model.stored_leaf import Checkpoint, StoredLeaf, check_layout
from vep_cli.model.tracks import TrackTable, write_tracks
from vep_cli.model.verification import verify_weights
from vep_cli.model.weights_folder import CARD, CONFIG, PARAMETERS, TRACKS, WeightsFolder, write_manifest
