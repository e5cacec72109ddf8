"""Valid machines. A machine is drawn as nested chains: each state goes on to the next one of its chain or, from a
Choice or a Catch, to a later one, so that every run ends.

Every choice has its plainest outcome first, so that Hypothesis shrinks to few states, with few fields and good names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from hypothesis import strategies as st

from asl_engine.definition.fields import BOTH, JSONATA, JSONPATH
from asl_engine.jsonvalue import Json
from asl_engine.testing.strategies import material as m

STATE_TYPES = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
Drawn = TypeVar("Drawn")
State: TypeAlias = dict[str, Any]
Option: TypeAlias = Sequence[Json] | Callable[[], Json]
"""The values that a field may have, or a function that draws one."""


class Draw(Protocol):
    """What Hypothesis gives to the body of a composite strategy."""

    def __call__(self, strategy: st.SearchStrategy[Drawn]) -> Drawn: ...


class Plan(NamedTuple):
    """What machines may have."""

    languages: Collection[str]
    types: Collection[str]
    max_states: int
    max_depth: int
    failing: bool
    retry: bool
    catch: bool
    variables: bool
    distributed: bool
    invoke: bool
    time_outs: bool


@st.composite
def machines(
    draw: Draw,
    *,
    languages: Collection[str] = BOTH,
    types: Collection[str] = STATE_TYPES,
    max_states: int = 4,
    max_depth: int = 2,
    failing: bool = True,
    retry: bool = True,
    catch: bool = True,
    variables: bool = True,
    distributed: bool = False,
    invoke: bool = True,
    time_outs: bool = True,
) -> State:
    """Valid definitions, as Python values.

    - `languages`: "JSONPath", "JSONata" or both, mixed state by state.
    - `types`: the state types allowed; Succeed ends chains even where it is not named.
    - `max_states` in a chain, `max_depth` of Parallel and Map in one another.
    - `failing=False`: nothing but a task can fail, if the input has the arrays `list` and `none`, which Maps read.
    - `retry`, `catch`, `variables`, `time_outs`: whether there are any.
    - `distributed`: whether Maps may be distributed ones.
    - `invoke`: whether tasks may use `lambda:invoke` besides the function's ARN; the function is always called `work`.

    Raises ValueError for a language or a type that there is not.
    """
    _refuse_unknown("languages", languages, BOTH)
    _refuse_unknown("types", types, STATE_TYPES)
    plan = Plan(
        tuple(languages),
        tuple(types),
        max_states,
        max_depth,
        failing,
        retry,
        catch,
        variables,
        distributed,
        invoke,
        time_outs,
    )
    whole = JSONPATH if JSONPATH in languages else JSONATA
    if len(plan.languages) > 1 and draw(_one_in(4)):
        whole = JSONATA
    language = {} if whole == JSONPATH else {"QueryLanguage": whole}
    machine = {**language, **_Chain(draw, plan, _Names(), 0, whole).machine()}
    if failing and time_outs and draw(_one_in(8)):
        machine["TimeoutSeconds"] = draw(st.sampled_from([1000, 50, 1]))
    return machine


def _refuse_unknown(option: str, given: Collection[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown or not given:
        raise ValueError(f"{option} must be some of {', '.join(known)}, not {', '.join(unknown) or 'none'}")


def _one_in(number: int) -> st.SearchStrategy[bool]:
    """True one time in so many; shrinks to False."""
    return st.integers(0, number - 1).map(lambda drawn: drawn == number - 1)


_ORDER = (
    *("Type", "QueryLanguage", "Resource", "InputPath", "Parameters", "Arguments", "Items", "ItemsPath"),
    *("ItemSelector", "MaxConcurrency", "ToleratedFailureCount", "ItemProcessor", "Branches", "Choices", "Default"),
    *("Result", "ResultSelector", "ResultPath", "OutputPath", "Output", "Assign", "Retry", "Catch", "Next", "End"),
)
"""The order in which a person writes fields; those that are not named stand in the middle."""


def _place_of(field: str) -> int:
    return _ORDER.index(field) if field in _ORDER else _ORDER.index("Result")


class _Names:
    """State names, each one used once in a machine: `Pass`, `Task`, `Pass 2`."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def fresh(self, kind: str) -> str:
        number = self._used[kind] = self._used.get(kind, 0) + 1
        return kind if number == 1 else f"{kind} {number}"


