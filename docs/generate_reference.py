"""Writes docs/reference/ from the code: signatures and docstrings, and the tables that the engine itself works by.

    python docs/generate_reference.py           writes the pages
    python docs/generate_reference.py --check   tells which pages differ; exit status 1 if any does

Names, fields, operators, functions, events and codes come from the code. Only the sentences in ERRORS and
FUNCTIONS are written here, and a member of a table without its sentence is an error, so that none is forgotten.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import asl_engine
import asl_engine.testing
from asl_engine import errors
from asl_engine.definition.fields import BOTH, JSONATA, JSONPATH, FieldSpec, specs_of
from asl_engine.definition.words import words_of
from asl_engine.execution.history import HISTORY_EVENTS
from asl_engine.query.intrinsics.calls import INTRINSICS
from asl_engine.reporting.codes import known_codes
from asl_engine.states.catch import Catcher
from asl_engine.states.choice import ChoiceRule
from asl_engine.states.choice_rules import BOOLEAN, DATA_TESTS, NUMBER, STRING
from asl_engine.states.common import ALWAYS, State
from asl_engine.states.map_items import ItemBatcher, ItemReader, ReaderConfig
from asl_engine.states.map_results import ResultWriter, WriterConfig
from asl_engine.states.retry import Retrier
from asl_engine.states.table import STATE_TYPES

FOLDER = Path(__file__).parent / "reference"
PACKAGE = Path(asl_engine.__file__).parent

MARK = "<!-- Made by docs/generate_reference.py from the code. Do not edit. -->"

ERRORS = {
    "States.ALL": "In `ErrorEquals` only: every error but States.Runtime; see [compatibility](../compatibility.md).",
    "States.BranchFailed": "A branch of a Parallel state failed.",
    "States.DataLimitExceeded": "A payload or a result is larger than 262,144 bytes.",
    "States.ExceedToleratedFailureThreshold": "More iterations of a Map failed than it tolerates.",
    "States.HeartbeatTimeout": "In `ErrorEquals` only: a missed heartbeat. The error itself is States.Timeout.",
    "States.ItemReaderFailed": "A distributed Map could not read its items.",
    "States.NoChoiceMatched": "No choice rule held and there is no `Default`.",
    "States.Permissions": "A task had not the right to do its work.",
    "States.QueryEvaluationError": "A JSONata expression could not be evaluated.",
    "States.ResultWriterFailed": "A distributed Map could not write its results.",
    "States.Runtime": "A path, template or intrinsic function failed. Never retried, never caught.",
    "States.TaskFailed": "In `ErrorEquals`: every error but States.Timeout and those that States.ALL does not match.",
    "States.Timeout": "A task, or the whole machine, took longer than it may.",
}
"""What an error name says."""

FUNCTIONS = {
    "States.Array": "An array of its arguments.",
    "States.ArrayContains": "Whether an array holds a value.",
    "States.ArrayGetItem": "The item at an index, from 0.",
    "States.ArrayLength": "How many items an array has.",
    "States.ArrayPartition": "An array cut into arrays of a length; the last may be shorter.",
    "States.ArrayRange": "An array of integers from a first to a last, both included, by a step.",
    "States.ArrayUnique": "An array without its repeated values.",
    "States.Base64Decode": "The text that Base64 stands for.",
    "States.Base64Encode": "A text as Base64.",
    "States.Format": "A template with each `{}` replaced by an argument.",
    "States.Hash": "The hash of a value, by MD5, SHA-1, SHA-256, SHA-384 or SHA-512, in hexadecimal.",
    "States.JsonMerge": "Two objects in one; the second wins. The third argument must be false (shallow).",
    "States.JsonToString": "A value as JSON text.",
    "States.MathAdd": "The sum of two integers.",
    "States.MathRandom": "A random integer from a first to a last; a third argument seeds it.",
    "States.StringSplit": "A text cut at any of the characters of a second text.",
    "States.StringToJson": "The value that a JSON text stands for.",
    "States.UUID": "A version 4 UUID, fixed by the execution's seed.",
}
"""What an intrinsic function gives."""

REPORT_NAMES = {
    "asl_engine.execution.assertions": ("Assertions",),
    "asl_engine.drivers.clock": ("Clock",),
    "asl_engine.execution.report": ("StateReport", "StateError"),
}
"""Types that callers meet without importing them."""

STRATEGY_NAMES = {
    "asl_engine.testing.strategies.definitions": ("machines",),
    "asl_engine.testing.strategies.inputs": ("inputs_for",),
    "asl_engine.testing.strategies.outcomes": ("task_outcomes", "Answers", "Fails", "TimesOut"),
    "asl_engine.testing.strategies.values": ("json_values",),
}
"""Module -> what `asl_engine.testing.strategies` has of it."""
LOOP_NAMES = {
    "asl_engine.execution.commands": ("InvokeTask", "SetTimer", "Cancel", "EndExecution"),
    "asl_engine.execution.replies": (
        "TaskSucceeded",
        "TaskFailed",
        "TaskSubmitted",
        "TaskHeartbeat",
        "TimerFired",
        "StopExecution",
    ),
    "asl_engine.states.resource": ("Resource",),
    "asl_engine.jsonvalue": ("adopt",),
}
"""What a loop of one's own meets besides the names of `asl_engine` itself."""

