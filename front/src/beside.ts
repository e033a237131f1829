/**
 * [data-beside]: the outline of a document beside its source. The piece of the outline under focus lights up in the source, and a
 * click in the source leads to its piece. ↑ and ↓ (or k and j) go from piece to piece.
 */

export function startBeside(): void {
  const page = document.querySelector<HTMLElement>("[data-beside]");
  const source = page?.querySelector<HTMLElement>("[data-source]");
  if (!page || !source) return;
  const pieces = [...page.querySelectorAll<HTMLAnchorElement>("a[data-node]")];
  let lit: HTMLElement[] = [];

  const show = (key: string): void => {
    lit.forEach((each) => each.classList.remove("is-lit"));
    lit = [...source.querySelectorAll<HTMLElement>(`[data-keys~="${key}"]`)];
    lit.forEach((each) => each.classList.add("is-lit"));
    const scrolls = source.scrollHeight > source.clientHeight + 1;
    if (lit[0] && scrolls) source.scrollTo({ top: lit[0].offsetTop - source.offsetTop - source.clientHeight / 3 });
  };

  page.addEventListener("focusin", (event) => {
    const piece = (event.target as HTMLElement).closest<HTMLElement>("a[data-node]");
    if (piece?.dataset.node) show(piece.dataset.node);
  });
  source.addEventListener("click", (event) => {
    const keys = (event.target as HTMLElement).closest<HTMLElement>("[data-keys]")?.dataset.keys?.split(" ") ?? [];
    const deepest = keys.sort((a, b) => b.length - a.length)[0];
    pieces.find((piece) => piece.dataset.node === deepest)?.focus();
  });
  page.addEventListener("keydown", (event) => {
    const at = pieces.indexOf(document.activeElement as HTMLAnchorElement);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (at < 0 || !step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    pieces[at + step]?.focus();
  });
}
