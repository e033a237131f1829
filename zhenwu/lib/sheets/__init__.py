"""The one reader and writer of sheets: xlsx, xls (and WPS et), csv.

`read_book` opens a file within limits, `find_table` finds the table on a sheet, `BookWriter` and `write_csv` write.
"""

from zhenwu.lib.sheets.book import Book, Cell, Sheet, read_book
from zhenwu.lib.sheets.extent import Limits
from zhenwu.lib.sheets.joined import beside, join_tables, said_with_sheets, same_header, where, with_sheet_names
from zhenwu.lib.sheets.problems import SheetError
from zhenwu.lib.sheets.table import Column, DataRow, Table, find_table
from zhenwu.lib.sheets.writer import XLSX, BookWriter, CellMark, SheetColumn, write_csv

__all__ = [
    "XLSX", "Book", "BookWriter", "Cell", "CellMark", "Column", "DataRow", "Limits", "Sheet", "SheetColumn", "SheetError", "Table",
    "beside", "find_table", "join_tables", "read_book", "said_with_sheets", "same_header", "where", "with_sheet_names", "write_csv",
]  # fmt: skip
