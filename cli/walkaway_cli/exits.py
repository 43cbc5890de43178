"""Exit statuses, alike for every command."""

YES = 0
"""The answer is yes: proceed, clean, verified."""
NO = 1
"""The answer is no: any other verdict, findings, a mismatch."""
MISUNDERSTOOD = 2
"""The question could not be understood: wrong usage, unreadable input."""
