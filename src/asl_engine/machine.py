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
from asl_engine.integrations.registry import Importer, Tasks, serve, storage_needs, task_needs
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
    from asl_engine.integrations.activities import Activities
    from asl_engine.integrations.permissions import Policy
    from asl_engine.integrations.services.aws import AwsServices
    from asl_engine.integrations.services.catalogue import Identity, Services

STANDARD = "STANDARD"
EXPRESS = "EXPRESS"


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


class StateMachine:
    """A state machine, ready to run. Made by `from_json` or `from_file`; it never changes afterwards.

    `definition` is the machine as read, `diagnostics` the warnings found, `name` and `type` as given, `task_needs`
    what its Task states need, `storage_needs` what its distributed Maps read and write.
    """

    def __init__(self, definition: Machine, diagnostics: list[Diagnostic], name: str, type: str) -> None:
        if type not in (STANDARD, EXPRESS):
            raise ValueError(f"type must be STANDARD or EXPRESS, not {type!r}")
        self.definition = definition
        self.diagnostics = tuple(diagnostics)
        self.name = name
        self.type = type
        self._program: Program = compile_machine(definition)
        self.task_needs = tuple(task_needs(self._program))
        self.storage_needs = tuple(storage_needs(self._program))
        self._has_tokens = any(need.has_token for need in self.task_needs)

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
        return cls(machine, diagnostics, name or "StateMachine", type)

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
        machine.diagnostics = (*source.notes, *located(source, machine.diagnostics))
        return machine

    def run(
        self,
        input: Json = None,
        *,
        tasks: Tasks | None = None,
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
    ) -> Execution:
        """Runs an execution to its end and returns it, whatever its status.

        It is returned RUNNING where nothing can happen before an answer from outside (`Execution.pending_tokens`):
        time goes on to the end of TimeoutSeconds and HeartbeatSeconds, but where `until_pending` is given, no time
        passes while a task is left open.

        `input`: a JSON value (None: `{}`). `tasks`: state name, Resource, Lambda ARN or function name -> callable.
        `seed` fixes jitter, UUIDs and random numbers (0 unless given). `clock`: a VirtualClock unless given. `context`:
        the fixed parts of the context object, {"Execution": {...}, "StateMachine": {...}}. `importer` finds a callable
        for a Lambda function name that `tasks` does not serve. What no callable serves goes to `services`; `aws`,
        `machines` and `policy` are short for the parts of one: boto3 clients, state machines that may be started, and
        the IAM policy that says what this execution may do. `storage`: where distributed Maps read their items and
        write their results, a Storage or the path of a folder. `progress` is called with a Map Run whenever a child
        execution of it ends. `activities`: the store of the activities that exist; workers poll it for those that
        `tasks` does not serve. `executor`: tasks of Parallel and Map states run at once on it (anything with `submit`),
        or on so many threads; a clock that is not virtual then bounds them for real. It serves callables alone: with
        `services`, `aws`, `machines`, `policy` or a storage it is refused with ValueError.

        Raises InputError, UnservedTaskError (before anything runs) and TransitionLimitError.
        """
        execution = self.start(
            input, seed=seed, context=context, max_transitions=max_transitions, activity_workers=True
        )
        execution.progress = progress
        if clock is None:
            clock = VirtualClock() if context is None else VirtualClock(_start_time(context))
        if activities is not None:
            activities.attend(execution)
        given = tasks or {}
        if executor is not None:
            if (services, aws, machines, policy) != (None, None, None, None):
                raise ValueError("executor= serves callables alone: leave it out, or services, aws, machines, policy")
            self._refuse_storage("executor=")
            from asl_engine.drivers.concurrent import Concurrent, executor_of

            prepare = self._prepare(execution, given, seed, importer, activities)
            return Concurrent(execution, prepare, clock, executor_of(executor)).begin(until_pending=until_pending)
        perform: Perform = no_tasks
        if self.task_needs:
            from asl_engine.integrations.perform import performer

            known = None
            if (services, aws, machines, policy) != (None, None, None, None):
                services, known = self._services(services, aws, machines, policy, context)
            handlers = serve(self.task_needs, given, importer, services, polled=activities is not None)
            perform = performer(
                handlers, given, seed or 0, importer, services, known, activities=activities, execution=execution
            )
        supply = self.supply(storage) if self.storage_needs else None
        if not self._has_tokens:
            return drive(execution, perform, clock, supply)
        from asl_engine.drivers.attended import Attended

        return Attended(execution, perform, clock, supply).begin(until_pending=until_pending)

    def supply(self, storage: Any) -> Supply:
        """What a driver needs besides tasks where distributed Maps read or write. Raises UnservedTaskError."""
        from asl_engine.integrations.map_data import supplier

        if storage is None:
            need = self.storage_needs[0]
            raise UnservedTaskError(f"{need}, but no storage was given: give one with storage= (asl run: --storage)")
        return supplier(storage)

    def _refuse_storage(self, by: str) -> None:
        if self.storage_needs:
            raise ValueError(f"{self.storage_needs[0]}, which {by} does not do in this version; use run without it")

    def _services(
        self,
        services: Services | None,
        aws: AwsServices | None,
        machines: Mapping[str, StateMachine] | None,
        policy: Any,
        context: Mapping[str, Any] | None,
    ) -> tuple[Services | None, Identity]:
        """What a run's arguments about services come to, and who the execution is to them."""
        from asl_engine.integrations.services.catalogue import identity_of, services_of_run

        return services_of_run(services, aws, machines, policy), identity_of(context, self.name)

    async def arun(
        self,
        input: Json = None,
        *,
        tasks: Tasks | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        context: Mapping[str, Any] | None = None,
        max_transitions: int = DEFAULT_MAX_TRANSITIONS,
        importer: Importer | None = None,
        activities: Activities | None = None,
        executor: Executor | int = 32,
    ) -> Execution:
        """`run` on the running event loop of asyncio: coroutine functions among the tasks are awaited there, other
        callables run on the `executor`, or on so many threads; the tasks of Parallel and Map states run at once.

        On a clock that is not virtual it waits for answers from outside too. Cancelling it cancels the tasks.
        """
        from asl_engine.drivers.aio import Asynchronous
        from asl_engine.drivers.concurrent import executor_of

        self._refuse_storage("arun")
        execution = self.start(
            input, seed=seed, context=context, max_transitions=max_transitions, activity_workers=True
        )
        if activities is not None:
            activities.attend(execution)
        prepare = self._prepare(execution, tasks or {}, seed, importer, activities, awaited=True)
        if clock is None:
            clock = VirtualClock() if context is None else VirtualClock(_start_time(context))
        return await Asynchronous(execution, prepare, clock, executor_of(executor)).drive()

    def _prepare(
        self,
        execution: Execution,
        tasks: Tasks,
        seed: int | None,
        importer: Importer | None,
        activities: Activities | None,
        awaited: bool = False,
    ) -> Prepare:
        """What a driver of tasks that run at once asks of a task. Raises UnservedTaskError."""
        from asl_engine.integrations.calls import caller
        from asl_engine.integrations.perform import Served

        handlers = serve(self.task_needs, tasks, importer, polled=activities is not None)
        return caller(Served(handlers, tasks, importer, activities), seed or 0, execution, awaited=awaited)

    def start(
        self,
        input: Json = None,
        *,
        seed: int | None = None,
        context: Mapping[str, Any] | None = None,
        max_transitions: int = DEFAULT_MAX_TRANSITIONS,
        activity_workers: bool = False,
    ) -> Execution:
        """An execution that has not begun, without a driver: the caller gives it time and replies (`Execution.start`,
        `Execution.receive`) and carries out its commands. With `activity_workers` an activity's task starts when the
        reply TaskStarted says so, else at once. Raises InputError."""
        value, size = adopt_input({} if input is None else input)
        if context is not None:
            check_context(context)
        settings = Settings(self.name, self.type == EXPRESS, seed or 0, context, max_transitions, activity_workers)
        return Execution(self._program, value, size, settings)

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
