"""Several orders of lines as one, by time."""
