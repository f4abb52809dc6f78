// Markdown as people write it in notes and descriptions. Raw HTML in it stays text; the renderer is loaded when first needed.
import { Button, Textarea } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useDraft } from '../kept.ts';
import formCss from './form.module.css';
import { Icon } from './icons.tsx';
import css from './markdown.module.css';

const Rendered = lazy(async () => {
  try {
    const [{ default: ReactMarkdown }, { default: gfm }] = await Promise.all([import('react-markdown'), import('remark-gfm')]);
    return { default: ({ text }: { text: string }) => <ReactMarkdown remarkPlugins={[gfm]}>{text}</ReactMarkdown> };
  } catch {
    // Offline a text is better than none of the room.
    return { default: ({ text }: { text: string }) => <p className={css.plain}>{text}</p> };
  }
});

export function Markdown({ text }: { text: string }) {
  return (
    <div className={css.markdown}>
      <Suspense fallback={<p className={css.plain}>{text}</p>}>
        <Rendered text={text} />
      </Suspense>
    </div>
  );
}

type Props = {
  /** Under which name a draft is kept. */
  name: string;
  text: string;
  what: string;
  placeholder: string;
  editable: boolean;
  /** Null where it failed, and the person was told. */
  save: (text: string) => Promise<unknown>;
};

/** Reads as Markdown, edits as text. What is typed stays until it is saved or cancelled, wherever one goes. */
export function Note({ name, text, what, placeholder, editable, save }: Props) {
  const [draft, setDraft] = useDraft(name);
  const [open, setOpen] = useState(draft !== null);
  const [saving, setSaving] = useState(false);
  const close = () => {
    setDraft(null);
    setOpen(false);
  };
  if (!open || !editable) {
    return (
      <div className={css.note}>
        {text ? <Markdown text={text} /> : <p className="dim">{editable ? placeholder : 'None.'}</p>}
        {editable && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="edit" size={13} />} onClick={() => setOpen(true)}>
            {draft ? 'Go on writing' : text ? 'Edit' : 'Write'}
          </Button>
        )}
      </div>
    );
  }
  const keep = async () => {
    setSaving(true);
    try {
      if ((await save(draft?.text ?? text)) !== null) close();
    } finally {
      setSaving(false);
    }
  };
  return (
    <div className={css.note}>
      <Textarea
        aria-label={what}
        autosize
        minRows={4}
        maxRows={20}
        autoFocus
        data-kept
        value={draft?.text ?? text}
        onChange={(event) => setDraft({ text: event.currentTarget.value, of: draft?.of ?? text })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void keep();
          if (event.key === 'Escape') setOpen(false);
        }}
      />
      {draft && draft.of !== text && <p className="dim">Somebody has changed it since you began. Saving puts yours in its place.</p>}
      <div className={formCss.actions}>
        <Button loading={saving} onClick={() => void keep()}>
          Save
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <span className="dim">Markdown</span>
      </div>
    </div>
  );
}
