"""Runs Datadog-style checks for Oriel's agent.

The agent starts this program, keeps it alive and speaks with it over a socket that it inherits (its number is the first
argument): frames of a four-byte little-endian length and a JSON object. Requests: `init`, `run`, `ping`, `unload`. Every
`run` gets one answer that bears its `id` and everything the check submitted. Standard output and standard error belong to the
checks; the agent reads them line by line into its log.

Each run has a thread of its own, so that a check that waits holds up no other. Whatever a check raises, SystemExit
included, is an answer; what ends or blocks the whole process is the agent's business. When the socket ends, the agent is
gone, and so is the whole process group.
"""

import hashlib
import importlib
import inspect
import json
import linecache
import math
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import types

KINDS = ["GAUGE", "RATE", "COUNT", "MONOTONIC_COUNT", "COUNTER", "HISTOGRAM", "HISTORATE"]
SUBMISSIONS_MAX = 500_000  # of one check between two answers; the agent keeps no more either
FRAME_MAX = 64 << 20  # bytes, the agent's bound too
CACHE_BYTES_MAX = 1 << 20  # of one value in the persistent cache

STARTED = time.time()
SETTINGS = {"hostname": "", "version": "", "host_tags": [], "checks_d": "", "cache_dir": "", "config": {}}
SINKS = {}  # check id -> Sink
CHECKS = {}  # key -> (version, check object or error)
MTIMES = {}  # file of a module in checks.d -> mtime at its import
LOCK = threading.RLock()


def encode(message):
    try:
        body = json.dumps(message, default=str, allow_nan=False)
    except ValueError:  # NaN or infinity somewhere in an event
        body = json.dumps(json.loads(json.dumps(message, default=str), parse_constant=str))
    return body.encode("utf-8", "replace")


class Wire:
    """The socket to the agent. Writing is atomic by frame."""

    def __init__(self, fd):
        self.socket = socket.socket(fileno=fd)
        self.socket.setblocking(True)
        os.set_inheritable(fd, False)
        self.lock = threading.Lock()

    def send(self, message):
        body = encode(message)
        if len(body) > FRAME_MAX:
            short = {"id": message.get("id"), "error": {"message": f"the run's answer has {len(body)} bytes; at most {FRAME_MAX} fit"}}
            body = json.dumps(short).encode()
        with self.lock:
            self.socket.sendall(struct.pack("<I", len(body)) + body)

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(min(size - len(data), 1 << 20))
            if not piece:
                return None
            data += piece
        return data

    def receive(self):
        head = self.read(4)
        body = head and self.read(struct.unpack("<I", head)[0])
        return body and json.loads(body)


WIRE = None


