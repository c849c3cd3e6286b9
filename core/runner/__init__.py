"""The detached process, one per run: owns the agent, renews the lease, writes the transcript.

A composition root of its own: no Qt, no command line, few imports.
"""
