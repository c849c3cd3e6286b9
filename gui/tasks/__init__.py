"""The task editor."""
