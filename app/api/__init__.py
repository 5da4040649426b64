"""JSON for machines: one resource a file."""
