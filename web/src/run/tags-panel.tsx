// The tags of a run, which may be changed and removed.
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteTagsDocument, SetTagsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan } from '../shell/team.ts';
import chipsCss from '../ui/chips.module.css';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import type { FullRun } from './full-run.ts';

export function Tags({ run }: { run: FullRun }) {
  const mayChange = useCan('run:write');
  const act = useAct();
  const [adding, setAdding] = useState(false);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const again = [queryKeys.run(run.runId), queryKeys.runs(run.team.slug)];
  const tags = run.tags.filter((tag) => !tag.key.startsWith('mlflow.'));
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (!key.trim()) return;
    if (await act(() => ask(SetTagsDocument, { runId: run.runId, tags: [{ key: key.trim(), value }] }), { again })) {
      setKey('');
      setValue('');
      setAdding(false);
    }
  };
  const remove = (tag: { key: string; value: string }) =>
    void act(() => ask(DeleteTagsDocument, { runId: run.runId, keys: [tag.key] }), {
      done: `Removed ${tag.key}`,
      undo: () => ask(SetTagsDocument, { runId: run.runId, tags: [{ key: tag.key, value: tag.value }] }),
      again,
    });
  return (
    <Panel
      title="Tags"
      actions={
        mayChange &&
        !adding && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="plus" size={12} />} onClick={() => setAdding(true)}>
            Add
          </Button>
        )
      }
    >
      {tags.length > 0 && (
        <ul className={chipsCss.chips}>
          {tags.map((tag) => (
            <li key={tag.key} className={chipsCss.chip} title={`${tag.key} = ${tag.value}`}>
              <span className="dim">{tag.key}</span>{' '}
              {mayChange ? (
                <button
                  type="button"
                  className={chipsCss.value}
                  aria-label={`Change tag ${tag.key}: ${tag.value || '–'}`}
                  onClick={() => {
                    setKey(tag.key);
                    setValue(tag.value);
                    setAdding(true);
                  }}
                >
                  {tag.value || '–'}
                </button>
              ) : (
                <span className={chipsCss.value}>{tag.value}</span>
              )}
              {mayChange && (
                <button type="button" aria-label={`Remove tag ${tag.key}`} onClick={() => remove(tag)}>
                  <Icon name="close" size={10} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {tags.length === 0 && !adding && <PanelEmpty>None.</PanelEmpty>}
      {adding && (
        <form className={formCss.inlineForm} onSubmit={(event) => void add(event)}>
          <TextInput
            aria-label="Tag key"
            placeholder="Key"
            autoFocus={key === ''}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          <TextInput
            aria-label="Tag value"
            placeholder="Value"
            autoFocus={key !== ''}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit">Set</Button>
          <Button
            variant="default"
            onClick={() => {
              setAdding(false);
              setKey('');
              setValue('');
            }}
          >
            Cancel
          </Button>
        </form>
      )}
    </Panel>
  );
}
