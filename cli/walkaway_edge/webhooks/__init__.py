"""Webhooks out: decisions of a log, told to a receiver in their order, signed as Standard Webhooks says."""
