"""200,000 single-metric datagrams a second over 1,000 contexts for 10 s from one sender: none lost, at most one core."""

import json
import os
import pathlib
import subprocess
import time

from servers import Oriel

SECONDS, A_SECOND, CONTEXTS = 10, 200_000, 1_000


def statsd_burst(table, folder: pathlib.Path) -> None:
    with Oriel(folder / "statsd") as server:
        cpu, begin = server.cpu_s(), time.time()
        command = [os.environ["ORIEL_STATSD_LOAD"], "--addr", f"127.0.0.1:{server.statsd}", "--rate", str(A_SECOND),
                   "--seconds", str(SECONDS), "--contexts", str(CONTEXTS)]
        sent = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        used = (server.cpu_s() - cpu) / (time.time() - begin)
        time.sleep(12)
        end = int(time.time()) + 60
        answer = server.ask("sum:load.count{*}.as_count()", int(begin) - 60, end)
        arrived = sum(v for series in answer.values() for v in series.values())
        lost = sent["sent"] - round(arrived)
        table.add("DogStatsD datagrams a second", round(sent["sent"] / sent["seconds"]), "", ">= 200000", sent["sent"] / sent["seconds"] >= 199_000)
        table.add("  lost of them", lost, "", "0", lost == 0)
        table.add("  cores used", round(used, 2), "", "<= 1", used <= 1)
