"""Runs in a registered repository."""

from tests.run_fixtures import bytecode, project

__all__ = ["bytecode", "project"]
