// Names that clients may use, and those that lead out of a team or break a store.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../src/lib/errors.ts';
import { checkFolder, checkPath, objectKeyOf } from '../../src/storage/objectKeys.ts';

const SAFE = [
  'a',
  'a/b/c.txt',
  'two words',
  'größe ✓',
  '..a/b..',
  '...',
  'a.b/.hidden',
  '100%',
  '100%25',
  'a%2Fb',
  'images/loss%step%23%timestamp%1700000000000%g1.png',
  'C/x',
  'model:1',
  'a~b',
  'é'.repeat(127),
];

const UNSAFE: Record<string, string> = {
  empty: '',
  parent: '..',
  'parent first': '../a',
  'parent inside': 'a/../b',
  'parent last': 'a/..',
  'encoded parent': '%2e%2e/a',
  'half encoded parent': '.%2E/a',
  'twice encoded parent': '%252e%252e%252fa',
  'six times encoded parent': '%25252525252e%25252525252e/a',
  'endlessly encoded': `%${'25'.repeat(30)}41`,
  'encoded slash hides a parent': 'a%2f..%2fb',
  absolute: '/etc/passwd',
  'encoded absolute': '%2Fetc/passwd',
  'two slashes at the start': '//host/share',
  backslash: 'a\\b',
  'encoded backslash': '..%5Ca',
  drive: 'C:/x',
  'drive without slash': 'c:x',
  'encoded drive': 'C%3A/x',
  hash: 'a#b',
  NUL: 'a\0b',
  newline: 'a\nb',
  'C1 control': 'a\u0085b',
  'not for XML': 'a\ufffeb',
  'lone surrogate': 'a\ud800b',
  'long name': 'x'.repeat(256),
  'long name in bytes': 'é'.repeat(128),
  'long path': `${'abcdefg/'.repeat(128)}x`,
};

test.each(SAFE)('takes %j as it is', (path) => {
  expect(checkPath(path)).toBe(path);
});

test.each([
  ['./plots', 'plots'],
  ['a//b', 'a/b'],
  ['a/', 'a'],
  ['a/./b/.', 'a/b'],
  ['././a///b//', 'a/b'],
])('takes %j as %j', (path, meant) => {
  expect(checkPath(path)).toBe(meant);
  expect(checkFolder(path)).toBe(meant);
  expect(objectKeyOf(7, path)).toBe(`7/${meant}`);
});

test.each(['.', './', './.', ''])('takes %j as the folder itself, and for no file', (path) => {
  expect(checkFolder(path)).toBe('');
  expect(() => checkPath(path)).toThrow('Invalid path');
});

test.each(Object.entries(UNSAFE))('refuses %s', (_what, path) => {
  const error = (() => {
    try {
      return checkPath(path);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/^Invalid path(: .+\.)?$/) });
});

test('folders may end with a slash, and the root has several names', () => {
  for (const root of ['', '.', './']) expect(checkFolder(root)).toBe('');
  expect(checkFolder('a/b//')).toBe('a/b');
  for (const bad of ['/', '..', '../', 'a/../', '//']) expect(() => checkFolder(bad)).toThrow('Invalid path');
});

test('no string at all gives a key outside its team', () => {
  const nasty = fc.array(fc.constantFrom('..', '.', '/', '%2e', '%2F', '%25', '\\', 'a', '\0', '#', ':', 'C', '\ud800', ' '), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        nasty.map((parts) => parts.join('')),
      ),
      (path) => {
        let key: string;
        try {
          key = objectKeyOf(7, path);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return;
        }
        expect(`${new URL(`s:/${encodeURI(key)}`).pathname}/`.startsWith('/7/')).toBe(true);
        expect(key.split('/')).not.toContain('..');
        expect(decodeURIComponent(encodeURIComponent(key))).toBe(key);
      },
    ),
    { numRuns: 2000 },
  );
});
