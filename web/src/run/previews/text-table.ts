// CSV and TSV as cells. Pure.

/** RFC 4180: quoted cells may hold separators, line breaks and doubled quotes. */
export function parseTable(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at]!;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator) {
      row.push(cell);
      cell = '';
    } else if (letter === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += letter;
  }
  if (rows.length < most && (cell || row.length)) rows.push([...row, cell]);
  return rows;
}

/** The separator that the first line has most of. */
export function separatorOf(text: string): string {
  const first = text.slice(0, text.indexOf('\n') + 1 || undefined);
  return [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0]!;
}

/** As many columns as the longest row has: those beyond the header have no name. Without a header, columns are numbered. */
export function tableOf(rows: string[][], header: boolean): { head: string[]; body: string[][] } {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const [first = [], ...rest] = rows;
  if (!header) return { head: Array.from({ length: width }, (_, at) => `#${at + 1}`), body: rows };
  return { head: Array.from({ length: width }, (_, at) => first[at] ?? ''), body: rest };
}
