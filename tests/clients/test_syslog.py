"""util-linux `logger` and Debian's rsyslog over UDP, TCP and TLS; against the server itself and through an agent."""

import pathlib
import shutil
import subprocess
import time

import pytest
from conftest import Agent, Oriel, free_port


def tag_of(way, name: str) -> str:
    return f"{name}-{'direct' if way[0] is way[1] else 'relayed'}"


@pytest.mark.parametrize("transport", ["--udp", "--tcp"])
@pytest.mark.parametrize("form", ["--rfc5424", "--rfc3164"])
def test_logger(way, transport, form):
    server, local = way
    tag = tag_of(way, f"logger{transport}{form}".replace("--", "-"))
    subprocess.run(["logger", transport, form, "--server", "127.0.0.1", "--port", str(local.syslog), "--tag", tag, "--priority", "user.err",
                    "größer: the disk is full"], check=True, timeout=10)
    line = server.rows("logs", f"service:{tag}")[0]
    assert (line["message"], line["status"]) == ("größer: the disk is full", "error"), line
    assert line["host"], line


def test_logger_with_octet_counts_and_structured_data(way):
    server, local = way
    tag = tag_of(way, "logger-octets")
    for n in range(3):
        subprocess.run(["logger", "--tcp", "--rfc5424", "--octet-count", "--server", "127.0.0.1", "--port", str(local.syslog), "--tag", tag,
                        "--sd-id", "shop@1", "--sd-param", 'order="4711"', f"line {n}\nwith a second one"], check=True, timeout=10)
    rows = server.rows("logs", f"service:{tag} line", least=3)
    assert sorted({r["message"].split("\n")[0] for r in rows}) == ["line 0", "line 1", "line 2"], rows


def certificate(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(chain),
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return key, chain


@pytest.fixture(scope="module", params=["direct", "relayed"])
def rsyslog_target(request, tmp_path_factory):
    """A server, the ports of syslog in the clear and over TLS of itself or of an agent that relays, and the certificate."""
    folder = tmp_path_factory.mktemp("rsyslog")
    key, chain = certificate(folder)
    tls = free_port()
    flags = ["--syslog-tls", f"127.0.0.1:{tls}", "--tls-cert", str(chain), "--tls-key", str(key)]
    server = Oriel(folder, "--no-agent", *(flags if request.param == "direct" else []))
    if request.param == "direct":
        server.scheme, server.verify = "https", str(chain)
    server.start()
    local = server if request.param == "direct" else Agent(folder, server, *flags).start()
    yield server, local.syslog, tls, chain
    if local is not server:
        local.stop()
    server.stop()


ACTIONS = {
    "udp": 'action(type="omfwd" target="127.0.0.1" port="{plain}" protocol="udp")',
    "tcp": 'action(type="omfwd" target="127.0.0.1" port="{plain}" protocol="tcp")',
    "tcp-octets": 'action(type="omfwd" target="127.0.0.1" port="{plain}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")',
    "tls": 'action(type="omfwd" target="localhost" port="{tls}" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost" template="RSYSLOG_SyslogProtocol23Format")',
}


@pytest.mark.parametrize("way_out", list(ACTIONS))
def test_rsyslog(rsyslog_target, way_out, tmp_path):
    server, plain, tls, chain = rsyslog_target
    source = tmp_path / "in.sock"
    config = tmp_path / "rsyslog.conf"
    config.write_text(
        f'global(workDirectory="{tmp_path}" DefaultNetstreamDriverCAFile="{chain}")\n'
        f'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="{source}" CreatePath="on")\n'
        + ACTIONS[way_out].format(plain=plain, tls=tls) + "\n")
    daemon = subprocess.Popen([shutil.which("rsyslogd") or "/usr/sbin/rsyslogd", "-n", "-f", str(config), "-i", str(tmp_path / "pid")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 10
        while not source.exists() and time.monotonic() < until:
            time.sleep(0.05)
        tag = f"rsys-{way_out}"
        for n in range(5):
            subprocess.run(["logger", "--socket", str(source), "--tag", tag, "--priority", "daemon.warning", f"event number {n}"], check=True, timeout=10)
        rows = server.rows("logs", f"service:{tag}", least=5)
        assert sorted(r["message"] for r in rows) == [f"event number {n}" for n in range(5)], rows
        assert {r["status"] for r in rows} == {"warn"}
    finally:
        daemon.terminate()
        daemon.wait(timeout=10)
