"""Start the process in which opponents bargain, and speak for our side in it."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.testing import Answering, Ending, Scenario, Spoken
from walkaway_edge.problems import EdgeProblem

EXTRA = "walkaway[simulate]"
_ANY_PROCESSOR = {
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_KNL AVX512_KNM AVX512_SKX AVX512_CLX AVX512_CNL"
    " AVX512_ICL AVX512_SPR X86_V3 X86_V4"
}
"""What keeps NumPy, with which they reckon, to what every x86-64 processor has: by its names of before 2.4 and of now.

With more of what a processor can do its last digits are others, and a deal that hangs on one of them ends otherwise.
"""
_ONE_PROCESSOR = "NPY_ENABLE_CPU_FEATURES"
"""The opposite, which NumPy takes together with it for a mistake."""


class NegmasOpponents:
    """Opponents of NegMAS.

    Args:
        seed: Of what Python itself leaves to chance in that process.

    Raises:
        EdgeProblem: Where NegMAS is not installed, or its process ends.
    """

    def __init__(self, seed: int) -> None:
        if importlib.util.find_spec("negmas") is None:
            raise EdgeProblem(f"opponents need NegMAS: pip install '{EXTRA}'")
        environment = {**os.environ, **_ANY_PROCESSOR, "PYTHONHASHSEED": str(seed % 2**32)}
        environment.pop(_ONE_PROCESSOR, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "walkaway_edge.opponents.agents"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.names: tuple[str, ...] = tuple(self._read()["ready"])

    def __enter__(self) -> "NegmasOpponents":
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()

    def bargain(self, name: str, scenario: Scenario, answer: Answering) -> Ending:
        """Let an opponent bargain.

        Raises:
            EdgeProblem: Where its process ends.
        """
        issues = tuple(scenario.issues)
        self._write({**msgspec.to_builtins(scenario), "agent": name})
        while "ending" not in (message := self._read()):
            said = answer(dict(zip(issues, message["offer"], strict=True)))
            self._write(
                {"reply": said.value} if isinstance(said, Spoken) else {"offer": [said[name] for name in issues]}
            )
        return Ending(message["ending"])

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None, "it was asked for"
        try:
            self.process.stdin.write(msgspec.json.encode(message) + b"\n")
            self.process.stdin.flush()
        except OSError as problem:
            raise EdgeProblem("the process of the opponents has ended") from problem

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None, "it was asked for"
        line = self.process.stdout.readline()
        if not line:
            raise EdgeProblem("the process of the opponents has ended")
        return dict(msgspec.json.decode(line))