@st.composite
def _together(draw: Draw, function: Callable[[Draw], Drawn]) -> Drawn:
    """All draws of a function as one, which Hypothesis may take out at once."""
    return function(draw)


_MORE = st.integers(0, 3).map(bool)
"""Whether another state is put before the last one."""

_AGAIN = st.integers(0, 1).map(bool)
"""Whether a state gets another field."""


def _linked(state: State, later: list[str]) -> State:
    """The state with names in place of numbers in Next and Default, its fields in order."""
    for holder in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        for field in ("Next", "Default"):
            if field in holder:
                holder[field] = later[min(holder[field], len(later) - 1)]
    return {field: state[field] for field in sorted(state, key=_place_of)}


class _Chain:
    """One `StartAt` and `States` in the drawing."""

    def __init__(self, draw: Draw, plan: Plan, names: _Names, depth: int, whole: str) -> None:
        self.draw = draw
        self.plan = plan
        self.names = names
        self.depth = depth
        self.whole = whole
        self.known: list[str] = []

    def machine(self) -> State:
        """The states in their order. Each one is drawn whole before the next, so that Hypothesis may take one out; and
        whether there is another is drawn even where there is no room, so that what is left reads as before."""
        drawn: list[tuple[str, State]] = []
        while self._middles():
            has_room = len(drawn) < self.plan.max_states - 1
            another = self.draw(_together(partial(self._another, has_room=has_room)))
            if another is None:
                break
            drawn.append(another)
        drawn.append(self._named(self._ends(), last=True))
        names = [name for name, _ in drawn]
        states = {name: _linked(state, names[place + 1 :]) for place, (name, state) in enumerate(drawn)}
        return {"StartAt": names[0], "States": states}

    def _another(self, draw: Draw, *, has_room: bool) -> tuple[str, State] | None:
        return self._named(self._middles(), last=False) if draw(_MORE) and has_room else None

    def _named(self, kinds: list[str], *, last: bool) -> tuple[str, State]:
        kind = self.draw(st.sampled_from(kinds))
        name = self.names.fresh(kind)
        return name, self._state(kind, last)

    def target(self) -> int:
        """How many states are left out on the way to a target; `_linked` puts its name there."""
        return self.draw(st.integers(0, 2))

    def _middles(self) -> list[str]:
        nesting = self.depth < self.plan.max_depth
        kinds = ("Pass", "Task", "Choice", "Wait", *(("Parallel", "Map") if nesting else ()))
        return [kind for kind in kinds if kind in self.plan.types]

    def _ends(self) -> list[str]:
        kinds = ("Succeed", "Pass", "Task", *(("Fail",) if self.plan.failing else ()))
        return [kind for kind in kinds if kind in self.plan.types] or ["Succeed"]

    # --- one state ----------------------------------------------------------------------------------------------------

    def _state(self, kind: str, last: bool) -> State:
        language = self._language()
        state: State = {"Type": kind, **({} if language == self.whole else {"QueryLanguage": language})}
        state |= _KINDS[kind](self, language, last)
        if kind not in ("Succeed", "Fail", "Choice"):
            state |= {"End": True} if last else {"Next": 0}
        return state

    def _language(self) -> str:
        """A state of a JSONata machine is JSONata; one of a JSONPath machine may be either."""
        other = self.draw(_one_in(4))  # drawn in any case: what takes more draws looks larger to Hypothesis
        return JSONATA if other and self.whole == JSONPATH and JSONATA in self.plan.languages else self.whole

    def some(self, options: Mapping[str, Option]) -> State:
        """Some of these fields, each drawn from its values or by its function; none of them most simply."""
        possible = [field for field, option in options.items() if callable(option) or option]
        chosen: State = {}
        while possible:
            another = self.draw(_together(lambda draw: self._field(draw, possible, options)))
            if another is None:
                break
            chosen |= another
            if len(chosen) == len(possible):
                self.draw(_AGAIN)  # as in `machine`
                break
        return chosen

    def _field(self, draw: Draw, possible: list[str], options: Mapping[str, Option]) -> State | None:
        if not draw(_AGAIN):
            return None
        field = draw(st.sampled_from(possible))
        return {field: self._value(options[field])}

    def _value(self, option: Option) -> Json:
        return option() if callable(option) else self.draw(st.sampled_from(option))

    def templates(self, language: str) -> list[Json]:
        """What a payload template, Arguments or Output may be."""
        found = m.MATERIAL[language]
        return [*found.safe, *(found.risky if self.plan.failing else ()), *self._reading(language)]

    def _reading(self, language: str) -> list[Json]:
        if not self.plan.failing:
            return []
        return [{"v.$": f"${name}"} if language == JSONPATH else {"v": f"{{% ${name} %}}"} for name in self.known]

    def assigning(self, language: str) -> Mapping[str, Option]:
        """Assign, where there may be variables."""
        return {"Assign": lambda: self._assign(language)} if self.plan.variables else {}

    def _assign(self, language: str) -> State:
        """What is set is known from then on."""
        name = self.draw(st.sampled_from(m.VARIABLES[min(self.depth, len(m.VARIABLES) - 1)]))
        found = m.MATERIAL[language]
        value = self.draw(st.sampled_from([*found.assigned, *(found.risky_assigned if self.plan.failing else ())]))
        path = language == JSONPATH and isinstance(value, str)
        self.known = sorted({*self.known, name})
        return {f"{name}.$" if path else name: value}

    @property
    def selections(self) -> list[Any]:
        """What InputPath and OutputPath may be."""
        return m.SELECTIONS if self.plan.failing else m.SAFE_SELECTIONS

    @property
    def result_paths(self) -> list[Any]:
        """What ResultPath may be."""
        return m.RESULT_PATHS if self.plan.failing else m.SAFE_RESULT_PATHS

    def handling(self, language: str, last: bool) -> Mapping[str, Option]:
        """Retry and Catch, where there may be any."""
        retry: Mapping[str, Option] = {"Retry": self._retriers} if self.plan.retry else {}
        catch: Mapping[str, Option] = {"Catch": lambda: self._catchers(language)}
        return {**retry, **({} if last or not self.plan.catch else catch)}

    def nested(self) -> State:
        """A machine one level deeper, which may read what this one's variables hold."""
        inner = _Chain(self.draw, self.plan, self.names, self.depth + 1, self.whole)
        inner.known = list(self.known)
        return inner.machine()

    def _retriers(self) -> list[State]:
        retriers = []
        for errors in self.draw(st.sampled_from([m.RETRIERS[:1], m.RETRIERS[1:3], m.RETRIERS[3:]])):
            attempts = self.draw(st.sampled_from([1, 0, 2, 3]))
            retriers.append({"ErrorEquals": errors, "MaxAttempts": attempts, **self.some({"JitterStrategy": ["FULL"]})})
        return retriers

    def _catchers(self, language: str) -> list[State]:
        catcher: State = {"ErrorEquals": self.draw(st.sampled_from(m.RETRIERS))}
        if language == JSONPATH:
            catcher |= self.some({"ResultPath": ["$.error", None] if self.plan.failing else [None]})
        else:
            catcher |= self.some({"Output": [{"why": "{% $states.errorOutput.Error %}"}]})
        return [catcher | {"Next": self.target()}]

    # --- Choice rules -------------------------------------------------------------------------------------------------

    def rule(self) -> State:
        """A rule of a JSONPath Choice."""
        if self.draw(_one_in(3)):
            joint = self.draw(st.sampled_from(["Not", "And", "Or"]))
            return {joint: self._data_test() if joint == "Not" else [self._data_test(), self._data_test()]}
        return self._data_test()

    def _data_test(self) -> State:
        if not self.plan.failing:
            return self.draw(st.sampled_from(m.SAFE_RULES))
        variable = self.draw(st.sampled_from([*m.RULE_FIELDS, *(f"${name}" for name in self.known)]))
        return {"Variable": variable, **self.draw(st.sampled_from(m.DATA_TESTS))}

    def condition(self) -> State:
        """A rule of a JSONata Choice."""
        conditions = [*m.SAFE_CONDITIONS, *(m.CONDITIONS if self.plan.failing else ())]
        return {"Condition": f"{{% {self.draw(st.sampled_from(conditions))} %}}"}


