"""The 18 intrinsic functions of the JSONPath query language. Importing a family enters its functions into the table."""

from asl_engine.query.intrinsics import arrays, encoding, json_functions, maths, strings
from asl_engine.query.intrinsics.calls import compile_intrinsic
from asl_engine.query.intrinsics.syntax import InvalidIntrinsic
from asl_engine.query.intrinsics.table import INTRINSICS

__all__ = [
    "INTRINSICS",
    "InvalidIntrinsic",
    "arrays",
    "compile_intrinsic",
    "encoding",
    "json_functions",
    "maths",
    "strings",
]
