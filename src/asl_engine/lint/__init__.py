"""Lints: mistakes that the service takes without a word and that show at run time, if then."""
