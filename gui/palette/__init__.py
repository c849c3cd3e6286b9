"""The command palette: everything by a few letters."""
