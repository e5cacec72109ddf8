"""The reference test suite of JSONata, run on the engine: `groups/<group>/<file>.json`, one case or a list of them.

It runs below the public API, on `asl_engine.query.jsonata`, because an expression has no other door to it than a state.
A case passes by value, by being undefined, or by the code of its error. Any exception but JsonataError is a failure.
What AWS does not have (`??` and `?:` of JSONata 2.1, `$eval`) is listed in known_gaps_jsonata.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asl_engine.query.jsonata import UNDEFINED, JsonataError, compile_expression

GAPS = Path(__file__).parent / "known_gaps_jsonata.json"
DEFAULT_DEPTH = 600
Verdict = tuple[str, bool, str]
"""(case id, passed, reason): an id is `<group>/<file>`, with `#<index>` for a case of a list."""


class SuiteEnvironment:
    """A fixed clock, and random numbers that follow a fixed pattern."""

    now_ms = 1_700_000_000_000

    def __init__(self) -> None:
        self.drawn = 0

    def random(self) -> float:
        self.drawn += 1
        return self.drawn * 0.6180339887498949 % 1.0

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{self.drawn:012d}"


def judge_suite(directory: Path) -> Iterator[Verdict]:
    """A verdict for every case below `directory`, in order of their ids."""
    for path in sorted((directory / "groups").glob("*/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        name = f"{path.parent.name}/{path.stem}"
        if isinstance(content, list):
            for index, case in enumerate(content):
                yield f"{name}#{index}", *judge(case, path.parent, directory)
        else:
            yield name, *judge(content, path.parent, directory)


def judge(case: dict[str, Any], group: Path, directory: Path) -> tuple[bool, str]:
    try:
        outcome = _run(case, group, directory)
    except JsonataError as error:
        return _judge_error(case, error)
    except Exception as error:  # the suite must not stop at the first crash
        return False, f"{type(error).__name__}: {error}"
    if case.get("undefinedResult"):
        return (True, "") if outcome is UNDEFINED else (False, f"expected undefined, got {outcome!r:.200}")
    if "result" not in case:
        return False, f"expected {_expected_code(case)}, got {outcome!r:.200}"
    passed = _same(outcome, case["result"], unordered=bool(case.get("unordered")))
    return passed, "" if passed else f"expected {case['result']!r:.200}, got {outcome!r:.200}"


def _run(case: dict[str, Any], group: Path, directory: Path) -> Any:
    text = case["expr"] if "expr" in case else (group / case["expr-file"]).read_text(encoding="utf-8")
    expression = compile_expression(text)
    bindings = case.get("bindings", {})
    return expression.limited(_data(case, directory), bindings, SuiteEnvironment(), case.get("depth", DEFAULT_DEPTH))


def _data(case: dict[str, Any], directory: Path) -> Any:
    if "data" in case:
        return case["data"]
    if case.get("dataset"):
        return json.loads((directory / "datasets" / f"{case['dataset']}.json").read_text(encoding="utf-8"))
    return UNDEFINED


def _expected_code(case: dict[str, Any]) -> str | None:
    code = case.get("code") or case.get("error", {}).get("code")
    return None if code is None else str(code)


def _judge_error(case: dict[str, Any], error: JsonataError) -> tuple[bool, str]:
    expected = _expected_code(case)
    if error.code != expected:
        return False, f"expected {expected or 'a value'}, got {error}"
    message = case.get("error", {}).get("message")
    if message is not None and error.message != message:
        return False, f"expected the text {message!r}, got {error.message!r}"
    token = case.get("token", case.get("error", {}).get("token"))
    if token is not None and error.token is not None and str(error.token) != str(token):
        return True, f"the token is {error.token!r}, not {token!r}"
    return True, ""


def _same(one: Any, other: Any, *, unordered: bool = False) -> bool:
    """JSON equality; numbers as doubles, within the last digits that printing keeps."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-15, abs_tol=0.0)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        if unordered:
            one, other = (sorted(each, key=lambda item: json.dumps(item, sort_keys=True)) for each in (one, other))
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
