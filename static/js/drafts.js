// What is being written is kept in this browser, for this member and this form, until it is sent.
// Taking it up again sends it to the server as « Relire » does, which shows the form with all of
// it, however many clauses it had grown.
const { member } = document.documentElement.dataset;
const SENT = "draft-sent";

function storage(use) {
  try {
    return use();
  } catch {
    return null; // Without storage nothing is kept, and nothing else changes.
  }
}

const sent = storage(() => sessionStorage.getItem(SENT));
if (sent) {
  if (document.querySelector(".notice--success")) storage(() => localStorage.removeItem(sent));
  storage(() => sessionStorage.removeItem(SENT));
}

const TEXTS = /(^|-)(body|text|question|agreed|disputed)$/;
const isText = ([name, value]) => TEXTS.test(name) && value.trim();
const textsOf = (fields) => JSON.stringify([...fields].filter(isText));

for (const form of document.querySelectorAll("form[data-draft]")) {
  const { pathname, search } = new URL(form.action);
  const key = `draft ${member} ${pathname}${search}`;
  const note = form.querySelector(".draft");
  const [resume, discard] = note.querySelectorAll("button");
  const token = form.elements.csrfmiddlewaretoken.value;

  function fields() {
    const all = new URLSearchParams(new FormData(form));
    all.delete("csrfmiddlewaretoken");
    return all;
  }

  const kept = new URLSearchParams(storage(() => localStorage.getItem(key)) ?? "");
  const isKept = [...kept].some(isText);
  note.hidden = !isKept || textsOf(kept) === textsOf(fields());

  form.addEventListener("input", () => {
    // A draft that waits to be taken up is not written over.
    if (!note.hidden) return;
    if ([...fields()].some(isText)) storage(() => localStorage.setItem(key, fields()));
    else storage(() => localStorage.removeItem(key));
  });

  form.addEventListener("submit", (event) => {
    const sends = !event.submitter?.name;
    if (sends) storage(() => sessionStorage.setItem(SENT, key));
  });

  resume.addEventListener("click", () => {
    const again = document.createElement("form");
    again.method = "post";
    again.action = form.action;
    kept.set("csrfmiddlewaretoken", token);
    kept.set("preview", "1");
    for (const [name, value] of kept) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      again.append(field);
    }
    again.hidden = true;
    document.body.append(again);
    again.submit();
  });

  discard.addEventListener("click", () => {
    storage(() => localStorage.removeItem(key));
    note.hidden = true;
    form.querySelector("textarea, input[type=text]").focus();
  });
}
