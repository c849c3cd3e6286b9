"""What happened: the audit trail in sentences."""
