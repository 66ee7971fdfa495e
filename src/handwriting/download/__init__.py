"""Get the published data sets: checksummed, resumable, and honest about what is there."""

from handwriting.download.catalogue import Archive, DataSet, FileEntry, load_catalogue
from handwriting.download.obtain import obtain, obtain_all
from handwriting.download.status import check_set, describe, overview, report

__all__ = [
    "Archive",
    "DataSet",
    "FileEntry",
    "check_set",
    "describe",
    "load_catalogue",
    "obtain",
    "obtain_all",
    "overview",
    "report",
]
