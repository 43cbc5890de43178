"""Opponents that bargain as NegMAS has them do, in a process of their own."""
