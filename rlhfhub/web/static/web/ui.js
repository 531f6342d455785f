/* Behavior of every page: times in the local zone, announcements to screen readers, keys, polling, copying,
   confirmation, dropped files, checkboxes that check others, forms that are sent once. */
(function () {
  "use strict";

  /* Show moments in the person's own zone, in the form of the page's other dates. The title names the zone. */
  var MOMENT = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

  function localTimes(root) {
    root.querySelectorAll("time[data-local]").forEach(function (time) {
      var at = new Date(time.dateTime);
      if (isNaN(at)) { return; }
      time.title = at.toLocaleString("en-GB", Object.assign({ timeZoneName: "short" }, MOMENT));
      time.textContent = at.toLocaleString("en-GB", MOMENT);
      time.removeAttribute("data-local");
    });
  }

  /* Let screen readers announce a text. It is set after a moment, so that the same text is announced again too. */
  function say(text) {
    var live = document.getElementById("announcer");
    if (live) { live.textContent = ""; setTimeout(function () { live.textContent = text; }, 30); }
  }

  /* Return the letter or digit of a key event. On layouts without Latin letters or plain digits (Cyrillic, Arabic,
     AZERTY) it is read from the key's position. */
  function keyOf(event) {
    var key = event.key.toLowerCase();
    if (/^[a-z0-9?=]$/.test(key) || event.shiftKey) { return key; }
    var position = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
    return position ? position[1].toLowerCase() : key;
  }

  /* Return whether a key event is for a text field or the browser, and so is no shortcut of the page. */
  function isTyping(event) {
    var fields = "textarea, select, input:not([type='radio']):not([type='checkbox']), [contenteditable]";
    if (event.isComposing || event.defaultPrevented || event.repeat || event.target.matches(fields)) { return true; }
    return event.altKey || event.ctrlKey || event.metaKey;
  }

  window.rlhfhub = { say: say, keyOf: keyOf, isTyping: isTyping };

  // A hidden tab does not poll.
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (document.hidden && event.detail.elt.hasAttribute("data-poll")) { event.preventDefault(); }
  });

  // Polling replaces parts of the page. Open its details again if they were open before.
  var opened = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    opened = Array.prototype.map.call(event.detail.target.querySelectorAll("details[open][id]"), function (d) { return d.id; });
  });
  document.addEventListener("htmx:afterSwap", function () {
    opened.forEach(function (id) { var d = document.getElementById(id); if (d) { d.open = true; } });
    opened = [];
  });
  document.addEventListener("htmx:load", function (event) { localTimes(event.detail.elt); });

  document.addEventListener("click", function (event) {
    var copy = event.target.closest("[data-copy]");
    if (copy) {
      var source = document.getElementById(copy.dataset.copy);
      navigator.clipboard.writeText(source.value || source.textContent).then(function () {
        copy.dataset.done = "true";
        say("Copied");
        setTimeout(function () { delete copy.dataset.done; }, 2000);
      });
    }
    var ask = event.target.closest("[data-confirm]");
    if (ask && !window.confirm(ask.dataset.confirm)) { event.preventDefault(); }
  });

  document.addEventListener("change", function (event) {
    var all = event.target.closest("[data-check-all]");
    if (all) {
      document.querySelectorAll("input[name='" + all.dataset.checkAll + "']").forEach(function (box) { box.checked = all.checked; });
    }
    if (event.target.matches("input[type='checkbox']")) { countChecked(); }
    if (event.target.matches(".drop input[type='file']")) { showFileName(event.target); }
  });

  /* Show how many checkboxes of each counted name are checked. */
  function countChecked() {
    document.querySelectorAll("[data-ticked]").forEach(function (place) {
      place.textContent = document.querySelectorAll("input[name='" + place.dataset.ticked + "']:checked").length;
    });
  }

  function showFileName(input) {
    var place = input.closest(".drop").querySelector("[data-file-name]");
    if (place && input.files.length) { place.textContent = input.files[0].name; }
  }

  ["dragover", "dragleave", "drop"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var zone = event.target.closest && event.target.closest(".drop");
      if (!zone) { return; }
      event.preventDefault();
      zone.classList.toggle("drop-over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        var input = zone.querySelector("input[type='file']");
        input.files = event.dataTransfer.files;
        showFileName(input);
      }
    });
  });

  // Send a plain form only once; htmx forms prevent a second request themselves.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("hx-post") || form.hasAttribute("hx-get") || event.defaultPrevented) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "true";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // On a phone a row of tabs is wider than the screen. Scroll the current tab into view.
  document.querySelectorAll(".tabs, .topbar-nav").forEach(function (row) {
    var tab = row.querySelector("[aria-current]");
    if (tab) { row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2; }
  });

  localTimes(document);
  countChecked();
})();
