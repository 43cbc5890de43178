"""Deciding in several processes."""
