"""The services outside that know which music goes together."""
