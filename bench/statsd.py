"""200,000 single-metric datagrams a second over 1,000 contexts for 10 s from one sender: none lost, at most one core."""

import os
import pathlib
import re
import subprocess
import time

from servers import Oriel

SECONDS, A_SECOND, CONTEXTS = 10, 200_000, 1_000
# The sender's metrics: load.requests.0 to load.requests.49.
METRICS = 50


def statsd_burst(table, folder: pathlib.Path) -> None:
    with Oriel(folder / "statsd") as server:
        time.sleep(1)
        cpu, begin = server.cpu_s(), time.time()
        command = [os.environ["ORIEL_STATSD_LOAD"], "send", f"127.0.0.1:{server.statsd}", str(A_SECOND), str(SECONDS), str(CONTEXTS)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        used = (server.cpu_s() - cpu) / (time.time() - begin)
        sent, seconds = re.match(r"sent (\d+) in ([\d.]+) s", told).groups()
        time.sleep(12)
        arrived = counted(server, int(begin) - 60, int(time.time()) + 60)
        rate = int(sent) / float(seconds)
        table.add("DogStatsD datagrams a second", round(rate), "", ">= 200000", rate >= 0.995 * A_SECOND)
        lost = int(sent) - round(arrived)
        table.add("  lost of them", lost, "", "0", lost == 0)
        table.add("  cores used by the server", round(used, 2), "", "<= 1", used <= 1)


def counted(server: Oriel, start: int, end: int) -> float:
    answers = (server.ask(f"sum:load.requests.{n}{{*}}.as_count()", start, end) for n in range(METRICS))
    return sum(v for answer in answers for series in answer.values() for v in series.values())
