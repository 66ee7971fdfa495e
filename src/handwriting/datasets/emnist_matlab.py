"""EMNIST from NIST's `matlab.zip`, read by the extra-keras-datasets package.

That package's own address is dead, the `get_file` of Keras 3 no longer takes the path it
passes, and it unpacks into the working directory. Here it is given the archive that
`src/download.py emnist-matlab` fetched, and a temporary folder to work in.
"""

import contextlib
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np

from handwriting.datasets.base import Split
from handwriting.errors import UserError
from handwriting.machine import quiet_logging


def matlab_archive(folder: Path) -> Path:
    """Where the archive is kept, packed, inside the EMNIST folder."""
    return folder / "matlab.zip"


def load_matlab(folder: Path, split: str) -> tuple[Split, Split]:
    """(train, test) of one split, upright, labels as published.

    Raises:
        UserError: the archive is broken or lacks the split.
    """
    from extra_keras_datasets import emnist  # imports TensorFlow: only when it is needed

    archive = matlab_archive(folder).resolve()
    here = patch.object(emnist, "get_file", lambda *args, **options: str(archive))
    try:
        # The package logs a citation notice at every load; the README carries it once.
        with (
            tempfile.TemporaryDirectory() as scratch,
            contextlib.chdir(scratch),
            quiet_logging(),
            here,
        ):
            parts = emnist.load_data(type=split)
    except Exception as error:  # zipfile, zlib and scipy each have their own for damaged files
        raise UserError(f"{archive}: cannot read EMNIST {split} ({error}); download it") from None
    return tuple(Split(images, labels.astype(np.int64)) for images, labels in parts)
