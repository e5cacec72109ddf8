"""Where definitions stand: files of JSON and YAML, and templates that hold them, read with the places of all values."""
