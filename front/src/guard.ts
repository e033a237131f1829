/** form[data-guard]: leaving with unsaved input asks first. data-guard="dirty": the server sent it back with problems. */

const dirty = new WeakSet<HTMLFormElement>();

export function startGuard(): void {
  const guarded = (target: EventTarget | null) => (target as Element).closest<HTMLFormElement>("form[data-guard]");
  const onChange = (event: Event) => {
    const form = guarded(event.target);
    if (form) dirty.add(form);
  };
  document.addEventListener("input", onChange);
  document.addEventListener("change", onChange);
  // A submit that another listener stopped (a confirm, a htmx request) has not left the page.
  document.addEventListener("submit", (event) => {
    const form = guarded(event.target);
    if (!form || event.defaultPrevented) return;
    dirty.delete(form);
    form.dataset.guard = "";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, elt } = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
    const form = elt.closest<HTMLFormElement>("form[data-guard]");
    if (form && successful && elt === form) dirty.delete(form);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-guard]")) {
      if (dirty.has(form) || form.dataset.guard === "dirty") {
        event.preventDefault();
        event.returnValue = "";
        return;
      }
    }
  });
  // A form sent back opens at its first problem.
  const problem = document.querySelector<HTMLElement>("main [aria-invalid='true']");
  problem?.focus({ preventScroll: true });
  problem?.scrollIntoView({ block: "nearest" });
}
