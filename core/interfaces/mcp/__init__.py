"""The door for agents: Model Context Protocol over standard input and output."""
