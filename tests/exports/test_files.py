"""Recognising which export a file is, in any container."""

import gzip
import os
import re
import zipfile
from pathlib import Path

import pytest

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    classification_row,
    export_bytes,
    subject_row,
    workflow_row,
    write_classifications,
    write_export,
    write_subjects,
    write_workflows,
)
from zoo_dag.errors import ExportError, NotAnExportError
from zoo_dag.exports.containers import open_export
from zoo_dag.exports.files import ExportFile, column_names, find_exports, identify, identify_all

ROWS = [classification_row(number) for number in range(1, 4)]
CONTENT = export_bytes(ROWS, CLASSIFICATION_COLUMNS)


def content(export: ExportFile) -> bytes:
    with open_export(export.path) as stream:
        return stream.read()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_the_kind_is_recognised_by_the_header_whatever_the_name(tmp_path: Path) -> None:
    kinds = [
        identify(write_classifications(tmp_path / "subjects.csv", ROWS)).kind,
        identify(write_subjects(tmp_path / "workflows.csv", [subject_row()])).kind,
        identify(write_workflows(tmp_path / "classifications.csv", [workflow_row()])).kind,
    ]
    assert kinds == ["classifications", "subjects", "workflows"]


def test_gzip_is_recognised_by_its_first_bytes(tmp_path: Path) -> None:
    for name in ("birds-classifications.csv", "birds.csv.gz", "download"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(CONTENT))
        export = identify(path)
        assert (export.container, export.kind) == ("gzip", "classifications")
        assert content(export) == CONTENT


def test_the_one_real_csv_of_a_zip_is_read(tmp_path: Path) -> None:
    members = {"__MACOSX/export/._x.csv": b"junk", "export/.x.csv": b"", "export/x.csv": CONTENT, "read.me": b""}
    export = identify(zipped(tmp_path / "export.zip", members))
    assert (export.container, export.kind) == ("zip", "classifications")
    assert content(export) == CONTENT


def test_a_zip_with_two_csvs_names_them(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {"one.csv": CONTENT, "folder/two.csv": CONTENT})
    with pytest.raises(ExportError, match=r"export\.zip: expected one CSV .* found one\.csv, folder/two\.csv"):
        identify(path)


def test_a_zip_without_a_csv_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="found none"):
        identify(zipped(tmp_path / "export.zip", {"read.me": b"hello"}))


def test_a_workbook_says_what_it_is(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.xlsx", {"xl/workbook.xml": b"<workbook/>"})
    with pytest.raises(ExportError, match=r"export\.xlsx: this is a workbook of a spreadsheet\."):
        identify(path)


def test_files_of_aggregation_in_a_folder_are_passed_over_by_name(tmp_path: Path) -> None:
    write_classifications(tmp_path / "classifications.csv", ROWS)
    extract = {
        "id": 1,
        "classification_id": 5,
        "extractor_key": "T0",
        "workflow_id": 11,
        "workflow_version": "3.2",
    }
    reduction = {"subject_id": 101, "workflow_id": 11, "task": "T0", "reducer": "question_reducer", "data.no": 1}
    extracts = write_export(tmp_path / "extracts.csv", [extract])
    write_export(tmp_path / "reductions.csv", [reduction])
    found = find_exports([tmp_path])
    assert [export.name for export in found.exports] == ["classifications.csv"]
    assert [sentence.partition(": ")[0] for sentence in found.ignored] == [
        str(tmp_path / "extracts.csv"),
        str(tmp_path / "reductions.csv"),
    ]
    with pytest.raises(NotAnExportError, match="a table of extracts downloaded from Caesar"):
        find_exports([extracts])


def test_the_result_of_a_batch_aggregation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "11_aggregation.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "11_cls_export.csv",
            "11_workflow_export.csv",
            "11_question_extractor.csv",
            "11_reductions.csv",
        ):
            archive.writestr(name, "")
    with pytest.raises(NotAnExportError, match=r"result of a batch aggregation of Zooniverse\. Unpack it"):
        identify(path)


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("method", METHODS)
def test_a_zip_with_damaged_bytes_is_named_whatever_its_method(tmp_path: Path, method: int) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("x.csv", CONTENT)
    whole = path.read_bytes()
    assert content(identify(path)) == CONTENT
    # Each place of the local header and of the start of the content, then places all over the file.
    for place in [*range(4, 90), *range(90, len(whole), 41)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = identify_all([path])
        assert [content(export) for export in found.exports] + [CONTENT] * len(found.ignored) == [CONTENT]
        assert all(sentence.startswith(f"{path}: ") for sentence in found.ignored)


def test_a_zip_with_an_unknown_method_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "new.zip", {"x.csv": CONTENT})
    # The number of the method, in both headers of the member.
    whole = path.read_bytes().replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x00\x00\x63\x00")
    path.write_bytes(whole)
    with pytest.raises(ExportError, match=r"new\.zip: the archive is broken \(.*compression.*\)"):
        identify(path)


