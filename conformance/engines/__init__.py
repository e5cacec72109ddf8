"""Engines on trial: anything that takes a definition and an input and says what came of it.

An engine is a function `open_engine(argument) -> Engine` in a module of this package, with a row in `ENGINES`.
"""

from __future__ import annotations

import importlib

from .base import Engine

ENGINES = {"moto": "moto_", "endpoint": "endpoint", "asl_engine": "own"}
"""What `--engine` takes, `name` or `name:ARGUMENT` -> the module here."""


def open_engine(given: str) -> Engine:
    """The engine that `--engine` names. Raises ValueError for a name that is none."""
    name, _, argument = given.partition(":")
    if name not in ENGINES:
        raise ValueError(f"--engine must be one of {', '.join(ENGINES)}, not {name!r}")
    engine: Engine = importlib.import_module(f".{ENGINES[name]}", __package__).open_engine(argument)
    return engine
