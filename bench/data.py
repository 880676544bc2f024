"""The recorded host, shifted so that its last scrape is at `end_ms`, as posts; relabelled to many hosts for the larger runs."""

import gzip
import pathlib
from collections.abc import Iterator

SOURCE = pathlib.Path(__file__).resolve().parent / "node-exporter-12h.prom.gz"
BLOCK_BYTES = 4_000_000
HOSTS = 20


# The last scrape is this long before `end_ms`, so that no scrape falls exactly on a bucket's edge: the peer's windows hold
# their end and Oriel's buckets their start.
EDGE_MS = 7_000


def shifted(end_ms: int) -> Iterator[tuple[str, str, int]]:
    """(series as written, value as written, time) in scrape order."""
    text = gzip.decompress(SOURCE.read_bytes()).decode()
    lines = text.splitlines()
    shift = end_ms - EDGE_MS - int(lines[-1].rsplit(" ", 1)[1])
    for line in lines:
        series, value, stamp = line.rsplit(" ", 2)
        yield series, value, int(stamp) + shift


def one_host_posts(end_ms: int, posts: int) -> list[tuple[bytes, int]]:
    lines = [f"{series} {value} {stamp}\n" for series, value, stamp in shifted(end_ms)]
    size = -(-len(lines) // posts)
    parts = (lines[i : i + size] for i in range(0, len(lines), size))
    return [("".join(part).encode(), len(part)) for part in parts]


def hosts_of(series: str) -> list[str]:
    """The series' heads under each host."""
    if series.endswith("}"):
        return [f'{series[:-1]},host="h-{h:03}"}} ' for h in range(HOSTS)]
    return [f'{series}{{host="h-{h:03}"}} ' for h in range(HOSTS)]


def whole_series(rows: list[tuple[str, str, int]]) -> set[str]:
    """Series of integers only. By series, not by value: a counter that passes a whole number must not step back."""
    broken = {series for series, value, _ in rows if not float(value).is_integer()}
    return {series for series, _, _ in rows} - broken


def values_of(value: str, whole: bool) -> list[str]:
    """The value a little different on each host: integers x + h, others x * (1 + h / 100)."""
    x = float(value)
    if x != x or x in (float("inf"), float("-inf")):
        return [value] * HOSTS
    if whole:
        n = int(x)
        return [str(n + h) for h in range(HOSTS)]
    return [repr(x * (1 + h / 100)) for h in range(HOSTS)]


def host_blocks(folder: pathlib.Path, end_ms: int) -> list[tuple[pathlib.Path, int]]:
    """Posts of about 4 MB as files: (path, lines)."""
    folder.mkdir(parents=True)
    heads: dict[str, list[str]] = {}
    values: dict[tuple[str, bool], list[str]] = {}
    files, lines, size = [], [], 0
    rows = list(shifted(end_ms))
    whole = whole_series(rows)
    for series, value, stamp in rows:
        if series not in heads:
            heads[series] = hosts_of(series)
        key = (value, series in whole)
        if key not in values:
            if len(values) > 200_000:
                values.clear()
            values[key] = values_of(*key)
        tail = f" {stamp}\n"
        block = tail.join(map(str.__add__, heads[series], values[key])) + tail
        lines.append(block)
        size += len(block)
        if size >= BLOCK_BYTES:
            files.append(write(folder, lines, len(files)))
            lines, size = [], 0
    if lines:
        files.append(write(folder, lines, len(files)))
    return files


def write(folder: pathlib.Path, blocks: list[str], number: int) -> tuple[pathlib.Path, int]:
    path = folder / f"{number:05}.prom"
    path.write_bytes("".join(blocks).encode())
    return path, len(blocks) * HOSTS
