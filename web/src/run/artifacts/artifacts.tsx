// The files of a run or model: a tree that opens folder by folder, a preview of the chosen file, downloads of files and folders, and uploads.
import { Button } from '@mantine/core';
import clsx from 'clsx';
import { useParam } from '../../router.ts';
import { useCan } from '../../shell/team.ts';
import { Empty, ErrorState, Rows } from '../../ui/feedback/states.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Copyable } from '../../ui/tables/values.tsx';
import { Chosen } from './artifact-file.tsx';
import { type Owner, useArchive, useFolder } from './artifact-folder.ts';
import { Folder } from './artifact-tree.tsx';
import css from './artifacts.module.css';
import { Uploads, useUploads } from './uploads.tsx';

export function Artifacts({ of, root }: { of: Owner; root: string }) {
  const [chosen, setChosen] = useParam('path');
  const mayUpload = useCan('artifact:write') && of.kind === 'run';
  const top = useFolder(of, '');
  const archive = useArchive(of);
  const slash = chosen.lastIndexOf('/');
  const into = slash < 0 ? '' : chosen.slice(0, slash);
  const uploads = useUploads(of.id);
  if (top.error) return <ErrorState error={top.error} again={() => void top.refetch()} />;
  if (!top.data) return <Rows />;
  const upload = mayUpload && <Uploads uploads={uploads} into={into} />;
  if (top.data.length === 0) {
    return (
      <Empty title="No artifacts">
        <p>
          Files logged with <code>mlflow.log_artifact</code> and the like appear here.
        </p>
        {upload}
      </Empty>
    );
  }
  const first = top.data.find(({ isDirectory }) => !isDirectory)?.path ?? '';
  const path = chosen || first;
  return (
    <div className={clsx(css.artifacts, uploads.dragging && css.dragging)} {...(mayUpload ? uploads.target(into) : {})}>
      <nav className={css.tree} aria-label="Artifacts">
        <div className={css.treeBar}>
          <Button variant="default" size="compact-xs" leftSection={<Icon name="download" size={13} />} onClick={() => void archive('')}>
            Download all
          </Button>
          {upload}
        </div>
        <Folder of={of} path="" depth={0} chosen={path} choose={(next) => setChosen(next, { replace: true })} archive={archive} />
        <p className={clsx(css.treeRoot, 'dim')}>
          <Copyable text={root} label="the address">
            {root}
          </Copyable>
        </p>
      </nav>
      <section className={css.preview} aria-label="Preview">
        {path ? <Chosen of={of} path={path} gone={() => setChosen(null, { replace: true })} /> : <Empty title="Choose a file" />}
      </section>
    </div>
  );
}
