/* Keeps what was typed at a desk in this browser, only for the person who typed it. */
(function () {
  "use strict";
  var PREFIX = "rlhfhub.draft.";
  var PERSON = "rlhfhub.person";
  var MONTH = 30 * 24 * 3600 * 1000;
  var person = document.body.dataset.person || "";

  function read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (e) { return null; }
  }

  function names() {
    try {
      return Object.keys(localStorage).filter(function (name) { return name.indexOf(PREFIX) === 0; });
    } catch (e) { return []; }
  }

  function remove(name) {
    try { localStorage.removeItem(name); } catch (e) { /* nothing is kept */ }
  }

  /* Returns whether it was stored: the storage may be full or disabled. */
  function put(key, entry) {
    var mine = Object.assign({ at: Date.now() }, entry, { person: person });
    try { localStorage.setItem(PREFIX + key, JSON.stringify(mine)); return true; } catch (e) { return false; }
  }

  function get(key) {
    var entry = read(PREFIX + key);
    return entry && entry.person === person ? entry : null;
  }

  function drop(key) { remove(PREFIX + key); }

  /* After somebody signed in, delete what others typed here and what is old. */
  function tidy() {
    names().forEach(function (name) {
      var entry = read(name);
      if (!entry || entry.person !== person || Date.now() - entry.at > MONTH) { remove(name); }
    });
    // Tell other tabs, so that they check whether their person is still signed in.
    try { localStorage.setItem(PERSON, JSON.stringify(person)); } catch (e) { /* they see it when they send */ }
  }

  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-sign-out")) { names().forEach(remove); }
  });

  if (person) { tidy(); }
  window.rlhfhub.kept = { person: person, PERSON: PERSON, put: put, get: get, drop: drop };
})();
