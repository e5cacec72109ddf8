"""What the tests of lints share: small definitions, and what is found in them."""

from __future__ import annotations

from typing import Any

from asl_engine import Diagnostic
from asl_engine.machine import validate

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"


def machine(**states: Any) -> dict[str, Any]:
    """A definition that starts at the first of the states."""
    return {"StartAt": next(iter(states)), "States": states}


def alone(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A definition of one state, named S, which ends it unless it says otherwise."""
    ends = {} if state["Type"] in ("Choice", "Fail", "Succeed") or "Next" in state else {"End": True}
    return {"StartAt": "S", "States": {"S": state | ends}} | fields


def task(**fields: Any) -> dict[str, Any]:
    """A task with fields."""
    return {"Type": "Task", "Resource": FUNCTION} | fields


def deciding(*rules: dict[str, Any], default: bool = True, language: str = "JSONPath") -> dict[str, Any]:
    """A definition of a Choice state S with rules, which all lead to End."""
    choice = {"Type": "Choice", "Choices": [rule | {"Next": "End"} for rule in rules]}
    states = {"S": choice | ({"Default": "End"} if default else {}), "End": {"Type": "Succeed"}}
    return {"StartAt": "S", "QueryLanguage": language, "States": states}


def found(definition: dict[str, Any], code: str) -> list[Diagnostic]:
    """The findings of one code."""
    return [diagnostic for diagnostic in validate(definition) if diagnostic.code == code]


def places(definition: dict[str, Any], code: str) -> list[str]:
    """The pointers of the findings of one code."""
    return [diagnostic.pointer for diagnostic in found(definition, code)]
