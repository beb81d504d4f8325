"""`python -m infra.deploy STAGE`."""

import sys

from infra.deploy.deployment import main
from infra.terminal import ended

sys.exit(ended(main))
