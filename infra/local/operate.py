"""The operator's commands on the local stack, running or not.

python -m infra.local.operate COMMAND
"""

import sys

from infra.local.stack.attach import local_services
from infra.operate.commands import arguments, perform
from infra.terminal import ended


def main() -> int:
    """Run the command typed on the local stack's services; give the exit status."""
    given = arguments()
    with local_services(given.state) as services:
        return perform(services, given)


if __name__ == "__main__":
    sys.exit(ended(main))
