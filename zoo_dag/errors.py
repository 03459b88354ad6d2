"""Errors that people can act on: each says what is wrong, where, and what to do."""


class ZooDagError(Exception):
    """A problem that the user can solve. The command line prints it and exits with code 2."""


class ExportError(ZooDagError):
    """A file is not the expected export, or cannot be read."""


class NotAnExportError(ExportError):
    """A readable file that is not an export."""


class DerivedTableError(ExportError):
    """A readable file that has columns of an export, and was made from one."""


class LimitError(ExportError):
    """An export is larger than the settings allow."""


class SettingsError(ZooDagError):
    """The settings file has a problem."""


class TableError(ZooDagError):
    """A table does not exist, or cannot be read."""


class BusyError(ZooDagError):
    """Another process is using the same data folder."""


class HistoryError(ZooDagError):
    """Dagster's history, or its configuration, cannot be used."""


class ReportError(ZooDagError):
    """A report cannot be written."""


class FetchError(ZooDagError):
    """An export could not be fetched from the Zooniverse API."""
