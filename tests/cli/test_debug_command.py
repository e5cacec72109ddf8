"""The debugger: a session over an execution, its prompt, and the command `asl debug` as a shell runs it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import asl_engine
from asl_engine import StateMachine
from asl_engine.cli.debugger import Prompt
from asl_engine.testing.debugging import Session
from tests.build import chain, each, giving, parallel, retrier, task

SOURCE = Path(asl_engine.__file__).parents[1]
INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
ORDER = chain(
    Each=each(chain(Price=task("price", Retry=[retrier("Busy")]), Round={"Type": "Pass"})),
    Sum={"Type": "Pass", "Assign": {"prices.$": "$"}},
    Rest={"Type": "Wait", "Seconds": 60},
    Ship={**INVOKE, "Parameters": {"FunctionName": "ship", "Payload.$": "$"}, "OutputPath": "$.Payload"},
)
LINES = [{"sku": 1}, {"sku": 2}]


def session(definition: Any = ORDER, input: Any = LINES, **options: Any) -> Session:
    return Session(StateMachine.from_json(definition), input, **options)


def typed(*lines: str, definition: Any = ORDER, input: Any = LINES, **options: Any) -> str:
    """What the prompt prints for these lines."""
    return in_session(session(definition, input, **options), *lines)


def in_session(given: Session, *lines: str) -> str:
    shown = io.StringIO()
    Prompt(given, io.StringIO("".join(f"{line}\n" for line in lines)), shown).cmdloop()
    return shown.getvalue()


def stops(shown: str) -> list[str]:
    """The states at which it stopped."""
    lines = [line.partition("> ")[2] for line in shown.splitlines() if "> " in line and "  event " in line]
    return [line.partition("  event ")[0].partition(" (")[0] for line in lines]


PRICED = {"price": lambda line: line["sku"] * 10, "ship": giving("shipped")}


# --- moving -----------------------------------------------------------------------------------------------------------


def test_it_begins_at_the_first_state() -> None:
    assert stops(typed()) == ["Each"]


def test_step_goes_into_iterations_and_next_passes_them_over() -> None:
    assert stops(typed("step", "s", "s", tasks=PRICED)) == ["Each", "Each[0] Price", "Each[1] Price", "Each[0] Round"]
    assert stops(typed("next", "n", "n", tasks=PRICED)) == ["Each", "Sum", "Rest", "Ship"]


def test_next_stays_in_its_iteration_and_return_leaves_it() -> None:
    assert stops(typed("s", "n", tasks=PRICED)) == ["Each", "Each[0] Price", "Each[0] Round"]
    assert stops(typed("s", "return", tasks=PRICED)) == ["Each", "Each[0] Price", "Sum"]


def test_continue_goes_to_the_end_and_shows_the_output() -> None:
    shown = typed("continue", tasks=PRICED)
    assert '> SUCCEEDED  event 33, ExecutionSucceeded, 60 s\n"shipped"\n' in shown


def test_a_failed_execution_shows_its_error() -> None:
    definition = chain(No={"Type": "Fail", "Error": "Nope", "Cause": "never"})
    assert "> FAILED  event 3, ExecutionFailed, 0 s\nNope: never\n" in typed("c", definition=definition)


def test_an_ended_execution_goes_no_further_but_back() -> None:
    shown = typed("c", "s", "back", "back 2", "goto 1", "back", tasks=PRICED)
    assert "*** the execution has ended" in shown
    assert stops(shown)[2:] == ["Ship", "Sum", "Each", "Each"]


def test_back_undoes_nothing() -> None:
    given = session(tasks=PRICED)
    in_session(given, "c", "back 4", "c")
    assert given.is_over
    assert len(given.execution.records) == 33


def test_event_goes_on_one_event_at_a_time() -> None:
    given = session()
    in_session(given, "event", "e 2")
    assert given.cursor == 5


def test_an_empty_line_repeats_the_last_command() -> None:
    assert stops(typed("n", "", tasks=PRICED)) == ["Each", "Sum", "Rest"]


# --- breakpoints ------------------------------------------------------------------------------------------------------


def test_continue_stops_at_a_breakpoint() -> None:
    shown = typed("break Sum", "c", "c", tasks=PRICED)
    assert stops(shown) == ["Each", "Sum", "SUCCEEDED"]


def test_a_breakpoint_may_have_a_condition() -> None:
    shown = typed("b Price if sku = 2", "b Ship if $sum($prices) > 40", "c", "p sku", "c", tasks=PRICED)
    assert stops(shown) == ["Each", "Each[1] Price", "SUCCEEDED"]
    assert "(asl) 2\n" in shown


def test_breakpoints_are_listed_and_cleared() -> None:
    shown = typed("b Sum", "b Ship", "clear 1", "b", "cl", "b", "c", tasks=PRICED)
    assert "(asl) 1  Ship\n(asl) (asl) (asl) >" in shown
    assert stops(shown) == ["Each", "SUCCEEDED"]


def test_a_breakpoint_on_no_state_is_refused() -> None:
    assert "*** there is no state 'Sun'; did you mean 'Sum'?" in typed("b Sun")
    assert "*** " in typed("b Sum if (")


# --- looking ----------------------------------------------------------------------------------------------------------


def test_input_variables_and_context_are_shown() -> None:
    shown = typed("n", "n", "input", "variables", "context", tasks=PRICED)
    assert '(asl) [\n  10,\n  20\n]\n(asl) {\n  "prices": [' in shown
    assert '"Name": "Rest"' in shown


def test_where_shows_every_frame_and_marks_the_present_one() -> None:
    shown = typed("s", "s", "w")
    assert "(asl)   Each (Map)\n  Each[0] Price (Task)\n> Each[1] Price (Task)\n" in shown


def test_print_evaluates_an_expression() -> None:
    shown = typed("n", "n", "p $sum($prices)", "p $states.context.State.Name", "p $[", "p missing", tasks=PRICED)
    assert '(asl) 30\n(asl) "Rest"\n(asl) *** $[: ' in shown
    assert shown.count("null") == 1


def test_history_shows_the_last_events() -> None:
    shown = typed("n", "h 2", tasks=PRICED)
    assert "    23          0 s  MapStateExited  Each\n    24          0 s  PassStateEntered  Sum\n" in shown


def test_show_gives_the_event_itself() -> None:
    assert '"type": "MapStateEntered"' in typed("show")


def test_help_tells_of_a_command() -> None:
    shown = typed("help", "help back")
    assert "Commands (help COMMAND tells more" in shown
    assert "back [NUMBER]: back to the state entered before" in shown


@pytest.mark.parametrize(
    "line, message",
    [
        ("jump", "there is no command 'jump'"),
        ("goto 99", "there are the events 1 to"),
        ("goto x", "a number from 1 is needed"),
        ("answer 1", "no task waits for an answer here"),
        ("clear 3", "there is no breakpoint 3"),
        ("advance soon", "by how many seconds"),
        ("advance -1", "time goes on by 0 or more seconds"),
        ("advance inf", "time goes on by 0 or more seconds, not inf"),
        ("list", "no file holds the state"),
    ],
)
def test_what_cannot_be_done_is_told(line: str, message: str) -> None:
    assert f"*** {message}" in typed(line).replace("*** advance ", "*** ")


# --- answering --------------------------------------------------------------------------------------------------------


def test_a_task_that_nothing_serves_waits_for_an_answer() -> None:
    shown = typed("n", "tasks")
    assert "   Each[0] Price waits for an answer (answer @1 JSON, fail @1 ERROR)\n" in shown
    assert '1  Each[0] Price  {"sku": 1}\n2  Each[1] Price  {"sku": 2}\n' in shown


def test_answers_are_given_by_hand() -> None:
    given = session()
    shown = in_session(given, "n", "a @1 5", "a @2 7", "n", "n", "c", 'a {"ok": true}', "c")
    assert stops(shown)[-1] == "SUCCEEDED"
    assert given.execution.output == {"ok": True}
    assert given.execution.state("Sum").input == [5, 7]


def test_the_task_of_the_state_looked_at_is_answered_first() -> None:
    given = session()
    in_session(given, "s", "s", "answer 22", "c", "answer 11", "n")
    assert given.execution.state("Round").inputs == [22, 11]


def test_a_failure_given_by_hand_is_retried() -> None:
    given = session()
    shown = in_session(given, "s", "fail Busy come again", "c", "a 1", "c", "a 2", "c")
    assert "Each[0] Price fails" in shown
    assert [(error.error, error.cause) for error in given.execution.state("Price").errors] == [("Busy", "come again")]


def test_an_answer_in_the_past_makes_it_go_on_anew() -> None:
    given = session(tasks=PRICED)
    in_session(given, "c", "goto 6", "answer 99", "c")
    assert given.execution.state("Sum").input == [99, 20]
    assert given.execution.output == "shipped"


def test_the_same_history_stands_before_the_answer_in_the_past() -> None:
    given = session(tasks=PRICED)
    in_session(given, "c")
    before = given.execution.history
    in_session(given, "goto 6", "answer 99", "c")
    assert given.execution.history[:6] == before[:6]


def test_a_submitted_task_waits_and_is_answered() -> None:
    definition = chain(Job={"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"})
    shown = typed("c", 'a {"JobRunState": "SUCCEEDED"}', "c", definition=definition)
    assert "Job waits for an answer" in shown
    assert stops(shown)[-1] == "SUCCEEDED"


def test_time_stands_still_while_a_task_waits_and_is_let_on_by_hand() -> None:
    definition = chain(Slow=task("slow", TimeoutSeconds=30))
    shown = typed("c", "advance 29", "advance 2", definition=definition)
    assert "event 4, LambdaFunctionStarted, 0 s" in shown
    assert "> FAILED  event 6, ExecutionFailed, 30 s\nStates.Timeout" in shown


def test_an_answer_that_is_no_json_is_told() -> None:
    shown = typed("c", "a {", "a", "a @7 1", "fail")
    assert "*** the answer is not JSON" in shown
    assert "*** answer with what?" in shown
    assert "*** there is no task 7 here" in shown
    assert "*** fail with which error?" in shown


def test_branches_of_a_parallel_are_stepped_through() -> None:
    definition = chain(Both=parallel(chain(A=task("a")), chain(B={"Type": "Pass"})))
    assert stops(typed("s", "s", "s", definition=definition, tasks={"a": giving(1)})) == [
        "Both",
        "Both[0] A",
        "Both[1] B",
        "SUCCEEDED",
    ]


def test_children_of_a_map_run_are_tasks_to_answer() -> None:
    processor = {**chain(Item=task("item")), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    given = session(chain(All=each(processor)), [1])
    shown = in_session(given, "c", "a 5", "back", "c")
    assert "All[0] Item waits for an answer" in shown
    assert given.execution.output == [5]


# --- the command ------------------------------------------------------------------------------------------------------


def asl(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "asl_engine", "debug", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=folder, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "order.asl.json").write_text(json.dumps(ORDER, indent=2), encoding="utf-8")
    (tmp_path / "tasks.py").write_text("def price(line):\n    return line['sku'] * 10\n", encoding="utf-8")
    return tmp_path


def test_the_command_steps_a_file_and_shows_its_lines(folder: Path) -> None:
    arguments = ("order.asl.json", "--input", json.dumps(LINES), "--tasks", "tasks.py", "--break", "Sum")
    done = asl(folder, *arguments, stdin="c\nlist\nc\nanswer 3\nc\nq\n")
    assert (done.returncode, done.stderr) == (0, "")
    number = next(n for n, line in enumerate(json.dumps(ORDER, indent=2).splitlines(), 1) if '"Sum": {' in line)
    assert f"> Sum (Pass)  event 24, PassStateEntered, 0 s  order.asl.json:{number}\n" in done.stdout
    assert f'{number:>5} ->     "Sum": {{' in done.stdout
    assert "SUCCEEDED" in done.stdout


def test_the_end_of_the_input_leaves(folder: Path) -> None:
    assert asl(folder, "order.asl.json").returncode == 0


def test_commands_may_stand_on_the_command_line(folder: Path) -> None:
    done = asl(folder, "order.asl.json", "--input", "[]", "-c", "next", "-c", "input", "-c", "quit")
    assert "> Sum (Pass)" in done.stdout
    assert "[]" in done.stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("-",), "standard input is where commands are typed"),
        (("none.json",), "none.json: No such file"),
        (("order.asl.json", "--input", "{"), "--input"),
        (("order.asl.json", "--break", "Sun"), "did you mean 'Sum'?"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = asl(folder, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
