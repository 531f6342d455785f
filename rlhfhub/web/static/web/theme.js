/* Runs before the first paint, so that the page never appears first in another theme or text size. */
(function () {
  "use strict";
  var root = document.documentElement;
  var memory = {
    get: function (key) { try { return localStorage.getItem(key); } catch (e) { return null; } },
    set: function (key, value) {
      try { if (value) { localStorage.setItem(key, value); } else { localStorage.removeItem(key); } } catch (e) { /* private mode */ }
    }
  };
  var sizes = ["s", "m", "l", "xl"];

  function apply() {
    var theme = memory.get("rlhfhub.theme");
    if (theme === "light" || theme === "dark") { root.dataset.theme = theme; } else { delete root.dataset.theme; }
    var size = memory.get("rlhfhub.read");
    if (sizes.indexOf(size) >= 0) { root.dataset.read = size; } else { delete root.dataset.read; }
  }
  apply();
  window.addEventListener("storage", apply);

  function isDark() {
    if (root.dataset.theme) { return root.dataset.theme === "dark"; }
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  document.addEventListener("click", function (event) {
    var toggle = event.target.closest("[data-theme-toggle]");
    if (toggle) {
      var next = isDark() ? "light" : "dark";
      var system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      memory.set("rlhfhub.theme", next === system ? null : next);
      apply();
    }
    var step = event.target.closest("[data-read-step]");
    if (step) {
      var at = sizes.indexOf(memory.get("rlhfhub.read") || "m") + Number(step.dataset.readStep);
      memory.set("rlhfhub.read", sizes[Math.min(Math.max(at, 0), sizes.length - 1)]);
      apply();
    }
  });
})();
