"""Train the recurrent language model: `python src/recurrent_language_model.py [--lines NAME...]`.

Reads `text/LANGUAGE.txt` of the data folder, one sentence a line, and the training labels of
the line collections named. Writes the model, `NAME.rnn.npz`, and a card, `.json`, beside it;
`python src/tune.py NAME` takes it up, to weigh the best texts of the beam anew.
"""

import argparse
import os
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting import paths
from handwriting.errors import UserError, run_script
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.language.building import write_recurrent_model
from handwriting.lines.language.corpus import Corpus, read_corpus
from handwriting.lines.language.files import RECURRENT
from handwriting.lines.language.labels import add_labels
from handwriting.lines.language.recurrent_options import RecurrentExperiment


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = RecurrentExperiment()
    parser.add_argument("--text", type=Path, help="folder of LANGUAGE.txt; default: data/text")
    parser.add_argument(
        "--lines", nargs="+", default=[], metavar="NAME", help="collections with labels to learn"
    )
    parser.add_argument("--weight", type=float, default=1.0, help="of one label, in lines of text")
    parser.add_argument("--units", type=int, default=default.units, help="of the LSTM")
    parser.add_argument("--epochs", type=int, default=default.epochs)
    parser.add_argument("--learning-rate", type=float, default=default.learning_rate)
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run")
    parser.add_argument("--output", type=Path, help="default: saved_models/lines.rnn.npz")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    for name in ("units", "epochs", "learning_rate", "weight"):
        if not getattr(args, name) > 0:
            raise UserError(f"--{name.replace('_', '-')} {getattr(args, name)}: a positive number")
    output = args.output or paths.models_dir() / f"lines{RECURRENT}"
    experiment = RecurrentExperiment(
        units=args.units,
        epochs=args.epochs,
        learning_rate=args.learning_rate,
        seed=args.seed,
    )

    def corpus_of(epoch: int) -> Corpus:
        """The texts, cut into other lines for each epoch."""
        folder = args.text or paths.data_dir() / "text"
        corpus = read_corpus(folder, DEFAULT_CHARSET, args.seed + epoch, even=False)
        return add_labels(corpus, args.lines, args.weight)

    from handwriting.checkpoints import Checkpoint  # these two import Keras
    from handwriting.lines.language.recurrent_training import train_recurrent_model

    corpus = corpus_of(0)
    settings = {**asdict(experiment), "sources": corpus.sources, "weight": args.weight}
    checkpoint = Checkpoint(paths.checkpoints_dir() / output.name, settings)
    if not args.resume:
        checkpoint.delete()
    model, history = train_recurrent_model(corpus_of, DEFAULT_CHARSET, experiment, checkpoint)
    card = write_recurrent_model(model, experiment, history, corpus, output)
    print(f"{output}: {card['bytes'] / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    run_script(main)
