"""JSONPath definitions rewritten in JSONata: `convert` says what it did, `prove` runs both and compares."""

from asl_engine.rewriting.jsonata.convert import Conversion, ConversionError, convert
from asl_engine.rewriting.jsonata.report import Note

__all__ = ["Conversion", "ConversionError", "Note", "convert"]
