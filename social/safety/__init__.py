"""What may be asked for and said here: rules read from tables, and what their refusals leave behind."""
