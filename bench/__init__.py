"""Measurements of the whole thing, reproducible with `make bench`. Each prints a table for docs/."""
