// Loads the parts of the page.
import "./rows.js";
import "./all.js";
import "./own.js";
import "./link.js";
