"""`asl run` tells how far Map Runs are: a bar on a terminal, a line a second else."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from asl_engine import StateMachine
from asl_engine.cli import main
from asl_engine.cli.progress import MapRunProgress
from tests.build import chain, task
from tests.execution.test_distributed_map import distributed, odd_ones_fail
from tests.execution.test_map_run_data import reader


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO, *, step: float, items: int = 5) -> str:
    """What a run shows whose observer sees `step` seconds pass at each look at the clock."""
    moments = iter(range(10_000))
    machine = StateMachine.from_json(chain(S=distributed(chain(W=task()), ToleratedFailurePercentage=100)))
    observer = MapRunProgress(stream, lambda: next(moments) * step)
    machine.run(list(range(items)), tasks={"work": odd_ones_fail}, progress=observer)
    return stream.getvalue()


def test_a_line_a_second_is_told_where_the_stream_is_no_terminal() -> None:
    lines = shown_on(io.StringIO(), step=0.5).splitlines()
    assert lines == [
        "asl: S: 1 of 5 items, 4 running",
        "asl: S: 3 of 5 items, 1 failed, 2 running",
        "asl: S: 5 of 5 items, 2 failed, 0 running",
        "asl: S: 5 of 5 items, 2 failed, SUCCEEDED",
    ]


def test_a_terminal_shows_a_bar_that_is_drawn_again_in_its_place() -> None:
    text = shown_on(Terminal(), step=1)
    assert text.startswith("\r\x1b[2K[------------------------] S: 0 of 5 items, 0 running")
    assert text.endswith("\r\x1b[2K[########################] S: 5 of 5 items, 2 failed, SUCCEEDED\n")
    assert text.count("\n") == 1


def test_a_bar_claims_no_share_while_items_are_still_being_read() -> None:
    moments = iter(range(10_000))
    stream = Terminal()
    state = distributed(chain(W=task()), ItemReader=reader(), MaxConcurrency=1)
    tasks = {"S": lambda arguments: iter(range(40)), "work": abs}
    observer = MapRunProgress(stream, lambda: next(moments))
    StateMachine.from_json(chain(S={**state, "ResultPath": None})).run(tasks=tasks, progress=observer)
    frames = [frame for frame in stream.getvalue().split("\r\x1b[2K") if frame]
    assert frames[0].startswith("[####--------------------] S: 0 of 0+ items")
    assert frames[1].startswith("[-####-------------------] S: 1 of 16+ items")
    assert frames[35].startswith("[#####################---] S: 35 of 40 items")
    assert frames[-1].startswith("[########################] S: 40 of 40 items, SUCCEEDED")


def test_nothing_is_shown_of_what_is_over_at_once() -> None:
    assert shown_on(io.StringIO(), step=0) == shown_on(Terminal(), step=0) == ""


def test_a_map_that_reads_items_asks_for_a_storage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(chain(S=distributed(chain(W={"Type": "Pass"}), ItemReader=reader()))))
    assert main(["run", str(file)]) == 2
    assert "the Map state 'S' reads its items with" in (told := capsys.readouterr().err)
    assert "--storage" in told
