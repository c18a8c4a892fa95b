"""The compose engine: services as containers of Docker (or Podman), acted on through the user's own `docker compose`,
seen through the Engine API. Containers outlive the runner; the next one adopts them."""
