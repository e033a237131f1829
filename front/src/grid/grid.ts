/**
 * The grid: cells to type and paste into, saved all at once. The server reads what was typed as it reads an imported sheet;
 * what it cannot take comes back as [row key, field, message] and is shown at its cell.
 */
import {
  AccessorModule, ClipboardModule, EditModule, ExportModule, FormatModule, FrozenColumnsModule, InteractionModule,
  KeybindingsModule, ResizeColumnsModule, SelectRangeModule, TooltipModule, Tabulator, type Cell, type Row,
} from "tabulator-tables";
import { cellsOf } from "./text";

interface Column { code: string; label: string; width: number; required: boolean; right: boolean; help: string; options: string[] }
interface Stored { key: string; no: string; version: number; review: string; open: boolean; cells: Record<string, string> }
interface Page { columns: Column[]; rows: Stored[]; may_add: boolean; save: string; most: number }
type Data = Omit<Stored, "cells"> & { was: Record<string, string> } & Record<string, unknown>;
type Place = [Row, string]; // cells are made anew when a row is drawn again; rows and fields stay
interface Typed { place: Place; from: string }

Tabulator.registerModule([
  AccessorModule, ClipboardModule, EditModule, ExportModule, FormatModule, FrozenColumnsModule, InteractionModule,
  KeybindingsModule, ResizeColumnsModule, SelectRangeModule, TooltipModule,
]);

const page = JSON.parse(document.getElementById("grid-data")!.textContent!) as Page;
const holder = document.getElementById("grid")!;
const says = document.querySelector<HTMLElement>("[data-grid-says]")!;
const problemList = document.querySelector<HTMLElement>("[data-grid-problems]")!;
const buttons = Object.fromEntries(
  [...document.querySelectorAll<HTMLButtonElement>("[data-grid]")].map((one) => [one.dataset.grid!, one]),
);
const PREFIX = "c_"; // field codes never meet the grid's own names
const fields = page.columns.map((one) => PREFIX + one.code);
const wrong = new Map<string, string>(); // "key field" → what the server said
const undone: Typed[][] = [];
let added = 0, busy = false, quiet = false;

function blank(): Data {
  const cells = Object.fromEntries(fields.map((field) => [field, ""]));
  return { key: `new-${++added}`, no: "", version: 0, review: "新", open: true, was: cells, ...cells };
}

function stored(one: Stored): Data {
  const cells = Object.fromEntries(page.columns.map(({ code }) => [PREFIX + code, one.cells[code] ?? ""]));
  return { key: one.key, no: one.no, version: one.version, review: one.review, open: one.open, was: cells, ...cells };
}

const dataOf = (row: Row) => row.getData() as Data;
const placeOf = (cell: Cell): Place => [cell.getRow(), cell.getField()];
const changedIn = (data: Data) => fields.filter((field) => String(data[field] ?? "") !== (data.was[field] ?? ""));

function looks(cell: Cell): string {
  const data = dataOf(cell.getRow()), field = cell.getField(), element = cell.getElement();
  const problem = wrong.get(`${data.key} ${field}`);
  const marks = element.classList as DOMTokenList | undefined; // copying formats cells that are nowhere
  marks?.toggle("is-wrong", Boolean(problem));
  marks?.toggle("is-typed", String(cell.getValue() ?? "") !== (data.was[field] ?? ""));
  marks?.toggle("is-closed", !data.open);
  const span = document.createElement("span");
  span.textContent = cell.getValue() ?? "";
  return span.innerHTML;
}

