"""Definitions written anew: formatted, as YAML or JSON, in the other query language."""
