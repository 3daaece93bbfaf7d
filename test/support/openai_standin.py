"""Runs the OpenAI stand-in of the Python example, for the tests of the whole: one stand-in, kept where it is used.

python test/support/openai_standin.py [PORT]
"""

import runpy
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "python" / "tests" / "openai_standin.py"

if __name__ == "__main__":
    runpy.run_path(str(EXAMPLE), run_name="__main__")
