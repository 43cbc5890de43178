"""What an event is that cannot have happened in its deal."""

from walkaway.language.codes import Code


class Unfit(Exception):
    """An event does not fit its deal. `code`, `message` and `hint` are those of a finding; `near` is its caret."""

    def __init__(self, code: Code, message: str, hint: str = "", near: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.near = code, message, hint, near
