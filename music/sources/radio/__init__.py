"""Internet radio: stations that a host adds, passed on by the server to the room's speaker."""
