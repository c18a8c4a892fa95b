"""The files that lines are read from: anybody's, a service's with the rotated ones, pipes, compressed ones."""
