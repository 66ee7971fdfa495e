"""Learning from corrections: from a base model and some of them to a new version.

`finetune.lines.finetune_lines` and `finetune.characters.finetune_characters` do it, and
import Keras; what is offered here does not.
"""

from handwriting.finetune.result import ChangedExample, FinetuneResult
from handwriting.finetune.versions import list_versions, rollback

__all__ = ["ChangedExample", "FinetuneResult", "list_versions", "rollback"]
