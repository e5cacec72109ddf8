"""What each state does: one file a section of the States language specification.

Each file holds the state's fields (a frozen dataclass) and its meaning (a function that compiles it to a behaviour).
"""