const table = new Tabulator(holder, {
  data: [...page.rows.map(stored), ...(page.may_add ? Array.from({ length: page.rows.length ? 10 : 20 }, blank) : [])],
  index: "key",
  height: "calc(100vh - 15.5rem)",
  layout: "fitDataFill",
  renderHorizontal: "basic",
  placeholder: "没有记录",
  selectableRange: 1,
  selectableRangeColumns: true,
  selectableRangeRows: true,
  editTriggerEvent: "dblclick",
  clipboard: "copy",
  clipboardCopyRowRange: "range",
  clipboardCopyStyled: false,
  clipboardCopyConfig: { rowHeaders: false, columnHeaders: false },
  rowHeader: { field: "no", title: "编号", width: 128, frozen: true, resizable: true, headerSort: false, formatter: (cell: Cell) => cell.getValue() || "（新）", cssClass: "grid-no" },
  columnDefaults: {
    headerSort: false,
    formatter: looks,
    editable: (cell: Cell) => dataOf(cell.getRow()).open && !busy,
    tooltip: (_: Event, cell: Cell) => wrong.get(`${dataOf(cell.getRow()).key} ${cell.getField()}`) ?? "",
  },
  columns: page.columns.map((one) => ({
    title: one.label + (one.required ? " *" : ""),
    field: PREFIX + one.code,
    width: one.width,
    hozAlign: one.right ? "right" : "left",
    headerTooltip: one.help || false,
    editor: one.options.length ? "list" : "input",
    editorParams: one.options.length
      ? { values: ["", ...one.options], autocomplete: true, freetext: true, allowEmpty: true, listOnEmpty: true }
      : { selectContents: true },
  })),
});

/** Set cells and remember how they were, as one step to undo. */
function put(changes: [Place, string][], remember = true): void {
  const step: Typed[] = [];
  quiet = true;
  table.blockRedraw();
  for (const [[row, field], to] of changes) {
    const cell = row.getCell(field), from = String(dataOf(row)[field] ?? "");
    if (!cell || from === to || !dataOf(row).open) continue;
    step.push({ place: [row, field], from });
    cell.setValue(to);
    wrong.delete(`${dataOf(row).key} ${field}`);
  }
  table.restoreRedraw();
  quiet = false;
  for (const row of new Set(step.map(({ place }) => place[0]))) row.reformat();
  if (remember && step.length) undone.push(step);
  tell();
}

function undo(): void {
  const step = undone.pop();
  if (step) put(step.map(({ place, from }) => [place, from]), false);
}

function selected(): Cell[][] {
  return (table.getRanges()[0]?.getCells() ?? []).map((row) => row.filter((cell) => cell.getField().startsWith(PREFIX)));
}

function fillDown(): void {
  const cells = selected();
  const first = cells[0] ?? [];
  if (cells.length > 1) put(cells.slice(1).flatMap((row) => row.map((cell, at): [Place, string] => [placeOf(cell), String(first[at]?.getValue() ?? "")])));
  else says.textContent = "请先选中要填充的几行：从有内容的格子向下拖，或按住 Shift 用方向键选。";
}

function clear(): void {
  put(selected().flat().map((cell): [Place, string] => [placeOf(cell), ""]));
}

async function paste(text: string): Promise<void> {
  const corner = selected()[0]?.[0];
  if (!corner || busy) return;
  const lines = cellsOf(text);
  let rows = table.getRows();
  const top = rows.findIndex((row) => dataOf(row).key === dataOf(corner.getRow()).key);
  const left = fields.indexOf(corner.getField());
  const short = top + lines.length - rows.length;
  if (short > 0 && page.may_add) {
    if (top + lines.length > 4 * page.most) {
      says.textContent = `一次最多粘贴${4 * page.most}行；更多的请存成文件，用“导入”。`;
      return;
    }
    await table.addData(Array.from({ length: short }, blank));
    rows = table.getRows();
  }
  const range = selected();
  const one = lines.length === 1 && lines[0]!.length === 1 ? lines[0]![0]! : null; // one value fills what is selected
  if (one !== null) return put(range.flat().map((cell): [Place, string] => [placeOf(cell), one]));
  const changes: [Place, string][] = [];
  lines.forEach((line, down) => line.forEach((value, right) => {
    const field = fields[left + right];
    const row = rows[top + down];
    if (row && field) changes.push([[row, field], value]);
  }));
  put(changes);
  const cut = Math.max(0, left + Math.max(...lines.map((line) => line.length)) - fields.length);
  if (cut) says.textContent = `粘贴的内容右边多出${cut}列，没有放进来。`;
}

function typedRows(): Data[] {
  return table.getRows().map(dataOf).filter((data) => changedIn(data).length > 0);
}

function tell(): void {
  const rows = typedRows(), fresh = rows.filter((data) => !data.no).length;
  buttons.save!.disabled = !rows.length || busy;
  buttons.undo!.disabled = !undone.length || busy;
  const parts = [fresh && `新增${fresh}行`, rows.length - fresh && `修改${rows.length - fresh}行`].filter(Boolean);
  says.textContent = parts.length ? `${parts.join("，")}，还没有保存` : "没有改动";
}

