"""What `bentoml serve` runs, and the command line."""

import bentos.settings  # noqa: F401 - first of all: it prepares what libraries read when they are imported
