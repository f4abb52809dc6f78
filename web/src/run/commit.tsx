// A commit, with a link to it where the run says in which repository it is.
import { Icon } from '../ui/icons.tsx';
import { Copyable, Id } from '../ui/tables/values.tsx';
import css from './commit.module.css';
import type { FullRun } from './full-run.ts';

/** `git@host:owner/name.git` and `ssh://git@host/…` are on the web under https. Null for what no browser can open. */
export function commitUrl(repository: string | null, commit: string | null): string | null {
  if (!repository || !commit) return null;
  const web = repository.replace(/^git@([^:/]+):/, 'https://$1/').replace(/^ssh:\/\/(?:[^@/]+@)?/, 'https://');
  if (!/^https?:\/\/[^/]+\/./.test(web)) return null;
  // Credentials that somebody left in an address are nothing to click on.
  const base = web.replace(/^(https?:\/\/)[^/@]+@/, '$1').replace(/(\.git)?\/?(#.*)?$/, '');
  return `${base}/${/gitlab/.test(base) ? '-/commit' : /bitbucket/.test(base) ? 'commits' : 'commit'}/${commit}`;
}

export function Commit({ source }: { source: FullRun['source'] }) {
  const { gitCommit, gitRepoUrl } = source;
  if (!gitCommit) return null;
  const url = commitUrl(gitRepoUrl, gitCommit);
  if (!url) return <Id id={gitCommit} />;
  return (
    <span className={css.commit}>
      <a href={url} rel="noreferrer" target="_blank" className="mono" title={gitCommit}>
        {gitCommit.slice(0, 10)}
      </a>
      <Copyable text={gitCommit} label="the commit">
        <Icon name="copy" size={12} />
        <span className="visually-hidden">Copy the commit</span>
      </Copyable>
    </span>
  );
}
