"""An operator's commands on a stage: jobs, journals, dead letters, restoring."""
