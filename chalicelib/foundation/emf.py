"""CloudWatch behind the ``Metrics`` port: a line of the log in embedded metric format."""

from chalicelib.foundation.measures import Measure, Totals

NAMESPACE = "OmnyConsole"
_EUROS = {
    Measure.AMOUNT_INVOICED,
    Measure.AMOUNT_CREDITED,
    Measure.AMOUNT_COLLECTED,
    Measure.AMOUNT_REFUNDED,
}


class EmfMetrics:
    """Prints one line for each invocation that has something to tell; CloudWatch reads the log.

    The only dimension is the stage: business metrics do not depend on which function counted.
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def publish(self, function: str, totals: Totals) -> None:
        """Publish what an invocation of a function noted; nothing when it noted nothing."""
        if not totals:
            return
        from aws_lambda_powertools.metrics import MetricUnit
        from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
            AmazonCloudWatchEMFProvider,
        )

        line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
        line.service = ""  # else a dimension, from the environment
        line.add_dimension("stage", self._stage)
        line.add_metadata("function", function)
        for measure, value in totals.items():
            unit = MetricUnit.NoUnit if measure in _EUROS else MetricUnit.Count
            line.add_metric(measure.value, unit, value)
        line.flush_metrics()
