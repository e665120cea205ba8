# Tokenizers as an image has them: images/model/vocabulary.py has gone over every tokenizer.json of the context `tokenizers`.
FROM python:3.13-slim-trixie AS split
COPY vocabulary.py /stage/
COPY --from=tokenizers . /out/
RUN --network=none PYTHONPATH=/stage python - <<SCRIPT
from pathlib import Path
from vocabulary import split_vocabulary
for path in sorted(Path("/out").rglob("tokenizer.json")):
    split_vocabulary(path)
SCRIPT

FROM scratch
COPY --from=split /out /
