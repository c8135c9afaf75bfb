// Light or dark: as the reader chose here, else as the system says. Runs before the page is drawn.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("theme");
    document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        localStorage.setItem("theme", document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
        apply();
      });
    }
  });
})();
