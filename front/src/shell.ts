/** Sidebar, menus that close, and the keys: "/" search, Alt+N new row, Ctrl+S save. */

const narrow = window.matchMedia("(max-width: 991.98px)");

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function setSidebar(open: boolean): void {
  const toggle = document.querySelector<HTMLElement>("[data-sidebar-toggle]");
  if (narrow.matches) {
    document.body.classList.toggle("sidebar-open", open);
    if (open) document.querySelector<HTMLElement>("#sidebar a")?.focus();
    else toggle?.focus();
  } else {
    document.body.classList.toggle("sidebar-hidden", !open);
    // The server reads this cookie, so that the next page does not jump.
    document.cookie = `sidebar=${open ? "wide" : "narrow"}; path=/; max-age=31536000; samesite=lax`;
  }
  toggle?.setAttribute("aria-expanded", String(open));
}

function isSidebarOpen(): boolean {
  const { classList } = document.body;
  return narrow.matches ? classList.contains("sidebar-open") : !classList.contains("sidebar-hidden");
}

function closeMenus(except?: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    const menu = (event.target as Element).closest?.("details[data-menu][open]");
    closeMenus();
    menu?.querySelector<HTMLElement>("summary")?.focus();
    if (narrow.matches && isSidebarOpen()) setSidebar(false);
  } else if (event.key === "/" && !event.ctrlKey && !event.altKey && !event.metaKey && !isTyping(event.target)) {
    const search = document.querySelector<HTMLInputElement>("[data-search]");
    if (search?.offsetParent) {
      event.preventDefault();
      search.select();
    }
  } else if (event.altKey && event.code === "KeyN") {
    const link = document.querySelector<HTMLElement>("[data-new]");
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.ctrlKey && !event.shiftKey && event.code === "KeyS") {
    const form = document.querySelector<HTMLFormElement>("form[data-guard]");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  }
}

export function startShell(): void {
  // Tabs whose view passes no title take it from the heading.
  const heading = document.querySelector("main h1")?.textContent?.trim();
  if (heading && !document.title.includes(heading)) document.title = `${heading} · ${document.title}`;

  const toggle = document.querySelector<HTMLElement>("[data-sidebar-toggle]");
  toggle?.setAttribute("role", "button");
  toggle?.setAttribute("aria-expanded", String(isSidebarOpen()));
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    closeMenus(target);
    if (target.closest("[data-sidebar-toggle]")) {
      event.preventDefault();
      setSidebar(!isSidebarOpen());
    } else if (narrow.matches && isSidebarOpen() && (target.closest("[data-sidebar-close]") || !target.closest("#sidebar"))) {
      event.preventDefault();
      setSidebar(false);
    }
  });
  document.addEventListener("keydown", onKey);
  const active = document.querySelector("#sidebar [aria-current]");
  if (!narrow.matches) active?.scrollIntoView({ block: "nearest" });
}
