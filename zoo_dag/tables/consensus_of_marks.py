"""Tables of the consensus stage that are computed from marks, from the texts about them, and from highlights."""

from zoo_dag.tables import flattened
from zoo_dag.tables.columns import count, flag, identifiers, index, measure, of, structs, text, with_sources
from zoo_dag.tables.consensus_table import consensus_table
from zoo_dag.tables.geometry import GEOMETRY, POINT, of_clusters, rings
from zoo_dag.tables.table import carried

_CLUSTERED = of("drawing_annotations", "user_key", "status", "excluded", *GEOMETRY)
_AREAS = of("drawing_annotations", *GEOMETRY, "user_key", "excluded")
DRAWINGS = consensus_table(
    "drawing_consensus",
    (flattened.DRAWINGS,),
    "One row per cluster of marks, candidates included; one without a cluster for a subject and task that has no "
    "marks.\n\n"
    "Good for things that several volunteers marked: where, how large, and by which share of them "
    "(`detection`). Next, open `subject_summary`, which has the number of clusters of every subject.\n\n"
    "Geometry is the mean over the volunteers of the cluster, columns as in `drawing_annotations`; "
    "`*_std` is the standard deviation over them, divided by n - 1, null for one volunteer.",
    {
        **carried(("frame", "tool_index", "tool_type", "tool_label", "unit"), flattened.DRAWINGS),
        "cluster_index": index(
            "Position among the clusters of the tool on the frame: most volunteers first", _CLUSTERED
        ),
        "n_marks": count("Marks in the cluster", _CLUSTERED),
        "n_members": count("Different volunteers with a mark in the cluster: one mark each", _CLUSTERED),
        "detection": measure("n_members / n_classifications", _CLUSTERED),
        "is_candidate": flag(
            "Fewer volunteers than a cluster needs, down to one mark, or a click without a size with a tool that "
            "draws something of a size; null without a cluster",
            _CLUSTERED,
        ),
        "tools": structs(
            "Tools that drew the marks, most votes first",
            {
                "tool_index": index("Position of the tool"),
                "tool_label": text("Label of the tool"),
                "votes": count("Volunteers of the cluster who used it"),
                "fraction": measure("votes / n_members"),
            },
            of("drawing_annotations", "tool_index", "tool_label", "user_key", "excluded"),
        ),
        **of_clusters("drawing_annotations"),
        "iou": measure(
            "Areas and spans: mean over the marks of what they have in common with the consensus / both together",
            of("drawing_annotations", *GEOMETRY),
        ),
        "area": measure(
            "Outlines, boxes and ellipses: area that half of the volunteers cover, square pixels; mean of what "
            "at least half and what more than half cover",
            _AREAS,
        ),
        "boundary_std": measure(
            "Spread of their boundaries across, pixels, from the area between the quartiles of coverage; null for "
            "fewer than three volunteers",
            _AREAS,
        ),
        "n_pieces": count(
            "Pieces of what more than half of them cover; 0 where they have nothing in common", _AREAS
        ),
        "n_holes": count("Holes in these pieces", _AREAS),
        "start_seconds": measure(
            "Start in seconds: start_time times the length of the video, which all of its marks together say; "
            "null where they contradict each other, as beyond an hour",
            of("drawing_annotations", "start_time", "start_stamp", "excluded"),
        ),
        "track_index": index(
            "Position among the tracks of the tool on the subject, by first frame; null for candidates, and where "
            "`drawings.tracks` is off",
            _CLUSTERED,
        ),
        "details": structs(
            "Answers to sub-tasks, most votes first",
            {
                "detail_index": index("Position of the sub-task"),
                "answer_label": text("Label of the answer; its position if the label is unknown"),
                "votes": count("Volunteers of the cluster who gave this answer"),
                "fraction": measure("votes / volunteers of the cluster who answered the sub-task"),
                "text": text("Consensus of the texts, as in `text_consensus`; votes are of the same words"),
                "number": measure("Median number"),
            },
            of("drawing_annotations", "details", "user_key", "excluded"),
        ),
        "classification_ids": identifiers(
            "Classifications with a mark in the cluster; null without a cluster",
            _CLUSTERED + of("drawing_annotations", "classification_id"),
        ),
    },
)

