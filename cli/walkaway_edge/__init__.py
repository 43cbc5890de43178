"""The edge of a live run: sources and sinks, the clock, signals, progress and metrics."""
