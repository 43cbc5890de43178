"""Randomness is drawn many bytes at once, and none of them is given out twice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from walkaway_edge.salts import random_bytes, salt


def test_no_thread_is_given_what_another_one_was() -> None:
    """Bytes drawn at once are a thread's own, and each is given out once."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: salt(), range(2000)))
    assert len(set(found)) == 2000
    assert {len(each) for each in found} == {16}


def test_more_is_given_than_is_drawn_at_once() -> None:
    """Whoever wants many bytes gets them."""
    assert len(random_bytes(5000)) == 5000
    assert random_bytes(0) == b""


def test_a_process_that_forks_shares_nothing_it_drew() -> None:
    """What parent and child are given next differs."""
    program = """
import os
from walkaway_edge.salts import random_bytes
random_bytes(1)
child = os.fork()
os.write(1, random_bytes(16).hex().encode() + b" ")
if child:
    os.waitpid(child, 0)
else:
    os._exit(0)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert len(set(told)) == 2
