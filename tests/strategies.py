"""Hypothesis strategies that several tests draw from: the public ones, and parts of them."""

from __future__ import annotations

from hypothesis import strategies as st

from asl_engine.testing.strategies import json_values as any_json_values
from asl_engine.testing.strategies.values import scalars, texts

json_values = any_json_values()
json_objects = st.dictionaries(texts, json_values, max_size=4)

__all__ = ["json_objects", "json_values", "scalars", "texts"]
