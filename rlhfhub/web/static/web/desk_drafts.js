/* Nothing written at the desk is ever lost: every change goes to this browser at once and to the server a moment later. */
(function () {
  "use strict";
  var PREFIX = "rlhfhub.draft.";
  var DELAY = 800;
  var WEEK = 7 * 24 * 3600 * 1000;
  var timer = null;
  var sending = null;

  function form() { return document.querySelector("[data-lease-form]"); }
  function lease() { return document.querySelector("[data-lease]"); }

  function fields() {
    var values = {};
    new FormData(form()).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken") { values[name] = value; }
    });
    return values;
  }

  function keep(extra) {
    if (!lease()) { return; }
    var entry = Object.assign({ at: Date.now(), fields: fields() }, extra);
    try { localStorage.setItem(PREFIX + lease().dataset.lease, JSON.stringify(entry)); } catch (e) { /* full or private: the server still has it */ }
  }

  function kept(id) {
    try { return JSON.parse(localStorage.getItem(PREFIX + id)); } catch (e) { return null; }
  }

  function forget(id) {
    try { localStorage.removeItem(PREFIX + id); } catch (e) { /* nothing kept */ }
  }

  function forgetOld() {
    try {
      Object.keys(localStorage).forEach(function (key) {
        if (key.indexOf(PREFIX) !== 0) { return; }
        var entry = JSON.parse(localStorage.getItem(key));
        if (!entry || Date.now() - entry.at > WEEK) { localStorage.removeItem(key); }
      });
    } catch (e) { /* nothing kept */ }
  }

  /* A draft in this browser wins over the server's unless the server's is newer (another device). */
  function restore() {
    if (!lease()) { return; }
    var entry = kept(lease().dataset.lease);
    if (!entry || !entry.fields) { return; }
    if (Number(lease().dataset.draftAt || 0) > entry.at) { return; }
    Object.keys(entry.fields).forEach(function (name) {
      var control = form().elements[name];
      if (control) { control.value = entry.fields[name]; }
    });
    var quiet = document.querySelector("[data-note][hidden]");
    if (entry.pending && quiet) { rlhfhub.note("Your answer was not sent yet. Press Enter to send it.", "calm"); }
  }

  function state(text) {
    var place = document.querySelector("[data-save-state]");
    if (place) { place.textContent = text; }
  }

  function send() {
    timer = null;
    if (!lease()) { return; }
    var id = lease().dataset.lease;
    if (sending) { sending.abort(); }
    var mine = sending = new AbortController();
    fetch(lease().dataset.draftUrl, { method: "POST", body: new FormData(form()), signal: mine.signal, headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" })
      .then(function (answer) {
        if (!lease() || lease().dataset.lease !== id) { return; }
        if (answer.status === 409) { rlhfhub.note("The time for this item is over. What you wrote is kept here; submit to take the next.", "calm"); }
        state(answer.ok ? "Saved" : "Kept here");
      })
      .catch(function (error) { if (error.name !== "AbortError") { state("Kept here"); } })
      .finally(function () { if (sending === mine) { sending = null; } });
  }

  function changed() {
    keep();
    state("");
    clearTimeout(timer);
    timer = setTimeout(send, DELAY);
  }

  /* Before a submit: no late draft may follow it. */
  function stop() {
    clearTimeout(timer);
    timer = null;
    if (sending) { sending.abort(); sending = null; }
  }

  document.addEventListener("input", function (event) {
    if (event.target.closest("[data-lease-form]")) { changed(); }
  });
  window.addEventListener("pagehide", function () {
    if (timer && lease()) {
      clearTimeout(timer);
      navigator.sendBeacon(lease().dataset.draftUrl, new FormData(form()));
    }
  });

  forgetOld();
  window.rlhfhub.drafts = { keep: keep, forget: forget, restore: restore, changed: changed, stop: stop };
})();
