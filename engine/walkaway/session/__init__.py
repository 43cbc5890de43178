"""Many deals, many versions: lines in, decisions out."""
