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

  // What is fetched when its details are opened hears of it. A toggle does not bubble.
  document.addEventListener("toggle", (event) => event.target.querySelector(":scope > [data-on-open]")?.dispatchEvent(new Event("open")), true);

  // A link to a check opens all that it lies in.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.matches("details")) return;
    for (let d = target; d; d = d.parentElement.closest("details")) d.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // How many characters are left.
  const count = (area) => {
    const line = document.querySelector(`[data-count="${area.id}"]`);
    if (line) line.textContent = `${[...area.value].length} of at most ${line.dataset.max} characters.`;
  };
  document.querySelectorAll("textarea").forEach(count);
  document.addEventListener("input", (event) => event.target.matches("textarea") && count(event.target));

  autosave(document.querySelector("form[data-autosave]"));
});

// autosave says how saving stands, and lets nothing that was typed be left behind. One save is under way at a time.
function autosave(form) {
  if (!form) return;
  const say = (text) => {
    const line = document.getElementById("saved");
    if (line) line.textContent = text;
  };
  const save = () => form.dispatchEvent(new Event("change", { bubbles: true }));
  let edits = 0; // how often something was typed; a save remembers how many it carries
  let unsaved = false; // something was typed that the server does not have
  let saving = false; // a save is under way
  let refused = false; // the last save did not succeed
  let clashing = false; // two texts of a field stand on the page, and none is chosen yet
  let savedAt = 0;
  let waiting = null; // a form that is sent once all is saved
  const mine = (listener) => (event) => event.detail?.ctx?.sourceElement === form && listener(event.detail);

  form.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    unsaved = true;
    edits++;
    say("Saving…");
  });
  document.addEventListener("submit", (event) => {
    if (event.target.closest("#conflict")) return (clashing = false);
    if (event.target === form && !saving) return (unsaved = false);
    if (!saving && !unsaved) return;
    event.preventDefault();
    waiting = { form: event.target, button: event.submitter };
    if (!saving) save();
  });
  // A save that had to wait for another one sends what is in the form now, on top of what that one has stored.
  document.addEventListener("htmx:before:request", mine(({ ctx }) => {
    saving = true;
    ctx.edits = edits;
    ctx.request.body = new URLSearchParams(new FormData(form));
    // The server says nothing about the field that is being typed in.
    if (form.contains(document.activeElement) && document.activeElement.matches("input,textarea")) {
      ctx.request.headers["Slipway-Typing"] = document.activeElement.name;
    }
  }));
  document.addEventListener("htmx:after:request", mine(({ ctx }) => {
    refused = ctx.response.status < 200 || ctx.response.status > 299;
    clashing = ctx.response.headers.get("HX-Retarget") === "#conflict";
    if (!refused) {
      unsaved = ctx.edits !== edits;
      savedAt = Date.now();
      document.getElementById("trouble").replaceChildren();
    } else if (ctx.response.status === 401) {
      expired(form, say);
    } else if (clashing) {
      unsaved = false; // all else was saved
      say("All is saved but what two people changed. Choose which text to keep.");
    } else {
      say("Not saved. It is tried again with your next change.");
    }
  }));
  document.addEventListener("htmx:error", mine(() => {
    refused = true;
    say("Not saved: no connection. It is tried again with your next change.");
  }));
  document.addEventListener("htmx:finally:request", mine(() => {
    saving = false;
    if (refused) waiting = null;
    if (!waiting || (unsaved && waiting.form !== form)) return;
    const { form: next, button } = waiting;
    waiting = null;
    next.requestSubmit(button);
  }));
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
