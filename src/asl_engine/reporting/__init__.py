"""How findings are told: which are wanted, in which severity, and in which format.

Begin with `check.py`: a file becomes a `FileReport`. `policy.py` and `markers.py` say which findings are wanted,
`config.py` where that is written, and `formats/` writes a `Report` down.
"""
