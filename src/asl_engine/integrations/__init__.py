"""Which service a Resource names: what serves a task, and in which envelope its result stands."""
