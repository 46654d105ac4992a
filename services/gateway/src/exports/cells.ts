export type Cell = string | number;

/** What a spreadsheet would run as a formula, or read as one after a paste. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
/** A phone is shown as it is: nothing of it can be run. */
const PHONE = /^\+\d{5,15}$/;
const NUMBER = /^-?\d{1,15}(?:\.\d+)?$/;

export const isFormula = (cell: string): boolean => FORMULA.test(cell) && !PHONE.test(cell) && !NUMBER.test(cell);

/** The same cell as a text for every spreadsheet. An import takes the apostrophe away again. */
export const safeCell = (cell: Cell): string =>
  typeof cell === 'string' && isFormula(cell) ? `'${cell}` : String(cell);
