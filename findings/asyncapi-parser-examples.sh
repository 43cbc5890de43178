#!/usr/bin/env bash
set -euo pipefail

# @asyncapi/parser 3.6.6
#
# Expected: an example that its message's schema refuses is a finding in every version of the format; and `true`, the schema
#   of anything, is a payload.
# Source: AsyncAPI 3.0.0 and 3.1.0: a message's examples are examples of its payload and headers, whose values must validate
#   against the schemas given; a Schema Object is either an object or a boolean, as in JSON Schema draft 7. The parser
#   itself checks examples of AsyncAPI 2.
# Seen: from 3.0 on a discount of "7 %", a missing one and a wrong header stand as examples without a word, where the same
#   message under 2.6 is an error; and the payload `true`, taken under 2.6, is an error under 3.0 and 3.1.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund @asyncapi/parser@3.6.6 > /dev/null

cat > seen.mjs <<'JAVASCRIPT'
import { Parser } from '@asyncapi/parser'

const schema = { type: 'object', required: ['discount'], properties: { discount: { type: 'number' } } }
const headers = { type: 'object', properties: { round: { type: 'integer' } } }
const messages = {
  'right example': { payload: schema, examples: [{ payload: { discount: 7 } }] },
  'text for a number': { payload: schema, examples: [{ payload: { discount: '7 %' } }] },
  'required one missing': { payload: schema, examples: [{ payload: {} }] },
  'wrong header': { headers, payload: schema, examples: [{ headers: { round: 'first' }, payload: { discount: 7 } }] },
  'payload true': { payload: true },
}
const info = { title: 'Offers', version: '1.0.0' }
const two = (message) => ({ asyncapi: '2.6.0', info, channels: { offers: { subscribe: { message } } } })
const three = (version) => (Offer) => ({
  asyncapi: version, info,
  channels: { offers: { address: 'offers', messages: { Offer } } },
  operations: { receiveOffer: { action: 'receive', channel: { $ref: '#/channels/offers' } } },
})
for (const [name, message] of Object.entries(messages)) {
  for (const make of [two, three('3.0.0'), three('3.1.0')]) {
    const { diagnostics } = await new Parser().parse(make(message))
    const errors = new Set(diagnostics.filter((one) => one.severity === 0).map((one) => one.message))
    console.log(name, '|', make(message).asyncapi, '|', errors.size ? [...errors].join('; ') : 'no error')
  }
}
JAVASCRIPT
node seen.mjs > seen

cat seen
diff - seen <<'SEEN'
right example | 2.6.0 | no error
right example | 3.0.0 | no error
right example | 3.1.0 | no error
text for a number | 2.6.0 | "discount" property type must be number
text for a number | 3.0.0 | no error
text for a number | 3.1.0 | no error
required one missing | 2.6.0 | "payload" property must have required property "discount"
required one missing | 3.0.0 | no error
required one missing | 3.1.0 | no error
wrong header | 2.6.0 | "round" property type must be integer
wrong header | 3.0.0 | no error
wrong header | 3.1.0 | no error
payload true | 2.6.0 | no error
payload true | 3.0.0 | "payload" property type must be object
payload true | 3.1.0 | "payload" property type must be object
SEEN
