"""`python -m infra.deploy STAGE`."""

import sys

from infra.deploy.deployment import main

sys.exit(main())
