// The desk by keys, who looks at what, words taken from the text. All of it works without script.
const ASK_EVERY = 30_000; // milliseconds
const STORED = "desk-keys";
const desk = document.querySelector(".desk");
const dialog = document.getElementById("keys");
const deciding = document.getElementById("deciding");

// Keys, with a switch that turns them off.

const isOn = () => localStorage.getItem(STORED) !== "off";
const open = document.querySelector("[data-keys]");
const onOff = document.querySelector("[data-keys-on]");
open.hidden = false;
open.addEventListener("click", () => dialog.showModal());
onOff.checked = isOn();
onOff.addEventListener("change", () => localStorage.setItem(STORED, onOff.checked ? "on" : "off"));

const writes = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (dialog.open || writes(event.target) || !isOn()) return;
  const key = event.key.toLowerCase();
  if (key === "?") {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});

// An act that owes what is not written yet leads to the field first.

deciding?.addEventListener("submit", (event) => {
  const owed = event.submitter?.dataset.owes?.split(" ") ?? [];
  const isSpam = deciding.elements.ground?.value === "spam";
  for (const name of ["ground", "until", "facts", "reason"]) {
    const field = deciding.elements[name === "until" ? "days" : name];
    if (!owed.includes(name) || !field || field.value.trim()) continue;
    if (isSpam && name !== "ground") continue;
    event.preventDefault();
    deciding.querySelector("details").open = true;
    field.focus();
    return;
  }
  // Sent once, however often the key is struck.
  if (deciding.dataset.sent) event.preventDefault();
  deciding.dataset.sent = "yes";
});
addEventListener("pageshow", () => delete deciding?.dataset.sent);

// A ready reason fills the statement without leaving the page.

const motif = document.getElementById("motif");
motif?.addEventListener("change", () => {
  const { ground, facts, reason } = motif.selectedOptions[0].dataset;
  if (ground === undefined) return;
  Object.assign(deciding.elements.ground, { value: ground });
  Object.assign(deciding.elements.facts, { value: facts });
  Object.assign(deciding.elements.reason, { value: reason });
});

// The words at fault, as they are selected in the text.

const judged = document.querySelector("[data-judged]");
const mark = document.querySelector("[data-mark]");
if (mark && judged) {
  let words = "";
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    if (selection.isCollapsed || !judged.contains(selection.anchorNode)) return;
    words = selection.toString().trim();
    mark.hidden = !words;
  });
  mark.addEventListener("click", () => {
    deciding.elements.marked.value = words;
    deciding.elements.marked.focus();
  });
}

// Who else looks at what. Only a case that is on the screen is said to be open.

const shown = document.getElementById("case");
const say = (element, name) => {
  const said = name ? desk.dataset.looks.replace("…", name) : "";
  if (element && element.textContent !== said) element.textContent = said;
};

async function ask() {
  if (document.hidden) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  if (shown?.checkVisibility()) body.set("case", shown.dataset.case ?? "");
  const response = await fetch(desk.dataset.presence, { method: "POST", body });
  if (!response.ok) return;
  const { lookers } = await response.json();
  for (const item of desk.querySelectorAll(".queue__item[data-case]")) {
    const name = lookers[item.dataset.case];
    item.classList.toggle("queue__item--held", Boolean(name));
    say(item.querySelector(".queue__looker"), name);
  }
  if (shown) say(shown.querySelector(".case__looker"), lookers[shown.dataset.case]);
}

const askQuietly = () => ask().catch(() => {}); // the next time may do
if (document.querySelector("[name=csrfmiddlewaretoken]")) {
  askQuietly();
  setInterval(askQuietly, ASK_EVERY);
  document.addEventListener("visibilitychange", askQuietly);
}
