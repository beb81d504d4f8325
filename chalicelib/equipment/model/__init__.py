"""What OmnyPods, dispatches and cases are, their mails and their storage (POD-1)."""