CALLERS_MEMBERS = {
    "Execution": (
        "start",
        "receive",
        "is_awaited",
        "output",
        "history",
        "path",
        "state",
        "elapsed",
        "raise_for_status",
        "pending_tokens",
        "send_task_success",
        "send_task_failure",
        "send_task_heartbeat",
        "advance",
        "resume",
        "map_runs",
        "at",
        "fork",
    ),
    "TaskContext": (
        "aws_request_id",
        "now",
        "sleep",
        "heartbeat",
        "submitted",
        "get_remaining_time_in_millis",
    ),
}
"""Classes of which only these members are for callers; the rest is for the package itself."""


def pages() -> dict[str, str]:
    """File name -> text of every page of docs/reference/."""
    return {
        "api.md": _page("Python names", _api()),
        "testing.md": _page("Names for tests", _testing()),
        "own-loop.md": _page("Names for a loop of your own", _own_loop()),
        "modules.md": _page("Modules", _modules()),
        "state-fields.md": _page("State fields", _state_fields()),
        "choice-operators.md": _page("Choice operators", _choice_operators()),
        "intrinsic-functions.md": _page("Intrinsic functions", _intrinsics()),
        "history-events.md": _page("History events", _history_events()),
        "diagnostics.md": _page("Diagnostic codes", _diagnostics()),
        "errors.md": _page("Error names", _error_names()),
        "parity.md": _page("Parity with AWS", _parity()),
    }


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([MARK, "", f"# {title}", "", *lines]).rstrip() + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _prose(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)


def _sentence(table: dict[str, str], name: str) -> str:
    if name not in table:
        raise SystemExit(f"docs/generate_reference.py has no sentence about {name!r}: write one")
    return table[name]


# --- api.md -----------------------------------------------------------------------------------------------------------


def _api() -> Iterator[str]:
    yield from _prose(
        "The public names of `asl_engine`, with the words of their docstrings. Everything is typed "
        "(`py.typed`). "
        "A JSON value is `None`, `bool`, `int`, `float`, `str`, a list, or a dict with string keys; its type "
        "is `Json`."
    )
    yield ""
    homes = asl_engine._HOME_OF
    for name in sorted(asl_engine.__all__, key=str.lower):
        yield from _described(homes[name], name, "asl_engine")
    yield from _prose(
        "The following are met without being imported: an `Execution` has the methods of `Assertions`, any object of "
        "the form `Clock` is a clock, and `Execution.state` gives a `StateReport`."
    )
    yield ""
    for module, names in REPORT_NAMES.items():
        for name in names:
            yield from _described(module, name, module)


