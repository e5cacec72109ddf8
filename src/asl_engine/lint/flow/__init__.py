"""Data flow: what each state's input and variables can look like, and which fields are sure to find nothing there."""
