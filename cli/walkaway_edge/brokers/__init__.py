"""Sources and sinks on message brokers."""
