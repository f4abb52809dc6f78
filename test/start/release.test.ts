// Releases: what a version brings stands in CHANGELOG.md before there is one.
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('CHANGELOG.md says what the version of package.json brought', async () => {
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
  const headings = (await readFile(path.join(ROOT, 'CHANGELOG.md'), 'utf8')).match(/^## .*$/gm)!;
  expect(headings[0]).toBe('## Unreleased');
  expect(headings[1], 'release with: npm run release -- minor').toMatch(
    new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d\\d-\\d\\d\\)$`),
  );
});

test('a release moves what is unreleased under the new version, and is refused while there is nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-release-'));
  try {
    await cp(path.join(ROOT, 'scripts/release.mjs'), path.join(folder, 'scripts/release.mjs'));
    for (const name of ['package.json', '.npmrc']) await cp(path.join(ROOT, name), path.join(folder, name));
    const changelog = path.join(folder, 'CHANGELOG.md');
    await writeFile(changelog, '# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.0.1 (2026-01-01)\n\n- Old.\n');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder, encoding: 'utf8' });
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    const env = {
      ...process.env,
      GIT_AUTHOR_NAME: 't',
      GIT_AUTHOR_EMAIL: 't@example.com',
      GIT_COMMITTER_NAME: 't',
      GIT_COMMITTER_EMAIL: 't@example.com',
    };
    const release = () => spawnSync('npm', ['run', 'release', '--', '9.0.0'], { cwd: folder, env, encoding: 'utf8' });
    expect(release()).toMatchObject({ status: 0 });
    expect(await readFile(changelog, 'utf8')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 9\.0\.0 \(\S+\)\n\n- New\.\n\n## 0\.0\.1 \(2026-01-01\)\n\n- Old\.\n$/,
    );
    expect(git('status', '--porcelain')).toBe('');
    const again = release();
    expect(again.status).not.toBe(0);
    expect(again.stderr).toContain('nothing under "Unreleased"');
  } finally {
    await rm(folder, { recursive: true });
  }
});
