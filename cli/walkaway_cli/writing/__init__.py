"""Events that people write at a terminal: from what was typed to a line, decided before it is kept."""
