"""Where definitions stand: files of JSON and YAML, and templates that hold them, read with the places of all values.

Begin with `load.py`. A file becomes a `Document` (`documents.py`): its value, and the place of every part of it. Each
shape of file then says which parts are definitions, and `machines.py` makes a `Source` of each.
"""
