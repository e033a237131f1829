/**
 * A child table in a form ([data-lines]): lines are added from the <template>, moved with the arrow keys in the order
 * number, and removed ones are greyed out. Without this script the same buttons and boxes ask the server.
 */
import htmx from "htmx.org";

function linesOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-lines]") : null;
}

function add(box: HTMLElement): HTMLElement | null {
  const count = box.querySelector<HTMLInputElement>("[data-lines-count]");
  const blank = box.querySelector<HTMLTemplateElement>("template[data-lines-blank]");
  const body = box.querySelector("tbody");
  if (!count || !blank || !body) return null;
  const index = Number(count.value);
  if (index >= Number(box.dataset.most)) return null;
  const holder = document.createElement("tbody");
  holder.append(blank.content.cloneNode(true));
  const line = holder.querySelector<HTMLElement>("[data-line]");
  if (!line) return null;
  for (const part of [line, ...line.querySelectorAll<HTMLElement>("*")]) {
    for (const attribute of [...part.attributes]) {
      if (attribute.value.includes("-__-")) attribute.value = attribute.value.replaceAll("-__-", `-${index}-`);
      else if (attribute.value.includes("第0行")) attribute.value = attribute.value.replaceAll("第0行", `第${index + 1}行`);
    }
  }
  for (const label of line.querySelectorAll(".visually-hidden")) {
    label.textContent = label.textContent?.replaceAll("第0行", `第${index + 1}行`) ?? "";
  }
  for (const name of ["-was", "-at"]) {
    const box = line.querySelector<HTMLInputElement>(`input[name$="${name}"]`);
    if (box) box.value = String(index + 1);
  }
  count.value = String(index + 1);
  body.append(line);
  htmx.process(line);
  return line;
}

/** Move a line among the others; the numbers then say the order in which the lines stand. */
function move(line: HTMLElement, down: boolean): void {
  const other = down ? line.nextElementSibling : line.previousElementSibling;
  const body = line.parentElement;
  if (!other || !body) return;
  if (down) other.after(line);
  else other.before(line);
  [...body.querySelectorAll<HTMLInputElement>("[data-line-at]")].forEach((box, at) => {
    box.value = String(at + 1);
  });
  for (const was of body.querySelectorAll<HTMLInputElement>('input[name$="-was"]')) was.value = "";
  line.dispatchEvent(new Event("change", { bubbles: true }));
}

export function startLines(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-lines-add]");
    const box = linesOf(button);
    const line = box && button ? add(box) : null;
    if (!line) return;
    event.preventDefault();
    line.querySelector<HTMLElement>("td:not(.title) input:not([type=hidden]), td:not(.title) select, td:not(.title) textarea")?.focus();
    line.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const line = target.closest<HTMLElement>("[data-line]");
    if (!line || !target.matches("[data-line-at]") || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(line, event.key === "ArrowDown");
    target.focus();
  });
  document.addEventListener("change", (event) => {
    const target = event.target as HTMLInputElement;
    if (target.matches("[data-line-drop]")) target.closest("[data-line]")?.classList.toggle("is-dropped", target.checked);
  });
}
