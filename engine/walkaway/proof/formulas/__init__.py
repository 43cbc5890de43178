"""A policy and its ledger as formulas of the solver."""
