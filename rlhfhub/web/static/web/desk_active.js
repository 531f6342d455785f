/* Counts the active time of an answer: while the page is in view and was used within the last two minutes. The hidden field
   `data-active` holds it in milliseconds, so that drafts and answers carry it; after a reload it goes on from there. */
(function () {
  "use strict";
  var IDLE_MILLISECONDS = 120000;
  var STEP_MILLISECONDS = 500;
  // After a longer step the machine slept, or the page did.
  var LONGEST_STEP_MILLISECONDS = 2000;
  var USES = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll", "focusin", "input"];
  var total = 0;
  var counted = performance.now();
  var used = counted;

  function field() { return document.querySelector("[data-lease-form] [data-active]"); }
  function isCounting(now) {
    return document.visibilityState === "visible" && now - used < IDLE_MILLISECONDS && !field().form.inert;
  }

  function start() {
    total = field() ? Number(field().value) : 0;
    counted = used = performance.now();
  }

  function count() {
    var now = performance.now();
    var step = now - counted;
    counted = now;
    if (!field()) { return; }
    if (isCounting(now) && step < LONGEST_STEP_MILLISECONDS) { total += step; }
    field().value = Math.round(total);
  }

  USES.forEach(function (use) {
    document.addEventListener(use, function () { used = performance.now(); }, { capture: true, passive: true });
  });
  // Before others read the field.
  document.addEventListener("submit", count, true);
  document.addEventListener("visibilitychange", count);
  setInterval(count, STEP_MILLISECONDS);
  window.rlhfhub.active = { start: start };
})();
