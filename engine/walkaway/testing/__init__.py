"""How well its scenarios try a policy: coverage, and mutation testing with the deals that kill mutants."""
