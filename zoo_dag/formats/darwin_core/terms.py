"""The terms of Darwin Core that an occurrence may have, and the table that says where each comes from."""

import difflib
import re
from pathlib import Path

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.store.given_tables import given_table
from zoo_dag.wording.sentences import listed, quoted

DARWIN_CORE = "http://rs.tdwg.org/dwc/terms/"
_DUBLIN_CORE = "http://purl.org/dc/terms/"
_OF_DUBLIN_CORE = (
    *("accessRights", "bibliographicCitation", "language", "license", "modified", "references", "rightsHolder"),
    "type",
)
# https://dwc.tdwg.org/terms/, those of records, occurrences, organisms, samples, events, places, identifications
# and taxa.
TERMS = (
    *_OF_DUBLIN_CORE,
    *("institutionID", "collectionID", "datasetID", "institutionCode", "collectionCode", "datasetName"),
    *("ownerInstitutionCode", "basisOfRecord", "informationWithheld", "dataGeneralizations", "dynamicProperties"),
    *("occurrenceID", "catalogNumber", "recordNumber", "recordedBy", "recordedByID", "individualCount"),
    *("organismQuantity", "organismQuantityType", "sex", "lifeStage", "reproductiveCondition", "behavior"),
    *("establishmentMeans", "degreeOfEstablishment", "pathway", "occurrenceStatus", "preparations", "disposition"),
    *("associatedMedia", "associatedOccurrences", "associatedReferences", "associatedTaxa", "otherCatalogNumbers"),
    *("occurrenceRemarks", "organismID", "organismName", "organismRemarks", "materialSampleID", "eventID"),
    *("parentEventID", "fieldNumber", "eventDate", "eventTime", "startDayOfYear", "endDayOfYear", "year", "month"),
    *("day", "verbatimEventDate", "habitat", "samplingProtocol", "samplingEffort", "sampleSizeValue"),
    *("sampleSizeUnit", "fieldNotes", "eventRemarks", "locationID", "higherGeography", "continent", "waterBody"),
    *("islandGroup", "island", "country", "countryCode", "stateProvince", "county", "municipality", "locality"),
    *("verbatimLocality", "minimumElevationInMeters", "maximumElevationInMeters", "verbatimElevation"),
    *("minimumDepthInMeters", "maximumDepthInMeters", "verbatimDepth", "locationAccordingTo", "locationRemarks"),
    *("decimalLatitude", "decimalLongitude", "geodeticDatum", "coordinateUncertaintyInMeters"),
    *("coordinatePrecision", "verbatimCoordinates", "verbatimLatitude", "verbatimLongitude"),
    *("verbatimCoordinateSystem", "verbatimSRS", "georeferencedBy", "georeferencedDate", "georeferenceRemarks"),
    *("identificationID", "verbatimIdentification", "identificationQualifier", "typeStatus", "identifiedBy"),
    *("identifiedByID", "dateIdentified", "identificationReferences", "identificationRemarks", "taxonID"),
    *("scientificNameID", "scientificName", "acceptedNameUsage", "originalNameUsage", "higherClassification"),
    *("kingdom", "phylum", "class", "order", "family", "subfamily", "genus", "subgenus", "specificEpithet"),
    *("infraspecificEpithet", "taxonRank", "verbatimTaxonRank", "scientificNameAuthorship", "vernacularName"),
    *("nomenclaturalCode", "taxonomicStatus", "taxonRemarks"),
)
_FROM = ("task", "field", "value")
# The combo of a task, the task, and the position of a select; only this is a number.
_TASK = r"^(?:([^.]+)\.)?([^.]*[^.0-9][^.]*)(?:\.([0-9]+))?$"


def address(term: str) -> str:
    """The address of a term, by which `meta.xml` names it."""
    return f"{_DUBLIN_CORE if term in _OF_DUBLIN_CORE else DARWIN_CORE}{term}"


def terms_table(file: Path) -> pl.DataFrame:
    """Where each term comes from: `term`, and `parent_task, task, select`, `field` or `value`, all String.

    A task is `T1`, or `T1.0` for the first select of a dropdown: then `select` is 0. Of a task in several combos
    the one in T9 is `T9.T1`. Raises SettingsError.
    """
    setting = "darwin_core.terms"
    table = given_table(file, setting, "row")
    if "term" not in table.columns or not set(_FROM) & set(table.columns):
        raise SettingsError(f"{setting}: {file} needs the column term, and task, field or value.")
    table = table.with_columns(pl.lit(None, pl.String).alias(name) for name in _FROM if name not in table.columns)
    table = table.filter(pl.any_horizontal(pl.col("term", *_FROM).is_not_null()))
    wrong = []
    for row in table.iter_rows(named=True):
        term = row["term"] or ""
        if term not in TERMS:
            near = difflib.get_close_matches(term, TERMS, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]}?" if near else ""
            wrong.append(f"row {row['row']}: {quoted(term)} is no term of an occurrence{hint}")
        elif sum(row[name] is not None for name in _FROM) != 1:
            wrong.append(f"row {row['row']}: {term} needs one of {', '.join(_FROM)}")
        elif row["task"] is not None and not re.match(_TASK, row["task"]):
            wrong.append(f"row {row['row']}: {quoted(row['task'])} is no task, such as T1, T1.0 or T9.T1")
    again = table.filter(pl.col("term").is_duplicated())["term"].drop_nulls().unique(maintain_order=True)
    wrong += [f"{quoted(term)} has several rows" for term in again]
    if table["task"].null_count() == table.height:
        wrong.append("no row has a task")
    if wrong:
        raise SettingsError(f"{setting}: {file}: {listed(wrong)}.")
    parts = pl.col("task").str.extract_groups(_TASK).struct.rename_fields(["parent_task", "task", "select"])
    return table.select("row", "term", "field", "value", parts).unnest("task")
