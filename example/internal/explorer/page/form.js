// The form for an own request.

export const form = document.getElementById("own");

// editRequest puts a request into the form.
export function editRequest(request) {
  for (const name of ["method", "path", "token", "body"]) {
    form.elements[name].value = request[name];
  }
  form.elements.path.focus();
}
