"""One file for each form in which the items of a distributed Map may stand; each gives items from a stream of bytes."""
