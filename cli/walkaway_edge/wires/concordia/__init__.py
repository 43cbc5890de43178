"""Concordia 0.1: agents of two parties negotiate by signed messages, each of which names the one before by its hash."""
