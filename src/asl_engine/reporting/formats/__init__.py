"""The formats in which a report is written: one module a format, each a function (report) -> text."""

FORMATS = {
    "text": "for people: the line, a mark under the place, a sum",
    "json": "for programs: a stable shape with a version",
    "sarif": "SARIF 2.1.0, for code scanning",
    "github": "workflow commands that GitHub shows beside the lines",
    "junit": "JUnit XML: a test suite a file, a test a state machine",
}
"""Name -> what it is for."""
