"""The explorer: drives a machine through inputs and outcomes of its tasks until nothing new is covered.

The order of work: `scenarios` says what one run is given and runs it, `outcomes` what can become of a task, `search`
looks for what is not covered yet (`mending` puts right what did not fit, `places` says where that comes from),
`unreachable` says what cannot be, and `report` tells it all.
"""