class Sink:
    """What one check submitted since its last answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        self.metrics, self.service_checks, self.events, self.buckets, self.lost = [], [], [], [], 0

    def add(self, kind, item):
        with self.lock:
            rows = getattr(self, kind)
            if len(rows) < SUBMISSIONS_MAX:
                rows.append(item)
            else:
                self.lost += 1

    def take(self):
        with self.lock:
            taken = {k: getattr(self, k) for k in ("metrics", "service_checks", "events", "buckets", "lost")}
            self.clear()
            return taken


def sink(check_id):
    with LOCK:
        return SINKS.setdefault(str(check_id), Sink())


def text(value):
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def texts(values):
    return [text(v) for v in values or [] if v is not None]


# --- the modules that datadog_checks.base expects of its host -------------------------------------------------------


def submit_metric(check, check_id, kind, name, value, tags, hostname, flush_first_value=False):
    value = float(value)
    if math.isfinite(value):
        row = [int(kind), text(name), value, texts(tags), text(hostname), bool(flush_first_value)]
        sink(check_id).add("metrics", row)


def submit_service_check(check, check_id, name, status, tags, hostname, message):
    sink(check_id).add("service_checks", [text(name), int(status), texts(tags), text(hostname), text(message)])


def submit_event(check, check_id, event):
    event = {text(k): (texts(v) if k == "tags" else v) for k, v in dict(event).items()}
    sink(check_id).add("events", event)


def submit_histogram_bucket(
    check, check_id, name, value, lower, upper, monotonic, hostname, tags, flush_first_value=False
):
    row = [text(name), int(value), str(float(lower)), str(float(upper)), bool(monotonic), text(hostname), texts(tags)]
    sink(check_id).add("buckets", row + [bool(flush_first_value)])


def log(message, level=20):
    WIRE.send({"log": int(level), "text": text(message)[:8192]})


def cache_file(key):
    return os.path.join(SETTINGS["cache_dir"], hashlib.sha256(text(key).encode()).hexdigest())


def read_persistent_cache(key):
    try:
        with open(cache_file(key), encoding="utf-8") as f:
            return f.read(CACHE_BYTES_MAX)
    except OSError:
        return ""


def write_persistent_cache(key, value):
    value = text(value)
    if len(value) > CACHE_BYTES_MAX:
        return log(f"the value of {key} is too long for the persistent cache", 30)
    os.makedirs(SETTINGS["cache_dir"], exist_ok=True)
    path = cache_file(key)
    with open(f"{path}.{threading.get_ident()}", "w", encoding="utf-8") as f:
        f.write(value)
    os.replace(f.name, path)


class SubprocessOutputEmptyError(Exception):
    pass


def get_subprocess_output(command, raise_on_empty=True, env=None):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if raise_on_empty and not out:
        raise SubprocessOutputEmptyError("get_subprocess_output expected output but had none.")
    return out, err, done.returncode


def module(name, **attributes):
    made = types.ModuleType(name)
    made.__dict__.update(attributes)
    sys.modules[name] = made


def nothing(*args, **kwargs):
    return None


def install_modules():
    module(
        "aggregator",
        **{name: code for code, name in enumerate(KINDS)},
        submit_metric=submit_metric,
        submit_service_check=submit_service_check,
        submit_event=submit_event,
        submit_histogram_bucket=submit_histogram_bucket,
        submit_event_platform_event=nothing,
    )
    module(
        "datadog_agent",
        get_config=lambda key: SETTINGS["config"].get(key),
        get_hostname=lambda: SETTINGS["hostname"],
        get_version=lambda: SETTINGS["version"],
        get_host_tags=lambda: json.dumps({"system": SETTINGS["host_tags"]}),
        get_clustername=lambda: "",
        get_process_start_time=lambda: STARTED,
        headers=lambda **kwargs: {"User-Agent": "oriel-agent/" + SETTINGS["version"]},
        tracemalloc_enabled=lambda *args: False,
        log=log,
        read_persistent_cache=read_persistent_cache,
        write_persistent_cache=write_persistent_cache,
        obfuscate_sql=lambda query, options=None: query,
        obfuscate_sql_exec_plan=lambda plan, normalize=False: plan,
        obfuscate_mongodb_string=lambda command: command,
        set_check_metadata=nothing,
        set_external_tags=nothing,
        send_log=nothing,
        emit_agent_telemetry=nothing,
        report_issue=nothing,
        resolve_issue=nothing,
    )
    module(
        "_util",
        get_subprocess_output=get_subprocess_output,
        subprocess_output=get_subprocess_output,
        SubprocessOutputEmptyError=SubprocessOutputEmptyError,
    )
    module("tagger", LOW=0, ORCHESTRATOR=1, HIGH=2, tag=lambda *args: [], get_tags=lambda *args: [])
    module("containers", is_excluded=lambda *args: False)
    module("kubeutil", get_connection_info=lambda: {})
    module("util", headers=lambda *args, **kwargs: {"User-Agent": "oriel-agent/" + SETTINGS["version"]})


# --- loading --------------------------------------------------------------------------------------------------------


def forget_changed_modules(name):
    """Drops the check's module, and every other from checks.d whose file has changed since its import."""
    folder = os.path.join(SETTINGS["checks_d"], "")
    for module_name, loaded in list(sys.modules.items()):
        path = getattr(loaded, "__file__", None) or ""
        if path.startswith(folder) and (module_name == name or MTIMES.get(path) != mtime(path)):
            sys.modules.pop(module_name, None)
    importlib.invalidate_caches()
    linecache.clearcache()


