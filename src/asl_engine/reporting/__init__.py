"""How findings are told: which are wanted, in which severity, and in which format."""
