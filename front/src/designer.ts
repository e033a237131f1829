/** The designer of own ledgers: boxes that a type does not need are put away; the page that waits for the new packs. */

function settle(part: HTMLElement): void {
  const type = part.querySelector<HTMLSelectElement>("[data-type]")?.value ?? "";
  const use = part.querySelector<HTMLSelectElement>("[data-use]")?.value ?? (part.querySelector("[data-type]") ? "field" : "");
  part.classList.toggle("is-skipped", use === "skip");
  for (const box of part.querySelectorAll<HTMLElement>("[data-types]")) {
    box.hidden = use !== "field" || !(box.dataset.types ?? "").split(" ").includes(type);
  }
  for (const box of part.querySelectorAll<HTMLElement>("[data-field-only]")) box.hidden = use !== "field";
  for (const box of part.querySelectorAll<HTMLElement>("[data-use-in]")) {
    box.hidden = !(box.dataset.useIn ?? "").split(" ").includes(use);
  }
}

async function wait(url: string, seconds: number): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (answer.ok && ((await answer.json()) as { ready: boolean }).ready) break;
    } catch {
      // the server is between two workers
    }
  }
  window.location.hash = "go-on"; // only who waited goes on by itself
  window.location.reload();
}

export function startDesigner(): void {
  document.querySelector("[data-designer]")?.addEventListener("change", (event) => {
    const part = (event.target as Element).closest<HTMLElement>("[data-part]");
    if (part && (event.target as Element).matches("[data-type], [data-use]")) settle(part);
  });
  const waiting = document.querySelector<HTMLElement>("[data-wait]");
  if (waiting?.dataset.wait) void wait(waiting.dataset.wait, Number(waiting.dataset.waitSeconds ?? 1));
  if (window.location.hash === "#go-on") {
    history.replaceState(null, "", window.location.pathname);
    document.querySelector<HTMLFormElement>("form[data-go-on]")?.requestSubmit();
  }
}
