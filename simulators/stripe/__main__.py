"""Run the simulator alone: python -m simulators.stripe --port 12111."""

import argparse
import signal
import sys
import threading

from simulators.stripe.server import StripeSimulator


def main() -> None:
    """Start the simulator and stop it, its state saved, at the first Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m simulators.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--state", help="JSON file that keeps what happened; none: memory only")
    parser.add_argument("--webhook-url", help="where events are sent")
    parser.add_argument("--webhook-secret", default="whsec_simulator")
    given = parser.parse_args()
    simulator = StripeSimulator(
        port=given.port,
        state_file=given.state,
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret,
    ).start()
    stopping = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stopping.set())
    sys.stdout.write(f"Stripe simulator on {simulator.url}\n")
    sys.stdout.flush()
    stopping.wait()
    simulator.stop()


if __name__ == "__main__":
    main()
