// What pages do beyond plain forms. Everything here is a comfort: each page works without it.
document.addEventListener("DOMContentLoaded", () => {
  // An error summary takes the focus, so that it is read first.
  document.querySelector("[data-focus]")?.focus();
});
