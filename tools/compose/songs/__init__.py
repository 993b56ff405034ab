"""The twelve pieces, one module each, in playing order."""
