"""Pictures of a machine: its states and transitions as Mermaid, DOT or SVG, with the path of an execution."""
