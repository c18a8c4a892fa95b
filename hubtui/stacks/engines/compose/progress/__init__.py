"""What Compose prints while it pulls, builds and starts, as rows of progress."""
