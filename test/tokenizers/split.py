"""
Makes the files of each tokenizer.json under FOLDER as the model stage does: `split.py FOLDER [LARGE]`, where LARGE is from how
many pieces on a vocabulary is large.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "images/model"))
from tokenizer_files import LARGE, write_tokenizer_files  # noqa: E402

folder, *large = sys.argv[1:]
for path in sorted(Path(folder).rglob("tokenizer.json")):
    write_tokenizer_files(path, int(large[0]) if large else LARGE)
