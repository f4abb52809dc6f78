// `npm test`: lint, types, unit and integration tests, build. Runs all of them, says what failed, and ends with the count.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'runledger-report-'));
const report = path.join(folder, 'vitest.json');
const run = (title, ...args) => {
  process.stdout.write(`\n— ${title}\n`);
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
};

let passed = 0;
let failed = 0;
const step = (title, ...args) => {
  if (run(title, ...args)) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`✗ ${title} failed\n`);
  }
};

step('generate', 'scripts/generate.mjs');
step('lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.');
step('unused files, exports and dependencies', 'node_modules/knip/bin/knip.js');
step('types', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json');
if (existsSync('web/tsconfig.json')) step('types of the page', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'web/tsconfig.json');
step('build', 'scripts/build.mjs');

const green = run('tests', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile=${report}`);
try {
  const { numPassedTests, numFailedTests, numTotalTests, success } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests;
  // A file that can't be loaded, or an error outside a test, fails the run without a failed test.
  if ((!success || !green || numTotalTests === 0) && numFailedTests === 0) failed += 1;
} catch {
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });

process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 ? 1 : 0);
