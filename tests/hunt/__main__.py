"""Hunt for as long as asked: `python -m tests.hunt --minutes 60`; tests/hunt/README.md says what it does."""

from tests.hunt.hunting import main

if __name__ == "__main__":
    main()