function showProblems(problems: [string, string, string][]): void {
  wrong.clear();
  const rows = new Map(table.getRows().map((row) => [dataOf(row).key, row]));
  const order = table.getRows().map((row) => dataOf(row).key);
  problemList.replaceChildren(...problems.slice(0, 100).map(([key, field, message]) => {
    wrong.set(`${key} ${PREFIX}${field}`, message);
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = key ? `第${order.indexOf(key) + 1}行：${message}` : message;
    button.addEventListener("click", async () => {
      const row = rows.get(key);
      if (!row) return;
      await table.scrollToRow(row, "center");
      const cell = row.getCell(PREFIX + field) || row.getCell(fields[0]!);
      if (cell) cell.getElement().scrollIntoView({ block: "nearest", inline: "center" });
    });
    item.append(button);
    return item;
  }));
  problems.slice(100).forEach(([key, field, message]) => wrong.set(`${key} ${PREFIX}${field}`, message));
  problemList.hidden = !problems.length;
  for (const row of rows.values()) row.reformat();
  if (problems.length) says.textContent = `有${problems.length}处问题，一行也没有保存。改好后再保存。`;
}

async function save(): Promise<void> {
  const rows = typedRows();
  if (!rows.length || busy) return;
  busy = true;
  tell();
  says.textContent = `正在保存${rows.length}行…`;
  const body = JSON.stringify({
    rows: rows.map((data) => ({
      key: data.key, no: data.no, version: data.version,
      cells: Object.fromEntries(changedIn(data).map((field) => [field.slice(PREFIX.length), String(data[field] ?? "")])),
    })),
  });
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  try {
    const answer = await fetch(page.save, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } });
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
    busy = false;
    if (answer.ok && said) {
      window.removeEventListener("beforeunload", warn);
      location.reload();
      return;
    }
    tell();
    showProblems(said?.problems ?? [["", "", answer.status === 403 ? "登录已失效或页面开了太久：请在新窗口登录，再回来保存。" : `没有保存（${answer.status}）。内容还在，请稍后再试。`]]);
  } catch {
    busy = false;
    tell();
    says.textContent = "网络不通，没有保存。内容还在，请稍后再试。";
  }
}

function warn(event: BeforeUnloadEvent): void {
  if (typedRows().length) event.preventDefault();
}

function isEditing(): boolean {
  return document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement;
}

table.on("cellEdited", ((cell: Cell & { getOldValue(): string }) => {
  if (quiet) return;
  undone.push([{ place: placeOf(cell), from: String(cell.getOldValue() ?? "") }]);
  wrong.delete(`${dataOf(cell.getRow()).key} ${cell.getField()}`);
  cell.getRow().reformat();
  tell();
}) as never);
document.addEventListener("paste", (event) => {
  if (isEditing() || !selected().length) return;
  event.preventDefault();
  void paste(event.clipboardData?.getData("text/plain") ?? "");
});
document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey;
  if (control && event.key === "s") { event.preventDefault(); void save(); return; }
  if (isEditing()) return;
  const cell = selected()[0]?.[0];
  if (control && event.key === "z") undo();
  else if (control && event.key === "d") fillDown();
  else if (event.key === "Delete" || event.key === "Backspace") clear();
  else if (cell && !control && !event.altKey && (document.activeElement === document.body || holder.contains(document.activeElement)) && (event.key.length === 1 || event.key === "Process" || event.key === "F2")) {
    cell.edit();
    const input = document.activeElement;
    if (input instanceof HTMLInputElement && event.key.length === 1) { input.value = event.key; }
    else return;
  } else return;
  event.preventDefault();
}, true);
window.addEventListener("beforeunload", warn);
buttons.save!.addEventListener("click", () => void save());
buttons.undo!.addEventListener("click", undo);
buttons.fill!.addEventListener("click", fillDown);
buttons.clear!.addEventListener("click", clear);
buttons.add?.addEventListener("click", async () => {
  const rows = await table.addData(Array.from({ length: 10 }, blank));
  if (rows[0]) await table.scrollToRow(rows[0], "bottom");
});
tell();
