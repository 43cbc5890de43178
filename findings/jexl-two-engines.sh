#!/usr/bin/env bash
set -euo pipefail

# pyjexl 0.3.0, jexl 2.3.0
#
# Expected: an expression has one value, in the engine and in its port.
# Source: pyjexl describes itself as an implementation of Jexl for Python, and the README of jexl has the operators.
# Seen: the remainder of a negative number, truth of an empty list or object, equality of a text and a number, and a text
#   plus a number go by the host language: five of eight expressions differ, and a rule that holds in the browser does not
#   on the server.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile pyjexl==0.3.0
npm install --silent --no-save --no-audit --no-fund jexl@2.3.0 > /dev/null

cat > expressions <<'EXPRESSIONS'
7 % 4
-7 % 4
-7 // 2
[] ? "holds" : "does not"
{} ? "holds" : "does not"
"20" == 20
"20" + 5
1 == true
EXPRESSIONS

cat > seen.py <<'PYTHON'
import json

import pyjexl

for expression in open("expressions").read().splitlines():
    try:
        print(json.dumps(pyjexl.JEXL().evaluate(expression)))
    except TypeError:
        print("an error")
PYTHON

cat > seen.cjs <<'JAVASCRIPT'
const { readFileSync } = require('fs')
const { execFileSync } = require('child_process')
const jexl = require('jexl')

const port = execFileSync('venv/bin/python', ['-W', 'ignore', 'seen.py'], { encoding: 'utf8' }).split('\n')
readFileSync('expressions', 'utf8').trim().split('\n').forEach((expression, row) => console.log(expression, '| jexl', JSON.stringify(jexl.evalSync(expression)), '| pyjexl', port[row]))
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
7 % 4 | jexl 3 | pyjexl 3
-7 % 4 | jexl -3 | pyjexl 1
-7 // 2 | jexl -4 | pyjexl -4
[] ? "holds" : "does not" | jexl "holds" | pyjexl "does not"
{} ? "holds" : "does not" | jexl "holds" | pyjexl "does not"
"20" == 20 | jexl true | pyjexl false
"20" + 5 | jexl "205" | pyjexl an error
1 == true | jexl true | pyjexl true
SEEN
