"""TestState in this process: one state is run by the engine, with AWS's request and response.

`run.py` holds the call; `request.py` what a request may be; `subject.py` finds the state; `mocking.py` judges mocks;
`context.py` makes what the state sees; `inspection.py` and `map_inspection.py` note what its fields do; `exchange.py`
shows the HTTP of a Task.
"""
