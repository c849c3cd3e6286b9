"""Path patterns and where two of them can meet."""
