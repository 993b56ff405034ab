"""Commands for who works on BeatSync."""
