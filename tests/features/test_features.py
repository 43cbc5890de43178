"""Bind every feature, so that plain `pytest` runs them all."""

from pytest_bdd import scenarios

pytest_plugins = ["walkaway_cli.scenarios.steps"]

scenarios(".")
