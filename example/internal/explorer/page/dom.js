// Small helpers for the DOM. Texts are always inserted as text, never as HTML.

export const gateways = { with: "With statusbridge", without: "grpc-gateway without it" };

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
