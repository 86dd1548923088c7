"""The engine: Rasa with a Chinese pipeline, trained, served and measured from here.

It runs in an environment of its own (Python 3.10, see `pyproject.toml` beside this file), listens on
loopback behind a token, and imports nothing of the rest of the project.

- `python -m bot.train`     makes a model archive from `nlu_data`, `config.yml`, `domain.yml`
- `python -m bot.serve`     serves one archive: turns, `/model/parse`, `/status`
- `python -m bot.evaluate`  measures an archive on labelled messages

Start reading at `bot.serve` (a turn: `channel` -> `turns` -> `action_endpoint`, `dialogue_store`) or at
`bot.nlu` (how a message is understood).
"""

import os

# Before numpy is loaded: the vectors here are short, and a second BLAS thread only keeps a core busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
