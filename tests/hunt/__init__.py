"""Hunt for a deal that contradicts what walkaway says: random policies, changes and deals, and the smallest case."""
