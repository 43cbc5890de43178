// Improves pages that work without it: answers while somebody types, and copies a sentence.
const form = document.getElementById("check");
const answer = document.getElementById("answer");
let asked = 0, shown = 0, waits;

async function check() {
  const number = ++asked;
  const said = new URLSearchParams(new FormData(form));
  const address = `${form.action}?${said}`;
  const response = await fetch(`${address}&part=answer`, { headers: { Accept: "text/html" } });
  if (!response.ok) { location.assign(address); return; }
  const text = await response.text();
  if (number < shown) return; // an answer that was overtaken
  shown = number;
  answer.innerHTML = text;
  history.replaceState(null, "", address);
  ready(answer);
}

function ready(within) {
  for (const button of within.querySelectorAll("button.copy")) button.hidden = !navigator.clipboard;
}

if (form && answer) {
  form.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(check, 150); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waits); check(); });
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button.copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.say);
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
});
ready(document);

const results = document.getElementById("results");
async function lookAgain() { // until nothing of a draft waits any more
  if (!results.querySelector("[data-again]")) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.ok && !results.contains(document.activeElement)) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    results.replaceChildren(...page.getElementById("results").childNodes);
  }
  setTimeout(lookAgain, 2000);
}
if (results) setTimeout(lookAgain, 1000);
