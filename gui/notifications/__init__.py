"""News for a person who looks elsewhere."""