_MARKS = of("drawing_annotations", "classification_id", "tool_index", "status", "excluded")
MARK_COUNTS = consensus_table(
    "mark_counts",
    (flattened.DRAWINGS,),
    "One row per subject, task and tool, and one over all tools: how many marks a volunteer made.\n\n"
    "Good for counts of things: the median does not depend on how marks are clustered, and who marked nothing "
    "counts as zero. The row over all tools has no `tool_index`; tools that the workflow offers and nobody used "
    "have a row with zeros. Next, open `drawing_consensus` for where the marks are.",
    {
        "tool_index": index("Position of the tool; null for all tools together", _MARKS),
        "tool_type": text(
            "Type of the tool", of("drawing_annotations", "tool_type", "excluded") + of("tasks", "option_id")
        ),
        "tool_label": text(
            "Label of the tool", of("drawing_annotations", "tool_label", "excluded") + of("tasks", "option_label")
        ),
        "n_none": count("Classifications without a mark of the tool", _MARKS),
        "mean": measure("Mean number of marks in a classification", _MARKS),
        "median": measure("Median number", _MARKS),
        "mode": count("Commonest number; of several the lowest", _MARKS),
        "std": measure("Standard deviation, divided by n - 1; null for one classification", _MARKS),
        "min": count("Lowest number", _MARKS),
        "max": count("Highest number", _MARKS),
        "q25": measure("Lower quartile, interpolated linearly", _MARKS),
        "q75": measure("Upper quartile, interpolated linearly", _MARKS),
    },
)

CONTOURS = consensus_table(
    "contour_consensus",
    (flattened.DRAWINGS,),
    "One row per cluster of marks with an area and number k: what at least k volunteers cover.\n\n"
    "Good for masks of any strictness, and for things that do not come in pieces: which share of the volunteers "
    "marked each place. Next, open `drawing_consensus` for the clusters.\n\n"
    "Rows without `cluster_index` are of all marks of a tool on a frame together. Built only where "
    "`drawings.contours` in the settings asks for it.",
    {
        **carried(("frame", "tool_index", "tool_type", "tool_label"), flattened.DRAWINGS),
        "cluster_index": index(
            "Position of the cluster, as in `drawing_consensus`; null for all marks together", _AREAS
        ),
        "n_members": count("Different volunteers with a mark", _AREAS),
        "k": count("The area is covered by at least so many of them", _AREAS),
        "share": measure("k / n_members; for all marks together k / n_classifications", _AREAS),
        "k_detection": measure("k / n_classifications", _AREAS),
        "area": measure("Area, square pixels", _AREAS),
        "n_pieces": count("Pieces of the area", _AREAS),
        "points": structs("Outer ring of the largest piece; empty where there is none", POINT, _AREAS),
        "pieces": rings(
            "Rings of all pieces, the largest first, holes behind the ring that they are in: a place is inside "
            "where an odd number of rings go around it",
            _AREAS,
        ),
        "method": text("`faces`: exact; `cells`: counted in 512 cells along the longer side", _AREAS),
    },
    asked_for="drawings.contours",
)

_LINE = of("drawing_annotations", "frame", "x1", "y1", "x2", "y2", "user_key", "excluded")
_WRITTEN = of("text_annotations", "text", "excluded") + of(
    "drawing_annotations", "details", "tool_type", "user_key", "excluded"
)
TEXTS = consensus_table(
    "text_consensus",
    (flattened.TEXTS, flattened.DRAWINGS),
    "One row per subject and task, or per line or other marked place with texts; null where nobody wrote any.\n\n"
    "Good for the text that volunteers agree on, and word by word how many of them wrote it. Next, open "
    "`subject_summary`, where the lines of a page are one text.",
    {
        "line_index": index("Position of the line in reading order; null for free text", _LINE),
        "x1": measure(
            "Start of the line, median over its volunteers, pixels of the natural image; of a box its left edge, "
            "halfway down",
            _LINE,
        ),
        "y1": measure("Start of the line, downwards", _LINE),
        "x2": measure("End of the line", _LINE),
        "y2": measure("End of the line, downwards", _LINE),
        "text": text("Consensus text: the most common form of every winning word", _WRITTEN),
        "n_answered": count(
            "Texts that voted: classifications, or the volunteers of the line",
            of("text_annotations", "text", "classification_id", "excluded")
            + of("drawing_annotations", "details", "user_key", "excluded"),
        ),
        "agreement": measure(
            "Mean over the words of the share of texts that agree with the consensus: 0 to 1; of a page without "
            "lines the share of classifications that marked nothing",
            _WRITTEN,
        ),
        "n_numbers": count("Texts that are a number, such as 12, -3.5 or 1,200", _WRITTEN),
        "number_median": measure("Median of these numbers; null where there are none", _WRITTEN),
        "number_mean": measure("Mean of these numbers", _WRITTEN),
        "number_std": measure("Standard deviation, divided by n - 1; null for one number", _WRITTEN),
        "tokens": structs(
            "Words of the consensus in order, and their votes",
            {
                "token": text("Word of the consensus"),
                "votes": count("Texts that have it, whatever its case, tags and punctuation"),
                "n": count("Texts that voted"),
            },
            _WRITTEN,
        ),
        "method": text("Method of the consensus: star_alignment; correction, where a given text is known"),
        **with_sources(
            {
                "frame": index("Frame of the line, from 0; null for free text"),
                "tool_index": index("Position of the tool that drew the line, or most of its marks"),
                "tool_type": text("Type of the tool"),
                "tool_label": text("Label of the tool"),
            },
            {name: of("drawing_annotations", name) for name in ("frame", "tool_index", "tool_type", "tool_label")},
        ),
    },
)

