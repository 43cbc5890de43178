"""Counterexamples: deals that refute a claim, searched, decided by the engine, written as events."""
