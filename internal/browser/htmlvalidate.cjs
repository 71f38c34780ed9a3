// The recommended rules, with three settings of our own.
module.exports = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // templ writes <!doctype html>; HTML does not mind the case.
    "doctype-style": ["error", { style: "lowercase" }],
    // Several buttons of a form may share a name: each time is a button "start", and the one that is pressed is sent.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit"] }],
    // A page that waits for an answer asks again by itself where there are no scripts; axe judges all others.
    "meta-refresh": "off",
  },
};