def _testing() -> Iterator[str]:
    yield from _prose(
        "The public names of `asl_engine.testing`, with the words of their docstrings: what tests of state machines "
        "need besides the engine."
    )
    yield ""
    homes = asl_engine.testing._HOME_OF
    for name in sorted(homes, key=str.lower):
        yield from _described(homes[name], name, "asl_engine.testing")
    yield from _prose("The following are strategies of Hypothesis, and what their outcomes consist of.")
    yield ""
    for module, names in STRATEGY_NAMES.items():
        for name in names:
            yield from _described(module, name, "asl_engine.testing.strategies")


def _own_loop() -> Iterator[str]:
    yield from _prose(
        "Commands and replies: what an execution and the loop around it say to each other. Each name is "
        "imported from the "
        "module that stands with it. [Embed the execution](../howto/embed-the-execution.md) shows them at "
        "work."
    )
    yield ""
    for module, names in LOOP_NAMES.items():
        for name in names:
            yield from _described(module, name, module)


def _described(module: str, name: str, shown: str) -> Iterator[str]:
    node = _definition(module, name)
    yield f"## `{name}`"
    yield ""
    yield f"`from {shown} import {name}`"
    yield ""
    if isinstance(node, ast.Expr):
        yield from _prose(ast.literal_eval(node.value))
        yield ""
        return
    if isinstance(node, ast.FunctionDef):
        yield from _signature(name, node)
        yield from _docstring(node, name, shown)
        return
    bases = [ast.unparse(base) for base in node.bases]
    if bases and bases != ["Protocol"]:
        kinds = " and ".join("named tuple" if base == "NamedTuple" else f"`{base}`" for base in bases)
        yield f"A kind of {kinds}."
        yield ""
    yield from _docstring(node, name, shown)
    yield from _fields(node)
    yield from _members(node, shown)


