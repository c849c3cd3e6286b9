"""Declared options, and the TOML layers that set them: default < repo < person < environment."""
