"""What the work so far shows: gaps of the knowledge, and figures."""
