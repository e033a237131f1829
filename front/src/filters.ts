/** form[data-autosubmit]: a changed filter applies itself; empty filters stay out of the address; the focus comes back. */

const REMEMBER = "zhenwu.filter";

export function startFilters(): void {
  document.addEventListener("change", (event) => {
    const control = event.target as HTMLInputElement;
    const form = control.form;
    if (form?.dataset.autosubmit === undefined) return;
    sessionStorage.setItem(REMEMBER, `${location.pathname}|${control.name}`);
    form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset.autosubmit === undefined || form.method !== "get" || event.defaultPrevented) return;
    const empty = [...form.elements].filter((each): each is HTMLInputElement => "value" in each && each.value === "" && "name" in each);
    for (const each of empty) each.disabled = true;
    setTimeout(() => { for (const each of empty) each.disabled = false; }); // for "back"
  });
  const [path, name] = (sessionStorage.getItem(REMEMBER) ?? "|").split("|");
  sessionStorage.removeItem(REMEMBER);
  if (name && path === location.pathname) {
    document.querySelector<HTMLElement>(`form[data-autosubmit] [name="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  }
}
