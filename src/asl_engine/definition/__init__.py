"""What the JSON says: documents become frozen dataclasses, and every problem found is told."""
