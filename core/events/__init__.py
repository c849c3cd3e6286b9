"""The append-only event log: recorded inside a transaction, published after it, followed."""
