"""What staff can do. Each goes through the actions that members use, and into the audit log."""
