"""What may be claimed and why not; claims as leases; what the end of a run does."""
