"""`python -m conformance properties`: each law is a case, held against machines that Hypothesis draws.

A law that does not hold is shown with the smallest example that Hypothesis finds. The machines are the same in every
run, unless a seed is given.
"""

from __future__ import annotations

import json
import traceback
from typing import Any

from .drawn import settings_for
from .laws import LAWS, Example, Law
from .report import FAILED, PASSED, Judgement

KIND = "law"


def examples() -> Any:
    """The strategy that draws examples."""
    from hypothesis import strategies as st

    from asl_engine.testing.strategies import inputs_for, machines, task_outcomes

    @st.composite
    def example(draw: Any) -> Example:
        definition = draw(
            machines(invoke=False)
        )  # the envelope of lambda:invoke holds ids, drawn in the order of calls
        return Example(
            definition, draw(inputs_for(definition)), draw(task_outcomes(definition)), draw(st.integers(0, 20))
        )

    return example()


def judge_law(name: str, number: int, seed: int | None = None) -> Judgement:
    """Holds one law against so many examples."""
    shown: list[Example] = []
    try:
        _hold(LAWS[name], number, seed, shown)
    except Exception as error:  # the engine is on trial: whatever it raises breaks the law
        reason = f"{type(error).__name__}: {error}" if type(error).__name__ != "Broken" else str(error)
        example = _shown(shown[-1]) if shown else ""
        return Judgement(name, KIND, FAILED, f"{reason}; smallest example: {example}", traceback.format_exc())
    return Judgement(name, KIND, PASSED)


def _hold(check: Law, number: int, seed: int | None, shown: list[Example]) -> None:
    """Hypothesis runs the smallest failing example last, so that the last one shown is that."""
    import hypothesis

    def holds(example: Example) -> None:
        shown[:] = [example]
        check(example)

    given: Any = hypothesis.given(examples())
    run: Any = settings_for(number, shrink=True, derandomize=seed is None)(given(holds))
    if seed is not None:
        with_seed: Any = hypothesis.seed
        run = with_seed(seed)(run)
    run()


def _shown(example: Example) -> str:
    tasks = {name: repr(answers) for name, answers in example.tasks.items()}
    return json.dumps({"definition": example.definition, "input": example.input, "tasks": tasks, "seed": example.seed})
