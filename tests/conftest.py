"""How generated tests run, everywhere alike: on a loaded machine, slowness says nothing about the code."""

from hypothesis import HealthCheck, settings

settings.register_profile("walkaway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("walkaway")
