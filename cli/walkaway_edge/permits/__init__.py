"""Permits: what an agent may have said, signed, for one use; whoever sends for it verifies and redeems them."""
