"""How well a policy is tried: coverage, mutants, and the deals that kill them."""