def _definition(module: str, name: str) -> ast.ClassDef | ast.FunctionDef | ast.Expr:
    """A class, a function, or the docstring that follows a constant."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    body = ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            return node
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            assert isinstance(following, ast.Expr), f"{module}.{name} has no docstring"
            return following
    raise SystemExit(f"{module} defines no class, function or constant {name!r}")


def _docstring(node: Any, owner: str, shown: str) -> Iterator[str]:
    """The text as prose, and its examples as a block that imports what it shows."""
    text = ast.get_docstring(node)
    if text is None:
        return
    prose, marker, example = text.partition(">>>")
    yield from prose.rstrip().splitlines()
    yield ""
    if marker:
        yield "```pycon"
        yield f">>> from {shown} import {owner}"
        yield from (marker + example).rstrip().splitlines()
        yield "```"
        yield ""


def _signature(name: str, node: ast.FunctionDef, *, method: bool = False) -> Iterator[str]:
    arguments = ast.unparse(node.args)
    gives = ast.unparse(node.returns) if node.returns else ""
    if any(ast.unparse(decorator) == "st.composite" for decorator in node.decorator_list):
        arguments = re.sub(r"^draw: \w+(, )?", "", arguments)  # Hypothesis gives it
        gives = f"st.SearchStrategy[{gives}]"
    if method:
        arguments = re.sub(r"^(self|cls)(, )?", "", arguments)
    returns = f" -> {gives}" if gives else ""
    text = f"{name}({arguments}){returns}"
    yield "```text"
    yield from (_folded(name, arguments, returns) if len(text) > 100 else [text])
    yield "```"
    yield ""


def _folded(name: str, arguments: str, returns: str) -> Iterator[str]:
    parts = [part.strip() for part in re.split(r",\s*(?![^\[]*\])", arguments)]
    yield f"{name}("
    yield from (f"    {part}," for part in parts)
    yield f"){returns}"


def _fields(node: ast.ClassDef) -> Iterator[str]:
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    for item in fields:
        default = f" = {ast.unparse(item.value)}" if item.value is not None else ""
        plain = "" if "field(" in default else default
        yield f"- `{ast.unparse(item.target)}: {ast.unparse(item.annotation)}{plain}`"
    if fields:
        yield ""


def _members(node: ast.ClassDef, shown: str) -> Iterator[str]:
    for item in node.body:
        if not isinstance(item, ast.FunctionDef) or item.name.startswith("_"):
            continue
        if node.name in CALLERS_MEMBERS and item.name not in CALLERS_MEMBERS[node.name]:
            continue
        decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
        if "property" in decorators:
            assert item.returns is not None
            yield f"### `{node.name}.{item.name}: {ast.unparse(item.returns)}`"
            yield ""
        else:
            yield f"### `{node.name}.{item.name}`"
            yield ""
            yield from _signature(item.name, item, method=True)
        yield from _docstring(item, node.name, shown)


# --- parity.md --------------------------------------------------------------------------------------------------------

SUITES = {
    "aws-recorded": "executions, TestState calls and definitions recorded from AWS",
    "workflows": "real workflows",
    "jsonpath": "the table of JSONPath truths",
    "jsonata": "the reference suite of JSONata",
    "cases": "the project's own cases",
}
"""Suite of `python -m conformance` -> what it holds."""


def _parity() -> Iterator[str]:
    yield from _prose(
        "Every case of the conformance suites in which this version differs from what was recorded, with its reason. "
        "A reason that begins with *data* says that the recording is at fault. What is not run at all, and what was "
        "decided where AWS is silent, stands in [compatibility](../compatibility.md)."
    )
    yield ""
    folder = FOLDER.parents[1] / "conformance"
    gaps = json.loads((folder / "known_gaps.json").read_text("utf-8"))
    for suite, cases in gaps.items():
        yield f"## `{suite}`: {SUITES[suite]}"
        yield ""
        if not cases:
            yield "None."
        else:
            yield from _table(["case", "why"], ([f"`{case}`", reason] for case, reason in sorted(cases.items())))
        yield ""
    yield f"## `jsonata`: {SUITES['jsonata']}"
    yield ""
    reasons: dict[str, list[str]] = {}
    for case, reason in json.loads((folder / "known_gaps_jsonata.json").read_text("utf-8")).items():
        reasons.setdefault(reason, []).append(f"`{case}`")
    yield from _table(["cases", "why"], ([", ".join(sorted(cases)), reason] for reason, cases in reasons.items()))


# --- modules.md -------------------------------------------------------------------------------------------------------

LAYERS = (
    "",
    "query",
    "definition",
    "states",
    "lint",
    "execution",
    "drivers",
    "integrations",
    "drawing",
    "reporting",
    "rewriting",
    "testing",
    "cli",
)
"""The folders of the package, from the lowest layer up; "" is the package itself."""


def _modules() -> Iterator[str]:
    yield from _prose(
        "Every file of the package in one line: how its docstring begins. The folders stand in the order of the "
        "layers, from the lowest up; [the design](../design.md) says how they work together."
    )
    yield ""
    files = sorted(PACKAGE.rglob("*.py"))
    folders = sorted({file.parent.relative_to(PACKAGE) for file in files}, key=_layer)
    for folder in folders:
        yield f"## `asl_engine/{folder.as_posix()}`" if folder.parts else "## `asl_engine`"
        yield ""
        yield from _table(
            ["file", "is"], ([f"`{file.name}`", _opening(file)] for file in files if _is_in(file, folder))
        )
        yield ""


def _layer(folder: Path) -> tuple[int, str]:
    return LAYERS.index(folder.parts[0] if folder.parts else ""), folder.as_posix()


def _is_in(file: Path, folder: Path) -> bool:
    return file.parent == PACKAGE / folder


def _opening(file: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    if text is None:
        raise SystemExit(f"{file} has no docstring")
    first = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s", first)[0].replace("|", "\\|")


# --- the tables -------------------------------------------------------------------------------------------------------


PARTS: dict[str, type] = {
    "A retrier, in `Retry`": Retrier,
    "A catcher, in `Catch`": Catcher,
    "`ItemReader`, of a distributed Map": ItemReader,
    "`ReaderConfig`, in `ItemReader`": ReaderConfig,
    "`ItemBatcher`, of a distributed Map": ItemBatcher,
    "`ResultWriter`, of a distributed Map": ResultWriter,
    "`WriterConfig`, in `ResultWriter`": WriterConfig,
}


def _state_fields() -> Iterator[str]:
    yield from _prose(
        "The fields that each state type takes, by query language. *yes*: may be set; *must*: has to be set. "
        "A field that is not in a table is an error, never "
        "ignored. "
        "Rules between fields (such as `Next` or `End`) stand with each state type's code in "
        "`src/asl_engine/states/`."
    )
    yield ""
    for kind, row in STATE_TYPES.items():
        yield f"## {kind}"
        yield ""
        not_taken = specs_of(State).keys() - (ALWAYS | row.cls.takes)
        specs = [spec for name, (_, spec) in specs_of(row.cls).items() if name not in not_taken]
        yield from _field_table(kind, specs)
        yield ""
    for title, cls in PARTS.items():
        yield f"## {title}"
        yield ""
        yield from _field_table(cls.__name__, [spec for _, spec in specs_of(cls).values()])
        yield ""
    yield "## A choice rule, in `Choices`"
    yield ""
    yield from _prose(
        f"JSONPath: {_rule_fields(JSONPATH)}. The operators are in [choice operators](choice-operators.md)."
    )
    yield ""
    yield from _prose(f"JSONata: {_rule_fields(JSONATA)}.")


def _field_table(owner: str, specs: list[FieldSpec]) -> Iterator[str]:
    rows = (
        [f"`{spec.name}`", *(_taken(spec, language) for language in BOTH), _meaning(owner, spec.name)] for spec in specs
    )
    yield from _table(["field", *BOTH, "meaning"], rows)


def _taken(spec: FieldSpec, language: str) -> str:
    if language not in spec.languages:
        return "–"
    return "must" if spec.required else "yes"


def _meaning(owner: str, name: str) -> str:
    words = words_of(owner, name)
    return words.get("markdownDescription", words["description"]).replace("|", "\\|")


def _rule_fields(language: str) -> str:
    names = [name for name in ("Next", "Assign", "Output", "Comment") if name.lower() in ChoiceRule.__annotations__]
    if language == JSONATA:
        return ", ".join(f"`{name}`" for name in ["Condition", *names])
    names.remove("Output")
    return ", ".join(f"`{name}`" for name in ["Variable", *names]) + ", and one operator or `And`, `Or`, `Not`"


TYPE_NAMES = {STRING: "string", NUMBER: "number", BOOLEAN: "boolean"}


def _choice_operators() -> Iterator[str]:
    yield from _prose(
        f"The {len(DATA_TESTS)} operators of JSONPath choice rules. A value of another type makes the test "
        "false, never "
        "an error. The `Variable` must be there, but for `IsPresent`."
    )
    yield ""
    rows = (
        [f"`{name}`", TYPE_NAMES.get(test.types, "any"), "a path" if test.by_path else _operand(name)]
        for name, test in DATA_TESTS.items()
    )
    yield from _table(["operator", "tests a value of type", "compares with"], rows)


def _operand(name: str) -> str:
    if name.startswith("Is"):
        return "true or false"
    kinds = {"String": "a string", "Numeric": "a number", "Boolean": "true or false", "Timestamp": "a timestamp"}
    return next(kind for prefix, kind in kinds.items() if name.startswith(prefix))


def _intrinsics() -> Iterator[str]:
    yield from _prose(
        f"The {len(INTRINSICS)} intrinsic functions of JSONPath states. Calls nest; arguments are paths, "
        "strings in single "
        "quotes, numbers, `true`, `false`, `null`, and calls."
    )
    yield ""
    rows = (
        [f"`{name}`", _count(known.least, known.most), _sentence(FUNCTIONS, name)]
        for name, known in sorted(INTRINSICS.items())
    )
    yield from _table(["function", "arguments", "gives"], rows)


def _count(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def _history_events() -> Iterator[str]:
    yield from _prose(
        f"The {len(HISTORY_EVENTS)} event types that `Execution.history` may hold, and the key under which "
        "each has its "
        "details. Every event has `timestamp`, `type`, `id` (from 1) and `previousEventId`, too."
    )
    yield ""
    rows = ([f"`{name}`", f"`{row[0]}`" if row else "–"] for name, row in sorted(HISTORY_EVENTS.items()))
    yield from _table(["type", "details"], rows)


def _error_names() -> Iterator[str]:
    yield from _prose(
        "The error names that the States language and AWS define. *Given by*: the engine itself, or only a "
        "task of yours "
        '(`raise TaskError("States.Permissions")`), or nobody: a name that only `ErrorEquals` uses. A task '
        "may fail with "
        "any other name too."
    )
    yield ""
    loaded = _names_loaded()
    rows = (
        [f"`{value}`", _giver(key, value, loaded), _sentence(ERRORS, value)]
        for key, value in sorted(vars(errors).items())
        if key.isupper() and isinstance(value, str)
    )
    yield from _table(["name", "given by", "meaning"], rows)


def _giver(constant: str, name: str, loaded: set[str]) -> str:
    if "`ErrorEquals`" in ERRORS.get(name, ""):
        return "nobody"
    return "the engine" if constant in loaded else "a task"


def _names_loaded() -> set[str]:
    """Every plain name that some module reads."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in PACKAGE.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


