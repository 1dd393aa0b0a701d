// django-markdownx listens on the editor itself; what is stopped on its way there stays the browser's.
const inEditor = (event) => event.target.matches?.(".markdownx-editor");

// It would write a tab, and the keyboard would never leave the field.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Tab" && inEditor(event)) event.stopPropagation();
  },
  true,
);

// It would upload a file that is pasted or dropped; this site takes none.
for (const type of ["paste", "drop"]) {
  document.addEventListener(
    type,
    (event) => {
      const files = (event.clipboardData ?? event.dataTransfer)?.files;
      if (!files?.length || !inEditor(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}

for (const tabs of document.querySelectorAll(".editor > .tabs")) tabs.hidden = false;
