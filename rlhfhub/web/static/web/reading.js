/* Switches between rendered and raw text with one key. The page has both views; the choice is saved for the account. */
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

  // This page keeps the choice even if saving it fails.
  function keep() {
    fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" })
      .catch(function () { rlhfhub.say("Not kept: you are offline"); });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    keep();
    show(root.dataset.reading !== "raw");
  });

  function isWriting(target) {
    return target.matches("textarea, select, input:not([type='radio']):not([type='checkbox']), [contenteditable]");
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.defaultPrevented || event.repeat || isWriting(event.target)) { return; }
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector(".sheet:popover-open")) { return; }
    // The key is recognized by its letter, or by its position on keyboards without Latin letters.
    if (event.key.toLowerCase() !== "m" && !(event.code === "KeyM" && !/^[a-z]$/i.test(event.key))) { return; }
    event.preventDefault();
    form.requestSubmit();
  });
})();