_SENT = of("text_annotations", "text", "classification_id", "status", "task_type", "excluded")
CORRECTIONS = consensus_table(
    "correction_consensus",
    (flattened.TEXTS,),
    "One row per subject, task, changed place of a given text, and form of it; one without a change where there "
    "is none.\n\n"
    "Good for what volunteers corrected in a text, such as one that a machine read, and for what to review: "
    "accepted changes that fewer than half of them made (`to_review`). Where the given text is not known, "
    "`n_changed` is null. Next, open `text_consensus`, which has the "
    "corrected text.",
    {
        "start": count("Offset of the place in the given text, in characters", _SENT),
        "end": count("Offset behind the place; that of an insertion is its start", _SENT),
        "before": text("What stands there in the given text", _SENT),
        "after": text("What is there instead; empty for a deletion", _SENT),
        "votes": count("Texts with this change", _SENT),
        "n_answered": count("Texts that were sent", _SENT),
        "n_changed": count(
            "Of these, how many differ from the given text in any word; null where it is not known", _SENT
        ),
        "fraction": measure("votes / n_changed", _SENT),
        "fraction_low": measure("Lower end of the 95 % Wilson interval of fraction", _SENT),
        "fraction_high": measure("Upper end of the 95 % Wilson interval of fraction", _SENT),
        "rank": index("1 for the form of the place with most votes", _SENT),
        "tied": flag("Another form of the place has as many votes", _SENT),
        "accepted": flag(
            "In the corrected text: the commonest form of its place, of at least two texts and a quarter of "
            "n_changed",
            _SENT,
        ),
        "to_review": flag("Accepted, and fewer than half of n_changed made it", _SENT),
    },
)

_HIGHLIGHTED = of("highlight_annotations", "user_key", "status", "excluded", "start", "text", "label")
HIGHLIGHTS = consensus_table(
    "highlight_consensus",
    (flattened.HIGHLIGHTS,),
    "One row per subject, task, label and span that was highlighted, candidates too; one without a span if none "
    "was.\n\n"
    "Good for the passages that volunteers agree on: where, with which label, and by which share of them "
    "(`detection`). Next, open `subject_summary`, which has the texts of every subject by label.",
    {
        "label": text("Label of the span; null where the export names none", _HIGHLIGHTED),
        "color": text("Its commonest colour", of("highlight_annotations", "color", "label", "excluded")),
        "span_index": index("Position among the spans of the subject and task, by start and end", _HIGHLIGHTED),
        "start": count(
            "Offset of the first letter: the upper median over the members. Counts UTF-16 code units, as "
            "JavaScript does",
            _HIGHLIGHTED,
        ),
        "end": count("Offset behind the last letter: the lower median over the members", _HIGHLIGHTED),
        "text": text(
            "Text of the span: of the first member of whom one highlight covers it, else of pieces, joined by a "
            "space",
            _HIGHLIGHTED + of("highlight_annotations", "classification_id"),
        ),
        "n_marks": count("Highlights in the span, as exported", _HIGHLIGHTED),
        "n_members": count("Different volunteers with a highlight in the span: its members", _HIGHLIGHTED),
        "detection": measure("n_members / n_classifications", _HIGHLIGHTED),
        "detection_low": measure("Lower end of the 95 % Wilson interval of detection", _HIGHLIGHTED),
        "detection_high": measure("Upper end of the 95 % Wilson interval of detection", _HIGHLIGHTED),
        "is_candidate": flag("Fewer members than a span needs, down to one; null without a span", _HIGHLIGHTED),
        "start_std": measure(
            "Standard deviation of the starts over the members, divided by n - 1; null for one", _HIGHLIGHTED
        ),
        "end_std": measure("Standard deviation of the ends", _HIGHLIGHTED),
        "iou": measure(
            "Mean over the members of the length in common with the span / length of both together", _HIGHLIGHTED
        ),
        "n_any_label": count(
            "Volunteers who highlighted at least half of the span, with whatever label: with more than n_members, "
            "labels are in dispute",
            _HIGHLIGHTED,
        ),
    },
)
