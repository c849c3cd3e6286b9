"""Worktrees: names, provisioning, survey, preservation, removal, and the guard before a spawn."""
