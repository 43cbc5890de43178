#!/usr/bin/env bash
set -euo pipefail

# mcp 2.3.0
#
# Expected: a tool with the return annotation Decimal has an output schema and a structured result, as one with float has,
#   and as one with dict[str, Decimal] has.
# Source: MCP specification, tools, structured content; the SDK's documentation on structured output, by which a return
#   annotation of a plain type is wrapped as {"result": ...}.
# Seen: Decimal alone has neither schema nor structured content, without a word; inside a dict it has both. A client that
#   reads structured results finds the price of one tool and not of the next.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile mcp==2.3.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import asyncio
import json
from decimal import Decimal

from mcp.server.mcpserver import MCPServer

server = MCPServer("prices")


@server.tool()
def as_float() -> float:
    return 12.5


@server.tool()
def as_decimal() -> Decimal:
    return Decimal("12.50")


@server.tool()
def as_dict() -> dict[str, Decimal]:
    return {"price": Decimal("12.50")}


async def main():
    for tool in await server.list_tools():
        result = await server.call_tool(tool.name, {})
        print(tool.name, "| schema:", "yes" if tool.output_schema else "none", "| structured:", json.dumps(result.structured_content), "| text:", json.dumps(result.content[0].text))


asyncio.run(main())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
as_float | schema: yes | structured: {"result": 12.5} | text: "12.5"
as_decimal | schema: none | structured: null | text: "\"12.50\""
as_dict | schema: yes | structured: {"price": "12.50"} | text: "{\n  \"price\": \"12.50\"\n}"
SEEN
