"""Tables of the ledger: where every row of the exports went."""

from typing import Literal, get_args

import dataframely as dy

from zoo_dag.tables import columns

# Why a classification is left out of consensus. Of several reasons the first in this order is stored.
ExclusionReason = Literal[
    "gold_standard", "pre_launch", "tutorial_subject", "network_duplicate", "repeat", "known_bad"
]
EXCLUSION_REASONS: tuple[ExclusionReason, ...] = get_args(ExclusionReason)


class Accounting(dy.Schema):
    """One row per workflow version and stage: rows in = rows out + quarantined + merged.

    Good for proving that nothing was lost: `balanced` says whether the sums match. Next, open `quarantine` for the
    rows that no table could take, and `classifications` for those left out of consensus.
    """

    workflow_id = columns.identifier("Workflow; null for rows that reached no version")
    workflow_version = columns.text("Workflow version; null for rows that reached no version")
    stage = dy.String(nullable=False, metadata=columns.about("raw, parsed or flattened"))
    unit = columns.text("What is counted: rows of the export, or elements of annotations")
    rows_in = columns.count("Units that entered the stage")
    rows_out = columns.count("Units that are in a table of the stage")
    quarantined = columns.count("Units in the quarantine")
    merged = columns.count("Units that repeated another one and were merged with it")
    excluded = columns.count("Of rows_out, units kept but left out of consensus")
    excluded_gold_standard = columns.count("Left out: gold standard")
    excluded_pre_launch = columns.count("Left out: made before launch, in a project that launched")
    excluded_tutorial_subject = columns.count("Left out: tutorial subject")
    excluded_network_duplicate = columns.count("Left out: the same classification was sent twice")
    excluded_repeat = columns.count("Left out: the volunteer classified the subject again")
    excluded_known_bad = columns.count("Left out: the server marked the row as damaged")
    balanced = columns.flag("The sums match")
