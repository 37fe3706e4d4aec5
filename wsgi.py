"""What a WSGI server loads: the application made from the environment's settings."""

import os

from app import factory
from app.config import Settings

app = factory.create_app(Settings.from_env(os.environ))
