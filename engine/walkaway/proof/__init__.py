"""Answers about policies, over all offers and positions: `prove` with a solver. Needs the extra `prove`."""
