"""`python -m vep_cli` is `vep`."""

import sys

from vep_cli.cli import main

sys.exit(main())
