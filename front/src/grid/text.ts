/** Tab-separated text as spreadsheets copy it: "…" around cells with line ends or tabs, "" for a quotation mark. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "", quoted = false;
  const end = () => { rows[rows.length - 1]!.push(cell.trim()); cell = ""; };
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at++) {
    const char = clean[at]!;
    if (quoted && char === '"' && clean[at + 1] === '"') { cell += '"'; at++; }
    else if (quoted && char === '"') quoted = false;
    else if (!quoted && char === '"' && cell === "") quoted = true;
    else if (!quoted && char === "\t") end();
    else if (!quoted && char === "\n") { end(); rows.push([]); }
    else cell += char;
  }
  end();
  return rows;
}
