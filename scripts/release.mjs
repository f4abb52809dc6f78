// `npm run release -- minor`: `npm version` with what CHANGELOG.md says. Refuses while nothing stands under Unreleased, and puts what does under the new version.
// `check` and `move` are npm version's own scripts; they are asked for here, since .npmrc turns scripts off.
import { spawnSync } from 'node:child_process';
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
const [what] = process.argv.slice(2);
if (what === 'move') {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, `${text.slice(0, start)}${HEADING}\n## ${version} (${date})\n\n${unreleased}\n${next < 0 ? '' : text.slice(next)}`);
} else if (what !== 'check') {
  const { status } = spawnSync('npm', ['version', what ?? 'patch', '--ignore-scripts=false'], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
