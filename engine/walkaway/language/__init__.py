"""What a text means: findings, sources, values, expressions."""
