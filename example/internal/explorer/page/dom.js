// Small helpers for the DOM. Texts are always inserted as text, never as HTML.

// gateways maps the key of each gateway to its name.
export const gateways = Object.fromEntries([...document.querySelectorAll(".score")].map(
  (score) => [score.dataset.gateway, score.querySelector("h2").textContent]));

// element returns a new element with a class and children.
export function element(tag, className, ...children) {
  const created = document.createElement(tag);
  created.className = className;
  created.append(...children);
  return created;
}

// announce tells users of screen readers.
export function announce(text) {
  document.getElementById("announcement").textContent = text;
}
