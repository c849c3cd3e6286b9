"""The door for programs on this machine: HTTP on the loopback address, with a token."""