def note_mtimes():
    folder = os.path.join(SETTINGS["checks_d"], "")
    for loaded in list(sys.modules.values()):
        path = getattr(loaded, "__file__", None) or ""
        if path.startswith(folder):
            MTIMES.setdefault(path, mtime(path))


def mtime(path):
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def import_check(name):
    """The module: `datadog_checks.NAME`, else `NAME` from checks.d; a custom file wins over a package of its name."""
    custom = os.path.join(SETTINGS["checks_d"], name + ".py")
    if os.path.exists(custom):
        MTIMES[custom] = mtime(custom)
        return importlib.import_module(name)
    try:
        return importlib.import_module("datadog_checks." + name)
    except ModuleNotFoundError as e:
        if e.name != "datadog_checks." + name:
            raise
        raise NoSuchCheck(f"there is no check named {name}: put its code in {custom}") from None


class NoSuchCheck(Exception):
    pass


def check_class(found):
    from datadog_checks.base import AgentCheck

    classes = [c for _, c in inspect.getmembers(found, inspect.isclass) if issubclass(c, AgentCheck) and c is not AgentCheck]
    own = [c for c in classes if c.__module__ == found.__name__]
    leaves = [c for c in own or classes if not any(o is not c and issubclass(o, c) for o in classes)]
    # Base classes of the library are in the package, not in the check's own module.
    leaves = own and leaves or [c for c in leaves if not c.__module__.startswith("datadog_checks.base")]
    if not leaves:
        raise NoSuchCheck(f"{getattr(found, '__file__', found.__name__)} has no class that derives from AgentCheck")
    return leaves[0]


def load(request):
    name = request["name"]
    with LOCK:
        forget_changed_modules(name)
    cls = check_class(import_check(name))
    note_mtimes()
    settings = dict(name=name, init_config=request["init_config"], instances=(request["instance"],))
    try:
        check = cls(**settings)
    except TypeError as first:
        try:
            check = cls(agentConfig={}, **settings)
        except TypeError:
            raise first from None
    check.check_id = request["check_id"]
    return check


def loaded(request):
    """The check object of this version of code and configuration, made when it is not there yet."""
    key, version = request["key"], request["version"]
    with LOCK:
        have = CHECKS.get(key)
    if have and have[0] == version:
        return have[1]
    unload(key, None)
    check = load(request)
    with LOCK:
        CHECKS[key] = (version, check)
    return check


def unload(key, version):
    """Forgets a check; of a version only that one, because its successor may be here already."""
    with LOCK:
        have = CHECKS.get(key)
        if have and version in (None, have[0]):
            del CHECKS[key]
        else:
            have = None
    if have:
        try:
            have[1].cancel()
        except Exception:
            log(traceback.format_exc(), 30)
        if version:
            with LOCK:
                SINKS.pop(str(have[1].check_id), None)


# --- what went wrong, for the person who wrote the check ------------------------------------------------------------

IMPORT_LINE = "from datadog_checks.base import AgentCheck"
FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def syntax_hint(line):
    line = (line or "").strip()
    slip = re.match(r"(?:import|form|fron|frm|from)\s+([\w.]+)\s+(?:import|imports|improt|ipmort)\s+(.+)$", line)
    if slip:
        return f"from {slip.group(1)} import {slip.group(2)}"
    if "datadog_checks" in line or ("AgentCheck" in line and "import" in line):
        return IMPORT_LINE
    if re.match(r"(def|class|if|elif|else|for|while|try|except|finally|with)\b", line) and not line.endswith(":"):
        return line + ":"
    said = re.match(r"print\s+(.+)$", line)
    return said and f"print({said.group(1)})"


