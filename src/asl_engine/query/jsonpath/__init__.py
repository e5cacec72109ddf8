"""JSONPath as AWS runs it: `parse_path` reads a path, `compile_path` makes a function of it."""

from asl_engine.query.jsonpath.evaluate import PathMisapplied, PathNotFound, compile_path
from asl_engine.query.jsonpath.segments import Path
from asl_engine.query.jsonpath.syntax import InvalidPath, parse_path, parse_reference_path

__all__ = [
    "InvalidPath",
    "Path",
    "PathMisapplied",
    "PathNotFound",
    "compile_path",
    "parse_path",
    "parse_reference_path",
]
