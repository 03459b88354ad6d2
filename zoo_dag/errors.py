"""Errors that people can act on: each says what was found, where, and what to do."""


class ZooDagError(Exception):
    """A problem that the user can solve. The command line prints it and exits with code 2."""


class ExportError(ZooDagError):
    """A file is not the export it should be, or cannot be read."""


class NotAnExportError(ExportError):
    """A file can be read, but is no export."""


class SettingsError(ZooDagError):
    """The settings file has a problem."""


class TableError(ZooDagError):
    """A table does not exist, or cannot be read."""


class BusyError(ZooDagError):
    """Another process is using the same data folder."""


class FetchError(ZooDagError):
    """An export could not be fetched from the Zooniverse API."""
