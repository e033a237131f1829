/** The few parts of Tabulator that the grid uses. */
declare module "tabulator-tables" {
  export interface Cell {
    getValue(): string;
    setValue(value: string): void;
    getField(): string;
    getRow(): Row;
    getElement(): HTMLElement;
    edit(force?: boolean): void;
  }
  export interface Row {
    getData(): Record<string, unknown>;
    getCell(field: string): Cell | false;
    getElement(): HTMLElement;
    reformat(): void;
  }
  export interface Range { getCells(): Cell[][] }
  export class Tabulator {
    static registerModule(modules: unknown[]): void;
    constructor(element: HTMLElement, options: Record<string, unknown>);
    on(event: string, handler: (...args: never[]) => void): void;
    addData(rows: object[]): Promise<Row[]>;
    getRows(): Row[];
    getRanges(): Range[];
    scrollToRow(row: Row, position?: string): Promise<void>;
    blockRedraw(): void;
    restoreRedraw(): void;
  }
  export const ClipboardModule: unknown, EditModule: unknown, FormatModule: unknown, FrozenColumnsModule: unknown,
    InteractionModule: unknown, KeybindingsModule: unknown, ResizeColumnsModule: unknown, SelectRangeModule: unknown,
    TooltipModule: unknown, ExportModule: unknown, AccessorModule: unknown;
}
