"""The desk of an execution: what it has asked of its driver, and which replies it still awaits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asl_engine.execution.commands import Cancel, Command, SetTimer

if TYPE_CHECKING:
    from asl_engine.execution.execution import Execution
    from asl_engine.execution.frame import Frame


class Desk:
    """Tickets and commands. A ticket is a number that is given once; awaited ones know their frame, and a timer's what
    its firing does."""

    __slots__ = ("_awaited", "_commands", "_last_ticket")

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._awaited: dict[int, tuple[Frame, Callable[[Frame], None] | None]] = {}
        self._last_ticket = 0

    def ask(self, command: Command) -> None:
        """Asks something of the driver."""
        self._commands.append(command)

    def taken(self) -> list[Command]:
        """What was asked since the last time."""
        commands = self._commands
        self._commands = []
        return commands

    def new_ticket(self, frame: Frame, fired: Callable[[Frame], None] | None = None) -> int:
        """A ticket that the frame awaits."""
        self._last_ticket += 1
        self._awaited[self._last_ticket] = frame, fired
        return self._last_ticket

    def set_timer(self, frame: Frame, at: int, fired: Callable[[Frame], None]) -> int:
        """Asks for a timer; its ticket."""
        ticket = self.new_ticket(frame, fired)
        self._commands.append(SetTimer(ticket, at))
        return ticket

    def forget(self, *tickets: int) -> None:
        """No longer awaits these tickets."""
        for ticket in tickets:
            if self._awaited.pop(ticket, None) is not None:
                self._commands.append(Cancel(ticket))

    def forget_all(self) -> None:
        """Awaits nothing any more."""
        if self._awaited:
            self.forget(*self._awaited)

    def forget_those_of(self, execution: Execution) -> None:
        """No longer awaits what an execution's frames await: a desk serves a Map Run's children too."""
        self.forget(*[ticket for ticket, (frame, _) in self._awaited.items() if frame.execution is execution])

    def awaits(self, ticket: int) -> bool:
        """Whether a reply to this ticket still matters."""
        return ticket in self._awaited

    def awaiting(self, ticket: int) -> Frame | None:
        """The frame that awaits a ticket, which goes on being awaited."""
        awaited = self._awaited.get(ticket)
        return None if awaited is None else awaited[0]

    def answered(self, ticket: int) -> Frame | None:
        """The frame that awaits a task's reply, which has now come; None where nobody does."""
        awaited = self._awaited.pop(ticket, None)
        return None if awaited is None else awaited[0]

    def fire(self, ticket: int) -> None:
        """Does what the firing of a timer does."""
        frame, fired = self._awaited.pop(ticket, (None, None))
        if frame is not None and fired is not None:
            fired(frame)
