"""The language server: what the rooms of `editor` know, over the protocol of editors.

Findings come a moment after the last key, from a thread of their own; what a newer text has overtaken is not shown.
"""

import asyncio
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace.position_codec import ServerTextPosition, ServerTextRange

from walkaway import Diagnostic, Severity
from walkaway.policy import files_beside, formatted
from walkaway_cli.editor.complete import complete
from walkaway_cli.editor.files import Files, Read, lines_of
from walkaway_cli.editor.hover import hover
from walkaway_cli.editor.names import declaration, named_at, references, rename
from walkaway_cli.editor.spots import CannotRename, Spot

PAUSE_S = 0.2
"""So long nothing is typed before findings are looked for."""
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


class Positioned(Protocol):
    """A request about a place in a document."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier: ...
    @property
    def position(self) -> types.Position: ...


class Server(LanguageServer):
    """A server for one workspace."""

    def __init__(self) -> None:
        super().__init__("walkaway", version("walkaway"))
        self.files = Files()
        self.waiting: dict[Path, asyncio.TimerHandle] = {}
        self.working: set[asyncio.Task[None]] = set()
        self.shown: dict[Path, set[Path]] = {}
        self.rests_on: dict[Path, frozenset[Path]] = {}

    # Texts

    def typed(self, uri: str) -> None:
        """Take over a text, and look for findings once nobody types."""
        path = path_of(uri)
        self.files.typed[path] = self.workspace.get_text_document(uri).source
        owner = self.files.policy_of(path) if path.suffix == ".csv" else path
        for policy in {*self.open_above(path), *([owner] if owner and self.files.is_policy(owner) else [])} or {path}:
            self.look_soon(policy)

    def closed(self, uri: str) -> None:
        """Forget a text; what was found in it is no longer shown."""
        path = path_of(uri)
        self.files.typed.pop(path, None)
        if path in self.waiting:
            self.waiting.pop(path).cancel()
        self.rests_on.pop(path, None)
        for file in self.shown.pop(path, set()):
            self.publish(file, ())
        for policy in self.open_above(path):
            self.look_soon(policy)

    def open_above(self, path: Path) -> list[Path]:
        """Return the open policies that rest on a file."""
        return [p for p, under in self.rests_on.items() if path in under and p in self.files.typed]

    def look_soon(self, path: Path) -> None:
        """Look for findings in a while; not before, if it is asked again."""
        if path in self.waiting:
            self.waiting[path].cancel()
        self.waiting[path] = asyncio.get_running_loop().call_later(PAUSE_S, self.look, path)

    def look(self, path: Path) -> None:
        """Look for findings now, beside everything else."""
        self.waiting.pop(path, None)
        task = asyncio.get_running_loop().create_task(self.find(path))
        self.working.add(task)
        task.add_done_callback(self.working.discard)

    async def find(self, path: Path) -> None:
        """Read a policy and show its findings, file by file; where a text of it has changed meanwhile, look again."""
        before = dict(self.files.typed)
        if not self.files.is_policy(path):
            self.show(path, ()) if path in before else None
            return
        found: Read = await asyncio.to_thread(self.files.read, path)
        if any(self.files.typed.get(file) != before.get(file) for file in found.rests_on):
            self.look_soon(path)
        elif any(file in before for file in found.rests_on):
            self.rests_on[path] = found.rests_on
            self.show(path, found.checked.findings)

    def show(self, policy: Path, findings: Iterable[Diagnostic]) -> None:
        """Publish findings, each in its own file; files that have none any more are cleared."""
        open_too = (path for path in self.rests_on.get(policy, ()) if path in self.files.typed)
        by_file: dict[Path, list[Diagnostic]] = {path: [] for path in (policy, *open_too)}
        for finding in findings:
            file = Path(finding.span.file)
            by_file.setdefault((file if file.is_absolute() else policy.parent / file).resolve(), []).append(finding)
        for file in self.shown.get(policy, set()) - by_file.keys():
            self.publish(file, ())
        self.shown[policy] = set(by_file)
        for file, found in by_file.items():
            self.publish(file, found)

    def publish(self, path: Path, findings: Iterable[Diagnostic]) -> None:
        """Send what is found in a file, with the version of its text where that is open."""
        uri = uri_of(path)
        shown = [self.diagnostic(uri, finding) for finding in findings]
        version = self.workspace.get_text_document(uri).version if path in self.files.typed else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))

    def diagnostic(self, uri: str, finding: Diagnostic) -> types.Diagnostic:
        span = finding.span
        start = ServerTextPosition(span.line - 1, span.column - 1)
        end = ServerTextPosition(span.line - 1, span.column - 1 + span.length)
        hint = f"\n{finding.hint}" if finding.hint else ""
        return types.Diagnostic(
            range=self.workspace.get_text_document(uri).range_to_client_units(ServerTextRange(start, end)),
            message=f"{finding.message}{hint}",
            severity=_SEVERITIES[finding.severity],
            code=str(finding.code),
            source="walkaway",
        )

    # Places

    def at(self, params: Positioned) -> tuple[Path, int, int]:
        """Return the path and the place, counted from 0 in characters, that a request is about."""
        document = self.workspace.get_text_document(params.text_document.uri)
        place = document.position_from_client_units(params.position)
        return path_of(params.text_document.uri), place.line, place.character

    def range(self, spot: Spot) -> types.Range:
        """Return a stretch as the editor counts it."""
        start, end = ServerTextPosition(spot.line, spot.start), ServerTextPosition(spot.line, spot.end)
        return self.workspace.get_text_document(uri_of(spot.path)).range_to_client_units(ServerTextRange(start, end))


def path_of(uri: str) -> Path:
    """Return the file that a URI names."""
    return Path(to_fs_path(uri) or "/").resolve()


def uri_of(path: Path) -> str:
    """Return the URI of a file."""
    return from_fs_path(str(path)) or path.as_uri()


def server() -> Server:
    """Return a server that knows what to do; `start_io` runs it."""
    made = Server()

    @made.feature(types.INITIALIZED)
    def _(ls: Server, params: types.InitializedParams) -> None:
        ls.files.root = Path(ls.workspace.root_path).resolve() if ls.workspace.root_path else None

    @made.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.typed(params.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        ls.typed(params.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.closed(params.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_HOVER)
    def _(ls: Server, params: types.HoverParams) -> types.Hover | None:
        said = hover(ls.files, *ls.at(params))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said)) if said else None

    @made.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[":", ".", " ", '"']))
    def _(ls: Server, params: types.CompletionParams) -> types.CompletionList:
        offered = complete(ls.files, *ls.at(params))
        items = [
            types.CompletionItem(o.label, documentation=types.MarkupContent(types.MarkupKind.Markdown, o.meaning))
            for o in offered
        ]
        return types.CompletionList(is_incomplete=False, items=items)

    @made.feature(types.TEXT_DOCUMENT_DEFINITION)
    def _(ls: Server, params: types.DefinitionParams) -> types.Location | None:
        spot = declaration(ls.files, *ls.at(params))
        return types.Location(uri_of(spot.path), ls.range(spot)) if spot else None

    @made.feature(types.TEXT_DOCUMENT_REFERENCES)
    def _(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
        return [types.Location(uri_of(spot.path), ls.range(spot)) for spot in references(ls.files, *ls.at(params))]

    @made.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def _(ls: Server, params: types.PrepareRenameParams) -> types.Range | None:
        try:
            return ls.range(named_at(ls.files, *ls.at(params))[1])
        except CannotRename:
            return None

    @made.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def _(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit:
        path, line, column = ls.at(params)
        try:
            spots = rename(ls.files, path, line, column, params.new_name)
        except CannotRename as problem:
            raise JsonRpcInvalidParams(str(problem)) from problem
        changes: dict[str, list[types.TextEdit]] = {}
        for spot in spots:
            changes.setdefault(uri_of(spot.path), []).append(types.TextEdit(ls.range(spot), params.new_name))
        return types.WorkspaceEdit(changes=changes)

    @made.feature(types.TEXT_DOCUMENT_FORMATTING)
    def _(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        path = path_of(params.text_document.uri)
        text = ls.files.text(path)
        laid = formatted(text.encode("utf-8", "replace"), str(path), files_beside(path)).value
        if laid is None or laid.decode() == text:
            return None
        end = types.Position(len(lines_of(text)), 0)
        return [types.TextEdit(types.Range(types.Position(0, 0), end), laid.decode())]

    return made
