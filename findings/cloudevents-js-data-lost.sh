#!/usr/bin/env bash
set -euo pipefail

# cloudevents 10.0.0 (npm)
#
# Expected: data of an event is any JSON value and is the same after it was sent and received, in either mode; under a
#   media type that ends in +json it is JSON as well.
# Source: CloudEvents, JSON event format 1.0.2, 3.1 (a data member holds any JSON value; a media subtype json or +json is
#   JSON) and HTTP protocol binding, 3.1 (in binary mode the body is the data, in the media type of datacontenttype).
# Seen: in structured mode 0, false and "" are not there when received: a discount of 0 is no discount. In binary mode a
#   number cannot be read, null is the text "null", the text "20 %" is sent bare, which is not JSON, and an object under
#   application/vnd.offer+json arrives as text.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund cloudevents@10.0.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { CloudEvent, HTTP } = require('cloudevents')

for (const [data, datacontenttype] of [[{ discount: 0 }, 'application/json'], [20, 'application/json'], [0, 'application/json'], [false, 'application/json'], ['', 'application/json'], [null, 'application/json'], ['20 %', 'application/json'], [{ discount: 0 }, 'application/vnd.offer+json']]) {
  const event = new CloudEvent({ id: '1', source: '/desk', type: 'offer', time: '2026-01-02T09:00:00Z', datacontenttype, data })
  for (const mode of ['structured', 'binary']) {
    let received
    try {
      const message = HTTP[mode](event)
      const back = HTTP.toEvent(message)
      received = 'data' in back && back.data !== undefined ? JSON.stringify(back.data) : 'no data'
      if (mode === 'binary') received += ' by the body ' + message.body
    } catch (error) {
      received = error.message
    }
    console.log(datacontenttype, mode, JSON.stringify(data), '->', received)
  }
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
application/json structured {"discount":0} -> {"discount":0}
application/json binary {"discount":0} -> {"discount":0} by the body {"discount":0}
application/json structured 20 -> 20
application/json binary 20 -> invalid payload type, allowed are: string or object
application/json structured 0 -> no data
application/json binary 0 -> 0 by the body 0
application/json structured false -> no data
application/json binary false -> false by the body false
application/json structured "" -> no data
application/json binary "" -> "" by the body 
application/json structured null -> no data
application/json binary null -> "null" by the body null
application/json structured "20 %" -> "20 %"
application/json binary "20 %" -> "20 %" by the body 20 %
application/vnd.offer+json structured {"discount":0} -> {"discount":0}
application/vnd.offer+json binary {"discount":0} -> "{\"discount\":0}" by the body {"discount":0}
SEEN
