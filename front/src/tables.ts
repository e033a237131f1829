/**
 * Choosing rows: input[data-choose-all] in the head, input[data-choose] in the rows of one form or table;
 * [data-chosen-count] shows how many, buttons with [data-needs-chosen] wait for at least one. Shift chooses a range.
 */

let last: HTMLInputElement | null = null;

function scopeOf(element: Element): Element {
  return element.closest("[data-choosing]") ?? element.closest("form") ?? element.closest("table") ?? document.body;
}

function boxes(scope: Element): HTMLInputElement[] {
  return [...scope.querySelectorAll<HTMLInputElement>("input[data-choose]:not(:disabled)")];
}

function refresh(scope: Element): void {
  const all = boxes(scope);
  const chosen = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr")?.classList.toggle("is-chosen", box.checked);
  const head = scope.querySelector<HTMLInputElement>("input[data-choose-all]");
  if (head) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  for (const count of scope.querySelectorAll("[data-chosen-count]")) count.textContent = String(chosen.length);
  for (const button of scope.querySelectorAll<HTMLButtonElement>("[data-needs-chosen]")) button.disabled = !chosen.length;
}

export function startTables(): void {
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box.dataset.chooseAll !== undefined) {
      const scope = scopeOf(box);
      for (const each of boxes(scope)) each.checked = box.checked;
      refresh(scope);
    } else if (box.dataset.choose !== undefined) {
      const scope = scopeOf(box);
      const all = boxes(scope);
      if (event.shiftKey && last && all.includes(last)) {
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b) as [number, number];
        for (const each of all.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
      refresh(scope);
    }
  });
  const refreshAll = () => {
    const scopes = [...document.querySelectorAll("input[data-choose-all]")].map(scopeOf);
    for (const scope of new Set(scopes)) refresh(scope);
  };
  // A table that scrolls sideways must be reachable by keyboard.
  for (const wrap of document.querySelectorAll<HTMLElement>(".table-wrap")) {
    if (wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight) wrap.tabIndex = 0;
  }
  refreshAll();
  window.addEventListener("pageshow", refreshAll); // the browser restores ticks on "back"
  document.addEventListener("htmx:afterSettle", refreshAll);
}
