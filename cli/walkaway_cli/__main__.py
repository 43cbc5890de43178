"""The process of `walkaway`, which loads its command while nothing is collected: no start makes garbage."""

import gc

AT_ONCE = 20_000
"""So many new objects before the youngest are looked through; Python's own 700 cost a start a twentieth of its time."""


def start() -> None:
    """Load the command and run it."""
    gc.disable()
    from walkaway_cli.main import main

    gc.freeze()
    gc.set_threshold(AT_ONCE)
    gc.enable()
    main()


if __name__ == "__main__":
    start()
