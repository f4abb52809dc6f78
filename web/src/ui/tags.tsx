// Tags as chips, which may be added, changed and removed. What they are the tags of is the caller's business.
import { Button } from '@mantine/core';
import { useState } from 'react';
import chipsCss from './chips.module.css';
import { Icon } from './icons.tsx';
import { Panel, PanelEmpty } from './panel.tsx';
import { type Tag, TagForm } from './tag-form.tsx';

type Props = {
  tags: readonly Tag[];
  editable: boolean;
  /** Null where it failed, and the person was told. */
  set: (tag: Tag) => Promise<unknown>;
  remove: (tag: Tag) => void;
};

export function TagsPanel({ tags, editable, set, remove }: Props) {
  const [editing, setEditing] = useState<Tag | null>(null);
  const shown = tags.filter(({ key }) => !key.startsWith('mlflow.'));
  return (
    <Panel
      title="Tags"
      actions={
        editable &&
        !editing && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="plus" size={12} />} onClick={() => setEditing({ key: '', value: '' })}>
            Add
          </Button>
        )
      }
    >
      {shown.length > 0 && (
        <ul className={chipsCss.chips}>
          {shown.map((tag) => (
            <li key={tag.key} className={chipsCss.chip} title={`${tag.key} = ${tag.value}`}>
              <span className="dim">{tag.key}</span>{' '}
              {editable ? (
                <button
                  type="button"
                  className={chipsCss.value}
                  aria-label={`Change tag ${tag.key}: ${tag.value || '–'}`}
                  onClick={() => setEditing(tag)}
                >
                  {tag.value || '–'}
                </button>
              ) : (
                <span className={chipsCss.value}>{tag.value}</span>
              )}
              {editable && (
                <button type="button" aria-label={`Remove tag ${tag.key}`} onClick={() => remove(tag)}>
                  <Icon name="close" size={10} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {shown.length === 0 && !editing && <PanelEmpty>None.</PanelEmpty>}
      {editing && <TagForm key={editing.key} tag={editing} set={set} close={() => setEditing(null)} />}
    </Panel>
  );
}
