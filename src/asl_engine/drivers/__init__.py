"""Who does the work: a driver carries out an execution's commands and brings back the replies. No base class."""
