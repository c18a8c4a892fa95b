"""Scripts that print a number of hubtui's beside a peer's or the limit's, both sides in one run: `make bench`."""
