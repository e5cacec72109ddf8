"""What the `Resource` of a Task names: a Lambda function, an activity, or an integration's action.

Developer guide "Task workflow state" and "Integrating services with Step Functions". The list of services is open: any
well-formed name is taken, and what serves it is decided when the execution starts.
"""

from __future__ import annotations

import re

from asl_engine.records import record

LAMBDA_FUNCTION = "LambdaFunction"
ACTIVITY = "Activity"
TASK = "Task"

_LAMBDA = r"arn:[\w-]+:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(:(?P<qualifier>[^:]+))?"
_ACTIVITY = r"arn:[\w-]+:states:[^:]*:[^:]*:activity:(?P<name>[^:]+)"
_INTEGRATION = (
    r"arn:[\w-]+:states:[^:]*:[^:]*:(?P<service>(aws-sdk:)?[^:.]+):(?P<action>[^:.]+)"
    r"(?P<pattern>\.sync(:2)?|\.waitForTaskToken)?"
)


@record(frozen=True, slots=True)
class Resource:
    """A parsed Resource. `kind` names the family of history events that it leaves.

    `name` is the function or activity; `service` and `action` belong to integrations, with `pattern` "", ".sync",
    ".sync:2" or ".waitForTaskToken"; `is_lambda_invoke` tells the optimised integration lambda:invoke, in any pattern.
    A text of no known form has the kind Task and nothing else.
    """

    text: str
    kind: str
    name: str | None = None
    qualifier: str | None = None
    service: str | None = None
    action: str | None = None
    pattern: str = ""
    is_lambda_invoke: bool = False

    @property
    def event_resource(self) -> str:
        """`resource` as the history's Task events show it."""
        return f"{self.action}{self.pattern}" if self.service else self.text

    @property
    def event_resource_type(self) -> str:
        """`resourceType` as the history's Task events show it."""
        return self.service or "custom"

    @property
    def is_sdk(self) -> bool:
        """Whether it names an action of the AWS SDK, `aws-sdk:SERVICE:ACTION`."""
        return self.service is not None and self.service.startswith("aws-sdk:")

    @property
    def awaits_token(self) -> bool:
        """Whether the task ends when its token comes back."""
        return self.pattern == ".waitForTaskToken"


def parse_resource(text: str) -> Resource:
    """The parts of a Resource."""
    if form := re.fullmatch(_LAMBDA, text):
        return Resource(text, LAMBDA_FUNCTION, form["name"], form["qualifier"])
    if form := re.fullmatch(_ACTIVITY, text):
        return Resource(text, ACTIVITY, form["name"])
    if form := re.fullmatch(_INTEGRATION, text):
        service, action = form["service"], form["action"]
        is_invoke = (service, action) == ("lambda", "invoke")
        return Resource(text, TASK, None, None, service, action, form["pattern"] or "", is_invoke)
    return Resource(text, TASK)
