"""The loop of `walkaway run`, and what it reports."""
