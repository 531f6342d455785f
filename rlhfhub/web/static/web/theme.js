/* Applies the chosen theme and text size. It runs before the first paint, so that the page does not flash in another. */
(function () {
  "use strict";
  var root = document.documentElement;
  var storage = {
    get: function (key) { try { return localStorage.getItem(key); } catch (e) { return null; } },
    set: function (key, value) {
      try { if (value) { localStorage.setItem(key, value); } else { localStorage.removeItem(key); } } catch (e) { /* The storage is disabled: the choice holds for this page only. */ }
    }
  };
  var sizes = ["s", "m", "l", "xl"];

  function apply() {
    var theme = storage.get("rlhfhub.theme");
    if (theme === "light" || theme === "dark") { root.dataset.theme = theme; } else { delete root.dataset.theme; }
    var size = storage.get("rlhfhub.read");
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
      storage.set("rlhfhub.theme", next === system ? null : next);
      apply();
    }
    var step = event.target.closest("[data-read-step]");
    if (step) {
      var at = sizes.indexOf(storage.get("rlhfhub.read") || "m") + Number(step.dataset.readStep);
      storage.set("rlhfhub.read", sizes[Math.min(Math.max(at, 0), sizes.length - 1)]);
      apply();
    }
  });
})();
