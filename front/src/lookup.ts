/**
 * The lookup field: typing asks the server (?q=…), which answers <li role="option" data-value data-text>.
 * The hidden input carries the id; text edited after a choice clears it, so that an id never stands under another name.
 */

interface Lookup { box: HTMLElement; input: HTMLInputElement; hidden: HTMLInputElement; list: HTMLElement }

function lookupOf(target: EventTarget | null): Lookup | null {
  const box = target instanceof Element ? target.closest<HTMLElement>("[data-lookup]") : null;
  const input = box?.querySelector<HTMLInputElement>("[role=combobox]");
  const hidden = box?.querySelector<HTMLInputElement>("input[type=hidden]");
  const list = box?.querySelector<HTMLElement>("[role=listbox]");
  return box && input && hidden && list ? { box, input, hidden, list } : null;
}

function options({ list }: Lookup): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=option]")];
}

function show(lookup: Lookup, open: boolean): void {
  lookup.list.hidden = !open;
  lookup.input.setAttribute("aria-expanded", String(open));
  if (!open) lookup.input.removeAttribute("aria-activedescendant");
}

function mark(lookup: Lookup, index: number): void {
  options(lookup).forEach((option, at) => {
    option.id ||= `${lookup.list.id}-${at}`;
    option.setAttribute("aria-selected", String(at === index));
    if (at !== index) return;
    lookup.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  });
}

function choose(lookup: Lookup, option: HTMLElement): void {
  lookup.hidden.value = option.dataset.value ?? "";
  lookup.input.value = option.dataset.text ?? option.textContent?.trim() ?? "";
  lookup.box.classList.add("is-chosen");
  show(lookup, false);
  lookup.hidden.dispatchEvent(new Event("change", { bubbles: true }));
}

function onKey(event: KeyboardEvent): void {
  const lookup = lookupOf(event.target);
  if (!lookup || event.isComposing || lookup.list.hidden) return;
  const all = options(lookup);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") mark(lookup, Math.min(at + 1, all.length - 1));
  else if (event.key === "ArrowUp") mark(lookup, Math.max(at - 1, 0));
  else if (event.key === "Escape") show(lookup, false);
  else if (event.key === "Enter") {
    const option = all[at];
    if (option) choose(lookup, option);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

export function startLookup(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const lookup = lookupOf(event.target);
    if (lookup) (event as CustomEvent).detail.parameters = { q: lookup.input.value.trim() };
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const lookup = lookupOf(event.target);
    if (!lookup || lookup.input.value.trim()) return;
    event.preventDefault(); // an emptied field asks nothing
    show(lookup, false);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const lookup = lookupOf(event.target);
    if (!lookup || document.activeElement !== lookup.input) return;
    show(lookup, true);
    mark(lookup, 0);
  });
  document.addEventListener("input", (event) => {
    const lookup = lookupOf(event.target);
    if (!lookup || event.target !== lookup.input) return;
    lookup.hidden.value = "";
    lookup.box.classList.remove("is-chosen");
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("mousedown", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[data-lookup] [role=option]");
    const lookup = lookupOf(option);
    if (!option || !lookup) return;
    event.preventDefault(); // keep the focus in the input
    choose(lookup, option);
  });
  document.addEventListener("focusout", (event) => {
    const lookup = lookupOf(event.target);
    if (lookup) show(lookup, false);
  });
}
