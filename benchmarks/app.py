"""The application under load: `python benchmarks/app.py [--users 50] [--seconds 60] [--record]`.

Starts a server of its own, lets users send characters and, one in ten, lines over the HTTP API
for a bounded time, and reports errors, latencies by endpoint, and memory before and after.
With `--record` the table goes to `outputs/benchmark_app.csv`.
"""

import argparse
import asyncio
import csv
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from handwriting import paths
from handwriting.results import hardware

CHARACTER = paths.ROOT / "samples" / "5_photo.jpg"
LINE = paths.ROOT / "samples" / "lines" / "gruss_de.png"
LINE_SHARE = 0.1
# How long a user looks at an answer, on average.
PAUSE = 1.0
START_SECONDS = 300


class Server:
    """A server on a free port, and how long it took to answer."""

    def __init__(self, python: str, folder: Path):
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            port = place.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {"HANDWRITING_STORE": str(folder / "store")}
        command = [python, str(paths.ROOT / "src" / "app.py"), "--port", str(port)]
        started = time.perf_counter()
        self.process = subprocess.Popen(command, env=environment, cwd=folder)
        self._wait()
        self.start_seconds = time.perf_counter() - started

    def _wait(self) -> None:
        for _ in range(START_SECONDS * 20):
            try:
                httpx.get(f"{self.address}/health")
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise TimeoutError("the server did not start")

    def megabytes(self) -> float:
        """Memory of the server and its processes; pages that several share count once (PSS)."""
        root = psutil.Process(self.process.pid)
        family = [root, *root.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in family) / 1e6

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


class Load:
    """What the users measured: seconds by endpoint, and errors."""

    def __init__(self, address: str):
        self.address = address
        self.seconds: dict[str, list[float]] = {"character": [], "line": [], "page view": []}
        self.errors: list[str] = []

    async def user(self, number: int, until: float) -> None:
        async with httpx.AsyncClient(base_url=self.address, timeout=120) as client:
            await self._measured("page view", self._view(client))
            turn = number
            while time.perf_counter() < until:
                turn += 1
                if turn % round(1 / LINE_SHARE):
                    await self._measured("character", self._character(client))
                else:
                    await self._measured("line", self._line(client))
                await asyncio.sleep(PAUSE)

    async def _measured(self, name: str, action) -> None:
        started = time.perf_counter()
        try:
            await action
            self.seconds[name].append(time.perf_counter() - started)
        except Exception as error:
            self.errors.append(f"{name}: {type(error).__name__} {error}"[:200])

    async def _view(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/config"):
            (await client.get(path)).raise_for_status()

    async def _upload(self, client: httpx.AsyncClient, file: Path) -> dict:
        answer = await client.post("/gradio_api/upload", files={"files": file.read_bytes()})
        path = answer.raise_for_status().json()[0]
        return {"path": path, "meta": {"_type": "gradio.FileData"}}

    async def _character(self, client: httpx.AsyncClient) -> None:
        data = [await self._upload(client, CHARACTER), "characters", 5]
        answer = await client.post("/gradio_api/run/character", json={"data": data})
        assert answer.raise_for_status().json()["data"][0]["text"] == "5"

    async def _line(self, client: httpx.AsyncClient) -> None:
        data = [await self._upload(client, LINE)]
        answer = await client.post("/gradio_api/call/line", json={"data": data})
        event = answer.raise_for_status().json()["event_id"]
        stream = await client.get(f"/gradio_api/call/line/{event}")
        assert "event: complete" in stream.text, stream.text[-200:]


async def run_load(address: str, users: int, seconds: float) -> Load:
    load, until = Load(address), time.perf_counter() + seconds
    await asyncio.gather(*(load.user(number, until) for number in range(users)))
    return load


def single(address: str, repeats: int) -> list[float]:
    """Seconds for one character of one user, upload and answer, after ten that do not count."""
    load = Load(address)

    async def run() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            for _ in range(repeats):
                await load._measured("character", load._character(client))

    asyncio.run(run())
    return load.seconds["character"][10:]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def row(name: str, users: int, seconds: list[float], errors: int) -> dict:
    if not seconds:
        return {"what": name, "users": users, "requests": 0, "errors": errors}
    return {
        "what": name,
        "users": users,
        "requests": len(seconds),
        "errors": errors,
        "p50_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * percentile(seconds, 0.95), 1),
    }


def measure(python: str, users: int, seconds: float) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(python, Path(folder))
        try:
            rows = [{"what": "start", "seconds": round(server.start_seconds, 2)}]
            rows.append({"what": "memory at rest", "megabytes": round(server.megabytes())})
            rows.append(row("character, one user", 1, single(server.address, 60), 0))
            asyncio.run(run_load(server.address, users, seconds / 4))  # every process has started
            before = server.megabytes()
            load = asyncio.run(run_load(server.address, users, seconds))
            after = server.megabytes()
        finally:
            server.stop()
    for error in sorted(set(load.errors))[:5]:
        print(f"error: {error}", file=sys.stderr)
    for name, values in load.seconds.items():
        count = sum(error.startswith(name) for error in load.errors)
        rows.append(row(name, users, values, count))
    rows.append({"what": "memory under load, at first", "megabytes": round(before)})
    rows.append({"what": "memory under load, at last", "megabytes": round(after)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--python", default=sys.executable, help="serves; one with requirements-serve.txt alone"
    )
    parser.add_argument("--record", action="store_true", help="write the table to outputs/")
    args = parser.parse_args()
    rows = measure(args.python, args.users, args.seconds)
    columns = ("what", "users", "requests", "errors", "p50_ms", "p95_ms", "seconds", "megabytes")
    for values in ({name: name for name in columns}, *rows):
        print("  ".join(f"{values.get(name, '')!s:>27}" for name in columns))
    print(hardware())
    if args.record:
        path = paths.outputs_dir() / "benchmark_app.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, (*columns, "hardware"), lineterminator="\n")
            writer.writeheader()
            writer.writerows(values | {"hardware": hardware()} for values in rows)
        print(f"written to {path}")


if __name__ == "__main__":
    main()
