"""Plots of the consensus of questions."""

from tests.plots.samples import image, nothing, question, rows, texts
from zoo_dag.task_types.questions.plots import questions


def test_answers_go_by_their_label_or_their_position():
    found = questions(
        rows("question_consensus", [question(1, "Fox", 0.7), question(2, None, 0.6, answer_index=3)]), nothing
    )
    assert texts(image(found["agreement"])) == ["T0 What is it?", "0", "1"]
    assert texts(image(found["most frequent"])) == ["1 Fox", "1 answer 3"]