# --- the state types --------------------------------------------------------------------------------------------------


def _pass(chain: _Chain, language: str, last: bool) -> State:
    if language == JSONATA:
        return chain.some({"Output": chain.templates(language), **chain.assigning(language)})
    return chain.some(
        {
            "Result": m.RESULTS,
            "Parameters": chain.templates(language),
            "InputPath": chain.selections,
            "ResultPath": chain.result_paths,
            "OutputPath": chain.selections,
            **chain.assigning(language),
        }
    )


def _task(chain: _Chain, language: str, last: bool) -> State:
    payload = "Parameters" if language == JSONPATH else "Arguments"
    optional: dict[str, Option] = {}
    if chain.plan.invoke and chain.draw(_one_in(4)):
        whole = {"Payload.$": "$"} if language == JSONPATH else {"Payload": "{% $states.input %}"}
        state: State = {"Resource": m.INVOKE, payload: {"FunctionName": "work", **whole}}
    else:
        state = {"Resource": m.FUNCTION}
        optional[payload] = chain.templates(language)
    if chain.plan.failing and chain.plan.time_outs:
        optional |= {"TimeoutSeconds": [30, 2], "HeartbeatSeconds": [1]}
    return state | chain.some({**_ending(chain, language, last), **optional})


def _ending(chain: _Chain, language: str, last: bool) -> Mapping[str, Option]:
    """What becomes of a result, and of an error."""
    handling = {**chain.assigning(language), **chain.handling(language, last)}
    if language == JSONATA:
        return {"Output": ["{% $states.result %}", {"r": "{% $states.result %}"}], **handling}
    selectors = m.RESULT_SELECTORS if chain.plan.failing else []
    return {"ResultSelector": selectors, "ResultPath": chain.result_paths, **handling}


