"""The tables of ratings, as `zoo_dag.tables` would declare them."""

from zoo_dag.tables.columns import count, index, measure, of, text
from zoo_dag.tables.consensus_table import consensus_table
from zoo_dag.tables.flattened import annotations_table
from zoo_dag.tables.pooled import pooled

# In zoo_dag/tables/flattened.py, and one line in its ANNOTATIONS.
RATINGS = annotations_table(
    "rating",
    "One row per rating.\n\n"
    "Good for the ratings of single volunteers. Next, open `rating_consensus`, which has one row per subject.",
    {
        "stars": index("Number of stars, 0 to 4", of("classifications", "annotations")),
        "label": text(
            "What this number of stars means",
            of("classifications", "annotations") + of("tasks", "option_path", "option_label"),
        ),
    },
)

# In zoo_dag/tables/consensus.py, and one line in its TABLES; the pooled twin follows.
_COUNTED = of("rating_annotations", "classification_id", "status", "excluded")
_STARS = _COUNTED + of("rating_annotations", "stars")
RATING_CONSENSUS = consensus_table(
    "rating_consensus",
    (RATINGS,),
    "One row per subject and task: the mean of its ratings; null where nobody rated it.\n\n"
    "Good for ordering subjects by their rating. Next, open `subject_summary`, which has one row per subject.",
    {
        "label": text("What the commonest number of stars means", _COUNTED + of("rating_annotations", "label")),
        "mean": measure("Mean of the stars", _STARS),
        "lowest": index("Fewest stars", _STARS),
        "highest": index("Most stars", _STARS),
        "agreement": measure("Share of the commonest number of stars: 0 to 1", _STARS),
        "n_answered": count("Classifications with a rating", _COUNTED),
    },
)
RATING_TABLES = (RATINGS, RATING_CONSENSUS, pooled(RATING_CONSENSUS))
