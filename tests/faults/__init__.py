"""What goes wrong on a real evening, done to real servers."""
