"""The debugger's prompt: each command is a method, its docstring the help; named as pdb names them where pdb has them.

The one rule: a command says what it did or why it cannot; only `quit` and the end of the input leave.
"""

from __future__ import annotations

import cmd
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from asl_engine.errors import AslError
from asl_engine.execution.travel import FrameView, OpenTaskView
from asl_engine.jsonvalue import Json, JsonTextError, loads
from asl_engine.testing.debugging import DebugError, Session

AROUND = 5
"""Lines shown before and after a state's own by `list`."""


class Prompt(cmd.Cmd):
    """Reads commands and carries them out on a session."""

    prompt = "(asl) "
    doc_header = "Commands (help COMMAND tells more; an empty line repeats the last one):"

    def __init__(self, session: Session, stdin: TextIO, stdout: TextIO) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self.use_rawinput = stdin.isatty()
        self.session = session
        self._typed_before = 0

    def type_first(self, commands: Sequence[str]) -> None:
        """What to do before anything is read, shown as if it were typed."""
        self.cmdqueue.extend(commands)
        self._typed_before += len(commands)

    def precmd(self, line: str) -> str:
        """Shows a command that nobody typed."""
        if self._typed_before:
            self._typed_before -= 1
            self._print(f"{self.prompt}{line}")
        return line

    def preloop(self) -> None:
        """Goes to the first state and shows it."""
        self.session.forward(self.session.is_entry)
        self._show()

    def onecmd(self, line: str) -> bool:
        """Carries out a command; what cannot be done is told."""
        try:
            return bool(super().onecmd(line))
        except (AslError, ValueError) as error:
            self._print(f"*** {error}")
            return False

    def default(self, line: str) -> bool:  # type: ignore[override]  # what it returns, `onecmd` returns
        """An abbreviation of a command, the end of the input, or nothing that is there."""
        if line == "EOF":
            self._print("")
            return True
        word, _, rest = line.partition(" ")
        if word not in ABBREVIATIONS:
            raise DebugError(f"there is no command {word!r}; help lists them")
        return self.onecmd(f"{ABBREVIATIONS[word]} {rest}")

    # --- moving -------------------------------------------------------------------------------------------------------

    def do_step(self, rest: str) -> None:
        """s(tep): on to the next state that is entered, inside Map and Parallel too."""
        self._forward(self.session.is_entry)

    def do_next(self, rest: str) -> None:
        """n(ext): on to the next state; what happens inside a Map or Parallel is passed over."""
        cursor = self.session.cursor
        self._forward(lambda event: self.session.is_entry_outside(event, of=cursor, leaving=False))

    def do_return(self, rest: str) -> None:
        """r(eturn): on until the iteration or branch has ended, to the next state outside of it."""
        cursor = self.session.cursor
        self._forward(lambda event: self.session.is_entry_outside(event, of=cursor, leaving=True))

    def do_continue(self, rest: str) -> None:
        """c(ontinue): on to the next breakpoint, or to the end."""
        self._forward(lambda event: False)

    def do_event(self, rest: str) -> None:
        """e(vent) [NUMBER]: one event on, or so many."""
        for _ in range(_number(rest, 1)):
            self.session.forward(lambda event: True)
        self._show()

    def do_back(self, rest: str) -> None:
        """back [NUMBER]: back to the state entered before, or so many; nothing is undone until you answer anew."""
        for _ in range(_number(rest, 1)):
            self.session.back(self.session.is_entry)
        self._show()

    def do_goto(self, rest: str) -> None:
        """goto EVENT: to an event of the history so far, by its number."""
        self.session.go_to(_number(rest, None))
        self._show()

    def _forward(self, stop: Any) -> None:
        if self.session.is_over:
            raise DebugError("the execution has ended; `back` and `goto` lead back into it")
        self.session.forward(lambda event: stop(event) or self.session.is_break(event))
        self._show()

    # --- breakpoints --------------------------------------------------------------------------------------------------

    def do_break(self, rest: str) -> None:
        """b(reak) [STATE [if EXPRESSION]]: stop where a state is entered, if a JSONata expression is true (`$` is the
        state's input, variables are there). Without a state: the breakpoints."""
        state, _, condition = rest.partition(" if ")
        if state.strip():
            self.session.add_breakpoint(state.strip(), condition.strip() or None)
        for number, found in enumerate(self.session.breakpoints, 1):
            self._print(f"{number}  {found}")

    def do_clear(self, rest: str) -> None:
        """cl(ear) [NUMBER]: no longer stop at this breakpoint, or at any."""
        found = self.session.breakpoints
        if not rest:
            found.clear()
        elif 1 <= _number(rest, None) <= len(found):
            del found[_number(rest, None) - 1]
        else:
            raise DebugError(f"there is no breakpoint {rest}")

    # --- looking ------------------------------------------------------------------------------------------------------

    def do_where(self, rest: str) -> None:
        """w(here): where each thread of control stands, outermost first."""
        moment = self.session.moment
        for frame in moment.frames:
            self._print(f"{'>' if frame == moment.frame else ' '} {_frame(frame)}")

    def do_input(self, rest: str) -> None:
        """i(nput): the raw input of the state."""
        self._json(self.session.moment.input)

    def do_variables(self, rest: str) -> None:
        """v(ariables): the variables that the state sees."""
        self._json(self.session.moment.variables)

    def do_context(self, rest: str) -> None:
        """context: the context object."""
        self._json(self.session.moment.context)

    def do_print(self, rest: str) -> None:
        """p(rint) EXPRESSION: the value of a JSONata expression: `$` is the state's input, variables are there."""
        self._json(self.session.evaluate(rest or "$"))

    def do_history(self, rest: str) -> None:
        """h(istory) [NUMBER]: the last events up to here, 10 or so many."""
        records = self.session.execution.records[: self.session.cursor]
        first = max(0, len(records) - _number(rest, 10))
        start = self.session.execution.start_time
        for number, (kind, _, now, name, *_) in enumerate(records[first:], first + 1):
            self._print(f"{number:>6} {(now - start) / 1000:>10g} s  {kind}{f'  {name}' if name else ''}")

    def do_show(self, rest: str) -> None:
        """show: the event, as the history has it."""
        self._json(self.session.moment.event)

    def do_list(self, rest: str) -> None:
        """l(ist) [STATE]: the definition's lines around the state."""
        name = rest or self.session.moment.frame.state_name
        place = self._place(name)
        if place is None:
            raise DebugError(f"no file holds the state {name!r}")
        line = place[1]
        first = max(1, line - AROUND)
        for number, text in enumerate(self._lines[first - 1 : line + AROUND], first):
            self._print(f"{number:>5} {'->' if number == line else '  '} {text}")

    def do_tasks(self, rest: str) -> None:
        """tasks: the tasks that wait for an answer, with their numbers."""
        found = self.session.moment.open_tasks
        for number, task in enumerate(found, 1):
            self._print(f"{number}  {_task(task)}  {_text(task.input)}")
        if not found:
            self._print("no task waits for an answer")

    # --- changing -----------------------------------------------------------------------------------------------------

    def do_answer(self, rest: str) -> None:
        """a(nswer) [@NUMBER] JSON: gives a task its result; for lambda:invoke, what the function returns. NUMBER as
        `tasks` shows it. In the past, the execution goes on from there anew."""
        task, text = self._chosen(rest)
        if not text:
            raise DebugError("answer with what? Give a JSON value, or `fail ERROR [CAUSE]`")
        try:
            self.session.succeed(task, loads(text))
        except JsonTextError as error:
            raise DebugError(f"the answer is not JSON: {error}") from None
        self._print(f"{_task(task)} is answered; step, next or continue to go on")

    def do_fail(self, rest: str) -> None:
        """fail [@NUMBER] ERROR [CAUSE]: fails a task. In the past, the execution goes on from there anew."""
        task, text = self._chosen(rest)
        error, _, cause = text.partition(" ")
        if not error:
            raise DebugError("fail with which error? Give its name")
        self.session.fail(task, error, cause.strip() or None)
        self._print(f"{_task(task)} fails; step, next or continue to go on")

    def do_advance(self, rest: str) -> None:
        """advance SECONDS: lets time pass, with all time-outs, waits and retries that fall due in it."""
        try:
            seconds = float(rest)
        except ValueError:
            raise DebugError("advance by how many seconds? Give a number") from None
        self.session.advance(seconds)
        self.session.go_to(len(self.session.execution.records))
        self._show()

    def _chosen(self, rest: str) -> tuple[OpenTaskView, str]:
        """The task that a command means, and the rest of what was typed: the one of this number, else the one of the
        state that is looked at, else the first."""
        if self.session.record[0] == "TaskStateEntered":
            self.session.forward(lambda event: True)  # to where the task is asked for
        moment, text = self.session.moment, rest.strip()
        found = moment.open_tasks
        if not found:
            raise DebugError("no task waits for an answer here")
        here = moment.frame.state_name, moment.frame.scope
        number = next((place for place, task in enumerate(found, 1) if (task.state_name, task.scope) == here), 1)
        if text.startswith("@"):
            word, _, text = text.partition(" ")
            number = _number(word[1:], None)
        if number > len(found):
            raise DebugError(f"there is no task {number} here; `tasks` lists them")
        return found[number - 1], text.strip()

    # --- leaving ------------------------------------------------------------------------------------------------------

    def do_quit(self, rest: str) -> bool:
        """q(uit): leaves."""
        return True

    # --- showing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """The event at the cursor, its state, and what is waited for."""
        session = self.session
        kind, _, now, *_ = session.record
        seconds = (now - session.execution.start_time) / 1000
        if session.is_over:
            return self._show_end(kind, seconds)
        frame = session.moment.frame
        place = self._place(frame.state_name)
        where = f"  {place[0]}:{place[1]}" if place is not None else ""
        self._print(f"> {_frame(frame)}  event {session.cursor}, {kind}, {seconds:g} s{where}")
        if place is not None:
            self._print(f"-> {_cut(self._lines[place[1] - 1].strip())}")
        if session.cursor == len(session.execution.records):
            for number, task in enumerate(session.moment.open_tasks, 1):
                self._print(f"   {_task(task)} waits for an answer (answer @{number} JSON, fail @{number} ERROR)")
        return None

    def _show_end(self, kind: str, seconds: float) -> None:
        execution = self.session.execution
        self._print(f"> {execution.status}  event {self.session.cursor}, {kind}, {seconds:g} s")
        if execution.status == "SUCCEEDED":
            return self._json(execution.output)
        return self._print(": ".join(text for text in (execution.error, execution.cause) if text))

    def _place(self, state: str) -> tuple[str, int] | None:
        """The file and the line of a state's name; None for a definition that stands in no file."""
        source, pointer = self.session.machine.source, self.session.machine_states.get(state)
        if pointer is None:
            raise DebugError(f"there is no state {state!r}")
        if source is None:
            return None
        span = source.locate(pointer)
        return span.file, span.line

    @cached_property
    def _lines(self) -> Sequence[str]:
        source = self.session.machine.source
        assert source is not None
        return Path(source.locate("").file).read_text(encoding="utf-8-sig", errors="replace").splitlines()

    def _json(self, value: Json) -> None:
        self._print(json.dumps(value, indent=2, ensure_ascii=False, default=repr))

    def _print(self, text: str) -> None:
        print(text, file=self.stdout)

    # --- completion ---------------------------------------------------------------------------------------------------

    def complete_break(self, text: str, line: str, begin: int, end: int) -> list[str]:
        """The names of states that begin so."""
        return [name for name in self.session.machine_states if name.startswith(text)]

    complete_b = complete_list = complete_l = complete_break