def _wait(chain: _Chain, language: str, last: bool) -> State:
    by_input: State = {"SecondsPath": "$.a"} if language == JSONPATH else {"Seconds": "{% $states.input.a %}"}
    ways: list[State] = [*({"Seconds": seconds} for seconds in m.SECONDS), *({"Timestamp": at} for at in m.MOMENTS)]
    return chain.draw(st.sampled_from([*ways, *([by_input] if chain.plan.failing else [])]))


def _choice(chain: _Chain, language: str, last: bool) -> State:
    draw_rule = chain.rule if language == JSONPATH else chain.condition
    rules = [{**draw_rule(), "Next": chain.target()} for _ in range(chain.draw(st.integers(1, 2)))]
    default = {} if chain.plan.failing and chain.draw(_one_in(6)) else {"Default": 0}
    return {"Choices": rules, **default, **chain.some(chain.assigning(language))}


def _succeed(chain: _Chain, language: str, last: bool) -> State:
    if language == JSONATA:
        return chain.some({"Output": chain.templates(language)})
    return chain.some({"OutputPath": chain.selections})


def _fail(chain: _Chain, language: str, last: bool) -> State:
    return {"Error": chain.draw(st.sampled_from(["Busy", "Over"])), **chain.some({"Cause": ["No more"]})}


def _parallel(chain: _Chain, language: str, last: bool) -> State:
    branches = [chain.nested() for _ in range(chain.draw(st.integers(1, 3)))]
    return {"Branches": branches, **chain.some(_ending(chain, language, last))}


def _map(chain: _Chain, language: str, last: bool) -> State:
    state: State = {"ItemProcessor": chain.nested()}
    path = chain.draw(st.sampled_from(["list", "none"]))
    if language == JSONPATH:
        state["ItemsPath"] = f"$$.Execution.Input.{path}"
        selectors = [{"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}]
    else:
        state["Items"] = f"{{% [$states.context.Execution.Input.{path}] %}}"
        selectors = [{"v": "{% $states.context.Map.Item.Value %}"}]
    optional: dict[str, Option] = {"ItemSelector": selectors, "MaxConcurrency": [1, 0, 2]}
    if chain.plan.failing:
        optional["ToleratedFailureCount"] = [1, 0]
    if chain.plan.distributed and chain.draw(_one_in(3)):
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        state["ItemProcessor"] = {"ProcessorConfig": config, **state["ItemProcessor"]}
    return state | chain.some({**optional, **_ending(chain, language, last)})


_KINDS: dict[str, Callable[[_Chain, str, bool], State]] = {
    "Pass": _pass,
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
    "Parallel": _parallel,
    "Map": _map,
}
