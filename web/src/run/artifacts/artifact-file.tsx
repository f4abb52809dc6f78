// The chosen file: its name, its preview, and what can be done with it.
import { Button } from '@mantine/core';
import { DeleteArtifactDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { bytes, number } from '../../format.ts';
import { useCan } from '../../shell/team.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { useAct } from '../../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../../ui/feedback/confirm.tsx';
import { Empty, ErrorState, Rows } from '../../ui/feedback/states.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Copyable } from '../../ui/tables/values.tsx';
import { Preview } from '../previews/preview.tsx';
import { besideOf, type Owner, useFile } from './artifact-folder.ts';
import css from './artifacts.module.css';
import { localUrl } from './read-file.ts';

export function Chosen({ of, path, gone }: { of: Owner; path: string; gone: () => void }) {
  const act = useAct();
  const confirm = useConfirm();
  const mayDelete = useCan('artifact:delete-own') && of.kind === 'run';
  const file = useFile(of, path);
  const entry = file.data;
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (entry === undefined) return <Rows count={6} />;
  if (!entry || entry.isDirectory || !entry.url)
    return (
      <Empty title="No such file">
        <p>It may have been removed, or the link to it is mistyped.</p>
      </Empty>
    );
  const remove = async () => {
    if (await act(() => ask(DeleteArtifactDocument, { runId: of.id, path }), { done: `Deleted ${entry.name}`, again: [queryKeys.artifacts(of.id)] }))
      gone();
  };
  return (
    <>
      <header className={css.previewHead}>
        <strong>{entry.name}</strong>
        <span className="dim mono">{bytes(entry.sizeBytes)}</span>
        <span className="grow" />
        <Copyable text={path} label="the path" />
        {mayDelete && (
          <button
            type="button"
            className={buttonsCss.quiet}
            aria-label={`Delete ${entry.name}`}
            title="Delete"
            onClick={() =>
              confirm.ask({
                title: `Delete ${entry.name}?`,
                text: 'The file is removed for good. This can not be undone.',
                verb: 'Delete',
                run: remove,
              })
            }
          >
            <Icon name="trash" />
          </button>
        )}
        <Button component="a" href={localUrl(entry.url)} download={entry.name} variant="default" leftSection={<Icon name="download" size={13} />}>
          Download
        </Button>
      </header>
      <Preview key={path} name={entry.name} size={number(entry.sizeBytes) ?? 0} url={localUrl(entry.url)} path={path} beside={besideOf(of)} />
      <Confirm of={confirm} />
    </>
  );
}
