// A link that sets a password once, shown once.
import { Button, Modal } from '@mantine/core';
import { serverUrl } from '../api/client.ts';
import formCss from '../ui/form.module.css';
import { Snippet } from '../ui/tables/values.tsx';

export type Link = { email: string; token: string; url: string | null };

export function ResetLink({ link, close }: { link: Link; close: () => void }) {
  const url = link.url ?? `${serverUrl('')}#/reset/${link.token}`;
  return (
    <Modal opened onClose={close} title={`A password for ${link.email}`} size="lg" closeOnClickOutside={false}>
      <div className={formCss.form}>
        <p>Hand this link over yourself. It sets the password once, within an hour, and is not shown again.</p>
        <Snippet code={url} label="the link" />
        <Button onClick={close}>Done</Button>
      </div>
    </Modal>
  );
}
