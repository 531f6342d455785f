/* Stores what was typed at a desk in this browser. Only the person who typed it gets it back. */
(function () {
  "use strict";
  var PREFIX = "rlhfhub.draft.";
  var PERSON = "rlhfhub.person";
  var MONTH_MILLISECONDS = 30 * 24 * 3600 * 1000;
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
    try { localStorage.removeItem(name); } catch (e) { /* The storage is disabled, so nothing is stored. */ }
  }

  /* Store an entry. Returns whether it worked: the storage may be full or disabled. */
  function put(key, entry) {
    var stored = Object.assign({ at: Date.now() }, entry, { person: person });
    try { localStorage.setItem(PREFIX + key, JSON.stringify(stored)); return true; } catch (e) { return false; }
  }

  function get(key) {
    var entry = read(PREFIX + key);
    return entry && entry.person === person ? entry : null;
  }

  function drop(key) { remove(PREFIX + key); }

  /* Delete entries of other people and entries older than a month. */
  function removeOld() {
    names().forEach(function (name) {
      var entry = read(name);
      if (!entry || entry.person !== person || Date.now() - entry.at > MONTH_MILLISECONDS) { remove(name); }
    });
    // Writing this value notifies the other tabs. They then check whether their person is still signed in.
    try { localStorage.setItem(PERSON, JSON.stringify(person)); } catch (e) { /* The other tabs find out when they send. */ }
  }

  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-sign-out")) { names().forEach(remove); }
  });

  if (person) { removeOld(); }
  window.rlhfhub.kept = { person: person, PERSON: PERSON, put: put, get: get, drop: drop };
})();
