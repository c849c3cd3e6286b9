"""The database: every table, how it is opened, transactions, migrations and copies of it."""
