"""Test runs inside tests, with the plugin that is under test here.

The engine is loaded here once, so that runs in this process do not load it each for itself: pytester forgets modules,
and the package `asl_engine` would keep names from forgotten ones.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

import asl_engine.machine

PLUGIN = [] if entry_points(group="pytest11", name="asl_engine") else ["-p", "asl_engine.pytest_plugin"]
"""The option that loads the plugin where it is not installed with its entry point."""

SOURCE = str(Path(asl_engine.__file__).resolve().parents[1])


def run(project: pytest.Pytester, text: str | None = None, *options: str) -> pytest.RunResult:
    """A test run in this process, after the test file was written."""
    if text is not None:
        project.makepyfile(text)
    return project.runpytest_inprocess(*PLUGIN, *options)
