// Names to choose from while one types: of members after an @, of tags between commas.
// The arrows move, Enter takes one, Escape closes.
const KINDS = {
  members: { typed: /(?:^|[\s(«"'])@([^\s@]{1,40})$/, after: " " },
  tags: { typed: /(?:^|,)\s*([^,]{1,40})$/, after: ", " },
};

for (const list of document.querySelectorAll(".names")) {
  const field = list.parentElement.querySelector("textarea, input[type=text]");
  const { source } = list.dataset;
  const kind = KINDS[list.dataset.of];
  let wanted = 0;
  let at = -1; // where what is typed begins in the text

  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");

  const options = () => [...list.children];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function close() {
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    for (const each of options()) each.setAttribute("aria-selected", each === option);
    field.setAttribute("aria-activedescendant", option.id);
  }

  function take(option) {
    field.setRangeText(option.textContent + kind.after, at, field.selectionStart, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  function show(names) {
    list.replaceChildren(
      ...names.map((name, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.textContent = name;
        return option;
      }),
    );
    list.hidden = !names.length;
    if (names.length) choose(list.firstElementChild);
  }

  field.addEventListener("input", async () => {
    const typed = field.value.slice(0, field.selectionStart).match(kind.typed);
    const turn = ++wanted;
    if (!typed) return close();
    at = field.selectionStart - typed[1].length;
    try {
      const response = await fetch(`${source}?${new URLSearchParams({ debut: typed[1] })}`);
      const { names } = await response.json();
      if (turn === wanted) show(names);
    } catch {
      close();
    }
  });

  field.addEventListener(
    "keydown",
    (event) => {
      if (list.hidden) return;
      const all = options();
      const place = all.indexOf(chosen());
      if (event.key === "ArrowDown") choose(all[(place + 1) % all.length]);
      else if (event.key === "ArrowUp") choose(all[(place + all.length - 1) % all.length]);
      else if (event.key === "Enter") take(chosen());
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  field.addEventListener("blur", () => close());
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) take(option);
  });
}
