"use strict";
// Search, filters and order of the table of scripts. What is hidden there is hidden among the failures too. All of it
// stands in the address behind `#`, so that it can be passed on: `#search=tls&sort=time`.
const find = (selector) => Array.from(document.querySelectorAll(selector));
const [search, folder, tag] = ["search", "folder", "tag"].map((id) => document.getElementById(id));
const body = document.getElementById("scripts");
const rows = Array.from(body.rows);
const failures = new Map(find("details.failure").map((failure) => [failure.dataset.of, failure]));
const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
const chips = find("button[data-status]");
const shown = document.getElementById("shown");

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const off = new Set(chips.filter((chip) => chip.ariaPressed === "false").map((chip) => chip.dataset.status));
  let count = 0;
  for (const row of rows) {
    const { status, folder: own, tags, n } = row.dataset;
    const fits =
      !off.has(status) &&
      (!folder.value || own === folder.value || own.startsWith(folder.value + "/")) &&
      (!tag || !tag.value || tags.split(" ").includes(tag.value)) &&
      words.every((word) => texts.get(row).includes(word));
    row.classList.toggle("out", !fits);
    failures.get(n)?.classList.toggle("out", !fits);
    count += fits;
  }
  shown.textContent = count === rows.length ? "" : count + " / " + rows.length;
}

const ORDER = ["broken", "failed", "invalid", "interrupted", "flaky", "not run", "known", "skipped", "passed"];
const keys = {
  n: (row) => Number(row.dataset.n),
  status: (row) => ORDER.indexOf(row.dataset.status),
  script: (row) => row.dataset.path,
  folder: (row) => row.dataset.folder,
  time: (row) => Number(row.dataset.time),
};

function sort(head, down) {
  const key = keys[head.dataset.key];
  find("th[data-key]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  rows.sort((a, b) => (down ? -1 : 1) * compare(key(a), key(b)) || keys.n(a) - keys.n(b));
  body.append(...rows);
}

const fields = { search, folder, ...(tag && { tag }) };

function remember() {
  const state = new URLSearchParams();
  for (const [name, field] of Object.entries(fields)) if (field.value) state.set(name, field.value);
  const off = chips.filter((chip) => chip.ariaPressed === "false").map((chip) => chip.dataset.status);
  if (off.length) state.set("without", off.join(","));
  const head = find("th[aria-sort]")[0];
  if (head) state.set("sort", (head.ariaSort === "descending" ? "-" : "") + head.dataset.key);
  history.replaceState(null, "", "#" + state);
  filter();
}

function recall() {
  const hash = location.hash.slice(1);
  const target = document.getElementById(hash);
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  } else if (hash.includes("=")) {
    const state = new URLSearchParams(hash);
    for (const [name, field] of Object.entries(fields)) field.value = state.get(name) ?? "";
    const off = (state.get("without") ?? "").split(",");
    for (const chip of chips) chip.setAttribute("aria-pressed", !off.includes(chip.dataset.status));
    const order = state.get("sort") ?? "";
    const head = find("th[data-key]").find((head) => head.dataset.key === order.replace("-", ""));
    if (head) sort(head, order.startsWith("-"));
  }
  filter();
}

search.addEventListener("input", remember);
folder.addEventListener("change", remember);
tag?.addEventListener("change", remember);
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", chip.ariaPressed === "false");
    remember();
  });
}
for (const head of find("th[data-key]")) {
  head.querySelector("button").addEventListener("click", () => {
    const { ariaSort, dataset } = head;
    sort(head, ariaSort ? ariaSort === "ascending" : dataset.key === "time");
    remember();
  });
}
for (const link of find("a[data-filter]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    fields[link.dataset.filter].value = link.dataset.value;
    remember();
    scrollTo(0, 0);
  });
}
find(".controls").forEach((controls) => (controls.hidden = false));
addEventListener("hashchange", recall);
recall();
