"""Names of choices: a label, and more where it is not unique in its task."""

from tests.plots.samples import rows
from zoo_dag.plots.choices import with_names_of_choices


def names(*choices: tuple[str, str, str | None]) -> list[str | None]:
    found = [
        {"task": "T0", "task_revision": revision, "choice_id": choice, "choice_label": label}
        for revision, choice, label in choices
    ]
    return with_names_of_choices(rows("event_consensus", found).collect())["choice"].to_list()


def test_a_choice_has_its_label_else_its_id():
    assert names(("T0@1.1", "DEER", "Deer"), ("T0@1.1", "FOX", None)) == ["Deer", "FOX"]


def test_choices_of_one_label_have_their_ids_as_well():
    found = names(("T0@1.1", "DEER", "Deer"), ("T0@1.1", "DEER2", "Deer"), ("T0@1.1", "DEER", "Deer"))
    assert found == ["Deer (DEER)", "Deer (DEER2)", "Deer (DEER)"]


def test_another_revision_of_a_task_may_have_the_same_label():
    assert names(("T0@1.1", "DEER", "Deer"), ("T0@2.1", "DEER2", "Deer")) == ["Deer", "Deer"]