def import_hint(error):
    missing = getattr(error, "name", None) or ""
    if missing in ("checks", "agent_checks") or missing.startswith("datadog_check"):
        return IMPORT_LINE
    if isinstance(error, NameError) and missing == "AgentCheck":
        return IMPORT_LINE
    if isinstance(error, ModuleNotFoundError) and missing:
        return f"{sys.executable} -m pip install {missing.split('.')[0]}"
    if isinstance(error, ImportError) and "AgentCheck" in str(error):
        return IMPORT_LINE
    return None


def place(frames):
    """The innermost frame in checks.d, else the innermost."""
    folder = os.path.join(SETTINGS["checks_d"], "")
    own = [f for f in frames if f[0].startswith(folder)]
    return (own or frames or [(None, None)])[-1]


def describe(error):
    name = type(error).__name__
    if isinstance(error, SyntaxError):
        line = error.text or linecache.getline(error.filename or "", error.lineno or 0)
        hint = syntax_hint(line)
        return {"message": f"{name}: {error.msg}", "file": error.filename, "line": error.lineno, "hint": hint}
    if isinstance(error, NoSuchCheck):
        return {"message": str(error), "hint": None}
    if isinstance(error, SystemExit):
        message = f"the check called sys.exit({error.code!r}); a check must return or raise"
    else:
        message = f"{name}: {error}" if str(error) else name
    frames = [(f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    file, line = place(frames)
    return {"message": message, "file": file, "line": line, "hint": import_hint(error), "traceback": traceback.format_exc()}


def describe_report(report):
    """What `AgentCheck.run` gives for an exception: a message and a traceback as text."""
    first = (json.loads(report) or [{}])[0]
    trace = first.get("traceback") or ""
    file, line = place([(f, int(n)) for f, n in FRAME.findall(trace)])
    last = trace.strip().splitlines()[-1:] or [""]
    message = first.get("message") or last[0]
    kind = re.match(r"([\w.]+)(?::|$)", last[0])
    if kind and not message.startswith(kind.group(1)):
        message = f"{kind.group(1).rsplit('.', 1)[-1]}: {message}"
    missing = re.search(r"No module named '([\w.]+)'", message)
    hint = missing and f"{sys.executable} -m pip install {missing.group(1).split('.')[0]}"
    return {"message": message, "file": file, "line": line, "hint": hint, "traceback": trace}


# --- running --------------------------------------------------------------------------------------------------------


def run(request):
    answer = {"id": request["id"]}
    try:
        check = loaded(request)
        report = check.run()
        if report:
            answer["error"] = describe_report(report)
        answer["warnings"] = texts(check.get_warnings())
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: a run ends in an answer
        answer["error"] = describe(error)
    answer.update(sink(request["check_id"]).take())
    answer["rss"] = resident_bytes()
    WIRE.send(answer)


def resident_bytes():
    try:
        with open("/proc/self/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def end_group():
    """The agent is gone: nothing that a check started may stay."""
    os.killpg(0, signal.SIGKILL)


def serve():
    while True:
        try:
            request = WIRE.receive()
        except OSError:
            request = None
        if not request:
            end_group()
        if request["op"] == "init":
            SETTINGS.update(request["settings"])
            sys.path.insert(0, SETTINGS["checks_d"])
        elif request["op"] == "run":
            name = "check " + request["check_id"]
            threading.Thread(target=run, args=(request,), name=name, daemon=True).start()
        elif request["op"] == "ping":
            WIRE.send({"pong": True})
        elif request["op"] == "unload":
            threading.Thread(target=unload, args=(request["key"], request["version"]), daemon=True).start()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    WIRE = Wire(int(sys.argv[1]))
    # The host's own folder must not shadow modules that checks import.
    sys.path[:] = [p for p in sys.path if p != os.path.dirname(os.path.abspath(__file__))]
    sys.argv = ["oriel-checks"]
    install_modules()
    serve()
