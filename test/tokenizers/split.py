"""Makes the files of each tokenizer.json under FOLDER as the model stage does: `split.py FOLDER`."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "images/model"))
from tokenizer_files import write_tokenizer_files  # noqa: E402

for path in sorted(Path(sys.argv[1]).rglob("tokenizer.json")):
    write_tokenizer_files(path)
