"""The database backend for SQLite: Django's own, with a fair queue of writers in front."""
