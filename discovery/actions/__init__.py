"""What changes the suggestions of a room, and what is learned from what it played."""
