// The recommended rules, with two settings of our own.
module.exports = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // templ writes <!doctype html>; HTML does not mind the case.
    "doctype-style": ["error", { style: "lowercase" }],
    // Several buttons of a form may share a name: each time is a button "start", and the one that is pressed is sent.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit"] }],
  },
};
