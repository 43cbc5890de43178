"""A small client of the Language Server Protocol over stdio: uses an editor's YAML server as an editor does."""

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.helpers.processes import PATIENCE_S


class LanguageServer:
    """A running server with one open document; leaves no process behind.

    Args:
        command: What starts the server.
        settings: What it may ask for with `workspace/configuration`, by section.
    """

    def __init__(self, command: Sequence[str], root: Path, settings: Mapping[str, Any]) -> None:
        self.settings, self.root = settings, root
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[str, int] = {}
        self.asked = 0
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self) -> "LanguageServer":
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self.root.as_uri(),
                "capabilities": {
                    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
                    "textDocument": {
                        "publishDiagnostics": {"relatedInformation": True},
                        "hover": {"contentFormat": ["markdown", "plaintext"]},
                        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                    },
                },
            },
        )
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings})
        return self

    def __exit__(
        self, sort: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            if self.process.poll() is None:
                self.request("shutdown", None)
                self.notify("exit", None)
                self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.reader.join(PATIENCE_S)
            self.process.stdout.close()

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a document, or put other text in it, and give what the server finds wrong in it."""
        uri = path.as_uri()
        self.diagnostics.pop(uri, None)
        version = self.versions[uri] = self.versions.get(uri, 0) + 1
        if version == 1:
            item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
            self.notify("textDocument/didOpen", {"textDocument": item})
        else:
            changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            self.notify("textDocument/didChange", changed)
        while uri not in self.diagnostics:
            self._handle(self._next())
        return self.diagnostics[uri]

    def hover(self, path: Path, line: int, column: int) -> str:
        """Return the text shown over a place, both counted from 0; empty for none."""
        found = self.request("textDocument/hover", self._at(path, line, column))
        return str(found["contents"]["value"]) if found else ""

    def complete(self, path: Path, line: int, column: int) -> list[str]:
        """Return the labels of what may be written at a place."""
        found = self.request("textDocument/completion", self._at(path, line, column))
        items = found["items"] if isinstance(found, dict) else found or []
        return [item["label"] for item in items]

    def request(self, method: str, params: object) -> Any:
        """Send a request and give its result; what comes before it is handled.

        Raises:
            AssertionError: Where the server answers with an error.
        """
        self.asked += 1
        number = self.asked
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._handle(message)

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _at(self, path: Path, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        try:
            return self.received.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"the server said nothing for {PATIENCE_S:.0f} seconds") from None

    def _handle(self, message: dict[str, Any]) -> None:
        """Remember diagnostics, and answer what the server asks of an editor."""
        match message:
            case {"method": "textDocument/publishDiagnostics", "params": params}:
                uri = params["uri"]
                if params.get("version", self.versions.get(uri)) == self.versions.get(uri):  # none of an older text
                    self.diagnostics[uri] = params["diagnostics"]
            case {"method": "workspace/configuration", "id": number, "params": params}:
                self._send(
                    {"id": number, "result": [self.settings.get(item.get("section")) for item in params["items"]]}
                )
            case {"method": _, "id": number}:
                self._send({"id": number, "result": None})
            case _:  # a notification that nobody waits for
                pass

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        for line in stream:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            elif not line.strip():
                self.received.put(json.loads(stream.read(length)))
