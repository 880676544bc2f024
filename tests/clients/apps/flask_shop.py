"""A small shop under `ddtrace-run`: SQL in SQLite, an error with its stack, JSON logs with injected ids. Usage: flask_shop.py PORT LOG"""

import json
import logging
import sqlite3
import sys
import time

from ddtrace import tracer
from flask import Flask

app = Flask(__name__)
base = sqlite3.connect(":memory:", check_same_thread=False)
base.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL)")
base.executemany("INSERT INTO items (name, price) VALUES (?, ?)", [("lamp", 12.5), ("chair", 49.0)])


class Lines(logging.Formatter):
    """One JSON object a line, with whatever `dd.` attributes the tracer put on the record."""

    def format(self, record):
        ids = {k: v for k, v in vars(record).items() if k.startswith("dd.")}
        return json.dumps({"message": record.getMessage(), "level": record.levelname, "logger": record.name, "usr": {"id": getattr(record, "user", "u-4711")}, **ids})


handler = logging.FileHandler(sys.argv[2])
handler.setFormatter(Lines())
log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.addHandler(handler)


@app.get("/items/<int:item>")
def show(item):
    cursor = base.cursor()
    cursor.execute("SELECT name, price FROM items WHERE id = ?", (item,))
    row = cursor.fetchone()
    log.info("item %d was looked at", item)
    return {"name": row[0], "price": row[1]}


@app.get("/report/<user>")
def report(user):
    """The slow one, with its user on span and line."""
    tracer.current_root_span().set_tag("usr.id", user)
    base.cursor().execute("SELECT count(*), sum(a.price) FROM items AS a JOIN items AS b ON a.id <> b.id").fetchone()
    time.sleep(0.7)
    log.warning("the report took long", extra={"user": user})
    return {"user": user}


@app.get("/broken")
def broken():
    log.error("about to break")
    raise ValueError("no such shelf")


app.run(port=int(sys.argv[1]), threaded=True)
