"""The columns of tasks in the summary of subjects are identified by their names."""

import pytest

from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.summary_columns import describe_column

QUESTION = ["T0_answer", "T0_fraction", "T0_agreement", "T0_n_answered", "T0_answer_set", "T0_reached", "T0_asked"]
SELECT = [
    "T4_0_answer",
    "T4_0_fraction",
    "T4_0_agreement",
    "T4_0_n_answered",
    "T4_0_fraction_blank",
    "T4_agreement",
    "T4_asked",
]
SURVEY = ["T1_choices", "T1_fraction", "T1_counts", "T1_answers", "T1_evenness", "T1_n_answered"]
SURVEY += ["T1_counts_ADULTS", "T1_counts_NUMBER_OF_YOUNG", "T1_fraction_blank", "T1_is_blank", "T1_reached"]
TRANSCRIPTION = ["T2_text", "T2_agreement", "T2_reached", "T2_marks", "T2_0_marks", "T2_11_marks", "T2_detection"]
DRAWING = ["T3_marks", "T3_marks_most", "T3_0_marks", "T3_detection", "T3_fraction_blank", "T3_reached"]
COUNTS = ["T3_median_marks", "T3_0_median", "T2_median_marks", "T2_11_median"]
SLIDER = ["T6_mean", "T6_median", "T6_std", "T6_n_answered", "T6_untouched", "T6_fraction_blank", "T6_reached"]
SLIDER += ["T6_asked"]
NUMBERS = ["T10_text", "T10_agreement", "T10_number_median", "T10_n_numbers", "T10_reached"]
REVISION = ["T0@4.11_answer", "T0@4.11_fraction", "T0@4.11_agreement", "T0@4.11_n_answered", "T0@4.11_reached"]
IN_COMBOS = [
    "A.T7_answer",
    "A.T7_reached",
    "B.T8@4.11_0_answer",
    "B.T8@4.11_0_reached",
    "A.T9_2_marks",
    "A.T9_marks",
]
ALL = [
    *TABLES["subject_summary"].dtypes,
    *QUESTION,
    *SELECT,
    *SURVEY,
    *TRANSCRIPTION,
    *DRAWING,
    *COUNTS,
    *SLIDER,
    *NUMBERS,
    *REVISION,
    *IN_COMBOS,
]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        *((name, "pooled_question_consensus") for name in (*QUESTION, *REVISION)),
        *((name, "pooled_dropdown_consensus") for name in SELECT),
        *((name, "pooled_survey_consensus") for name in SURVEY),
        *((name, "pooled_text_consensus") for name in (*TRANSCRIPTION[:3], *NUMBERS)),
        *((name, "pooled_drawing_consensus") for name in (*TRANSCRIPTION[3:], *DRAWING)),
        *((name, "pooled_mark_counts") for name in COUNTS),
        *((name, "pooled_slider_consensus") for name in SLIDER),
        *((name, "pooled_question_consensus") for name in IN_COMBOS[:2]),
        *((name, "pooled_dropdown_consensus") for name in IN_COMBOS[2:4]),
        *((name, "pooled_drawing_consensus") for name in IN_COMBOS[4:]),
    ],
)
def test_a_column_has_the_pooled_table_of_its_task_type_as_source(name, table):
    found = describe_column(name, ALL)
    sources = [source.split(".") for source in found.sources]
    assert {source for source, _ in sources} == {table}
    assert all(column in TABLES[table].dtypes for _, column in sources)


def test_the_description_names_task_and_tool():
    assert describe_column("T0@4.11_answer", ALL).description.startswith("Task T0@4.11. Answer with most votes")
    assert describe_column("A.T7_answer", ALL).description.startswith("Task A.T7. Answer with most votes")
    tool = describe_column("T2_11_marks", ALL)
    assert tool.description == "Task T2. Clusters of marks of the tool at position 11"
    assert "pooled_drawing_consensus.tool_index" in tool.sources
    young = describe_column("T1_counts_NUMBER_OF_YOUNG", ALL)
    assert young.description.startswith("Task T1. Median number of each choice by the question NUMBER_OF_YOUNG")
    select = describe_column("T4_0_answer", ALL)
    assert select.description == "Task T4. Option with most votes of the select at position 0"


@pytest.mark.parametrize("consensus", consensus_types(), ids=lambda consensus: consensus.table)
def test_the_sources_of_every_declared_column_are_columns_of_the_pooled_table(consensus):
    for column in consensus.task_columns.columns.values():
        assert set(column.sources) <= set(TABLES[consensus.pooled_table].dtypes)


@pytest.mark.parametrize("name", [*TABLES["subject_summary"].dtypes, "T9_answers", "T0_unknown", "answer"])
def test_other_columns_are_of_no_task(name):
    assert describe_column(name, ALL) is None
