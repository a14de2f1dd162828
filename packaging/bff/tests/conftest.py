"""Hypothesis is repeatable here, and does not fail because the machine is busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("bff", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.load_profile("bff")
