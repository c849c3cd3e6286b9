"""The composition root: one table of operations that every door calls, and what they need."""