def test_a_damaged_zip_does_not_keep_good_files_of_the_inbox_from_being_read(tmp_path: Path) -> None:
    good = write_classifications(tmp_path / "good.csv", ROWS)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.csv", CONTENT)
    whole = bytearray(bad.read_bytes())
    whole[len(whole) // 3] ^= 0xFF
    bad.write_bytes(whole)
    found = identify_all([bad, good])
    assert [export.name for export in found.exports] == ["good.csv"]
    assert len(found.ignored) == 1
    assert found.ignored[0].startswith(f"{bad}: the archive is broken (")


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_a_gzip_that_broke_off_is_named(tmp_path: Path, kept: float) -> None:
    whole = gzip.compress(CONTENT)
    path = tmp_path / "broken.csv.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ExportError, match=r"broken\.csv\.gz: the archive is broken .* Download the export again"):
        identify(path)


def test_a_gzip_with_damaged_bytes_is_named(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(CONTENT))
    whole[len(whole) // 2] ^= 0xFF
    path = tmp_path / "damaged.csv"
    path.write_bytes(whole)
    with pytest.raises(ExportError, match="the archive is broken"):
        identify(path)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_zip_that_broke_off_is_named(tmp_path: Path, kept: float) -> None:
    path = zipped(tmp_path / "broken.zip", {"x.csv": CONTENT})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ExportError, match=r"broken\.zip: the archive is broken"):
        identify(path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n"))
    export = identify(path)
    assert export.header == CLASSIFICATION_COLUMNS


def test_a_byte_order_mark_goes_even_where_the_file_is_not_all_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CONTENT.replace(b"Birds", b"V\xf6gel"))
    assert identify(path).header == CLASSIFICATION_COLUMNS


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separator_is_recognised_by_the_header(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(separator.join(CLASSIFICATION_COLUMNS) + "\n", encoding="utf-8")
    export = identify(path)
    assert (export.separator, export.header) == (separator, CLASSIFICATION_COLUMNS)


def test_repeated_and_unnamed_columns_get_names_of_their_own() -> None:
    assert column_names(["", "a", " a ", "a", "", "b"]) == ("", "a", "a (2)", "a (3)", "", "b")
    assert column_names(["a", "a (2)", "a"]) == ("a", "a (2)", "a (3)")
    assert column_names(["metadata (old)", "metadata"]) == ("metadata (old)", "metadata")
    assert column_names(["source_file", "source_row"]) == ("source_file (2)", "source_row (2)")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    for name, data in {"nothing.csv": b"", "blank.csv": b"\n\n", "bom.csv": b"\xef\xbb\xbf"}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ExportError, match=f"{name}: the file is empty. Download the export again"):
            identify(path)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere\.csv: no such file"):
        find_exports([tmp_path / "nowhere.csv"])


def test_a_file_with_carriage_returns_alone_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(CONTENT.replace(b"\n", b"\r"))
    with pytest.raises(ExportError, match="carriage return alone"):
        identify(path)


@pytest.mark.parametrize(
    "data",
    [b"hello\n", b"a,b,c\n1,2,3\n", b'"' + b"x" * 200_000, b"\x00\x01\x02\x03" * 100, b"\xff\xfea\x00,\x00b\x00"],
)
def test_a_file_that_is_not_an_export_is_recognised(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(data)
    with pytest.raises(NotAnExportError, match=r"other\.csv: the header") as raised:
        identify(path)
    assert len(str(raised.value)) < 1000


def test_a_missing_required_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    for required, near in (("annotations", "annotation"), ("workflow_version", "workflow version")):
        columns = [near if name == required else name for name in CLASSIFICATION_COLUMNS]
        path = write_export(tmp_path / "export.csv", [], columns)
        with pytest.raises(ExportError, match=f"lacks the required column {required} .*'{near}'"):
            identify(path)


def test_one_of_subject_ids_and_subject_data_is_enough(tmp_path: Path) -> None:
    for absent in ({"subject_ids"}, {"subject_data"}):
        columns = [name for name in CLASSIFICATION_COLUMNS if name not in absent]
        assert identify(write_export(tmp_path / "export.csv", [], columns)).kind == "classifications"
    columns = [name for name in CLASSIFICATION_COLUMNS if not name.startswith("subject")]
    with pytest.raises(ExportError, match="required column subject_ids or subject_data"):
        identify(write_export(tmp_path / "export.csv", [], columns))


def test_a_workflow_contents_export_is_explained(tmp_path: Path) -> None:
    columns = ["workflow_content_id", "workflow_id", "language", "version", "strings"]
    with pytest.raises(ExportError, match="workflow contents export"):
        identify(write_export(tmp_path / "contents.csv", [], columns))


def test_a_file_of_a_folder_that_is_no_export_is_passed_over_and_named(tmp_path: Path) -> None:
    write_classifications(tmp_path / "a.csv", ROWS)
    write_export(tmp_path / "truth.csv", [{"subject": 1, "answer": "Yes"}])
    (tmp_path / "notes.txt").write_text("ignored")
    findings = find_exports([tmp_path])
    assert [export.name for export in findings.exports] == ["a.csv"]
    assert len(findings.ignored) == 1
    assert "truth.csv" in findings.ignored[0]


def test_a_named_file_that_is_not_an_export_is_an_error(tmp_path: Path) -> None:
    path = write_export(tmp_path / "truth.csv", [{"subject": 1, "answer": "Yes"}])
    with pytest.raises(ExportError, match=r"truth\.csv"):
        find_exports([path])


def test_a_folder_without_exports_is_an_error_that_says_what_lies_there(tmp_path: Path) -> None:
    write_export(tmp_path / "truth.csv", [{"subject": 1, "answer": "Yes"}])
    with pytest.raises(ExportError, match=r"no Zooniverse export found.*truth\.csv"):
        find_exports([tmp_path])


def test_exports_come_oldest_first_and_those_reduced_by_hand_before_all(tmp_path: Path) -> None:
    for age, name in enumerate(("newest", "middle", "oldest")):
        path = write_classifications(tmp_path / f"{name}.csv", ROWS)
        os.utime(path, ns=(10**18 - age, 10**18 - age))
    reduced = write_export(
        tmp_path / "reduced.csv", [], ["classification_id", "workflow_version", *CLASSIFICATION_COLUMNS[7:]]
    )
    os.utime(reduced, ns=(2 * 10**18, 2 * 10**18))
    assert [export.path.stem for export in find_exports([tmp_path]).exports] == [
        "reduced",
        "oldest",
        "middle",
        "newest",
    ]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write_classifications(tmp_path / "a.csv", ROWS)
    assert len(find_exports([path, tmp_path, path]).exports) == 1


def test_every_real_export_is_recognised(shared_data: Path) -> None:
    for folder in sorted((shared_data / "real").iterdir()):
        for export in find_exports([folder]).exports:
            assert export.name.startswith(export.kind)


@pytest.mark.parametrize("name", ["birds.tsv", "birds.txt", "BIRDS.TSV"])
def test_tables_with_tabs_are_found_in_a_folder(tmp_path: Path, name: str) -> None:
    content = CONTENT.decode().replace(",", "\t").encode()
    (tmp_path / name).write_bytes(content)
    (tmp_path / "notes.txt").write_text("Downloaded on Monday\n")
    (tmp_path / "empty.txt").touch()
    found = find_exports([tmp_path])
    assert [(export.name, export.separator) for export in found.exports] == [(name, "\t")]
    assert found.ignored == (f"{tmp_path / 'empty.txt'}: the file is empty. Download the export again.",)
    zipped(tmp_path / "birds.zip", {"birds.txt": content, "__MACOSX/birds.txt": b""})
    assert identify(tmp_path / "birds.zip").kind == "classifications"


def test_a_damaged_text_file_of_a_folder_is_named(tmp_path: Path) -> None:
    write_classifications(tmp_path / "good.csv", ROWS)
    (tmp_path / "cut.txt").write_text("classification_id\tuser_name\tannotations\n1\tann\t[]\n")
    found = find_exports([tmp_path])
    assert [export.name for export in found.exports] == ["good.csv"]
    assert found.ignored == (
        f"{tmp_path / 'cut.txt'}: this is not an export, but maybe a table made from one: it has columns of a "
        "classifications export, and lacks the required column workflow_version. Import the export as downloaded "
        "from Zooniverse.",
    )


def test_files_that_are_no_exports_are_passed_over_and_named(tmp_path: Path) -> None:
    write_classifications(tmp_path / "good.csv", ROWS)
    others = {
        "binary.csv": (bytes(range(256)) * 9, "the header is not that of a Zooniverse export. Found the columns"),
        "made.csv": (
            b"classification_id,user_name,workflow_version,created_at,answer\n1,ann,1.1,2024,x\n",
            "this is not an export, but maybe a table made from one: it has columns of a classifications export, "
            "and lacks the required column annotations.",
        ),
        "subjects_of_set.csv": (
            b"subject_id,subject_set_id,retirement_reason,answer\n1,2,x,y\n",
            "this is not an export, but maybe a table made from one: it has columns of a subjects export, and "
            "lacks the required column metadata.",
        ),
        "consensus.csv": (b"subject_id,yes,no\n1,2,3\n", "the header is not that of a Zooniverse export."),
    }
    for name, (content, _) in others.items():
        (tmp_path / name).write_bytes(content)
    zipped(tmp_path / "pictures.zip", {"a.jpg": b""})
    sentences = {name: sentence for name, (_, sentence) in others.items()}
    sentences["pictures.zip"] = "expected one CSV file in the archive, found none."
    found = find_exports([tmp_path])
    assert [export.name for export in found.exports] == ["good.csv"]
    assert len(found.ignored) == len(sentences)
    for (name, sentence), ignored in zip(sorted(sentences.items()), found.ignored, strict=True):
        assert ignored.startswith(f"{tmp_path / name}: {sentence}")
        assert ignored.isprintable()
        with pytest.raises(ExportError, match=re.escape(sentence)):
            find_exports([tmp_path / name])


def test_an_export_in_a_folder_that_lacks_one_column_is_an_error(tmp_path: Path) -> None:
    write_classifications(tmp_path / "good.csv", ROWS)
    kept = [name for name in CLASSIFICATION_COLUMNS if name != "annotations"]
    write_export(tmp_path / "changed.csv", [], kept)
    with pytest.raises(
        ExportError, match=r"changed.csv: the classifications export lacks the required column ann"
    ):
        find_exports([tmp_path])


def test_a_folder_of_other_files_says_what_they_are(tmp_path: Path) -> None:
    for name in ("birds.xlsx", "notes.txt"):
        (tmp_path / name).write_text("something else\n")
    with pytest.raises(
        ExportError, match=r"no Zooniverse export found\. Files of other kinds: birds\.xlsx, notes\.txt\."
    ):
        find_exports([tmp_path])


def test_subfolders_are_named_where_a_folder_has_no_export(tmp_path: Path) -> None:
    (tmp_path / "birds").mkdir()
    with pytest.raises(
        ExportError, match=r"no Zooniverse export found\. Folders in it are not searched: birds\.$"
    ):
        find_exports([tmp_path])
