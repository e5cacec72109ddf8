"""IAM policies of a run: what an execution's role may do. IAM user guide, "Policy evaluation logic".

The rule that keeps it whole: an explicit Deny wins over every Allow, and what nothing allows is denied. A part of a
policy that is not evaluated here is refused when the policy is read, and never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from asl_engine.drivers.inline import Supply
from asl_engine.errors import PERMISSIONS, TASK_FAILED, AslError, StatesError
from asl_engine.execution.commands import Command, InvokeTask
from asl_engine.execution.map_data import DataFailed, FinishResults, ReadItems, WriteResult
from asl_engine.execution.replies import Reply
from asl_engine.integrations.iam import Permission, permissions_of, reader_permission, writer_permission
from asl_engine.integrations.iam_resources import ANY, Owner
from asl_engine.integrations.services.catalogue import Identity
from asl_engine.jsonvalue import Json

ALLOW, DENY = "Allow", "Deny"
_KEYS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"}


class PolicyError(AslError, ValueError):
    """A policy document that cannot be evaluated: names the place, the rule and the value."""


class Statement(NamedTuple):
    """One statement: the patterns of its actions and resources, and whether it means all others."""

    effect: str
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool

    def concerns(self, action: str, resource: str) -> bool:
        """Whether the statement speaks of an action on a resource. Where it is not known which ("*"), an Allow of the
        action on any resource will do, and a Deny must be of all."""
        named = any(matches(pattern.lower(), action.lower()) for pattern in self.actions)
        if named is self.not_actions:
            return False
        if resource == ANY and self.effect == ALLOW:
            return True
        return any(matches(pattern, resource) for pattern in self.resources) is not self.not_resources


class Policy:
    """One policy document or several. Raises PolicyError.

    >>> policy = Policy({"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}})
    >>> policy.decide("sqs:SendMessage", "*"), policy.decide("sns:Publish", "*")
    ('Allow', None)
    """

    def __init__(self, documents: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        given = [documents] if isinstance(documents, Mapping) else list(documents)
        self.statements = tuple(
            statement for index, document in enumerate(given) for statement in _statements(document, f"/{index}")
        )

    def decide(self, action: str, resource: str) -> str | None:
        """Allow; Deny, where a statement says so; None where no statement allows it, which denies it too."""
        effects = {statement.effect for statement in self.statements if statement.concerns(action, resource)}
        return DENY if DENY in effects else ALLOW if ALLOW in effects else None


def _statements(document: Any, place: str) -> list[Statement]:
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise PolicyError(f"{place}: must be a policy document, an object with Statement, not {document!r:.60}")
    found = document["Statement"]
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise PolicyError(f"{place}/Statement: must be a statement or an array of them, not {found!r:.60}")
    return [_statement(each, f"{place}/Statement/{index}") for index, each in enumerate(listed)]


def _statement(given: Any, place: str) -> Statement:
    if not isinstance(given, Mapping):
        raise PolicyError(f"{place}: must be an object, not {given!r:.60}")
    for name in given:
        if name not in _KEYS:
            raise PolicyError(f"{place}/{name}: is not evaluated here, and would change what the policy means")
    if given.get("Effect") not in (ALLOW, DENY):
        raise PolicyError(f"{place}/Effect: must be Allow or Deny, not {given.get('Effect')!r}")
    actions, resources = (_patterns(given, place, name) for name in ("Action", "Resource"))
    return Statement(given["Effect"], *actions, *resources)


def _patterns(given: Mapping[str, Any], place: str, name: str) -> tuple[tuple[str, ...], bool]:
    """The patterns of Action or NotAction, of Resource or NotResource, and whether it is the latter."""
    present = [key for key in (name, f"Not{name}") if key in given]
    if len(present) != 1:
        raise PolicyError(f"{place}: must have either {name} or Not{name}")
    value = given[present[0]]
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, Sequence) or not listed or not all(isinstance(each, str) for each in listed):
        raise PolicyError(f"{place}/{present[0]}: must be a text or an array of texts, not {value!r:.60}")
    return tuple(listed), present[0] != name


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern, in which `*` stands for any characters and `?` for one.

    >>> matches("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/2024/a.jpg"), matches("q?", "queue")
    (True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    text = re.sub(r"\*+", "*", pattern)
    return re.compile("".join(parts.get(character) or re.escape(character) for character in text), re.DOTALL)


def refusal(policy: Policy, task: InvokeTask, identity: Identity) -> StatesError | None:
    """The failure of a task that a policy does not allow, None where it does."""
    if isinstance(task.credentials, dict):
        return _refused_role(policy, task.credentials, identity)
    return _first_refused(policy, permissions_of(task.resource, task.payload, _owner(identity)), identity)


def _owner(identity: Identity) -> Owner:
    return Owner(identity.partition, identity.region, identity.account, identity.machine)


def _first_refused(policy: Policy, needed: Iterable[Permission], identity: Identity) -> StatesError | None:
    for permission in needed:
        for action in permission.actions:
            for resource in permission.resources:
                decision = policy.decide(action, resource)
                if decision != ALLOW:
                    return StatesError(PERMISSIONS, _told(decision, action, resource, identity))
    return None


def guarded(supply: Supply, policy: Policy, identity: Identity) -> Supply:
    """What reads the items of Map Runs and writes their results, where a policy allows it; else States.Permissions."""

    def guard(command: Command) -> Reply | None:
        owner = _owner(identity)
        if isinstance(command, ReadItems):
            needed = reader_permission(command.source.resource, command.source.arguments, owner)
        elif isinstance(command, WriteResult | FinishResults):
            needed = writer_permission(command.target.arguments, owner)
        else:
            return supply(command)
        refused = _first_refused(policy, [needed], identity)
        return supply(command) if refused is None else DataFailed(command.ticket, refused.error, refused.cause)

    return guard


def _refused_role(policy: Policy, credentials: Mapping[str, Json], identity: Identity) -> StatesError | None:
    """The task's own role must be one that the execution's role may assume (recorded)."""
    role = credentials.get("RoleArn")
    if policy.decide("sts:AssumeRole", role if isinstance(role, str) else ANY) == ALLOW:
        return None
    told = f"The role {identity.role} is not authorized to assume the task state's role, {role}."
    return StatesError(TASK_FAILED, told)


def _told(decision: str | None, action: str, resource: str, identity: Identity) -> str:
    role = identity.role.rpartition("/")[2]
    user = f"arn:{identity.partition}:sts::{identity.account}:assumed-role/{role}/{role}"
    why = (
        "with an explicit deny in an identity-based policy"
        if decision == DENY
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {user} is not authorized to perform: {action} on resource: {resource} {why}"
