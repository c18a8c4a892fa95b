"""What a Dagger session streams about itself: spans, logs and metrics, as JSON over server-sent events."""
