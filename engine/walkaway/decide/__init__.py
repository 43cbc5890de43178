"""The corridor: one event evaluated under one policy, and the decision written."""