ABBREVIATIONS = {
    "s": "step", "n": "next", "r": "return", "c": "continue", "cont": "continue", "e": "event", "b": "break",
    "cl": "clear", "w": "where", "bt": "where", "i": "input", "v": "variables", "p": "print", "h": "history",
    "l": "list", "a": "answer", "q": "quit", "exit": "quit",
}  # fmt: skip


def _number(text: str, otherwise: int | None) -> int:
    """A number from 1; raises DebugError for anything else, and where there is none and should be."""
    text = text.strip()
    if not text and otherwise is not None:
        return otherwise
    if not text.isdecimal() or int(text) < 1:
        raise DebugError(f"a number from 1 is needed, not {text!r}")
    return int(text)


def _frame(frame: FrameView) -> str:
    """A frame in a line: `Each[1] Work (Task), attempt 2`."""
    return f"{_around(frame)}{frame.state_name} ({frame.type}{_attempt(frame)})"


def _task(task: OpenTaskView) -> str:
    return f"{_around(task)}{task.state_name}{_attempt(task)}"


def _around(view: FrameView | OpenTaskView) -> str:
    return "".join(f"{name}[{index}] " for _, name, index in view.scope)


def _attempt(view: FrameView | OpenTaskView) -> str:
    return f", attempt {view.attempt}" if view.attempt > 1 else ""


def _text(value: Json) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str, width: int = 100) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
