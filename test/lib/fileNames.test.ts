// Pages and comments name files and functions: those must be there, also after somebody renamed one.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const below = (folder: string) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.posix.join(folder, name));
const files = [...['src', 'web/src', 'test', 'bench', 'scripts', 'docs'].flatMap(below), ...readdirSync(ROOT)].filter((file) =>
  /\.[a-z]+$/.test(file),
);
const known = new Set(files.flatMap((file) => file.split('/').map((_, index, parts) => parts.slice(index).join('/'))));

test('files that pages and comments name are there', () => {
  const texts = files.flatMap((file) => {
    // What is generated or history names what was there then.
    if (/CHANGELOG|\.gen\.|^src\/postgres\/prisma\//.test(file)) return [];
    if (file.endsWith('.md')) return [{ file, text: read(file) }];
    if (!/^(src|test|bench|scripts)\/.*\.(ts|mjs)$/.test(file)) return [];
    return [{ file, text: (read(file).match(/(?<=^|\s)(\/\/|\/?\*).*$/gm) ?? []).join('\n') }];
  });
  const gone = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/(?<![\w/.$-])(?:\.{0,2}\/)?(?:[\w-]+\/)*[\w-]+(?:\.test|\.module)?\.(?:ts|tsx|mjs)\b/g)]
      .map(([name]) => name.replace(/^(\.{0,2}\/)+/, ''))
      .filter((name) => !known.has(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(gone).toEqual([]);
});

test('the walks of ARCHITECTURE.md lead through functions that are there', () => {
  const walks = /## Four walks\n(.*?)\n## /s.exec(read('ARCHITECTURE.md'))![1]!;
  const steps = [...walks.matchAll(/`([\w/.]+\.ts)(?::(\w+))?`(?: \(row `([^`]+)`)?/g)];
  const lost = steps.filter(([, file, name, row]) => {
    const found = files.find((one) => one.startsWith('src/') && one.endsWith(`/${file}`));
    const text = found ? read(found) : '';
    const declared =
      name === undefined || new RegExp(`(?:function|const|async|\\bclass) \\*?${name}\\b|\\b${name}\\(.*\\{$|\\b${name}: `, 'm').test(text);
    return text === '' || !declared || !text.includes((row ?? '').replace(/\*$/, ''));
  });
  expect(steps.length).toBeGreaterThan(20);
  expect(lost.map(([step]) => step)).toEqual([]);
});
