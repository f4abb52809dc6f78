// Markdown as people write it in notes and descriptions. Raw HTML in it stays text; the renderer is loaded when first needed.
import { Button, Textarea } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import formCss from './form.module.css';
import { Icon } from './icons.tsx';
import css from './markdown.module.css';

const Rendered = lazy(async () => {
  const [{ default: ReactMarkdown }, { default: gfm }] = await Promise.all([import('react-markdown'), import('remark-gfm')]);
  return { default: ({ text }: { text: string }) => <ReactMarkdown remarkPlugins={[gfm]}>{text}</ReactMarkdown> };
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

type Props = { text: string; what: string; placeholder: string; editable: boolean; save: (text: string) => Promise<unknown> };

/** Reads as Markdown, edits as text. */
export function Note({ text, what, placeholder, editable, save }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  if (draft === null) {
    return (
      <div className={css.note}>
        {text ? <Markdown text={text} /> : <p className="dim">{editable ? placeholder : 'None.'}</p>}
        {editable && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="edit" size={13} />} onClick={() => setDraft(text)}>
            {text ? 'Edit' : 'Write'}
          </Button>
        )}
      </div>
    );
  }
  const keep = async () => {
    setSaving(true);
    try {
      await save(draft);
      setDraft(null);
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
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void keep();
          if (event.key === 'Escape') setDraft(null);
        }}
      />
      <div className={formCss.actions}>
        <Button loading={saving} onClick={() => void keep()}>
          Save
        </Button>
        <Button variant="default" onClick={() => setDraft(null)}>
          Cancel
        </Button>
        <span className="dim">Markdown</span>
      </div>
    </div>
  );
}
