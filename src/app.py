"""The web application: `python src/app.py [--host 127.0.0.1] [--port 7860]`.

Opens a page where handwriting is drawn, uploaded or photographed, read, corrected and
downloaded. Settings come from the environment, see docs/app.md.
"""

from handwriting.app.server import main
from handwriting.errors import run_script

# The processes that read import this file as well, under another name.
if __name__ == "__main__":
    run_script(main)
