"""What can go wrong outside of the log itself; knows nothing, so that the command's start stays quick."""


class StoreProblem(Exception):
    """The store cannot be used: it is absent, full, locked, damaged, or holds something else."""
