"""The library: audio files in folders of this machine, found by a scan, played from here."""
