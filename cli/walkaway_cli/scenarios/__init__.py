"""Scenarios: sentences about deals that feature files may use, run by pytest through `walkaway.Stream`."""
