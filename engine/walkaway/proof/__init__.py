"""Claims about all answers of a policy, proved or refuted with a solver. Needs the extra `prove`."""
