"""What can be done in the chat of a room. Nothing else changes it."""
