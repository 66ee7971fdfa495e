"""Room for learning from corrections: filled in once there is something to run.

`learning_panel` lays its controls out inside the Corrections tab and says whether it has any.
"""

from handwriting.app.desk import Desk


def learning_panel(desk: Desk) -> bool:
    """Nothing yet: no controls, and no heading for them."""
    return False