def _diagnostics() -> Iterator[str]:
    yield from _prose(
        "The codes of `Diagnostic`s. Codes are stable, and AWS's own where AWS has one. An *error* keeps the machine "
        "from being made; a *warning* and an *info* do not. Each code has a page with a definition that has the "
        "mistake and one that has not. What to do with a finding that you do not want: [check definitions in "
        "CI](../howto/check-definitions-in-ci.md)."
    )
    yield ""
    unknown = codes_used() - known_codes().keys()
    if unknown:
        raise SystemExit(f"told somewhere, but in no table of codes: {', '.join(sorted(unknown))}")
    rows = (
        [f"[`{code.name}`](../diagnostics/{code.name}.md)", code.severity.lower(), code.summary.replace("|", "\\|")]
        for code in known_codes().values()
    )
    yield from _table(["code", "severity", "meaning"], rows)


CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")


CODE_ARGUMENT = {"error": 1, "warning": 1, "_error": 0, "Diagnostic": 0}
"""Which argument of a function that tells a finding is its code."""


def codes_used() -> set[str]:
    """The code of every diagnostic that some module tells, as its source shows."""
    used: set[str] = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in CODE_ARGUMENT:
                argument = node.args[CODE_ARGUMENT[_name(node.func)] :][:1]
                used.update(filter(CODE.fullmatch, map(_name, argument)))
    return used


def _name(node: ast.expr) -> str:
    """A name, the last part of a dotted one, or a string's text; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def main(arguments: list[str]) -> int:
    """Writes the pages, or with --check tells which differ."""
    stale = [
        name for name, text in pages().items() if not (FOLDER / name).exists() or (FOLDER / name).read_text() != text
    ]
    if "--check" in arguments:
        print("\n".join(f"docs/reference/{name} is not what the code says" for name in stale) or "up to date")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
