"""The library: one table per family, name -> `Builtin`. docs.jsonata.org, "Function library"; `aws` has what Step
Functions adds. `$eval` does not exist there."""

from __future__ import annotations

from asl_engine.query.jsonata.callables import Builtin
from asl_engine.query.jsonata.functions import arrays, aws, datetimes, higher_order, numbers, objects, strings

BUILTINS: dict[str, Builtin] = {
    builtin.name: builtin
    for family in (strings, numbers, arrays, objects, higher_order, datetimes, aws)
    for builtin in family.FUNCTIONS
}
