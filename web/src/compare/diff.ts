// Which lines of a text another has too. Pure.

export type DiffLine = { kind: 'same' | 'added' | 'removed'; text: string };

/** Beyond so many lines that differ, comparing each with each takes too long. */
const MOST = 1_500;

/** From `before` to `after`, by the longest common sequence of lines. Null where the two differ in too many lines. */
export function diffLines(before: string, after: string): DiffLine[] | null {
  // The break at a file's end makes no line.
  const [a, b] = [before, after].map((text) => text.replace(/\n$/, '').split('\n')) as [string[], string[]];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (x.length > MOST || y.length > MOST) return null;
  // longest[i][j]: of what follows line i of x and line j of y.
  const width = y.length + 1;
  const longest = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1)
    for (let j = y.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        x[i] === y[j] ? longest[(i + 1) * width + j + 1]! + 1 : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const same = (lines: string[]) => lines.map((text): DiffLine => ({ kind: 'same', text }));
  const found = same(a.slice(0, head));
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      found.push({ kind: 'same', text: x[i]! });
      i += 1;
      j += 1;
    } else if (i < x.length && (j === y.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      found.push({ kind: 'removed', text: x[i]! });
      i += 1;
    } else {
      found.push({ kind: 'added', text: y[j]! });
      j += 1;
    }
  }
  return [...found, ...same(a.slice(a.length - tail))];
}

export type Hunk = { lines: DiffLine[]; skipped: number };

/** Differing lines with `around` lines on both sides; `skipped` counts what was left out before each part. */
export function hunksOf(lines: DiffLine[], around = 3): Hunk[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same'));
  const hunks: Hunk[] = [];
  let skipped = 0;
  lines.forEach((line, at) => {
    if (!near[at]) {
      skipped += 1;
      return;
    }
    if (skipped > 0 || hunks.length === 0) hunks.push({ lines: [], skipped });
    skipped = 0;
    hunks.at(-1)!.lines.push(line);
  });
  return hunks;
}
