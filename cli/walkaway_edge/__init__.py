"""The outside world: files, pipes, brokers and workers, for a command or a program; what goes wrong: `problems`."""
