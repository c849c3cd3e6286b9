"""Key figures, health, readable logs and the seal of the audit trail: all read from the log."""
