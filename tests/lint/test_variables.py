"""Variables that nothing reads."""

from __future__ import annotations

from .asking import alone, found, machine, places, task


def test_a_variable_that_nothing_reads_is_told() -> None:
    assert places(alone({"Type": "Pass", "Assign": {"a.$": "$.a"}}), "UNUSED_VARIABLE") == ["/States/S/Assign/a.$"]


def test_a_variable_that_a_path_a_call_or_an_expression_reads_is_not_told() -> None:
    definition = machine(
        A={"Type": "Pass", "Assign": {"a": 1, "b": 2, "c": 3, "d": 4}, "Next": "B"},
        B={"Type": "Wait", "SecondsPath": "$a", "Next": "C"},
        C={"Type": "Pass", "Parameters": {"x.$": "States.Format('{}', $b)"}, "Next": "D"},
        D={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $c %}", "Next": "E"},
        E={"Type": "Choice", "Choices": [{"Variable": "$d.x", "IsNull": True, "Next": "F"}], "Default": "F"},
        F={"Type": "Succeed"},
    )
    assert not found(definition, "UNUSED_VARIABLE")


def test_a_variable_that_a_nested_machine_reads_is_not_told() -> None:
    body = machine(I=task(Parameters={"x.$": "$a"}, End=True))
    definition = machine(
        A={"Type": "Pass", "Assign": {"a": 1}, "Next": "M"}, M={"Type": "Map", "ItemProcessor": body, "End": True}
    )
    assert not found(definition, "UNUSED_VARIABLE")


def test_the_variable_of_a_rule_and_of_a_catcher_are_told() -> None:
    definition = machine(
        C={
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "T", "Assign": {"r": 1}}],
            "Default": "T",
        },
        T=task(Catch=[{"ErrorEquals": ["States.ALL"], "Assign": {"c": 1}, "Next": "E"}], Next="E"),
        E={"Type": "Succeed"},
    )
    assert places(definition, "UNUSED_VARIABLE") == ["/States/C/Choices/0/Assign/r", "/States/T/Catch/0/Assign/c"]
