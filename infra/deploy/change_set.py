"""CloudFormation's change sets: what a deployment would do, before it does it."""

import time
from typing import Any

from botocore.exceptions import ClientError, WaiterError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_EMPTY = ("didn't contain changes", "No updates are to be performed")
# A stack that only a change set was ever prepared for.
_BEGUN = "REVIEW_IN_PROGRESS"


class Refused(Exception):  # noqa: N818 - read as a sentence at the terminal
    """A deployment cannot go on; says why, and that nothing was changed if so."""


class ChangeSet:
    """One change set of a stack: create, look, then execute or discard."""

    def __init__(self, cloudformation: Any, stack: str) -> None:
        self._cloudformation = cloudformation
        self._stack = stack
        self._is_new = self._status() in {None, _BEGUN}
        self._name = f"deploy-{time.time_ns()}"
        self._is_empty = False

    def create(self, template_url: str, parameters: dict[str, str]) -> None:
        """Have AWS compare the template with the stack.  Raises Refused with its reason."""
        self._cloudformation.create_change_set(
            StackName=self._stack,
            ChangeSetName=self._name,
            ChangeSetType="CREATE" if self._is_new else "UPDATE",
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in sorted(parameters.items())
            ],
            Capabilities=CAPABILITIES,
            Tags=[{"Key": "omny:stack", "Value": self._stack}],
        )
        try:
            self._wait("change_set_create_complete", ChangeSetName=self._name)
        except WaiterError as failed:
            reason = str(self._described().get("StatusReason", failed))
            if not any(words in reason for words in _EMPTY):
                self.discard()
                raise Refused(f"Nothing was changed. CloudFormation says: {reason}") from failed
            self._is_empty = True

    def changes(self) -> list[str]:
        """Say each change in a line; what would be replaced is marked."""
        if self._is_empty:
            return []
        lines: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self._described(**token)
            for change in page.get("Changes", []):
                told = change["ResourceChange"]
                replaced = told.get("Replacement") in {"True", "Conditional"}
                mark = "  REPLACED" if replaced else ""
                action, what = told["Action"], told["ResourceType"]
                lines.append(f"{action:7} {what:38} {told['LogicalResourceId']}{mark}")
            if "NextToken" not in page:
                return sorted(lines)
            token = {"NextToken": page["NextToken"]}

    def execute(self) -> dict[str, str]:
        """Deploy, wait, and give the stack's outputs.  Raises Refused with the first failure."""
        self._cloudformation.execute_change_set(StackName=self._stack, ChangeSetName=self._name)
        done = "stack_create_complete" if self._is_new else "stack_update_complete"
        try:
            self._wait(done)
        except WaiterError as failed:
            raise Refused(f"The deployment was taken back: {self._first_failure()}") from failed
        (stack,) = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def discard(self) -> None:
        """Forget the change set, and the empty stack that a first one makes."""
        self._cloudformation.delete_change_set(StackName=self._stack, ChangeSetName=self._name)
        if self._status() == _BEGUN:
            self._cloudformation.delete_stack(StackName=self._stack)

    def _status(self) -> str | None:
        try:
            (stack,) = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        except ClientError as missing:
            if "does not exist" in str(missing):
                return None
            raise
        status: str = stack["StackStatus"]
        return None if status == "DELETE_COMPLETE" else status

    def _described(self, **more: str) -> dict[str, Any]:
        found: dict[str, Any] = self._cloudformation.describe_change_set(
            StackName=self._stack, ChangeSetName=self._name, **more
        )
        return found

    def _wait(self, until: str, **more: str) -> None:
        waiter = self._cloudformation.get_waiter(until)
        # Looked at often at first would be kind to tests; AWS takes minutes anyway.
        waiter.wait(StackName=self._stack, WaiterConfig={"Delay": 2, "MaxAttempts": 1800}, **more)

    def _first_failure(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self._stack)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
            and "cancelled" not in event.get("ResourceStatusReason", "")
        ]
        return failed[-1] if failed else "see the stack's events"
