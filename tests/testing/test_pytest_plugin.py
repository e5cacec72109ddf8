"""The pytest plugin: what its fixtures, its marker and its options do in test runs of their own."""

from __future__ import annotations

import json

import pytest

from tests.testing.plugin_runs import PLUGIN, SOURCE, run

pytest_plugins = ["pytester"]

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2}]
ORDER = {
    "StartAt": "Charge",
    "States": {
        "Charge": {"Type": "Task", "Resource": f"{LAMBDA}:charge", "Retry": RETRY, "Next": "Ship"},
        "Ship": {"Type": "Task", "Resource": f"{LAMBDA}:ship", "End": True},
    },
}
MOCK_FILE = {
    "StateMachines": {
        "order": {
            "TestCases": {
                "HappyPath": {"Charge": "Paid", "Ship": "Shipped"},
                "Retried": {"Charge": "Late", "Ship": "Shipped"},
            }
        }
    },
    "MockedResponses": {
        "Paid": {"0": {"Return": {"paid": True}}},
        "Late": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"paid": True}}},
        "Shipped": {"0": {"Return": "shipped"}},
    },
}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with a definition, a mock file and a place for tests."""
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers --strict-config\n")
    pytester.makefile(".asl.json", order=json.dumps(ORDER))
    pytester.makefile(".json", MockConfigFile=json.dumps(MOCK_FILE))
    return pytester


def refused(project: pytest.Pytester, text: str, *lines: str) -> None:
    """The test run fails and says these lines."""
    result = run(project, text)
    assert result.ret != 0
    result.stdout.fnmatch_lines(list(lines))


# --- what is loaded ---------------------------------------------------------------------------------------------------


def test_a_run_that_does_not_use_it_loads_nothing_of_the_engine(project: pytest.Pytester) -> None:
    project.makepyfile("def test_other(): pass\n\ndef test_failing(): assert 0")
    project.makeconftest(
        """
        import sys

        def pytest_unconfigure():
            print("loaded:", *sorted(name for name in sys.modules if name.startswith("asl_engine")))
        """
    )
    result = project.runpytest_subprocess(*PLUGIN, "-s")
    result.assert_outcomes(passed=1, failed=1)
    loaded = next(line for line in result.outlines if line.startswith("loaded:")).split()[1:]
    assert set(loaded) <= {"asl_engine", "asl_engine.pytest_plugin", "asl_engine.pytest_coverage"}


FIXTURES = ("asl", "asl_case", "asl_snapshot")


def test_options_settings_and_fixtures_are_described(project: pytest.Pytester) -> None:
    result = run(project, "def test(): pass", "--help")
    result.stdout.fnmatch_lines(["*--asl-mock-config=FILE*", "*--asl-snapshot-update*", "*asl_definitions*"])
    assert "asl_case -- *" not in result.outlines
    run(project, None, "--fixtures").stdout.fnmatch_lines_random([f"{name} -- *" for name in FIXTURES])
    run(project, None, "--markers").stdout.fnmatch_lines(["@pytest.mark.asl_mock_cases(path,*"])


# --- loading and mocking ----------------------------------------------------------------------------------------------


def test_a_machine_is_loaded_and_mocked(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        from asl_engine import StateMachine

        def test_retried(asl):
            order = asl.load("order.asl.json")
            assert isinstance(order, StateMachine) and order.name == "order"
            order.mock("Charge").raises("Busy", times=2).then_returns(1)
            order.mock("ship").calls(lambda payload: payload + 1)
            execution = order.run({}).assert_succeeded(output=2).assert_path("Charge", "Ship")
            assert execution.state("Charge").delays == [1, 2]
            assert order.mocks["Charge"].call_count == 3

        def test_other_tests_do_not_see_its_mocks(asl):
            order = asl.load("order.asl.json", tasks={"charge": lambda _: 3, "ship": lambda payload: payload})
            order.run({}).assert_succeeded(output=3)
            order.run({}, tasks={"ship": lambda payload: 4}).assert_succeeded(output=4)

        def test_a_shared_mock(asl):
            asl.mock("ship").returns("sent")
            first, second = asl.load("order.asl.json"), asl.load("order.asl.json", name="second")
            first.mock("Charge").returns(1)
            second.mock("Charge").returns(2)
            second.mock("ship").returns("gone")
            assert (first.run({}).output, second.run({}).output) == ("sent", "gone")

        def test_a_definition_in_the_test(asl):
            machine = asl.from_json({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, name="tiny")
            asl.mock("elsewhere").returns(1)
            assert (machine.name, machine.run(1).output) == ("tiny", 1)

        async def coroutine():
            return None

        def test_on_an_event_loop(asl):
            import asyncio

            order = asl.load("order.asl.json")
            order.mock("Charge").returns(1)
            order.mock("Ship").returns(2)
            assert asyncio.run(order.arun({})).output == 2
        """,
    )
    result.assert_outcomes(passed=5)


