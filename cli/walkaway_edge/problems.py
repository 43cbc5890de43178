"""What can go wrong at the edge; knows nothing, so that whoever uses the edge can tell its errors by this page."""


class EdgeProblem(Exception):
    """Something outside cannot be read, written or reached, or must not be; whoever asked is told in a sentence.

    Attributes:
        message: What is wrong, without a full stop; no password is in it.
        hint: What to do about it; empty where nobody knows.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message, self.hint = message, hint
