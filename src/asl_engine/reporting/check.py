"""A file becomes a `FileReport`: its machines are read and checked, markers and policy say what is wanted.

Whatever the file holds, the answer is a report; what cannot be opened is told in it, so that one bad file leaves the
others their findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from asl_engine.definition.sources.load import load_sources
from asl_engine.definition.sources.source import Source, SourceError, located
from asl_engine.errors import Diagnostic
from asl_engine.machine import STANDARD, validate
from asl_engine.reporting.markers import leave_out
from asl_engine.reporting.policy import Policy, judged
from asl_engine.reporting.report import FileReport, MachineReport

EVERYTHING = Policy()


def check_file(
    file: str,
    *,
    read: Callable[[str], bytes],
    policy: Policy = EVERYTHING,
    type: str | None = None,
    kind: str | None = None,
) -> FileReport:
    """What is wrong with every state machine of a file.

    `read` gives the content of a file and may raise OSError. `type`: STANDARD or EXPRESS, in place of what the file
    says. `kind`: what the file is, as `load_sources` takes it.
    """
    texts: dict[str, bytes] = {}

    def read_once(name: str) -> bytes:
        if name not in texts:
            texts[name] = read(name)
        return texts[name]

    try:
        sources = load_sources(file, read=read_once, substitutions=policy.substitutions, kind=kind)
    except SourceError as error:
        findings, ignored = judged(policy, [error.diagnostic], relative(file, policy.folder))
        unread = MachineReport(name=None, findings=tuple(findings), ignored=ignored)
        return FileReport(file=file, machines=(unread,), texts=texts)
    except OSError as error:
        return FileReport(file=file, unreadable=error.strerror or str(error))
    return FileReport(file=file, machines=check_sources(sources, policy=policy, type=type), texts=texts)


def check_sources(
    sources: Iterable[Source], *, policy: Policy = EVERYTHING, type: str | None = None
) -> tuple[MachineReport, ...]:
    """What is wrong with state machines that were read."""
    return tuple(_check(source, policy, type) for source in sources)


def _check(source: Source, policy: Policy, type: str | None) -> MachineReport:
    found = validate(source.document, type=type or source.type or STANDARD)
    kept = leave_out(source.document, [*found, *source.notes])
    placed = [finding for finding in kept.findings if finding.line is not None]
    placed += located(source, (finding for finding in kept.findings if finding.line is None))
    wanted, ignored = judged(policy, placed, relative(source.file, policy.folder))
    return MachineReport(name=source.name, findings=tuple(sorted(wanted, key=_place)), ignored=kept.ignored + ignored)


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    return finding.file or "", finding.line or 0, finding.column or 0


def relative(file: str, folder: str) -> str:
    """The name of a file as seen from a folder, with slashes; its whole name where it lies elsewhere."""
    path = Path(file).resolve() if folder else Path(file)
    return (path.relative_to(folder) if folder and path.is_relative_to(folder) else path).as_posix()
