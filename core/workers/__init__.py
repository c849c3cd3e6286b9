"""The registry of workers: people and agents, their heartbeat and skills."""
