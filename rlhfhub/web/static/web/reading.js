/* Switches all texts of the page between formatted and raw, by a button or the key M. The page holds both views. The
   choice is saved for the account. */
(function () {
  "use strict";
  var root = document.documentElement;
  var form = document.querySelector("[data-reading-form]");
  if (!form) { return; }
  var button = form.querySelector("button");

  function show(raw) {
    if (raw) { root.dataset.reading = "raw"; } else { delete root.dataset.reading; }
    button.setAttribute("aria-pressed", String(raw));
    form.elements.reading.value = raw ? "rendered" : "raw";
    rlhfhub.say(raw ? "Raw text" : "Formatted text");
  }

  // The page switches even if saving the choice fails.
  function save() {
    fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" })
      .catch(function () { rlhfhub.say("You are offline: the choice holds for this page only"); });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    save();
    show(root.dataset.reading !== "raw");
  });

  document.addEventListener("keydown", function (event) {
    if (rlhfhub.isTyping(event) || document.querySelector(".sheet:popover-open")) { return; }
    if (rlhfhub.keyOf(event) !== "m") { return; }
    event.preventDefault();
    form.requestSubmit();
  });
})();
