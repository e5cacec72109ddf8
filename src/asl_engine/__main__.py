"""`python -m asl_engine` is the command `asl`."""

import sys

from asl_engine.cli import main

sys.exit(main())
