"""`python -m infra.operate COMMAND`."""

import sys

from infra.operate.commands import main

sys.exit(main())
