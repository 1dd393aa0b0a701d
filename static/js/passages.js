// Words selected in an essay or an original comment can be answered: a link appears beside them.
// It names their place as the server counts it, in code points from the paragraph's own start.
const offer = document.querySelector(".answer-selection");
const link = offer?.querySelector("a");
const LONGEST = 2000;

const codePoints = (text) => [...text].length;

/* The text of the paragraph before the range, or up to its end: marks add no character. */
function offset(paragraph, range, end) {
  const before = document.createRange();
  before.selectNodeContents(paragraph);
  const node = end ? range.endContainer : range.startContainer;
  if (paragraph.contains(node)) before.setEnd(node, end ? range.endOffset : range.startOffset);
  else if (!end) before.collapse(true);
  return Number(paragraph.dataset.start) + codePoints(before.toString());
}

function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !selection.toString().trim()) return null;
  const range = selection.getRangeAt(0);
  const paragraphs = [...document.querySelectorAll("[data-start]")].filter(
    (paragraph) => range.intersectsNode(paragraph),
  );
  // A selection often ends at the very start of the paragraph after it.
  while (paragraphs.length && offset(paragraphs.at(-1), range, true) === start(paragraphs.at(-1)))
    paragraphs.pop();
  if (!paragraphs.length) return null;
  const from = offset(paragraphs[0], range, false);
  const to = offset(paragraphs.at(-1), range, true);
  const place = paragraphs[0].closest(".essay-body, .archive__text");
  if (!place?.contains(paragraphs.at(-1)) || to <= from || to - from > LONGEST) return null;
  return { from, to, box: range.getBoundingClientRect() };
}

const start = (paragraph) => Number(paragraph.dataset.start);

function show() {
  const found = selected();
  offer.hidden = !found;
  if (!found) return;
  const address = new URL(link.href);
  address.search = new URLSearchParams({ de: found.from, a: found.to });
  link.setAttribute("href", address.pathname + address.search);
  const { offsetParent } = offer;
  const origin = (offsetParent ?? document.body).getBoundingClientRect();
  const room = origin.width - offer.offsetWidth;
  offer.style.insetBlockStart = `${found.box.bottom - origin.top + 8}px`;
  offer.style.insetInlineStart = `${Math.max(0, Math.min(found.box.left - origin.left, room))}px`;
}

if (offer) document.addEventListener("selectionchange", show);
