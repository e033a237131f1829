/**
 * form[data-autosubmit]: a changed filter applies itself; empty filters stay out of the address; the focus comes back.
 * On a phone a long form.filters folds behind one button, so that the table is not a screen away.
 */

const REMEMBER = "zhenwu.filter";

const FOLDED_FROM = 5; // fewer stay in view

/** `isOpen`: the person is in the middle of choosing, so the filters stay in view. */
function foldOnPhones(form: HTMLFormElement, isOpen: boolean): void {
  const parts = [...form.children].filter((part) => !part.matches(".grow, .filters-end, [type=hidden]"));
  if (parts.length < FOLDED_FROM) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn filters-fold";
  const show = (open: boolean) => {
    const inUse = [...form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("select, [type=checkbox]")]
      .filter((each) => (each instanceof HTMLInputElement && each.type === "checkbox" ? each.checked : each.value !== "")).length;
    form.classList.toggle("is-folded", !open);
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "收起筛选" : inUse ? `筛选（${inUse}）` : "筛选";
  };
  button.addEventListener("click", () => show(form.classList.contains("is-folded")));
  const search = form.querySelector(":scope > .grow");
  if (search) search.after(button);
  else form.prepend(button);
  show(isOpen);
}

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
  const isChoosing = Boolean(name) && path === location.pathname;
  for (const form of document.querySelectorAll<HTMLFormElement>("form.filters")) foldOnPhones(form, isChoosing);
  if (isChoosing) {
    document.querySelector<HTMLElement>(`form[data-autosubmit] [name="${CSS.escape(name ?? "")}"]`)?.focus({ preventScroll: true });
  }
}
