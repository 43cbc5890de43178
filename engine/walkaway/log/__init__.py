"""The log: decisions recorded for good, replayed to the same bytes, and proved to those who trust nobody."""
