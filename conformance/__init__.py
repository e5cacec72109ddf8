"""Conformance: what the engine is held against, and the runners that hold it there.

Nothing in here imports below the public API of `asl_engine`, so that another engine could be put in its place.
"""
