// Rows and columns of a file: CSV and TSV as text, and whatever else comes as cells.
import clsx from 'clsx';
import { useMemo } from 'react';
import { count } from '../format.ts';
import dataTableCss from '../ui/data-table.module.css';
import { Scroller } from '../ui/scroller.tsx';

const TABLE_ROWS = 200;

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

/** The separator that the first line has most of, unless the name says it. */
export function TextTable({ text, separator }: { text: string; separator: string | undefined }) {
  const [head = [], ...body] = useMemo(() => {
    const first = text.slice(0, text.indexOf('\n') + 1 || undefined);
    const guess = separator ?? [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0]!;
    return parseTable(text, guess, TABLE_ROWS + 1);
  }, [text, separator]);
  return (
    <DataTable head={head.map((name) => ({ name }))} body={body} note={body.length >= TABLE_ROWS ? `The first ${count(TABLE_ROWS)} rows.` : null} />
  );
}

const isNumber = (cell: string) => cell === '' || !Number.isNaN(Number(cell)) || /^[+-]?(nan|inf(inity)?)$/i.test(cell);

type Props = { head: { name: string; type?: string }[]; body: string[][]; note: string | null };

/** Columns of numbers stand to the right. */
export function DataTable({ head, body, note }: Props) {
  const numeric = head.map((_, at) => body.length > 0 && body.every((row) => isNumber(row[at] ?? '')));
  return (
    <>
      <Scroller label="The file as a table" both>
        <table className={dataTableCss.data}>
          <thead>
            <tr>
              {head.map(({ name, type }, at) => (
                <th key={at} scope="col" className={numeric[at] ? 'numeric' : undefined}>
                  {name}
                  {type && <span className={dataTableCss.type}>{type}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, index) => (
              <tr key={index}>
                {head.map((_, at) => (
                  <td key={at} className={clsx('mono', numeric[at] && 'numeric')} title={(row[at]?.length ?? 0) > 40 ? row[at] : undefined}>
                    {row[at] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {note && <p className={clsx('dim', dataTableCss.tableNote)}>{note}</p>}
    </>
  );
}
