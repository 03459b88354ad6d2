"""The tables of ratings, as `zoo_dag.tables` would declare them."""

import dataframely as dy

from zoo_dag.tables import Table, columns
from zoo_dag.tables.consensus import both_scopes
from zoo_dag.tables.flattened import Annotations


class RatingAnnotations(Annotations):
    """One row per rating.

    Good for the ratings of single volunteers. Next, open `rating_consensus`, which has one row per subject.
    """

    stars = columns.index("Number of stars, 0 to 4")
    label = columns.text("What this number of stars means")


class Ratings(dy.Schema):
    """One row per subject and task: the mean of its ratings; null where nobody rated it.

    Good for ordering subjects by their rating. Next, open `subject_summary`, which has one row per subject.
    """

    label = columns.text("What the commonest number of stars means")
    mean = columns.measure("Mean of the stars")
    lowest = columns.index("Fewest stars")
    highest = columns.index("Most stars")
    agreement = columns.measure("Share of the commonest number of stars: 0 to 1")
    n_answered = columns.count("Classifications with a rating")


_IN_VERSION, _POOLED = both_scopes(Ratings)
RATING_TABLES = (
    Table("rating_annotations", "flattened", RatingAnnotations),
    Table("rating_consensus", "consensus", _IN_VERSION),
    Table("pooled_rating_consensus", "pooled", _POOLED, partition="workflow"),
)
