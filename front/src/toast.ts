/** What went wrong with a request made by the page itself, in words that say what to do. */

interface ResponseDetail { xhr: XMLHttpRequest }

const SAYS: Record<number, string> = {
  400: "填写的内容有误，没有保存。请检查后再提交。",
  401: "登录已失效。请在新窗口重新登录，再回到本页提交，已填内容不会丢失。",
  403: "没有权限办理这一项；如果页面开了很久，请刷新后重试。",
  404: "这条记录已不在你的查看范围内，请刷新页面。",
  409: "别人刚刚改过这条记录，你的改动没有保存。请刷新后核对再改。",
  413: "文件太大，没有上传。请压缩或分成几个后再传。",
  429: "操作太频繁，请稍等几分钟再试。",
};

/** An error stays until closed; other notes go after six seconds. */
export function toast(text: string, isError = false): void {
  const place = document.getElementById("toasts");
  if (!place || [...place.children].some((note) => note.firstElementChild?.textContent === text)) return;
  const note = document.createElement("div");
  note.className = isError ? "toast-note is-error" : "toast-note";
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "关闭";
  close.addEventListener("click", () => note.remove());
  note.append(words, close);
  place.append(note);
  if (!isError) setTimeout(() => note.remove(), 6000);
}

/** The server's own words when it sent plain text (a conflict names who changed what), else ours for the status. */
function wordsFor(xhr: XMLHttpRequest): string {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  const own = type.startsWith("text/plain") ? xhr.responseText.trim() : "";
  return own || SAYS[xhr.status] || `系统出错了（${xhr.status}），刚才的操作可能没有完成。请刷新核对后再决定是否重做。`;
}

export function startToasts(): void {
  const offline = "连不上服务器，刚才的操作可能没有保存。请检查网络后重试，已填内容不会丢失。";
  document.addEventListener("htmx:responseError", (event) => toast(wordsFor((event as CustomEvent<ResponseDetail>).detail.xhr), true));
  document.addEventListener("htmx:sendError", () => toast(offline, true));
  document.addEventListener("htmx:timeout", () => toast("服务器没有及时答复。请刷新看看是否已经办好，再决定是否重做。", true));
  window.addEventListener("offline", () => toast("网络已断开。请不要关闭本页，恢复后再提交。", true));
  window.addEventListener("online", () => toast("网络已恢复。"));
  // A view may send HX-Trigger: {"toast": "已保存"} after a partial update.
  document.addEventListener("toast", (event) => toast(String((event as CustomEvent<{ value?: unknown }>).detail?.value ?? "")));
}
