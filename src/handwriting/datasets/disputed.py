"""Labels of the MNIST test set that people disagree with.

Northcutt, Athalye and Mueller, "Pervasive Label Errors in Test Sets", arXiv:2103.14749,
showed 100 suspicious test images to five raters each; for these 15 fewer than three raters
confirmed the published label. Votes from github.com/cleanlab/label-errors.
"""

import pandas as pd

from handwriting.datasets.base import Split

TEST_SIZE = 10_000
# Image number, published label, the other answer offered; raters for the label, for the
# other answer, for neither.
DISPUTED = (
    (947, 8, 9, 0, 5, 0),
    (1621, 0, 6, 2, 3, 0),
    (1901, 9, 4, 2, 3, 0),
    (2130, 4, 9, 2, 2, 1),
    (2462, 2, 0, 0, 4, 1),
    (2597, 5, 3, 0, 4, 1),
    (2654, 6, 1, 0, 2, 3),
    (3520, 6, 4, 2, 0, 3),
    (3558, 5, 0, 1, 4, 0),
    (5937, 5, 3, 1, 3, 1),
    (6651, 0, 6, 0, 5, 0),
    (6783, 1, 6, 2, 3, 0),
    (8527, 4, 9, 2, 2, 1),
    (9679, 6, 3, 2, 0, 3),
    (9729, 5, 6, 2, 3, 0),
)
COLUMNS = ("image", "label", "other", "for label", "for other", "for neither")


def disputed_labels(test: Split) -> pd.DataFrame:
    """The disputed test labels of MNIST and the raters' votes.

    Returns:
        One row for each, indexed by image number, counted from 0 in the published order:
        label, other, and the votes. Empty where `test` is not the published test set.
    """
    table = pd.DataFrame(DISPUTED, columns=COLUMNS).set_index("image")
    published = len(test) == TEST_SIZE and (test.labels[table.index] == table["label"]).all()
    return table if published else table.iloc[:0]
