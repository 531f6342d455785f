/* Checks whether the page's person is still signed in, and otherwise shows how to continue without losing the answer. */
(function () {
  "use strict";
  var kept = rlhfhub.kept;
  var drafts = rlhfhub.drafts;
  var desk = document.getElementById("desk");
  var found = "here";
  var wanted = false;

  /* Resolves to "here", "out" or "other"; rejects without a network. The requested page makes no lease. */
  function ask() {
    return fetch(desk.dataset.home, { credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      if (new URL(answer.url).pathname === new URL(desk.dataset.signIn, location).pathname) { return "out"; }
      if (!answer.ok) { throw new Error("status " + answer.status); }
      return answer.text().then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        if (page.body.dataset.person !== kept.person) { return "other"; }
        adopt(JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"]);
        return "here";
      });
    });
  }

  /* Use the token that the browser got by signing in again; the page's old token is refused. */
  function adopt(token) {
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    document.querySelectorAll("input[name='csrfmiddlewaretoken']").forEach(function (input) { input.value = token; });
  }

  function tell() {
    if (found === "out") {
      var is = drafts.keep({ pending: wanted, resume: wanted });
      rlhfhub.note(
        "You are signed out. Your " + (wanted ? "answer was not sent" : "draft is not saved on the server") + (is ? "; it is kept in this browser." : ". Copy what you wrote before you leave this page."),
        "", { href: desk.dataset.signIn, text: wanted ? "Sign in and send it" : "Sign in and go on" });
    }
    if (found === "other") {
      rlhfhub.note(
        "Somebody else is signed in in this browser now. This answer is " + desk.dataset.pseudonym + "’s: it was not sent in another name, and it stands on this page alone. Sign in as before, then come back to this tab" + (wanted ? ": it will be sent." : "."),
        "", { href: desk.dataset.signOut, text: "Sign out and in again (new tab)", apart: true });
    }
  }

  function judged(state) {
    var was = found;
    found = state;
    drafts.hold(found === "other");
    if (found !== "here") { tell(); return false; }
    if (was !== "here") { rlhfhub.note(""); }
    return true;
  }

  /* After a refused draft or a sign-in in another tab, check who is signed in, and send a waiting answer if possible. */
  function look() {
    if (!desk.querySelector("[data-lease-form]")) { return; }
    ask().then(function (state) {
      if (!judged(state)) { return; }
      if (wanted) { wanted = false; rlhfhub.send(); } else { drafts.send(); }
    }).catch(function () { /* no network: the next try will tell */ });
  }

  /* Called when an answer was refused. Resolves to whether to send it again at once with a new token. */
  function again() {
    wanted = true;
    return ask().then(function (state) {
      var is = judged(state);
      if (is) { wanted = false; }
      return is;
    });
  }

  window.addEventListener("focus", function () { if (found !== "here") { look(); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && found !== "here") { look(); } });
  window.addEventListener("storage", function (event) {
    if (event.key === kept.PERSON && (found !== "here" || event.newValue !== JSON.stringify(kept.person))) { look(); }
  });

  window.rlhfhub.session = { again: again, look: look };
})();
