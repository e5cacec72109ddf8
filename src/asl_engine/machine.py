"""The front door: a state machine is read, checked and compiled once, and run as often as wanted, from any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import read_definition
from asl_engine.drivers.clock import Clock, VirtualClock
from asl_engine.drivers.inline import Perform, Supply, drive, no_tasks
from asl_engine.errors import DefinitionError, Diagnostic, InputError, UnservedTaskError
from asl_engine.execution.execution import DEFAULT_MAX_TRANSITIONS, PAYLOAD_LIMIT, Execution, Settings
from asl_engine.integrations.registry import Importer, Tasks, TaskSource, serve, storage_needs, task_needs, tasks_of
from asl_engine.jsonvalue import Json, JsonValueError, adopt
from asl_engine.states.program import Program
from asl_engine.states.table import STATE_TYPES, compile_machine
from asl_engine.timestamp import parse_timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from asl_engine.definition.sources.source import Source
    from asl_engine.drivers.concurrent import Executor
    from asl_engine.drivers.live import Prepare
    from asl_engine.execution.map_run import MapRun
    from asl_engine.execution.travel import Outstanding
    from asl_engine.integrations.activities import Activities
    from asl_engine.integrations.permissions import Policy
    from asl_engine.integrations.services.aws import AwsServices
    from asl_engine.integrations.services.catalogue import Identity, Services
    from asl_engine.testing.mock_config import MockFile

STANDARD = "STANDARD"
EXPRESS = "EXPRESS"

OBSERVERS: list[Callable[[StateMachine, Execution], None]] = []
"""Called with every execution that is about to begin, and its machine: what watches tests stands here."""


def validate(definition: str | bytes | Mapping[str, Any], *, type: str = STANDARD) -> list[Diagnostic]:
    """Every problem found in a definition, errors and warnings; an empty list for a clean one.

    >>> [found] = validate({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Resultpath": "$.x"}}})
    >>> print(found)
    /States/A/Resultpath: Field 'Resultpath' is not supported; did you mean 'ResultPath'? [SCHEMA_VALIDATION_FAILED]
    """
    machine, diagnostics = read_definition(definition, STATE_TYPES, type == EXPRESS)
    if machine is not None:
        from asl_engine.lint.table import run_lints

        has_errors = any(found.severity == "ERROR" for found in diagnostics)
        diagnostics.extend(run_lints(machine, has_errors=has_errors))
    return diagnostics


def validate_file(
    path: str | Path, *, type: str | None = None, substitutions: Mapping[str, str] | None = None
) -> list[Diagnostic]:
    """Every problem of every state machine in a file, each with file, line and column.

    The file is a definition (JSON or YAML) or a template that holds some: SAM, CloudFormation, `cdk.out`, Serverless
    Framework, `terraform show -json`. `type`: STANDARD or EXPRESS in place of what the file says. `substitutions`: what
    `${Name}` stands for. A file that cannot be read as any of these is one finding. Raises OSError.
    """
    from asl_engine.definition.sources.source import SourceError, located

    try:
        sources = _sources(str(path), substitutions)
    except SourceError as error:
        return [error.diagnostic]
    found: list[Diagnostic] = []
    for source in sources:
        found += [*source.notes, *located(source, validate(source.document, type=type or source.type or STANDARD))]
    return found


def _sources(file: str, substitutions: Mapping[str, str] | None) -> list[Source]:
    from pathlib import Path

    from asl_engine.definition.sources.load import load_sources

    return load_sources(file, read=lambda name: Path(name).read_bytes(), substitutions=substitutions)


class Measuring:
    """Where coverage is measured. `program`: machine -> the program to run in place of the machine's own."""

    program: Callable[[StateMachine], Program] | None = None


class StateMachine:
    """A state machine, ready to run. Made by `from_json` or `from_file`; it never changes afterwards.

    `definition` is the machine as read, `diagnostics` the warnings found, `name` and `type` as given, `source` the file
    it stands in (None where it was no file), `document` what `from_json` was given, `task_needs` what its Task states
    need, `storage_needs` what its distributed Maps read and write.
    """

    def __init__(self, definition: Machine, diagnostics: list[Diagnostic], name: str, type: str) -> None:
        if type not in (STANDARD, EXPRESS):
            raise ValueError(f"type must be STANDARD or EXPRESS, not {type!r}")
        self.definition = definition
        self.diagnostics = tuple(diagnostics)
        self.name = name
        self.type = type
        self.source: Source | None = None
        self.document: str | bytes | Mapping[str, Any] | None = None
        self._program: Program = compile_machine(definition)
        self.task_needs = tuple(task_needs(self._program))
        self.storage_needs = tuple(storage_needs(self._program))
        self._has_tokens = any(need.has_token for need in self.task_needs)

    @property
    def program(self) -> Program:
        """What is run: the definition, compiled."""
        return self._program

    @classmethod
    def from_json(
        cls, definition: str | bytes | Mapping[str, Any], *, name: str | None = None, type: str = STANDARD
    ) -> StateMachine:
        """A machine from ASL as JSON text or as a Python value. Raises DefinitionError with every diagnostic.

        >>> StateMachine.from_json({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}).run({"n": 1}).output
        {'n': 1}
        """
        machine, diagnostics = read_definition(definition, STATE_TYPES, type == EXPRESS)
        if machine is None or any(found.severity == "ERROR" for found in diagnostics):
            raise DefinitionError(diagnostics)
        made = cls(machine, diagnostics, name or "StateMachine", type)
        made.document = definition
        return made

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        name: str | None = None,
        type: str | None = None,
        substitutions: Mapping[str, str] | None = None,
    ) -> StateMachine:
        """A machine from a file, as `validate_file` reads it: ASL as JSON or YAML, or a template.

        `name`: which machine, where the file holds several; else the name it gets, in place of the file's or the
        template's. `${Name}` is replaced from `substitutions`; what they leave open gets a stand-in, and an INFO among
        the `diagnostics` says which. Raises OSError, and DefinitionError with file, line and column of every finding.
        """
        from asl_engine.definition.sources.source import SourceError

        try:
            sources = _sources(str(path), substitutions)
        except SourceError as error:
            raise DefinitionError([error.diagnostic]) from None
        return cls.from_source(choose(sources, name), name=name, type=type)

    @classmethod
    def from_source(cls, source: Source, *, name: str | None = None, type: str | None = None) -> StateMachine:
        """A machine from what a reader of files found. Raises DefinitionError, its findings located."""
        from asl_engine.definition.sources.source import located

        kind = type or source.type or STANDARD
        try:
            machine = cls.from_json(source.document, name=name or source.name, type=kind)
        except DefinitionError as error:
            raise DefinitionError(located(source, error.diagnostics)) from None
        machine.source = source
        machine.diagnostics = (*source.notes, *located(source, machine.diagnostics))
        return machine

    def run(
        self,
        input: Json = None,
        *,
        tasks: Tasks | TaskSource | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        context: Mapping[str, Any] | None = None,
        max_transitions: int = DEFAULT_MAX_TRANSITIONS,
        importer: Importer | None = None,
        storage: Any = None,
        progress: Callable[[MapRun], None] | None = None,
        services: Services | None = None,
        aws: AwsServices | None = None,
        machines: Mapping[str, StateMachine] | None = None,
        policy: Policy | Mapping[str, Any] | list[Mapping[str, Any]] | None = None,
        activities: Activities | None = None,
        until_pending: bool = False,
        executor: Executor | int | None = None,
        mock_config: MockFile | None = None,
        test_case: str | None = None,
        keep_journal: bool = False,
    ) -> Execution:
        """Runs an execution to its end and returns it, whatever its status.

        It is returned RUNNING where nothing can happen before an answer from outside (`Execution.pending_tokens`):
        time goes on to the end of TimeoutSeconds and HeartbeatSeconds, but where `until_pending` is given, no time
        passes while a task is left open.

        `input`: a JSON value (None: `{}`). `tasks`: state name, Resource, Lambda ARN or function name -> callable; or
        what makes such a table for each execution, such as `asl_engine.testing.Mocks`. `mock_config` and `test_case`: a
        mock configuration file of Step Functions Local and a case of it; states that it does not name run for real, and
        raise MockError when they are reached and nothing serves them.
        `seed` fixes jitter, UUIDs and random numbers (0 unless given). `clock`: a VirtualClock unless given. `context`:
        the fixed parts of the context object, {"Execution": {...}, "StateMachine": {...}}. `importer` finds a callable
        for a Lambda function name that `tasks` does not serve. What no callable serves goes to `services`; `aws`,
        `machines` and `policy` are short for the parts of one: boto3 clients, state machines that may be started, and
        the IAM policy that says what this execution may do. `storage`: where distributed Maps read their items and
        write their results, a Storage or the path of a folder; a callable in `tasks` under a Map state's name gives its
        items in the place of a storage. `progress` is called with a Map Run whenever a child
        execution of it ends. `activities`: the store of the activities that exist; workers poll it for those that
        `tasks` does not serve. `executor`: tasks of Parallel and Map states run at once on it (anything with `submit`),
        or on so many threads; a clock that is not virtual then bounds them for real.

        `keep_journal`: for `Execution.at` and `Execution.fork` even where a distributed Map runs.

        Raises InputError, UnservedTaskError (before anything runs) and TransitionLimitError.
        """
        execution = self.start(
            input,
            seed=seed,
            context=context,
            max_transitions=max_transitions,
            activity_workers=True,
            keep_journal=keep_journal,
        )
        execution.progress = progress
        if clock is None:
            clock = VirtualClock() if context is None else VirtualClock(_start_time(context))
        if activities is not None:
            activities.attend(execution)
        given = self._table(tasks, self._called(machines, services), mock_config, test_case)
        served = services_of_run(services, aws, machines, policy, context, self.name)
        supply = self._supply(storage, given, served)
        execution.served = (given, importer, *(served or (None, None)), storage)
        if executor is not None:
            from asl_engine.drivers.concurrent import Concurrent, executor_of

            prepare = self._prepare(execution, given, seed, importer, activities, served)
            driver = Concurrent(execution, prepare, clock, executor_of(executor), supply)
            return driver.begin(until_pending=until_pending)
        perform: Perform = no_tasks
        if self.task_needs:
            perform = self._performer(execution, given, seed, importer, activities, served)
        if not self._has_tokens:
            return drive(execution, perform, clock, supply)
        from asl_engine.drivers.attended import Attended

        return Attended(execution, perform, clock, supply).begin(until_pending=until_pending)

    def supply(self, storage: Any, tasks: Tasks | None = None) -> Supply:
        """What a driver needs besides tasks where distributed Maps read or write: a storage, and the callables among
        `tasks` that give a Map's items. Raises UnservedTaskError where something is left over."""
        from asl_engine.integrations.map_data import supplier

        readers = {need.state_name for need in self.storage_needs if need.reads}
        given = {name: read for name, read in (tasks or {}).items() if name in readers}
        if storage is None:
            for need in self.storage_needs:
                if not (need.reads and need.state_name in given):
                    raise UnservedTaskError(
                        f"{need}, but no storage was given: give one with storage= (asl run: --storage)"
                    )
        return supplier(storage, given)

    def _supply(self, storage: Any, tasks: Tasks, served: tuple[Services, Identity] | None) -> Supply | None:
        """The supply of a run, under its policy; None where nothing is read and written."""
        if not self.storage_needs:
            return None
        supply = self.supply(storage, tasks)
        if served is None or served[0].policy is None:
            return supply
        from asl_engine.integrations.permissions import guarded

        return guarded(supply, served[0].policy, served[1])

    async def arun(
        self,
        input: Json = None,
        *,
        tasks: Tasks | TaskSource | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        context: Mapping[str, Any] | None = None,
        max_transitions: int = DEFAULT_MAX_TRANSITIONS,
        importer: Importer | None = None,
        storage: Any = None,
        progress: Callable[[MapRun], None] | None = None,
        services: Services | None = None,
        aws: AwsServices | None = None,
        machines: Mapping[str, StateMachine] | None = None,
        policy: Policy | Mapping[str, Any] | list[Mapping[str, Any]] | None = None,
        activities: Activities | None = None,
        executor: Executor | int = 32,
        mock_config: MockFile | None = None,
        test_case: str | None = None,
        keep_journal: bool = False,
    ) -> Execution:
        """`run` on the running event loop of asyncio: coroutine functions among the tasks are awaited there, other
        callables run on the `executor`, or on so many threads; the tasks of Parallel and Map states run at once.

        On a clock that is not virtual it waits for answers from outside too. Cancelling it cancels the tasks.
        """
        from asl_engine.drivers.aio import Asynchronous
        from asl_engine.drivers.concurrent import executor_of

        execution = self.start(
            input,
            seed=seed,
            context=context,
            max_transitions=max_transitions,
            activity_workers=True,
            keep_journal=keep_journal,
        )
        execution.progress = progress
        if activities is not None:
            activities.attend(execution)
        given = self._table(tasks, self._called(machines, services), mock_config, test_case, awaited=True)
        served = services_of_run(services, aws, machines, policy, context, self.name)
        supply = self._supply(storage, given, served)
        execution.served = (given, importer, *(served or (None, None)), storage)
        prepare = self._prepare(execution, given, seed, importer, activities, served, awaited=True)
        if clock is None:
            clock = VirtualClock() if context is None else VirtualClock(_start_time(context))
        return await Asynchronous(execution, prepare, clock, executor_of(executor), supply).drive()

    def _performer(
        self,
        execution: Execution,
        tasks: Tasks,
        seed: int | None,
        importer: Importer | None,
        activities: Activities | None,
        served: tuple[Services, Identity] | None,
    ) -> Perform:
        """What a driver of one task after the other asks of a task. Raises UnservedTaskError."""
        from asl_engine.integrations.perform import performer

        services, who = served or (None, None)
        handlers = serve(self.task_needs, tasks, importer, services, polled=activities is not None)
        return performer(
            handlers, tasks, seed or 0, importer, services, who, activities=activities, execution=execution
        )

    def _prepare(
        self,
        execution: Execution,
        tasks: Tasks,
        seed: int | None,
        importer: Importer | None,
        activities: Activities | None,
        served: tuple[Services, Identity] | None,
        awaited: bool = False,
    ) -> Prepare:
        """What a driver of tasks that run at once asks of a task. Raises UnservedTaskError."""
        from asl_engine.integrations.calls import caller
        from asl_engine.integrations.perform import Served

        services = served[0] if served else None
        handlers = serve(self.task_needs, tasks, importer, services, polled=activities is not None)
        chooser = None
        if served is not None:
            from asl_engine.integrations.services.catalogue import Chooser

            chooser = Chooser(served[0], handlers, tasks, importer, seed or 0, served[1], activities)
            chooser.attend(execution)
        table = Served(handlers, tasks, importer, activities)
        return caller(table, seed or 0, execution, awaited=awaited, chooser=chooser)

    def start(
        self,
        input: Json = None,
        *,
        seed: int | None = None,
        context: Mapping[str, Any] | None = None,
        max_transitions: int = DEFAULT_MAX_TRANSITIONS,
        activity_workers: bool = False,
        keep_journal: bool = False,
    ) -> Execution:
        """An execution that has not begun, without a driver: the caller gives it time and replies (`Execution.start`,
        `Execution.receive`) and carries out its commands. With `activity_workers` an activity's task starts when the
        reply TaskStarted says so, else at once. `keep_journal` as in `run`. Raises InputError."""
        value, size = adopt_input({} if input is None else input)
        if context is not None:
            check_context(context)
        settings = Settings(
            self.name, self.type == EXPRESS, seed or 0, context, max_transitions, activity_workers, keep_journal
        )
        program = self._program if Measuring.program is None else Measuring.program(self)
        execution = Execution(program, value, size, settings)
        execution.origin = self
        for observe in OBSERVERS:
            observe(self, execution)
        return execution

    def _called(self, machines: Mapping[str, StateMachine] | None, services: Services | None) -> Sequence[Any]:
        """This machine, and those that its executions may start."""
        if machines is None and services is None:
            return (self,)
        return (self, *(machines or {}).values(), *(services.machines.values() if services is not None else ()))

    def _table(
        self,
        tasks: Tasks | TaskSource | None,
        called: Sequence[Any],
        mock_config: MockFile | None,
        test_case: str | None,
        awaited: bool = False,
    ) -> Tasks:
        """The table of tasks for one execution of the first of the machines that may be `called`."""
        if mock_config is not None or test_case is not None:
            from asl_engine.testing.mock_config import mocks_of

            tasks = mocks_of(mock_config, test_case, self.name, otherwise=tasks)
        return tasks if type(tasks) is dict else tasks_of(tasks, called, awaited=awaited)

    def carry_on(
        self,
        original: Execution,
        twin: Execution,
        outstanding: list[Outstanding],
        tasks: Tasks | TaskSource | None,
        until_pending: bool,
    ) -> Execution:
        """Drives the fork of an execution on, for `Execution.fork`. Raises UnservedTaskError."""
        from asl_engine.integrations.forking import Serving, carry_on

        given, importer, services, identity, storage = original.served
        others = self._table(tasks, self._called(None, services), None, None) if tasks else {}
        table = {**given, **others}
        supply = self._supply(storage, table, None if services is None else (services, identity))
        twin.origin, twin.served = self, (table, importer, services, identity, storage)
        for observe in OBSERVERS:
            observe(self, twin)
        serving = Serving(table, importer, services, identity, supply)
        return carry_on(self.task_needs, serving, twin, outstanding, until_pending)

    def __repr__(self) -> str:
        return f"<StateMachine {self.name!r} with {len(self.definition.states)} states>"


def choose(sources: Sequence[Source], name: str | None) -> Source:
    """The one state machine of a file, or the one of this name where there are several. Raises DefinitionError."""
    for source in sources:
        if source.name == name:
            return source
    faults = [note for note in sources[0].notes if note.severity == "ERROR"]
    if faults:
        raise DefinitionError(faults)
    if len(sources) == 1:
        return sources[0]
    names = ", ".join(source.name for source in sources)
    asked = "say which by its name" if name is None else f"none is named {name!r}"
    message = f"the file holds {len(sources)} state machines, {asked}: {names}"
    raise DefinitionError([Diagnostic("NO_STATE_MACHINE", "ERROR", "", message, file=sources[0].file)])


def services_of_run(
    services: Services | None,
    aws: AwsServices | None,
    machines: Mapping[str, StateMachine] | None,
    policy: Any,
    context: Mapping[str, Any] | None,
    name: str,
) -> tuple[Services, Identity] | None:
    """What a run's arguments about services come to, and who the execution is to them; None where none was given."""
    if services is None and aws is None and machines is None and policy is None:
        return None
    from asl_engine.integrations.services.catalogue import Services, identity_of

    joined = services
    if joined is None or aws is not None or machines is not None or policy is not None:
        joined = (services or Services()).with_(aws, machines, policy)
    return joined, identity_of(context, name)


def adopt_input(value: Json) -> tuple[Json, int]:
    """A private copy of an execution's input and its size. Raises InputError."""
    try:
        adopted, size = adopt(value)
    except JsonValueError as error:
        raise InputError(f"the input is not JSON: {error}") from None
    if size > PAYLOAD_LIMIT:
        raise InputError(f"the input has {size} bytes as JSON text, more than AWS's limit of {PAYLOAD_LIMIT}")
    return adopted, size


def check_context(context: Mapping[str, Any]) -> None:
    """The parts of a context object that a caller gives must be JSON, and objects. Raises InputError."""
    try:
        adopt(dict(context))
    except JsonValueError as error:
        raise InputError(f"the context is not JSON: {error}") from None
    for name, part in context.items():
        if name not in ("Execution", "StateMachine"):
            raise InputError(f"the context has the part {name!r}; Execution and StateMachine are what a caller may set")
        if not isinstance(part, Mapping) or not all(isinstance(part.get(key, ""), str) for key in ("Id", "Name")):
            raise InputError(f"the context's {name} must be an object with Id and Name as strings, not {part!r:.60}")


def _start_time(context: Mapping[str, Any]) -> int:
    text = context.get("Execution", {}).get("StartTime")
    moment = parse_timestamp(text) if isinstance(text, str) else None
    return VirtualClock().now() if moment is None else moment
