"""JSON values, among them texts that JSON must escape and numbers that do not fit into 64 bits."""

from __future__ import annotations

from hypothesis import strategies as st

from asl_engine.jsonvalue import Json

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts


def json_values(*, max_leaves: int = 12) -> st.SearchStrategy[Json]:
    """Any JSON value with about so many leaves at most; shrinks to null."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=max_leaves,
    )
