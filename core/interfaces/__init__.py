"""Doors to the table of operations: the command line, and later MCP and HTTP."""
