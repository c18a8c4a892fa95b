"""The other side of each measure: small programs that do the same with nothing around it."""
