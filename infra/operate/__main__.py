"""Commands of an operator at a terminal: python -m infra.operate COMMAND.

With --stage they act on that stage of AWS, whose settings are read from its functions (or from the
environment, where STAGE is set).  Without one, on a developer's machine, the local stack's own
program takes the command over: nothing of it is needed, nor loaded, to operate a stage.
"""

import os
import runpy
import sys

from infra.operate.commands import arguments, perform
from infra.terminal import ended

_LOCAL = "infra.local.operate"


def main() -> int:
    """Run the command typed; give the exit status."""
    given = arguments()
    if given.stage:
        os.environ.update(_environment_of(given.stage))
    if "STAGE" not in os.environ or given.state is not None:
        runpy.run_module(_LOCAL, run_name="__main__")
    from chalicelib.wiring import build_services

    return perform(build_services(), given)


def _environment_of(stage: str) -> dict[str, str]:
    """Read the settings that a stage's functions have; they hold no secret."""
    from chalicelib.foundation.aws import AwsAccess

    functions = AwsAccess().client("lambda")
    found = functions.get_function_configuration(FunctionName=f"omny-{stage}-api")
    variables: dict[str, str] = found["Environment"]["Variables"]
    return variables


if __name__ == "__main__":
    sys.exit(ended(main))
