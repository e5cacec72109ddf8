"""Which findings are wanted, and how severe each is.

An error, which keeps the service from taking a machine, stays an error: it can be ignored by its code, and the sum
tells so, but it is not made milder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from asl_engine.errors import Diagnostic
from asl_engine.records import field, record, replace
from asl_engine.reporting.codes import known_codes

OFF = "off"
LEVELS = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


@record(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is wanted of the findings.

    `ignore`: codes that are left out. `select`: the only codes that are wanted beside errors, None for all.
    `severity`: code -> ERROR, WARNING or INFO. `per_file_ignores`: pattern of file names -> codes left out there.
    `substitutions`: what `${Name}` in definitions stands for. `folder`: what the patterns are relative to.
    """

    ignore: frozenset[str] = frozenset()
    select: frozenset[str] | None = None
    severity: Mapping[str, str] = field(default_factory=dict)
    per_file_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""


def judged(policy: Policy, findings: Iterable[Diagnostic], file: str) -> tuple[list[Diagnostic], int]:
    """The findings about a file that are wanted, each with its severity, and how many are not. `file` is relative to
    the policy's folder, with slashes."""
    codes = (codes for pattern, codes in policy.per_file_ignores.items() if matches(pattern, file))
    ignored = policy.ignore.union(*codes)
    told = list(findings)
    wanted = [found for found in told if found.code not in ignored and _selected(policy, found)]
    return [_judged(policy, found) for found in wanted], len(told) - len(wanted)


def _selected(policy: Policy, finding: Diagnostic) -> bool:
    return policy.select is None or finding.severity == "ERROR" or finding.code in policy.select


def _judged(policy: Policy, finding: Diagnostic) -> Diagnostic:
    severity = policy.severity.get(finding.code, finding.severity)
    return finding if finding.severity in ("ERROR", severity) else replace(finding, severity=severity)


def with_choices(
    policy: Policy,
    *,
    ignore: Iterable[str] = (),
    select: Iterable[str] = (),
    levels: Mapping[str, str] | None = None,
    substitutions: Mapping[str, str] | None = None,
) -> Policy:
    """The policy with what a command line adds: more codes to ignore, other severities and substitutions, and another
    selection where one is given. A code that is given a level or selected is no longer ignored by `ignore`."""
    added = levels or {}
    chosen = frozenset(select)
    back = {code for code, level in added.items() if level != OFF} | chosen
    off = {code for code, level in added.items() if level == OFF}
    return replace(
        policy,
        ignore=(policy.ignore - back) | frozenset(ignore) | off,
        select=chosen or policy.select,
        severity={**policy.severity, **{code: LEVELS[added[code]] for code in added if added[code] != OFF}},
        substitutions={**policy.substitutions, **(substitutions or {})},
    )


def refused_level(code: str, level: object) -> str | None:
    """Why a code cannot have a level, None where it can."""
    if level not in (*LEVELS, OFF):
        return f"must be one of {', '.join((*LEVELS, OFF))}, not {level!r:.60}"
    if known_codes()[code].severity == "ERROR" and level not in ("error", OFF):
        return f"{code} is an error, which can be ignored but not made milder"
    return None


def matches(pattern: str, file: str) -> bool:
    """Whether a file's name fits a pattern: `*` and `?` stay within a folder, `**` does not; a pattern without a slash
    is about the last part of the name alone.

    >>> [matches("legacy/**/*.json", name) for name in ("legacy/a.json", "legacy/b/c.json", "a.json")]
    [True, True, False]
    >>> matches("*.json", "deep/down/a.json")
    True
    """
    return _expression(pattern).fullmatch(file if "/" in pattern else file.rpartition("/")[2]) is not None


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(_WILDCARDS.get(part, re.escape(part)) for part in parts), re.DOTALL)
