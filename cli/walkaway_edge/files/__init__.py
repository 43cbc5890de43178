"""Files and pipes: lines in, lines out."""
