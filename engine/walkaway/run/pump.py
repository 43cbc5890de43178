"""The pump: a batch from the source is decided and committed with the place behind it; only then its verdicts leave.

What a batch sends is noted in its own transaction together with the place where each sink ended before it. After a
crash the next run asks the sink what it holds behind that place, and writes the rest: a sink that can tell gets every
verdict once, one that cannot (a pipe) gets those of the last batch again.
"""

from collections.abc import Callable, Sequence

from walkaway.deal.letters import DeadLetter, dead_letter_line, to_decide, unfolded
from walkaway.deal.lines import Line
from walkaway.run.keeper import DecidedEvent, Keeper
from walkaway.run.messages import message
from walkaway.run.outbox import Outbox, Owed
from walkaway.run.ports import Batch, Message, Offsets
from walkaway.run.ticks import Ticker

AT_ONCE = 1_000
"""So many ticks are committed together."""
Taken = Sequence[DecidedEvent | DeadLetter]


class Pump:
    """Carries batches from one source to the sinks.

    Args:
        source: The source's name.
        verdicts, letters: Where answers and dead letters leave; no outlet for letters drops them.
        form: How answers are written.
        sender: Who answers, for CloudEvents.
        told: Is given every answer that has left, and what became of the ticks.
        ticker: Makes ticks from event time.
    """

    def __init__(
        self,
        keeper: Keeper,
        source: str,
        verdicts: Outbox,
        letters: Outbox | None,
        form: str,
        sender: str,
        told: Callable[[Taken], None],
        ticker: Ticker | None = None,
    ) -> None:
        self.keeper, self.source, self.verdicts, self.letters = keeper, source, verdicts, letters
        self.form, self.sender, self.told, self.ticker = form, sender, told, ticker
        self.places: dict[str, bytes] = {}
        self.ahead: list[Sequence[Line]] = []

    def resume(self) -> int:
        """Go on where the last run stopped; give how many verdicts and dead letters it still owed."""
        self.places = dict(self.keeper.noted(self.source))
        if self.ticker is not None:
            self.ticker.resume(self.keeper.noted(f"{self.source} ticks"))
        left = 0
        for outlet in (self.verdicts, self.letters):
            if outlet is not None:
                noted = self.keeper.noted(outlet.name)
                owed = outlet.owed(noted)
                answers = [self.message(self.keeper.answer(n)) for n in owed.entries]
                left += outlet.resume(noted, [*answers, *map(Message, owed.messages)])
                outlet.is_clear = not owed.entries and not owed.messages
        return left

    def message(self, answer: DecidedEvent) -> Message:
        return message(answer, self.form, self.sender)

    def look_ahead(self, batch: Batch) -> bool:
        """Have a batch decided while the one before it is taken; tell whether that is possible."""
        if self.ticker is not None:
            return False
        lines = to_decide(batch.lines)
        if not self.keeper.ahead(lines):
            return False
        self.ahead.append(lines)
        return True

    def take(self, batch: Batch) -> None:
        """Decide a batch, commit it, and let its verdicts leave; in several steps where ticks fall due."""
        start, lines = 0, batch.lines
        if self.ticker is not None:
            for n, line in enumerate(lines):
                due = self.ticker.due(line)
                if due is not None:
                    self.commit(lines[start:n], batch.places(n))
                    start = n + 1
                    self.pass_time(line, due, batch.places(start))
        self.commit(lines[start:], batch.places(len(lines)))

    def pass_time(self, line: Line, due: int, places: Offsets) -> None:
        """Decide the event that takes time to *due*: its own deal is ticked before it, all others behind it."""
        assert self.ticker is not None
        event = unfolded(line)
        own = self.ticker.deal(event)
        last = self.keeper.last(own)
        before = [self.ticker.tick(own, due)] if last is not None and last < due else []
        answers = self.commit([*before, line], {})
        if isinstance(answers[-1], DeadLetter):
            self.commit([], places)
            return
        stuck: set[str] = set()
        while deals := [d for d in self.keeper.idle(due, AT_ONCE + len(stuck)) if d not in stuck]:
            answers = self.commit([self.ticker.tick(deal, due) for deal in deals], {})
            stuck.update(d for d, a in zip(deals, answers, strict=True) if isinstance(a, DeadLetter))
        self.ticker.reached = due
        self.commit([], places)

    def commit(self, lines: Sequence[Line], places: Offsets) -> Taken:
        """Decide lines and commit the answers with the places behind them; then let them leave."""
        wanted = self.ahead.pop(0) if self.ahead else to_decide(lines)
        if not wanted and not places:
            return ()
        letters: list[Message] = []

        def within(answers: Taken) -> None:
            letters.extend(Message(dead_letter_line(a)) for a in answers if isinstance(a, DeadLetter))
            self.note(answers, letters, places)

        answers = self.keeper.take(wanted, within)
        self.places.update(places)
        if letters and self.letters is not None:
            self.letters.sink.write(letters)
        if len(letters) < len(answers):
            self.verdicts.sink.write([self.message(a) for a in answers if isinstance(a, DecidedEvent)])
        if answers:
            self.told(answers)
        return answers

    def note(self, answers: Taken, letters: Sequence[Message], places: Offsets) -> None:
        """Note places and what is owed, inside of the batch's transaction."""
        if places:
            self.keeper.note(self.source, places)
        if self.ticker is not None:
            self.keeper.note(f"{self.source} ticks", self.ticker.places())
        self.owe(self.verdicts, Owed(entries=tuple(a.entry for a in answers if isinstance(a, DecidedEvent))))
        if self.letters is not None:
            self.owe(self.letters, Owed(messages=tuple(letter.data for letter in letters)))

    def owe(self, outlet: Outbox, owed: Owed) -> None:
        noted = outlet.owes(owed)
        if noted:
            self.keeper.note(outlet.name, noted)

    def finish(self) -> None:
        """Note that nothing is owed any more."""
        self.keeper.take([], lambda found: self.note(found, (), {}))
