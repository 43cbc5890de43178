"""Bind every feature, so that plain `pytest` runs them all."""

import pytest
from pytest_bdd import scenarios

pytestmark = pytest.mark.slow

pytest_plugins = ["walkaway_cli.scenarios.steps"]

scenarios(".")
