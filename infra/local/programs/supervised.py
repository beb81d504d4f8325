"""Runs a Python module that stops with its parent, even one that was killed outright.

`python -m infra.local.programs.supervised <module> [arguments]` is how `processes.py` starts
each program.  The parent holds the other end of standard input: when the parent is gone, however
it went, the pipe ends and the program is asked to stop as if by a signal, so that it saves
what it holds.
"""

import os
import runpy
import signal
import sys
import threading
import time

from infra.local.programs.patience import Patience

# A program that ignores the request is ended all the same; one that saves is let do it.
GRACE_SECONDS = 15.0
_WORK_SECONDS = 120.0


def _stop_with_parent() -> None:
    """Wait for the end of standard input, then stop this very process."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    patience = Patience(time.process_time, still_seconds=GRACE_SECONDS, work_seconds=_WORK_SECONDS)
    while not patience.is_over:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    """Become the module named first on the command line."""
    module, *arguments = sys.argv[1:]
    threading.Thread(target=_stop_with_parent, name="stop-with-parent", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
