"""Pages of OmnyPods: held, shipped, reported, replaced."""
