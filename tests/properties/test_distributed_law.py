"""The laws of distributed Maps: what a child gives does not depend on where it runs, when it runs, or beside whom."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asl_engine import StateMachine, TaskError
from asl_engine.jsonvalue import dumps
from tests.build import chain, each, task
from tests.execution.test_distributed_map import distributed
from tests.strategies import json_values

BODIES = st.sampled_from(
    [
        chain(W={"Type": "Pass"}),
        chain(W={"Type": "Pass", "Parameters": {"in.$": "$", "n": 1}}, V={"Type": "Pass", "ResultPath": "$.r"}),
        chain(W={"Type": "Wait", "Seconds": 3}, V={"Type": "Pass", "Assign": {"own.$": "$"}}),
        chain(W=task()),
    ]
)
FIELDS = st.fixed_dictionaries(
    {"MaxConcurrency": st.integers(0, 4)},
    optional={"ItemSelector": st.just({"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"})},
)
ITEMS = st.lists(json_values, max_size=6)


def run(state: dict[str, Any], items: list[Any], work: Any) -> Any:
    return StateMachine.from_json(chain(S=state)).run(items, tasks={"work": work})


@given(BODIES, FIELDS, ITEMS)
def test_a_distributed_map_gives_what_an_inline_map_gives(body: Any, fields: Any, items: list[Any]) -> None:
    inline = run(each(body, **fields), items, lambda payload: [payload])
    for kind in ("STANDARD", "EXPRESS"):
        spread = run(distributed(body, kind, **fields), items, lambda payload: [payload])
        assert (spread.status, dumps(spread.output)) == (inline.status, dumps(inline.output))


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 3), st.data())
def test_time_and_order_change_no_output_and_counts_always_add_up(items: list[int], most: int, data: Any) -> None:
    def work(payload: int, context: Any) -> int:
        context.sleep(data.draw(st.integers(0, 5)))
        if payload > 6:
            raise TaskError("High")
        return payload

    tolerant = distributed(chain(W=task()), MaxConcurrency=most, ToleratedFailurePercentage=100)
    execution = run(tolerant, items, work)
    given_back = [item for item in execution.output if isinstance(item, int)]
    assert given_back == [item for item in items if item <= 6]
    counts = execution.map_runs[0].item_counts
    assert (counts.total, counts.failed, counts.pending, counts.running) == (
        len(items),
        sum(item > 6 for item in items),
        0,
        0,
    )


@given(ITEMS, st.integers(1, 4), st.integers(30, 200))
def test_batches_hold_every_item_once_in_order_within_their_limits(items: list[Any], most: int, largest: int) -> None:
    batcher = {"MaxItemsPerBatch": most, "MaxInputBytesPerBatch": largest}
    execution = run(distributed(chain(W={"Type": "Pass"}), ItemBatcher=batcher), items, None)
    batches = [batch["Items"] for batch in execution.output]
    assert dumps([item for batch in batches for item in batch]) == dumps(items)
    for batch in execution.output:
        assert len(batch["Items"]) == 1 or len(dumps(batch).encode()) <= largest
        assert 1 <= len(batch["Items"]) <= most
