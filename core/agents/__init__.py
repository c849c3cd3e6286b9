"""Agents: the driver contract, profiles, what a run gets, transcripts."""
