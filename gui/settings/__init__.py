"""The settings page, made from the table of options."""
