"""Pieces that any screen can use; they know nothing of tasks, workers or git."""
