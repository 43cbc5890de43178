"""Questions about one more offer."""
