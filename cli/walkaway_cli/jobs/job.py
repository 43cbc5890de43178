"""One job of `walkaway serve`, a process of its own: its question comes over stdin, its answer leaves over stdout.

    python -P -m walkaway_cli.jobs.job

It takes no more than it may, and ends with the server that started it: both are seen to before anything else is loaded.
"""

import sys

import msgspec

from walkaway_cli.jobs.bounds import JobQuestion, bounded


def main() -> None:
    """Answer the question that stands on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=JobQuestion)
    bounded(question)
    from walkaway_cli.jobs.kinds import outcome  # takes a while, which has its bounds too

    sys.stdout.buffer.write(msgspec.json.encode(outcome(question)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
