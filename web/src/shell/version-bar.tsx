// The server has another build of the page: offered, since a reload would lose what is being typed.
import { Button } from '@mantine/core';
import { reload, useNewer } from '../api/version.ts';
import css from './version-bar.module.css';

export function VersionBar() {
  if (!useNewer()) return null;
  return (
    <div className={css.bar} role="status" aria-label="New version">
      <span>A new version of this page is here.</span>
      <Button size="compact-xs" onClick={reload}>
        Reload
      </Button>
    </div>
  );
}
