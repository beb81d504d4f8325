"""Builds the application: pages, queue workers and scheduled jobs, each delegating in a line.

Lambda imports this module and looks its handlers up in it by name, so they are declared here:
one for each queue (chalicelib/queues.py), one for each job (chalicelib/schedule.py).
"""

from typing import Any

from chalicelib.console.framework.application import ConsoleApp
from chalicelib.console.routes import ROUTES
from chalicelib.foundation.messages import Queue
from chalicelib.queues import WORKERS, handle_batch
from chalicelib.schedule import SCHEDULE, ScheduledJob
from chalicelib.wiring import build_services

app = ConsoleApp(build_services)
app.register_routes(ROUTES)


def _declare(handler: Any, name: str, says: str) -> None:
    """Declare a handler as a Lambda function of that name, in this module."""
    handler.__name__ = handler.__qualname__ = name
    handler.__code__ = handler.__code__.replace(co_name=name)  # what a trace names it
    handler.__doc__ = f"{says}."
    globals()[name] = app.lambda_function(name=name.replace("_", "-"))(handler)


def _worker(queue: Queue) -> Any:
    def work(event: Any, context: Any) -> dict[str, Any]:
        return handle_batch(queue, event, app.services)

    return work


def _job(job: ScheduledJob) -> Any:
    def run(event: Any, context: Any) -> None:
        job.run(app.services)

    return run


for _queue, _function in WORKERS.items():
    _declare(_worker(_queue), _function.name, _function.says)
for _each in SCHEDULE:
    _declare(_job(_each), _each.name, _each.says)


@app.lambda_function(name="desktop-events")
def desktop_events(event: Any, context: Any) -> None:
    """Look at the desktop whose machine changed state (EventBridge, from EC2)."""
    app.services.desktops.service.machine_changed(event["detail"]["instance-id"])
