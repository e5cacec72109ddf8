"""What an expression means: text becomes a callable when the machine is loaded, and running parses nothing."""
