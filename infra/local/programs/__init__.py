"""The programs behind the local stack, as child processes."""
