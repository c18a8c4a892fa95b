"""What every engine that runs services itself has in common: states, starts in order, health, restarts, steps."""
