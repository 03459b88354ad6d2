"""The reserved tags of Dagster that zoo_dag reads or writes. Checked with Dagster 1.13; it may rename them.

Dagster stamps one data version on all partitions of a run over a range, so `assets.publishing` writes the tags of
each partition itself. All else about these tags is left to Dagster.
"""

from collections.abc import Mapping, Sequence

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
DATA_VERSION = "dagster/data_version"
CODE_VERSION = "dagster/code_version"
INPUT_DATA_VERSION = "dagster/input_data_version/"
INPUT_EVENT_POINTER = "dagster/input_event_pointer/"
# The pointer for an input without a seen event.
NO_EVENT = "NULL"
RUN_KEY = "dagster/run_key"
MAX_RETRIES = "dagster/max_retries"
WILL_RETRY = "dagster/will_retry"
# The run that is the second try.
RETRIED_BY = "dagster/auto_retry_run_id"
ROW_COUNT = "dagster/row_count"
# Dagster reports no materializations of a run with this tag: its steps report them all themselves.
DEFER_ASSET_EVENTS = "dagster/defer_asset_events"
PARTITION_ROW_COUNT = "dagster/partition_row_count"
SIZE_BYTES = "dagster/size_bytes"
COLUMN_SCHEMA = "dagster/column_schema"
COLUMN_LINEAGE = "dagster/column_lineage"


def range_tags(partitions: Sequence[str]) -> dict[str, str]:
    """The tags of a run over these neighbouring partitions."""
    return {RANGE_START: partitions[0], RANGE_END: partitions[-1], DEFER_ASSET_EVENTS: "true"}


def partitions_of_run(tags: Mapping[str, str], order: Sequence[str]) -> list[str]:
    """The partitions that a run is over, from its tags; none for a run without any.

    `order` are the registered partitions: a range is named by its ends.
    """
    if PARTITION in tags:
        return [tags[PARTITION]]
    ends = [tags.get(RANGE_START), tags.get(RANGE_END)]
    places = [order.index(end) for end in ends if end in order]
    return list(order[places[0] : places[1] + 1]) if len(places) == 2 else []
