"""Hypothesis strategies: valid state machines, inputs that reach their Choice rules, outcomes for their tasks.

Needs Hypothesis: `pip install "asl-engine[strategies]"`.
"""

from __future__ import annotations

try:
    import hypothesis as _hypothesis
except ImportError as error:
    raise ImportError('asl_engine.testing.strategies needs Hypothesis: pip install "asl-engine[strategies]"') from error

from asl_engine.testing.strategies.definitions import STATE_TYPES, machines
from asl_engine.testing.strategies.inputs import inputs_for
from asl_engine.testing.strategies.outcomes import Answers, Fails, TimesOut, task_outcomes
from asl_engine.testing.strategies.values import json_values

__all__ = ["STATE_TYPES", "Answers", "Fails", "TimesOut", "inputs_for", "json_values", "machines", "task_outcomes"]

del _hypothesis
