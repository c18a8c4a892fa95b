"""Published ports that never go deaf: a listener of hubtui's own, and behind it Dagger's tunnels, renewed in time."""
