// What pages do beyond plain forms. Everything here is a comfort: each page works without it.
document.addEventListener("DOMContentLoaded", () => {
  // An error summary takes the focus, so that it is read first.
  document.querySelector("[data-focus]")?.focus();

  // A chosen file is sent at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-send]") && event.target.files.length) event.target.form.requestSubmit();
  });

  // Ctrl+S saves the draft instead of the page.
  document.addEventListener("keydown", (event) => {
    const draft = document.querySelector("form[data-autosave]");
    if (draft && (event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      draft.requestSubmit();
    }
  });

  // A reference is copied by a click, where the browser allows it.
  if (navigator.clipboard) document.documentElement.dataset.copies = "yes";
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });

  // How many characters are left.
  const count = (area) => {
    const line = document.querySelector(`[data-count="${area.id}"]`);
    if (line) line.textContent = `${[...area.value].length} of at most ${line.dataset.max} characters.`;
  };
  document.querySelectorAll("textarea").forEach(count);
  document.addEventListener("input", (event) => event.target.matches("textarea") && count(event.target));

  autosave(document.querySelector("form[data-autosave]"));
});

// autosave says how saving stands, and lets nothing that was typed be left behind.
function autosave(form) {
  if (!form) return;
  const say = (text) => {
    const line = document.getElementById("saved");
    if (line) line.textContent = text;
  };
  let unsaved = false; // something was typed that the server does not have
  let refused = false; // the last save did not succeed
  let clashing = false; // two texts of a field stand on the page, and none is chosen yet
  let savedAt = 0;
  let edits = 0; // how often something was typed; a save remembers how many it carries
  let stale = false; // an answer was older than what is in the form, so the fields must be drawn anew
  let waiting = null; // another form of the page, sent once this one is saved
  form.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    unsaved = true;
    edits++;
    say("Saving…");
  });
  form.addEventListener("submit", () => (unsaved = false));
  document.addEventListener("submit", (event) => {
    if (event.target.closest("#conflict")) return (clashing = false);
    if (event.target === form || !unsaved) return;
    event.preventDefault();
    waiting = { form: event.target, button: event.submitter };
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // The server says nothing about the field that is being typed in.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form) return;
    ctx.edits = edits;
    if (stale) ctx.request.headers["Slipway-Stale"] = "yes";
    stale = false;
    if (form.contains(document.activeElement) && document.activeElement.matches("input,textarea")) {
      ctx.request.headers["Slipway-Typing"] = document.activeElement.name;
    }
  });
  // What was typed while a save was under way stays: its answer does not draw the fields, the next one does.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    const fields = tasks?.findIndex((task) => task.target?.id === "fields") ?? -1;
    if (ctx.sourceElement !== form || ctx.edits === edits || fields < 0) return;
    tasks.splice(fields, 1);
    stale = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form) return;
    const status = ctx.response?.raw?.status ?? ctx.response?.status ?? 0;
    refused = status < 200 || status > 299;
    if (status === 401) return expired(form, say);
    clashing = ctx.response?.headers?.get("HX-Retarget") === "#conflict";
    if (clashing) unsaved = false; // all else was saved
    if (clashing) return say("All is saved but what two people changed. Choose which text to keep.");
    if (refused) return say("Not saved. It is tried again with your next change.");
    unsaved = ctx.edits !== edits;
    document.getElementById("trouble").replaceChildren();
    savedAt = Date.now();
    if (waiting) waiting.form.requestSubmit(waiting.button);
    waiting = null;
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail?.ctx?.sourceElement !== form) return;
    refused = true;
    say("Not saved: no connection. It is tried again with your next change.");
  });
  setInterval(() => {
    const line = document.querySelector("[data-saved]");
    if (line && savedAt && !unsaved) line.textContent = `Saved ${Math.round((Date.now() - savedAt) / 1000)} s ago`;
  }, 5000);
  // Leaving the page sends what the pause between two keys has held back; only when saving fails it asks first.
  addEventListener("pagehide", () => {
    if (unsaved) fetch(form.action + "?auto=1", { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  });
  addEventListener("beforeunload", (event) => ((unsaved && refused) || clashing) && event.preventDefault());
}

// expired offers to sign in in another tab; coming back to this one saves what was typed here.
function expired(form, say) {
  say("Your sign-in has expired. ");
  const link = Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", rel: "noopener", textContent: "Sign in in a new tab" });
  document.getElementById("saved").append(link, ", then come back: what you typed is still here and will be saved.");
  addEventListener("focus", () => form.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
}
