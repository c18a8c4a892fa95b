"""Reading from a Docker daemon: where it is, how it is talked to, and what is asked of it. Nothing here changes
anything, but for a stop where Compose cannot."""
