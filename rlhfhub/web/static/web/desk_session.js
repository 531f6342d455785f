/* Checks whether the person of this page is still signed in. If not, a note says how to go on without losing the answer. */
(function () {
  "use strict";
  var kept = rlhfhub.kept;
  var drafts = rlhfhub.drafts;
  var desk = document.getElementById("desk");
  var state = "here";
  var mustSend = false;

  /* Ask the server who is signed in. Resolves to "here" (the person of this page), "out" (nobody) or "other" (somebody
     else). Rejects without a network. It requests the page of work, because that page takes no item. */
  function ask() {
    return fetch(desk.dataset.home, { credentials: "same-origin", cache: "no-store" }).then(function (response) {
      if (new URL(response.url).pathname === new URL(desk.dataset.signIn, location).pathname) { return "out"; }
      if (!response.ok) { throw new Error("status " + response.status); }
      return response.text().then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        if (page.body.dataset.person !== kept.person) { return "other"; }
        useToken(JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"]);
        return "here";
      });
    });
  }

  /* Put a new CSRF token into this page. The old one is refused after the person has signed in again in another tab. */
  function useToken(token) {
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    document.querySelectorAll("input[name='csrfmiddlewaretoken']").forEach(function (input) { input.value = token; });
  }

  function explain() {
    if (state === "out") {
      var isKept = drafts.keep({ pending: mustSend, resume: mustSend });
      rlhfhub.note(
        "You are signed out. Your " + (mustSend ? "answer was not sent" : "draft is not saved on the server") + (isKept ? "; it is kept in this browser." : ". Copy what you wrote before you leave this page."),
        "", { href: desk.dataset.signIn, text: mustSend ? "Sign in and send it" : "Sign in and go on" });
    }
    if (state === "other") {
      rlhfhub.note(
        "Somebody else is signed in in this browser now. This answer belongs to " + desk.dataset.pseudonym + ", so it was not sent. It is on this page only: do not close this tab. Sign in again with your own account in a new tab, then come back here" + (mustSend ? ": the answer is then sent." : "."),
        "", { href: desk.dataset.signOut, text: "Sign out and in again (new tab)", newTab: true });
    }
  }

  /* Remember the new state and show what it means. Returns whether the person of this page is signed in. */
  function setState(newState) {
    var before = state;
    state = newState;
    drafts.pause(state === "other");
    if (state !== "here") { explain(); return false; }
    if (before !== "here") { rlhfhub.note(""); }
    return true;
  }

  /* Check who is signed in, after a draft was refused or after a sign-in in another tab. Then send what was not sent. */
  function check() {
    if (!desk.querySelector("[data-lease-form]")) { return; }
    ask().then(function (newState) {
      if (!setState(newState)) { return; }
      if (mustSend) { mustSend = false; rlhfhub.send(); } else { drafts.send(); }
    }).catch(function () { /* Without a network, the next attempt to send shows a note. */ });
  }

  /* Check who is signed in, after an answer was refused. Resolves to whether to send it again, with a new token. */
  function mayResend() {
    mustSend = true;
    return ask().then(function (newState) {
      var isHere = setState(newState);
      if (isHere) { mustSend = false; }
      return isHere;
    });
  }

  window.addEventListener("focus", function () { if (state !== "here") { check(); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && state !== "here") { check(); } });
  window.addEventListener("storage", function (event) {
    if (event.key === kept.PERSON && (state !== "here" || event.newValue !== JSON.stringify(kept.person))) { check(); }
  });

  window.rlhfhub.session = { mayResend: mayResend, check: check };
})();
