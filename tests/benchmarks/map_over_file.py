"""What `test_map_over_file_speed.py` measures, as a program of its own, so that nothing but the engine takes memory.

`python map_over_file.py SIDE FOLDER` prints how many items succeeded, and the megabytes of its peak over those of the
bare interpreter.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any


def peak_megabytes() -> float:
    """The most memory that this process has held. (`ru_maxrss` is no less than that of the process which began it.)"""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def csv_loop(root: Path) -> int:
    """The same inputs built by hand."""
    with (root / "rows" / "a.csv").open(newline="") as file:
        records = csv.reader(file)
        headers = next(records)
        return sum(1 for record in records if dict(zip(headers, record, strict=True)))


def passing(root: Path) -> int:
    """A Pass state for each row."""
    return _succeeded(root, {"Type": "Pass"}, {})


def tolerating(root: Path) -> int:
    """A task for each row, of which 3 % fail where 5 % may."""
    from asl_engine import TaskError

    def work(row: dict[str, str]) -> str:
        if int(row["id"]) % 100 < 3:
            raise TaskError("Refused", row["name"])
        return row["id"]

    state = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work"}
    return _succeeded(root, state, {"work": work}, ToleratedFailurePercentage=5)


def _succeeded(root: Path, state: dict[str, Any], tasks: dict[str, Any], **fields: Any) -> int:
    from asl_engine import StateMachine

    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    each = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "Parameters": {"Bucket": "rows", "Key": "a.csv"},
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        },
        "ItemProcessor": {"ProcessorConfig": config, "StartAt": "W", "States": {"W": {**state, "End": True}}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "results"}},
        "End": True,
    }
    machine = StateMachine.from_json({"StartAt": "Each", "States": {"Each": {**each, **fields}}})
    execution = machine.run(storage=root, tasks=tasks).raise_for_status()
    return execution.map_runs[0].item_counts.succeeded


SIDES = {"csv loop": csv_loop, "Pass": passing, "task, 3 % fail": tolerating}

if __name__ == "__main__":
    before = peak_megabytes()
    done = SIDES[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps([done, peak_megabytes() - before]))
