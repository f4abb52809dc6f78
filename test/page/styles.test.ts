// Styles stand beside their component: no component asks for a class that isn't there, no class stands unused, and colours are said in the palette alone.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../web/src', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const modules = new Map(
  files
    .filter((file) => file.endsWith('.module.css'))
    .map((file) => {
      const own = read(file)
        .replaceAll(/\/\*.*?\*\//gs, '')
        .replaceAll(/url\([^)]*\)/g, '')
        .replaceAll(/:global\([^)]*\)/g, '');
      return [file, new Set([...own.matchAll(/\.([a-zA-Z][\w-]*)(?=[^{}]*\{)/g)].map(([, name]) => name!))] as const;
    }),
);

it('every class that a component names is in its module, and every class of a module is named', () => {
  const missing: string[] = [];
  const asked = new Map<string, Set<string>>();
  for (const file of files.filter((one) => /\.tsx?$/.test(one))) {
    const text = read(file);
    for (const [, name, from] of text.matchAll(/import (\w+) from '([^']+\.module\.css)'/g)) {
      const module = path.join(path.dirname(file), from!);
      for (const [, used] of text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g'))) {
        if (used === 'module') continue;
        if (!modules.get(module)?.has(used!)) missing.push(`${file} ${used}`);
        asked.set(module, (asked.get(module) ?? new Set()).add(used!));
      }
    }
  }
  const unused = [...modules].flatMap(([module, names]) =>
    [...names].filter((name) => !asked.get(module)?.has(name)).map((name) => `${module} ${name}`),
  );
  expect({ missing, unused }).toEqual({ missing: [], unused: [] });
});

it('says colours in the palette alone', () => {
  const sheets = files.filter((file) => file.endsWith('.css') && !file.endsWith('palette.css'));
  const found = sheets.flatMap((file) => [...read(file).matchAll(/:[^;{}]*(#[0-9a-f]{3,8}|rgba?\()[^;{}]*;/g)].map(([line]) => `${file}${line}`));
  expect(found).toEqual([]);
});
