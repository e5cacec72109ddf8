"""JSONata, whose stages are noted: a module of its own, so that JSONata is loaded only where it is used."""

from __future__ import annotations

from typing import Any

from asl_engine.jsonvalue import Json
from asl_engine.query.jsonata_language import JsonataLanguage
from asl_engine.query.language import Sized
from asl_engine.query.scope import Expr
from asl_engine.testing.state_test.inspection import AFTER_ARGUMENTS, LIMITS, Inspection


class WatchedJsonata(JsonataLanguage):
    """JSONata: of its stages AWS shows the arguments alone."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection

    def before(self, state: Any) -> Sized | None:
        """Arguments."""
        part = JsonataLanguage.before(self, state)
        return None if part is None else self._inspection.noted(AFTER_ARGUMENTS, part)

    def value(self, field: str, text: Json, path: str | None) -> Expr | None:
        """A single value; the limits of a Map are noted."""
        expr = JsonataLanguage.value(self, field, text, path)
        return self._inspection.noted_limit(field, expr) if expr is not None and field in LIMITS else expr
