"""Differential runs: other engines are run, their departures found, grouped and made small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from conformance.__main__ import main
from conformance.differential import DEPENDS, Trial, hold, judge, render
from conformance.engines import open_engine
from conformance.engines.base import BROKEN, REFUSED, UNFINISHED, Asked, Ran, closing
from conformance.engines.own import OwnEngine
from conformance.features import attributed, features_of
from conformance.smaller import smaller
from tests.build import catcher, chain, each, task

PASS = {"Type": "Pass", "Result": {"n": 1}}
ONE = chain(P=PASS)


def asked(definition: Any, input: Any = None) -> Asked:
    return Asked(json.dumps(definition), json.dumps(input or {}))


def trial(definition: Any, input: Any = None, id: str = "case") -> Trial:
    """A case with what asl_engine makes of it."""
    return Trial(id, asked(definition, input), OwnEngine().run(asked(definition, input), 1))


class Scripted:
    """An engine of which a function says what comes of a case; `fresh` counts how often it began anew."""

    name, answers_tasks, real_time = "scripted", False, False

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.fresh = 0
        self.number = 0

    def run(self, asked: Asked, seconds: float) -> Ran:
        self.number += 1
        return self.outcome(self, asked)

    def restart(self) -> bool:
        self.fresh += 1
        self.number = 0
        return True

    def close(self) -> None:
        """Nothing is held."""


RIGHT = trial(ONE).expected
DEPARTING = {
    "status": RIGHT._replace(status="FAILED", cause="why"),
    "output": RIGHT._replace(output='{"n":2}'),
    "history": RIGHT._replace(events=RIGHT.events[:-1]),
    "verdict on a definition": Ran(REFUSED, error="InvalidDefinition", cause="no"),
    "breaks": Ran(BROKEN, error="TypeError", cause="no"),
    "does not end": Ran(UNFINISHED),
}


@pytest.mark.parametrize("kind", DEPARTING)
def test_each_kind_of_departure_is_told_by_its_name(kind: str) -> None:
    found = judge(trial(ONE), DEPARTING[kind])
    assert found is not None
    assert found.kind == kind


def test_what_agrees_is_no_departure() -> None:
    assert judge(trial(ONE), RIGHT) is None


def test_a_definition_that_is_refused_only_after_others_departs_in_that() -> None:
    def outcome(engine: Scripted, given: Asked) -> Ran:
        return OwnEngine().run(given, 1) if engine.number == 1 else Ran(REFUSED, cause="confused")

    engine = Scripted(outcome)
    found = hold([trial(ONE, id="a"), trial(ONE, id="b")], engine, {})
    assert [(group.kind, len(group.departures)) for group in found.groups] == [(DEPENDS, 1)]
    assert engine.fresh == 1


def test_the_smallest_example_of_a_group_is_made_smaller() -> None:
    def outcome(engine: Scripted, given: Asked) -> Ran:
        right = OwnEngine().run(given, 1)
        return right._replace(output='"wrong"') if '"Wait"' in given.definition else right

    states = chain(A=PASS, B={"Type": "Wait", "Seconds": 1, "Comment": "x"}, C={**PASS, "ResultPath": "$.c"})
    found = hold([trial(states), trial(ONE)], Scripted(outcome), {})
    [group] = found.groups
    assert group.departures[0].trial.definition == chain(B={"Type": "Wait", "Seconds": 1})
    assert "scripted: 1 agree, 1 depart, 0 left out" in render(found)


def test_a_definition_is_made_smaller_only_while_it_still_departs() -> None:
    inner = chain(D={"Type": "Pass", "Result": 1}, E=PASS)
    found = smaller(
        chain(M=each(inner, MaxConcurrency=2), N=PASS), lambda definition: '"Result": 1' in json.dumps(definition)
    )
    assert found == {"StartAt": "D", "States": {"D": {"Type": "Pass", "Result": 1, "End": True}}}


def test_features_are_types_fields_languages_and_functions() -> None:
    states = chain(
        T=task(Retry=[], Catch=[catcher("P")]),
        P={"Type": "Pass", "Parameters": {"x.$": "States.UUID()"}},
        Q={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $count([1]) %}"},
        C={"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "IsPresent": True}, "Next": "P"}]},
    )
    assert features_of(states) >= {"Task", "Task: Retry", "Pass: Parameters", "States.UUID()", "JSONata $count()"}
    assert features_of(states) >= {"JSONata expressions", "JSONPath", "Choice: IsPresent"}


def test_a_departure_belongs_to_the_feature_that_explains_it() -> None:
    departing = {"a": frozenset({"Pass", "Wait"}), "b": frozenset({"Map", "Wait"})}
    assert attributed(departing, [frozenset({"Pass"}), frozenset({"Map"})]) == {"a": "Wait", "b": "Wait"}


def test_asl_engine_agrees_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["differential", "--engine", "asl_engine", "--examples", "20"]) == 0
    assert capsys.readouterr().out == "asl_engine: 20 agree, 0 depart, 0 left out\n"


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ("other", "--engine must be one of moto, endpoint, asl_engine, not 'other'"),
        ("endpoint", "endpoint takes a URL, as in endpoint:http://localhost:8083, not ''"),
        (
            "endpoint:http://localhost:1",
            'no engine answers there: Could not connect to the endpoint URL: "http://local',
        ),
    ],
)
def test_an_engine_that_there_is_not_is_told(engine: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["differential", "--engine", engine, "--examples", "1"]) == 2
    assert told in capsys.readouterr().err


def test_a_run_without_cases_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["differential", "--engine", "asl_engine", "--examples", "0"]) == 2
    assert "no case was run: give --suite or --examples" in capsys.readouterr().err


def test_an_engine_alone_is_held_to_generated_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("conformance.__main__.BESIDE", tmp_path / "no recordings here")
    monkeypatch.setattr("conformance.__main__.EXAMPLES", 3)
    assert main(["differential", "--engine", "asl_engine"]) == 0
    assert "asl_engine: 3 agree, 0 depart, 0 left out" in capsys.readouterr().out


def recorded(folder: Path, id: str, definition: Any, output: Any, **fields: Any) -> None:
    """Writes one case as a recording."""
    case = {
        "id": id,
        "kind": "execution",
        "type": "STANDARD",
        "complete": True,
        "needs": [],
        "definition": definition,
        "input": {},
        "context": {},
        "task_results": [],
        "events_order_normalised": False,
        "notes": "",
        "aws": {"events": None, "status": "SUCCEEDED", "output": output, "error": None, "cause": None},
    }
    (folder / f"{id}.json").write_text(json.dumps(case | fields))


def test_recorded_cases_are_run_and_what_is_left_out_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, "right", ONE, {"n": 1})
    recorded(tmp_path, "wrong", ONE, {"n": 2})
    recorded(tmp_path, "part", ONE, None, complete=False)
    report = tmp_path / "report.json"
    assert main(["differential", "--engine", "asl_engine", "--suite", str(tmp_path), "--report", str(report)]) == 1
    shown = capsys.readouterr().out
    assert "final.output.n: expected 2, got 1" in shown
    assert "evidence: recorded: wrong" in shown
    assert "left out 1: its recording is not complete" in shown
    assert json.loads(report.read_text())["groups"][0]["cases"] == ["wrong"]


# --- engines that run for real ----------------------------------------------------------------------------------------


def test_moto_runs_in_a_process_of_its_own() -> None:
    pytest.importorskip("moto")
    pytest.importorskip("boto3")
    with closing(open_engine("moto")) as engine:
        assert engine.real_time
        right = engine.run(asked(ONE), 5)
        assert (right.status, json.loads(right.output or "")) == ("SUCCEEDED", {"n": 1})
        assert judge(trial(ONE), right) is None
        failed = engine.run(asked(chain(F={"Type": "Fail", "Error": "E", "Cause": "C"})), 5)
        assert (failed.status, failed.error, failed.cause) == ("FAILED", "E", "C")
        assert engine.run(asked(chain(F={"Type": "None"})), 5).status == REFUSED
        assert engine.run(asked(chain(W={"Type": "Wait", "Seconds": 60})), 0.1).status == UNFINISHED


def test_an_endpoint_is_any_server_of_the_api() -> None:
    server_module = pytest.importorskip("moto.server")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        switch_execution_on(f"http://{host}:{port}")
        with closing(open_engine(f"endpoint:http://{host}:{port}")) as engine:
            ran = engine.run(asked(ONE), 5)
        assert (ran.status, json.loads(ran.output or "")) == ("SUCCEEDED", {"n": 1})
        assert judge(trial(ONE), ran) is None
    finally:
        server.stop()


def switch_execution_on(url: str) -> None:
    """Tells moto's server to run state machines, not only to keep them."""
    config = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
    request = Request(f"{url}/moto-api/config", config, {"Content-Type": "application/json"}, method="POST")
    urlopen(request).close()
