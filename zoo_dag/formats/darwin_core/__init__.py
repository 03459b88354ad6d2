"""A Darwin Core archive of occurrences, as GBIF reads it: a zip file of `occurrence.txt`, `meta.xml`, `eml.xml`.

For what volunteers transcribed, such as labels of specimens: `[darwin_core]` says which task is which term. For
camera traps `camtrapdp::write_dwc()` of R makes occurrences from a Camtrap Data Package.
"""

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET  # only written here, never read

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.formats.darwin_core.occurrences import occurrences
from zoo_dag.formats.darwin_core.terms import DARWIN_CORE, address, terms_table
from zoo_dag.formats.data_package import apostrophes
from zoo_dag.formats.source import Source
from zoo_dag.formats.xml_text import xml_text
from zoo_dag.settings.loading import SETTINGS_FILE
from zoo_dag.settings.publication import Publication
from zoo_dag.store.exporting import part_beside, write_csv
from zoo_dag.wording.sentences import counted, listed

_CORE = "occurrence.txt"
_EML = "eml://ecoinformatics.org/eml-2.1.1"
# What GBIF asks for besides what is always there.
_ASKED_FOR = ("scientificName", "eventDate")
# A zip file has a time for each of its files; equal tables give equal files.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write(source: Source, target: Path) -> list[str]:
    """Write the archive. Raises ZooDagError where something is missing that it needs."""
    _require(source)
    settings, root = source.settings, source.folder.root
    found, notes = occurrences(source, terms_table(root / str(settings.darwin_core.terms)))
    own_id = pl.format("urn:zooniverse:subject:{}", "subject_id")
    occurrence_id = pl.coalesce("occurrenceID", own_id) if "occurrenceID" in found.columns else own_id
    basis = pl.lit(settings.darwin_core.basis_of_record)
    first = {"occurrenceID": occurrence_id, "basisOfRecord": basis}
    rows = found.select(*(each.alias(name) for name, each in first.items()), pl.exclude("subject_id", *first))
    with part_beside(target) as folder:
        folder.mkdir()
        table = folder / _CORE
        n_neutral = write_csv(rows.lazy(), table, verbatim=source.verbatim)
        parts = {
            "meta.xml": xml_text(_meta(rows.columns))[0],
            "eml.xml": xml_text(_eml(settings.publication, _newest_day(source)))[0],
        }
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
            with archive.open(zipfile.ZipInfo(_CORE, _NO_TIME), "w") as file, table.open("rb") as stream:
                while block := stream.read(1 << 20):
                    file.write(block)
    said = [f"{counted(rows.height, 'occurrences')} with {counted(len(rows.columns), 'terms')} in {target}"]
    missing = [term for term in _ASKED_FOR if term not in rows.columns]
    if missing:
        said.append(f"Note: GBIF asks for {listed(missing)} too: no row of darwin_core.terms has it.")
    return [*said, *notes, *apostrophes("occurrence", n_neutral)]


def _require(source: Source) -> None:
    """Raises SettingsError that names every setting that is missing, with lines to paste."""
    settings = source.settings
    own = {
        'terms = "terms.csv"   # columns: task, field or value, and term': settings.darwin_core.terms,
        'basis_of_record = "PreservedSpecimen"': settings.darwin_core.basis_of_record,
    }
    others = {
        'title = "Herbarium of the valley"': settings.publication.title,
        'contributors = [{ title = "Ada Lovelace", role = "contact" }]': settings.publication.contributors,
    }
    lines: list[str] = []
    for section, examples in (("[darwin_core]", own), ("[publication]", others)):
        missing = [line for line, value in examples.items() if not value]
        lines += [section, *missing] if missing else []
    if lines:
        file = source.folder.root / SETTINGS_FILE
        raise SettingsError(
            f"Darwin Core asks for what no export of Zooniverse has. Write into {file}, with your values; "
            "docs/formats.md explains them:",
            tuple(lines),
        )


def _newest_day(source: Source) -> str:
    created = source.scan("classifications").select(pl.col("created_at").max().dt.strftime("%Y-%m-%d"))
    return created.collect().item() or "1970-01-01"


def _meta(terms: list[str]) -> ET.Element:
    archive = ET.Element("archive", {"xmlns": "http://rs.tdwg.org/dwc/text/", "metadata": "eml.xml"})
    form = {"encoding": "UTF-8", "fieldsTerminatedBy": ",", "linesTerminatedBy": "\\n", "fieldsEnclosedBy": '"'}
    kind = {"ignoreHeaderLines": "1", "rowType": f"{DARWIN_CORE}Occurrence"}
    core = ET.SubElement(archive, "core", {**form, **kind})
    ET.SubElement(ET.SubElement(core, "files"), "location").text = _CORE
    ET.SubElement(core, "id", {"index": "0"})
    for index, term in enumerate(terms):
        ET.SubElement(core, "field", {"index": str(index), "term": address(term)})
    return archive


def _eml(publication: Publication, day: str) -> ET.Element:
    names = {"xmlns:eml": _EML, "packageId": publication.id or publication.name, "system": "zoo_dag"}
    eml = ET.Element("eml:eml", {**names, "scope": "system", "xml:lang": "en"})
    dataset = ET.SubElement(eml, "dataset")
    ET.SubElement(dataset, "title").text = publication.title
    for person in publication.contributors:
        _add_person(dataset, "creator", person.title, person.email)
    ET.SubElement(dataset, "pubDate").text = day
    if publication.description:
        ET.SubElement(ET.SubElement(dataset, "abstract"), "para").text = publication.description
    if publication.licenses:
        names_of_licenses = listed(each.path or each.name for each in publication.licenses)
        ET.SubElement(ET.SubElement(dataset, "intellectualRights"), "para").text = names_of_licenses
    people = publication.contributors
    contact = next((person for person in people if person.role == "contact"), people[0])
    _add_person(dataset, "contact", contact.title, contact.email)
    if publication.citation:
        more = ET.SubElement(ET.SubElement(ET.SubElement(eml, "additionalMetadata"), "metadata"), "gbif")
        ET.SubElement(more, "citation").text = publication.citation
    return eml


def _add_person(parent: ET.Element, role: str, name: str, email: str | None) -> None:
    person = ET.SubElement(parent, role)
    ET.SubElement(person, "organizationName").text = name
    if email:
        ET.SubElement(person, "electronicMailAddress").text = email
