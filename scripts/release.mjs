// Behind `npm version`: `check` refuses while CHANGELOG.md has nothing under Unreleased, `move` puts what is there under the new version.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'CHANGELOG.md';
const HEADING = '## Unreleased\n';
const text = readFileSync(FILE, 'utf8');
const start = text.indexOf(HEADING);
const next = text.indexOf('\n## ', start + HEADING.length);
const unreleased = start < 0 ? '' : text.slice(start + HEADING.length, next < 0 ? undefined : next).trim();

if (unreleased === '') {
  process.stderr.write(`${FILE} has nothing under "Unreleased". Say there what the new version brings, then release it.\n`);
  process.exit(1);
}
if (process.argv[2] === 'move') {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, `${text.slice(0, start)}${HEADING}\n## ${version} (${date})\n\n${unreleased}\n${next < 0 ? '' : text.slice(next)}`);
}
