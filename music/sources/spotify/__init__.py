"""Spotify as a source of music, through the account of a room's host."""
