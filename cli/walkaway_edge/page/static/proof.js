// Checks in the reader's browser that an entry is in the log: the hashes to a checkpoint's root (RFC 9162, 2.1.3.2) and,
// where a verifier key is typed, who signed it (C2SP signed-note). What it says it checked, it checked.
const form = document.getElementById("prove");
const said = document.getElementById("proved");
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);
const same = (a, b) => a.length === b.length && a.every((each, n) => each === b[n]);

async function hash(...parts) {
  const all = new Uint8Array(await new Blob(parts).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

async function root(leaf, index, size, path) {
  let at = index, last = size - 1, found = await hash(Uint8Array.of(0), leaf);
  if (!(at <= last)) throw new Error("the checkpoint does not reach this entry");
  for (const each of path) {
    if (last === 0) throw new Error("it has more hashes than lead to the root");
    if (at % 2 || at === last) {
      found = await hash(Uint8Array.of(1), each, found);
      while (at % 2 === 0 && at !== 0) { at /= 2; last = Math.floor(last / 2); }
    } else found = await hash(Uint8Array.of(1), found, each);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error("it has fewer hashes than lead to the root");
  return found;
}

function number(text, before) {
  const found = new RegExp(`^${before}(0|[1-9][0-9]{0,14})$`).exec(text ?? "");
  if (!found) throw new Error("this is no proof of an entry");
  return Number(found[1]);
}

async function signed(text, lines, key) { // by whose key, which is name+id+base64 of 1 and the public key
  const [, name, id, data] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(key) ?? [];
  const public_ = data ? bytes(data) : [];
  if (public_.length !== 33 || public_[0] !== 1) throw new Error("this is no verifier key: it is NAME+ID+KEY");
  const own = (await hash(utf8(`${name}\n`), public_)).slice(0, 4);
  if (id !== [...own].map((b) => b.toString(16).padStart(2, "0")).join("")) throw new Error("its key is not what its id names");
  const ed25519 = await crypto.subtle.importKey("raw", public_.slice(1), "Ed25519", false, ["verify"]);
  for (const line of lines) {
    const at = line.lastIndexOf(" ");
    if (line.slice(0, at) !== `— ${name}`) continue;
    const signature = bytes(line.slice(at + 1));
    if (same(signature.slice(0, 4), own)
      && await crypto.subtle.verify("Ed25519", ed25519, signature.slice(4), utf8(text))) return name;
  }
  throw new Error("this key did not sign the checkpoint");
}

async function check(proof, entry, key) {
  const [head, text, signatures] = proof.split("\n\n");
  const lines = (head ?? "").split("\n"), note = (text ?? "").split("\n");
  if (lines[0] !== "c2sp.org/tlog-proof@v1" || !lines[1]?.startsWith("extra ") || note.length < 3) {
    throw new Error("this is no proof of an entry");
  }
  const index = number(lines[2], "index "), size = number(note[1], "");
  if (index !== entry) throw new Error("it is of another entry");
  const found = await root(bytes(lines[1].slice(6)), index, size, lines.slice(3).map(bytes));
  if (!same(found, bytes(note[2]))) throw new Error("the hashes do not lead to the checkpoint's root");
  const under = `Checked here: entry ${index} is under the root of the checkpoint over ${size} entries of ${note[0]}`;
  if (!key) return `${under}. Who signed that was not checked: give the verifier key.`;
  return `${under}, which ${await signed(`${text}\n`, (signatures ?? "").split("\n"), key)} signed.`;
}

if (form && crypto.subtle) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.className = "";
    said.textContent = "…";
    const proof = document.getElementById("proof").textContent, key = form.elements.key.value.trim();
    try {
      said.textContent = await check(proof, Number(form.dataset.entry), key);
    } catch (problem) {
      said.className = "wrong";
      said.textContent = `Not proved here: ${problem.message}.`;
    }
  });
}
