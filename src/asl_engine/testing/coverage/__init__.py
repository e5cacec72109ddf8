"""Coverage of state machines: which states, transitions, Choice rules, retriers, catchers and bodies were exercised.

The order of work: `elements` says what there is to cover, `tracing` notes what executions do, `collector` adds it up
over machines, tests and processes, `results` joins it with the definitions, `terminal`, `page` and `lcov` write it, and
`reports` says which of them where.
"""
