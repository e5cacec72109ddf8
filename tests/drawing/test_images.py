"""The pictures of the documentation are what the definitions say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GENERATOR = Path(__file__).parents[2] / "docs" / "generate_images.py"


def test_the_pictures_of_the_documentation_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("up to date\n", ""), "run: python docs/generate_images.py"
