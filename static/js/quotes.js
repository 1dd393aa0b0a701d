// « Citer » quotes the words that are selected in its message, where some are.
const MOST = 500; // characters that an address has room for

function choose(event) {
  const link = event.target.closest?.("a[data-quote]");
  if (!link) return;
  const text = link.closest(".reply")?.querySelector(".reply__text");
  const selection = getSelection();
  const words = selection.toString().trim();
  const inside = text?.contains(selection.anchorNode) && text.contains(selection.focusNode);
  const address = new URL(link.href);
  address.searchParams.set("citer", inside && words && words.length <= MOST ? words : "1");
  link.setAttribute("href", address.pathname + address.search);
}

// A press takes the selection away before the click; the keyboard presses nothing.
document.addEventListener("pointerdown", choose);
document.addEventListener("keydown", (event) => event.key === "Enter" && choose(event));
