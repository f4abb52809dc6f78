// The table: one row an act, one column a server, ratios beside them. Printed as Markdown, which reads well in a terminal too.
import { readFile, writeFile } from 'node:fs/promises';
import type { Entry } from './act.ts';
import type { Cell, Unit } from './cell.ts';

/** A measured cell, or why there is none. */
export type Outcome = Cell | { failed: string } | undefined;

export type Report = {
  set(entry: Entry, column: string, outcome: Outcome): void;
  note(text: string): void;
  /** Lines of Markdown. */
  print(head: string[]): string;
  /** How many answers were wrong or refused in a column. */
  faults(column: string): number;
};

export const RAW = 'Postgres alone';
export const PROTOTYPE = 'a bare prototype';
const OURS = 'ours';

const round = (value: number) => {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: Math.abs(value) >= 100 ? 0 : 1 });
};

/** Milliseconds beyond a second read better as seconds. */
const withUnit = (value: number, unit: Unit): string => {
  if (unit === '/s' || unit === '×') return `${round(value)}${unit}`;
  if (unit === 'ms' && value >= 1_000) return `${round(value / 1_000)} s`;
  return `${round(value)} ${unit}`;
};

const measured = (outcome: Outcome): Cell | undefined => (outcome && 'value' in outcome ? outcome : undefined);

export function makeReport(columns: string[]): Report {
  const rows = new Map<string, { entry: Entry; cells: Map<string, Outcome> }>();
  const notes: string[] = [];
  const peers = columns.filter((one) => ![OURS, RAW, PROTOTYPE].includes(one));

  const show = ({ unit, title }: Entry, column: string, outcome: Outcome): string => {
    if (!outcome) return '–';
    if ('failed' in outcome) {
      notes.push(`${column}, ${title}: ${outcome.failed}`);
      return 'refused';
    }
    const parts = [withUnit(outcome.value, unit)];
    if (outcome.p99 !== undefined) parts.push(`(p99 ${withUnit(outcome.p99, unit === '/s' ? 'ms' : unit)})`);
    if (outcome.errors) parts.push(`${outcome.errors.toLocaleString('en')} errors`);
    if (outcome.wrong) {
      parts.push('**wrong**');
      notes.push(`${column}, ${title}: wrong answer: ${outcome.wrong}`);
    }
    return parts.join(' ');
  };
  const reached = ({ unit, goal }: Entry, ours: Cell | undefined): string => {
    if (goal === undefined) return '';
    const met = ours && (unit === '/s' ? ours.value >= goal : ours.value <= goal);
    return `${unit === '/s' ? '≥' : '≤'} ${withUnit(goal, unit)}${ours ? (met ? ' ✓' : ' ✗') : ''}`;
  };
  /** Milliseconds of processor time, of the server and of Postgres. */
  const processor = (outcome: Cell | undefined) => (outcome?.cpu ? `${round(outcome.cpu.server)} + ${round(outcome.cpu.postgres)} ms` : '');
  /** How many times better the first is. */
  const times = (unit: Unit, better: Cell | undefined, other: Cell | undefined): string => {
    if (!better?.value || !other?.value) return '';
    const ratio = unit === '/s' ? better.value / other.value : other.value / better.value;
    return `${round(ratio)}×`;
  };
  /** How much more ours costs than the prototype, beside how much more it may. */
  const overPrototype = ({ unit, goal, prototype }: Entry, bare: Cell | undefined, ours: Cell | undefined): string => {
    const ratio = times(unit, bare, ours);
    if (!ratio || goal === undefined || prototype === undefined) return ratio;
    const allowed = unit === '/s' ? prototype / goal : goal / prototype;
    const over = unit === '/s' ? bare!.value / ours!.value : ours!.value / bare!.value;
    return `${ratio} (≤ ${round(allowed)}× ${over <= allowed ? '✓' : '✗'})`;
  };

  return {
    set(entry, column, outcome) {
      const row = rows.get(entry.id) ?? { entry, cells: new Map() };
      row.cells.set(column, outcome);
      rows.set(entry.id, row);
    },
    note: (text) => notes.push(text),
    faults: (column) =>
      [...rows.values()].filter(({ cells }) => {
        const outcome = cells.get(column);
        return outcome && ('failed' in outcome || outcome.wrong || outcome.errors);
      }).length,
    print(head) {
      notes.splice(0, notes.length, ...new Set(notes));
      const [raw, bare] = [columns.includes(RAW), columns.includes(PROTOTYPE)];
      const titles = [
        'act',
        'ours',
        'goal',
        'CPU of server + Postgres',
        ...(raw ? [RAW, 'ours / Postgres'] : []),
        ...(bare ? [PROTOTYPE, 'ours / prototype'] : []),
        ...peers.flatMap((peer) => [peer, `better than ${peer.split(' ')[0]}`]),
      ];
      const lines = [...rows.values()].map(({ entry, cells }) => {
        const ours = measured(cells.get(OURS));
        const cell = (column: string) => show(entry, column, cells.get(column));
        const alone = measured(cells.get(RAW));
        return [
          entry.title,
          cell(OURS),
          reached(entry, ours),
          processor(ours),
          ...(raw ? [cell(RAW), times(entry.unit, alone, ours)] : []),
          ...(bare ? [cell(PROTOTYPE), overPrototype(entry, measured(cells.get(PROTOTYPE)), ours)] : []),
          ...peers.flatMap((peer) => [cell(peer), times(entry.unit, ours, measured(cells.get(peer)))]),
        ];
      });
      const widths = titles.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
      const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
      const table = [line(titles), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(line)];
      return [...head, '', ...table, ...(notes.length > 0 ? ['', ...[...new Set(notes)].map((note) => `- ${note}`)] : []), ''].join('\n');
    },
  };
}

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** Replaces what stands between the markers of a document. */
export async function writeBetweenMarkers(file: string, text: string): Promise<void> {
  const document = await readFile(file, 'utf8');
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${file} has no ${BEGIN} … ${END}.`);
  await writeFile(file, `${document.slice(0, from)}${BEGIN}\n\n${text}\n${document.slice(to)}`);
}
