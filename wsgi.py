"""What a WSGI server loads: the application made from the environment's settings."""

import gc
import os

from app import factory
from app.config import Settings

app = factory.create_app(Settings.from_env(os.environ))

# What has been made by now stays, and what a request makes is gone with it: looking through all of it again and again
# for what only cycles keep would take a fourth of the time of a batch (docs/performance.md).
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 10, 10)
