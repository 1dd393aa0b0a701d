const group = document.querySelector(".themes");
const buttons = group.querySelectorAll("button");

function show() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  for (const button of buttons) button.setAttribute("aria-pressed", button.value === theme);
}

group.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  document.documentElement.dataset.theme = button.value;
  try {
    localStorage.setItem("theme", button.value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  show();
});

show();
group.hidden = false;
