"""The long run guided by coverage: `python -m tests.fuzz.guided TARGET CORPUS [libFuzzer's options]`.

    pip install atheris
    python -m tests.fuzz.guided line /tmp/corpus -max_total_time=600

CORPUS is a folder: it is filled with good inputs first, and with all that reached new code afterwards.
"""

import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["walkaway"]):
    from tests.fuzz.long import TABLE, TARGETS
    from tests.helpers.hostile import broken_bytes, expression, good_policies, shipped


def good_inputs(target: str) -> list[bytes]:
    """Return what a corpus begins with."""
    policy, lines = shipped()
    match target:
        case "policy" | "tree":
            return good_policies()
        case "expression":
            return [expression(Random(n)).encode("utf-8", "ignore") for n in range(50)]
        case "line":
            return lines
        case "stream":
            return [b"\n".join(lines)]
        case _:
            return [TABLE, *policy.files.values()]


def main() -> None:
    """Fuzz one target until libFuzzer has had enough."""
    target, corpus = sys.argv[1], Path(sys.argv[2])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(good_inputs(target)):
        (corpus / f"good-{number:03}").write_bytes(data)
    take = TARGETS[target][1]

    def mutate(data: bytes, most: int, number: int) -> bytes:
        """Change an input as the other tests do, or as libFuzzer would."""
        rng = Random(number)
        found = broken_bytes(rng, data) if rng.randrange(2) else atheris.Mutate(data, most)
        return bytes(found[:most])

    atheris.Setup([sys.argv[0], str(corpus), *sys.argv[3:]], lambda data: void(take(data)), custom_mutator=mutate)
    atheris.Fuzz()


def void(_: object) -> None:
    """Return nothing: libFuzzer takes any answer for its own."""


if __name__ == "__main__":
    main()
