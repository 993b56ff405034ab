"""Measurements of the whole thing: `make bench` prints the tables that stand in docs/."""
