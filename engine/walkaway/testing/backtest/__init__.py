"""What a policy would have decided of deals that are over, in bulk, and what of it would be another. Knows no screen."""
