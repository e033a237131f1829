import "htmx.org";
document.documentElement.classList.replace("no-js", "js");
