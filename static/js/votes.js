// A vote without leaving the page; should anything fail, the form is sent as it is without script.
const form = document.getElementById("act");

form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const group = button?.closest(".votes");
  // A clause’s buttons name an address of their own: its page is drawn anew, bar and all.
  if (!group || button.hasAttribute("formaction")) return;
  event.preventDefault();
  const fields = new FormData(form, button);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: fields,
    });
    const { useful, not_useful, mine, said } = await response.json();
    if (said) throw new Error(said);
    const figures = { useful, not_useful };
    for (const each of group.querySelectorAll("button")) {
      each.querySelector("b").textContent = figures[each.name];
      each.setAttribute("aria-pressed", mine !== null && (each.name === "useful") === mine);
    }
  } catch {
    const again = document.createElement("input");
    again.type = "hidden";
    again.name = button.name;
    again.value = button.value;
    form.append(again);
    form.submit();
  }
});
