"""The deal that contradicts a claim: sought, told, written down."""
