"""The worker: looks at the cloud, takes the next step, records it."""
