"""What can be done to the music of a room. Nothing else changes it."""
