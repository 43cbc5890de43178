"""What happened: events read, and folded into all that is remembered of a deal."""