def test_a_file_is_read_once_a_session_unless_it_changes(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import json

        def test_one(asl, tmp_path):
            first, second = asl.load("order.asl.json"), asl.load("order.asl.json")
            assert first is not second and first.definition is second.definition
            assert asl.load("order.asl.json", name="other").name == "other"

        def test_changed(asl, tmp_path):
            file = tmp_path / "tiny.asl.json"
            for comment in ("one", "another one"):
                states = {"A": {"Type": "Succeed", "Comment": comment}}
                file.write_text(json.dumps({"Comment": comment, "StartAt": "A", "States": states}))
                assert asl.load(file).definition.comment == comment
        """,
    )
    result.assert_outcomes(passed=2)


def test_a_definition_is_looked_for_beside_the_test_in_the_settings_folders_and_in_the_root(
    project: pytest.Pytester,
) -> None:
    project.makeini("[pytest]\nasl_definitions = machines\n    more/machines\n")
    for folder in ("machines", "more/machines", "tests"):
        project.path.joinpath(folder).mkdir(parents=True)
    tiny = '{"Comment": "%s", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    for place in ("root.asl.json", "more/machines/more.asl.json", "machines/twice.asl.json", "tests/twice.asl.json"):
        project.path.joinpath(place).write_text(tiny % place)
    test = project.path / "tests" / "test_places.py"
    test.write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('name, place', [('root', 'root.asl.json'),"
        " ('more', 'more/machines/more.asl.json'), ('twice', 'tests/twice.asl.json')])\n"
        "def test_place(asl, name, place):\n"
        "    assert asl.load(name + '.asl.json').definition.comment == place\n"
        "def test_nowhere(asl):\n"
        "    with pytest.raises(FileNotFoundError, match='no such file in .*tests, .*more'):\n"
        "        asl.load('nowhere.asl.json')\n"
    )
    run(project).assert_outcomes(passed=4)


# --- mock files -------------------------------------------------------------------------------------------------------

CASES = """
    import pytest

    @pytest.mark.asl_mock_cases("order.asl.json", mock_config="MockConfigFile.json")
    def test_case(asl_case):
        execution = asl_case.run({}).assert_succeeded(output="shipped")
        assert execution.state("Charge").attempts == {"HappyPath": 1, "Retried": 2}[asl_case.test_case]
    """


def test_a_test_runs_with_each_case_of_a_mock_file(project: pytest.Pytester) -> None:
    result = run(project, CASES, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::test_case?HappyPath? PASSED*", "*::test_case?Retried? PASSED*"])


def test_a_mock_goes_before_the_case(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        @pytest.mark.asl_mock_cases("order.asl.json", mock_config="MockConfigFile.json")
        def test_case(asl_case):
            asl_case.mock("Ship").returns("by hand")
            assert asl_case.run({}).output == "by hand"
        """,
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("by", ["option", "setting", "environment"])
def test_the_mock_file_may_be_named_for_the_whole_run(
    project: pytest.Pytester, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = CASES.replace(', mock_config="MockConfigFile.json"', "")
    options = ["--asl-mock-config", "MockConfigFile.json"] if by == "option" else []
    monkeypatch.delenv("SFN_MOCK_CONFIG", raising=False)
    if by == "setting":
        project.makeini("[pytest]\nasl_mock_config = MockConfigFile.json\n")
    if by == "environment":
        monkeypatch.setenv("SFN_MOCK_CONFIG", "MockConfigFile.json")
    added = """
    def test_by_name(asl):
        order = asl.load("order.asl.json")
        assert order.run({}, test_case="Retried").state("Charge").attempts == 2
    """
    run(project, test + added, *options).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    "marker, message",
    [
        ("", "asl_mock_cases needs one path, that of a definition, not 0"),
        ("'order.asl.json'", "*no mock configuration file: give mock_config=, --asl-mock-config*"),
        ("'order.asl.json', mock_config='None.json'", "*no such file in*"),
        ("'order.asl.json', mock_config={'StateMachines': {}}", "*MockedResponses*"),
    ],
)
def test_a_marker_that_cannot_be_read_is_an_error_of_collection(
    project: pytest.Pytester, marker: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFN_MOCK_CONFIG", raising=False)
    test = f"import pytest\n@pytest.mark.asl_mock_cases({marker})\ndef test(asl_case): pass"
    refused(project, test, message, "*1 error*")


def test_the_marker_and_its_fixture_need_each_other(project: pytest.Pytester) -> None:
    test = "import pytest\n@pytest.mark.asl_mock_cases('order.asl.json')\ndef test(): pass"
    refused(project, test, "*does not use the fixture asl_case*")
    refused(project, "def test(asl_case): pass", "*asl_case needs the marker asl_mock_cases(path)*")


def test_cases_of_several_machines_are_told_apart(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import pytest

        @pytest.mark.asl_mock_cases("order.asl.json", mock_config="MockConfigFile.json")
        @pytest.mark.asl_mock_cases("order.asl.json", mock_config="MockConfigFile.json", name="again")
        def test_case(asl_case):
            asl_case.run({}).assert_succeeded()
        """,
        "-v",
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*?order-HappyPath?*", "*?order-Retried?*", "*?again-HappyPath?*"])


# --- what a failed test shows -----------------------------------------------------------------------------------------

BROKEN = """
    from asl_engine import StateMachine

    def test_broken(asl):
        order = asl.load("order.asl.json")
        order.mock("Charge").raises("Card.Declined", "card 4711")
        order.mock("Ship").returns(1)
        order.run({"order": 7})
        assert 0
    """


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_failed_test_shows_its_executions(project: pytest.Pytester, options: list[str]) -> None:
    result = run(project, BROKEN, *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- asl execution -*",
            "order FAILED in Charge after 0 s",
            "  path    Charge (broke here)",
            "  state   Charge (Task)",
            '  input   {"order": 7}',
            "  error   Card.Declined",
            "  cause   card 4711",
        ]
    )


def test_executions_of_machines_that_the_plugin_did_not_load_are_shown_too(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        from asl_engine import StateMachine

        TINY = StateMachine.from_json({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "No"}}}, name="tiny")

        def test_broken():
            for _ in range(7):
                TINY.run({})
            assert 0
        """,
    )
    shown = [line for line in result.outlines if line.startswith("tiny FAILED in A")]
    assert len(shown) == 5
    result.stdout.fnmatch_lines(["(2 earlier executions)"])


def test_a_test_that_passes_shows_nothing_and_a_test_shows_only_its_own(project: pytest.Pytester) -> None:
    test = BROKEN.replace("assert 0", "pass") + "\n\n    def test_other(asl): assert 0\n"
    result = run(project, test)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*asl execution*")


def test_a_mock_without_an_answer_shows_where_the_execution_stood(project: pytest.Pytester) -> None:
    test = BROKEN.replace('.raises("Card.Declined", "card 4711")', '.raises("Busy")')
    result = run(project, test)
    result.stdout.fnmatch_lines(
        ["*MockError*", "order RUNNING waiting in Charge after 1 s", "  path    Charge (2 attempts, open)"]
    )


MISTAKES = """
    def ask(machine):
        machine.run({})

    def test_run_out(asl):
        order = asl.load("order.asl.json")
        order.mock("Charge").raises("Busy")
        order.mock("Ship").returns(1)
        ask(order)

    def test_unserved(asl):
        ask(asl.load("order.asl.json"))

    def test_no_definition(asl):
        asl.from_json({"StartAt": "A"})
    """


def test_a_mistake_that_the_engine_tells_shows_only_lines_of_the_test(project: pytest.Pytester) -> None:
    result = run(project, MISTAKES)
    result.assert_outcomes(failed=3)
    said = ["the mock 'Charge' has 1 answer, *", "no callable serves *", "/: These fields are required: [[]States] *"]
    result.stdout.fnmatch_lines([f"E * {sentence}" for sentence in said])
    result.stdout.no_re_match_line(r".*(mocks|machine|registry|loading)\.py")
    assert len([line for line in result.outlines if line == ">       machine.run({})"]) == 2
    run(project, None, "--full-trace").stdout.fnmatch_lines(["*machine.py:*"])


def test_a_mistake_of_the_engine_is_shown_whole(project: pytest.Pytester) -> None:
    test = """
        from asl_engine import StateMachine

        def test_broken_engine(asl, monkeypatch):
            monkeypatch.setattr(StateMachine, "_table", None)
            asl.load("order.asl.json").run({})
        """
    run(project, test).stdout.fnmatch_lines(["*loading.py:*: TypeError"])


def test_no_observer_is_left_behind(project: pytest.Pytester) -> None:
    from asl_engine.machine import OBSERVERS

    before = list(OBSERVERS)
    run(project, BROKEN)
    assert before == OBSERVERS


def test_an_assertion_shows_the_line_of_the_test(project: pytest.Pytester) -> None:
    test = BROKEN.replace('order.run({"order": 7})', 'order.run({"order": 7}).assert_succeeded()')
    result = run(project, test)
    result.stdout.fnmatch_lines(["*> *order.run({?order?: 7}).assert_succeeded()", "E * the execution was to succeed"])
    result.stdout.no_fnmatch_line("*checks.py*")


def test_a_mode_that_there_is_not_is_refused_before_anything_runs(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nasl_field_validation_mode = strict\n")
    result = run(project, "def test(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*asl_field_validation_mode must be one of NONE, PRESENT, STRICT, not 'strict'"])


def test_mocks_can_be_held_to_the_services_apis_and_to_contracts(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nasl_field_validation_mode = STRICT\n")
    result = run(
        project,
        """
        import pytest
        from asl_engine.testing import ContractError, MockError, task

        QUEUE = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q"}}

        @task(output_schema={"type": "integer"})
        def charge(payload):
            return 1

        def test_a_result_that_the_service_never_gives(asl):
            machine = asl.from_json({"StartAt": "Send", "States": {"Send": {**QUEUE, "End": True}}})
            machine.mock("Send").returns({"MessageId": 17})
            with pytest.raises(MockError):
                machine.run({})

        def test_a_result_that_the_function_never_gives(asl):
            order = asl.load("order.asl.json")
            asl.mock("Charge", spec=charge).returns("one")
            order.mock("Ship").returns(1)
            with pytest.raises(ContractError):
                order.run({})
        """,
    )
    result.assert_outcomes(passed=2)
