/** data-confirm="…" on a button, link or form, and hx-confirm: ask first, in a dialog that names the act. */

let passed: Element | null = null;

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Resolves true when the person agreed. */
export function ask(question: string, yes = "确定"): Promise<boolean> {
  if (typeof HTMLDialogElement === "undefined") return Promise.resolve(window.confirm(question));
  return new Promise((resolve) => {
    const dialog = element("dialog", "confirm");
    const foot = element("div", "confirm-foot");
    const no = element("button", "btn", "取消");
    const ok = element("button", "btn btn-primary", yes);
    const text = element("p", "", question);
    text.id = "confirm-text";
    dialog.setAttribute("aria-labelledby", text.id);
    foot.append(no, ok);
    dialog.append(text, foot);
    document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    ok.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    no.focus(); // the safe answer is the one a stray Enter gives
  });
}

export function startConfirm(): void {
  // Capture phase: we stop the act before htmx or the browser sees it, and repeat it once agreed.
  document.addEventListener("click", (event) => {
    const asked = (event.target as Element).closest<HTMLElement>("a[data-confirm], button[data-confirm]");
    if (!asked || passed === asked) return;
    event.preventDefault();
    event.stopPropagation();
    void ask(asked.dataset.confirm ?? "", asked.dataset.confirmYes).then((yes) => {
      if (!yes) return;
      passed = asked;
      asked.click();
      passed = null;
    });
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.dataset.confirm || passed === form) return;
    event.preventDefault();
    event.stopPropagation();
    const submitter = event.submitter;
    void ask(form.dataset.confirm, form.dataset.confirmYes).then((yes) => {
      if (!yes) return;
      passed = form;
      form.requestSubmit(submitter as HTMLElement | null);
      passed = null;
    });
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    const { question, issueRequest } = (event as CustomEvent<{ question?: string; issueRequest: (skip: boolean) => void }>).detail;
    if (!question) return;
    event.preventDefault();
    void ask(question).then((yes) => { if (yes) issueRequest(true); });
  });
}
