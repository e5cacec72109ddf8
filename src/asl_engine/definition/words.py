"""A sentence on every field of a definition, as editors show it and the reference may: one table for both.

Looked up as `Owner.Field`, where a field means something of its own in one kind of object, else as `Field`. Names
between backticks are fields or literals. A field without a sentence is a fault that the tests find.
"""

from __future__ import annotations

WORDS = {
    # the definition, and every machine in it
    "Machine.StartAt": "The name of the state that the machine begins with.",
    "Machine.States": "The machine's states by name. A name has at most 80 characters and is used once.",
    "Machine.Version": "The version of the States language.",
    "Machine.TimeoutSeconds": "How many seconds an execution may take before it fails with `States.Timeout`.",
    "Machine.QueryLanguage": "The query language of all states that do not set their own.",
    "Machine.ProcessorConfig": "Whether items run inside this execution or each in a child execution.",
    "ProcessorConfig.Mode": "`INLINE`: items run in this execution. `DISTRIBUTED`: each in a child execution.",
    "ProcessorConfig.ExecutionType": "The type of the child executions of a distributed Map.",
    # state types
    "Type.Task": "Has work done by what `Resource` names, and goes on with its result.",
    "Type.Wait": "Lets time pass: for a while, or until a moment.",
    "Type.Pass": "Passes its input on, reshaped or replaced.",
    "Type.Succeed": "Ends the machine with success.",
    "Type.Fail": "Ends the machine with an error.",
    "Type.Choice": "Goes to the state that the first rule that holds names.",
    "Type.Parallel": "Runs several branches at once, and goes on with the array of their outputs.",
    "Type.Map": "Runs one machine for every item of an array, and goes on with the array of their outputs.",
    # what states share
    "Type": "What the state does.",
    "Comment": "A note for readers. It has no effect.",
    "QueryLanguage": "The query language of this state.",
    "Next": "The name of the state that comes next.",
    "End": "`true` where the machine ends with this state.",
    "InputPath": "Selects the part of the input that the state works on. `null` stands for an empty object.",
    "OutputPath": "Selects the part of the result that leaves the state. `null` stands for an empty object.",
    "Parameters": "The effective input: a template whose fields that end in `.$` are paths or intrinsic functions.",
    "ResultSelector": "Reshapes the raw result before `ResultPath`: a template.",
    "ResultPath": "Where the result goes in the state's input. `$` replaces it; `null` drops the result.",
    "Arguments": "What the work gets: any JSON, with JSONata expressions between `{%` and `%}`.",
    "Output": "What leaves the state: any JSON, with JSONata expressions between `{%` and `%}`.",
    "Assign": "Variables that later states may read: name and value.",
    "Retry": "What is tried again, how often and how fast. The first retrier that matches the error counts.",
    "Catch": "Where to go on after an error that was not retried. The first catcher that matches counts.",
    # Task
    "Task.Resource": "The ARN of a Lambda function, an activity or a service integration.",
    "Task.TimeoutSeconds": "How many seconds the task may take before it fails with `States.Timeout`.",
    "TimeoutSecondsPath": "Selects `TimeoutSeconds` from the input.",
    "HeartbeatSeconds": "How many seconds may pass between two heartbeats of the task. Less than `TimeoutSeconds`.",
    "HeartbeatSecondsPath": "Selects `HeartbeatSeconds` from the input.",
    "Credentials": "The IAM role that the work is done with: an object with `RoleArn`.",
    # Wait, Pass, Fail, Choice, Parallel
    "Seconds": "How many seconds to wait.",
    "SecondsPath": "Selects how many seconds to wait from the input.",
    "Timestamp": "The moment to wait for, as in `2030-01-31T12:00:00Z`.",
    "TimestampPath": "Selects the moment to wait for from the input.",
    "Result": "The state's result, as it stands.",
    "Error": "The name of the error.",
    "ErrorPath": "Selects the name of the error: a path or an intrinsic function that gives a string.",
    "Cause": "A text about the error for people.",
    "CausePath": "Selects the text about the error: a path or an intrinsic function that gives a string.",
    "Choices": "The rules, of which the first that holds decides.",
    "Default": "The name of the state that comes next where no rule holds.",
    "Branches": "The machines that run at once. Each gets the same input.",
    # Map
    "ItemProcessor": "The machine that runs for every item.",
    "Iterator": "The older name of `ItemProcessor`.",
    "Items": "The array, or the object, whose items are processed; or an expression that gives it.",
    "ItemsPath": "Selects the array, or the object, whose items are processed.",
    "ItemSelector": "The input of each item's run, with `$$.Map.Item.Value` or `$states.context.Map.Item.Value` in it.",
    "Map.Parameters": "The older name of `ItemSelector`.",
    "MaxConcurrency": "How many items may run at once. 0 sets no limit.",
    "MaxConcurrencyPath": "Selects `MaxConcurrency` from the input.",
    "ToleratedFailureCount": "How many items may fail before the state fails.",
    "ToleratedFailureCountPath": "Selects `ToleratedFailureCount` from the input.",
    "ToleratedFailurePercentage": "What percentage of the items may fail before the state fails.",
    "ToleratedFailurePercentagePath": "Selects `ToleratedFailurePercentage` from the input.",
    "Label": "A name in the ARNs of a distributed Map's runs, of at most 40 characters.",
    "ItemReader": "Where a distributed Map reads its items from.",
    "ItemReader.Resource": "The action that reads the items, of Amazon S3.",
    "ReaderConfig": "How the items stand in what is read.",
    "InputType": "The form of the data that is read.",
    "CSVDelimiter": "What stands between two values of a CSV row.",
    "CSVHeaderLocation": "Whether the names of a CSV file's columns stand in its first row or in `CSVHeaders`.",
    "CSVHeaders": "The names of a CSV file's columns.",
    "MaxItems": "How many items are processed at most.",
    "MaxItemsPath": "Selects `MaxItems` from the input.",
    "ItemsPointer": "The JSON pointer of the array or object of items in what is read.",
    "ReaderConfig.Transformation": "Whether the files that a list names are read, and their items processed.",
    "ManifestType": "What kind of manifest is read.",
    "ItemBatcher": "How many items one child execution gets.",
    "MaxItemsPerBatch": "How many items a batch has at most.",
    "MaxItemsPerBatchPath": "Selects `MaxItemsPerBatch` from the input.",
    "MaxInputBytesPerBatch": "How many bytes a batch has at most.",
    "MaxInputBytesPerBatchPath": "Selects `MaxInputBytesPerBatch` from the input.",
    "BatchInput": "What every batch gets besides its items.",
    "ResultWriter": "Where a distributed Map writes its results, and in which form.",
    "ResultWriter.Resource": "The action that writes the results, of Amazon S3.",
    "WriterConfig": "The form of the results.",
    "WriterConfig.Transformation": "How much of each child execution stands in the results.",
    "OutputType": "The form of the files that are written.",
    # retriers and catchers
    "ErrorEquals": "The names of the errors that this is for. `States.ALL` is for all, and stands alone and last.",
    "IntervalSeconds": "How many seconds pass before the first new attempt.",
    "MaxAttempts": "How many new attempts there are. 0 is for an error that is never retried.",
    "BackoffRate": "What the interval is multiplied by after each attempt.",
    "MaxDelaySeconds": "The longest interval. More than `IntervalSeconds`.",
    "JitterStrategy": "`FULL` draws each interval evenly between 0 and its full length.",
    "Catcher.ResultPath": "Where the error output goes in the state's input. `$` replaces it; `null` drops it.",
    # choice rules
    "Condition": "Whether the rule holds: a JSONata expression that gives true or false.",
    "Variable": "The path of the value that is compared.",
    "And": "Holds where all of the rules hold.",
    "Or": "Holds where one of the rules holds.",
    "Not": "Holds where the rule does not.",
    "IsNull": "Whether the value is null.",
    "IsPresent": "Whether there is a value at the path.",
    "IsNumeric": "Whether the value is a number.",
    "IsString": "Whether the value is a string.",
    "IsBoolean": "Whether the value is true or false.",
    "IsTimestamp": "Whether the value is an RFC 3339 timestamp.",
    "StringMatches": "Holds where the value is a string that this pattern fits: `*` stands for any characters.",
}

_COMPARISONS = {
    "Equals": "equal to",
    "LessThan": "less than",
    "GreaterThan": "greater than",
    "LessThanEquals": "less than or equal to",
    "GreaterThanEquals": "greater than or equal to",
}
_COMPARED = {"String": "a string", "Numeric": "a number", "Boolean": "true or false and", "Timestamp": "a timestamp"}

WORDS |= {
    f"{kind}{comparison}{ending}": f"Holds where the value is {noun} {relation} {other}."
    for kind, noun in _COMPARED.items()
    for comparison, relation in _COMPARISONS.items()
    for ending, other in {"": "this one", "Path": "the one that this path selects"}.items()
    if kind != "Boolean" or comparison == "Equals"
}


def words_of(owner: str, name: str) -> dict[str, str]:
    """The sentence on a field, as `description`; with its backticks as `markdownDescription`, which VS Code shows."""
    text = WORDS.get(f"{owner}.{name}") or WORDS[name]
    plain = text.replace("`", "")
    return {"description": plain} | ({"markdownDescription": text} if plain != text else {})
